package privacy

import (
	"context"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// LegalHold keeps a person from being erased for legal claims (GDPR article
// 17(3)(e)) until it ends, which it does by itself, or is lifted.
type LegalHold struct {
	ID        string     `json:"id" example:"hld_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	Reason    string     `json:"reason"`
	EndsAt    time.Time  `json:"ends_at"`
	Actor     actor.Ref  `json:"actor"`
	CreatedAt time.Time  `json:"created_at"`
	LiftedAt  *time.Time `json:"lifted_at" doc:"When it was lifted or replaced; null if it runs, or ran to its end."`
	LiftedBy  *actor.Ref `json:"lifted_by"`
	InForce   bool       `json:"in_force"`
}

// maxHold is how long a hold may last at most: it is looked at again then.
const maxHold = 10 * 366 * 24 * time.Hour

// SetHold puts a person under a legal hold with a reason, until a moment to come.
// It takes the place of one that is there.
func (s *Service) SetHold(ctx context.Context, contactID, reason string, until time.Time) error {
	a, now := actor.From(ctx), s.clock.Now()
	reason = strings.TrimSpace(reason)
	if err := checkReason(reason, true); err != nil {
		return err
	}
	if !until.After(now) {
		return fault.Invalid("ends_at", "must be a time to come")
	}
	if until.After(now.Add(maxHold)) {
		return fault.Invalid("ends_at", "is too far away; at most ten years, then look at it again")
	}
	sub, err := s.survivor(ctx, subjectOf(a, contactID))
	if err != nil {
		return fault.Wrap("privacy.SetHold", err)
	}
	key, err := s.keyOf(ctx, sub)
	if err != nil {
		return fault.Wrap("privacy.SetHold", err)
	}
	h := LegalHold{ID: s.ids.New(id.LegalHold), EndsAt: until.UTC(), Actor: a.Ref()}
	sealed := key.Seal(reasonPlace("legal_holds", h.ID), []byte(reason))
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		members, err := s.lockPerson(tx, sub)
		if err != nil {
			return err
		}
		if _, err := liftHolds(tx, members, h.Actor, now); err != nil {
			return err
		}
		return s.insertHold(tx, sub, members, h, sealed)
	})
	return fault.Wrap("privacy.SetHold", err)
}

const insertHoldSQL = `
	INSERT INTO legal_holds (workspace_id, contact_id, id, reason_sealed, ends_at, actor_type, actor_id, created_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

func (s *Service) insertHold(tx *storage.Tx, sub Subject, members []Member, h LegalHold, sealed []byte) error {
	now, err := momentAfter(tx, "legal_holds", members, s.clock.Now())
	if err != nil {
		return err
	}
	_, err = tx.Exec(insertHoldSQL, sub.WorkspaceID, sub.ContactID, h.ID, sealed, clock.Micros(h.EndsAt), string(h.Actor.Type), h.Actor.ID, clock.Micros(now))
	if err != nil {
		return err
	}
	if err := s.people.MarkHeld(tx, sub, h.EndsAt, now); err != nil {
		return err
	}
	s.changed(tx, sub, h.Actor, "held_until", now)
	return s.audit.Append(tx, audit.Entry{WorkspaceID: sub.WorkspaceID, ActorType: h.Actor.Type, ActorID: h.Actor.ID,
		Action: "contact.hold_set", TargetType: "contact", TargetID: sub.ContactID,
		Details: map[string]string{"record": h.ID, "ends_at": h.EndsAt.Format(time.RFC3339)}})
}

// A hold that ended by itself was not lifted.
const liftHoldsSQL = `
	UPDATE legal_holds SET lifted_at = $1, lifted_by_type = $2, lifted_by_id = $3
	WHERE workspace_id = $4 AND contact_id = $5 AND lifted_at IS NULL AND ends_at > $1`

func liftHolds(tx *storage.Tx, members []Member, by actor.Ref, now time.Time) (lifted int64, err error) {
	for _, m := range members {
		n, err := tx.Exec(liftHoldsSQL, clock.Micros(now), string(by.Type), by.ID, m.WorkspaceID, m.ContactID)
		if err != nil {
			return lifted, err
		}
		lifted += n
	}
	return lifted, nil
}

// LiftHold ends a person's legal hold before its time.
func (s *Service) LiftHold(ctx context.Context, contactID string) error {
	a, now := actor.From(ctx), s.clock.Now()
	sub, err := s.survivor(ctx, subjectOf(a, contactID))
	if err != nil {
		return fault.Wrap("privacy.LiftHold", err)
	}
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		members, err := s.lockPerson(tx, sub)
		if err != nil {
			return err
		}
		n, err := liftHolds(tx, members, a.Ref(), now)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.Conflict("not_held", "There is no legal hold in force, so there is nothing to lift.")
		}
		if err := s.people.MarkHeld(tx, sub, time.Time{}, now); err != nil {
			return err
		}
		s.changed(tx, sub, a.Ref(), "held_until", now)
		return s.audit.Append(tx, audit.Entry{WorkspaceID: sub.WorkspaceID, ActorType: a.Type, ActorID: a.ID,
			Action: "contact.hold_lifted", TargetType: "contact", TargetID: sub.ContactID})
	})
	return fault.Wrap("privacy.LiftHold", err)
}

// mayErase refuses an erasure while a legal hold lasts, and says until when.
func (s *Service) mayErase(tx *storage.Tx, sub Subject) (Standing, error) {
	st, err := s.people.Standing(tx, sub)
	if err == nil && st.IsHeld(s.clock.Now()) {
		err = fault.Conflict("legal_hold", "A legal hold keeps this person's data until "+st.HeldUntil.UTC().Format(time.RFC3339)+
			". Erase it then, or have the hold lifted first.")
	}
	return st, err
}

// IsHeld tells whether a legal hold keeps a person from being erased. Lists say it
// in SQL: contacts.held_until IS NULL OR contacts.held_until <= now.
func (s *Service) IsHeld(tx *storage.Tx, sub Subject) (bool, error) {
	st, err := s.people.Standing(tx, sub)
	return st.IsHeld(s.clock.Now()), fault.Wrap("privacy.IsHeld", err)
}

// Holds gives a person's legal holds, newest first.
func (s *Service) Holds(ctx context.Context, contactID string) ([]LegalHold, error) {
	sub, now := subjectOf(actor.From(ctx), contactID), s.clock.Now()
	out, err := read(ctx, s, sub, func(tx *storage.Tx, m Member, key *vault.Key) ([]LegalHold, error) {
		return holdsOf(tx, key, m.Subject, now)
	})
	return newest(out, func(h LegalHold) (time.Time, string) { return h.CreatedAt, h.ID }), fault.Wrap("privacy.Holds", err)
}

const selectHolds = `
	SELECT id, reason_sealed, ends_at, actor_type, actor_id, created_at, COALESCE(lifted_at, 0), COALESCE(lifted_by_type, ''), COALESCE(lifted_by_id, '')
	FROM legal_holds WHERE workspace_id = $1 AND contact_id = $2
	ORDER BY created_at DESC, id DESC`

func holdsOf(tx *storage.Tx, key *vault.Key, sub Subject, now time.Time) ([]LegalHold, error) {
	rows, err := tx.Query(selectHolds, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []LegalHold{}
	for rows.Next() {
		var h LegalHold
		var sealed []byte
		var ends, created, lifted int64
		var by actor.Ref
		if err := rows.Scan(&h.ID, &sealed, &ends, &h.Actor.Type, &h.Actor.ID, &created, &lifted, &by.Type, &by.ID); err != nil {
			return nil, err
		}
		if h.Reason, err = openText(key, reasonPlace("legal_holds", h.ID), sealed); err != nil {
			return nil, err
		}
		h.EndsAt, h.CreatedAt = clock.FromMicros(ends), clock.FromMicros(created)
		if lifted != 0 {
			at := clock.FromMicros(lifted)
			h.LiftedAt, h.LiftedBy = &at, &by
		}
		h.InForce = lifted == 0 && h.EndsAt.After(now)
		out = append(out, h)
	}
	return out, rows.Err()
}
