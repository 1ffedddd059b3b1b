package boardsite

import (
	"encoding/xml"
	"net/http"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/fault"
)

const (
	feedSize    = 30
	sitemapSize = 1000 // the most wanted posts; search engines find the others by links
)

// atomFeed is a feed as RFC 4287 has it.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	Title   string      `xml:"title"`
	ID      string      `xml:"id"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
	Type string `xml:"type,attr,omitempty"`
}

type atomEntry struct {
	Title     string   `xml:"title"`
	ID        string   `xml:"id"`
	Link      atomLink `xml:"link"`
	Published string   `xml:"published"`
	Updated   string   `xml:"updated"`
	Author    string   `xml:"author>name"`
	Content   atomText `xml:"content"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// postFeed tells of new posts.
func (s *Site) postFeed(w http.ResponseWriter, r *http.Request, v *visit) error {
	posts, _, err := s.Boards.Listing(r.Context(), v.board.ID, boards.Filter{}, boards.ByAge, nil, feedSize)
	if err != nil {
		return err
	}
	f := atomFeed{Lang: v.Lang, Title: v.board.Name, ID: v.board.URL, Updated: moment(v.board.CreatedAt),
		Links: []atomLink{{Rel: "alternate", Href: v.board.URL, Type: "text/html"}, {Rel: "self", Href: v.board.URL + "/feed.atom", Type: "application/atom+xml"}}}
	for i, p := range posts {
		changed := p.CreatedAt
		if p.EditedAt != nil {
			changed = *p.EditedAt
		}
		if i == 0 {
			f.Updated = moment(changed)
		}
		f.Updated = max(f.Updated, moment(changed))
		f.Entries = append(f.Entries, atomEntry{Title: p.Title, ID: v.board.URL + "/p/" + number(p.Number), Link: atomLink{Rel: "alternate", Href: v.board.URL + postPath(p)},
			Published: moment(p.CreatedAt), Updated: moment(changed), Author: v.author(p.Author), Content: atomText{"html", boards.Render(p.Body)}})
	}
	return writeXML(w, "application/atom+xml; charset=utf-8", f)
}

func writeXML(w http.ResponseWriter, kind string, v any) error {
	out, err := xml.Marshal(v)
	if err != nil {
		return fault.Wrap("boardsite.writeXML", err)
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-cache")
	}
	_, err = w.Write(append([]byte(xml.Header), out...))
	return err
}

// isListed tells whether search engines may list the board.
func (v *visit) isListed() bool { return v.board.Visibility == boards.Public && v.board.Indexable }

// robots tells crawlers what they may read, under a board's own domain.
func (s *Site) robots(w http.ResponseWriter, _ *http.Request, v *visit) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	said := "User-agent: *\nDisallow: /\n"
	if v.isListed() {
		said = "User-agent: *\nDisallow: /sign-in\nDisallow: /me\nDisallow: /new\nSitemap: " + v.board.URL + "/sitemap.xml\n"
	}
	_, err := w.Write([]byte(said))
	return err
}

// Robots tells crawlers what they may read of this server: the public pages. Each page
// says for itself whether it may be listed.
func Robots(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = w.Write([]byte("User-agent: *\nAllow: /b/\nAllow: /docs\nAllow: /static/\nDisallow: /\n"))
}

type sitemap struct {
	XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	URLs    []sitemapURL `xml:"url"`
}

type sitemapURL struct {
	Loc     string `xml:"loc"`
	LastMod string `xml:"lastmod,omitempty"`
}

func (s *Site) sitemap(w http.ResponseWriter, r *http.Request, v *visit) error {
	if !v.isListed() {
		return fault.NotFound("page")
	}
	m := sitemap{URLs: []sitemapURL{{Loc: v.board.URL}, {Loc: v.board.URL + "/roadmap"}, {Loc: v.board.URL + "/changelog"}}}
	posts, _, err := s.Boards.Listing(r.Context(), v.board.ID, boards.Filter{}, boards.ByVotes, nil, sitemapSize)
	if err != nil {
		return err
	}
	for _, p := range posts {
		m.URLs = append(m.URLs, sitemapURL{v.board.URL + postPath(p), moment(p.UpdatedAt)})
	}
	return writeXML(w, "application/xml; charset=utf-8", m)
}

// canonical is the address of a page that others should link to.
func (v *visit) canonical(path string) string { return v.board.URL + strings.TrimSuffix(path, "/") }

// locales are the pages' languages as Open Graph writes them.
var locales = map[string]string{"en": "en_GB", "de": "de_DE", "fr": "fr_FR", "es": "es_ES", "pl": "pl_PL", "ar": "ar_AR"}
