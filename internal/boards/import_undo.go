package boards

import (
	"context"
	"fmt"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
)

const undoAtOnce = 50

// UndoImport begins to take back what an import added: its posts, but for those where
// others voted or spoke since, and the people who came with it and of whom nothing
// else is here.
func (s *Service) UndoImport(ctx context.Context, importID string) (m BoardImport, err error) {
	a := actor.From(ctx)
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if m, err = s.loadImport(tx, a.WorkspaceID, importID); err != nil {
			return err
		}
		if err := s.noOtherImport(tx, a.WorkspaceID, m.BoardID); err != nil {
			return err
		}
		now := s.Clock.Now()
		if m.State == ImportUndone || m.CreatedAt.Add(undoImportFor).Before(now) {
			return fault.Conflict("undo_over", "This import was undone before, or its 30 days are over.")
		}
		m.State, m.UpdatedAt = ImportUndoing, now
		if err := s.saveImport(tx, a.WorkspaceID, &m); err != nil {
			return err
		}
		return s.record(tx, a, "board.import_undo_started", "board", m.BoardID, map[string]string{"import_id": importID})
	})
	if err != nil {
		return BoardImport{}, fault.Wrap("boards.UndoImport", err)
	}
	work := m
	s.background(ctx, func(ctx context.Context) {
		if err := s.undoImport(ctx, &work); err != nil && ctx.Err() == nil {
			s.Imports.Logger.ErrorContext(ctx, "undoing the import of a board failed", "error", err)
		}
	})
	return m, nil
}

func (s *Service) undoImport(ctx context.Context, m *BoardImport) error {
	if err := s.takePostsBack(ctx, m); err != nil {
		return err
	}
	if err := s.takePeopleBack(ctx, m); err != nil {
		return err
	}
	a := actor.From(ctx)
	return s.DB.Write(ctx, func(tx *storage.Tx) error {
		m.State, m.UndoUntil, m.UpdatedAt = ImportUndone, nil, s.Clock.Now()
		if err := s.saveImport(tx, a.WorkspaceID, m); err != nil {
			return err
		}
		return s.record(tx, a, "board.import_undone", "board", m.BoardID, map[string]string{"import_id": m.ID})
	})
}

func (s *Service) takePostsBack(ctx context.Context, m *BoardImport) error {
	a := actor.From(ctx)
	after := ""
	for ctx.Err() == nil {
		var some []string
		err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
			some, err = queryAll(tx, scanText, `SELECT id FROM posts WHERE workspace_id = $1 AND import_id = $2 AND id > $3 ORDER BY id LIMIT $4`, a.WorkspaceID, m.ID, after, undoAtOnce)
			return err
		})
		if err != nil || len(some) == 0 {
			return err
		}
		report := m.Report
		err = s.DB.Write(ctx, func(tx *storage.Tx) error {
			m.Report = report // this may run more than once
			if err := tx.Lock(mergesLock(a.WorkspaceID)); err != nil {
				return err
			}
			for _, postID := range some {
				if err := s.takePostBack(tx, a, m, postID); err != nil {
					return err
				}
			}
			m.UpdatedAt = s.Clock.Now()
			return s.saveImport(tx, a.WorkspaceID, m)
		})
		if err != nil {
			return err
		}
		after = some[len(some)-1]
	}
	return ctx.Err()
}

// selectTouched tells whether others voted or spoke under a post, or changed its
// words, since it was imported. Votes that merging copied do not count.
const selectTouched = `
	SELECT EXISTS (SELECT 1 FROM post_votes WHERE workspace_id = $1 AND post_id = $2 AND import_id IS NULL AND from_post_id IS NULL)
		OR EXISTS (SELECT 1 FROM post_comments WHERE workspace_id = $1 AND post_id = $2 AND import_id IS NULL)
		OR EXISTS (SELECT 1 FROM posts WHERE workspace_id = $1 AND id = $2 AND edited_at IS NOT NULL)`

func (s *Service) takePostBack(tx *storage.Tx, a actor.Actor, m *BoardImport, postID string) error {
	r, err := lockPost(tx, a.WorkspaceID, postID)
	if fault.Is(err, fault.KindNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var touched bool
	if err := tx.QueryRow(selectTouched, a.WorkspaceID, postID).Scan(&touched); err != nil {
		return err
	}
	if touched {
		m.Report.Kept++
		return nil
	}
	m.Report.Removed++
	if err := s.deletePost(tx, a.WorkspaceID, postID); err != nil {
		return err
	}
	s.tell(tx, a, live.PostUpdated, r.contactID, postID, s.Clock.Now(), map[string]string{"board_id": r.p.BoardID, "deleted": "true"})
	return nil
}

// takePeopleBack erases who came with the import and of whom nothing else is here.
func (s *Service) takePeopleBack(ctx context.Context, m *BoardImport) error {
	a := actor.From(ctx)
	after := ""
	for ctx.Err() == nil {
		var some []contacts.Imported
		err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
			some, err = contacts.ImportedAfter(tx, a.WorkspaceID, m.ID, after, undoAtOnce)
			return err
		})
		if err != nil || len(some) == 0 {
			return err
		}
		for _, one := range some {
			if one.Untouched {
				if _, err := s.Imports.Forget(ctx, one.ID); err != nil {
					return err
				}
			}
			after = one.ID
		}
		m.UpdatedAt = s.Clock.Now()
		err = s.DB.Write(ctx, func(tx *storage.Tx) error { return s.saveImport(tx, a.WorkspaceID, m) })
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// KeepsContact is an SQL condition on contacts c: they voted, wished or spoke on a
// board since a moment.
func KeepsContact(since int64) string {
	return fmt.Sprintf(`EXISTS (SELECT 1 FROM post_votes k WHERE k.workspace_id = c.workspace_id AND k.contact_id = c.id AND k.created_at >= %[1]d)
		OR EXISTS (SELECT 1 FROM posts k WHERE k.workspace_id = c.workspace_id AND k.contact_id = c.id AND k.created_at >= %[1]d)
		OR EXISTS (SELECT 1 FROM post_comments k WHERE k.workspace_id = c.workspace_id AND k.contact_id = c.id AND k.created_at >= %[1]d)
		OR EXISTS (SELECT 1 FROM comment_reactions k WHERE k.workspace_id = c.workspace_id AND k.person_id = c.id AND k.created_at >= %[1]d)`, since)
}
