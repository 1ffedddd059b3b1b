package boardsite

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"net/http"
	"sync"
	"time"

	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
)

//go:embed static/tokens.css
var tokensCSS string

//go:embed static/site.css
var siteCSS string

//go:embed static/voices.css
var voicesCSS string

// commonCSS is what all boards share: the tokens and the pages' own rules, without
// comments and spaces.
var commonCSS = sync.OnceValue(func() string { return httpx.SqueezeCSS(tokensCSS + siteCSS + voicesCSS) })

// sheet is a stylesheet under a name that changes with it.
type sheet struct {
	name string
	css  string
}

func sheetOf(css string) sheet {
	sum := sha256.Sum256([]byte(css))
	return sheet{hex.EncodeToString(sum[:8]) + ".css", css}
}

// plainSheet is that of pages without a board.
var plainSheet = sync.OnceValue(func() sheet { return sheetOf(commonCSS()) })

// sheetFor gives a board's stylesheet: all in one, so that a page waits for one file.
func sheetFor(b *boards.Board) sheet {
	own := ""
	if b.CSS != "" {
		own = safeCSS(b.CSS)
	}
	return sheetOf(commonCSS() + themeOf(b) + own)
}

// sheets holds boards' stylesheets as they were made for one version of the board.
type sheets struct {
	mu   sync.Mutex
	made map[string]madeSheet
}

type madeSheet struct {
	updated time.Time // of the board
	sheet   sheet
}

const mostSheets = 500 // some 20 KB each

func (s *sheets) of(b *boards.Board) sheet {
	s.mu.Lock()
	m, ok := s.made[b.ID]
	s.mu.Unlock()
	if ok && m.updated.Equal(b.UpdatedAt) {
		return m.sheet
	}
	made := sheetFor(b)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made == nil || len(s.made) >= mostSheets {
		s.made = map[string]madeSheet{}
	}
	s.made[b.ID] = madeSheet{b.UpdatedAt, made}
	return made
}

// styleURL is where the page's stylesheet is.
func (v *visit) styleURL() string {
	if v.board.ID == "" {
		return "/b/" + plainSheet().name
	}
	return v.base + "/style/" + v.sheet().name
}

func (s *Site) style(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("file") != plainSheet().name {
		s.failed(w, r, s.stranger(r), fault.NotFound("page"))
		return
	}
	writeCSS(w, plainSheet().css)
}

// boardStyle serves the board's stylesheet. It tells nothing of the board but its
// colours, and is open: the page to sign in needs it.
func (s *Site) boardStyle(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.board.Visibility == boards.Private {
		return fault.NotFound("page")
	}
	if r.PathValue("name") != v.sheet().name { // of a page that was loaded before the board changed
		w.Header().Set("Cache-Control", "no-cache")
	}
	writeCSS(w, v.sheet().css)
	return nil
}

func writeCSS(w http.ResponseWriter, css string) {
	h := w.Header()
	h.Set("Content-Type", "text/css; charset=utf-8")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	_, _ = w.Write([]byte(css))
}
