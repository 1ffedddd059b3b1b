package workspace_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/storage/storagetest"
	"github.com/botimum/botimum/internal/workspace"
	"github.com/botimum/botimum/internal/workspace/workspacetest"
)

// server is the routes behind a guard that does what the API's does.
type server struct {
	*workspacetest.World
	router *httpx.Router
	log    *slog.Logger
}

func serve(w *workspacetest.World) *server {
	s := &server{World: w, log: slog.New(slog.DiscardHandler)}
	s.router = httpx.NewRouter("Test", "1", s.guard, s.log)
	w.Routes(s.router)
	return s
}

func (s *server) guard(rt httpx.Route, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := workspace.WithNetwork(r.Context(), workspace.NetworkOf(r.RemoteAddr))
		if rt.Public {
			next.ServeHTTP(w, r.WithContext(ctx))
			return
		}
		a, err := s.who(r)
		if err == nil && (rt.SignedIn && a.Type != actor.Operator || !rt.SignedIn && !a.Can(rt.Permission)) {
			err = fault.Forbidden(rt.Permission)
		}
		if err != nil {
			httpx.WriteProblem(w, r, s.log, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(actor.With(ctx, a)))
	})
}

func (s *server) who(r *http.Request) (actor.Actor, error) {
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return s.AuthenticateKey(r.Context(), bearer)
	}
	cookie, err := r.Cookie(workspace.SessionCookie)
	if err != nil {
		return actor.Actor{}, fault.Unauthorized("Sign in.")
	}
	a, err := s.AuthenticateSession(r.Context(), cookie.Value)
	if err == nil && r.Method != http.MethodGet {
		err = s.CheckCSRF(r.Context(), a.SessionID, r.Header.Get("X-CSRF-Token"))
	}
	return a, err
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	text   string
	cookie *http.Cookie
	body   struct {
		ID          string
		Code        string
		Needed      bool
		Key         string
		Slug        string
		Name        string
		Email       string
		Role        string
		Secret      string
		Prefix      string
		Scopes      []string
		Permissions []string
		CSRFToken   string `json:"csrf_token"`
		Operator    struct{ ID, Name, Email, Role string }
		Workspace   struct{ ID, Name, Slug, Key string }
		Workspaces  []struct{ ID, Name, Slug string }
		Settings    map[string]any
		Data        []map[string]any
		Errors      []fault.FieldError
		Identity    string `json:"identity_secret"`
	}
}

// caller says who asks: nobody, a key, or a session with or without its CSRF token.
type caller struct{ key, session, csrf, ifMatch string }

func (s *server) do(t *testing.T, c caller, method, path, body string) answer {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr = "192.0.2.7:4711"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.key != "" {
		r.Header.Set("Authorization", "Bearer "+c.key)
	}
	if c.session != "" {
		r.AddCookie(&http.Cookie{Name: workspace.SessionCookie, Value: c.session})
		r.Header.Set("X-CSRF-Token", c.csrf)
	}
	if c.ifMatch != "" {
		r.Header.Set("If-Match", c.ifMatch)
	}
	rec := httptest.NewRecorder()
	s.router.ServeHTTP(rec, r)
	a := answer{status: rec.Code, header: rec.Header(), text: rec.Body.String()}
	for _, cookie := range rec.Result().Cookies() {
		a.cookie = cookie
	}
	if a.text != "" {
		if err := json.Unmarshal(rec.Body.Bytes(), &a.body); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, a.text)
		}
	}
	return a
}

func (s *server) want(t *testing.T, c caller, method, path, body string, status int, code string) answer {
	t.Helper()
	a := s.do(t, c, method, path, body)
	if a.status != status || a.body.Code != code {
		t.Fatalf("%s %s: %d %q, want %d %q; %s", method, path, a.status, a.body.Code, status, code, a.text)
	}
	return a
}

// in signs in over HTTP.
func (s *server) in(t *testing.T, email string) caller {
	t.Helper()
	a := s.want(t, caller{}, "POST", "/api/v1/session", `{"email":"`+email+`","password":"`+password+`"}`, 200, "")
	return caller{session: a.cookie.Value, csrf: a.body.CSRFToken}
}

func eachServer(t *testing.T, fn func(t *testing.T, s *server)) {
	t.Helper()
	each(t, func(t *testing.T, w *workspacetest.World) { fn(t, serve(w)) })
}

func TestSetupPage(t *testing.T) {
	eachServer(t, func(t *testing.T, s *server) {
		if a := s.want(t, caller{}, "GET", "/api/v1/setup", "", 200, ""); !a.body.Needed {
			t.Errorf("%s", a.text)
		}
		token := s.NewSetupToken()
		s.want(t, caller{}, "POST", "/api/v1/setup", `{"token":"guess","workspace":"Acme","name":"Ada","email":"ada@acme.example","password":"`+password+`"}`, 401, "unauthorized")
		a := s.want(t, caller{}, "POST", "/api/v1/setup", `{"token":"`+token+`","workspace":"Acme","name":"Ada","email":"ada@acme.example","password":"`+password+`"}`, 200, "")
		if a.body.Operator.Name != "Ada" || a.body.Operator.Role != "owner" || a.body.Workspace.Slug != "acme" || a.cookie == nil {
			t.Errorf("%s", a.text)
		}
		s.want(t, caller{session: a.cookie.Value}, "GET", "/api/v1/session", "", 200, "")
		s.want(t, caller{}, "POST", "/api/v1/setup", `{"token":"`+token+`","workspace":"B","name":"B","email":"b@acme.example","password":"`+password+`"}`, 409, "already_set_up")
		if a := s.want(t, caller{}, "GET", "/api/v1/setup", "", 200, ""); a.body.Needed {
			t.Errorf("%s", a.text)
		}
	})
}

func TestSessionRoutes(t *testing.T) {
	eachServer(t, func(t *testing.T, s *server) {
		acme := s.Make(t, "Acme")
		a := s.want(t, caller{}, "POST", "/api/v1/session", `{"email":"`+acme.Email+`","password":"`+password+`"}`, 200, "")
		if a.body.Operator.ID != acme.OwnerID || a.body.Workspace.Key != acme.Key || len(a.body.Workspaces) != 1 || !slices.Equal(a.body.Permissions, []string{"*"}) {
			t.Errorf("%s", a.text)
		}
		me := caller{session: a.cookie.Value, csrf: a.body.CSRFToken}
		same := s.want(t, me, "GET", "/api/v1/session", "", 200, "")
		if same.body.CSRFToken != me.csrf || same.cookie != nil {
			t.Errorf("%s", same.text)
		}
		s.want(t, caller{}, "GET", "/api/v1/session", "", 401, "unauthorized")
		s.want(t, caller{key: acme.APIKey}, "GET", "/api/v1/session", "", 403, "forbidden")
		s.want(t, caller{session: me.session}, "DELETE", "/api/v1/session", "", 403, "csrf")
		s.want(t, caller{session: me.session, csrf: "guess"}, "DELETE", "/api/v1/session", "", 403, "csrf")

		other := s.in(t, acme.Email)
		s.want(t, caller{session: me.session, csrf: other.csrf}, "DELETE", "/api/v1/session", "", 403, "csrf")
		list := s.want(t, me, "GET", "/api/v1/sessions", "", 200, "")
		if len(list.body.Data) != 2 || list.body.Data[0]["current"] != false || list.body.Data[1]["current"] != true {
			t.Fatalf("%s", list.text)
		}
		s.want(t, me, "DELETE", "/api/v1/sessions/"+list.body.Data[0]["id"].(string), "", 204, "")
		s.want(t, other, "GET", "/api/v1/session", "", 401, "unauthorized")
		s.want(t, me, "DELETE", "/api/v1/sessions/ses_unknown", "", 404, "not_found")
		other = s.in(t, acme.Email)
		s.want(t, me, "DELETE", "/api/v1/sessions", "", 204, "")
		s.want(t, other, "GET", "/api/v1/session", "", 401, "unauthorized")

		renamed := s.want(t, me, "PATCH", "/api/v1/account", `{"name":"Ada"}`, 200, "")
		if renamed.body.Operator.Name != "Ada" {
			t.Errorf("%s", renamed.text)
		}
		s.want(t, me, "PATCH", "/api/v1/account", `{"new_password":"some other words"}`, 422, "invalid")

		again := s.do(t, me, "POST", "/api/v1/session", `{"email":"`+acme.Email+`","password":"`+password+`"}`)
		s.want(t, me, "GET", "/api/v1/session", "", 401, "unauthorized") // signing in anew ends the browser's old session
		me = caller{session: again.cookie.Value, csrf: again.body.CSRFToken}
		out := s.want(t, me, "DELETE", "/api/v1/session", "", 204, "")
		if out.cookie == nil || out.cookie.Value != "" || out.cookie.MaxAge >= 0 {
			t.Errorf("signing out leaves the cookie %v", out.cookie)
		}
		s.want(t, me, "GET", "/api/v1/session", "", 401, "unauthorized")
	})
}

func TestSwitchingOverHTTP(t *testing.T) {
	eachServer(t, func(t *testing.T, s *server) {
		acme := s.Make(t, "Acme")
		made, err := s.Setup(t.Context(), workspace.SetupInput{Workspace: "Second", Email: acme.Email, Password: password})
		if err != nil {
			t.Fatal(err)
		}
		third := s.Make(t, "Third")
		me := s.in(t, acme.Email)
		a := s.want(t, me, "PATCH", "/api/v1/session", `{"workspace_id":"`+made.Workspace.ID+`"}`, 200, "")
		if a.body.Workspace.ID != made.Workspace.ID || len(a.body.Workspaces) != 2 || a.body.CSRFToken != me.csrf {
			t.Errorf("%s", a.text)
		}
		if a := s.want(t, me, "GET", "/api/v1/workspace", "", 200, ""); a.body.ID != made.Workspace.ID {
			t.Errorf("%s", a.text)
		}
		s.want(t, me, "PATCH", "/api/v1/session", `{"workspace_id":"`+third.ID+`"}`, 404, "not_found")
	})
}

func TestCookieIsStrict(t *testing.T) {
	for _, secure := range []bool{false, true} {
		s := serve(workspacetest.New(t, storagetest.SQLite(t), func(d *workspace.Deps) { d.SecureCookies = secure }))
		acme := s.Make(t, "Acme")
		a := s.want(t, caller{}, "POST", "/api/v1/session", `{"email":"`+acme.Email+`","password":"`+password+`"}`, 200, "")
		c := a.cookie
		if c == nil || c.Name != "botimum_session" || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Secure != secure || c.MaxAge != 60*24*3600 {
			t.Errorf("secure %v: %v", secure, c)
		}
		if strings.Contains(a.text, c.Value) {
			t.Error("scripts can read the session's token in the answer")
		}
	}
}

func TestSignInAnswersTellNothing(t *testing.T) {
	eachServer(t, func(t *testing.T, s *server) {
		acme := s.Make(t, "Acme")
		wrong := s.want(t, caller{}, "POST", "/api/v1/session", `{"email":"`+acme.Email+`","password":"canary-password"}`, 401, "unauthorized")
		unknown := s.want(t, caller{}, "POST", "/api/v1/session", `{"email":"canary@acme.example","password":"canary-password"}`, 401, "unauthorized")
		if wrong.text != unknown.text || strings.Contains(unknown.text, "canary") || wrong.cookie != nil {
			t.Errorf("%s\n%s", wrong.text, unknown.text)
		}
		var last answer
		for range 40 {
			last = s.do(t, caller{}, "POST", "/api/v1/session", `{"email":"canary@acme.example","password":"canary-password"}`)
		}
		if last.status != 429 || last.body.Code != "rate_limited" || last.header.Get("Retry-After") == "" {
			t.Errorf("%d %s %v", last.status, last.text, last.header)
		}
	})
}

func TestWorkspaceRoutes(t *testing.T) {
	eachServer(t, func(t *testing.T, s *server) {
		acme := s.Make(t, "Acme")
		key := caller{key: acme.APIKey}
		a := s.want(t, key, "GET", "/api/v1/workspace", "", 200, "")
		if a.body.Key != acme.Key || a.body.Slug != "acme" || a.body.Settings["color"] != "#0f766e" || len(a.body.Settings["allowed_origins"].([]any)) != 0 || a.header.Get("ETag") == "" {
			t.Errorf("%s", a.text)
		}
		old := caller{key: acme.APIKey, ifMatch: a.header.Get("ETag")}
		b := s.want(t, old, "PATCH", "/api/v1/workspace", `{"name":"Acme & Sons","settings":{"allowed_origins":["https://Acme.example"],"greeting":"Hello."}}`, 200, "")
		if b.body.Name != "Acme & Sons" || b.body.Settings["greeting"] != "Hello." || b.body.Settings["color"] != "#0f766e" || b.header.Get("ETag") == a.header.Get("ETag") {
			t.Errorf("%s", b.text)
		}
		s.want(t, old, "PATCH", "/api/v1/workspace", `{"name":"Acme"}`, 412, "precondition_failed")
		bad := s.want(t, key, "PATCH", "/api/v1/workspace", `{"settings":{"color":"red","allowed_origins":["acme.example/canary"]}}`, 422, "invalid")
		if len(bad.body.Errors) != 2 || strings.Contains(bad.text, "canary") || bad.body.Errors[0].Field != "settings.allowed_origins" {
			t.Errorf("%s", bad.text)
		}
		s.want(t, key, "PATCH", "/api/v1/workspace", `{"slug":"other"}`, 422, "invalid")
		s.want(t, key, "PATCH", "/api/v1/workspace", `{"settings":{"colour":"#000000"}}`, 422, "invalid")
		s.want(t, key, "PATCH", "/api/v1/workspace", `{"name":`, 400, "malformed")

		secret := s.want(t, key, "GET", "/api/v1/workspace/identity-secret", "", 200, "").body.Identity
		if next := s.want(t, key, "POST", "/api/v1/workspace/identity-secret", "", 200, "").body.Identity; len(secret) != 43 || next == secret {
			t.Errorf("secrets %q, %q", secret, next)
		}
	})
}

func TestMembersAndKeysOverHTTP(t *testing.T) {
	eachServer(t, func(t *testing.T, s *server) {
		acme, other := s.Make(t, "Acme"), s.Make(t, "Other")
		key := caller{key: acme.APIKey}
		ben := s.want(t, key, "POST", "/api/v1/operators", `{"name":"Ben","email":"ben@acme.example","role":"agent","password":"`+password+`"}`, 201, "")
		if ben.body.Email != "ben@acme.example" || ben.body.Role != "agent" || strings.Contains(ben.text, "password") {
			t.Errorf("%s", ben.text)
		}
		s.want(t, key, "POST", "/api/v1/operators", `{"name":"Ben","email":"BEN@acme.example","role":"agent","password":"`+password+`"}`, 409, "already_member")
		s.want(t, key, "POST", "/api/v1/operators", `{"name":"X","email":"x@acme.example","role":"emperor","password":"`+password+`"}`, 422, "invalid")
		if a := s.want(t, key, "GET", "/api/v1/operators", "", 200, ""); len(a.body.Data) != 2 || a.body.Data[0]["name"] != "Ben" || a.body.Data[0]["last_seen_at"] != nil {
			t.Errorf("%s", a.text)
		}

		agent := s.in(t, "ben@acme.example")
		s.want(t, agent, "GET", "/api/v1/operators", "", 200, "")
		s.want(t, agent, "GET", "/api/v1/api-keys", "", 403, "forbidden")
		s.want(t, agent, "PATCH", "/api/v1/workspace", `{"name":"Mine"}`, 403, "forbidden")
		s.want(t, agent, "GET", "/api/v1/workspace/identity-secret", "", 403, "forbidden")

		if a := s.want(t, key, "PATCH", "/api/v1/operators/"+ben.body.ID, `{"role":"viewer"}`, 200, ""); a.body.Role != "viewer" {
			t.Errorf("%s", a.text)
		}
		s.want(t, agent, "GET", "/api/v1/session", "", 401, "unauthorized")
		s.want(t, key, "PATCH", "/api/v1/operators/"+other.OwnerID, `{"role":"viewer"}`, 404, "not_found")
		s.want(t, key, "DELETE", "/api/v1/operators/"+other.OwnerID, "", 404, "not_found")
		s.want(t, key, "DELETE", "/api/v1/operators/"+acme.OwnerID, "", 409, "last_owner")
		s.want(t, key, "DELETE", "/api/v1/operators/"+ben.body.ID, "", 204, "")
		s.want(t, key, "DELETE", "/api/v1/operators/"+ben.body.ID, "", 404, "not_found")

		made := s.want(t, key, "POST", "/api/v1/api-keys", `{"name":"server","scopes":["keys:write","inbox:*"]}`, 201, "")
		if !strings.HasPrefix(made.body.Secret, "btm_") || !strings.HasPrefix(made.body.Secret, made.body.Prefix) || !slices.Equal(made.body.Scopes, []string{"inbox:*", "keys:write"}) {
			t.Errorf("%s", made.text)
		}
		server := caller{key: made.body.Secret}
		s.want(t, server, "POST", "/api/v1/api-keys", `{"name":"child","scopes":["contacts:read"]}`, 422, "invalid")
		s.want(t, server, "GET", "/api/v1/workspace", "", 403, "forbidden")
		list := s.want(t, key, "GET", "/api/v1/api-keys", "", 200, "")
		if len(list.body.Data) != 2 || strings.Contains(list.text, made.body.Secret) {
			t.Errorf("%s", list.text)
		}
		s.want(t, caller{key: other.APIKey}, "DELETE", "/api/v1/api-keys/"+made.body.ID, "", 404, "not_found")
		s.want(t, key, "DELETE", "/api/v1/api-keys/"+made.body.ID, "", 204, "")
		s.want(t, server, "POST", "/api/v1/api-keys", `{"name":"child","scopes":["inbox:read"]}`, 401, "unauthorized")
	})
}

// Every permission that a route names can be given to a key.
func TestRoutesNameKnownPermissions(t *testing.T) {
	s := serve(workspacetest.New(t, storagetest.SQLite(t)))
	for _, rt := range s.router.Routes() {
		if rt.Permission != "" && !slices.Contains(workspace.KnownPermissions(), rt.Permission) {
			t.Errorf("%s %s needs %q, which nobody can be given", rt.Method, rt.Path, rt.Permission)
		}
	}
}
