package httpx

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
)

type requestIDKey struct{}

// WithRequestID gives a context that carries a request's id.
func WithRequestID(ctx context.Context, requestID string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, requestID)
}

// RequestID gives the id of the request that a context belongs to, or "".
func RequestID(ctx context.Context) string {
	s, _ := ctx.Value(requestIDKey{}).(string)
	return s
}

// Recorder is told of each request when it is answered. The pattern is the
// route's, never the path that was asked for: a path could hold anything.
type Recorder func(ctx context.Context, method, pattern string, status int, took time.Duration)

// Harden is the outermost middleware: it gives each request an id, sets the
// headers that keep browsers strict, refuses addresses that are no text, turns panics
// into problems, and tells the recorder what happened.
func Harden(next http.Handler, log *slog.Logger, record Recorder) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		requestID := id.New("req")
		r = r.WithContext(WithRequestID(r.Context(), requestID))
		h := w.Header()
		h.Set("X-Request-Id", requestID)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		sw := &statusWriter{ResponseWriter: w}
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler { //nolint:errorlint // a recovered value, which is compared as net/http does
					panic(p)
				}
				log.ErrorContext(r.Context(), "handler panicked", "stack", string(debug.Stack()))
				if sw.status == 0 {
					WriteProblem(sw, r, log, &fault.Error{Kind: fault.KindInternal, Code: "internal", Op: r.Pattern})
				}
			}
			record(r.Context(), r.Method, r.Pattern, sw.code(), time.Since(start))
		}()
		if !isText(r.URL) {
			WriteProblem(sw, r, log, fault.Malformed("The address holds what is no text. Send UTF-8 without null characters."))
			return
		}
		next.ServeHTTP(sw, r)
	})
}

// isText tells whether an address says nothing but text: what databases cannot store
// is not looked for either.
func isText(u *url.URL) bool {
	query := u.RawQuery
	if strings.Contains(query, "%") {
		var err error
		if query, err = url.QueryUnescape(query); err != nil {
			return false
		}
	}
	return utf8.ValidString(u.Path) && utf8.ValidString(query) && strings.IndexByte(u.Path, 0) < 0 && strings.IndexByte(query, 0) < 0
}

// statusWriter remembers the status that was sent.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusWriter) code() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}

type noteKey struct{}

// Note collects what a request's handler says about its answer, for the
// middleware around it.
type Note struct {
	// About are the people that the answer is about, each once, with whose keys a kept
	// copy of it must be sealed.
	About []string
}

// WithNote gives a context in which handlers can leave a note.
func WithNote(ctx context.Context) (context.Context, *Note) {
	n := &Note{}
	return context.WithValue(ctx, noteKey{}, n), n
}

// NoteContact says that the answer is about a person. One about several names each.
func NoteContact(ctx context.Context, contactID string) {
	if n, ok := ctx.Value(noteKey{}).(*Note); ok && contactID != "" && !slices.Contains(n.About, contactID) {
		n.About = append(n.About, contactID)
	}
}
