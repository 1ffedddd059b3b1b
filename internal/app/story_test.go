package app_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
)

// The main story, over the wire: a visitor writes, an operator answers, the
// visitor is a contact, the operator erases them.
func TestTheMainStory(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.visit(t, w.made.Workspace.Key)
		conversationID, contactID := v.write(t, "Is the Ferry in stock?")
		o := w.signIn(t)
		var list struct {
			Data []struct {
				ID          string
				UnreadCount int `json:"unread_count"`
			}
		}
		o.call(t, "GET", "/conversations?state=open", "", http.StatusOK).json(t, &list)
		if len(list.Data) != 1 || list.Data[0].ID != conversationID || list.Data[0].UnreadCount != 1 {
			t.Fatalf("the inbox shows %+v", list.Data)
		}
		o.call(t, "POST", "/conversations/"+conversationID+"/messages", `{"body":"It is."}`, http.StatusCreated)
		o.call(t, "POST", "/conversations/"+conversationID+"/messages", `{"body":"Be quick.","type":"note"}`, http.StatusCreated)
		if diff := cmp.Diff([]string{"Owner of Acme: It is.", ": Is the Ferry in stock?"}, v.reads(t, conversationID)); diff != "" {
			t.Errorf("the visitor reads (-want +got):\n%s", diff)
		}
		v.call(t, "POST", "/identify", `{"email":"ada@example.org","basis":{"purpose":"email_replies","lawful_basis":"consent","evidence":"widget card"}}`, http.StatusOK)
		v.call(t, "POST", "/consents", `{"purpose":"email_replies","action":"grant","version":1}`, http.StatusOK)
		var c struct {
			Email    string
			Verified bool
		}
		o.call(t, "GET", "/contacts/"+contactID, "", http.StatusOK).json(t, &c)
		if c.Email != "ada@example.org" || c.Verified {
			t.Errorf("the contact is %+v, want the address as a claim", c)
		}
		if a := o.call(t, "GET", "/contacts/"+contactID+"/consents", "", http.StatusOK); !strings.Contains(a.body, `"action":"grant"`) || !strings.Contains(a.body, `"source":"widget"`) {
			t.Errorf("consents %s", a.body)
		}
		o.call(t, "DELETE", "/contacts/"+contactID+"?erase=true", "", http.StatusOK)
		o.call(t, "GET", "/conversations/"+conversationID, "", http.StatusNotFound)
		v.call(t, "POST", "/conversations", `{"body":"I am back"}`, http.StatusUnauthorized)
		v.call(t, "GET", "/conversations", "", http.StatusUnauthorized)
		v.call(t, "GET", "/stream", "", http.StatusUnauthorized)
		again := w.do(t, call{method: "POST", path: "/widget/v1/sessions", body: `{"workspace_key":"` + w.made.Workspace.Key + `"}`, header: bearer(v.token)})
		if again.status != http.StatusOK || !strings.Contains(again.body, `"contact":null`) {
			t.Errorf("after the erasure the browser begins as %d %s", again.status, again.body)
		}
		// Who looked is on record, also of somebody erased: it names an id that means nothing.
		var seen struct{ Data []struct{ Through string } }
		o.call(t, "GET", "/access-events?contact_id="+contactID, "", http.StatusOK).json(t, &seen)
		through := map[string]bool{}
		for _, e := range seen.Data {
			through[e.Through] = true
		}
		for _, want := range []string{"conversations", "contact", "contact.consents"} {
			if !through[want] {
				t.Errorf("the access log lacks a read through %s: %v", want, through)
			}
		}
	})
}

func (v *visitor) reads(t *testing.T, conversationID string) []string {
	t.Helper()
	var page struct {
		Data []struct {
			Body   string
			Author struct{ Name string }
		}
	}
	v.call(t, "GET", "/conversations/"+conversationID+"/messages", "", http.StatusOK).json(t, &page)
	out := make([]string, len(page.Data))
	for i, m := range page.Data {
		out[i] = m.Author.Name + ": " + m.Body
	}
	return out
}

// operator is the dashboard: a session cookie and its CSRF token.
type operator struct {
	w      *world
	cookie string
	csrf   string
}

func (w *world) signIn(t *testing.T) *operator {
	t.Helper()
	a := w.do(t, call{method: "POST", path: "/api/v1/session", body: `{"email":"` + ownerEmail + `","password":"` + ownerPassword + `"}`})
	if a.status != http.StatusOK {
		t.Fatalf("sign-in: %d %s", a.status, a.body)
	}
	var s struct {
		CSRF string `json:"csrf_token"`
	}
	a.json(t, &s)
	cookie, _, _ := strings.Cut(a.header.Get("Set-Cookie"), ";")
	return &operator{w, cookie, s.CSRF}
}

func (o *operator) call(t *testing.T, method, path, body string, want int) answer {
	t.Helper()
	a := o.w.do(t, call{method: method, path: "/api/v1" + path, body: body, header: http.Header{"Cookie": {o.cookie}, "X-Csrf-Token": {o.csrf}}})
	if a.status != want {
		t.Fatalf("%s %s: %d, want %d: %s", method, path, a.status, want, a.body)
	}
	return a
}

// A page of another website can make a browser send the cookie; it cannot know the token.
func TestWritesWithTheCookieNeedTheToken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		o := w.signIn(t)
		_, contactID := w.visit(t, w.made.Workspace.Key).write(t, "hello")
		for name, csrf := range map[string]string{"none": "", "a wrong one": strings.Repeat("x", len(o.csrf))} {
			forged := &operator{w, o.cookie, csrf}
			if a := forged.call(t, "DELETE", "/contacts/"+contactID+"?erase=true", "", http.StatusForbidden); a.code() == "" {
				t.Errorf("token %s: %s", name, a.body)
			}
			forged.call(t, "GET", "/contacts/"+contactID, "", http.StatusOK)
		}
		o.call(t, "DELETE", "/session", "", http.StatusNoContent)
		o.call(t, "GET", "/contacts/"+contactID, "", http.StatusUnauthorized)
	})
}

// A token that the customer's server signed makes a contact verified, on every device.
func TestIdentityTokens(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		secret, err := w.Workspaces.IdentitySecret(t.Context(), w.made.Workspace.ID)
		if err != nil {
			t.Fatal(err)
		}
		sign := func(claims jwt.MapClaims, key []byte) string {
			token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(key)
			if err != nil {
				t.Fatal(err)
			}
			return token
		}
		hour := time.Now().Add(time.Hour).Unix()
		good := sign(jwt.MapClaims{"sub": "user-7", "email": "ada@example.org", "name": "Ada", "exp": hour}, secret)
		session := func(token string) answer {
			body, err := json.Marshal(map[string]string{"workspace_key": w.made.Workspace.Key, "token": token})
			if err != nil {
				t.Fatal(err)
			}
			return w.do(t, call{method: "POST", path: "/widget/v1/sessions", body: string(body)})
		}
		var first, second struct {
			Contact struct {
				ID, Email string
				Verified  bool
			}
		}
		session(good).json(t, &first)
		session(good).json(t, &second)
		if first.Contact.ID == "" || first.Contact != second.Contact || !first.Contact.Verified || first.Contact.Email != "ada@example.org" {
			t.Errorf("two devices of one person: %+v and %+v", first.Contact, second.Contact)
		}
		for name, bad := range map[string]string{
			"signed by somebody else": sign(jwt.MapClaims{"sub": "user-7", "exp": hour}, []byte("guess")),
			"expired":                 sign(jwt.MapClaims{"sub": "user-7", "exp": time.Now().Add(-time.Hour).Unix()}, secret),
			"without an end":          sign(jwt.MapClaims{"sub": "user-7"}, secret),
			"of nobody":               sign(jwt.MapClaims{"exp": hour}, secret),
			"not signed":              strings.Join(strings.Split(good, ".")[:2], ".") + ".",
		} {
			if a := session(bad); a.status != http.StatusUnauthorized {
				t.Errorf("a token %s: %d %s", name, a.status, a.body)
			}
		}
	})
}

// CORS answers only the origins that the workspace allows.
func TestCORS(t *testing.T) {
	w := start(t, configs(t)["sqlite"](t))
	key := w.made.Workspace.Key
	w.api(t, "PATCH", "/workspace", `{"settings":{"allowed_origins":["https://shop.example"]}}`, http.StatusOK)
	w.Widget.AllowLoopback = false
	ask := func(method, origin string) answer {
		h := http.Header{"Origin": {origin}}
		body := `{"workspace_key":"` + key + `"}`
		if method == "OPTIONS" {
			h.Set("Access-Control-Request-Method", "POST")
			body = ""
		}
		return w.do(t, call{method: method, path: "/widget/v1/sessions", body: body, header: h})
	}
	for _, tt := range []struct {
		method, origin string
		status         int
		allow          string
	}{
		{"OPTIONS", "https://shop.example", 204, "https://shop.example"},
		{"POST", "https://shop.example", 200, "https://shop.example"},
		{"OPTIONS", "https://evil.example", 204, ""},
		{"POST", "https://evil.example", 403, ""},
		{"POST", "http://localhost:3000", 403, ""},
		{"POST", "null", 403, ""},
	} {
		a := ask(tt.method, tt.origin)
		if a.status != tt.status || a.header.Get("Access-Control-Allow-Origin") != tt.allow {
			t.Errorf("%s from %s: %d, allowed %q; want %d %q", tt.method, tt.origin, a.status, a.header.Get("Access-Control-Allow-Origin"), tt.status, tt.allow)
		}
	}
}
