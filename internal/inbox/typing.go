package inbox

import (
	"context"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
)

// Typing tells the other side that the actor is writing. It is not stored, and
// nobody waits for it.
func (s *Service) Typing(ctx context.Context, conversationID string) error {
	a := actor.From(ctx)
	contactID, err := s.headOf(ctx, a, conversationID)
	if err != nil {
		return fault.Wrap("inbox.Typing", err)
	}
	author := a.Ref()
	author.Name = a.Name
	s.Hub.Typing(a.WorkspaceID, conversationID, contactID, author)
	return nil
}
