package privacy

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Restriction is one act of restricting a person's data, or of lifting that (GDPR
// article 18). Restrictions are only ever added.
type Restriction struct {
	ID        string    `json:"id" example:"rst_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	Action    string    `json:"action" enum:"restrict,lift"`
	Reason    string    `json:"reason"`
	Actor     actor.Ref `json:"actor"`
	CreatedAt time.Time `json:"created_at"`
}

// The two acts.
const (
	restrictAct = "restrict"
	liftAct     = "lift"
)

const maxReason = 1000

// Notice is something that a person is told: mail makes a message of it.
type Notice struct {
	Subject  Subject
	Template string            // of the mail
	Values   map[string]string // for the template
	Key      string            // the same key is told once
}

// Restrict restricts a person's data to storage, or lifts that. Lifting needs a
// reason, and tells the person in the same transaction (article 18(3)). Where it
// is so already, nothing changes.
func (s *Service) Restrict(ctx context.Context, contactID string, on bool, reason string) error {
	a := actor.From(ctx)
	reason = strings.TrimSpace(reason)
	if err := checkReason(reason, !on); err != nil {
		return err
	}
	sub, err := s.survivor(ctx, subjectOf(a, contactID))
	if err != nil {
		return fault.Wrap("privacy.Restrict", err)
	}
	key, err := s.keyOf(ctx, sub)
	if err != nil {
		return fault.Wrap("privacy.Restrict", err)
	}
	r := Restriction{ID: s.ids.New(id.Restriction), Action: restrictAct, Reason: reason, Actor: a.Ref()}
	tell := func(*storage.Tx) error { return nil }
	if !on {
		r.Action = liftAct
		if tell, err = s.prepareNotice(ctx, Notice{Subject: sub, Template: "restriction_lifted", Values: map[string]string{"reason": reason}, Key: r.ID}); err != nil {
			return fault.Wrap("privacy.Restrict", err)
		}
	}
	var sealed any
	if reason != "" {
		sealed = key.Seal(reasonPlace("restrictions", r.ID), []byte(reason))
	}
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		members, err := s.lockPerson(tx, sub)
		if err != nil {
			return err
		}
		st, err := s.people.Standing(tx, sub)
		if err != nil || st.IsRestricted() == on {
			return err
		}
		if !on {
			if err := tell(tx); err != nil {
				return err
			}
		}
		return s.insertRestriction(tx, sub, members, r, sealed)
	})
	return fault.Wrap("privacy.Restrict", err)
}

const insertRestrictionSQL = `
	INSERT INTO restrictions (workspace_id, contact_id, id, action, reason_sealed, actor_type, actor_id, created_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

func (s *Service) insertRestriction(tx *storage.Tx, sub Subject, members []Member, r Restriction, sealed any) error {
	now, err := momentAfter(tx, "restrictions", members, s.clock.Now())
	if err != nil {
		return err
	}
	_, err = tx.Exec(insertRestrictionSQL, sub.WorkspaceID, sub.ContactID, r.ID, r.Action, sealed, string(r.Actor.Type), r.Actor.ID, clock.Micros(now))
	if err != nil {
		return err
	}
	since, action := now, "contact.restricted"
	if r.Action == liftAct {
		since, action = time.Time{}, "contact.restriction_lifted"
	} else if err := dropAnswersOf(tx, members, now); err != nil { // they show what was written
		return err
	}
	if err := s.people.MarkRestricted(tx, sub, since, now); err != nil {
		return err
	}
	s.changed(tx, sub, r.Actor, live.FieldRestricted, now)
	return s.audit.Append(tx, audit.Entry{WorkspaceID: sub.WorkspaceID, ActorType: r.Actor.Type, ActorID: r.Actor.ID,
		Action: action, TargetType: "contact", TargetID: sub.ContactID, Details: map[string]string{"record": r.ID}})
}

// prepareNotice gives what queues a notice in the transaction that causes it.
func (s *Service) prepareNotice(ctx context.Context, n Notice) (func(tx *storage.Tx) error, error) {
	if s.notify == nil {
		return func(*storage.Tx) error { return nil }, nil
	}
	return s.notify(ctx, n)
}

// Restrictions gives every act of restricting and lifting, newest first.
func (s *Service) Restrictions(ctx context.Context, contactID string) ([]Restriction, error) {
	sub := subjectOf(actor.From(ctx), contactID)
	out, err := read(ctx, s, sub, func(tx *storage.Tx, m Member, key *vault.Key) ([]Restriction, error) {
		return restrictionsOf(tx, key, m.Subject)
	})
	return newest(out, func(r Restriction) (time.Time, string) { return r.CreatedAt, r.ID }), fault.Wrap("privacy.Restrictions", err)
}

const selectRestrictions = `
	SELECT id, action, reason_sealed, actor_type, actor_id, created_at
	FROM restrictions WHERE workspace_id = $1 AND contact_id = $2
	ORDER BY created_at DESC, id DESC`

func restrictionsOf(tx *storage.Tx, key *vault.Key, sub Subject) ([]Restriction, error) {
	rows, err := tx.Query(selectRestrictions, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []Restriction{}
	for rows.Next() {
		var r Restriction
		var sealed []byte
		var at int64
		if err := rows.Scan(&r.ID, &r.Action, &sealed, &r.Actor.Type, &r.Actor.ID, &at); err != nil {
			return nil, err
		}
		if r.Reason, err = openText(key, reasonPlace("restrictions", r.ID), sealed); err != nil {
			return nil, err
		}
		r.CreatedAt = clock.FromMicros(at)
		out = append(out, r)
	}
	return out, rows.Err()
}

// keyOf gives a person's key; where it is gone, nobody is there.
func (s *Service) keyOf(ctx context.Context, sub Subject) (*vault.Key, error) {
	key, err := s.vault.Key(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID})
	if fault.Is(err, fault.KindGone) {
		return nil, fault.NotFound("contact")
	}
	return key, err
}

func reasonPlace(table, row string) vault.Place {
	return vault.Place{Table: table, Column: "reason_sealed", Row: row}
}

// openText opens a sealed text; what was not said is "".
func openText(key *vault.Key, place vault.Place, sealed []byte) (string, error) {
	if sealed == nil {
		return "", nil
	}
	plain, err := key.Open(place, sealed)
	return string(plain), fault.Wrap("open "+place.Table+"."+place.Column+" of "+place.Row, err)
}

// checkReason wants a reason that fits, where one is needed.
func checkReason(reason string, needed bool) error {
	switch {
	case needed && reason == "":
		return fault.Invalid("reason", "is needed: it stays on record")
	case utf8.RuneCountInString(reason) > maxReason:
		return fault.Invalid("reason", "is too long; at most 1,000 characters")
	case !utf8.ValidString(reason) || strings.ContainsRune(reason, 0):
		return fault.Invalid("reason", "must be text without null characters")
	}
	return nil
}
