package boards

import (
	"database/sql"
	"slices"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
)

const selectWeights = `SELECT segment_id, weight FROM board_weights WHERE workspace_id = $1 AND board_id = $2 ORDER BY position`

// loadWeights reads what segments weigh on a board.
func loadWeights(tx *storage.Tx, workspaceID string, b *Board) error {
	all, err := queryAll(tx, func(rows *sql.Rows) (s SegmentWeight, err error) {
		var n int64
		err = rows.Scan(&s.SegmentID, &n)
		s.Weight = fromGrains(n)
		return s, err
	}, selectWeights, workspaceID, b.ID)
	b.Weight.Segments = append([]SegmentWeight{}, all...)
	return err
}

func storeWeights(tx *storage.Tx, workspaceID string, b *Board) error {
	if _, err := tx.Exec(`DELETE FROM board_weights WHERE workspace_id = $1 AND board_id = $2`, workspaceID, b.ID); err != nil {
		return err
	}
	var args []any
	for i, s := range b.Weight.Segments {
		args = append(args, workspaceID, b.ID, s.SegmentID, grains(s.Weight), i)
	}
	_, err := storage.InsertRows(tx, `INSERT INTO board_weights (workspace_id, board_id, segment_id, weight, position) VALUES `, 5, args, "")
	return err
}

const beginWeighing = `
	INSERT INTO board_weighings (workspace_id, board_id, rule, weighed, number, sequence, problem, walk_at, due_at) VALUES ($1, $2, $3, 0, 0, $4, '', $5, $5)
	ON CONFLICT (workspace_id, board_id) DO UPDATE SET rule = board_weighings.rule + 1, number = 0, problem = '', walk_at = excluded.walk_at, due_at = excluded.due_at`

// weighAnew stores a board's rule, and has all its votes weighed by it if it is another
// one than before.
func (s *Service) weighAnew(tx *storage.Tx, workspaceID string, b *Board, was *BoardWeight) error {
	if b.Weight.same(was) {
		return nil
	}
	if err := storeWeights(tx, workspaceID, b); err != nil {
		return err
	}
	last, err := live.Last(tx, workspaceID)
	if err != nil {
		return err
	}
	now := clock.Micros(s.Clock.Now())
	if _, err := tx.Exec(beginWeighing, workspaceID, b.ID, now, last, now); err != nil {
		return err
	}
	b.Weight.State = "weighing"
	switch { // a post is in the order by weight where the board has a rule, and only there
	case b.Weight.plain():
		_, err = tx.Exec(`UPDATE posts SET weight = NULL WHERE workspace_id = $1 AND board_id = $2 AND weight IS NOT NULL`, workspaceID, b.ID)
	case was.plain():
		_, err = tx.Exec(`UPDATE posts SET weight = 0 WHERE workspace_id = $1 AND board_id = $2 AND weight IS NULL`, workspaceID, b.ID)
	}
	return err
}

// walkSoon has all posts of a board walked now, if it has a rule: what happened there
// is told by no event.
func (s *Service) walkSoon(tx *storage.Tx, workspaceID, boardID string) error {
	_, err := tx.Exec(`UPDATE board_weighings SET walk_at = $1, due_at = $1 WHERE workspace_id = $2 AND board_id = $3 AND number = 0`,
		clock.Micros(s.Clock.Now()), workspaceID, boardID)
	return err
}

const selectWeighings = `SELECT board_id, rule, weighed, problem FROM board_weighings WHERE workspace_id = $1`

// stateWeights notes in boards whether all their posts are weighed by their rules.
func stateWeights(tx *storage.Tx, workspaceID string, all []Board) error {
	if !slices.ContainsFunc(all, func(b Board) bool { return !b.Weight.plain() }) {
		return nil
	}
	type state struct {
		boardID, problem string
		rule, weighed    int64
	}
	states, err := queryAll(tx, func(rows *sql.Rows) (st state, err error) {
		return st, rows.Scan(&st.boardID, &st.rule, &st.weighed, &st.problem)
	}, selectWeighings, workspaceID)
	for _, st := range states {
		for i := range all {
			if all[i].ID == st.boardID {
				all[i].Weight.Problem = st.problem
				if st.rule != st.weighed {
					all[i].Weight.State = "weighing"
				}
			}
		}
	}
	return err
}
