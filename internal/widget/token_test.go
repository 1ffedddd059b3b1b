package widget

import (
	"bytes"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/botimum/botimum/internal/fault"
)

func newTestSealer(t *testing.T, b byte) sealer {
	t.Helper()
	s, err := newSealer(bytes.Repeat([]byte{b}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSessionTokens(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	s := newTestSealer(t, 1)
	want := session{WorkspaceID: "wsp_1", ContactID: "con_1", Verified: true, Locale: "de", Expires: now.Add(time.Hour).Unix()}
	token, err := s.seal(want)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.open(token, now); err != nil || got != want {
		t.Errorf("open = %+v, %v", got, err)
	}
	if strings.Contains(token, "con_1") {
		t.Error("the token can be read by whoever holds it")
	}
	middle := len(token) / 2
	other := byte('A')
	if token[middle] == other {
		other = 'B'
	}
	for name, bad := range map[string]string{
		"empty": "", "noise": "!!!", "short": "AAAA", "cut": token[:len(token)-4],
		"changed": token[:middle] + string(other) + token[middle+1:],
	} {
		if _, err := s.open(bad, now); !fault.Is(err, fault.KindUnauthorized) {
			t.Errorf("%s: %v, want unauthorized", name, err)
		}
	}
	if _, err := s.open(token, now.Add(time.Hour)); !fault.Is(err, fault.KindUnauthorized) {
		t.Errorf("expired: %v", err)
	}
	if _, err := newTestSealer(t, 2).open(token, now); !fault.Is(err, fault.KindUnauthorized) {
		t.Errorf("another server's: %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	s, err := newSealer(make([]byte, 32))
	if err != nil {
		f.Fatal(err)
	}
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, token string) {
		if v, err := s.open(token, time.Now()); err == nil {
			t.Errorf("%q was taken as %+v", token, v)
		}
	})
}

func TestPickLocale(t *testing.T) {
	for in, want := range map[string]string{"de": "de", " pt-BR ": "pt-BR", "": "", "<script>": "", "undefined": "", "C": "", strings.Repeat("x", 36): ""} {
		if got := pickLocale(in); got != want {
			t.Errorf("pickLocale(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestScripts(t *testing.T) {
	built := fstest.MapFS{"widget.js": {Data: []byte("loader")}, "assets/panel-1.js": {Data: []byte("panel")}}
	for _, tt := range []struct {
		files       fstest.MapFS
		path        string
		status      int
		body, cache string
	}{
		{built, "/widget.js", 200, "loader", "max-age=300"},
		{built, "/widget/assets/panel-1.js", 200, "panel", "immutable"},
		{built, "/widget/assets/gone.js", 404, "", ""},
		{fstest.MapFS{}, "/widget.js", 200, "make build", "max-age=300"},
	} {
		w := httptest.NewRecorder()
		scripts(tt.files).ServeHTTP(w, httptest.NewRequest("GET", tt.path, nil))
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.body) || !strings.Contains(w.Header().Get("Cache-Control"), tt.cache) {
			t.Errorf("%s: %d %q %q", tt.path, w.Code, w.Body, w.Header().Get("Cache-Control"))
		}
	}
}
