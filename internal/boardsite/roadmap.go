package boardsite

import (
	"net/http"

	"github.com/botimum/botimum/internal/boards"
)

const columnSize = 12

// column is one status of the roadmap.
type column struct {
	boards.Status
	Count int64
	Posts []boards.Post
}

func (s *Site) roadmap(w http.ResponseWriter, r *http.Request, v *visit) error {
	facets, err := s.Boards.Facets(r.Context(), v.board.ID)
	if err != nil {
		return err
	}
	var columns []column
	for _, st := range v.board.Statuses {
		if st.Kind != "planned" && st.Kind != "started" && st.Kind != "done" {
			continue
		}
		c := column{Status: st, Count: facets.Status[st.Key]}
		if c.Count > 0 {
			c.Posts, _, err = s.Boards.Listing(r.Context(), v.board.ID, boards.Filter{Status: st.Key}, boards.ByStatus, nil, columnSize)
			if err != nil {
				return err
			}
		}
		columns = append(columns, c)
	}
	s.render(r.Context(), w, http.StatusOK, roadmapPage(v, columns))
	return nil
}
