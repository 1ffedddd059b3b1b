package app_test

import (
	"bytes"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/botimum/botimum/internal/config"
)

// A visitor asks from the widget: their session is the proof of what it holds, and
// of nothing else.
func TestVisitorsAskFromTheWidget(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v, other := w.visit(t, w.made.Workspace.Key), w.visit(t, w.made.Workspace.Key)
		if a := v.call(t, "POST", "/privacy-requests", `{"kind":"access"}`, http.StatusConflict); a.code() != "nothing_held" {
			t.Errorf("before anything is held: %s", a.body)
		}
		v.write(t, "hello")
		other.write(t, "hello too")
		var r asked
		v.call(t, "POST", "/privacy-requests", `{"kind":"access"}`, http.StatusCreated).json(t, &r)
		if r.State != "completed" || r.Proof != "session" || r.Source != "widget" {
			t.Errorf("access: %+v", r)
		}
		var own, theirs struct{ Data []asked }
		v.call(t, "GET", "/privacy-requests", "", http.StatusOK).json(t, &own)
		other.call(t, "GET", "/privacy-requests", "", http.StatusOK).json(t, &theirs)
		if len(own.Data) != 1 || own.Data[0].ID != r.ID || len(theirs.Data) != 0 {
			t.Errorf("own %+v, another's %+v", own.Data, theirs.Data)
		}
		v.call(t, "POST", "/privacy-requests", `{"kind":"objection"}`, http.StatusCreated).json(t, &r)
		if r.State != "completed" {
			t.Errorf("objection to everything: %+v", r)
		}
		v.call(t, "POST", "/privacy-requests", `{"kind":"erasure"}`, http.StatusCreated).json(t, &r)
		if r.State != "completed" || r.ReceiptID == nil {
			t.Errorf("erasure: %+v", r)
		}
		v.call(t, "GET", "/conversations", "", http.StatusUnauthorized)
	})
}

// What is wrong with a request is said by field, repeats nothing, and stores nothing.
func TestBadPrivacyRequests(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const canary = "canary-in-the-body"
		contactID := w.person(t, "ada@example.org")
		other := w.setup(t, "Other", "owner@other.example")
		closed := w.ask(t, contactID, "access", "")
		about := func(rest string) string { return `{"contact_id":"` + contactID + `",` + rest + `}` }
		const list = "/privacy/requests"
		tests := []struct {
			name, method, path, body string
			status                   int
			code, field              string
		}{
			{"unknown kind", "POST", list, about(`"kind":"` + canary + `"`), 422, "invalid", "kind"},
			{"no kind", "POST", list, `{"contact_id":"` + contactID + `"}`, 422, "invalid", "body"},
			{"nobody", "POST", list, `{"contact_id":"con_` + canary + `","kind":"access"}`, 422, "invalid", "contact_id"},
			{"a source of their own", "POST", list, about(`"kind":"access","source":"portal"`), 422, "invalid", "source"},
			{"purpose of nobody", "POST", list, about(`"kind":"objection","purpose":"` + canary + `"`), 422, "invalid", "purpose"},
			{"purpose of an access", "POST", list, about(`"kind":"access","purpose":"marketing"`), 422, "invalid", "purpose"},
			{"empty rectification", "POST", list, about(`"kind":"rectification"`), 422, "invalid", "changes"},
			{"unknown field to correct", "POST", list, about(`"kind":"rectification","changes":{"` + canary + `":"x"}`), 422, "invalid", "changes"},
			{"a broken address", "POST", list, about(`"kind":"rectification","changes":{"email":"` + canary + `"}`), 422, "invalid", "email"},
			{"long note", "POST", list, about(`"kind":"access","note":"` + strings.Repeat("x", 4001) + `"`), 422, "invalid", "note"},
			{"null in the note", "POST", list, about(`"kind":"access","note":"` + canary + `\u0000"`), 422, "invalid", ""},
			{"unknown id", "GET", list + "/req_01jdb2k8q5e6r7s8t9v0w1x2y3", "", 404, "not_found", ""},
			{"no id at all", "PATCH", list + "/" + canary, `{"state":"completed"}`, 404, "not_found", ""},
			{"unknown state", "PATCH", list + "/" + closed.ID, `{"state":"` + canary + `"}`, 422, "invalid", "state"},
			{"unknown reason", "PATCH", list + "/" + closed.ID, `{"state":"refused","reason":"` + canary + `"}`, 422, "invalid", "reason"},
			{"closed", "PATCH", list + "/" + closed.ID, `{"state":"in_progress"}`, 409, "request_closed", ""},
			{"filter", "GET", list + "?kind=" + canary, "", 422, "invalid", "kind"},
			{"cursor", "GET", list + "?cursor=" + canary, "", 400, "malformed", ""},
			{"days", "PATCH", "/workspace", `{"settings":{"request_days":8}}`, 422, "invalid", "settings.request_days"},
			{"no days", "PATCH", "/workspace", `{"settings":{"request_days":0}}`, 422, "invalid", "settings.request_days"},
			{"reviewed kinds", "PATCH", "/workspace", `{"settings":{"reviewed_kinds":["` + canary + `"]}}`, 422, "invalid", "settings.reviewed_kinds"},
			{"authority", "PATCH", "/workspace", `{"settings":{"authority_url":"` + canary + `"}}`, 422, "invalid", "settings.authority_url"},
		}
		before := rowCounts(t, w.DB)["privacy_requests"]
		for _, tt := range tests {
			a := w.do(t, call{method: tt.method, path: "/api/v1" + tt.path, body: tt.body, header: bearer(w.made.APIKey)})
			if a.status != tt.status || a.code() != tt.code || tt.field != "" && !strings.Contains(a.body, `"`+tt.field) {
				t.Errorf("%s: %d %s, want %d %s about %s", tt.name, a.status, a.body, tt.status, tt.code, tt.field)
			}
			if strings.Contains(a.body, canary) {
				t.Errorf("%s: the answer repeats what was sent: %s", tt.name, a.body)
			}
		}
		if after := rowCounts(t, w.DB)["privacy_requests"]; after != before {
			t.Errorf("%d requests were stored", after-before)
		}
		foreign := w.do(t, call{method: "POST", path: "/api/v1" + list, body: about(`"kind":"erasure"`), header: bearer(other.APIKey)})
		if foreign.status != 422 || strings.Contains(foreign.body, contactID) {
			t.Errorf("another workspace's contact: %d %s", foreign.status, foreign.body)
		}
		objection := w.ask(t, contactID, "objection", "")
		if a := w.api(t, "GET", list+"/"+objection.ID+"/export", "", http.StatusConflict); a.code() != "not_ready" {
			t.Errorf("export of an objection: %s", a.body)
		}
	})
}

// No rate limit stands before a person's first request, however busy they were.
func TestRateLimitsDoNotRefuseAFirstRequest(t *testing.T) {
	for engine, cfg := range configs(t) {
		t.Run(engine, func(t *testing.T) {
			w := start(t, limited(cfg(t)))
			v := w.visit(t, w.made.Workspace.Key)
			v.write(t, "hello")
			refused := false
			for range 20 {
				a := w.do(t, call{method: "GET", path: "/widget/v1/conversations", header: bearer(v.token)})
				refused = refused || a.status == http.StatusTooManyRequests
			}
			if !refused {
				t.Fatal("the visitor was not slowed; the test proves nothing")
			}
			for _, kind := range []string{"access", "portability", "restriction", "erasure"} {
				v.call(t, "POST", "/privacy-requests", `{"kind":"`+kind+`"}`, http.StatusCreated)
			}
		})
	}
}

func limited(cfg *config.Config) *config.Config {
	cfg.RateLimit = 1
	return cfg
}

// An erasure while an export is being written: the export is whole or refused, never
// half of a person, and afterwards there is none.
func TestErasureDuringAnExport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		conversationID, contactID := w.visit(t, w.made.Workspace.Key).write(t, "hello")
		for range 50 {
			w.api(t, "POST", "/conversations/"+conversationID+"/messages", `{"body":"`+strings.Repeat("word ", 100)+`"}`, http.StatusCreated)
		}
		access := w.ask(t, contactID, "access", "")
		var both sync.WaitGroup
		both.Go(func() {
			a := w.do(t, call{method: "GET", path: "/api/v1/privacy/requests/" + access.ID + "/export", header: bearer(w.made.APIKey)})
			whole := bytes.HasPrefix([]byte(a.body), []byte("PK")) && strings.Contains(a.body, "PK\x05\x06")
			if a.status == http.StatusOK && !whole {
				t.Error("half an archive")
			}
			if a.status != http.StatusOK && a.status != http.StatusGone && a.status != http.StatusNotFound {
				t.Errorf("%d %s", a.status, a.body)
			}
		})
		both.Go(func() { w.ask(t, contactID, "erasure", "") })
		both.Wait()
		w.api(t, "GET", "/privacy/requests/"+access.ID+"/export", "", http.StatusGone)
	})
}
