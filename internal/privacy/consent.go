package privacy

import (
	"context"
	"slices"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
)

// Consent is one act of giving or withdrawing (GDPR article 7): what was shown,
// when, where, and by whose action. Consents are only ever added.
type Consent struct {
	ID          string    `json:"id" example:"cns_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	Purpose     string    `json:"purpose"`
	Action      string    `json:"action" enum:"grant,withdraw"`
	Wording     string    `json:"wording" doc:"Exactly what was shown."`
	WordingHash string    `json:"wording_hash" doc:"SHA-256 of the wording, in hexadecimal."`
	Version     int64     `json:"version" doc:"The purpose's version that was shown."`
	Source      string    `json:"source" enum:"widget,api,dashboard"`
	Actor       actor.Ref `json:"actor"`
	CreatedAt   time.Time `json:"created_at"`
}

// ConsentState is what follows from a person's consents for one purpose.
type ConsentState struct {
	Purpose string    `json:"purpose"`
	State   string    `json:"state" enum:"granted,withdrawn"`
	Version int64     `json:"version"`
	At      time.Time `json:"at"`
}

// The two acts.
const (
	Grant    = "grant"
	Withdraw = "withdraw"
)

// Decide records that a person gave or withdrew consent to a purpose. Version is
// the one they were shown, 0 for the present one; a version that is no longer
// present is refused, since it is not what was read. Withdrawing is always taken.
func (s *Service) Decide(ctx context.Context, contactID, purpose, action, source string, version int64) (Consent, error) {
	a, now := actor.From(ctx), s.clock.Now()
	c := Consent{ID: s.ids.New(id.Consent), Purpose: purpose, Action: action, Source: source, Actor: a.Ref(), CreatedAt: now}
	err := s.db.Write(ctx, func(tx *storage.Tx) error {
		if err := LockSubject(tx, Subject{WorkspaceID: a.WorkspaceID, ContactID: contactID}); err != nil {
			return err
		}
		if err := s.exists(tx, a.WorkspaceID, contactID); err != nil {
			return err
		}
		purposes, err := presentPurposes(tx, a.WorkspaceID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(purposes, func(p Purpose) bool { return p.Key == purpose })
		if i < 0 {
			return fault.Invalid("purpose", "is not a purpose of this workspace")
		}
		p := purposes[i]
		if action == Grant && p.LawfulBasis != "consent" {
			return fault.Invalid("purpose", "does not rest on consent")
		}
		if action == Grant && version != 0 && version != p.Version {
			return fault.Conflict("wording_changed", "The wording has changed since it was shown. Show the present one and ask again.")
		}
		c.Version, c.Wording, c.WordingHash = p.Version, p.Wording, wordingHash(p.Wording)
		if err := insertConsentRow(tx, a.WorkspaceID, contactID, c); err != nil {
			return err
		}
		eventType := live.ConsentGranted
		if action == Withdraw {
			eventType = live.ConsentWithdrawn
		}
		s.outbox.Append(tx, live.Event{Type: eventType, WorkspaceID: a.WorkspaceID, OccurredAt: now, ActorType: a.Type, ActorID: a.ID,
			ContactID: contactID, ObjectID: c.ID, Details: map[string]string{"purpose": purpose}})
		return nil
	})
	return c, fault.Wrap("privacy.Decide", err)
}

// Consents gives every act of a person, newest first.
func (s *Service) Consents(ctx context.Context, contactID string) ([]Consent, error) {
	var out []Consent
	a := actor.From(ctx)
	err := s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		if err := s.exists(tx, a.WorkspaceID, contactID); err != nil {
			return err
		}
		out, err = consentsOf(tx, a.WorkspaceID, contactID)
		return err
	})
	return out, fault.Wrap("privacy.Consents", err)
}

// ConsentStates gives what is in force for a person: the last act of each
// purpose. A person who does not exist yet has none.
func (s *Service) ConsentStates(ctx context.Context, sub Subject) ([]ConsentState, error) {
	var all []Consent
	err := s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		all, err = consentsOf(tx, sub.WorkspaceID, sub.ContactID)
		return err
	})
	return StatesOf(all), fault.Wrap("privacy.ConsentStates", err)
}

// StatesOf derives what is in force from consents that are newest first.
func StatesOf(newestFirst []Consent) []ConsentState {
	out := []ConsentState{}
	for _, c := range newestFirst {
		if slices.ContainsFunc(out, func(st ConsentState) bool { return st.Purpose == c.Purpose }) {
			continue
		}
		state := "granted"
		if c.Action == Withdraw {
			state = "withdrawn"
		}
		out = append(out, ConsentState{Purpose: c.Purpose, State: state, Version: c.Version, At: c.CreatedAt})
	}
	return out
}

const insertConsent = `
	INSERT INTO consents (workspace_id, contact_id, id, purpose, action, wording, wording_hash, purpose_version, source, actor_type, actor_id, created_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`

func insertConsentRow(tx *storage.Tx, workspaceID, contactID string, c Consent) error {
	_, err := tx.Exec(insertConsent, workspaceID, contactID, c.ID, c.Purpose, c.Action, c.Wording, c.WordingHash, c.Version, c.Source,
		string(c.Actor.Type), c.Actor.ID, clock.Micros(c.CreatedAt))
	return err
}

const selectConsents = `
	SELECT id, purpose, action, wording, wording_hash, purpose_version, source, actor_type, actor_id, created_at
	FROM consents
	WHERE workspace_id = $1 AND contact_id = $2
	ORDER BY id DESC`

func consentsOf(tx *storage.Tx, workspaceID, contactID string) ([]Consent, error) {
	rows, err := tx.Query(selectConsents, workspaceID, contactID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []Consent{}
	for rows.Next() {
		var c Consent
		var at int64
		if err := rows.Scan(&c.ID, &c.Purpose, &c.Action, &c.Wording, &c.WordingHash, &c.Version, &c.Source, &c.Actor.Type, &c.Actor.ID, &at); err != nil {
			return nil, err
		}
		c.CreatedAt = clock.FromMicros(at)
		out = append(out, c)
	}
	return out, rows.Err()
}
