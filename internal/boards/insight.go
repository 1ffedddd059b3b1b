package boards

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// BoardInsight is who wants what on a board. Merged posts, those that wait, and votes of
// who is restricted or in the bin are in none of it.
type BoardInsight struct {
	Segments   []SegmentInsight    `json:"segments" doc:"In the order in which they were asked for."`
	Importance []ImportanceInsight `json:"importance" doc:"essential, important and nice."`
	Statuses   []SplitInsight      `json:"statuses" doc:"In the order of the board's statuses."`
	Categories []SplitInsight      `json:"categories" doc:"Those with the most votes first; empty is for posts without one."`
	Recent     []InsightPost       `json:"recent" doc:"Those with the most votes of people in the last days."`
}

// SegmentInsight is what a segment's people want most.
type SegmentInsight struct {
	SegmentID string        `json:"segment_id"`
	Problem   string        `json:"problem" enum:",segment" doc:"The segment cannot be used: it asks for something that was removed or changed."`
	Posts     int64         `json:"posts" doc:"That at least one of them voted for."`
	Votes     int64         `json:"votes"`
	Weight    *float64      `json:"weight" doc:"Of their votes, by the board's rule."`
	Most      []InsightPost `json:"most"`
}

// ImportanceInsight is what matters so much to most.
type ImportanceInsight struct {
	Importance string        `json:"importance" enum:"nice,important,essential"`
	Posts      int64         `json:"posts"`
	Votes      int64         `json:"votes"`
	Most       []InsightPost `json:"most"`
}

// SplitInsight is how much is at a status, or in a category.
type SplitInsight struct {
	Key    string   `json:"key" doc:"The key of a status, or the name of a category."`
	Posts  int64    `json:"posts"`
	Votes  int64    `json:"votes"`
	Weight *float64 `json:"weight"`
}

// InsightPost is a post among those that some people want most.
type InsightPost struct {
	ID         string    `json:"id"`
	Number     int64     `json:"number"`
	Title      string    `json:"title" doc:"Empty where its author is restricted."`
	Status     string    `json:"status"`
	Votes      int64     `json:"votes" doc:"Of these people."`
	Weight     *float64  `json:"weight" doc:"Of these people's votes, by the board's rule; null for who may not read contacts."`
	LastVoteAt time.Time `json:"last_vote_at" doc:"When one of them last voted for it."`
}

// InsightFilter says what is looked into.
type InsightFilter struct {
	Segments []string // at most six
	Top      int      // posts of each
	Days     int      // how far back recent goes
}

const (
	// plainSum adds up what votes weigh, in grains; those that were never weighed are one each.
	plainSum = `SUM(COALESCE(v.weight, 1000))`
	timesSum = `SUM(COALESCE(v.weight, 1000) * CASE v.importance WHEN 'important' THEN 2 WHEN 'essential' THEN 3 ELSE 1 END)`

	insightPosts = ` p.merged_into IS NULL AND p.state = 'published'`
	stillHere    = ` AND o.deleted_at IS NULL AND o.restricted_at IS NULL`

	selectByImportance = `
	SELECT v.importance, v.post_id, COUNT(*), 0, MAX(v.created_at) FROM posts p JOIN post_votes v ON v.workspace_id = p.workspace_id AND v.post_id = p.id AND v.importance <> ''
	JOIN contacts o ON o.workspace_id = v.workspace_id AND o.id = v.contact_id
	WHERE p.workspace_id = $1 AND p.board_id = $2 AND` + insightPosts + stillHere + ` GROUP BY v.importance, v.post_id`

	selectSplits = `
	SELECT p.status, p.category, COUNT(*), SUM(p.votes), SUM(COALESCE(p.weight, p.votes * 1000)) FROM posts p
	WHERE p.workspace_id = $1 AND p.board_id = $2 AND` + insightPosts + ` GROUP BY p.status, p.category`

	selectRecent = `
	SELECT '', v.post_id, COUNT(*), 0, MAX(v.created_at) FROM post_votes v JOIN posts p ON p.workspace_id = v.workspace_id AND p.id = v.post_id
	JOIN contacts o ON o.workspace_id = v.workspace_id AND o.id = v.contact_id
	WHERE v.workspace_id = $1 AND (v.created_at / 86400000000) >= $2 AND p.board_id = $3 AND v.from_post_id IS NULL AND` + insightPosts + stillHere + `
	GROUP BY v.post_id ORDER BY 3 DESC, 2 DESC LIMIT $4`
)

// bySegmentSQL gives the query of what people in a predicate over c want; c stands for
// the person, whichever of their contacts voted. The board comes after the predicate's
// arguments.
func bySegmentSQL(predicate string, args int, importance bool) string {
	sum := plainSum
	if importance {
		sum = timesSum
	}
	return `SELECT '', v.post_id, COUNT(DISTINCT c.id), ` + sum + `, MAX(v.created_at) FROM posts p JOIN post_votes v ON v.workspace_id = p.workspace_id AND v.post_id = p.id
	JOIN contacts o ON o.workspace_id = v.workspace_id AND o.id = v.contact_id JOIN contacts c ON c.workspace_id = o.workspace_id AND c.id = COALESCE(o.merged_into, o.id)
	WHERE p.workspace_id = $1 AND ` + predicate + ` AND p.board_id = ` + fmt.Sprintf("$%d", args+1) + ` AND` + insightPosts + stillHere + ` GROUP BY v.post_id`
}

// wanted is how much some people want a post.
type wanted struct {
	word, postID        string
	votes, weight, last int64
}

func scanWanted(rows *sql.Rows) (n wanted, err error) {
	return n, rows.Scan(&n.word, &n.postID, &n.votes, &n.weight, &n.last)
}

type splitRow struct {
	status, category     string
	posts, votes, weight int64
}

// looked is what is known of a board before its posts are opened.
type looked struct {
	b          Board
	segments   [][]wanted
	broken     []bool
	importance []wanted
	splits     []splitRow
	recent     []wanted
}

// Insight tells who wants what on a board. What segments want is told to who may read
// contacts: it tells who is in them.
func (s *Service) Insight(ctx context.Context, boardID string, f InsightFilter) (BoardInsight, error) {
	const op = "boards.Insight"
	a := actor.From(ctx)
	b, err := s.Board(ctx, boardID)
	if err != nil {
		return BoardInsight{}, fault.Wrap(op, err)
	}
	if len(f.Segments) > 0 && !seesWeights(a) {
		return BoardInsight{}, fault.Forbidden("contacts:read")
	}
	l := looked{b: b, segments: make([][]wanted, len(f.Segments)), broken: make([]bool, len(f.Segments))}
	for i, id := range f.Segments {
		l.segments[i], err = s.wantedBy(ctx, &b, id)
		if fault.Is(err, fault.KindConflict) {
			l.broken[i], err = true, nil
		}
		if fault.Is(err, fault.KindNotFound) {
			err = fault.Invalid(fmt.Sprintf("segments[%d]", i), "must be a segment of this workspace")
		}
		if err != nil {
			return BoardInsight{}, fault.Wrap(op, err)
		}
	}
	since := clock.Micros(s.Clock.Now())/dayMicros - int64(f.Days)
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if l.importance, err = queryAll(tx, scanWanted, selectByImportance, a.WorkspaceID, boardID); err != nil {
			return err
		}
		if l.recent, err = queryAll(tx, scanWanted, selectRecent, a.WorkspaceID, since, boardID, f.Top); err != nil {
			return err
		}
		l.splits, err = queryAll(tx, func(rows *sql.Rows) (r splitRow, err error) {
			return r, rows.Scan(&r.status, &r.category, &r.posts, &r.votes, &r.weight)
		}, selectSplits, a.WorkspaceID, boardID)
		return err
	})
	if err != nil {
		return BoardInsight{}, fault.Wrap(op, err)
	}
	out, err := s.told(ctx, &l, f)
	return out, fault.Wrap(op, err)
}

// wantedBy gives what a segment's people want on a board.
func (s *Service) wantedBy(ctx context.Context, b *Board, segmentID string) (out []wanted, err error) {
	if s.Segments == nil {
		return nil, nil
	}
	p, err := s.Segments.Predicate(ctx, segmentID)
	if err != nil {
		return nil, err
	}
	query := bySegmentSQL(p.SQL, len(p.Args), b.Weight.Importance)
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		out, err = queryAll(tx, scanWanted, query, append(slices.Clone(p.Args), b.ID)...)
		return err
	})
	return out, err
}

// told opens the posts that are among the most wanted, and gives all of it.
func (s *Service) told(ctx context.Context, l *looked, f InsightFilter) (BoardInsight, error) {
	heavy := seesWeights(actor.From(ctx))
	out := BoardInsight{Segments: []SegmentInsight{}, Importance: []ImportanceInsight{}, Recent: []InsightPost{}}
	var ids []string
	top := func(all []wanted, byWeight bool) []wanted {
		slices.SortFunc(all, func(x, y wanted) int {
			if byWeight && x.weight != y.weight {
				return cmp.Compare(y.weight, x.weight)
			}
			return cmp.Or(cmp.Compare(y.votes, x.votes), cmp.Compare(y.last, x.last), strings.Compare(y.postID, x.postID))
		})
		some := all[:min(len(all), f.Top)]
		for _, n := range some {
			ids = append(ids, n.postID)
		}
		return some
	}
	segments := make([][]wanted, len(l.segments))
	for i, all := range l.segments {
		segments[i] = top(all, !l.b.Weight.plain())
	}
	words := []string{"essential", "important", "nice"}
	of := map[string][]wanted{}
	for _, n := range l.importance {
		of[n.word] = append(of[n.word], n)
	}
	most := map[string][]wanted{}
	for _, word := range words {
		most[word] = top(of[word], false)
	}
	recent := top(l.recent, false)
	posts, err := s.postsByID(ctx, ids)
	if err != nil {
		return out, err
	}
	tell := func(all []wanted, weighs bool) []InsightPost {
		told := []InsightPost{}
		for _, n := range all {
			p, there := posts[n.postID]
			if !there {
				continue
			}
			one := InsightPost{ID: p.ID, Number: p.Number, Title: p.Title, Status: p.Status, Votes: n.votes, LastVoteAt: clock.FromMicros(n.last)}
			if weighs && heavy {
				one.Weight = pointerTo(fromGrains(n.weight))
			}
			told = append(told, one)
		}
		return told
	}
	for i, some := range segments {
		one := SegmentInsight{SegmentID: f.Segments[i], Posts: int64(len(l.segments[i])), Most: tell(some, true)}
		if l.broken[i] {
			one.Problem = "segment"
		}
		var weight int64
		for _, n := range l.segments[i] {
			one.Votes, weight = one.Votes+n.votes, weight+n.weight
		}
		one.Weight = pointerTo(fromGrains(weight))
		out.Segments = append(out.Segments, one)
	}
	for _, word := range words {
		one := ImportanceInsight{Importance: word, Posts: int64(len(of[word])), Most: tell(most[word], false)}
		for _, n := range of[word] {
			one.Votes += n.votes
		}
		out.Importance = append(out.Importance, one)
	}
	out.Recent = tell(recent, false)
	out.Statuses, out.Categories = l.split(heavy)
	return out, nil
}

// split gives how much is at each status and in each category.
func (l *looked) split(heavy bool) (statuses, categories []SplitInsight) {
	add := func(into map[string]*SplitInsight, key string, r splitRow) {
		one := into[key]
		if one == nil {
			one = &SplitInsight{Key: key}
			into[key] = one
		}
		one.Posts, one.Votes = one.Posts+r.posts, one.Votes+r.votes
		if heavy {
			if one.Weight == nil {
				one.Weight = new(float64)
			}
			*one.Weight = fromGrains(grains(*one.Weight) + r.weight)
		}
	}
	byStatus, byCategory := map[string]*SplitInsight{}, map[string]*SplitInsight{}
	for _, r := range l.splits {
		add(byStatus, r.status, r)
		add(byCategory, r.category, r)
	}
	statuses, categories = []SplitInsight{}, []SplitInsight{}
	for _, st := range l.b.Statuses {
		if one := byStatus[st.Key]; one != nil {
			statuses = append(statuses, *one)
		} else {
			statuses = append(statuses, SplitInsight{Key: st.Key})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(byCategory)) {
		categories = append(categories, *byCategory[key])
	}
	slices.SortStableFunc(categories, func(x, y SplitInsight) int { return cmp.Compare(y.Votes, x.Votes) })
	return statuses, categories
}

// postsByID opens some posts.
func (s *Service) postsByID(ctx context.Context, ids []string) (map[string]Post, error) {
	out := map[string]Post{}
	if ids = distinct(ids); len(ids) == 0 {
		return out, nil
	}
	var rows []postRow
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		rows, err = queryAll(tx, func(rows *sql.Rows) (postRow, error) { return scanPost(rows) },
			`SELECT `+postColumns+fromPosts+` AND p.id IN (`+marks(2, len(ids))+`)`, texts(ids, actor.From(ctx).WorkspaceID)...)
		return err
	})
	if err != nil {
		return nil, err
	}
	posts, _, err := s.openPosts(ctx, rows)
	for _, p := range posts {
		out[p.ID] = p
	}
	return out, err
}
