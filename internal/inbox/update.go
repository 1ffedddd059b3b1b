package inbox

import (
	"context"
	"encoding/json"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// Read notes that the actor's side has read a conversation.
func (s *Service) Read(ctx context.Context, conversationID string) error {
	a, now := actor.From(ctx), s.Clock.Now()
	query := readByOperator
	if a.Type == actor.Contact {
		query = readByContact
	}
	err := s.DB.Write(ctx, func(tx *storage.Tx) error {
		r, err := s.loadFor(tx, a, conversationID)
		if err != nil {
			return err
		}
		if r.contact.Restricted != 0 && privacy.WorksForCustomer(a) {
			return nil // nothing was shown
		}
		n, err := tx.Exec(query, clock.Micros(now), a.WorkspaceID, conversationID)
		if err == nil && n > 0 {
			s.changed(tx, a, live.ConversationUpdated, conversationID, r.c.ContactID, r.c.State, now)
		}
		return err
	})
	return fault.Wrap("inbox.Read", err)
}

// Update changes a conversation's state, priority, assignee or tags. Check, if
// not nil, is asked whether the version that is there may be changed.
func (s *Service) Update(ctx context.Context, conversationID string, c Change, check func(updated time.Time) error) (Conversation, error) {
	a, now := actor.From(ctx), s.Clock.Now()
	if err := c.validate(now); err != nil {
		return Conversation{}, err
	}
	if c.AssigneeID != nil && *c.AssigneeID != "" {
		is, err := s.IsOperator(ctx, a.WorkspaceID, *c.AssigneeID)
		if err != nil {
			return Conversation{}, fault.Wrap("inbox.Update", err)
		}
		if !is {
			return Conversation{}, fault.Invalid("assignee_id", "is not an operator of this workspace")
		}
	}
	err := s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := lock(tx, conversationID); err != nil {
			return err
		}
		r, err := s.loadFor(tx, a, conversationID)
		if err != nil {
			return err
		}
		if err := s.mayHandle(tx, a, r.c.ContactID); err != nil {
			return err
		}
		if check != nil {
			if err := check(r.c.UpdatedAt); err != nil {
				return err
			}
		}
		return s.save(tx, a, r, c, now)
	})
	if err != nil {
		return Conversation{}, fault.Wrap("inbox.Update", err)
	}
	return s.Get(ctx, conversationID)
}

// save writes the changed fields and says what happened by one event for each
// sort of change.
func (s *Service) save(tx *storage.Tx, a actor.Actor, r row, c Change, now time.Time) error {
	next := r.c
	if c.State != nil {
		next.State, next.SnoozedUntil = *c.State, c.SnoozedUntil
	}
	if c.Priority != nil {
		next.Priority = *c.Priority
	}
	if c.AssigneeID != nil {
		next.AssigneeID = c.AssigneeID
	}
	if c.Tags != nil {
		next.Tags = normalTags(*c.Tags)
		if err := replaceTags(tx, a.WorkspaceID, next.ID, next.Tags); err != nil {
			return err
		}
	}
	tags, err := json.Marshal(next.Tags)
	if err != nil {
		return err
	}
	if !now.After(r.c.UpdatedAt) {
		now = r.c.UpdatedAt.Add(time.Microsecond)
	}
	var assignee, snoozed any
	if next.AssigneeID != nil && *next.AssigneeID != "" {
		assignee = *next.AssigneeID
	}
	if next.SnoozedUntil != nil {
		snoozed = clock.Micros(*next.SnoozedUntil)
	}
	_, err = tx.Exec(updateConversation, next.State, next.Priority, assignee, string(tags), snoozed, clock.Micros(now), a.WorkspaceID, next.ID)
	if err != nil {
		return err
	}
	for _, eventType := range eventsOf(r.c, next) {
		s.changed(tx, a, eventType, next.ID, next.ContactID, next.State, now)
	}
	return nil
}

// eventsOf names what happened between two versions.
func eventsOf(before, after Conversation) []string {
	var out []string
	if before.State != after.State {
		switch {
		case after.State == StateResolved:
			out = append(out, live.ConversationResolved)
		case before.State == StateResolved:
			out = append(out, live.ConversationReopened)
		}
	}
	if deref(before.AssigneeID) != deref(after.AssigneeID) {
		out = append(out, live.ConversationAssigned)
	}
	if len(out) == 0 {
		out = append(out, live.ConversationUpdated)
	}
	return out
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func replaceTags(tx *storage.Tx, workspaceID, conversationID string, tags []string) error {
	if _, err := tx.Exec(`DELETE FROM conversation_tags WHERE workspace_id = $1 AND conversation_id = $2`, workspaceID, conversationID); err != nil {
		return err
	}
	for _, t := range tags {
		_, err := tx.Exec(`INSERT INTO conversation_tags (workspace_id, conversation_id, tag) VALUES ($1, $2, $3)`, workspaceID, conversationID, t)
		if err != nil {
			return err
		}
	}
	return nil
}
