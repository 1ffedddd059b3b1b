package boards

import (
	"context"
	"database/sql"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// PendingCount is how much waits on a board.
type PendingCount struct {
	BoardID  string `json:"board_id"`
	Posts    int64  `json:"posts"`
	Comments int64  `json:"comments"`
}

// What waits, each along its own index; only the boards are looked up for each.
const selectPendingCounts = `
	SELECT p.board_id, SUM(q.is_post), COUNT(*) - SUM(q.is_post) FROM (
		SELECT w.id AS post_id, 1 AS is_post FROM posts w WHERE w.workspace_id = $1 AND w.state = 'pending' AND w.merged_into IS NULL
		UNION ALL SELECT k.post_id, 0 FROM post_comments k WHERE k.workspace_id = $1 AND k.state = 'pending' AND k.body_sealed IS NOT NULL
	) q JOIN posts p ON p.workspace_id = $1 AND p.id = q.post_id GROUP BY p.board_id ORDER BY p.board_id`

// PendingCounts gives how much waits for an operator on each board where something does.
func (s *Service) PendingCounts(ctx context.Context) (out []PendingCount, err error) {
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		out, err = queryAll(tx, func(rows *sql.Rows) (c PendingCount, err error) {
			return c, rows.Scan(&c.BoardID, &c.Posts, &c.Comments)
		}, selectPendingCounts, actor.From(ctx).WorkspaceID)
		return err
	})
	return out, fault.Wrap("boards.PendingCounts", err)
}
