package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Conversation is a thread between a contact and the operators.
type Conversation struct {
	ID                 string       `json:"id"`
	ContactID          string       `json:"contact_id"`
	Subject            string       `json:"subject"`
	State              string       `json:"state"`
	Priority           string       `json:"priority"`
	AssigneeID         *string      `json:"assignee_id"`
	Tags               []string     `json:"tags"`
	Channel            string       `json:"channel"`
	UnreadCount        int64        `json:"unread_count"`
	ContactUnreadCount int64        `json:"contact_unread_count"`
	MessageCount       int64        `json:"message_count"`
	LastMessage        *LastMessage `json:"last_message"`
	SnoozedUntil       *time.Time   `json:"snoozed_until"`
	ActivityAt         time.Time    `json:"activity_at"`
	CreatedAt          time.Time    `json:"created_at"`
	UpdatedAt          time.Time    `json:"updated_at"`
}

// LastMessage is what a list shows of the last message.
type LastMessage struct {
	ID         string    `json:"id"`
	AuthorType string    `json:"author_type"`
	Type       string    `json:"type"`
	Preview    string    `json:"preview"`
	CreatedAt  time.Time `json:"created_at"`
}

// Message is one thing that somebody wrote.
type Message struct {
	ID             string    `json:"id"`
	ConversationID string    `json:"conversation_id"`
	Type           string    `json:"type"` // reply or note
	Author         Author    `json:"author"`
	Body           string    `json:"body"`
	ClientID       string    `json:"client_id"`
	CreatedAt      time.Time `json:"created_at"`
}

// Author is who wrote a message.
type Author struct {
	Type string `json:"type"` // contact, operator, api_key or system
	ID   string `json:"id"`
	Name string `json:"name"`
}

// NewConversation is a conversation to start.
type NewConversation struct {
	ContactID string `json:"contact_id"`
	Subject   string `json:"subject,omitempty"`
	Body      string `json:"body"`
}

// NewMessage is a message to write. Type is reply unless it is said otherwise.
type NewMessage struct {
	Body     string `json:"body"`
	Type     string `json:"type,omitempty"`
	ClientID string `json:"client_id,omitempty"`
}

// ConversationFilter narrows a list; empty fields do not.
type ConversationFilter struct {
	State, AssigneeID, ContactID, Tag string
}

// Hit is a message that holds the words that were looked for.
type Hit struct {
	Kind           string    `json:"kind"`
	ConversationID string    `json:"conversation_id"`
	ContactID      string    `json:"contact_id"`
	MessageID      string    `json:"message_id"`
	Title          string    `json:"title"`
	Snippet        string    `json:"snippet"`
	CreatedAt      time.Time `json:"created_at"`
}

// StartConversation starts a conversation with a contact.
func (c *Client) StartConversation(ctx context.Context, n NewConversation) (out Conversation, err error) {
	return out, c.Do(ctx, http.MethodPost, "/conversations", nil, n, &out)
}

// Conversations gives a page of conversations, by activity.
func (c *Client) Conversations(ctx context.Context, f ConversationFilter, p Page) (out List[Conversation], err error) {
	q := p.query()
	for name, value := range map[string]string{"state": f.State, "assignee_id": f.AssigneeID, "contact_id": f.ContactID, "tag": f.Tag} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return out, c.Do(ctx, http.MethodGet, "/conversations", q, nil, &out)
}

// Conversation gives one conversation.
func (c *Client) Conversation(ctx context.Context, conversationID string) (out Conversation, err error) {
	return out, c.Do(ctx, http.MethodGet, "/conversations/"+url.PathEscape(conversationID), nil, nil, &out)
}

// Messages gives a page of a conversation's messages, newest first.
func (c *Client) Messages(ctx context.Context, conversationID string, p Page) (out List[Message], err error) {
	return out, c.Do(ctx, http.MethodGet, "/conversations/"+url.PathEscape(conversationID)+"/messages", p.query(), nil, &out)
}

// PostMessage writes a reply or a note.
func (c *Client) PostMessage(ctx context.Context, conversationID string, m NewMessage) (out Message, err error) {
	return out, c.Do(ctx, http.MethodPost, "/conversations/"+url.PathEscape(conversationID)+"/messages", nil, m, &out)
}

// Search finds messages that hold all the words.
func (c *Client) Search(ctx context.Context, words string, p Page) (out List[Hit], err error) {
	return out, c.Do(ctx, http.MethodPost, "/search", p.query(), map[string]string{"q": words}, &out)
}
