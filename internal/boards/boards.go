package boards

import (
	"context"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/storage"
)

// maxBoards bounds how many boards a workspace has.
const maxBoards = 100

// Boards gives boards, newest first: those before an id ("" for the first page), at
// most limit.
func (s *Service) Boards(ctx context.Context, before string, limit int) (out []Board, err error) {
	if before == "" {
		before = "brd_~"
	}
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if out, err = loadBoards(tx, actor.From(ctx).WorkspaceID, before, limit); err != nil {
			return err
		}
		return stateWeights(tx, actor.From(ctx).WorkspaceID, out)
	})
	for i := range out {
		if err == nil {
			err = s.address(ctx, &out[i])
		}
	}
	return out, fault.Wrap("boards.Boards", err)
}

// Board gives one board.
func (s *Service) Board(ctx context.Context, boardID string) (b Board, err error) {
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if b, err = loadBoard(tx, actor.From(ctx).WorkspaceID, boardID); err != nil {
			return err
		}
		one := []Board{b}
		err = stateWeights(tx, actor.From(ctx).WorkspaceID, one)
		b = one[0]
		return err
	})
	if err == nil {
		err = s.address(ctx, &b)
	}
	return b, fault.Wrap("boards.Board", err)
}

// CreateBoard adds a board.
func (s *Service) CreateBoard(ctx context.Context, n NewBoard) (Board, error) {
	b, err := n.board()
	if err == nil {
		err = s.checkWeight(ctx, &b.Weight)
	}
	if err != nil {
		return Board{}, err
	}
	a := actor.From(ctx)
	b.ID, b.CreatedAt = s.IDs.New(id.Board), s.Clock.Now()
	b.UpdatedAt = b.CreatedAt
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.Lock("boards " + a.WorkspaceID); err != nil {
			return err
		}
		var n int
		if err := tx.QueryRow(`SELECT COUNT(*) FROM boards WHERE workspace_id = $1`, a.WorkspaceID).Scan(&n); err != nil {
			return err
		}
		if n >= maxBoards {
			return fault.Conflict("too_many_boards", "A workspace has at most 100 boards.")
		}
		if err := s.holdSegments(tx, a.WorkspaceID, &b); err != nil {
			return err
		}
		if err := free(tx, a.WorkspaceID, &b); err != nil {
			return err
		}
		if _, err := tx.Exec(insertBoard, append([]any{a.WorkspaceID, b.ID, clock.Micros(b.CreatedAt)}, b.values()...)...); err != nil {
			return taken(err)
		}
		if err := storeStatuses(tx, a.WorkspaceID, b); err != nil {
			return err
		}
		if err := storeCategories(tx, a.WorkspaceID, b); err != nil {
			return err
		}
		plain := BoardWeight{By: WeighVotes, Default: 1}
		if err := s.weighAnew(tx, a.WorkspaceID, &b, &plain); err != nil {
			return err
		}
		return s.record(tx, a, "board.created", "board", b.ID, map[string]string{"visibility": b.Visibility})
	})
	if err == nil {
		err = s.address(ctx, &b)
	}
	return b, fault.Wrap("boards.CreateBoard", err)
}

// free tells whether no other board has the slug or the domain. Two that ask at the
// same time are told apart by the indexes; see [taken].
func free(tx *storage.Tx, workspaceID string, b *Board) error {
	var n int
	err := tx.QueryRow(`SELECT COUNT(*) FROM boards WHERE workspace_id = $1 AND slug = $2 AND id <> $3`, workspaceID, b.Slug, b.ID).Scan(&n)
	if err == nil && n > 0 {
		err = fault.Conflict("slug_taken", "Another board has this slug. Choose another one.")
	}
	if err != nil || b.Domain == nil {
		return err
	}
	err = tx.QueryRow(`SELECT COUNT(*) FROM boards WHERE domain = $1 AND id <> $2`, *b.Domain, b.ID).Scan(&n)
	if err == nil && n > 0 {
		err = fault.Conflict("domain_taken", "Another board of this server has this domain. Choose another one.")
	}
	return err
}

func taken(err error) error {
	if storage.IsUnique(err) {
		return fault.Conflict("slug_taken", "Another board took this slug or this domain just now. Choose another one.")
	}
	return err
}

// UpdateBoard changes a board. Check, if not nil, is asked whether the version that
// is there may be changed.
func (s *Service) UpdateBoard(ctx context.Context, boardID string, c BoardChange, check func(updated time.Time) error) (out Board, err error) {
	a := actor.From(ctx)
	if rule, bad := ruleFrom(c.Weight); len(bad) == 0 {
		if err := s.checkWeight(ctx, &rule); err != nil {
			return Board{}, fault.Wrap("boards.UpdateBoard", err)
		}
	}
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.Lock("board " + boardID); err != nil {
			return err
		}
		was, err := loadBoard(tx, a.WorkspaceID, boardID)
		if err != nil {
			return err
		}
		if check != nil {
			if err := check(was.UpdatedAt); err != nil {
				return err
			}
		}
		now := later(s.Clock.Now(), was.UpdatedAt)
		if out, err = was.with(c, now); err != nil {
			return err
		}
		out.UpdatedAt = now
		if used, err := statusInUse(tx, a.WorkspaceID, out); err != nil || used != "" {
			if err == nil {
				err = fault.Conflict("status_in_use", "Posts are at the status "+used+". Move them to another one first.")
			}
			return err
		}
		if err := s.holdSegments(tx, a.WorkspaceID, &out); err != nil {
			return err
		}
		if err := free(tx, a.WorkspaceID, &out); err != nil {
			return err
		}
		if _, err = tx.Exec(updateBoard, append(out.values(), a.WorkspaceID, boardID)...); err != nil {
			return taken(err)
		}
		if err := storeStatuses(tx, a.WorkspaceID, out); err != nil {
			return err
		}
		if err := saveCategories(tx, a.WorkspaceID, &was, &out); err != nil {
			return err
		}
		if err := s.weighAnew(tx, a.WorkspaceID, &out, &was.Weight); err != nil {
			return err
		}
		return s.record(tx, a, "board.updated", "board", boardID, map[string]string{"visibility": out.Visibility, "on_erasure": out.OnErasure, "weight": out.Weight.By})
	})
	if err == nil {
		err = s.address(ctx, &out)
	}
	return out, fault.Wrap("boards.UpdateBoard", err)
}

// Draft gives a board as it would be with a change made, and keeps nothing of it.
func (s *Service) Draft(ctx context.Context, boardID string, c BoardChange) (Board, error) {
	b, err := s.Board(ctx, boardID)
	if err == nil {
		b, err = b.with(c, s.Clock.Now())
	}
	if err == nil {
		err = s.address(ctx, &b)
	}
	return b, fault.Wrap("boards.Draft", err)
}

// later gives now, but after a moment: versions move even if the clock does not.
func later(now, was time.Time) time.Time {
	if now.After(was) {
		return now
	}
	return was.Add(time.Microsecond)
}

// takes refuses to add to a board that is archived.
func (b *Board) takes() error {
	if b.ArchivedAt == nil {
		return nil
	}
	return fault.Conflict("board_archived", "This board is archived. It can be read, and nothing is added to it.")
}
