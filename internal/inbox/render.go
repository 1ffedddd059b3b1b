package inbox

import (
	"context"
	"encoding/json"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// ForContact is a conversation as its contact sees it.
type ForContact struct {
	ID             string       `json:"id"`
	Subject        string       `json:"subject"`
	State          string       `json:"state" enum:"open,resolved"`
	UnreadCount    int64        `json:"unread_count"`
	LastMessage    *LastMessage `json:"last_message"`
	OperatorReadAt any          `json:"operator_read_at" doc:"When the operators last read it, or null."`
	ContactReadAt  any          `json:"contact_read_at"`
	CreatedAt      any          `json:"created_at"`
	UpdatedAt      any          `json:"updated_at"`
}

// ForContact gives the contact's view: whether it is done, not how it is handled.
func (c Conversation) ForContact() ForContact {
	state := StateOpen
	if c.State == StateResolved {
		state = StateResolved
	}
	return ForContact{ID: c.ID, Subject: c.Subject, State: state, UnreadCount: c.ContactUnreadCount,
		LastMessage: c.LastMessage, OperatorReadAt: c.OperatorReadAt, ContactReadAt: c.ContactReadAt, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt}
}

// RenderMessages gives the data of message events for the live stream. A message
// that is no longer there is told by its ids alone. Contacts hear of replies.
func (s *Service) RenderMessages(ctx context.Context, events []live.Event) (operator, contact [][]byte, err error) {
	operator, contact = make([][]byte, len(events)), make([][]byte, len(events))
	opened, err := s.messagesOf(ctx, events)
	if err != nil {
		return nil, nil, err
	}
	restricted, err := s.restrictedOf(ctx, events)
	if err != nil {
		return nil, nil, err
	}
	for i, e := range events {
		data := messageData{ConversationID: e.ConversationID, ContactID: e.ContactID, MessageID: e.ObjectID}
		if m, ok := opened[e.ObjectID]; ok {
			data.Message = &m
		}
		if operator[i], err = json.Marshal(data); err != nil {
			return nil, nil, err
		}
		if e.Details["type"] == TypeReply {
			contact[i] = operator[i]
		}
		if data.Message != nil && restricted[e.ContactID] {
			veiled := data.Message.veiled()
			data.Message = &veiled
			if operator[i], err = json.Marshal(data); err != nil {
				return nil, nil, err
			}
		}
	}
	return operator, contact, nil
}

type messageData struct {
	ConversationID string   `json:"conversation_id"`
	ContactID      string   `json:"contact_id"`
	MessageID      string   `json:"message_id"`
	Message        *Message `json:"message,omitempty"`
}

// messagesOf loads and opens the messages of events of one workspace or several.
func (s *Service) messagesOf(ctx context.Context, events []live.Event) (map[string]Message, error) {
	refs := map[string][]ref{}
	for _, e := range events {
		refs[e.WorkspaceID] = append(refs[e.WorkspaceID], ref{e.ConversationID, e.ObjectID})
	}
	out := make(map[string]Message, len(events))
	for workspaceID, some := range refs {
		var sealed map[string]sealedMessage
		err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
			sealed, err = loadMessages(tx, workspaceID, some)
			return err
		})
		if err != nil {
			return nil, err
		}
		if err := s.openMessages(ctx, workspaceID, sealed, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) openMessages(ctx context.Context, workspaceID string, sealed map[string]sealedMessage, into map[string]Message) error {
	subjects := make([]vault.Subject, 0, len(sealed))
	for _, m := range sealed {
		subjects = append(subjects, vault.Subject{Workspace: workspaceID, ID: m.contactID})
	}
	keys, err := s.Vault.Keys(ctx, subjects)
	if err != nil {
		return err
	}
	opened := make([]Message, 0, len(sealed))
	for _, r := range sealed {
		key, ok := keys[vault.Subject{Workspace: workspaceID, ID: r.contactID}]
		if !ok {
			continue
		}
		m, err := r.open(key)
		if err != nil {
			return err
		}
		opened = append(opened, m)
	}
	if err := s.nameAuthors(ctx, workspaceID, nil, opened); err != nil {
		return err
	}
	for _, m := range opened {
		into[m.ID] = m
	}
	return nil
}

// RenderConversations gives the data of conversation events: the conversation as
// it is now, for operators whole and for its contact in their view.
func (s *Service) RenderConversations(ctx context.Context, events []live.Event) (operator, contact [][]byte, err error) {
	operator, contact = make([][]byte, len(events)), make([][]byte, len(events))
	for i, e := range events {
		c, err := s.present(ctx, e.WorkspaceID, e.ConversationID)
		if err != nil {
			return nil, nil, err
		}
		whole := map[string]any{"conversation_id": e.ConversationID, "contact_id": e.ContactID}
		theirs := map[string]any{"conversation_id": e.ConversationID}
		if c != nil {
			whole["conversation"], theirs["conversation"] = c.veiled(), c.ForContact()
		}
		if operator[i], err = json.Marshal(whole); err != nil {
			return nil, nil, err
		}
		if contact[i], err = json.Marshal(theirs); err != nil {
			return nil, nil, err
		}
	}
	return operator, contact, nil
}

// present gives a conversation, or nil if there is none any more.
func (s *Service) present(ctx context.Context, workspaceID, conversationID string) (*Conversation, error) {
	var rows []row
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		r, err := loadConversation(tx, workspaceID, conversationID)
		rows = []row{r}
		if fault.Is(err, fault.KindNotFound) {
			rows, err = nil, nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	opened, err := s.openConversations(ctx, workspaceID, rows)
	if err != nil || len(opened) == 0 {
		return nil, err
	}
	return &opened[0], nil
}
