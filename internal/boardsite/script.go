package boardsite

import (
	"context"
	_ "embed"
	"encoding/json"
	"net/http"

	"github.com/botimum/botimum/internal/boards"
)

//go:embed static/identity.js
var identityJS []byte

//go:embed static/work.js
var workJS []byte

// script serves one of the scripts of the pages, which are needed by none: the one of
// the page to which a customer's website sends people with an identity token, the one
// that does the work which a board may ask for before somebody writes, and the one that
// shows similar posts while somebody writes.
func script(source []byte) page {
	return func(w http.ResponseWriter, _ *http.Request, _ *visit) error {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		w.Header().Set("Cache-Control", "public, max-age=300")
		_, err := w.Write(source)
		return err
	}
}

// challenge hands out work. It stores nothing.
func (s *Site) challenge(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.Boards.NewChallenge(r.Context(), v.ws.ID)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	return json.NewEncoder(w).Encode(c)
}

// asksForWork tells whether the board asks anybody's browser for work.
func (s *Site) asksForWork(ctx context.Context, v *visit) bool {
	m, err := s.Boards.Moderation(ctx, v.board.ID)
	return err == nil && m.Challenge != boards.ChallengeNobody
}
