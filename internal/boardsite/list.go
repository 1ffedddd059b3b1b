package boardsite

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
)

const pageSize = 20

// listing is what the list of posts shows, and how it is asked for.
type listing struct {
	Sort, Status, Category, Tag, Q string
	Posts                          []boards.Post
	Next                           string // the cursor of the next page; "" on the last
	Beyond                         bool   // not the first page
	Facets                         boards.Facets
}

var sorts = []string{string(boards.ByTrend), string(boards.ByVotes), string(boards.ByAge)}

func (s *Site) list(w http.ResponseWriter, r *http.Request, v *visit) error {
	d := listing{Sort: v.query.Get("sort"), Status: v.query.Get("status"), Category: v.query.Get("category"), Tag: strings.ToLower(v.query.Get("tag")), Q: strings.TrimSpace(v.query.Get("q"))}
	if !slices.Contains(sorts, d.Sort) {
		d.Sort = sorts[0]
	}
	if len(d.Q) > 200 || len(d.Category) > 240 || len(d.Tag) > 200 || len(d.Status) > 40 {
		return fault.Malformed("The address is too long.")
	}
	scope := "pages " + v.board.ID + " " + d.Sort + " " + d.Status + " " + d.Category + " " + d.Tag + " " + d.Q
	after, err := place(scope, v.query.Get("cursor"))
	if err != nil {
		return err
	}
	d.Beyond = after != nil
	f := boards.Filter{Status: d.Status, Category: d.Category, Tag: d.Tag, Q: d.Q}
	posts, places, err := s.Boards.Listing(r.Context(), v.board.ID, f, boards.Sort(d.Sort), after, pageSize+1)
	if err != nil && !fault.Is(err, fault.KindInvalid) { // words that cannot be looked for find nothing
		return err
	}
	if len(posts) > pageSize {
		posts = posts[:pageSize]
		at := places[pageSize-1]
		d.Next = httpx.EncodeCursor(scope, strconv.FormatFloat(at.Value, 'x', -1, 64), at.ID)
	}
	d.Posts = posts
	if d.Facets, err = s.Boards.Facets(r.Context(), v.board.ID); err != nil {
		return err
	}
	s.render(r.Context(), w, http.StatusOK, listPage(v, d))
	return nil
}

// place reads a cursor; nil is the first page.
func place(scope, cursor string) (*boards.At, error) {
	values, err := httpx.DecodeCursor(scope, cursor, 2)
	if err != nil || values == nil {
		return nil, err
	}
	value, err := strconv.ParseFloat(values[0], 64)
	if err != nil {
		return nil, fault.Malformed("The cursor is not one of this list.")
	}
	return &boards.At{Value: value, ID: values[1]}, nil
}

// with gives the query of the list with one thing changed, from the first page on.
func (d listing) with(name, value string) []string {
	all := map[string]string{"sort": d.Sort, "status": d.Status, "category": d.Category, "tag": d.Tag, "q": d.Q, name: value}
	if all["sort"] == sorts[0] {
		all["sort"] = ""
	}
	return []string{"sort", all["sort"], "status", all["status"], "category", all["category"], "tag", all["tag"], "q", all["q"], "cursor", all["cursor"]}
}

func (d listing) isFiltered() bool {
	return d.Status != "" || d.Category != "" || d.Tag != "" || d.Q != ""
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
