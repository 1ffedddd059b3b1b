package contacts

import (
	"context"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage"
)

// Bin moves a contact to the bin, from which [Service.Restore] takes it back.
// After 30 days the bin is erased.
func (s *Service) Bin(ctx context.Context, contactID string) error {
	return fault.Wrap("contacts.Bin", s.setBin(ctx, contactID, s.clock.Now(), nil))
}

// Restore takes a contact out of the bin. What followed for others while they were
// there follows for them now.
func (s *Service) Restore(ctx context.Context, contactID string) error {
	const op = "contacts.Restore"
	k, f, err := s.returning(ctx, contactID)
	if err != nil {
		return fault.Wrap(op, err)
	}
	return fault.Wrap(op, s.setBin(ctx, contactID, time.Time{}, func(tx *storage.Tx, sub privacy.Subject) (bool, error) {
		if k == nil || k.sub != sub {
			return false, nil // merged this moment
		}
		return s.followOne(tx, *k, f)
	}))
}

// returning opens the person whom somebody takes out of the bin, for what follows for
// them; nil where nothing does.
func (s *Service) returning(ctx context.Context, contactID string) (*Known, *following, error) {
	if s.use.Companies == nil {
		return nil, nil, nil
	}
	workspaceID := actor.From(ctx).WorkspaceID
	var r record
	err := s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		r, err = loadPerson(tx, workspaceID, contactID)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	known, err := s.openKnown(ctx, workspaceID, map[string]record{r.id: r})
	if err != nil {
		return nil, nil, err
	}
	f, err := s.follower(ctx, workspaceID)
	return known[r.id], f, err
}

// setBin puts a person into the bin or takes them out of it, and does what goes with
// it, which tells whether their company changed.
func (s *Service) setBin(ctx context.Context, contactID string, at time.Time, with func(tx *storage.Tx, sub privacy.Subject) (bool, error)) error {
	a, now := actor.From(ctx), s.clock.Now()
	action := "contact.binned"
	if at.IsZero() {
		action = "contact.restored"
	}
	return s.db.Write(ctx, func(tx *storage.Tx) error {
		members, err := LockGroup(tx, privacy.Subject{WorkspaceID: a.WorkspaceID, ContactID: contactID})
		if err != nil {
			return err
		}
		sub := members[0].Subject
		if err := s.mayChange(ctx, tx, sub); err != nil {
			return err
		}
		for _, m := range members { // all contacts that are the person
			if _, err := tx.Exec(updateBin, nullable(at), clock.Micros(now), m.WorkspaceID, m.ContactID); err != nil {
				return err
			}
			segment.Changed(tx, m.WorkspaceID, m.ContactID)
		}
		fields := []string{"deleted_at"}
		if with != nil {
			moved, err := with(tx, sub)
			if err != nil {
				return err
			}
			if moved {
				fields = append(fields, "company_id")
			}
		}
		s.updated(tx, sub, a, now, fields...)
		return s.audit.Append(tx, audit.Entry{WorkspaceID: a.WorkspaceID, ActorType: a.Type, ActorID: a.ID,
			Action: action, TargetType: "contact", TargetID: sub.ContactID})
	})
}

const selectExpiredBin = `
	SELECT id FROM contacts WHERE workspace_id = $1 AND deleted_at IS NOT NULL AND deleted_at < $2 AND merged_into IS NULL
		AND restricted_at IS NULL AND (held_until IS NULL OR held_until <= $3)
	ORDER BY deleted_at LIMIT $4`

// BinnedBefore gives contacts of a workspace that have been in the bin since
// before a moment and whom nothing keeps now, at most limit.
func BinnedBefore(tx *storage.Tx, workspaceID string, before, now time.Time, limit int) ([]string, error) {
	rows, err := tx.Query(selectExpiredBin, workspaceID, clock.Micros(before), clock.Micros(now), limit)
	if err != nil {
		return nil, err
	}
	return scanIDs(rows)
}

// IsBinnedBefore tells whether a contact has been in the bin since before a moment.
func IsBinnedBefore(tx *storage.Tx, workspaceID, contactID string, before time.Time) (bool, error) {
	var n int
	err := tx.QueryRow(`SELECT COUNT(*) FROM contacts WHERE workspace_id = $1 AND id = $2 AND deleted_at < $3`,
		workspaceID, contactID, clock.Micros(before)).Scan(&n)
	return n > 0, err
}
