package boards

import (
	"cmp"
	"context"
	"database/sql"
	"math"
	"slices"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/search"
	"github.com/botimum/botimum/internal/storage"
)

const (
	maxHits    = 2000 // matches in texts of the whole workspace that a search looks at
	findAtOnce = 100  // posts in one query
	// inText is how well a post answers that has the words in its text alone.
	inText = 20
)

// found is a post that may be what somebody looks for, with its place: how well it
// answers, then how many voted for it.
type found struct {
	proposal
	place float64
}

// find gives the posts that answer all words: by their titles, where a typo is forgiven
// and the last word may have been begun, or by having all of them in their texts. Words
// of restricted people are not found.
func (s *Service) find(ctx context.Context, boardID string, f Filter, after *At, limit int) ([]Post, []At, error) {
	workspaceID := actor.From(ctx).WorkspaceID
	what := saidIn(f.Q)
	var all []proposal
	err := s.search(ctx, workspaceID, boardID, func(l *lexicon) { all = l.every(&what) })
	if err != nil {
		return nil, nil, err
	}
	if all, err = s.withTexts(ctx, boardID, f.Q, all); err != nil {
		return nil, nil, err
	}
	ranked, err := s.rank(ctx, all)
	if err != nil {
		return nil, nil, err
	}
	if after.Value < math.MaxFloat64 {
		ranked = slices.DeleteFunc(ranked, func(one found) bool {
			return one.place > after.Value || one.place == after.Value && one.postID >= after.ID
		})
	}
	return s.show(ctx, boardID, f, ranked, limit, func(p *Post, one found) bool { return one.quality == inText || answersAll(&what, p) })
}

// answersAll tells whether a post's title, as its row has it, answers all words.
func answersAll(what *said, p *Post) bool {
	var l lexicon
	l.clear()
	l.put(p.ID, "", p.Title)
	return len(l.every(what)) > 0
}

// withTexts adds the posts that have all words in their title or text as they are.
func (s *Service) withTexts(ctx context.Context, boardID, q string, all []proposal) ([]proposal, error) {
	workspaceID := actor.From(ctx).WorkspaceID
	ix, err := s.Vault.Index(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	tokens := ix.QueryWords(q)
	if len(tokens) == 0 {
		if len(all) == 0 {
			return nil, fault.Invalid("q", "needs a word of at least two letters")
		}
		return all, nil
	}
	known := make(map[string]bool, len(all))
	for _, one := range all {
		known[one.postID] = true
	}
	var hits []search.Hit
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		hits, err = s.Search.Query(tx, workspaceID, tokens, []string{kindPost}, 0, maxHits)
		return err
	})
	for _, h := range hits {
		if h.ParentID == boardID && !known[h.ID] && len(all) < mostProposals {
			all = append(all, proposal{h.ID, inText})
		}
	}
	return all, err
}

const selectVoteCounts = `SELECT id, votes FROM posts WHERE workspace_id = $1 AND id IN (`

// rank puts posts in the order in which they are shown.
func (s *Service) rank(ctx context.Context, all []proposal) ([]found, error) {
	out := make([]found, 0, len(all))
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		out = out[:0]
		for some := range slices.Chunk(all, findAtOnce) {
			args, quality := []any{actor.From(ctx).WorkspaceID}, map[string]int{}
			for _, one := range some {
				args, quality[one.postID] = append(args, one.postID), one.quality
			}
			ranked, err := queryAll(tx, func(rows *sql.Rows) (found, error) {
				var id string
				var votes int64
				err := rows.Scan(&id, &votes)
				return found{proposal{id, quality[id]}, float64(quality[id])*1e9 + float64(votes)}, err
			}, selectVoteCounts+marks(2, len(some))+`)`, args...)
			if err != nil {
				return err
			}
			out = append(out, ranked...)
		}
		return nil
	})
	slices.SortFunc(out, func(a, b found) int { return cmp.Or(cmp.Compare(b.place, a.place), cmp.Compare(b.postID, a.postID)) })
	return out, err
}

// show opens posts in their order, until there are as many as are wanted. Of what is not
// to be shown nothing is opened.
func (s *Service) show(ctx context.Context, boardID string, f Filter, ranked []found, limit int, answers func(p *Post, one found) bool) ([]Post, []At, error) {
	out, places := []Post{}, []At{}
	for some := range slices.Chunk(ranked, max(limit, 20)) {
		var there map[string]postRow
		err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
			there, err = loadPosts(tx, actor.From(ctx).WorkspaceID, some)
			return err
		})
		if err != nil {
			return nil, nil, err
		}
		var rows []postRow
		at := map[string]found{}
		for _, one := range some {
			r, is := there[one.postID]
			if is && r.p.BoardID == boardID && r.p.MergedInto == nil && r.contact.Restricted == 0 && f.takes(&r.p) && len(out)+len(rows) < limit {
				rows, at[one.postID] = append(rows, r), one
			}
		}
		posts, _, err := s.openPosts(ctx, rows)
		if err != nil {
			return nil, nil, err
		}
		for _, p := range posts {
			if one := at[p.ID]; answers(&p, one) {
				out, places = append(out, p), append(places, At{one.place, p.ID})
			}
		}
		if len(out) >= limit {
			break
		}
	}
	return out, places, nil
}
