package inbox

import (
	"context"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// While a person's data is restricted, nothing but storage happens to it (GDPR
// article 18). Their conversations stay in the lists, so that operators see that
// somebody waits and why nobody may answer; what was said is not shown. The person
// themselves reads and writes as before.

// veiled gives the conversations as an actor may see them: to the customer's
// people those of restricted persons without what was said. They are changed in
// place.
func veiled(a actor.Actor, conversations ...Conversation) []Conversation {
	if privacy.WorksForCustomer(a) {
		for i := range conversations {
			conversations[i] = conversations[i].veiled()
		}
	}
	return conversations
}

// veiled gives the conversation without what was said, if its contact is restricted.
func (c Conversation) veiled() Conversation {
	if c.Contact.RestrictedAt == nil {
		return c
	}
	c.Subject, c.Restricted = "", true
	if c.LastMessage != nil {
		last := *c.LastMessage
		last.Preview = ""
		c.LastMessage = &last
	}
	return c
}

// veiled gives the message without its words.
func (m Message) veiled() Message {
	m.Body, m.Sensitive, m.Restricted = "", nil, true
	return m
}

// mayHandle refuses the customer's people to handle the data of a person who is
// restricted or objected. A change of mind that comes at the same time waits, or
// is waited for.
func (s *Service) mayHandle(tx *storage.Tx, a actor.Actor, contactID string) error {
	if s.MayHandle == nil || !privacy.WorksForCustomer(a) {
		return nil
	}
	sub := privacy.Subject{WorkspaceID: a.WorkspaceID, ContactID: contactID}
	if err := privacy.LockSubject(tx, sub); err != nil {
		return err
	}
	return s.MayHandle(tx, sub)
}

// mayWrite refuses what mayHandle does, and what a person writes who is blocked.
func (s *Service) mayWrite(ctx context.Context, tx *storage.Tx, a actor.Actor, contactID string) error {
	if err := s.mayHandle(tx, a, contactID); err != nil {
		return err
	}
	return s.Contacts.RefuseBlocked(ctx, tx, a, contactID)
}

// restrictedOf gives those of the events' contacts who are restricted.
func (s *Service) restrictedOf(ctx context.Context, events []live.Event) (map[string]bool, error) {
	byWorkspace := map[string][]string{}
	for _, e := range events {
		byWorkspace[e.WorkspaceID] = append(byWorkspace[e.WorkspaceID], e.ContactID)
	}
	out := map[string]bool{}
	for workspaceID, ids := range byWorkspace {
		err := s.DB.Read(ctx, func(tx *storage.Tx) error {
			some, err := contacts.RestrictedAmong(tx, workspaceID, ids)
			for id := range some {
				out[id] = true
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
