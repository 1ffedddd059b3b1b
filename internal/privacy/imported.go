package privacy

import (
	"errors"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// SourceImport is the source of what came with a table of people.
const SourceImport = "import"

// Imported is a decision about a purpose that a table says somebody made, ready to
// be stored: its evidence is already sealed.
type Imported struct {
	sub      Subject
	consent  Consent
	evidence any
	stated   time.Time // when they decided, where the table says so
}

// SealImported prepares a decision that a table says somebody made, outside of the
// transaction. at is when, or the zero time; one that is to come counts as unknown.
func (s *Service) SealImported(key *vault.Key, sub Subject, p Purpose, action, evidence string, at time.Time, by actor.Actor) Imported {
	now := s.clock.Now()
	if at.After(now) {
		at = time.Time{}
	}
	text, locale := p.In("")
	x := Imported{sub: sub, stated: at, consent: Consent{ID: s.ids.New(id.Consent), Purpose: p.Key, Action: action, Wording: text.Wording,
		WordingHash: wordingHash(text.Wording), Version: p.Version, Locale: locale, Source: SourceImport, Actor: by.Ref(), CreatedAt: now}}
	if !at.IsZero() {
		x.consent.CreatedAt = at
	}
	if evidence != "" {
		x.evidence = key.Seal(consentPlace(x.consent.ID), []byte(evidence))
	}
	return x
}

// MayImport tells whether a table of people may change what is held of somebody for
// a purpose, and has everybody who changes them wait: nil, or processing_restricted,
// contact_in_bin, objected, changed_meanwhile where they were merged just now, or
// not found.
func (s *Service) MayImport(tx *storage.Tx, sub Subject, purpose string) error {
	if _, err := s.lockPerson(tx, sub); err != nil {
		return err
	}
	return s.WouldImport(tx, sub, purpose)
}

// WouldImport tells what [Service.MayImport] would, without having anybody wait.
func (s *Service) WouldImport(tx *storage.Tx, sub Subject, purpose string) error {
	st, err := s.people.Standing(tx, sub)
	switch {
	case err != nil:
		return err
	case st.IsRestricted():
		return restricted()
	case !st.BinnedAt.IsZero():
		return fault.Conflict("contact_in_bin", "This person is in the bin. Take them out first.")
	}
	members, err := s.personOf(tx, sub, st)
	if err != nil {
		return err
	}
	return mayDespiteObjections(tx, members, purpose)
}

// InsertImported stores what people decided who came to be in the same transaction:
// they have decided nothing before.
func (s *Service) InsertImported(tx *storage.Tx, all []Imported) error {
	for _, x := range all {
		if err := s.insertImported(tx, x); err != nil {
			return fault.Wrap("privacy.InsertImported", err)
		}
	}
	return nil
}

// RecordImported stores what a table says that somebody decided who was there
// before, and tells whether it did. What they did themselves counts more: a yes is
// taken only where they never decided, or where the table says that it came later
// than all they did; a no also where it is not said when. The caller holds the
// person's lock: see [Service.MayImport].
func (s *Service) RecordImported(tx *storage.Tx, x Imported) (bool, error) {
	members, err := s.people.Members(tx, x.sub)
	if err != nil {
		return false, fault.Wrap("privacy.RecordImported", err)
	}
	last, err := lastActs(tx, "consents", members, x.consent.Purpose)
	if err != nil {
		return false, fault.Wrap("privacy.RecordImported", err)
	}
	present, latest := inForce(members, last, Withdraw), time.Time{}
	for _, one := range last {
		if at := clock.FromMicros(one.at); at.After(latest) {
			latest = at
		}
	}
	later := !x.stated.IsZero() && x.stated.After(latest)
	switch {
	case present == x.consent.Action,
		present != "" && x.consent.Action == Grant && !later,
		present != "" && x.consent.Action == Withdraw && !later && !x.stated.IsZero():
		return false, nil
	case x.stated.IsZero():
		if x.consent.CreatedAt, err = momentAfter(tx, "consents", members, x.consent.CreatedAt); err != nil {
			return false, fault.Wrap("privacy.RecordImported", err)
		}
	}
	return true, fault.Wrap("privacy.RecordImported", s.insertImported(tx, x))
}

func (s *Service) insertImported(tx *storage.Tx, x Imported) error {
	if err := insertConsentRow(tx, x.sub, x.consent, x.evidence); err != nil {
		return err
	}
	eventType := live.ConsentGranted
	if x.consent.Action == Withdraw {
		eventType = live.ConsentWithdrawn
	}
	s.outbox.Append(tx, live.Event{Type: eventType, WorkspaceID: x.sub.WorkspaceID, OccurredAt: s.clock.Now(), ActorType: x.consent.Actor.Type,
		ActorID: x.consent.Actor.ID, ContactID: x.sub.ContactID, ObjectID: x.consent.ID, Details: map[string]string{"purpose": x.consent.Purpose}})
	return nil
}

const selectOwnActs = `
	SELECT (SELECT COUNT(*) FROM consents WHERE workspace_id = $1 AND contact_id = $2 AND source <> $3)
		+ (SELECT COUNT(*) FROM objections WHERE workspace_id = $1 AND contact_id = $2)
		+ (SELECT COUNT(*) FROM restrictions WHERE workspace_id = $1 AND contact_id = $2)`

// HasActed tells whether somebody decided, objected or was restricted otherwise than
// by a table of people.
func HasActed(tx *storage.Tx, sub Subject) (bool, error) {
	var n int64
	err := tx.QueryRow(selectOwnActs, sub.WorkspaceID, sub.ContactID, SourceImport).Scan(&n)
	return n > 0, fault.Wrap("privacy.HasActed", err)
}

// ErrWithheld says that somebody's data stays as it is: they are restricted or in
// the bin.
var ErrWithheld = errors.New("privacy: this person's data stays as it is")

// MayRevert tells whether what an import changed in somebody may be taken back, and
// has everybody who changes them wait: nil, [ErrWithheld], changed_meanwhile or not
// found. An objection does not stand against that.
func (s *Service) MayRevert(tx *storage.Tx, sub Subject) error {
	if _, err := s.lockPerson(tx, sub); err != nil {
		return err
	}
	st, err := s.people.Standing(tx, sub)
	if err == nil && (st.IsRestricted() || !st.BinnedAt.IsZero()) {
		err = ErrWithheld
	}
	return err
}
