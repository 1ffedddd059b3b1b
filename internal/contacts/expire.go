package contacts

import (
	"context"
	"maps"
	"strconv"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

const (
	selectTerms = `SELECT workspace_id, key, retention_days FROM attribute_definitions
	WHERE retention_days IS NOT NULL AND removed_at IS NULL ORDER BY workspace_id, key`

	// whoseValueIsOld leaves alone whom a restriction or a hold keeps as they are.
	whoseValueIsOld = `FROM contact_attribute_ages a JOIN contacts c ON c.workspace_id = a.workspace_id AND c.id = a.contact_id
	WHERE a.workspace_id = $1 AND a.key = $2 AND a.set_at < $3 AND c.restricted_at IS NULL AND (c.held_until IS NULL OR c.held_until <= $4)`
)

// term is how long values of an attribute are kept.
type term struct {
	workspaceID, key string
	days             int
}

func (t term) before(now time.Time) time.Time {
	return now.Add(-time.Duration(t.days) * 24 * time.Hour)
}

// ExpireAttributes removes values that are older than their attribute's term: at
// most limit of each attribute. It gives how many went.
func (s *Service) ExpireAttributes(ctx context.Context, limit int) (int, error) {
	var terms []term
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		rows, err := tx.Query(selectTerms)
		if err != nil {
			return err
		}
		defer rows.Close()
		terms = nil
		for rows.Next() {
			var t term
			if err := rows.Scan(&t.workspaceID, &t.key, &t.days); err != nil {
				return err
			}
			terms = append(terms, t)
		}
		return rows.Err()
	})
	gone := 0
	for _, t := range terms {
		if err != nil {
			break
		}
		var n int
		as := actor.With(ctx, actor.Actor{Type: actor.System, ID: "attributes", WorkspaceID: t.workspaceID})
		n, err = s.expire(as, t, limit)
		gone += n
	}
	return gone, fault.Wrap("contacts.ExpireAttributes", err)
}

// expired counts the values that are older than a term.
func expired(tx *storage.Tx, t term, now time.Time) (n int64, err error) {
	err = tx.QueryRow(`SELECT COUNT(*) `+whoseValueIsOld, t.workspaceID, t.key, clock.Micros(t.before(now)), clock.Micros(now)).Scan(&n)
	return n, err
}

func (s *Service) expire(ctx context.Context, t term, limit int) (int, error) {
	now := s.clock.Now()
	var ids []string
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		rows, err := tx.Query(`SELECT a.contact_id `+whoseValueIsOld+` ORDER BY a.set_at LIMIT $5`,
			t.workspaceID, t.key, clock.Micros(t.before(now)), clock.Micros(now), limit)
		if err != nil {
			return err
		}
		ids, err = scanIDs(rows)
		return err
	})
	gone := 0
	for _, contactID := range ids {
		if err != nil {
			break
		}
		err = s.expireOf(ctx, privacy.Subject{WorkspaceID: t.workspaceID, ContactID: contactID}, t.key)
		if fault.Is(err, fault.KindConflict) || fault.Is(err, fault.KindNotFound) {
			err = nil // the next round looks again
			continue
		}
		gone++
	}
	if err != nil || gone == 0 {
		return 0, err
	}
	return gone, s.db.Write(ctx, func(tx *storage.Tx) error {
		return s.audit.Append(tx, audit.Entry{WorkspaceID: t.workspaceID, ActorType: actor.System, ActorID: "attributes", Action: "attribute.values_expired",
			TargetType: "attribute", TargetID: t.key, Details: map[string]string{"count": strconv.Itoa(gone)}})
	})
}

// expireOf takes one value out of a profile, and what changes said before with it.
func (s *Service) expireOf(ctx context.Context, sub privacy.Subject, name string) error {
	r, key, err := s.load(ctx, sub)
	if err != nil {
		return err
	}
	profile, err := openProfile(key, r)
	if err != nil {
		return err
	}
	defs, err := s.definitionsNow(ctx, sub.WorkspaceID)
	if err != nil {
		return err
	}
	// as if the declaration were being removed, for this person alone
	one := definitions{version: defs.version, byKey: maps.Clone(defs.byKey)}
	a := one.byKey[name]
	a.removed = true
	one.byKey[name] = a
	changed, sealed, profile, err := s.withoutRemoved(ctx, key, r, profile, one)
	if err != nil {
		return err
	}
	ix, err := s.vault.Index(ctx, sub.WorkspaceID)
	if err != nil {
		return err
	}
	x := reindexed{record: r, changed: changed, sealed: sealed, index: indexOf(ix, defs, sub.ContactID, profile, r.created)}
	return s.db.Write(ctx, func(tx *storage.Tx) error {
		if err := privacy.LockSubject(tx, sub); err != nil {
			return err
		}
		n, err := s.storeIndexed(ctx, tx, sub.WorkspaceID, false, []reindexed{x})
		if err == nil && n == 0 {
			return fault.Conflict("changed_meanwhile", "Someone changed this contact meanwhile.")
		}
		return err
	})
}
