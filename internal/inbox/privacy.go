package inbox

import (
	"context"

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
		personal("conversations", "tags", "communication", "words that operators chose"),
		personal("conversation_tags", "tag", "communication", "words that operators chose"),
		personal("messages", "created_at", "communication", "when a message was written"),
	}
	for _, nothing := range [][]privacy.Field{
		privacy.Nothing("conversations", "workspace_id", "id", "contact_id", "state", "priority", "assignee_id", "channel", "message_count",
			"unread_count", "contact_unread_count", "last_message_id", "last_author_type", "last_message_type", "last_message_at", "snoozed_until",
			"operator_read_at", "activity_at", "created_at", "updated_at"),
		privacy.Nothing("conversation_tags", "workspace_id", "conversation_id"),
		privacy.Nothing("messages", "workspace_id", "conversation_id", "id", "contact_id", "author_type", "author_id", "type", "client_id", "redacted_at"),
	} {
		fields = append(fields, nothing...)
	}
	return fields
}

const selectOfContact = `SELECT ` + conversationColumns + ` FROM conversations v` + joinContacts + `
	WHERE v.workspace_id = $1 AND v.contact_id = $2 ORDER BY v.id`

const selectAllOf = `SELECT ` + messageColumns + ` FROM messages WHERE workspace_id = $1 AND conversation_id = $2 ORDER BY id`

// Export hands out conversations and messages, oldest first. Notes are about the
// person too, so they are included.
func (s *Service) Export(ctx context.Context, tx *storage.Tx, sub privacy.Subject, out privacy.Export) error {
	heads, err := conversationsOf(tx, sub)
	if err != nil || len(heads) == 0 {
		return err
	}
	key, err := s.Vault.Key(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID})
	if err != nil {
		return err
	}
	for _, head := range heads {
		c, err := head.open(key)
		if err != nil {
			return err
		}
		if err := out("conversations", c); err != nil {
			return err
		}
		if err := exportMessages(tx, sub, c.ID, key, out); err != nil {
			return err
		}
	}
	return nil
}

func conversationsOf(tx *storage.Tx, sub privacy.Subject) ([]row, error) {
	rows, err := tx.Query(selectOfContact, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []row
	for rows.Next() {
		r, err := scanConversation(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// exportMessages hands out a thread row by row, so that memory stays flat.
func exportMessages(tx *storage.Tx, sub privacy.Subject, conversationID string, key *vault.Key, out privacy.Export) error {
	rows, err := tx.Query(selectAllOf, sub.WorkspaceID, conversationID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		sealed, err := scanMessage(rows)
		if err != nil {
			return err
		}
		m, err := sealed.open(key)
		if err != nil {
			return err
		}
		if err := out("messages", m); err != nil {
			return err
		}
	}
	return rows.Err()
}

const ofContact = ` (SELECT id FROM conversations WHERE workspace_id = $1 AND contact_id = $2)`

// Erase deletes the contact's conversations with everything in them, and their
// words from the search index.
func (s *Service) Erase(_ context.Context, tx *storage.Tx, sub privacy.Subject) (privacy.Counts, error) {
	// Whoever is writing into one of these conversations is waited for here, and
	// whoever comes later finds none: their rows are held from now on.
	_, err := tx.Exec(`UPDATE conversations SET updated_at = updated_at WHERE workspace_id = $1 AND contact_id = $2`, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return nil, err
	}
	counts := privacy.Counts{}
	for _, step := range []struct{ table, where string }{
		{"messages", `conversation_id IN` + ofContact},
		{"conversation_tags", `conversation_id IN` + ofContact},
		{"conversations", `contact_id = $2`},
	} {
		n, err := tx.Exec(`DELETE FROM `+step.table+` WHERE workspace_id = $1 AND `+step.where, sub.WorkspaceID, sub.ContactID)
		if err != nil {
			return nil, err
		}
		counts[step.table] = n
	}
	n, err := s.Search.RemoveContact(tx, sub.WorkspaceID, sub.ContactID)
	counts["search_docs"] = n
	return counts, err
}
