package boardsite

import (
	"net/url"

	"github.com/a-h/templ"

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
