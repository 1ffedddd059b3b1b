package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// A short rule leaves events that an endpoint, switched off, has not had; those of
// 30 days go, and the log of deliveries says so.
func TestEventsWaitForEndpoints(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		hook := w.hook(t, listen(t), "contact.created")
		w.api(t, "PATCH", "/webhook-endpoints/"+hook, `{"state":"off"}`, http.StatusOK)
		retain := func() (left int) {
			t.Helper()
			err := w.DB.Write(t.Context(), func(tx *storage.Tx) error {
				_, err := w.Privacy.RetainAll(t.Context(), tx, privacy.Rule{Category: privacy.AgesEvents, WorkspaceID: w.made.Workspace.ID,
					Before: clk.Now().Add(-24 * time.Hour), Limit: 1000})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return w.count(t, `SELECT COUNT(*) FROM events WHERE workspace_id = $1 AND type = 'contact.created'`, w.made.Workspace.ID)
		}
		w.person(t, "ada@example.org")
		clk.Advance(29 * 24 * time.Hour)
		if left := retain(); left != 1 {
			t.Errorf("after 29 days %d are left, want the one", left)
		}
		clk.Advance(2 * 24 * time.Hour)
		if left := retain(); left != 0 {
			t.Errorf("after 31 days %d are left", left)
		}
		log := w.api(t, "GET", "/webhook-deliveries?endpoint_id="+hook, "", http.StatusOK).body
		if strings.Count(log, `"state":"dropped"`) != 1 || !strings.Contains(log, "event_removed") || strings.Contains(log, "waiting") {
			t.Errorf("the log: %s", log)
		}
		w.api(t, "PATCH", "/webhook-endpoints/"+hook, `{"state":"on"}`, http.StatusOK)
		w.person(t, "bob@example.org")
		w.tell(t)
		if log := w.api(t, "GET", "/webhook-deliveries?state=delivered", "", http.StatusOK).body; strings.Count(log, `"contact.created"`) != 1 {
			t.Errorf("told afterwards: %s", log)
		}
		w.api(t, "DELETE", "/webhook-endpoints/"+hook, "", http.StatusNoContent)
		clk.Advance(2 * 24 * time.Hour)
		if left := retain(); left != 0 {
			t.Errorf("without an endpoint %d are left", left)
		}
	})
}
