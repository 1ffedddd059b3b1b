package files

import (
	"context"
	"io"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Name is the holder's name.
func (s *Service) Name() string { return "files" }

// Fields declares this package's tables.
func (s *Service) Fields() []privacy.Field {
	sealed := func(column, holds string) privacy.Field {
		return privacy.Field{Table: "files", Column: column, Holds: []string{holds}, Whose: privacy.OfContact, Category: "communication",
			Purpose: privacy.PurposeSupport, LawfulBasis: "legitimate_interests", Retention: "until the contact is erased",
			Recipients: []string{"the workspace's operators", "whoever may see the board"}, Sealed: true}
	}
	fields := []privacy.Field{sealed("name_sealed", "the names of files that you attached"), sealed("key_sealed", "what is in files that you attached, by their keys")}
	for _, nothing := range [][]privacy.Field{
		privacy.Nothing("files", "workspace_id", "id", "scope_id", "root_id", "parent_id", "position", "contact_id", "author_type", "author_id", "type", "size", "width", "height",
			"created_at", "loose_since"),
		privacy.Nothing("file_removals", "workspace_id", "id", "due_at"),
	} {
		fields = append(fields, nothing...)
	}
	return fields
}

// FileExport is a file as it is handed to the contact whose words it belongs to. In an
// archive it is there as a whole.
type FileExport struct {
	ID         string    `json:"id"`
	AttachedTo string    `json:"attached_to"`
	Name       string    `json:"name"`
	Type       string    `json:"type"`
	Size       int64     `json:"size"`
	CreatedAt  time.Time `json:"created_at"`
	File       string    `json:"file" doc:"Where it is in the archive."`

	theirs bool
	open   func(ctx context.Context) io.ReadCloser
}

// Provided keeps what the person uploaded themselves.
func (f FileExport) Provided() (any, bool) { return f, f.theirs }

// Enclosed gives the file, for the archive.
func (f FileExport) Enclosed() (name string, open func(ctx context.Context) io.ReadCloser) {
	return f.File, f.open
}

// Sections says what is handed out.
func (s *Service) Sections() []privacy.Section {
	return []privacy.Section{{Name: "files", Record: FileExport{}, Tables: []string{"files"}}}
}

const selectTheirs = `SELECT ` + fileColumns + ` FROM files WHERE workspace_id = $1 AND contact_id = $2 ORDER BY id`

// Export hands out the person's files.
func (s *Service) Export(ctx context.Context, tx *storage.Tx, sub privacy.Subject, out privacy.Export) error {
	rows, err := rowsOf(tx, selectTheirs, sub.WorkspaceID, sub.ContactID)
	if err != nil || len(rows) == 0 {
		return err
	}
	key, err := s.Vault.Key(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID})
	if err != nil {
		return err
	}
	for _, r := range rows {
		if err := r.Open(key); err != nil {
			return err
		}
		err := out("files", FileExport{ID: r.ID, AttachedTo: r.ParentID, Name: r.Name, Type: r.Type, Size: r.Size, CreatedAt: r.CreatedAt,
			File: "files/" + r.ID + "-" + r.Name, theirs: r.authorType == string(actor.Contact),
			open: func(ctx context.Context) io.ReadCloser { return s.Content(ctx, sub.WorkspaceID, &r) }})
		if err != nil {
			return err
		}
	}
	return nil
}

const ofContact = `workspace_id = $1 AND contact_id = $2`

// Erase removes the person's files, whichever rule applies to their words: a picture
// of somebody is about them without a name, too.
func (s *Service) Erase(_ context.Context, tx *storage.Tx, sub privacy.Subject) (privacy.Counts, error) {
	n, err := s.remove(tx, ofContact, sub.WorkspaceID, sub.ContactID)
	return privacy.Counts{"files": n}, err
}

// Retain removes nothing: files stay as long as what they are attached to.
func (s *Service) Retain(context.Context, *storage.Tx, privacy.Rule) (int64, error) { return 0, nil }
