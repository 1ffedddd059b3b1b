package inbox

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// conversationColumns are what [row.scan] reads of conversations v joined with
// contacts c.
const conversationColumns = `v.id, v.contact_id, v.subject_sealed, v.state, v.priority, COALESCE(v.assignee_id, ''), v.channel, v.tags,
	v.message_count, v.unread_count, v.contact_unread_count, COALESCE(v.last_message_id, ''), COALESCE(v.last_author_type, ''),
	COALESCE(v.last_message_type, ''), COALESCE(v.last_message_at, 0), v.preview_sealed, COALESCE(v.snoozed_until, 0),
	COALESCE(v.operator_read_at, 0), COALESCE(v.contact_read_at, 0), v.activity_at, v.created_at, v.updated_at, ` + contacts.SummaryColumns

const joinContacts = ` JOIN contacts c ON c.workspace_id = v.workspace_id AND c.id = v.contact_id`

// row is a conversation as it is stored, with its contact.
type row struct {
	c        Conversation
	assignee string
	tags     string
	subject  []byte
	preview  []byte
	last     LastMessage
	contact  contacts.Sealed
}

type scanner interface{ Scan(dest ...any) error }

func scanConversation(s scanner) (row, error) {
	var r row
	var lastAt, snoozed, operatorRead, contactRead, activity, created, updated int64
	dest := []any{&r.c.ID, &r.c.ContactID, &r.subject, &r.c.State, &r.c.Priority, &r.assignee, &r.c.Channel, &r.tags,
		&r.c.MessageCount, &r.c.UnreadCount, &r.c.ContactUnreadCount, &r.last.ID, &r.last.AuthorType, &r.last.Type, &lastAt, &r.preview,
		&snoozed, &operatorRead, &contactRead, &activity, &created, &updated}
	if err := s.Scan(append(dest, r.contact.Dest()...)...); err != nil {
		return r, err
	}
	if r.assignee != "" {
		r.c.AssigneeID = &r.assignee
	}
	if r.last.ID != "" {
		r.last.CreatedAt = clock.FromMicros(lastAt)
		r.c.LastMessage = &r.last
	}
	r.c.SnoozedUntil, r.c.OperatorReadAt, r.c.ContactReadAt = pointer(snoozed), pointer(operatorRead), pointer(contactRead)
	r.c.ActivityAt, r.c.CreatedAt, r.c.UpdatedAt = clock.FromMicros(activity), clock.FromMicros(created), clock.FromMicros(updated)
	return r, json.Unmarshal([]byte(r.tags), &r.c.Tags)
}

// open opens what is sealed, with the contact's key.
func (r row) open(key *vault.Key) (Conversation, error) {
	c := r.c
	var err error
	if c.Contact, err = r.contact.Open(key, c.ContactID); err != nil {
		return c, err
	}
	if r.subject != nil {
		plain, err := key.Open(place("subject_sealed", c.ID), r.subject)
		if err != nil {
			return c, fault.Wrap("open subject of "+c.ID, err)
		}
		c.Subject = string(plain)
	}
	if r.preview != nil && c.LastMessage != nil {
		plain, err := key.Open(place("preview_sealed", c.ID), r.preview)
		if err != nil {
			return c, fault.Wrap("open preview of "+c.ID, err)
		}
		last := *c.LastMessage
		last.Preview = string(plain)
		c.LastMessage = &last
	}
	return c, nil
}

func place(column, row string) vault.Place {
	return vault.Place{Table: "conversations", Column: column, Row: row}
}

func bodyPlace(row string) vault.Place {
	return vault.Place{Table: "messages", Column: "body_sealed", Row: row}
}

func pointer(us int64) *time.Time {
	if us == 0 {
		return nil
	}
	t := clock.FromMicros(us)
	return &t
}

const selectConversation = `SELECT ` + conversationColumns + ` FROM conversations v` + joinContacts + ` WHERE v.workspace_id = $1 AND v.id = $2`

func loadConversation(tx *storage.Tx, workspaceID, conversationID string) (row, error) {
	r, err := scanConversation(tx.QueryRow(selectConversation, workspaceID, conversationID))
	if errors.Is(err, sql.ErrNoRows) {
		return row{}, fault.NotFound("conversation")
	}
	return r, err
}

// Filter says which conversations a list shows; empty fields do not filter.
type Filter struct {
	State      string
	AssigneeID string // an operator's id, or "none"
	ContactID  string
	Tag        string

	contacts []string // all that are the person of ContactID, where they are several
}

// At is a place in the order of a list: the moment of activity, and the id.
type At struct {
	Activity int64
	ID       string
}

// top is before the first conversation.
var top = At{Activity: 1<<63 - 1, ID: "cnv_~"}

// listSQL gives the text for a list. There are few texts: each is prepared once.
// Without a filter that an index answers, each state is walked for itself, and
// the four walks are merged, so that no list sorts more than it shows.
func listSQL(workspaceID string, f Filter, after At, limit int) (string, []any) {
	args := []any{workspaceID, after.Activity, after.ID}
	bind := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args))
	}
	where := "k.workspace_id = $1 AND (k.activity_at, k.id) < ($2, $3)"
	switch {
	case len(f.contacts) > 1:
		marks := make([]string, len(f.contacts))
		for i, id := range f.contacts {
			marks[i] = bind(id)
		}
		where += " AND k.contact_id IN (" + strings.Join(marks, ", ") + ")"
	case f.ContactID != "":
		where += " AND k.contact_id = " + bind(f.ContactID)
	}
	switch f.AssigneeID {
	case "":
	case "none":
		where += " AND k.assignee_id IS NULL"
	default:
		where += " AND k.assignee_id = " + bind(f.AssigneeID)
	}
	if f.Tag != "" {
		where += " AND EXISTS (SELECT 1 FROM conversation_tags t WHERE t.workspace_id = k.workspace_id AND t.conversation_id = k.id AND t.tag = " + bind(f.Tag) + ")"
	}
	states := States
	if f.State != "" {
		states = []string{f.State}
	}
	walks := make([]string, len(states))
	limitMark := bind(limit)
	for i, state := range states { // constants or validated: safe in the text
		walks[i] = `SELECT * FROM (SELECT k.workspace_id, k.id, k.activity_at FROM conversations k WHERE ` + where +
			` AND k.state = '` + state + `' ORDER BY k.activity_at DESC, k.id DESC LIMIT ` + limitMark + `) w` + fmt.Sprint(i)
	}
	return `SELECT ` + conversationColumns + ` FROM (` + strings.Join(walks, " UNION ALL ") + `) n
		JOIN conversations v ON v.workspace_id = n.workspace_id AND v.id = n.id` + joinContacts + `
		ORDER BY n.activity_at DESC, n.id DESC LIMIT ` + limitMark, args
}

func listRows(tx *storage.Tx, workspaceID string, f Filter, after At, limit int) ([]row, error) {
	text, args := listSQL(workspaceID, f, after, limit)
	return scanConversations(tx.Query(text, args...))
}

func scanConversations(rows *sql.Rows, err error) ([]row, error) {
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

const messageColumns = `id, conversation_id, contact_id, author_type, author_id, type, body_sealed, COALESCE(client_id, ''), created_at, COALESCE(redacted_at, 0),
	sensitive_sealed, COALESCE(redaction, '')`

// sealedMessage is a message as it is stored.
type sealedMessage struct {
	m         Message
	contactID string
	body      []byte
	sensitive []byte
}

func scanMessage(s scanner) (sealedMessage, error) {
	var r sealedMessage
	var created, redacted int64
	var redaction string
	err := s.Scan(&r.m.ID, &r.m.ConversationID, &r.contactID, &r.m.Author.Type, &r.m.Author.ID, &r.m.Type, &r.body, &r.m.ClientID, &created, &redacted,
		&r.sensitive, &redaction)
	if err == nil && redaction != "" {
		err = json.Unmarshal([]byte(redaction), &r.m.Redaction)
	}
	r.m.CreatedAt, r.m.RedactedAt, r.m.Attachments = clock.FromMicros(created), pointer(redacted), []string{}
	r.m.contactID = r.contactID
	return r, err
}

func (r sealedMessage) open(key *vault.Key) (Message, error) {
	if r.body == nil {
		return r.m, nil
	}
	plain, err := key.Open(bodyPlace(r.m.ID), r.body)
	if err != nil {
		return r.m, fault.Wrap("open "+r.m.ID, err)
	}
	r.m.Body = string(plain)
	r.m.Sensitive, err = openSensitive(key, r.m.ID, r.sensitive)
	return r.m, err
}

const selectThread = `
	SELECT ` + messageColumns + ` FROM messages
	WHERE workspace_id = $1 AND conversation_id = $2 AND id < $3
	ORDER BY id DESC LIMIT $4`

const selectThreadForContact = `
	SELECT ` + messageColumns + ` FROM messages
	WHERE workspace_id = $1 AND conversation_id = $2 AND id < $3 AND type = 'reply'
	ORDER BY id DESC LIMIT $4`

const selectByClientID = `SELECT ` + messageColumns + ` FROM messages WHERE workspace_id = $1 AND contact_id = $2
	AND author_type = $3 AND author_id = $4 AND client_id = $5`

func scanMessages(rows *sql.Rows, err error) ([]sealedMessage, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []sealedMessage
	for rows.Next() {
		r, err := scanMessage(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// ref names a message among those of a workspace.
type ref struct{ conversationID, messageID string }

// loadMessages gives the messages that the refs name, as far as they are there.
func loadMessages(tx *storage.Tx, workspaceID string, refs []ref) (map[string]sealedMessage, error) {
	out := make(map[string]sealedMessage, len(refs))
	const perQuery = 64
	for start := 0; start < len(refs); start += perQuery {
		chunk := refs[start:min(start+perQuery, len(refs))]
		padded := 1 << bits.Len(uint(len(chunk)-1)) // a power of two, so that there are few texts to prepare
		args := make([]any, 0, 1+2*padded)
		args = append(args, workspaceID)
		marks := make([]string, 0, padded)
		for i := range padded {
			r := chunk[min(i, len(chunk)-1)]
			marks = append(marks, fmt.Sprintf("($%d, $%d)", len(args)+1, len(args)+2))
			args = append(args, r.conversationID, r.messageID)
		}
		found, err := scanMessages(tx.Query(`SELECT `+messageColumns+` FROM messages WHERE workspace_id = $1 AND (conversation_id, id) IN (VALUES `+
			strings.Join(marks, ", ")+`)`, args...))
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			out[m.m.ID] = m
		}
	}
	return out, nil
}

const insertConversation = `
	INSERT INTO conversations (workspace_id, id, contact_id, subject_sealed, state, priority, channel, tags, message_count, unread_count,
		contact_unread_count, activity_at, created_at, updated_at)
	VALUES ($1, $2, $3, $4, $5, 'none', $6, '[]', 0, 0, 0, $7, $7, $7)`

const insertMessage = `
	INSERT INTO messages (workspace_id, conversation_id, id, contact_id, author_type, author_id, type, body_sealed, client_id, created_at,
		sensitive_sealed)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

// A contact's message reopens what was snoozed or done. An operator's reply means
// that the operators have read what was there.
const updateByContact = `
	UPDATE conversations SET message_count = message_count + 1, unread_count = unread_count + 1, contact_unread_count = 0,
		contact_read_at = $1, last_message_id = $2, last_author_type = $3, last_message_type = 'reply', last_message_at = $1,
		preview_sealed = $4, activity_at = $1, updated_at = $1, state = 'open', snoozed_until = NULL
	WHERE workspace_id = $5 AND id = $6 AND contact_id = $7`

const updateByOperator = `
	UPDATE conversations SET message_count = message_count + 1, unread_count = 0, contact_unread_count = contact_unread_count + 1,
		operator_read_at = $1, last_message_id = $2, last_author_type = $3, last_message_type = 'reply', last_message_at = $1,
		preview_sealed = $4, activity_at = $1, updated_at = $1
	WHERE workspace_id = $5 AND id = $6 AND contact_id = $7`

const updateByNote = `
	UPDATE conversations SET message_count = message_count + 1, activity_at = $1, updated_at = $1
	WHERE workspace_id = $2 AND id = $3 AND contact_id = $4`

const readByOperator = `
	UPDATE conversations SET unread_count = 0, operator_read_at = $1, updated_at = $1
	WHERE workspace_id = $2 AND id = $3 AND (unread_count > 0 OR operator_read_at IS NULL)`

const readByContact = `
	UPDATE conversations SET contact_unread_count = 0, contact_read_at = $1, updated_at = $1
	WHERE workspace_id = $2 AND id = $3 AND contact_unread_count > 0`

const updateConversation = `
	UPDATE conversations SET state = $1, priority = $2, assignee_id = $3, tags = $4, snoozed_until = $5, updated_at = $6
	WHERE workspace_id = $7 AND id = $8`
