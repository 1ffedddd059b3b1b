package contacts

import (
	_ "embed"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/text/language"

	"github.com/botimum/botimum/internal/children"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/workspace"
)

// Browser is what a request tells of the browser that made it, as it came: nobody has
// checked it.
type Browser struct {
	Network        string // as workspace.NetworkFrom gives it
	UserAgent      string
	AcceptLanguage string
	TimeZone       string
	Page, Referrer string
}

const maxHeader = 2000 // bytes of a header that are looked at

// chosen gives the facts that a workspace switched on, each made coarse. What cannot
// be read is left out.
func (b Browser) chosen(t workspace.Technical) DeviceFacts {
	var f DeviceFacts
	if t.Address {
		f.Network = httpx.ShortNetwork(b.Network)
	}
	if t.Place {
		f.Place, f.PlaceFrom = placeOf(b.TimeZone, b.AcceptLanguage)
	}
	if t.Browser {
		f.Browser, f.System = httpx.BrowserOf(b.UserAgent)
	}
	if t.Language {
		f.Language = firstLanguage(b.AcceptLanguage)
	}
	if t.Page {
		f.Page = plainURL(b.Page)
	}
	if t.Referrer {
		f.Referrer = plainURL(b.Referrer)
	}
	return f
}

// zonesByCountry is a country and its time zones a line, from the time zone
// database's zone.tab, which is in the public domain, and the older names that
// browsers still give.
//
//go:embed zones.txt
var zonesByCountry string

var countryOfZone = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(zonesByCountry) {
		words := strings.Fields(line)
		for _, zone := range words[1:] {
			out[zone] = words[0]
		}
	}
	return out
})

// placeOf gives the country of a time zone, or else the one that the language names,
// and from which of both it is.
func placeOf(zone, accept string) (country, from string) {
	if country = countryOfZone()[zone]; country != "" {
		return country, "time_zone"
	}
	if country = children.CountryOf(firstLanguage(accept), ""); country != "" {
		return country, "language"
	}
	return "", ""
}

// firstLanguage gives the language that a browser prefers (RFC 9110, section
// 12.5.4), as a tag in its usual form.
func firstLanguage(accept string) string {
	first, _, _ := strings.Cut(accept[:min(len(accept), maxHeader)], ",")
	first, _, _ = strings.Cut(first, ";")
	tag, err := language.Parse(strings.TrimSpace(first))
	if err != nil || tag == language.Und || len(tag.String()) > 35 {
		return ""
	}
	return tag.String()
}

// plainURL gives a page's address without query and fragment, where secrets and
// names stand. What is no page gives "".
func plainURL(s string) string {
	const longest = 500
	u, err := url.Parse(s)
	if err != nil || len(s) > maxHeader || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || !isASCII(u.Host) {
		return ""
	}
	bare := url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host), Path: u.Path, RawPath: u.RawPath}
	if out := bare.String(); len(out) <= longest {
		return out
	}
	bare.Path, bare.RawPath = "", ""
	if out := bare.String(); len(out) <= longest {
		return out
	}
	return ""
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > '~' || r <= ' ' }) < 0
}
