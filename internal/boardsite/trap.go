package boardsite

import (
	"net/http"
	"strings"
)

// trapField is the name of the field that only programs fill.
const trapField = "homepage"

// trapped answers what filled the field that people do not see: as if all had gone
// well, so that nothing is learned, and nothing is stored. It tells whether it did.
func (s *Site) trapped(w http.ResponseWriter, r *http.Request, v *visit) bool {
	if r.PostFormValue(trapField) == "" {
		return false
	}
	s.Logger.InfoContext(r.Context(), "a form was filled by a program", "board", v.board.ID)
	dir, what := v.path[:strings.LastIndexByte(v.path, '/')], v.path[strings.LastIndexByte(v.path, '/')+1:]
	switch {
	case v.path == "/sign-in":
		s.setCookie(w, v, askCookie, newSecret(), linkLife)
		v.to(w, "/sign-in/asked")
	case v.person == nil:
		v.to(w, "/sign-in", "next", wayBack(dir))
	case v.path == "/new" || what == "edit" || what == "delete":
		v.to(w, "/me", "said", "waits")
	default:
		v.goTo(w, wayBack(dir), "")
	}
	return true
}
