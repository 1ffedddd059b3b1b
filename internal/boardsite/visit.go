package boardsite

import (
	"context"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/a-h/templ"

	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/words"
	"github.com/botimum/botimum/internal/workspace"
)

// visit is one request to a board's pages: the workspace, the board, the language, and
// who is signed in, if anybody.
type visit struct {
	words.Words
	ws      workspace.Workspace
	board   boards.Board
	sheet   func() sheet // the board's
	now     time.Time
	origin  string // of this server, for what is not the board's
	base    string // what the board's addresses begin with; "" under its own domain
	reads   bool   // whether the request changes nothing
	known   string // the tags of what the reader's browser has of the page
	path    string // the rest of the address
	query   url.Values
	chosen  string // the language that the address names; "" when the browser's counts
	person  *contactSession
	mine    func() boards.Mine                   // what the reader voted for and follows
	waiting func(postID string) []boards.Comment // of the reader's, that wait for approval
	works   func() bool                          // whether the board asks browsers for work before somebody writes
	preview bool                                 // the page is looked at by an operator, as it may become
	uploads []upload                             // files that came with a form
	picture func() string                        // the board's picture itself, for a preview
}

type visitKey struct{}

func visitOf(ctx context.Context) *visit {
	v, _ := ctx.Value(visitKey{}).(*visit)
	return v
}

// contactID gives who is signed in; "" for nobody.
func (v *visit) contactID() string {
	if v.person == nil {
		return ""
	}
	return v.person.ContactID
}

func (v *visit) url(path string, query ...string) templ.SafeURL {
	return templ.SafeURL(v.link(path, query...))
}

// postPath is the rest of a post's address.
func postPath(p boards.Post) string {
	path := "/p/" + number(p.Number)
	if p.Slug != "" {
		path += "-" + p.Slug
	}
	return path
}

// shown is a name as everybody may read it: the first name, and of the last its first
// letter.
func shown(name string) string {
	all := strings.Fields(name)
	switch len(all) {
	case 0:
		return ""
	case 1:
		if at := strings.IndexByte(all[0], '@'); at >= 0 {
			return ""
		}
		return all[0]
	}
	last := []rune(all[len(all)-1])
	return all[0] + " " + string(last[0]) + "."
}

// initial stands for somebody's face.
func initial(name string) string {
	for _, r := range name {
		if unicode.IsLetter(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return "·"
}

// author names whose words something is.
func (v *visit) author(a boards.Author) string {
	switch a.Type {
	case "operator", "api_key":
		return v.T("author.team", "name", v.ws.Name)
	case "contact":
		if name := shown(a.Name); name != "" {
			return name
		}
	}
	return v.T("author.nobody")
}

// status gives one of the board's statuses.
func (v *visit) status(key string) boards.Status {
	for _, st := range v.board.Statuses {
		if st.Key == key {
			return st
		}
	}
	return boards.Status{Key: key, Name: key}
}

func (v *visit) day(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return v.Date(t)
}

// face gives the letter that stands for whose words something is.
func (v *visit) face(a boards.Author) string {
	if a.Type == "operator" || a.Type == "api_key" {
		return initial(v.ws.Name)
	}
	return initial(v.author(a))
}
