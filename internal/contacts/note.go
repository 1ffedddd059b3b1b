package contacts

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/sensitive"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

const (
	maxNote  = 10_000 // letters
	maxNotes = 1_000  // of one contact
)

// ContactNote is what operators write down about a person, for each other.
type ContactNote struct {
	ID         string           `json:"id" example:"nte_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	ContactID  string           `json:"contact_id" doc:"Whose it is: of a merged person one of the contacts that they were."`
	Body       string           `json:"body" doc:"Empty while the person's data is restricted."`
	Author     actor.Ref        `json:"author"`
	EditedBy   *actor.Ref       `json:"edited_by" doc:"Who changed it last; null if nobody did."`
	EditedAt   *time.Time       `json:"edited_at"`
	Masked     []sensitive.Kind `json:"masked" doc:"What was masked when it was written; the original was never stored."`
	Flagged    []sensitive.Kind `json:"flagged" doc:"What sensitive things are in it still."`
	Restricted bool             `json:"restricted" doc:"Whether its words are left out because the person's data is restricted (GDPR article 18)."`
	CreatedAt  time.Time        `json:"created_at"`
	UpdatedAt  time.Time        `json:"updated_at"`
}

// NoteText is what is written.
type NoteText struct {
	Body string `json:"body" doc:"1 to 10,000 characters. The person may ask for what is held about them, and gets it."`
}

// noteBody is the sealed part of a note.
type noteBody struct {
	Text    string           `json:"text"`
	Masked  []sensitive.Kind `json:"masked,omitempty"`
	Flagged []sensitive.Kind `json:"flagged,omitempty"`
}

// checkNote says what is wrong with a note's text, and gives it without spaces around it.
func checkNote(raw string) (string, error) {
	text := strings.TrimSpace(strings.ReplaceAll(raw, "\r\n", "\n"))
	switch {
	case text == "":
		return "", fault.Invalid("body", "must not be empty; write something first")
	case len(text) > 4*maxNote || utf8.RuneCountInString(text) > maxNote:
		return "", fault.Invalid("body", "is too long; at most 10,000 characters")
	case !utf8.ValidString(text) || strings.ContainsFunc(text, isNoText):
		return "", fault.Invalid("body", "must not hold control characters other than tabs and line breaks")
	}
	return text, nil
}

func isNoText(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

func notePlace(row string) vault.Place {
	return vault.Place{Table: "contact_notes", Column: "body_sealed", Row: row}
}

// sealedNote is a note's row.
type sealedNote struct {
	ContactNote
	sealed []byte
}

func (n sealedNote) open(key *vault.Key) (ContactNote, error) {
	plain, err := key.Open(notePlace(n.ID), n.sealed)
	if err != nil {
		return ContactNote{}, fault.Wrap("open note "+n.ID, err)
	}
	var b noteBody
	if err := json.Unmarshal(plain, &b); err != nil {
		return ContactNote{}, fault.Wrap("read note "+n.ID, err)
	}
	return n.with(b), nil
}

// with gives the note with what is written in it.
func (n sealedNote) with(b noteBody) ContactNote {
	out := n.ContactNote
	out.Body, out.Masked, out.Flagged = b.Text, append([]sensitive.Kind{}, b.Masked...), append([]sensitive.Kind{}, b.Flagged...)
	return out
}

// veiled gives the note without its words.
func (n ContactNote) veiled() ContactNote {
	n.Body, n.Masked, n.Flagged, n.Restricted = "", []sensitive.Kind{}, []sensitive.Kind{}, true
	return n
}

const noteColumns = `contact_id, id, body_sealed, actor_type, actor_id, COALESCE(edited_by_type, ''), COALESCE(edited_by_id, ''), COALESCE(edited_at, 0), created_at, updated_at`

func scanNote(row scanner) (n sealedNote, err error) {
	var by actor.Ref
	var edited, created, updated int64
	err = row.Scan(&n.ContactID, &n.ID, &n.sealed, &n.Author.Type, &n.Author.ID, &by.Type, &by.ID, &edited, &created, &updated)
	if by.Type != "" {
		n.EditedBy = &by
	}
	n.EditedAt, n.CreatedAt, n.UpdatedAt = pointer(clock.FromMicros(edited)), clock.FromMicros(created), clock.FromMicros(updated)
	return n, err
}

const selectNotes = `SELECT ` + noteColumns + ` FROM contact_notes WHERE workspace_id = $1 AND contact_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4`

// notesOf gives a contact's notes before an id, the newest first.
func notesOf(tx *storage.Tx, sub privacy.Subject, before string, limit int) ([]sealedNote, error) {
	rows, err := tx.Query(selectNotes, sub.WorkspaceID, sub.ContactID, before, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []sealedNote
	for rows.Next() {
		n, err := scanNote(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, rows.Err()
}
