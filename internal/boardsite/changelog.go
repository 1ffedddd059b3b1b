package boardsite

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
)

const newsSize = 10 // entries on a page of the changelog

// news is what a page of the changelog shows.
type news struct {
	Category string
	Entries  []boards.Entry
	Posts    map[string]boards.Post // those that the entries say are done, where readers see them
	Next     string                 // the cursor of the next page; "" on the last
	Beyond   bool                   // not the first page
}

func (s *Site) changelog(w http.ResponseWriter, r *http.Request, v *visit) error {
	d := news{Category: strings.ToLower(strings.TrimSpace(v.query.Get("category")))}
	if len(d.Category) > 240 {
		return fault.Malformed("The address is too long.")
	}
	scope := "changelog " + v.board.ID + " " + d.Category
	after, err := place(scope, v.query.Get("cursor"))
	if err != nil {
		return err
	}
	d.Beyond = after != nil
	d.Entries, err = s.Boards.Published(r.Context(), v.ws.ID, v.board.ID, d.Category, after, newsSize+1)
	if err != nil {
		return err
	}
	if len(d.Entries) > newsSize {
		d.Entries = d.Entries[:newsSize]
		last := d.Entries[newsSize-1]
		d.Next = httpx.EncodeCursor(scope, strconv.FormatInt(clock.Micros(*last.PublishAt), 10), last.ID)
	}
	if d.Posts, err = s.closed(r, v, d.Entries); err != nil {
		return err
	}
	s.render(r.Context(), w, http.StatusOK, changelogPage(v, d))
	return nil
}

// closed gives the posts that some entries say are done, in one query.
func (s *Site) closed(r *http.Request, v *visit, entries []boards.Entry) (map[string]boards.Post, error) {
	var ids []string
	for _, e := range entries {
		ids = append(ids, e.PostIDs...)
	}
	return s.Boards.Shown(r.Context(), v.board.ID, ids)
}

func (s *Site) news(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, _, _ := strings.Cut(r.PathValue("entry"), "-")
	e, err := s.Boards.PublishedEntry(r.Context(), v.board.ID, id)
	if err != nil {
		return err
	}
	if e.Path() != v.path { // its title changed, or a shortened address
		w.Header().Set("Location", v.link(e.Path()))
		w.WriteHeader(http.StatusMovedPermanently)
		return nil
	}
	posts, err := s.closed(r, v, []boards.Entry{e})
	if err != nil {
		return err
	}
	s.render(r.Context(), w, http.StatusOK, newsPage(v, e, posts))
	return nil
}

// newsFeed tells of what is new.
func (s *Site) newsFeed(w http.ResponseWriter, r *http.Request, v *visit) error {
	entries, err := s.Boards.Published(r.Context(), v.ws.ID, v.board.ID, "", nil, feedSize)
	if err != nil {
		return err
	}
	at := v.board.URL + "/changelog"
	f := atomFeed{Lang: v.Lang, Title: v.T("nav.changelog") + " · " + v.board.Name, ID: at, Updated: moment(v.board.CreatedAt),
		Links: []atomLink{{Rel: "alternate", Href: at, Type: "text/html"}, {Rel: "self", Href: at + ".atom", Type: "application/atom+xml"}}}
	for i := range entries {
		e := &entries[i]
		f.Updated = max(f.Updated, moment(*e.PublishAt), moment(e.UpdatedAt))
		f.Entries = append(f.Entries, atomEntry{Title: e.Title, ID: at + "/" + e.ID, Link: atomLink{Rel: "alternate", Href: v.board.URL + e.Path()},
			Published: moment(*e.PublishAt), Updated: max(moment(*e.PublishAt), moment(e.UpdatedAt)), Author: v.ws.Name, Content: atomText{"html", boards.Render(e.Body)}})
	}
	return writeXML(w, "application/atom+xml; charset=utf-8", f)
}

// hasShown tells whether readers see any of the posts that an entry says are done.
func hasShown(e boards.Entry, posts map[string]boards.Post) bool {
	return slices.ContainsFunc(e.PostIDs, func(id string) bool { _, there := posts[id]; return there })
}
