package inbox

import (
	"context"
	"fmt"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// Ages names what a workspace may set a term for: conversations, by their last
// activity, and when their contacts read them.
func (s *Service) Ages() []string { return []string{privacy.AgesMessages, privacy.AgesTechnical} }

// Retain removes conversations whose last activity is older than the rule allows,
// with all that was written in them, and forgets when contacts read those that are
// done.
func (s *Service) Retain(_ context.Context, tx *storage.Tx, r privacy.Rule) (int64, error) {
	switch r.Category {
	case privacy.AgesMessages:
		return s.retainConversations(tx, r)
	case privacy.AgesTechnical:
		n, err := tx.Exec(`UPDATE conversations SET contact_read_at = NULL WHERE workspace_id = $1 AND id IN (`+oldReadTimes(r)+`)`,
			r.WorkspaceID, clock.Micros(r.Before), r.Limit)
		r.Note("conversations.contact_read_at", n)
		return n, err
	}
	return 0, nil
}

func oldReadTimes(r privacy.Rule) string {
	return `SELECT v.id FROM conversations v WHERE v.workspace_id = $1 AND v.contact_read_at IS NOT NULL AND v.state = 'resolved'
		AND v.contact_read_at < $2` + r.Of("v") + ` ORDER BY v.contact_read_at LIMIT $3`
}

// statesOf are those of the conversations that a rule is about.
func statesOf(r privacy.Rule) []string {
	if r.Scope == privacy.ScopeAll {
		return States
	}
	return []string{StateResolved}
}

// Due counts what Retain would remove.
func (s *Service) Due(_ context.Context, tx *storage.Tx, r privacy.Rule) (privacy.Counts, error) {
	before := clock.Micros(r.Before)
	if r.Category == privacy.AgesTechnical {
		var n int64
		err := tx.QueryRow(`SELECT COUNT(*) FROM conversations v WHERE v.workspace_id = $1 AND v.contact_read_at IS NOT NULL
			AND v.state = 'resolved' AND v.contact_read_at < $2`+r.Of("v"), r.WorkspaceID, before).Scan(&n)
		return privacy.Counts{"conversations.contact_read_at": n}, err
	}
	counts := privacy.Counts{}
	for _, state := range statesOf(r) {
		var conversations, messages int64
		err := tx.QueryRow(`SELECT COUNT(*), COALESCE(SUM(v.message_count), 0) FROM conversations v
			WHERE v.workspace_id = $1 AND v.state = $2 AND v.activity_at < $3`+r.Of("v"), r.WorkspaceID, state, before).Scan(&conversations, &messages)
		if err != nil {
			return nil, err
		}
		counts.Add(privacy.Counts{"conversations": conversations, "messages": messages})
	}
	return counts, nil
}

// KeepsContact is an SQL condition on contacts c: they have a conversation that is
// not done, or in which something happened since a moment.
func KeepsContact(since int64) string {
	return fmt.Sprintf(`EXISTS (SELECT 1 FROM conversations k WHERE k.workspace_id = c.workspace_id AND k.contact_id = c.id
		AND (k.state <> '%s' OR k.activity_at >= %d))`, StateResolved, since)
}

// oldConversation is one that a rule ends.
type oldConversation struct{ id, contactID, state string }

func oldConversations(tx *storage.Tx, r privacy.Rule, state string) ([]oldConversation, error) {
	rows, err := tx.Query(oldConversationsSQL(r), r.WorkspaceID, state, clock.Micros(r.Before), r.Limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []oldConversation
	for rows.Next() {
		o := oldConversation{state: state}
		if err := rows.Scan(&o.id, &o.contactID); err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, rows.Err()
}

func oldConversationsSQL(r privacy.Rule) string {
	return `SELECT v.id, v.contact_id FROM conversations v WHERE v.workspace_id = $1 AND v.state = $2 AND v.activity_at < $3` +
		r.Of("v") + ` ORDER BY v.activity_at, v.id LIMIT $4`
}

func (s *Service) retainConversations(tx *storage.Tx, r privacy.Rule) (removed int64, err error) {
	for _, state := range statesOf(r) {
		old, err := oldConversations(tx, r, state)
		if err != nil {
			return removed, err
		}
		for _, o := range old {
			if removed >= int64(r.Limit) {
				return removed, nil
			}
			n, err := s.retainConversation(tx, r, o, r.Limit-int(removed))
			if removed += n; err != nil {
				return removed, err
			}
		}
	}
	return removed, nil
}

// Whoever writes into the conversation is waited for here, and it is looked at
// again: it may have come to life.
const holdOld = `UPDATE conversations SET updated_at = updated_at WHERE workspace_id = $1 AND id = $2 AND state = $3 AND activity_at < $4`

const selectOldest = `SELECT id FROM messages WHERE workspace_id = $1 AND conversation_id = $2 ORDER BY id LIMIT $3`

// The last message stays the last until nothing is left.
const shorten = `
	UPDATE conversations SET message_count = message_count - $1,
		unread_count = CASE WHEN unread_count > message_count - $1 THEN message_count - $1 ELSE unread_count END,
		contact_unread_count = CASE WHEN contact_unread_count > message_count - $1 THEN message_count - $1 ELSE contact_unread_count END
	WHERE workspace_id = $2 AND id = $3`

// retainConversation removes up to limit rows of an old conversation, its messages
// from the first on, and itself when they all fit.
func (s *Service) retainConversation(tx *storage.Tx, r privacy.Rule, o oldConversation, limit int) (int64, error) {
	if err := lock(tx, o.id); err != nil {
		return 0, err
	}
	held, err := tx.Exec(holdOld, r.WorkspaceID, o.id, o.state, clock.Micros(r.Before))
	if err != nil || held == 0 {
		return 0, err
	}
	ids, err := messageIDs(tx, r.WorkspaceID, o.id, limit+1)
	if err != nil {
		return 0, err
	}
	if len(ids) > limit {
		ids = ids[:limit]
		if _, err := tx.Exec(shorten, len(ids), r.WorkspaceID, o.id); err != nil {
			return 0, err
		}
		return s.deleteMessages(tx, r, o.id, ids, ` AND id <= $3`, ids[len(ids)-1])
	}
	n, err := s.deleteMessages(tx, r, o.id, ids, ``)
	if err != nil {
		return n, err
	}
	for _, table := range []string{`conversation_tags WHERE workspace_id = $1 AND conversation_id = $2`, `conversations WHERE workspace_id = $1 AND id = $2`} {
		if _, err := tx.Exec(`DELETE FROM `+table, r.WorkspaceID, o.id); err != nil {
			return n, err
		}
	}
	r.Note("conversations", 1)
	s.Outbox.Append(tx, live.Event{Type: live.ConversationRemoved, WorkspaceID: r.WorkspaceID, OccurredAt: s.Clock.Now(), ActorType: actor.System,
		ActorID: "retention", ContactID: o.contactID, ConversationID: o.id, ObjectID: o.id})
	return n + 1, nil
}

func messageIDs(tx *storage.Tx, workspaceID, conversationID string, limit int) ([]string, error) {
	rows, err := tx.Query(selectOldest, workspaceID, conversationID, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		ids = append(ids, one)
	}
	return ids, rows.Err()
}

// deleteMessages removes the messages of a conversation that these ids are, and
// their words from the search index.
func (s *Service) deleteMessages(tx *storage.Tx, r privacy.Rule, conversationID string, ids []string, upTo string, last ...any) (int64, error) {
	if len(ids) == 0 {
		return 0, nil
	}
	if err := s.Search.RemoveAll(tx, r.WorkspaceID, kindMessage, ids); err != nil {
		return 0, err
	}
	n, err := tx.Exec(`DELETE FROM messages WHERE workspace_id = $1 AND conversation_id = $2`+upTo, append([]any{r.WorkspaceID, conversationID}, last...)...)
	r.Note("messages", n)
	return n, err
}
