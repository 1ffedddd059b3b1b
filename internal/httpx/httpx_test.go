package httpx_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
)

type createIn struct {
	Kind string `path:"kind" maxLength:"10"`
	Loud bool   `query:"loud"`
	Body struct {
		Name string   `json:"name" minLength:"1" maxLength:"20"`
		Age  int      `json:"age,omitempty" minimum:"0"`
		Tags []string `json:"tags,omitempty"`
	}
}

type createOut struct {
	Body struct {
		Name string `json:"name"`
	}
}

func newRouter(t *testing.T, guard httpx.Guard) *httpx.Router {
	t.Helper()
	if guard == nil {
		guard = func(_ httpx.Route, h http.Handler) http.Handler { return h }
	}
	r := httpx.NewRouter("Test", "1", guard, slog.New(slog.NewTextHandler(io.Discard, nil)))
	httpx.Handle(r, httpx.Route{Method: "POST", Path: "/api/v1/{kind}", ID: "create", Permission: "things:write", Status: 201},
		func(_ context.Context, in *createIn) (*createOut, error) {
			switch in.Kind {
			case "missing":
				return nil, fault.Wrap("load", fault.NotFound("thing"))
			case "broken":
				return nil, errors.New("secret cause ada@example.org")
			case "slow":
				return nil, fault.TooMany(1500*time.Millisecond, "Slower, please.")
			}
			out := &createOut{}
			out.Body.Name = in.Body.Name
			return out, nil
		})
	return r
}

func post(t *testing.T, h http.Handler, path, body string) (*http.Response, httpx.Problem) {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	h.ServeHTTP(w, r)
	var p httpx.Problem
	_ = json.Unmarshal(w.Body.Bytes(), &p)
	res := w.Result()
	res.Body = io.NopCloser(strings.NewReader(w.Body.String()))
	return res, p
}

func TestBadInputIsAProblemThatRepeatsNothing(t *testing.T) {
	const canary = "canary-value"
	tests := []struct {
		name, path, body string
		status           int
		code             string
		field            string
	}{
		{"good", "/api/v1/x", `{"name":"Ada"}`, 201, "", ""},
		{"broken JSON", "/api/v1/x", `{"name":"` + canary, 400, "malformed", ""},
		{"no body", "/api/v1/x", ``, 400, "malformed", ""},
		{"trailing", "/api/v1/x", `{"name":"Ada"}{"name":"` + canary + `"}`, 400, "malformed", ""},
		{"not UTF-8", "/api/v1/x", "{\"name\":\"" + canary + "\xff\"}", 400, "malformed", ""},
		{"null character", "/api/v1/x", `{"name":"a\u0000` + canary + `"}`, 422, "invalid", ""},
		{"escaped backslash, no null", "/api/v1/x", `{"name":"a\\u0000"}`, 201, "", ""},
		{"wrong type", "/api/v1/x", `{"name":"Ada","age":"` + canary + `"}`, 422, "invalid", "age"},
		{"unknown field", "/api/v1/x", `{"name":"Ada","extra":"` + canary + `"}`, 422, "invalid", "extra"},
		{"too long", "/api/v1/x", `{"name":"` + canary + canary + canary + `"}`, 422, "invalid", "name"},
		{"empty", "/api/v1/x", `{"name":""}`, 422, "invalid", "name"},
		{"unknown query", "/api/v1/x?colour=" + canary, `{"name":"Ada"}`, 422, "invalid", "colour"},
		{"bad query", "/api/v1/x?loud=" + canary, `{"name":"Ada"}`, 422, "invalid", "loud"},
		{"over 1 MiB", "/api/v1/x", `{"name":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "too_large", ""},
		{"fault", "/api/v1/missing", `{"name":"Ada"}`, 404, "not_found", ""},
		{"internal", "/api/v1/broken", `{"name":"Ada"}`, 500, "internal", ""},
		{"limited", "/api/v1/slow", `{"name":"Ada"}`, 429, "rate_limited", ""},
		{"no route", "/api/v1/a/b/c", `{}`, 404, "not_found", ""},
	}
	r := newRouter(t, nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res, p := post(t, r, tt.path, tt.body)
			raw, _ := io.ReadAll(res.Body)
			if res.StatusCode != tt.status || p.Code != tt.code {
				t.Fatalf("status %d code %q, want %d %q; body %s", res.StatusCode, p.Code, tt.status, tt.code, raw)
			}
			if tt.status < 400 {
				return
			}
			if ct := res.Header.Get("Content-Type"); ct != "application/problem+json" {
				t.Errorf("Content-Type %q", ct)
			}
			if p.Status != tt.status || p.Type == "" || p.Title == "" || p.Detail == "" {
				t.Errorf("incomplete problem %+v", p)
			}
			if strings.Contains(string(raw), canary) || strings.Contains(string(raw), "ada@example.org") {
				t.Errorf("the problem repeats what was sent: %s", raw)
			}
			if tt.field != "" && (len(p.Errors) == 0 || p.Errors[0].Field != tt.field) {
				t.Errorf("errors %+v, want field %q", p.Errors, tt.field)
			}
		})
	}
	if res, _ := post(t, r, "/api/v1/slow", `{"name":"Ada"}`); res.Header.Get("Retry-After") != "2" {
		t.Errorf("Retry-After %q, want 2", res.Header.Get("Retry-After"))
	}
}

func TestWrongMethodNamesTheRightOnes(t *testing.T) {
	w := httptest.NewRecorder()
	newRouter(t, nil).ServeHTTP(w, httptest.NewRequest("DELETE", "/api/v1/x", nil))
	if w.Code != 405 || w.Header().Get("Allow") != "POST" {
		t.Errorf("status %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

func TestGuardSeesEveryRoute(t *testing.T) {
	var seen []string
	r := newRouter(t, func(rt httpx.Route, _ http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			seen = append(seen, rt.Permission)
			w.WriteHeader(http.StatusTeapot)
		})
	})
	r.Raw(httpx.Route{Method: "GET", Path: "/api/v1/raw", ID: "raw", Permission: "things:read"}, http.NotFoundHandler())
	res, _ := post(t, r, "/api/v1/x", `{"name":"Ada"}`)
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/raw", nil))
	if res.StatusCode != http.StatusTeapot || w.Code != http.StatusTeapot || strings.Join(seen, " ") != "things:write things:read" {
		t.Errorf("statuses %d %d, seen %v", res.StatusCode, w.Code, seen)
	}
}

func TestRouteWithoutPermissionIsRefused(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a route that says nothing about who may call it was taken")
		}
	}()
	newRouter(t, nil).Raw(httpx.Route{Method: "GET", Path: "/open", ID: "open"}, http.NotFoundHandler())
}

func TestOpenAPI(t *testing.T) {
	doc, err := newRouter(t, nil).OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"openapi":"3.1.0"`, `"x-permission":"things:write"`, `"Problem"`, `"additionalProperties":false`} {
		if !strings.Contains(string(doc), want) {
			t.Errorf("the document lacks %s", want)
		}
	}
}

func TestHardenTurnsPanicsIntoProblems(t *testing.T) {
	var status int
	h := httpx.Harden(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret") }),
		slog.New(slog.NewTextHandler(io.Discard, nil)),
		func(_ context.Context, _, _ string, s int, _ time.Duration) { status = s })
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 500 || status != 500 || strings.Contains(w.Body.String(), "secret") || w.Header().Get("X-Request-Id") == "" {
		t.Errorf("answer %d %q, recorded %d", w.Code, w.Body, status)
	}
}

func TestCursor(t *testing.T) {
	c := httpx.EncodeCursor("contacts wsp_1", "con_1", "7")
	got, err := httpx.DecodeCursor("contacts wsp_1", c, 2)
	if err != nil || got[0] != "con_1" || got[1] != "7" {
		t.Fatalf("DecodeCursor = %v, %v", got, err)
	}
	for name, bad := range map[string]struct {
		scope, cursor string
		n             int
	}{
		"another list":      {"conversations wsp_1", c, 2},
		"another workspace": {"contacts wsp_2", c, 2},
		"another shape":     {"contacts wsp_1", c, 1},
		"cut":               {"contacts wsp_1", c[:len(c)-2], 2},
		"noise":             {"contacts wsp_1", "!!!", 2},
		"short":             {"contacts wsp_1", "aaaa", 2},
	} {
		if _, err := httpx.DecodeCursor(bad.scope, bad.cursor, bad.n); !fault.Is(err, fault.KindMalformed) {
			t.Errorf("%s: error %v, want malformed", name, err)
		}
	}
	if v, err := httpx.DecodeCursor("contacts wsp_1", "", 2); v != nil || err != nil {
		t.Errorf("the first page: %v, %v", v, err)
	}
}

func TestListOfKnowsWhenThereIsMore(t *testing.T) {
	key := func(n int) []string { return []string{string(rune('a' + n))} }
	if l := httpx.ListOf([]int{1, 2}, 2, "s", key); l.NextCursor != nil || len(l.Data) != 2 {
		t.Errorf("a full last page: %+v", l)
	}
	if l := httpx.ListOf([]int{1, 2, 3}, 2, "s", key); l.NextCursor == nil || len(l.Data) != 2 {
		t.Errorf("a page with more behind: %+v", l)
	}
	if l := httpx.ListOf[int](nil, 2, "s", key); l.Data == nil {
		t.Error("an empty list would be null")
	}
}

func TestCheckMatch(t *testing.T) {
	now := time.Date(2026, 11, 24, 1, 2, 3, 4000, time.UTC)
	for _, ok := range []string{"", "*", httpx.ETag(now)} {
		if err := httpx.CheckMatch(ok, now); err != nil {
			t.Errorf("CheckMatch(%q) = %v", ok, err)
		}
	}
	if err := httpx.CheckMatch(httpx.ETag(now.Add(-time.Microsecond)), now); !fault.Is(err, fault.KindPreconditionFailed) {
		t.Errorf("an old version: %v", err)
	}
}

func FuzzDecodeCursor(f *testing.F) {
	f.Add(httpx.EncodeCursor("s", "a", "b"))
	f.Fuzz(func(t *testing.T, c string) {
		if v, err := httpx.DecodeCursor("s", c, 2); err == nil && c != "" && len(v) != 2 {
			t.Errorf("%q gave %v", c, v)
		}
	})
}
