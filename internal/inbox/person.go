package inbox

import (
	"context"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// A person may be several contacts, since some were merged (ADR 0012). Their
// conversations stay with the contact who began them, whose key seals them; they are
// listed together and shown with who stands for the person.

// isTheirs tells whether an actor may see what a contact said: anybody of the
// customer's people, the contact themselves, and who signed in as the same person.
func isTheirs(tx *storage.Tx, a actor.Actor, contactID string) (bool, error) {
	if a.Type != actor.Contact || contactID == a.ID {
		return true, nil
	}
	if !a.SignedIn { // another browser, which nobody vouched for
		return false, nil
	}
	return contacts.IsSame(tx, a.WorkspaceID, a.ID, contactID)
}

// whoseTo gives the contacts whose conversations a list of one contact's holds; nil
// where the contact is alone, or sees what is their own and no more.
func whoseTo(tx *storage.Tx, a actor.Actor, contactID string) ([]string, error) {
	if contactID == "" || a.Type == actor.Contact && !a.SignedIn {
		return nil, nil
	}
	members, err := contacts.Group(tx, a.WorkspaceID, contactID)
	if fault.Is(err, fault.KindNotFound) || err == nil && len(members) < 2 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return contacts.IDsOf(members), nil
}

// asPersons gives conversations of contacts who were merged with their survivor's
// summary. They are changed in place.
func (s *Service) asPersons(ctx context.Context, workspaceID string, rows []row, opened []Conversation) error {
	survivors := map[string]string{}
	var ids []string
	for _, r := range rows {
		if r.contact.Survivor != "" {
			survivors[r.c.ContactID] = r.contact.Survivor
			ids = append(ids, r.contact.Survivor)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	persons, err := s.Contacts.Persons(ctx, workspaceID, ids)
	if err != nil {
		return err
	}
	for i, c := range opened {
		if person, known := persons[survivors[c.ContactID]]; known {
			opened[i].Contact = person
		}
	}
	return nil
}
