package pages

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"github.com/botimum/botimum/internal/children"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/export"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/mail"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/request"
	"github.com/botimum/botimum/internal/workspace"
)

//go:embed static
var static embed.FS

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Deps is what the pages need.
type Deps struct {
	Workspaces *workspace.Service
	Privacy    *privacy.Service
	Mail       *mail.Service // for the mails of the demonstration
	Children   *children.Service
	Requests   *request.Service
	Exports    *export.Service
	// PublicURL is the origin under which this server is reached.
	PublicURL string
	Logger    *slog.Logger
	Clock     clock.Clock
	// DemoKey is the key of the workspace that the demo website is of; empty
	// without --demo.
	DemoKey string
	// Routes is the table that the page of the API lists.
	Routes func() []httpx.Route
}

// Pages renders the public pages.
type Pages struct {
	Deps
}

// New gives the pages.
func New(d Deps) *Pages { return &Pages{d} }

// Docs is what the page of the API lists.
type Docs struct {
	Groups []DocsGroup
}

// DocsGroup is the routes of one area.
type DocsGroup struct {
	Tag    string
	Routes []httpx.Route
}

// Mount adds the pages to a mux.
func (p *Pages) Mount(mux *http.ServeMux) {
	p.portalRoutes(mux)
	mux.HandleFunc("GET /privacy/{slug}/parent/{token}", p.parent)
	mux.HandleFunc("POST /privacy/{slug}/parent/{token}", p.parentAnswer)
	mux.HandleFunc("GET /docs", p.docs)
	mux.HandleFunc("GET /docs/problems", func(w http.ResponseWriter, r *http.Request) { p.render(r.Context(), w, problemsPage(problems)) })
	mux.HandleFunc("GET /demo", p.demo)
	mux.HandleFunc("GET /demo/mail", p.demoMails)
	mux.HandleFunc("GET /demo/mail/{id}", p.demoMail)
	mux.HandleFunc("GET /demo/mail/{id}/html", p.demoMailHTML)
	files, err := fs.Sub(static, "static")
	if err != nil {
		panic("pages: " + err.Error()) // the path is a valid constant
	}
	mux.Handle("GET /static/", http.StripPrefix("/static/", cached(sheets(files))))
}

// sheets serves files, and style sheets without the comments and spaces that are for
// those who write them.
func sheets(files fs.FS) http.Handler {
	squeezed := sync.OnceValue(func() map[string]string {
		out := map[string]string{}
		names, _ := fs.Glob(files, "*.css") // the pattern is well formed
		for _, name := range names {
			if raw, err := fs.ReadFile(files, name); err == nil {
				out[name] = httpx.SqueezeCSS(string(raw))
			}
		}
		return out
	})
	others := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if sheet, there := squeezed()[r.URL.Path]; there {
			http.ServeContent(w, r, r.URL.Path, time.Time{}, strings.NewReader(sheet))
			return
		}
		others.ServeHTTP(w, r)
	})
}

func cached(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=300")
		next.ServeHTTP(w, r)
	})
}

func (p *Pages) demo(w http.ResponseWriter, r *http.Request) {
	if p.DemoKey == "" {
		p.renderAs(r.Context(), w, http.StatusNotFound, noDemo())
		return
	}
	p.render(r.Context(), w, demo(p.DemoKey))
}

func (p *Pages) docs(w http.ResponseWriter, r *http.Request) {
	var d Docs
	for _, rt := range p.Routes() {
		if rt.Hidden {
			continue
		}
		i := slices.IndexFunc(d.Groups, func(g DocsGroup) bool { return g.Tag == rt.Tag })
		if i < 0 {
			d.Groups = append(d.Groups, DocsGroup{Tag: rt.Tag})
			i = len(d.Groups) - 1
		}
		d.Groups[i].Routes = append(d.Groups[i].Routes, rt)
	}
	p.render(r.Context(), w, docs(d))
}

func (p *Pages) render(ctx context.Context, w http.ResponseWriter, page templ.Component) {
	p.renderAs(ctx, w, http.StatusOK, page)
}

// renderAs sends a page with a status. Headers that are set after the status are
// not sent, so that this is the one way.
func (p *Pages) renderAs(ctx context.Context, w http.ResponseWriter, status int, page templ.Component) {
	p.renderUnder(ctx, w, status, policy, page)
}

// renderUnder sends a page that needs a policy of its own.
func (p *Pages) renderUnder(ctx context.Context, w http.ResponseWriter, status int, csp string, page templ.Component) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", csp)
	w.WriteHeader(status)
	if err := page.Render(ctx, w); err != nil {
		p.Logger.WarnContext(ctx, "a page was not sent whole", "error", err)
	}
}
