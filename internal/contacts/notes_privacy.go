package contacts

import (
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// noteFields declares contact_notes.
func noteFields() []privacy.Field {
	field := func(column, holds string) privacy.Field {
		return privacy.Field{Table: "contact_notes", Column: column, Holds: []string{holds}, Whose: privacy.OfContact, Category: "communication", Ages: privacy.AgesNotes,
			Purpose: privacy.PurposeSupport, LawfulBasis: "as stated with the data (processing_bases)", Retention: "until erased; 30 days in the bin",
			Recipients: []string{"the workspace's operators"}}
	}
	body := field("body_sealed", "what operators wrote down about you")
	body.Sealed = true
	fields := []privacy.Field{body, field("created_at", "when a note about you was written"), field("updated_at", "when a note about you was last changed")}
	return append(fields, privacy.Nothing("contact_notes", "workspace_id", "contact_id", "id", "actor_type", "actor_id",
		"edited_by_type", "edited_by_id", "edited_at")...)
}

// NoteExport is a note as it is handed to the person. The author is a category: who of
// the operators wrote it is not about the person.
type NoteExport struct {
	ID        string     `json:"id"`
	Author    string     `json:"author"`
	Body      string     `json:"body"`
	CreatedAt time.Time  `json:"created_at"`
	EditedAt  *time.Time `json:"edited_at"`
}

// exportNotes hands out the notes, newest first, a page at a time.
func exportNotes(tx *storage.Tx, key *vault.Key, sub privacy.Subject, out privacy.Export) error {
	const pageSize = 100
	for before := beyondNotes; ; {
		page, err := notesOf(tx, sub, before, pageSize)
		if err != nil {
			return err
		}
		for _, sealed := range page {
			n, err := sealed.open(key)
			if err != nil {
				return err
			}
			if err := out("contact_notes", NoteExport{ID: n.ID, Author: string(n.Author.Type), Body: n.Body, CreatedAt: n.CreatedAt, EditedAt: n.EditedAt}); err != nil {
				return err
			}
		}
		if len(page) < pageSize {
			return nil
		}
		before = page[pageSize-1].ID
	}
}

const oldNotes = `FROM contact_notes h WHERE h.workspace_id = $1 AND h.updated_at < $2`

// forgetNotes removes notes that nobody touched for longer than the rule allows.
func forgetNotes(tx *storage.Tx, r privacy.Rule) (int64, error) {
	n, err := tx.Exec(`DELETE FROM contact_notes WHERE workspace_id = $1 AND (contact_id, id) IN (SELECT h.contact_id, h.id `+oldNotes+r.Of("h")+` ORDER BY h.updated_at LIMIT $3)`,
		r.WorkspaceID, clock.Micros(r.Before), r.Limit)
	r.Note("contact_notes", n)
	return n, err
}
