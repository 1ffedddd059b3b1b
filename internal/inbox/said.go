package inbox

import (
	"github.com/botimum/botimum/internal/storage"
)

const selectSaid = `
	SELECT COUNT(*) FROM conversations v WHERE v.workspace_id = $1
	AND v.contact_id IN (SELECT c.id FROM contacts c WHERE c.workspace_id = $1 AND c.id = $2
		UNION ALL SELECT c.id FROM contacts c WHERE c.workspace_id = $1 AND c.merged_into = $2) AND v.id = $3
	AND ($4 = '' OR EXISTS (SELECT 1 FROM messages m WHERE m.workspace_id = $1 AND m.conversation_id = $3 AND m.id = $4 AND m.author_type = 'contact'))`

// Said tells whether a conversation is of the person for whom a contact stands and a
// message in it, unless "", is theirs.
func Said(tx *storage.Tx, workspaceID, survivorID, conversationID, messageID string) (bool, error) {
	var n int
	err := tx.QueryRow(selectSaid, workspaceID, survivorID, conversationID, messageID).Scan(&n)
	return n > 0, err
}
