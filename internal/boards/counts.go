package boards

import (
	"context"
	"database/sql"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// BoardCounts is how much is on a board.
type BoardCounts struct {
	Posts   int64 `json:"posts" doc:"Published ones. Those that were merged into another are in no count."`
	Pending int64 `json:"pending" doc:"Posts that wait for an operator."`
	// PendingComments are those that wait under any of its posts.
	PendingComments int64         `json:"pending_comments" doc:"Comments that wait for an operator."`
	Votes           int64         `json:"votes" doc:"On its published posts."`
	Statuses        []StatusCount `json:"statuses" doc:"In the order of the board's statuses; those at which no post is, too."`
}

// StatusCount is how many of a board's posts are at a status.
type StatusCount struct {
	Status string `json:"status"`
	Posts  int64  `json:"posts"`
	Votes  int64  `json:"votes"`
}

const selectCounts = `
	SELECT status, state, COUNT(*), SUM(votes) FROM posts
	WHERE workspace_id = $1 AND board_id = $2 AND merged_into IS NULL GROUP BY status, state`

const countPendingComments = `
	SELECT COUNT(*) FROM post_comments k WHERE k.workspace_id = $1 AND k.state = 'pending' AND k.body_sealed IS NOT NULL
		AND EXISTS (SELECT 1 FROM posts u WHERE u.workspace_id = $1 AND u.id = k.post_id AND u.board_id = $2)`

type countRow struct {
	StatusCount
	state string
}

// Counts gives how much is on a board, by status.
func (s *Service) Counts(ctx context.Context, boardID string) (BoardCounts, error) {
	workspaceID := actor.From(ctx).WorkspaceID
	var out BoardCounts
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		b, err := loadBoard(tx, workspaceID, boardID)
		if err != nil {
			return err
		}
		rows, err := queryAll(tx, func(rows *sql.Rows) (r countRow, err error) {
			return r, rows.Scan(&r.Status, &r.state, &r.Posts, &r.Votes)
		}, selectCounts, workspaceID, boardID)
		if err != nil {
			return err
		}
		out = countsOf(b, rows)
		return tx.QueryRow(countPendingComments, workspaceID, boardID).Scan(&out.PendingComments)
	})
	return out, fault.Wrap("boards.Counts", err)
}

func countsOf(b Board, rows []countRow) BoardCounts {
	out := BoardCounts{Statuses: make([]StatusCount, len(b.Statuses))}
	at := make(map[string]*StatusCount, len(b.Statuses))
	for i, st := range b.Statuses {
		out.Statuses[i].Status = st.Key
		at[st.Key] = &out.Statuses[i]
	}
	for _, r := range rows {
		if r.state == Pending {
			out.Pending += r.Posts
			continue
		}
		out.Posts += r.Posts
		out.Votes += r.Votes
		if status := at[r.Status]; status != nil {
			status.Posts, status.Votes = r.Posts, r.Votes
		}
	}
	return out
}
