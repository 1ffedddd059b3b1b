package widget

import (
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// dist is the built widget. Without it (the interface needs Node to be built) the
// script says so on the page's console.
//
//go:embed all:dist
var dist embed.FS

const missingScript = `console.error("Botimum: the widget is not built. Run: make build");` + "\n"

// Scripts serves /widget.js and /widget/assets/: the loader, which is asked for
// again every few minutes, and the hashed files, which never change.
func Scripts() http.Handler {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("widget: " + err.Error()) // the path is a valid constant
	}
	return scripts(files)
}

func scripts(files fs.FS) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*") // public files, the same for everyone
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		if name == "widget.js" {
			h.Set("Cache-Control", "public, max-age=300, stale-while-revalidate=86400")
			if _, err := fs.Stat(files, name); err != nil {
				h.Set("Content-Type", "text/javascript; charset=utf-8")
				_, _ = w.Write([]byte(missingScript))
				return
			}
		} else {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
			name = strings.TrimPrefix(name, "widget/")
		}
		http.ServeFileFS(w, r, files, name) //nolint:gosec // files are embedded, and name was cleaned
	})
}
