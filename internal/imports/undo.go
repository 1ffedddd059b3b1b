package imports

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

const undoBatch = 50

// nothing is what stands where something was forgotten.
var nothing = []byte{}

// The cursor of an undo says which half it is in: those who came with the import, or
// those whom it changed.
const (
	cursorCame    = "came "
	cursorChanged = "changed "
)

// undo takes an import back. Each person's outcome commits with the place that was
// reached, so that whatever stops it, nobody is counted twice.
func (s *Service) undo(ctx context.Context, r *record) error {
	if r.cursor == "" {
		r.cursor = cursorCame
		if err := s.setCursor(ctx, r); err != nil {
			return err
		}
	}
	u := &undoing{Service: s, r: r}
	for strings.HasPrefix(r.cursor, cursorCame) {
		more, err := u.came(ctx)
		if err != nil {
			return err
		}
		if !more {
			r.cursor = cursorChanged
			if err := s.setCursor(ctx, r); err != nil {
				return err
			}
		}
	}
	for strings.HasPrefix(r.cursor, cursorChanged) {
		more, err := u.changed(ctx)
		if err != nil {
			return err
		}
		if !more {
			break
		}
	}
	if strings.HasPrefix(r.cursor, cursorChanged) {
		r.cursor = cursorMade
		if err := s.setCursor(ctx, r); err != nil {
			return err
		}
	}
	for more := true; more; {
		var err error
		if more, err = u.madeCompanies(ctx); err != nil {
			return err
		}
	}
	return s.endUndo(ctx, r)
}

func (s *Service) setCursor(ctx context.Context, r *record) error {
	return s.DB.Write(ctx, func(tx *storage.Tx) error { return s.saveUndo(tx, r) })
}

func (s *Service) saveUndo(tx *storage.Tx, r *record) error {
	saved, err := save(tx, r, StateUndoing)
	if err == nil && !saved {
		err = errLost
	}
	return err
}

func (s *Service) endUndo(ctx context.Context, r *record) error {
	now := s.Clock.Now()
	r.state, r.queued, r.undoUntil, r.updated = StateUndone, time.Time{}, time.Time{}, now
	return s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := s.saveUndo(tx, r); err != nil {
			return err
		}
		if _, err := tx.Exec(forgetUpdates, nothing, r.workspaceID, r.id); err != nil {
			return err
		}
		if _, err := tx.Exec(deleteCompanyMade, r.workspaceID, r.id); err != nil {
			return err
		}
		s.tell(tx, r, actor.From(ctx))
		return s.Audit.Append(tx, ended(r, "import.undone"))
	})
}

// undoing is an undo on its way.
type undoing struct {
	*Service
	r    *record
	told time.Time
}

// move notes an outcome and the place that was reached, in the transaction of what
// was done. It gives the record as it is then.
func (u *undoing) move(ctx context.Context, tx *storage.Tx, cursor string, count func(*UndoTally)) (*record, error) {
	now := u.Clock.Now()
	n, err := tx.Exec(holdRow, clock.Micros(now.Add(leaseFor)), u.r.workspaceID, u.r.id, u.node, StateUndoing, u.r.row, u.r.cursor)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, errLost
	}
	next, tally := *u.r, *u.r.undone
	count(&tally)
	next.cursor, next.undone, next.updated = cursor, &tally, now
	if now.Sub(u.told) >= tellEvery {
		u.tell(tx, &next, actor.From(ctx))
		tx.OnCommit(func() { u.told = now })
	}
	return &next, u.saveUndo(tx, &next)
}

// came looks at some of those who came with the import, and tells whether there were any.
func (u *undoing) came(ctx context.Context) (bool, error) {
	var some []contacts.Imported
	err := u.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		some, err = contacts.ImportedAfter(tx, u.r.workspaceID, u.r.id, strings.TrimPrefix(u.r.cursor, cursorCame), undoBatch)
		return err
	})
	if err != nil {
		return false, err
	}
	for _, one := range some {
		if err := u.at("before"); err != nil {
			return false, err
		}
		if err := u.eraseOrKeep(ctx, one); err != nil {
			return false, err
		}
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
	}
	return len(some) > 0, nil
}

func (u *undoing) at(when string) error {
	if u.Batch == nil {
		return nil
	}
	return u.Batch(when)
}

func (u *undoing) eraseOrKeep(ctx context.Context, one contacts.Imported) error {
	var next *record
	cursor := cursorCame + one.ID
	if one.Untouched {
		err := u.Privacy.EraseIf(ctx, one.ID, func(tx *storage.Tx) (bool, error) {
			next = nil
			is, err := u.isUntouched(tx, one.ID)
			if err != nil || !is {
				return false, err
			}
			next, err = u.move(ctx, tx, cursor, func(t *UndoTally) { t.Erased++ })
			return err == nil, err
		})
		if err != nil {
			return err
		}
	}
	if next == nil {
		err := u.DB.Write(ctx, func(tx *storage.Tx) (err error) {
			next, err = u.move(ctx, tx, cursor, func(t *UndoTally) { t.Kept++ })
			return err
		})
		if err != nil {
			return err
		}
	}
	*u.r = *next
	return nil
}

// isUntouched tells whether somebody is as the import left them, everywhere.
func (u *undoing) isUntouched(tx *storage.Tx, contactID string) (bool, error) {
	is, err := contacts.IsUntouched(tx, u.r.workspaceID, contactID)
	if err != nil || !is {
		return false, err
	}
	acted, err := privacy.HasActed(tx, privacy.Subject{WorkspaceID: u.r.workspaceID, ContactID: contactID})
	if err != nil || acted || len(u.Busy) == 0 {
		return !acted, err
	}
	conditions := make([]string, len(u.Busy))
	for i, of := range u.Busy {
		conditions[i] = of(0)
	}
	var busy int
	err = tx.QueryRow(`SELECT COUNT(*) FROM contacts c WHERE c.workspace_id = $1 AND c.id = $2 AND (`+strings.Join(conditions, " OR ")+`)`,
		u.r.workspaceID, contactID).Scan(&busy)
	return busy == 0, err
}

// changed takes back what the import changed in some of those who were there, and
// tells whether there were any.
func (u *undoing) changed(ctx context.Context) (bool, error) {
	ids, sealed, err := u.nextChanged(ctx)
	if err != nil || len(ids) == 0 {
		return false, err
	}
	people, err := u.Contacts.Know(ctx, u.r.workspaceID, ids)
	if err != nil {
		return false, err
	}
	rules, err := u.Contacts.RulesOf(ctx, u.r.workspaceID)
	if err != nil {
		return false, err
	}
	for i, contactID := range ids {
		if err := u.at("before"); err != nil {
			return false, err
		}
		for range tries {
			err = u.revert(ctx, rules, contactID, people[contactID], sealed[i])
			if e := fault.As(err); e == nil || e.Code != "changed_meanwhile" {
				break
			}
			again, err := u.Contacts.Know(ctx, u.r.workspaceID, []string{contactID})
			if err != nil {
				return false, err
			}
			people[contactID] = again[contactID]
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

func (u *undoing) nextChanged(ctx context.Context) (ids []string, sealed [][]byte, err error) {
	err = u.DB.Read(ctx, func(tx *storage.Tx) error {
		rows, err := tx.Query(selectUpdates, u.r.workspaceID, u.r.id, strings.TrimPrefix(u.r.cursor, cursorChanged), undoBatch)
		if err != nil {
			return err
		}
		defer rows.Close()
		ids, sealed = nil, nil
		for rows.Next() {
			var contactID string
			var b []byte
			if err := rows.Scan(&contactID, &b); err != nil {
				return err
			}
			ids, sealed = append(ids, contactID), append(sealed, b)
		}
		return rows.Err()
	})
	return ids, sealed, err
}

// revert has one person's fields say again what they said. Who is restricted or in
// the bin, or was merged into another, stays as they are.
func (u *undoing) revert(ctx context.Context, rules contacts.Rules, contactID string, who *contacts.Known, sealed []byte) error {
	var edit *contacts.Edit
	var was former
	if who != nil && !who.Merged() {
		var err error
		if was, err = openFormer(who.Key(), u.r.id, sealed); err != nil {
			return err
		}
		if edit, _, err = u.Contacts.PrepareRevert(ctx, rules, who, was.Before, was.After); err != nil {
			return err
		}
	}
	var next *record
	err := u.DB.Write(ctx, func(tx *storage.Tx) error {
		reverted := false
		if edit != nil || !was.Joined.IsEmpty() {
			err := u.Privacy.MayRevert(tx, privacy.Subject{WorkspaceID: u.r.workspaceID, ContactID: contactID})
			switch {
			case err == nil:
				if reverted, err = u.takeBack(ctx, tx, contactID, edit, was.Joined); err != nil {
					return err
				}
			case fault.Is(err, fault.KindNotFound), errors.Is(err, privacy.ErrWithheld):
			default:
				return err
			}
		}
		if _, err := tx.Exec(forgetUpdate, nothing, u.r.workspaceID, u.r.id, contactID); err != nil {
			return err
		}
		var err error
		next, err = u.move(ctx, tx, cursorChanged+contactID, func(t *UndoTally) {
			if reverted {
				t.Reverted++
			} else {
				t.Left++
			}
		})
		return err
	})
	if err == nil {
		*u.r = *next
	}
	return err
}

// takeBack stores what a person is again, and tells whether that changes anything.
func (u *undoing) takeBack(ctx context.Context, tx *storage.Tx, contactID string, edit *contacts.Edit, joined contacts.Joined) (bool, error) {
	if edit != nil {
		if err := u.Contacts.StoreEdits(tx, []*contacts.Edit{edit}); err != nil {
			return false, err
		}
	}
	left, err := u.Contacts.Unjoin(ctx, tx, privacy.Subject{WorkspaceID: u.r.workspaceID, ContactID: contactID}, joined)
	return left || edit != nil, err
}
