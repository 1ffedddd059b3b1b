package boardsite

import (
	"bytes"
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
)

// BoardPreview is one of a board's pages as it would be with some changes made.
type BoardPreview struct {
	HTML       string    `json:"html" doc:"The page, without its stylesheet and its scripts. Nothing in it can be used: it is to be looked at."`
	CSS        string    `json:"css" doc:"Its stylesheet."`
	CSSLeftOut []CSSPart `json:"css_left_out" doc:"What of the board's own stylesheet the pages do not take: up to 50 parts."`
}

type previewIn struct {
	httpx.ByID
	Body struct {
		Page  string             `json:"page,omitempty" enum:"posts,post,roadmap,changelog,sign_in" doc:"posts if absent. Of post it is the newest."`
		Board boards.BoardChange `json:"board,omitempty" doc:"What is to be different."`
	}
}

type previewOut struct{ Body BoardPreview }

// Routes mounts what operators ask of the pages.
func (s *Site) Routes(r *httpx.Router) {
	const tag = "Boards"
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/boards/{id}/preview", ID: "previewBoard", Tag: tag, Permission: "boards:read", Reads: true,
		Summary:     "See a page of a board as it would be with some changes made",
		Description: "Private boards can be looked at, too. Nothing is changed; a slug or a domain that another board has is found out when the change is made."}, s.previewBoard)
	s.domainRoutes(r, tag)
}

func (s *Site) previewBoard(ctx context.Context, in *previewIn) (*previewOut, error) {
	b, err := s.Boards.Draft(ctx, in.ID, in.Body.Board)
	if err != nil {
		return nil, err
	}
	html, err := s.preview(ctx, b, in.Body.Page)
	if err != nil {
		return nil, err
	}
	_, left := sifted(b.CSS)
	if left == nil {
		left = []CSSPart{}
	}
	return &previewOut{BoardPreview{HTML: html, CSS: sheetFor(&b).css, CSSLeftOut: left}}, nil
}

// preview renders a page for an operator, who is nobody to the board.
func (s *Site) preview(ctx context.Context, b boards.Board, name string) (string, error) {
	v, err := s.draftVisit(ctx, b)
	if err != nil {
		return "", err
	}
	path, do := "/", s.list
	switch name {
	case "roadmap":
		path, do = "/roadmap", s.roadmap
	case "changelog":
		path, do = "/changelog", s.changelog
	case "sign_in":
		path, do = "/sign-in", s.signInPage
	case "post":
		posts, _, err := s.Boards.Listing(ctx, b.ID, boards.Filter{}, boards.ByAge, nil, 1)
		if err != nil {
			return "", err
		}
		if len(posts) > 0 {
			path, do = postPath(posts[0]), s.post
		}
	}
	r, err := http.NewRequestWithContext(context.WithValue(ctx, visitKey{}, v), http.MethodGet, path, nil)
	if err != nil {
		return "", err
	}
	v.path = path
	r.SetPathValue("post", strings.TrimPrefix(path, "/p/"))
	page := &keptPage{header: http.Header{}, status: http.StatusOK}
	if err := do(page, r, v); err != nil {
		return "", err
	}
	if page.status != http.StatusOK {
		return "", fault.NotFound("page")
	}
	return page.body.String(), nil
}

// draftVisit is the visit of somebody who did not sign in to a board that is not yet
// as it will be.
func (s *Site) draftVisit(ctx context.Context, b boards.Board) (*visit, error) {
	ws, err := s.Workspaces.Get(ctx, actor.From(ctx).WorkspaceID)
	if err != nil {
		return nil, err
	}
	v := &visit{Words: s.book.For(b.Language, ws.Settings.Locale), ws: ws, board: b, now: s.Clock.Now(), base: "/b/" + ws.Slug + "/" + b.Slug, preview: true}
	v.mine = func() boards.Mine { return boards.Mine{Votes: map[string]string{}, Follows: map[string]bool{}} }
	v.waiting = func(string) []boards.Comment { return nil }
	v.works = func() bool { return false }
	v.picture = sync.OnceValue(func() string {
		logo, err := s.Boards.LogoOf(ctx, b.ID)
		if err != nil {
			return "data:,"
		}
		return "data:" + logo.Type + ";base64," + base64.StdEncoding.EncodeToString(logo.Picture)
	})
	return v, nil
}

// logoURL is where the board's picture is.
func (v *visit) logoURL() templ.SafeURL {
	if v.preview {
		return templ.SafeURL(v.picture())
	}
	return v.url("/logo/" + v.board.Logo)
}

// keptPage is an answer that is kept rather than sent.
type keptPage struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (p *keptPage) Header() http.Header         { return p.header }
func (p *keptPage) WriteHeader(status int)      { p.status = status }
func (p *keptPage) Write(b []byte) (int, error) { return p.body.Write(b) }
