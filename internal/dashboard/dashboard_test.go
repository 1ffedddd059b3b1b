package dashboard

import (
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func TestHandler(t *testing.T) {
	built := fstest.MapFS{
		"index.html":       {Data: []byte("<html>app</html>")},
		"assets/app-1.js":  {Data: []byte("1")},
		".gitkeep":         {Data: []byte("")},
		"assets/style.css": {Data: []byte("body{}")},
	}
	tests := []struct {
		path   string
		status int
		body   string
		cache  string
	}{
		{"/", 200, "app", "no-cache"},
		{"/inbox/cnv_1", 200, "app", "no-cache"},
		{"/assets/app-1.js", 200, "1", "immutable"},
		{"/assets/gone.js", 404, "", ""},
		{"/.gitkeep", 200, "app", "no-cache"},
		{"/../../etc/passwd", 200, "app", "no-cache"},
	}
	for _, tt := range tests {
		w := httptest.NewRecorder()
		handler(built).ServeHTTP(w, httptest.NewRequest("GET", tt.path, nil))
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.body) || !strings.Contains(w.Header().Get("Cache-Control"), tt.cache) {
			t.Errorf("%s: %d %q %q", tt.path, w.Code, w.Body, w.Header().Get("Cache-Control"))
		}
		if csp := w.Header().Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("%s: policy %q", tt.path, csp)
		}
	}
}

func TestWithoutABuildThePageSaysHow(t *testing.T) {
	w := httptest.NewRecorder()
	handler(fstest.MapFS{".gitkeep": {}}).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 200 || !strings.Contains(w.Body.String(), "make build") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
