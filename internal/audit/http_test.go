package audit_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// serve mounts the routes behind a guard that knows one operator.
func serve(f *fixture, workspaceID string) http.Handler {
	guard := func(rt httpx.Route, h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if rt.Permission != "audit:read" {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			a := actor.Actor{Type: actor.Operator, ID: "opr_dpo", WorkspaceID: workspaceID, Permissions: actor.Permissions{"audit:read"}}
			h.ServeHTTP(w, r.WithContext(actor.With(r.Context(), a)))
		})
	}
	r := httpx.NewRouter("Test", "1", guard, slog.New(slog.NewTextHandler(io.Discard, nil)))
	f.Routes(r)
	return r
}

func get(t testing.TB, h http.Handler, path string, into any) int {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	if into != nil {
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			t.Fatalf("GET %s: %v\n%s", path, err, w.Body)
		}
	}
	return w.Code
}

type page struct {
	Data       []map[string]any `json:"data"`
	NextCursor *string          `json:"next_cursor"`
}

func TestRoutes(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		f := newFixture(t, db)
		f.add(t, acme, 3)
		f.Access(as(acme, "opr_ada"), []string{"con_0", "con_1"}, "contacts.list")
		h := serve(f, acme)

		var p page
		if code := get(t, h, "/api/v1/audit-events?limit=2", &p); code != 200 || len(p.Data) != 2 || p.NextCursor == nil {
			t.Fatalf("first page: %d, %+v", code, p)
		}
		delete(p.Data[0], "id")
		want := map[string]any{"position": 2.0, "actor": map[string]any{"type": "operator", "id": "opr_ada"}, "action": "contact.updated",
			"target": map[string]any{"type": "contact", "id": "con_2"}, "occurred_at": "2026-11-24T09:00:03Z", "details": map[string]any{"state": "open"}}
		if diff := cmp.Diff(want, p.Data[0]); diff != "" {
			t.Errorf("an entry (-want +got):\n%s", diff)
		}
		cursor := *p.NextCursor
		p = page{}
		if code := get(t, h, "/api/v1/audit-events?limit=2&cursor="+cursor, &p); code != 200 || len(p.Data) != 1 || p.NextCursor != nil {
			t.Errorf("second page: %d, %+v", code, p)
		}

		p = page{}
		if code := get(t, h, "/api/v1/access-events?contact_id=con_1", &p); code != 200 || len(p.Data) != 1 {
			t.Fatalf("reads: %d, %+v", code, p)
		}
		delete(p.Data[0], "id")
		want = map[string]any{"position": 3.0, "actor": map[string]any{"type": "operator", "id": "opr_ada"}, "contact_id": "con_1",
			"through": "contacts.list", "occurred_at": "2026-11-24T09:00:03Z", "count": 2.0, "session_id": "", "from": nil}
		if diff := cmp.Diff(want, p.Data[0]); diff != "" {
			t.Errorf("a read (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"opr_ada contacts.list 2 3s", "opr_dpo access_events 1 3s"}, reads(t, f, acme, "con_1")); diff != "" {
			t.Errorf("looking at reads (-want +got):\n%s", diff)
		}

		var c struct {
			Checkpoint  string
			Size        int64
			RootHash    string `json:"root_hash"`
			VerifierKey string `json:"verifier_key"`
		}
		if code := get(t, h, "/api/v1/audit/checkpoint", &c); code != 200 {
			t.Fatalf("checkpoint: %d", code)
		}
		v, err := note.NewVerifier(c.VerifierKey)
		if err != nil {
			t.Fatal(err)
		}
		n, err := note.Open([]byte(c.Checkpoint), note.VerifierList(v))
		if err != nil || c.Size != 5 || !strings.HasPrefix(n.Text, "botimum/audit/wsp_acme\n5\n"+c.RootHash+"\n") {
			t.Errorf("checkpoint: %+v, %v", c, err)
		}
		if c.VerifierKey != f.VerifierKey() {
			t.Errorf("the verifier key is %s", c.VerifierKey)
		}
		mustVerify(t, db)
	})
}

func TestAnotherWorkspaceSeesNothing(t *testing.T) {
	db := storagetest.SQLite(t)
	f := newFixture(t, db)
	f.add(t, acme, 3)
	f.Access(as(acme, "opr_ada"), []string{"con_1"}, "contact")
	var mine, theirs page
	get(t, serve(f, acme), "/api/v1/audit-events?limit=1", &mine)
	h := serve(f, other)
	for _, path := range []string{"/api/v1/audit-events", "/api/v1/audit-events?target_id=con_1", "/api/v1/audit-events?action=access",
		"/api/v1/access-events", "/api/v1/access-events?contact_id=con_1"} {
		if code := get(t, h, path, &theirs); code != 200 || len(theirs.Data) != 0 {
			t.Errorf("GET %s = %d, %v", path, code, theirs.Data)
		}
	}
	if code := get(t, h, "/api/v1/audit-events?cursor="+*mine.NextCursor, nil); code != 400 {
		t.Errorf("another workspace's cursor = %d", code)
	}
	if got := reads(t, f, other, "con_1"); len(got) != 0 {
		t.Errorf("asking for a foreign contact left reads in one's own log: %v", got)
	}
}

func TestBadQueries(t *testing.T) {
	f := newFixture(t, storagetest.SQLite(t))
	f.add(t, acme, 1)
	h := serve(f, acme)
	for path, want := range map[string]int{
		"/api/v1/audit-events?cursor=x":                400,
		"/api/v1/audit-events?limit=101":               422,
		"/api/v1/audit-events?action=contact.":         200,
		"/api/v1/audit-events?action=Contact":          422,
		"/api/v1/audit-events?action=a%00":             422,
		"/api/v1/audit-events?target_id=%00":           200,
		"/api/v1/access-events?contact_id=a%00b":       200,
		"/api/v1/access-events?contact_id=ada%40x.org": 200,
		"/api/v1/audit/checkpoint":                     200,
	} {
		if code := get(t, h, path, nil); code != want {
			t.Errorf("GET %s = %d, want %d", path, code, want)
		}
	}
}
