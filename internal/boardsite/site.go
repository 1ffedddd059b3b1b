package boardsite

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/files"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/words"
	"github.com/botimum/botimum/internal/workspace"
)

//go:embed words/*.json
var wordFiles embed.FS

// policy lets a page load what is its own, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// maxForm bounds what a form may send.
const maxForm = 256 << 10

// Deps is what the pages need.
type Deps struct {
	Boards     *boards.Service
	Workspaces *workspace.Service
	Files      *files.Service
	// PublicURL is the origin under which this server is reached.
	PublicURL string
	// Voices is what lets people speak for themselves.
	Voices Voices
	Logger *slog.Logger
	Clock  clock.Clock
	// Web is how the pages reach what is not this server.
	Web Web
}

// Web reaches other servers.
type Web struct {
	Lookup func(ctx context.Context, host string) ([]string, error)
	Do     func(*http.Request) (*http.Response, error)
}

// Site renders the boards' public pages.
type Site struct {
	Deps
	book  *words.Book
	hosts hosts
	paces paces
	dress sheets
	inner *http.ServeMux // the pages of one board, by the rest of their address
}

// New gives the pages.
func New(d Deps) *Site {
	dir, err := fs.Sub(wordFiles, "words")
	var book *words.Book
	if err == nil {
		book, err = words.Read(dir)
	}
	if err != nil {
		panic("boardsite: " + err.Error()) // the files are part of the program, and a test reads them
	}
	s := &Site{Deps: d, book: book, paces: newPaces(), inner: http.NewServeMux()}
	s.readingRoutes()
	s.voiceRoutes()
	return s
}

// readingRoutes are the pages that show something.
func (s *Site) readingRoutes() {
	s.on("GET /{$}", s.list)
	s.on("GET /p/{post}", s.post)
	s.on("GET /roadmap", s.roadmap)
	s.on("GET /changelog", s.changelog)
	s.on("GET /changelog/{entry}", s.news)
	s.on("GET /changelog.atom", s.newsFeed)
	s.on("GET /feed.atom", s.postFeed)
	s.on("GET /sitemap.xml", s.sitemap)
	s.open("GET /robots.txt", s.robots)
	s.on("GET /logo/{name}", s.logo)
	s.on("GET /files/{file}", s.file)
	s.open("GET /style/{name}", s.boardStyle)
	s.open("GET "+domainPath+"{token}", s.here)
	s.on("/", func(http.ResponseWriter, *http.Request, *visit) error { return fault.NotFound("page") })
}

// page answers a request to a board. What it gives back as an error becomes a page.
type page func(w http.ResponseWriter, r *http.Request, v *visit) error

// on adds a page for readers of the board. The pattern is the rest of its address.
func (s *Site) on(pattern string, do page) { s.route(pattern, true, do) }

// open adds a page for everybody who knows the board's address, such as the one to
// sign in.
func (s *Site) open(pattern string, do page) { s.route(pattern, false, do) }

func (s *Site) route(pattern string, asks bool, do page) {
	s.inner.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		v := visitOf(r.Context())
		var err error
		if asks {
			err = s.Boards.MayRead(r.Context(), &v.board, v.contactID())
		}
		if err == nil {
			err = do(w, r, v)
		}
		if err != nil {
			s.failed(w, r, v, err)
		}
	})
}

// Handler serves what is below /b/.
func (s *Site) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/b/{workspace}/{board}", s.serve)
	mux.HandleFunc("/b/{workspace}/{board}/{rest...}", s.serve)
	mux.HandleFunc("GET /b/{file}", s.style)
	mux.HandleFunc("/b/", func(w http.ResponseWriter, r *http.Request) { s.failed(w, r, s.stranger(r), fault.NotFound("page")) })
	return mux
}

// serve finds the board that an address names, and who asks, and hands on.
func (s *Site) serve(w http.ResponseWriter, r *http.Request) {
	slug := r.PathValue("board")
	ws, err := s.Workspaces.BySlug(r.Context(), r.PathValue("workspace"))
	if err == nil {
		base := "/b/" + ws.Slug + "/" + slug
		s.visit(w, r, ws, slug, base, "/"+strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, base), "/"))
		return
	}
	s.failed(w, r, s.stranger(r), err)
}

// stranger is a visit to an address that no board has.
func (s *Site) stranger(r *http.Request) *visit {
	return &visit{Words: s.book.For(r.Header.Get("Accept-Language")), now: s.Clock.Now()}
}

func (s *Site) visit(w http.ResponseWriter, r *http.Request, ws workspace.Workspace, slug, base, rest string) {
	ctx := actor.With(r.Context(), actor.Actor{Type: actor.Anonymous, WorkspaceID: ws.ID})
	v := s.stranger(r)
	b, err := s.Boards.BoardBySlug(ctx, slug)
	if err != nil {
		s.failed(w, r, v, err)
		return
	}
	v.ws, v.board, v.base, v.path, v.query = ws, b, base, rest, r.URL.Query()
	v.reads, v.known = r.Method == http.MethodGet || r.Method == http.MethodHead, r.Header.Get("If-None-Match")
	v.sheet = func() sheet { return s.dress.of(&v.board) }
	if base == "" {
		v.origin = s.PublicURL
	}
	if lang := v.query.Get("lang"); s.book.Has(lang) && b.Language == "" {
		v.chosen = lang
	}
	v.Words = s.book.For(b.Language, v.chosen, r.Header.Get("Accept-Language"), ws.Settings.Locale)
	if ctx, err = s.who(ctx, r, v); err != nil {
		s.failed(w, r, v, err)
		return
	}
	w.Header().Set("Vary", "Accept-Language, Cookie")
	if r.Method == http.MethodPost {
		most := int64(maxForm)
		if v.person != nil && isUpload(r) {
			most = maxUpload
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
	}
	on := r.Clone(context.WithValue(ctx, visitKey{}, v))
	on.URL.Path, on.URL.RawPath = rest, ""
	s.inner.ServeHTTP(w, on)
}

// render sends a page; of one that the reader's browser has already, that it is as it
// was.
func (s *Site) render(ctx context.Context, w http.ResponseWriter, status int, page templ.Component) {
	out := pages.Get().(*bytes.Buffer)
	defer pages.Put(out)
	out.Reset()
	if err := page.Render(ctx, out); err != nil {
		s.Logger.ErrorContext(ctx, "a page was not made", "error", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-cache")
	}
	if v := visitOf(ctx); v != nil && status == http.StatusOK && h.Get("Cache-Control") != "no-store" {
		tag := tagOf(out.Bytes())
		h.Set("ETag", tag)
		if v.reads && hasTag(v.known, tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // a reader who has gone is nothing to tell of
}

// pages are buffers that pages are made in.
var pages = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// tagOf names a page by what is in it, so that the tag is true whatever the page was
// made from. It is weak (RFC 9110, 8.8.1): packed and unpacked are one page.
func tagOf(page []byte) string {
	sum := sha256.Sum256(page)
	return `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

// hasTag tells whether an If-None-Match names a tag.
func hasTag(known, tag string) bool {
	for one := range strings.SplitSeq(known, ",") {
		if one = strings.TrimSpace(one); one == tag || one == "*" || "W/"+one == tag {
			return true
		}
	}
	return false
}

// failed gives every failure a page with a way on.
func (s *Site) failed(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	e, key := fault.As(err), "down"
	switch {
	case e == nil:
	case e.Kind == fault.KindUnauthorized:
		key = "private"
	case e.Kind == fault.KindNotFound:
		key = "missing"
	case e.Kind == fault.KindGone:
		key = "gone"
	case e.Kind == fault.KindTooMany:
		key = "wait"
	case e.Kind == fault.KindMalformed || e.Kind == fault.KindInvalid || e.Kind == fault.KindConflict || e.Kind == fault.KindForbidden || e.Kind == fault.KindTooLarge:
		key = "wrong"
	}
	if e != nil && actKey(e) != "" {
		key = actKey(e)
	}
	if key == "missing" && s.Boards.MayRead(r.Context(), &v.board, v.contactID()) != nil {
		v = s.stranger(r) // the board itself is not told
	}
	problem := httpx.ProblemOf(r.Context(), s.Logger, err)
	h := w.Header()
	for name, values := range problem.GetHeaders() {
		if name == "Retry-After" {
			h[name] = values
		}
	}
	h.Set("Cache-Control", "no-store")
	s.render(r.Context(), w, problem.Status, failure(v, key))
}

// to sends the browser on after a form, so that loading anew repeats nothing.
func (v *visit) to(w http.ResponseWriter, path string, query ...string) {
	w.Header().Set("Location", v.link(path, query...))
	w.WriteHeader(http.StatusSeeOther)
}

func (s *Site) logo(w http.ResponseWriter, r *http.Request, v *visit) error {
	logo, err := s.Boards.LogoOf(r.Context(), v.board.ID)
	if err != nil || r.PathValue("name") != v.board.Logo {
		return fault.NotFound("picture")
	}
	h := w.Header()
	h.Set("Content-Type", logo.Type)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	if v.board.Visibility != boards.Public {
		h.Set("Cache-Control", "private, max-age=31536000, immutable")
	}
	_, err = w.Write(logo.Picture)
	return err
}

// link gives the address of a page of the board, in the chosen language.
func (v *visit) link(path string, query ...string) string {
	q := url.Values{}
	if v.chosen != "" {
		q.Set("lang", v.chosen)
	}
	for i := 0; i+1 < len(query); i += 2 {
		if query[i+1] != "" {
			q.Set(query[i], query[i+1])
		}
	}
	address := v.base + path
	if address == "" {
		address = "/"
	}
	if len(q) > 0 {
		address += "?" + q.Encode()
	}
	return address
}
