package privacy

import (
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
)

// ofSystem is the source of what is written down because something else happened.
const ofSystem = "system"

// Part writes down for a contact who leaves a person, as a merge is undone, what was
// said meanwhile for the person and is strict: withdrawn consents, objections and a
// restriction hold for both from then on. What was granted meanwhile stays with the
// person. It runs in the transaction of the undoing, under the person's lock.
func (s *Service) Part(tx *storage.Tx, rest []Member, left Member, by actor.Ref) error {
	alone := []Member{{Subject: left.Subject}}
	consents, err := of(rest, func(m Member) ([]Consent, error) { return consentsOf(tx, m.Subject, nil) })
	if err != nil {
		return fault.Wrap("privacy.Part", err)
	}
	said := map[string]bool{}
	for _, c := range newest(consents, func(c Consent) (time.Time, string) { return c.CreatedAt, c.ID }) {
		if isLast := !said[c.Purpose]; !isLast || c.Action != Withdraw || !c.CreatedAt.After(left.JoinedAt) {
			said[c.Purpose] = true
			continue
		}
		said[c.Purpose] = true
		if err := s.withdrawToo(tx, alone, c, by); err != nil {
			return fault.Wrap("privacy.Part", err)
		}
	}
	objections, err := objectionsIn(tx, rest)
	if err != nil {
		return fault.Wrap("privacy.Part", err)
	}
	for _, o := range objections {
		if !o.InForce || !o.CreatedAt.After(left.JoinedAt) {
			continue
		}
		copied := Objection{Purpose: o.Purpose, Action: Objected, Source: ofSystem, Actor: by}
		if err := s.insertObjection(tx, left.Subject, alone, &copied); err != nil {
			return fault.Wrap("privacy.Part", err)
		}
	}
	return fault.Wrap("privacy.Part", s.restrictToo(tx, alone, by))
}

func (s *Service) withdrawToo(tx *storage.Tx, alone []Member, c Consent, by actor.Ref) error {
	now, err := momentAfter(tx, "consents", alone, s.clock.Now())
	if err != nil {
		return err
	}
	c.ID, c.Source, c.Evidence, c.Actor, c.CreatedAt = s.ids.New(id.Consent), ofSystem, "", by, now
	if err := insertConsentRow(tx, alone[0].Subject, c, nil); err != nil {
		return err
	}
	s.outbox.Append(tx, live.Event{Type: live.ConsentWithdrawn, WorkspaceID: alone[0].WorkspaceID, OccurredAt: now, ActorType: by.Type, ActorID: by.ID,
		ContactID: alone[0].ContactID, ObjectID: c.ID, Details: map[string]string{"purpose": c.Purpose}})
	return nil
}

// restrictToo puts on record that a contact is restricted whose mark says so.
func (s *Service) restrictToo(tx *storage.Tx, alone []Member, by actor.Ref) error {
	st, err := s.people.Standing(tx, alone[0].Subject)
	if err != nil || !st.IsRestricted() {
		return err
	}
	now, err := momentAfter(tx, "restrictions", alone, s.clock.Now())
	if err != nil {
		return err
	}
	_, err = tx.Exec(insertRestrictionSQL, alone[0].WorkspaceID, alone[0].ContactID, s.ids.New(id.Restriction), restrictAct, nil,
		string(by.Type), by.ID, clock.Micros(now))
	return err
}
