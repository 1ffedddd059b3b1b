package boardsite

import (
	_ "embed"
	"net/http"
	"strings"

	"github.com/botimum/botimum/internal/boards"
)

//go:embed static/similar.js
var similarJS []byte

// similar gives the posts that a title may mean, as a part of the page on which somebody
// writes it. The title is sent as forms are: no address holds it.
func (s *Site) similar(w http.ResponseWriter, r *http.Request, v *visit) error {
	found, err := s.meantBy(r, v, r.PostFormValue("title"))
	if err != nil {
		return err
	}
	s.render(r.Context(), w, http.StatusOK, similarPosts(v, found))
	return nil
}

func (s *Site) meantBy(r *http.Request, v *visit, title string) ([]boards.Post, error) {
	if title = strings.TrimSpace(title); title == "" || len([]rune(title)) > 200 {
		return nil, nil
	}
	return s.Boards.Similar(r.Context(), v.board.ID, title)
}

// offered tells whether somebody is shown first what may be there already, once: who saw
// it while they wrote, or sends the form again, has their own post. Who sent files is
// not asked: a browser would not send them again.
func (s *Site) offered(w http.ResponseWriter, r *http.Request, v *visit, t texts) (bool, error) {
	if r.PostFormValue("seen") != "" || len(v.uploads) > 0 {
		return false, nil
	}
	found, err := s.meantBy(r, v, t.Title)
	if err != nil || len(found) == 0 {
		return false, err
	}
	t.Similar = found
	s.render(r.Context(), w, http.StatusOK, newPage(v, t))
	return true, nil
}
