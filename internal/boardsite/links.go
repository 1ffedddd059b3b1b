package boardsite

import (
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/words"
)

func tongues() []words.Tongue { return words.Tongues() }

// languageURL is the address of this page in another language.
func languageURL(v *visit, tag string) templ.SafeURL {
	q := url.Values{}
	for name, values := range v.query {
		q[name] = values
	}
	q.Set("lang", tag)
	path := v.base + v.path
	if v.base != "" && v.path == "/" {
		path = v.base
	}
	return templ.SafeURL(path + "?" + q.Encode())
}

// noticeURL leads to what the customer says about data: their own page, or the one
// that this server makes of its catalogue.
func noticeURL(v *visit) templ.SafeURL {
	if v.ws.Settings.NoticeURL != "" {
		return templ.URL(v.ws.Settings.NoticeURL)
	}
	return rightsURL(v)
}

func rightsURL(v *visit) templ.SafeURL {
	return templ.SafeURL(v.origin + "/privacy/" + v.ws.Slug)
}

// toggle gives a choice, or nothing where it is chosen already.
func toggle(chosen, one string) string {
	if chosen == one {
		return ""
	}
	return one
}

// categories are those that the list is narrowed by: the board's, and what else its
// posts have.
func (v *visit) categories(f boards.Facets) []string {
	all := make([]string, 0, len(v.board.Categories)+len(f.Categories))
	for _, c := range v.board.Categories {
		all = append(all, c.Name)
	}
	for _, c := range f.Categories {
		if !slices.Contains(all, c) {
			all = append(all, c)
		}
	}
	return all
}

// mark is the class of a category's colour; "" of one that the board does not declare.
func (v *visit) mark(category string) string {
	for _, c := range v.board.Categories {
		if c.Name == category {
			return "c-" + c.Key
		}
	}
	return ""
}

// root names what a page stands in. A board's own rules hold in #board alone, so they
// change nothing of the pages on which people sign in and consent: not the words
// themselves, and not what stands around them.
func (m meta) root() string {
	if m.Current == "signin" {
		return "door"
	}
	return "board"
}
