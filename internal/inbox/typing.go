package inbox

import (
	"context"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// Typing tells the other side that the actor is writing. It is not stored, and
// nobody waits for it. Of a restricted person nobody is told.
func (s *Service) Typing(ctx context.Context, conversationID string) error {
	a := actor.From(ctx)
	contactID, err := s.headOf(ctx, a, conversationID)
	if err != nil {
		return fault.Wrap("inbox.Typing", err)
	}
	restricted := false
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		some, err := contacts.RestrictedAmong(tx, a.WorkspaceID, []string{contactID})
		restricted = some[contactID]
		if err == nil && s.MayHandle != nil && privacy.WorksForCustomer(a) {
			err = s.MayHandle(tx, privacy.Subject{WorkspaceID: a.WorkspaceID, ContactID: contactID})
		}
		return err
	})
	if err != nil || restricted {
		return fault.Wrap("inbox.Typing", err)
	}
	author := a.Ref()
	author.Name = a.Name
	s.Hub.Typing(a.WorkspaceID, conversationID, contactID, author)
	return nil
}
