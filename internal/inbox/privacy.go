package inbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Name is the holder's name.
func (s *Service) Name() string { return "inbox" }

// Fields declares this package's tables.
func (s *Service) Fields() []privacy.Field {
	personal := func(table, column, category string, holds ...string) privacy.Field {
		return privacy.Field{Table: table, Column: column, Holds: holds, Whose: privacy.OfContact, Category: category,
			Purpose: privacy.PurposeSupport, LawfulBasis: "legitimate_interests", Retention: "until the contact is erased",
			Recipients: []string{"the workspace's operators"}, Ages: privacy.AgesMessages}
	}
	sealed := func(table, column string, holds ...string) privacy.Field {
		f := personal(table, column, "communication", holds...)
		f.Sealed = true
		return f
	}
	read := personal("conversations", "contact_read_at", "technical", "when you read the answers")
	read.Ages = privacy.AgesTechnical
	fields := []privacy.Field{
		read,
		sealed("conversations", "subject_sealed", "the subject"),
		sealed("conversations", "preview_sealed", "the beginning of the last message"),
		sealed("messages", "body_sealed", "the text of a message or note"),
		sealed("messages", "sensitive_sealed", "which sorts of sensitive text were masked or flagged in it, and where"),
		personal("conversations", "tags", "communication", "words that operators chose"),
		personal("conversation_tags", "tag", "communication", "words that operators chose"),
		personal("messages", "created_at", "communication", "when a message was written"),
	}
	for _, nothing := range [][]privacy.Field{
		privacy.Nothing("conversations", "workspace_id", "id", "contact_id", "state", "priority", "assignee_id", "channel", "message_count",
			"unread_count", "contact_unread_count", "last_message_id", "last_author_type", "last_message_type", "last_message_at", "snoozed_until",
			"operator_read_at", "activity_at", "created_at", "updated_at"),
		privacy.Nothing("conversation_tags", "workspace_id", "conversation_id"),
		privacy.Nothing("messages", "workspace_id", "conversation_id", "id", "contact_id", "author_type", "author_id", "type", "client_id", "redacted_at", "redaction"),
	} {
		fields = append(fields, nothing...)
	}
	return fields
}

// ConversationExport is a conversation as it is handed to the contact.
type ConversationExport struct {
	ID            string     `json:"id"`
	Subject       string     `json:"subject"`
	State         string     `json:"state"`
	Priority      string     `json:"priority"`
	Channel       string     `json:"channel"`
	Tags          []string   `json:"tags"`
	MessageCount  int64      `json:"message_count"`
	ContactReadAt *time.Time `json:"contact_read_at"`
	CreatedAt     time.Time  `json:"created_at"`
	UpdatedAt     time.Time  `json:"updated_at"`
}

// MessageExport is a message or note as it is handed to the contact. The author
// is a category: who of the operators wrote it is not about the contact.
type MessageExport struct {
	ID             string     `json:"id"`
	ConversationID string     `json:"conversation_id"`
	Type           string     `json:"type"`
	Author         string     `json:"author"`
	Body           string     `json:"body"`
	CreatedAt      time.Time  `json:"created_at"`
	RedactedAt     *time.Time `json:"redacted_at"`
}

// Provided keeps what the contact wrote.
func (m MessageExport) Provided() (any, bool) { return m, m.Author == string(actor.Contact) }

// Sections says what is handed out.
func (s *Service) Sections() []privacy.Section {
	return []privacy.Section{
		{Name: "conversations", Record: ConversationExport{}, Tables: []string{"conversations", "conversation_tags"}},
		{Name: "messages", Record: MessageExport{}, Tables: []string{"messages"}},
	}
}

const exportedConversations = `
	SELECT id, subject_sealed, state, priority, channel, tags, message_count, COALESCE(contact_read_at, 0), created_at, updated_at
	FROM conversations WHERE workspace_id = $1 AND contact_id = $2 ORDER BY id`

const exportedMessages = `
	SELECT m.id, m.conversation_id, m.type, m.author_type, m.body_sealed, m.created_at, COALESCE(m.redacted_at, 0)
	FROM conversations v JOIN messages m ON m.workspace_id = v.workspace_id AND m.conversation_id = v.id
	WHERE v.workspace_id = $1 AND v.contact_id = $2 ORDER BY v.id, m.id`

// Export hands out conversations and messages, oldest first, row by row. Notes are
// about the person too, so they are included.
func (s *Service) Export(ctx context.Context, tx *storage.Tx, sub privacy.Subject, out privacy.Export) error {
	var key *vault.Key
	for _, section := range []struct {
		query string
		hand  func(*sql.Rows) error
	}{
		{exportedConversations, func(rows *sql.Rows) error { return exportConversation(rows, key, out) }},
		{exportedMessages, func(rows *sql.Rows) error { return exportMessage(rows, key, out) }},
	} {
		err := eachRow(tx, sub, section.query, func(rows *sql.Rows) (err error) {
			if key == nil { // of nobody there is nothing, and no key is asked for
				if key, err = s.Vault.Key(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID}); err != nil {
					return err
				}
			}
			return section.hand(rows)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func eachRow(tx *storage.Tx, sub privacy.Subject, query string, each func(*sql.Rows) error) error {
	rows, err := tx.Query(query, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func exportConversation(rows *sql.Rows, key *vault.Key, out privacy.Export) error {
	var c ConversationExport
	var subject []byte
	var tags string
	var read, created, updated int64
	err := rows.Scan(&c.ID, &subject, &c.State, &c.Priority, &c.Channel, &tags, &c.MessageCount, &read, &created, &updated)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(tags), &c.Tags); err != nil {
		return err
	}
	if subject != nil {
		plain, err := key.Open(place("subject_sealed", c.ID), subject)
		if err != nil {
			return fault.Wrap("open "+c.ID, err)
		}
		c.Subject = string(plain)
	}
	c.ContactReadAt, c.CreatedAt, c.UpdatedAt = pointer(read), clock.FromMicros(created), clock.FromMicros(updated)
	return out("conversations", c)
}

func exportMessage(rows *sql.Rows, key *vault.Key, out privacy.Export) error {
	var m MessageExport
	var body []byte
	var created, redacted int64
	if err := rows.Scan(&m.ID, &m.ConversationID, &m.Type, &m.Author, &body, &created, &redacted); err != nil {
		return err
	}
	if body != nil {
		plain, err := key.Open(bodyPlace(m.ID), body)
		if err != nil {
			return fault.Wrap("open "+m.ID, err)
		}
		m.Body = string(plain)
	}
	m.CreatedAt, m.RedactedAt = clock.FromMicros(created), pointer(redacted)
	return out("messages", m)
}

const ofContact = ` (SELECT id FROM conversations WHERE workspace_id = $1 AND contact_id = $2)`

// messagesOfContact is for the search index: the workspace is $1, the contact $2.
const messagesOfContact = `
	SELECT id FROM messages WHERE workspace_id = $1 AND conversation_id IN
		(SELECT id FROM conversations WHERE workspace_id = $1 AND contact_id = $2)`

// Erase deletes the contact's conversations with everything in them, and their
// words from the search index.
func (s *Service) Erase(_ context.Context, tx *storage.Tx, sub privacy.Subject) (privacy.Counts, error) {
	// Whoever is writing into one of these conversations is waited for here, and
	// whoever comes later finds none: their rows are held from now on.
	_, err := tx.Exec(`UPDATE conversations SET updated_at = updated_at`+storage.FoundSQL("conversations", "workspace_id, id", `workspace_id = $1 AND contact_id = $2`),
		sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return nil, err
	}
	words, err := s.Search.RemoveContact(tx, sub.WorkspaceID, sub.ContactID, kindMessage, messagesOfContact)
	if err != nil {
		return nil, err
	}
	counts := privacy.Counts{"search_docs": words}
	for _, step := range []struct{ table, where string }{
		{"messages", `conversation_id IN` + ofContact},
		{"conversation_tags", `conversation_id IN` + ofContact},
		{"conversations", `id IN` + ofContact},
	} {
		n, err := tx.Exec(`DELETE FROM `+step.table+` WHERE workspace_id = $1 AND `+step.where, sub.WorkspaceID, sub.ContactID)
		if err != nil {
			return nil, err
		}
		counts[step.table] = n
	}
	return counts, nil
}
