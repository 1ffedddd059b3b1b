package privacy

import (
	"context"
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
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
	Locale      string    `json:"locale" doc:"The language that it was shown in." example:"de"`
	Source      string    `json:"source" enum:"widget,portal,board,form,api,javascript,dashboard,import,system"`
	Evidence    string    `json:"evidence,omitempty" doc:"How it was given, where somebody recorded it for the person."`
	Actor       actor.Ref `json:"actor"`
	CreatedAt   time.Time `json:"created_at"`
}

// ConsentState is what follows from a person's consents for one purpose.
type ConsentState struct {
	Purpose string    `json:"purpose"`
	State   string    `json:"state" enum:"granted,withdrawn,refused" doc:"refused: they said no without ever having said yes."`
	Version int64     `json:"version"`
	At      time.Time `json:"at"`
}

// The two acts.
const (
	Grant    = "grant"
	Withdraw = "withdraw"
)

// Decision is what somebody decided about a purpose.
type Decision struct {
	ContactID string
	Purpose   string
	Action    string // Grant or Withdraw
	Source    string // one of Sources; "": through what the actor acts
	Version   int64  // of the wording that was shown; 0: the present one
	Locale    string // that it was shown in; "": the purpose's own
	Evidence  string // how it was given, for who records it for the person; sealed
}

// Decide records a decision without language or evidence: see [Service.Record].
func (s *Service) Decide(ctx context.Context, contactID, purpose, action, source string, version int64) (Consent, error) {
	return s.Record(ctx, Decision{ContactID: contactID, Purpose: purpose, Action: action, Source: source, Version: version})
}

// Record records that a person gave or withdrew consent to a purpose, with the
// exact wording in the language shown. A version that is no longer present is
// refused, since it is not what was read. Withdrawing is always taken, also of
// what was never given: it stands as a refusal. From then on MayUse refuses.
func (s *Service) Record(ctx context.Context, d Decision) (Consent, error) {
	a := actor.From(ctx)
	if d.Source == "" {
		d.Source = SourceOf(a)
	}
	if err := errors.Join(checkSource(d.Source), d.check()); err != nil {
		return Consent{}, err
	}
	sub, err := s.subjectFor(ctx, d.ContactID)
	if err != nil {
		return Consent{}, fault.Wrap("privacy.Record", err)
	}
	c := Consent{ID: s.ids.New(id.Consent), Purpose: d.Purpose, Action: d.Action, Source: d.Source, Evidence: d.Evidence, Actor: a.Ref()}
	var sealed any
	if d.Evidence != "" {
		key, err := s.keyOf(ctx, sub)
		if err != nil {
			return Consent{}, fault.Wrap("privacy.Record", err)
		}
		sealed = key.Seal(consentPlace(c.ID), []byte(d.Evidence))
	}
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		members, err := s.lockActing(tx, a, sub)
		if err != nil {
			return err
		}
		p, err := purposeFor(tx, sub.WorkspaceID, d)
		if err != nil {
			return err
		}
		text, locale := p.In(d.Locale)
		c.Version, c.Locale, c.Wording, c.WordingHash = p.Version, locale, text.Wording, wordingHash(text.Wording)
		if c.CreatedAt, err = momentAfter(tx, "consents", members, s.clock.Now()); err != nil {
			return err
		}
		if err := insertConsentRow(tx, sub, c, sealed); err != nil {
			return err
		}
		eventType := live.ConsentGranted
		if d.Action == Withdraw {
			eventType = live.ConsentWithdrawn
		}
		s.outbox.Append(tx, live.Event{Type: eventType, WorkspaceID: a.WorkspaceID, OccurredAt: c.CreatedAt, ActorType: a.Type, ActorID: a.ID,
			ContactID: sub.ContactID, ObjectID: c.ID, Details: map[string]string{"purpose": d.Purpose}})
		return nil
	})
	return c, fault.Wrap("privacy.Record", err)
}

func (d Decision) check() error {
	switch {
	case d.Action != Grant && d.Action != Withdraw:
		return fault.Invalid("action", "must be grant or withdraw")
	case utf8.RuneCountInString(d.Evidence) > maxReason:
		return fault.Invalid("evidence", "is too long; at most 1,000 characters")
	}
	return nil
}

// purposeFor gives the purpose that a decision is about, if it may be made.
func purposeFor(tx *storage.Tx, workspaceID string, d Decision) (Purpose, error) {
	purposes, err := presentPurposes(tx, workspaceID)
	if err != nil {
		return Purpose{}, err
	}
	i := slices.IndexFunc(purposes, func(p Purpose) bool { return p.Key == d.Purpose })
	if i < 0 {
		return Purpose{}, fault.Invalid("purpose", "is not a purpose of this workspace")
	}
	p := purposes[i]
	if d.Action == Grant && p.LawfulBasis != "consent" {
		return p, fault.Invalid("purpose", "does not rest on consent")
	}
	if d.Action == Grant && d.Version != 0 && d.Version != p.Version {
		return p, fault.Conflict("wording_changed", "The wording has changed since it was shown. Show the present one and ask again.")
	}
	return p, nil
}

// Consents gives every act of a person, newest first.
func (s *Service) Consents(ctx context.Context, contactID string) ([]Consent, error) {
	sub := subjectOf(actor.From(ctx), contactID)
	out, err := read(ctx, s, sub, func(tx *storage.Tx, m Member, key *vault.Key) ([]Consent, error) {
		return consentsOf(tx, m.Subject, key)
	})
	return newest(out, func(c Consent) (time.Time, string) { return c.CreatedAt, c.ID }), fault.Wrap("privacy.Consents", err)
}

// ConsentStates gives what is in force for a person: the last act of each
// purpose, and where they are several contacts the stricter of these. A person who
// does not exist yet has none.
func (s *Service) ConsentStates(ctx context.Context, sub Subject) ([]ConsentState, error) {
	out := []ConsentState{}
	err := s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		members, err := s.people.Members(tx, sub)
		if fault.Is(err, fault.KindNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		out, err = statesIn(tx, members)
		return err
	})
	return out, fault.Wrap("privacy.ConsentStates", err)
}

func statesIn(tx *storage.Tx, members []Member) ([]ConsentState, error) {
	all, err := of(members, func(m Member) ([]Consent, error) { return consentsOf(tx, m.Subject, nil) })
	if err != nil {
		return nil, err
	}
	states := StatesOf(newest(all, func(c Consent) (time.Time, string) { return c.CreatedAt, c.ID }))
	if len(members) == 1 {
		return states, nil
	}
	for i, st := range states {
		given, err := hasConsent(tx, members, st.Purpose)
		if err != nil {
			return nil, err
		}
		if !given && st.State == "granted" { // another of their contacts said no
			states[i].State = "withdrawn"
		}
	}
	return states, nil
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
			state = "refused"
			if slices.ContainsFunc(newestFirst, func(b Consent) bool { return b.Purpose == c.Purpose && b.Action == Grant }) {
				state = "withdrawn"
			}
		}
		out = append(out, ConsentState{Purpose: c.Purpose, State: state, Version: c.Version, At: c.CreatedAt})
	}
	return out
}

const insertConsent = `
	INSERT INTO consents (workspace_id, contact_id, id, purpose, action, wording, wording_hash, purpose_version, locale, source, evidence_sealed,
		actor_type, actor_id, created_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`

func insertConsentRow(tx *storage.Tx, sub Subject, c Consent, evidence any) error {
	_, err := tx.Exec(insertConsent, sub.WorkspaceID, sub.ContactID, c.ID, c.Purpose, c.Action, c.Wording, c.WordingHash, c.Version, c.Locale, c.Source,
		evidence, string(c.Actor.Type), c.Actor.ID, clock.Micros(c.CreatedAt))
	return err
}

func consentPlace(row string) vault.Place {
	return vault.Place{Table: "consents", Column: "evidence_sealed", Row: row}
}

const selectConsents = `
	SELECT id, purpose, action, wording, wording_hash, purpose_version, locale, source, evidence_sealed, actor_type, actor_id, created_at
	FROM consents
	WHERE workspace_id = $1 AND contact_id = $2
	ORDER BY created_at DESC, id DESC`

// consentsOf gives a person's consents, newest first; without a key, without the
// evidence.
func consentsOf(tx *storage.Tx, sub Subject, key *vault.Key) ([]Consent, error) {
	rows, err := tx.Query(selectConsents, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []Consent{}
	for rows.Next() {
		var c Consent
		var evidence []byte
		var at int64
		if err := rows.Scan(&c.ID, &c.Purpose, &c.Action, &c.Wording, &c.WordingHash, &c.Version, &c.Locale, &c.Source, &evidence,
			&c.Actor.Type, &c.Actor.ID, &at); err != nil {
			return nil, err
		}
		if key != nil {
			if c.Evidence, err = openText(key, consentPlace(c.ID), evidence); err != nil {
				return nil, err
			}
		}
		c.CreatedAt = clock.FromMicros(at)
		out = append(out, c)
	}
	return out, rows.Err()
}
