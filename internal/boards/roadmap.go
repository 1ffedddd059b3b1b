package boards

import (
	"context"
	"database/sql"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// RoadmapColumn is one status of a board with the posts at it.
type RoadmapColumn struct {
	Status Status `json:"status"`
	Posts  int64  `json:"posts" doc:"How many published posts are at it."`
	Data   []Post `json:"data" doc:"The first of them, in the order that operators gave them. The list by status goes on."`
}

const selectRoadmap = `
	SELECT ` + postColumns + `, r.total FROM (
		SELECT id, COUNT(*) OVER (PARTITION BY status) AS total, ROW_NUMBER() OVER (PARTITION BY status ORDER BY place DESC, id DESC) AS nth
		FROM posts WHERE workspace_id = $1 AND board_id = $2 AND merged_into IS NULL AND state = 'published'
	) r JOIN posts p ON p.workspace_id = $1 AND p.id = r.id
	LEFT JOIN contacts c ON c.workspace_id = p.workspace_id AND c.id = p.contact_id
	WHERE r.nth <= $3 ORDER BY p.status, r.nth`

// more is a row with values after those that a scan knows of.
type more struct {
	rows *sql.Rows
	dest []any
}

// Scan reads all of them.
func (m more) Scan(dest ...any) error { return m.rows.Scan(append(dest, m.dest...)...) }

// Roadmap gives a board's statuses with how many posts are at each, and the first of
// them, at most so many.
func (s *Service) Roadmap(ctx context.Context, boardID string, most int) ([]RoadmapColumn, error) {
	a := actor.From(ctx)
	var b Board
	var rows []postRow
	var totals map[string]int64
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		totals = map[string]int64{}
		if b, err = loadBoard(tx, a.WorkspaceID, boardID); err != nil {
			return err
		}
		rows, err = queryAll(tx, func(rows *sql.Rows) (postRow, error) {
			var total int64
			r, err := scanPost(more{rows, []any{&total}})
			totals[r.p.Status] = total
			return r, err
		}, selectRoadmap, a.WorkspaceID, boardID, most)
		return err
	})
	if err != nil {
		return nil, fault.Wrap("boards.Roadmap", err)
	}
	posts, _, err := s.openPosts(ctx, rows)
	out := make([]RoadmapColumn, len(b.Statuses))
	for i, st := range b.Statuses {
		out[i] = RoadmapColumn{Status: st, Posts: totals[st.Key], Data: []Post{}}
		for _, p := range posts {
			if p.Status == st.Key {
				out[i].Data = append(out[i].Data, p)
			}
		}
	}
	return out, fault.Wrap("boards.Roadmap", err)
}
