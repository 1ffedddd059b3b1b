package boardsite

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/fault"
)

const maxComments = 200 // on one page

// thread is a comment with its answers.
type thread struct {
	boards.Comment
	Answers []*thread
	To      *boards.Comment // what it answers, where that is not what it stands below
}

// deepest is how deep answers stand below each other. Those to what is deepest stand
// beside it, and say what they answer.
const deepest = 3

// postView is what a post's page shows.
type postView struct {
	boards.Post
	Official []boards.Comment
	Threads  []*thread
	Shown    map[string]bool // what the reader shows below comments, see [boards.Service.Reacted]
	Next     string          // the last comment shown, where there are more
}

func (s *Site) post(w http.ResponseWriter, r *http.Request, v *visit) error {
	digits, _, _ := strings.Cut(r.PathValue("post"), "-")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 1 || len(digits) > 18 {
		return fault.NotFound("post")
	}
	p, err := s.Boards.PostByNumber(r.Context(), v.board.ID, n)
	if err != nil {
		return err
	}
	if postPath(p) != v.path { // merged, or its title changed, or a shortened address
		w.Header().Set("Location", v.link(postPath(p)))
		w.WriteHeader(http.StatusMovedPermanently)
		return nil
	}
	d := postView{Post: p}
	comments, err := s.Boards.PublicComments(r.Context(), p.ID, v.query.Get("after"), maxComments+1)
	if err != nil {
		return err
	}
	if len(comments) > maxComments {
		comments = comments[:maxComments]
		d.Next = comments[maxComments-1].ID
	}
	d.Official, d.Threads = threads(comments)
	if v.person != nil {
		if d.Shown, err = s.Boards.Reacted(r.Context(), v.person.Guest, p.ID); err != nil {
			return err
		}
	}
	s.render(r.Context(), w, http.StatusOK, postPage(v, d))
	return nil
}

// threads puts comments below those that they answer. The official answer stands
// alone, on top, and again in its place where somebody answered it.
func threads(comments []boards.Comment) (official []boards.Comment, top []*thread) {
	at, answered, depth := map[string]*thread{}, map[string]bool{}, map[string]int{}
	below := map[string]*thread{} // which one a comment stands below
	for _, c := range comments {
		if c.ParentID != nil {
			answered[*c.ParentID] = true
		}
	}
	for _, c := range comments {
		if c.Official && !c.Removed {
			official = append(official, c)
			if !answered[c.ID] {
				continue
			}
		}
		t := &thread{Comment: c}
		at[c.ID] = t
		if c.ParentID != nil && at[*c.ParentID] != nil {
			parent := at[*c.ParentID]
			if depth[parent.ID] == deepest-1 {
				t.To, parent = &parent.Comment, below[parent.ID]
			}
			parent.Answers = append(parent.Answers, t)
			depth[c.ID], below[c.ID] = depth[parent.ID]+1, parent
			continue
		}
		top = append(top, t)
	}
	return official, top
}
