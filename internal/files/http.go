package files

import (
	"io"
	"mime"
	"net/http"
	"time"
)

// keepCopy is how long a browser may show its copy of a file: a reload of the page need
// not fetch it again, and what was erased is soon gone there, too.
const keepCopy = "private, max-age=300"

// Serve sends a file, or the part of it that is asked for: pictures to be shown,
// everything else as a download. Whatever is inside, browsers neither guess another
// type nor run it.
func Serve(w http.ResponseWriter, r *http.Request, f *File, content io.ReadSeeker) {
	h := w.Header()
	kind := f.Type
	if kind == "text/plain" {
		kind += "; charset=utf-8"
	}
	shown := "attachment"
	if f.IsPicture() {
		shown = "inline"
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType(shown, map[string]string{"filename": f.Name}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", keepCopy)
	h.Set("ETag", `"`+f.ID+`"`)
	http.ServeContent(w, r, "", time.Time{}, content)
}
