package app_test

import (
	"net/http"
	"testing"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// What is against an erasure in its own transaction, such as a request that was taken
// back a moment before, leaves everything as it is.
func TestAnErasureAsksOnceMore(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, contactID := w.visit(t, w.made.Workspace.Key).write(t, "hello")
		as := actor.With(t.Context(), actor.Actor{Type: actor.Contact, ID: contactID, WorkspaceID: w.made.Workspace.ID})
		_, err := w.Privacy.EraseWhile(as, contactID, func(*storage.Tx) error { return fault.Conflict("request_closed", "taken back") })
		if e := fault.As(err); e == nil || e.Code != "request_closed" {
			t.Errorf("the erasure gave %v, want what was against it", err)
		}
		w.api(t, "GET", "/contacts/"+contactID, "", http.StatusOK)
		if _, err := w.Privacy.EraseWhile(as, contactID, func(*storage.Tx) error { return nil }); err != nil {
			t.Fatal(err)
		}
		w.api(t, "GET", "/contacts/"+contactID, "", http.StatusNotFound)
	})
}
