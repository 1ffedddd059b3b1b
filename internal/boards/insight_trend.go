package boards

import (
	"context"
	"database/sql"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

const (
	dayMicros = int64(24 * time.Hour / time.Microsecond)
	// mostTrendDays bounds a span.
	mostTrendDays = 400
	// daily is up to how many days each day stands for itself.
	daily = 92
)

// BoardTrend is how much happened on a board, day by day or week by week (UTC; weeks
// begin on Monday).
type BoardTrend struct {
	By   string       `json:"by" enum:"day,week"`
	From string       `json:"from" doc:"The first day, such as 2026-10-01."`
	To   string       `json:"to" doc:"The last day."`
	Data []TrendPoint `json:"data" doc:"Every day or week of the span, oldest first; those on which nothing happened, too."`
}

// TrendPoint is how much happened on a day or in a week.
type TrendPoint struct {
	On       string `json:"on" doc:"The day, or the Monday of the week."`
	Votes    int64  `json:"votes" doc:"That are there still, and were cast then."`
	Posts    int64  `json:"posts"`
	Comments int64  `json:"comments" doc:"That the public may read."`
}

// TrendFilter says what is counted.
type TrendFilter struct {
	PostID   string    // one post; "" all of the board
	From, To time.Time // days
	By       string    // day, week; "" as the span is long
}

const notRestricted = ` AND NOT EXISTS (SELECT 1 FROM contacts o WHERE o.workspace_id = x.workspace_id AND o.id = x.contact_id AND (o.restricted_at IS NOT NULL OR o.deleted_at IS NOT NULL))`

// selectBoardTrend counts what happened on a board on each day of a span. Votes that a
// merge copied are counted where they were cast.
const selectBoardTrend = `
	SELECT 'votes', (x.created_at / 86400000000), COUNT(*) FROM post_votes x JOIN posts p ON p.workspace_id = x.workspace_id AND p.id = x.post_id
	WHERE x.workspace_id = $1 AND (x.created_at / 86400000000) >= $2 AND (x.created_at / 86400000000) <= $3 AND p.board_id = $4 AND x.from_post_id IS NULL` + notRestricted + `
	GROUP BY (x.created_at / 86400000000)
	UNION ALL SELECT 'votes', (x.created_at / 86400000000), COUNT(*) FROM anonymous_ballots x JOIN posts p ON p.workspace_id = x.workspace_id AND p.id = x.post_id
	WHERE x.workspace_id = $1 AND (x.created_at / 86400000000) >= $2 AND (x.created_at / 86400000000) <= $3 AND p.board_id = $4 AND x.from_post_id IS NULL
	GROUP BY (x.created_at / 86400000000)
	UNION ALL SELECT 'comments', (x.created_at / 86400000000), COUNT(*) FROM post_comments x JOIN posts p ON p.workspace_id = x.workspace_id AND p.id = x.post_id
	WHERE x.workspace_id = $1 AND (x.created_at / 86400000000) >= $2 AND (x.created_at / 86400000000) <= $3 AND p.board_id = $4
	AND x.internal = 0 AND x.state = 'published' AND x.body_sealed IS NOT NULL` + notRestricted + ` GROUP BY (x.created_at / 86400000000)
	UNION ALL SELECT 'posts', (x.created_at / 86400000000), COUNT(*) FROM posts x
	WHERE x.workspace_id = $1 AND (x.created_at / 86400000000) >= $2 AND (x.created_at / 86400000000) <= $3 AND x.board_id = $4 AND x.state = 'published'` + notRestricted + `
	GROUP BY (x.created_at / 86400000000)`

// selectPostTrend counts what happened under one post.
const selectPostTrend = `
	SELECT 'votes', (x.created_at / 86400000000), COUNT(*) FROM post_votes x
	WHERE x.workspace_id = $1 AND x.post_id = $2 AND (x.created_at / 86400000000) >= $3 AND (x.created_at / 86400000000) <= $4` + notRestricted + ` GROUP BY (x.created_at / 86400000000)
	UNION ALL SELECT 'votes', (x.created_at / 86400000000), COUNT(*) FROM anonymous_ballots x
	WHERE x.workspace_id = $1 AND x.post_id = $2 AND (x.created_at / 86400000000) >= $3 AND (x.created_at / 86400000000) <= $4 GROUP BY (x.created_at / 86400000000)
	UNION ALL SELECT 'comments', (x.created_at / 86400000000), COUNT(*) FROM post_comments x
	WHERE x.workspace_id = $1 AND x.post_id = $2 AND (x.created_at / 86400000000) >= $3 AND (x.created_at / 86400000000) <= $4
	AND x.internal = 0 AND x.state = 'published' AND x.body_sealed IS NOT NULL` + notRestricted + ` GROUP BY (x.created_at / 86400000000)`

type trendRow struct {
	what   string
	day, n int64
}

// BoardTrend tells how much happened on a board, or under one of its posts, in a span.
func (s *Service) BoardTrend(ctx context.Context, boardID string, f TrendFilter) (BoardTrend, error) {
	const op = "boards.BoardTrend"
	workspaceID := actor.From(ctx).WorkspaceID
	from, to := clock.Micros(f.From)/dayMicros, clock.Micros(f.To)/dayMicros
	if to < from || to-from >= mostTrendDays {
		return BoardTrend{}, fault.Invalid("from", "must be before to, and at most 400 days")
	}
	if f.By == "" {
		if f.By = "day"; to-from >= daily {
			f.By = "week"
		}
	}
	var rows []trendRow
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		if _, err := loadBoard(tx, workspaceID, boardID); err != nil {
			return err
		}
		query, args := selectBoardTrend, []any{workspaceID, from, to, boardID}
		if f.PostID != "" {
			p, err := loadPost(tx, workspaceID, f.PostID)
			if fault.Is(err, fault.KindNotFound) || err == nil && p.p.BoardID != boardID {
				err = fault.Invalid("post_id", "must be a post of this board")
			}
			if err != nil {
				return err
			}
			query, args = selectPostTrend, []any{workspaceID, f.PostID, from, to}
		}
		var err error
		rows, err = queryAll(tx, func(rows *sql.Rows) (r trendRow, err error) { return r, rows.Scan(&r.what, &r.day, &r.n) }, query, args...)
		return err
	})
	if err != nil {
		return BoardTrend{}, fault.Wrap(op, err)
	}
	return trendOf(rows, from, to, f.By), nil
}

// trendOf puts counts into the days or weeks of a span.
func trendOf(rows []trendRow, from, to int64, by string) BoardTrend {
	name := func(day int64) string { return clock.FromMicros(day * dayMicros).UTC().Format(time.DateOnly) }
	out := BoardTrend{By: by, From: name(from), To: name(to), Data: []TrendPoint{}}
	step, first := int64(1), from
	if by == "week" { // the first of January 1970 was a Thursday
		step, first = 7, from-(from+3)%7
	}
	for day := first; day <= to; day += step {
		out.Data = append(out.Data, TrendPoint{On: name(day)})
	}
	for _, r := range rows {
		at := &out.Data[(r.day-first)/step]
		switch r.what {
		case "votes":
			at.Votes += r.n
		case "posts":
			at.Posts += r.n
		default:
			at.Comments += r.n
		}
	}
	return out
}
