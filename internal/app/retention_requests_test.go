package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/storage"
)

// Whoever has an open request is not erased for being idle, and only requests that
// were closed long ago go, of erased people too.
func TestRetentionOfRequests(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		add := func(name string) string {
			t.Helper()
			var c struct{ ID string }
			w.api(t, "POST", "/contacts", `{"name":"`+name+`","email":"`+name+`@example.com","basis":{"purpose":"support","lawful_basis":"contract"}}`,
				http.StatusCreated).json(t, &c)
			return c.ID
		}
		file := func(contactID, kind string) string {
			t.Helper()
			var r struct{ ID string }
			w.api(t, "POST", "/privacy/requests", `{"contact_id":"`+contactID+`","kind":"`+kind+`","verified":false}`, http.StatusCreated).json(t, &r)
			return r.ID
		}
		waits, idle := add("waits"), add("idle")
		open, closed, ofErased := file(waits, "access"), file(waits, "portability"), file(waits, "restriction")
		old := time.Now().Add(-800 * 24 * time.Hour).UnixMicro()
		err := w.DB.Write(t.Context(), func(tx *storage.Tx) error {
			for _, change := range []struct {
				text string
				args []any
			}{
				{`UPDATE contacts SET created_at = $1, updated_at = $1, last_seen_at = NULL`, []any{old}},
				{`UPDATE privacy_requests SET state = 'completed', closed_at = $1 WHERE id = $2`, []any{old, closed}},
				{`UPDATE privacy_requests SET state = 'completed', closed_at = $1, contact_id = NULL WHERE id = $2`, []any{old, ofErased}},
			} {
				if _, err := tx.Exec(change.text, change.args...); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		w.api(t, "PUT", "/privacy/retention", `{"rules":[{"category":"requests","days":700},{"category":"contacts","days":365}]}`, http.StatusOK)
		const want = `"counts":{"contacts":1}}`
		if a := w.api(t, "POST", "/privacy/retention/dry-run", `{}`, http.StatusOK); !strings.Contains(a.body, want) || !strings.Contains(a.body, `"counts":{"privacy_requests":2}}`) {
			t.Errorf("dry run: %s", a.body)
		}
		w.api(t, "POST", "/privacy/retention/runs", "", http.StatusAccepted)
		if err := w.Retention.Work(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.api(t, "GET", "/contacts/"+idle, "", http.StatusNotFound)
		w.api(t, "GET", "/contacts/"+waits, "", http.StatusOK)
		w.api(t, "GET", "/privacy/requests/"+open, "", http.StatusOK)
		for _, gone := range []string{closed, ofErased} {
			w.api(t, "GET", "/privacy/requests/"+gone, "", http.StatusNotFound)
		}
	})
}
