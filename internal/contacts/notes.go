package contacts

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/sensitive"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// beyondNotes is larger than every id of a note.
const beyondNotes = id.Note + "_~"

// Notes gives what was written down about a person, with whichever of their contacts,
// the newest first: what came before an id ("" for the newest), at most limit. Of
// somebody restricted the words are left out.
func (s *Service) Notes(ctx context.Context, contactID, before string, limit int) ([]ContactNote, error) {
	a := actor.From(ctx)
	if before == "" {
		before = beyondNotes
	}
	var members []privacy.Member
	var found []sealedNote
	var r record
	err := s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		found = nil
		if members, err = Group(tx, a.WorkspaceID, contactID); err != nil {
			return err
		}
		if r, err = loadByID(tx, a.WorkspaceID, members[0].ContactID); err != nil {
			return err
		}
		for _, m := range members {
			some, err := notesOf(tx, m.Subject, before, limit)
			if err != nil {
				return err
			}
			found = append(found, some...)
		}
		return nil
	})
	if err != nil {
		return nil, fault.Wrap("contacts.Notes", err)
	}
	slices.SortFunc(found, func(a, b sealedNote) int { return strings.Compare(b.ID, a.ID) })
	out, err := s.openNotes(ctx, a.WorkspaceID, found[:min(limit, len(found))])
	if err != nil {
		return nil, fault.Wrap("contacts.Notes", err)
	}
	if !r.restricted.IsZero() && privacy.WorksForCustomer(a) {
		for i := range out {
			out[i] = out[i].veiled()
		}
	}
	s.audit.Access(ctx, []string{members[0].ContactID}, "contact.notes")
	return out, nil
}

// openNotes opens notes. Those whose key is gone are left out.
func (s *Service) openNotes(ctx context.Context, workspaceID string, sealed []sealedNote) ([]ContactNote, error) {
	var subjects []vault.Subject
	for _, n := range sealed {
		if sub := (vault.Subject{Workspace: workspaceID, ID: n.ContactID}); !slices.Contains(subjects, sub) {
			subjects = append(subjects, sub)
		}
	}
	keys, err := s.vault.Keys(ctx, subjects)
	if err != nil {
		return nil, err
	}
	out := make([]ContactNote, 0, len(sealed))
	for _, n := range sealed {
		key, ok := keys[vault.Subject{Workspace: workspaceID, ID: n.ContactID}]
		if !ok {
			continue
		}
		opened, err := n.open(key)
		if fault.Is(err, fault.KindGone) {
			continue // erased this moment
		}
		if err != nil {
			return nil, err
		}
		out = append(out, opened)
	}
	return out, nil
}

// sealNote checks a text, masks what is not to be stored, and seals the rest with the
// key of the person it is about.
func (s *Service) sealNote(ctx context.Context, key *vault.Key, noteID, raw string) (noteBody, []byte, error) {
	text, err := checkNote(raw)
	if err != nil {
		return noteBody{}, nil, err
	}
	policy := sensitive.DefaultPolicy()
	if s.use.Policy != nil {
		if policy, err = s.use.Policy(ctx, actor.From(ctx).WorkspaceID); err != nil {
			return noteBody{}, nil, err
		}
	}
	checked := policy.Check(text)
	b := noteBody{Text: checked.Text, Masked: checked.Masked}
	for _, f := range checked.Found {
		if !slices.Contains(b.Flagged, f.Kind) {
			b.Flagged = append(b.Flagged, f.Kind)
		}
	}
	plain, err := json.Marshal(b)
	if err != nil {
		return noteBody{}, nil, err
	}
	return b, key.Seal(notePlace(noteID), plain), nil
}

const (
	insertNote = `INSERT INTO contact_notes (workspace_id, contact_id, id, body_sealed, actor_type, actor_id, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	countNotes = `SELECT COUNT(*) FROM contact_notes WHERE workspace_id = $1 AND contact_id = $2`
)

// AddNote writes something down about a person. Of a merged person it is the survivor's.
func (s *Service) AddNote(ctx context.Context, contactID string, text NoteText) (ContactNote, error) {
	sub, err := s.writeTo(ctx, contactID)
	if err != nil {
		return ContactNote{}, fault.Wrap("contacts.AddNote", err)
	}
	_, key, err := s.load(ctx, sub)
	if err != nil {
		return ContactNote{}, fault.Wrap("contacts.AddNote", err)
	}
	a, now := actor.From(ctx), s.clock.Now()
	n := sealedNote{ContactNote: ContactNote{ID: s.ids.New(id.Note), ContactID: sub.ContactID, Author: a.Ref(), CreatedAt: now, UpdatedAt: now}}
	body, sealed, err := s.sealNote(ctx, key, n.ID, text.Body)
	if err != nil {
		return ContactNote{}, fault.Wrap("contacts.AddNote", err)
	}
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		if err := s.lockToChange(ctx, tx, sub); err != nil {
			return err
		}
		have := 0
		if err := tx.QueryRow(countNotes, sub.WorkspaceID, sub.ContactID).Scan(&have); err != nil {
			return err
		}
		if have >= maxNotes {
			return fault.Conflict("too_many_notes", "A contact has at most 1,000 notes. Remove one first.")
		}
		at := clock.Micros(now)
		if _, err := tx.Exec(insertNote, sub.WorkspaceID, sub.ContactID, n.ID, sealed, string(a.Type), a.ID, at, at); err != nil {
			return err
		}
		s.updated(tx, sub, a, now, "notes")
		return nil
	})
	return n.with(body), fault.Wrap("contacts.AddNote", err)
}

// lockToChange waits for others who change the person, and refuses what must not be
// changed. Somebody erased meanwhile is not found.
func (s *Service) lockToChange(ctx context.Context, tx *storage.Tx, sub privacy.Subject) error {
	if _, err := LockGroup(tx, sub); err != nil {
		return err
	}
	return s.mayChange(ctx, tx, sub)
}

const selectNote = `SELECT ` + noteColumns + ` FROM contact_notes WHERE workspace_id = $1 AND id = $2`

// findNote gives a note of a person, and whose key opens it; not found if it is about
// somebody else.
func (s *Service) findNote(ctx context.Context, contactID, noteID string) (n sealedNote, sub privacy.Subject, err error) {
	a := actor.From(ctx)
	err = s.db.Read(ctx, func(tx *storage.Tx) error {
		members, err := Group(tx, a.WorkspaceID, contactID)
		if err != nil {
			return err
		}
		n, err = scanNote(tx.QueryRow(selectNote, a.WorkspaceID, noteID))
		if errors.Is(err, sql.ErrNoRows) || err == nil && !slices.Contains(IDsOf(members), n.ContactID) {
			return fault.NotFound("note")
		}
		return err
	})
	return n, privacy.Subject{WorkspaceID: a.WorkspaceID, ContactID: n.ContactID}, err
}

// Note gives one note of a person; without its words while their data is restricted.
func (s *Service) Note(ctx context.Context, contactID, noteID string) (ContactNote, error) {
	n, sub, err := s.findNote(ctx, contactID, noteID)
	if err != nil {
		return ContactNote{}, fault.Wrap("contacts.Note", err)
	}
	r, key, err := s.load(ctx, sub)
	if err != nil {
		return ContactNote{}, fault.Wrap("contacts.Note", err)
	}
	out, err := n.open(key)
	if err != nil {
		return ContactNote{}, fault.Wrap("contacts.Note", err)
	}
	if !r.restricted.IsZero() && privacy.WorksForCustomer(actor.From(ctx)) {
		out = out.veiled()
	}
	s.audit.Access(ctx, []string{sub.ContactID}, "contact.notes")
	return out, nil
}

const updateNote = `
	UPDATE contact_notes SET body_sealed = $1, edited_by_type = $2, edited_by_id = $3, edited_at = $4, updated_at = $5
	WHERE workspace_id = $6 AND contact_id = $7 AND id = $8 AND updated_at = $9`

// EditNote changes what a note says, whoever wrote it, and marks it as edited. Check is
// asked whether the version that is there may be changed.
func (s *Service) EditNote(ctx context.Context, contactID, noteID string, text NoteText, check func(updated time.Time) error) (ContactNote, error) {
	n, sub, err := s.findNote(ctx, contactID, noteID)
	if err == nil {
		err = check(n.UpdatedAt)
	}
	if err != nil {
		return ContactNote{}, fault.Wrap("contacts.EditNote", err)
	}
	_, key, err := s.load(ctx, sub)
	if err != nil {
		return ContactNote{}, fault.Wrap("contacts.EditNote", err)
	}
	body, sealed, err := s.sealNote(ctx, key, n.ID, text.Body)
	if err != nil {
		return ContactNote{}, fault.Wrap("contacts.EditNote", err)
	}
	a, now, before := actor.From(ctx), s.clock.Now(), n.UpdatedAt
	if !now.After(before) {
		now = before.Add(time.Microsecond) // the version must move even if the clock does not
	}
	by := a.Ref()
	n.EditedBy, n.EditedAt, n.UpdatedAt = &by, &now, now
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		if err := s.lockToChange(ctx, tx, sub); err != nil {
			return err
		}
		at := clock.Micros(now)
		changed, err := tx.Exec(updateNote, sealed, string(a.Type), a.ID, at, at, sub.WorkspaceID, sub.ContactID, n.ID, clock.Micros(before))
		if err == nil && changed == 0 {
			err = fault.PreconditionFailed("Someone changed this meanwhile. Load it again, then repeat your change.")
		}
		if err != nil {
			return err
		}
		s.updated(tx, sub, a, now, "notes")
		return s.logNote(tx, a, "contact.note_edited", sub, n.ID)
	})
	return n.with(body), fault.Wrap("contacts.EditNote", err)
}

// RemoveNote takes a note away for good.
func (s *Service) RemoveNote(ctx context.Context, contactID, noteID string) error {
	n, sub, err := s.findNote(ctx, contactID, noteID)
	if err != nil {
		return fault.Wrap("contacts.RemoveNote", err)
	}
	a := actor.From(ctx)
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		if err := s.lockToChange(ctx, tx, sub); err != nil {
			return err
		}
		gone, err := tx.Exec(`DELETE FROM contact_notes WHERE workspace_id = $1 AND contact_id = $2 AND id = $3`, sub.WorkspaceID, sub.ContactID, n.ID)
		if err == nil && gone == 0 {
			err = fault.NotFound("note")
		}
		if err != nil {
			return err
		}
		s.updated(tx, sub, a, s.clock.Now(), "notes")
		return s.logNote(tx, a, "contact.note_removed", sub, n.ID)
	})
	return fault.Wrap("contacts.RemoveNote", err)
}

// logNote writes down that somebody changed what may be another's words.
func (s *Service) logNote(tx *storage.Tx, a actor.Actor, action string, sub privacy.Subject, noteID string) error {
	return s.audit.Append(tx, audit.Entry{WorkspaceID: sub.WorkspaceID, ActorType: a.Type, ActorID: a.ID, Action: action,
		TargetType: "contact", TargetID: sub.ContactID, Details: map[string]string{"note_id": noteID}})
}
