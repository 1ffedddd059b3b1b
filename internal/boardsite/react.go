package boardsite

import (
	"context"
	"net/http"
	"strings"

	"github.com/botimum/botimum/internal/boards"
)

// faces are what the pages draw for what people show below a comment.
var faces = map[string]string{"thumbs_up": "👍", "heart": "❤️", "party": "🎉", "smile": "😄", "thinking": "🤔", "eyes": "👀"}

// react shows something below a comment, or takes it back where the word begins with a
// minus; doing the same twice does it once.
func (s *Site) react(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.theirPost(r, v)
	if err != nil {
		return err
	}
	if v.person == nil {
		v.to(w, "/sign-in", "next", postPath(p))
		return nil
	}
	comment := r.PostFormValue("comment")
	err = s.act(r, v, s.paces.votes, func(ctx context.Context) error {
		if what, back := strings.CutPrefix(r.PostFormValue("do"), "-"); back {
			return s.Boards.Unreact(ctx, p.ID, comment, what)
		}
		return s.Boards.React(ctx, p.ID, comment, r.PostFormValue("do"))
	})
	if err != nil {
		return err
	}
	v.goTo(w, postPath(p), comment)
	return nil
}

// offered are the sorts that the reader may add to those that are there.
func offered(c boards.Comment) (out []string) {
	there := map[string]bool{}
	for _, r := range c.Reactions {
		there[r.Reaction] = true
	}
	for _, one := range boards.Reactions {
		if !there[one] {
			out = append(out, one)
		}
	}
	return out
}

// named names somebody in a text of the team, as everybody may read it.
func (v *visit) named(m boards.Mention) string {
	if m.Type == "operator" && m.Name != "" {
		return v.ws.Name
	}
	if name := shown(m.Name); name != "" {
		return name
	}
	return v.T("author.nobody")
}
