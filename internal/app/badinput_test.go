package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Bad input gets a problem document that says what to do, repeats nothing of what
// was sent, and changes nothing.
func TestBadInput(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const canary = "canary-in-the-body"
		conversationID, contactID := w.visit(t, w.made.Workspace.Key).write(t, "hello")
		other := w.setup(t, "Other", "owner@other.example")
		foreignCursor := cursorOf(t, w, other.APIKey)
		messages := "/conversations/" + conversationID + "/messages"
		basis := `"basis":{"purpose":"support","lawful_basis":"contract"}`
		tests := []struct {
			name, method, path, body string
			status                   int
			code, field              string
		}{
			{"malformed JSON", "POST", messages, `{"body":"` + canary, 400, "malformed", ""},
			{"no body", "POST", messages, ``, 400, "malformed", ""},
			{"an array", "POST", messages, `["` + canary + `"]`, 422, "invalid", ""},
			{"unknown field", "POST", messages, `{"body":"x","colour":"` + canary + `"}`, 422, "invalid", "colour"},
			{"wrong type", "POST", messages, `{"body":{"x":"` + canary + `"}}`, 422, "invalid", "body"},
			{"empty message", "POST", messages, `{"body":""}`, 422, "invalid", "body"},
			{"blank message", "POST", messages, `{"body":" \n "}`, 422, "invalid", "body"},
			{"100 kB message", "POST", messages, `{"body":"` + strings.Repeat("x", 100_000) + `"}`, 422, "invalid", "body"},
			{"over 1 MiB", "POST", messages, `{"body":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "too_large", ""},
			{"invalid UTF-8", "POST", messages, "{\"body\":\"" + canary + "\xc3\x28\"}", 400, "malformed", ""},
			{"null character", "POST", messages, `{"body":"` + canary + `\u0000"}`, 422, "invalid", ""},
			{"type", "POST", messages, `{"body":"x","type":"` + canary + `"}`, 422, "invalid", "type"},
			{"unknown conversation", "POST", "/conversations/cnv_01jdb2k8q5e6r7s8t9v0w1x2y3/messages", `{"body":"x"}`, 404, "not_found", ""},
			{"no such id at all", "GET", "/conversations/" + canary, ``, 404, "not_found", ""},
			{"broken cursor", "GET", "/conversations?cursor=" + canary, ``, 400, "malformed", ""},
			{"cursor of another list", "GET", "/contacts?cursor=" + cursorOf(t, w, w.made.APIKey), ``, 400, "malformed", ""},
			{"cursor of another workspace", "GET", "/conversations?cursor=" + foreignCursor, ``, 400, "malformed", ""},
			{"limit", "GET", "/conversations?limit=1000", ``, 422, "invalid", "limit"},
			{"unknown query", "GET", "/conversations?colour=" + canary, ``, 422, "invalid", "colour"},
			{"state", "GET", "/conversations?state=" + canary, ``, 422, "invalid", "state"},
			{"no basis", "POST", "/contacts", `{"email":"x@example.org"}`, 422, "basis_required", "basis"},
			{"address", "POST", "/contacts", `{"email":"` + canary + `",` + basis + `}`, 422, "invalid", "email"},
			{"purpose", "POST", "/contacts", `{"email":"x@example.org","basis":{"purpose":"` + canary + `","lawful_basis":"contract"}}`, 422, "invalid", "basis.purpose"},
			{"search for nothing", "POST", "/search", `{"q":"!!"}`, 422, "invalid", "q"},
			{"conversation with nobody", "POST", "/conversations", `{"contact_id":"con_` + canary + `","body":"x"}`, 422, "invalid", "contact_id"},
			{"unknown purpose of consent", "POST", "/contacts/" + contactID + "/consents", `{"purpose":"` + canary + `"}`, 422, "invalid", "purpose"},
			{"assignee", "PATCH", "/conversations/" + conversationID, `{"assignee_id":"` + canary + `"}`, 422, "invalid", "assignee_id"},
			{"stale version", "PATCH", "/conversations/" + conversationID, `{"priority":"high"}`, 412, "precondition_failed", ""},
			{"unknown route", "POST", "/" + canary, `{}`, 404, "not_found", ""},
			{"wrong method", "PUT", "/contacts", `{}`, 405, "method_not_allowed", ""},
			{"scopes that nobody has", "POST", "/api-keys", `{"name":"x","scopes":["` + canary + `"]}`, 422, "invalid", "scopes"},
		}
		before := rowCounts(t, w.DB)
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				header := bearer(w.made.APIKey)
				if tt.status == http.StatusPreconditionFailed {
					header.Set("If-Match", `"stale"`)
				}
				a := w.do(t, call{method: tt.method, path: "/api/v1" + tt.path, body: tt.body, header: header})
				if a.status != tt.status || a.code() != tt.code {
					t.Fatalf("%d %s, want %d %s", a.status, a.body, tt.status, tt.code)
				}
				if a.header.Get("Content-Type") != "application/problem+json" {
					t.Errorf("Content-Type %q", a.header.Get("Content-Type"))
				}
				if strings.Contains(a.body, canary) {
					t.Errorf("the problem repeats what was sent: %s", a.body)
				}
				if tt.field != "" && !strings.Contains(a.body, `"field":"`+tt.field) {
					t.Errorf("the problem does not name %s: %s", tt.field, a.body)
				}
			})
		}
		if diff := cmp.Diff(before, rowCounts(t, w.DB)); diff != "" {
			t.Errorf("bad input changed something (-before +after):\n%s", diff)
		}
		if strings.Contains(w.logs.String(), canary) {
			t.Error("bad input stands in the log")
		}
	})
}

// cursorOf gives a cursor of the workspace's list of conversations.
func cursorOf(t *testing.T, w *world, key string) string {
	t.Helper()
	for range 2 {
		a := w.do(t, call{method: "POST", path: "/api/v1/contacts", header: bearer(key), body: `{"name":"P","basis":{"purpose":"support","lawful_basis":"contract"}}`})
		var c struct{ ID string }
		a.json(t, &c)
		w.do(t, call{method: "POST", path: "/api/v1/conversations", header: bearer(key), body: `{"contact_id":"` + c.ID + `","body":"x"}`})
	}
	a := w.do(t, call{method: "GET", path: "/api/v1/conversations?limit=1", header: bearer(key)})
	var page struct {
		NextCursor string `json:"next_cursor"`
	}
	a.json(t, &page)
	if page.NextCursor == "" {
		t.Fatalf("no cursor: %d %s", a.status, a.body)
	}
	return page.NextCursor
}

// The same for visitors.
func TestBadInputFromVisitors(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.visit(t, w.made.Workspace.Key)
		conversationID, _ := v.write(t, "hello")
		tests := []struct {
			name, method, path, body, token string
			status                          int
			code                            string
		}{
			{"unknown workspace", "POST", "/sessions", `{"workspace_key":"wk_nobody"}`, "", 422, "invalid"},
			{"identity token that is none", "POST", "/sessions", `{"workspace_key":"` + w.made.Workspace.Key + `","token":"x.y.z"}`, "", 401, "identity_token_refused"},
			{"no session", "GET", "/conversations", ``, "", 401, "unauthorized"},
			{"a forged session", "GET", "/conversations", ``, forged(v.token), 401, "unauthorized"},
			{"a key for a session", "GET", "/conversations", ``, w.made.APIKey, 401, "unauthorized"},
			{"empty message", "POST", "/conversations/" + conversationID + "/messages", `{"body":""}`, v.token, 422, "invalid"},
			{"a note", "POST", "/conversations/" + conversationID + "/messages", `{"body":"x","type":"note"}`, v.token, 422, "invalid"},
			{"consent without a version", "POST", "/consents", `{"purpose":"marketing","action":"grant"}`, v.token, 422, "invalid"},
			{"consent to an old wording", "POST", "/consents", `{"purpose":"marketing","action":"grant","version":99}`, v.token, 409, "wording_changed"},
			{"an external id without proof", "POST", "/identify", `{"external_id":"42","basis":{"purpose":"support","lawful_basis":"contract"}}`, v.token, 422, "invalid"},
			{"a broken address", "POST", "/identify", `{"email":"x","basis":{"purpose":"email_replies","lawful_basis":"consent"}}`, v.token, 422, "invalid"},
			{"an address without a basis", "POST", "/identify", `{"email":"x@example.org"}`, v.token, 422, "basis_required"},
		}
		for _, tt := range tests {
			a := w.do(t, call{method: tt.method, path: "/widget/v1" + tt.path, body: tt.body, header: bearer(tt.token)})
			if a.status != tt.status || a.code() != tt.code {
				t.Errorf("%s: %d %s, want %d %s", tt.name, a.status, a.body, tt.status, tt.code)
			}
		}
	})
}

// forged gives a token of which one letter in the middle, all of whose bits count,
// is another one.
func forged(token string) string {
	at, other := len(token)/2, "A"
	if token[at] == 'A' {
		other = "B"
	}
	return token[:at] + other + token[at+1:]
}
