package boards

import (
	"context"
	"database/sql"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// kindPost is what posts are called in the search index.
const kindPost = "post"

// Filter says which posts of a board.
type Filter struct {
	Status string // "" all
	State  string // "" all
	// Category is one of the board's; "" all.
	Category string
	Tag      string // one of a post's; "" all
	OwnerID  string // who looks after it; "" all
	Q        string // words; a post must answer all
}

// Posts gives a board's posts in an order, from a place in it (nil: the top), at
// most limit; and the place of each. With words, those that answer them all, the best
// first whatever the order; see [Service.find].
func (s *Service) Posts(ctx context.Context, boardID string, f Filter, by Sort, after *At, limit int) ([]Post, []At, error) {
	a := actor.From(ctx)
	if by == ByWeight && !seesWeights(a) {
		return nil, nil, fault.Forbidden("contacts:read")
	}
	if after == nil {
		after = &At{Value: math.MaxFloat64, ID: "pst_~"}
	}
	if words := strings.TrimSpace(f.Q); words != "" {
		posts, places, err := s.find(ctx, boardID, f, after, limit)
		return posts, places, fault.Wrap("boards.Posts", err)
	}
	out, places := []Post{}, []At{}
	for len(out) < limit { // rows that nobody can read any more do not end the list
		want := limit - len(out)
		rows, err := s.page(ctx, a.WorkspaceID, boardID, f, by, *after, want)
		if err != nil {
			return nil, nil, fault.Wrap("boards.Posts", err)
		}
		posts, kept, err := s.openPosts(ctx, rows)
		if err != nil {
			return nil, nil, fault.Wrap("boards.Posts", err)
		}
		for _, r := range kept {
			places = append(places, r.at(by))
		}
		out = append(out, posts...)
		if len(rows) < want {
			break
		}
		at := rows[len(rows)-1].at(by)
		after = &at
	}
	return out, places, nil
}

func (r *postRow) at(by Sort) At {
	switch by {
	case ByTrend:
		return At{r.trend, r.p.ID}
	case ByVotes:
		return At{float64(r.p.Votes), r.p.ID}
	case ByWeight:
		return At{0, strconv.FormatInt(r.grains(), 10) + " " + r.p.ID}
	case ByStatus:
		return At{r.place, r.p.Status + " " + r.p.ID}
	default:
		return At{0, r.p.ID}
	}
}

func (s *Service) page(ctx context.Context, workspaceID, boardID string, f Filter, by Sort, after At, limit int) (rows []postRow, err error) {
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		if by == ByWeight {
			rule, err := ruleOf(tx, workspaceID, boardID)
			if isNoRow(err) {
				err = fault.NotFound("board")
			}
			if err != nil {
				return err
			}
			if votes, id := after.weight(); rule.plain() {
				by, after = ByVotes, At{float64(votes) / grain, id}
			}
		}
		if by == ByStatus {
			b, err := loadBoard(tx, workspaceID, boardID)
			if err == nil {
				rows, err = pageByStatus(tx, workspaceID, &b, f, after, limit)
			}
			return err
		}
		rows, err = queryAll(tx, func(rows *sql.Rows) (postRow, error) { return scanPost(rows) }, pageSQL(by, f), pageArgs(workspaceID, boardID, by, f, after, limit)...)
		if err == nil && len(rows) == 0 { // an empty board, or none
			_, err = loadBoard(tx, workspaceID, boardID)
		}
		return err
	})
	return rows, err
}

// pageByStatus walks the statuses from the one in which a place is.
func pageByStatus(tx *storage.Tx, workspaceID string, b *Board, f Filter, after At, limit int) (out []postRow, err error) {
	from, within, seeking := strings.Cut(after.ID, " ")
	only := f.Status
	for _, st := range b.Statuses {
		at := At{math.MaxFloat64, "pst_~"}
		switch {
		case !seeking: // the top
		case st.Key == from:
			at, seeking = At{after.Value, within}, false
		default:
			continue
		}
		if only != "" && only != st.Key || len(out) == limit {
			continue
		}
		f.Status = st.Key
		rows, err := queryAll(tx, func(rows *sql.Rows) (postRow, error) { return scanPost(rows) }, pageSQL(ByStatus, f),
			pageArgs(workspaceID, b.ID, ByStatus, f, at, limit-len(out))...)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

// takes tells whether a post is one of those that a filter asks for.
func (f Filter) takes(p *Post) bool {
	return (f.Status == "" || f.Status == p.Status) && (f.State == "" || f.State == p.State) && (f.Category == "" || f.Category == p.Category) &&
		(f.Tag == "" || slices.Contains(p.Tags, f.Tag)) && (f.OwnerID == "" || f.OwnerID == deref(p.OwnerID))
}

// openPosts opens rows; those whose key is gone are left out.
func (s *Service) openPosts(ctx context.Context, rows []postRow) ([]Post, []postRow, error) {
	things := make([]sealed, len(rows))
	for i := range rows {
		things[i] = sealed{rows[i].contactID, rows[i].contact, &rows[i].p.Author}
	}
	ok, err := s.open(ctx, things, func(i int, key *vault.Key, restricted bool) error {
		rows[i].p.Restricted = restricted
		if restricted {
			return nil
		}
		return s.openWords(&rows[i], key)
	})
	if err != nil {
		return nil, nil, err
	}
	out, kept := make([]Post, 0, len(rows)), make([]postRow, 0, len(rows))
	heavy := seesWeights(actor.From(ctx))
	for i := range rows {
		if heavy {
			rows[i].p.Weight = pointerTo(fromGrains(rows[i].grains()))
		}
		if ok[i] {
			out, kept = append(out, rows[i].p), append(kept, rows[i])
		}
	}
	return out, kept, nil
}

func (r *postRow) open(key *vault.Key) error {
	title, err := key.Open(titlePlace(r.p.ID), r.title)
	if err != nil {
		return fault.Wrap("open "+r.p.ID, err)
	}
	body, err := key.Open(bodyPlace(r.p.ID), r.body)
	r.p.Title, r.p.Body, r.p.Slug = string(title), string(body), slugOf(string(title))
	return fault.Wrap("open "+r.p.ID, err)
}

// Post gives one post.
func (s *Service) Post(ctx context.Context, postID string) (Post, error) {
	r, err := s.row(ctx, postID)
	if err != nil {
		return r.p, fault.Wrap("boards.Post", err)
	}
	p, err := s.withFiles(ctx, r.p)
	return p, fault.Wrap("boards.Post", err)
}
