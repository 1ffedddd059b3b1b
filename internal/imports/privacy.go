package imports

import (
	"context"
	"encoding/json"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Name is the holder's name.
func (s *Service) Name() string { return "imports" }

// Fields declares this package's tables.
func (s *Service) Fields() []privacy.Field {
	personal := func(table, column, retention string, holds ...string) privacy.Field {
		return privacy.Field{Table: table, Column: column, Holds: holds, Whose: privacy.OfContact, Category: "identity", Purpose: privacy.PurposeSupport,
			LawfulBasis: "as stated with the data (processing_bases)", Retention: retention, Recipients: []string{"the workspace's operators"}, Sealed: true}
	}
	fields := []privacy.Field{
		personal("import_parts", "data_sealed", "until the import has ended, or nobody works with it for a day; seven days at most", "the rows of a file of contacts, as it was uploaded"),
		personal("import_updates", "former_sealed", "30 days, in which the import can be undone", "what your data said before an import changed it"),
		{Table: "imports", Column: "settings_sealed", Whose: privacy.OfNobody, Category: "none", Sealed: true},
	}
	for _, nothing := range [][]privacy.Field{
		privacy.Nothing("imports", "workspace_id", "id", "state", "bytes", "reached_bytes", "reached_row", "tally", "checked", "undone", "undo_cursor", "why",
			"actor_type", "actor_id", "request_key", "digest", "file_until", "undo_until", "lease_owner", "lease_until", "created_at", "updated_at", "queued_at",
			"started_at", "ended_at"),
		privacy.Nothing("import_parts", "workspace_id", "import_id", "part"),
		privacy.Nothing("import_problems", "workspace_id", "import_id", "row_number", "problems"),
		privacy.Nothing("import_updates", "workspace_id", "import_id", "contact_id", "created_at"),
		privacy.Nothing("import_companies", "workspace_id", "import_id", "company_id"),
	} {
		fields = append(fields, nothing...)
	}
	return fields
}

// ImportedChange says what an import changed in a person, as it is handed to them.
type ImportedChange struct {
	ImportID string         `json:"import_id"`
	At       time.Time      `json:"at"`
	Former   map[string]any `json:"former"`
}

// Sections says what is handed out.
func (s *Service) Sections() []privacy.Section {
	return []privacy.Section{{Name: "imported_changes", Record: ImportedChange{}, Tables: []string{"import_updates"}}}
}

// Export hands out what imports changed in the person. The files are not handed out:
// nobody is found in them, and what was taken from them is in the profile.
func (s *Service) Export(ctx context.Context, tx *storage.Tx, sub privacy.Subject, out privacy.Export) error {
	key, err := s.Vault.Key(ctx, subjectOf(sub.WorkspaceID, sub.ContactID))
	if fault.Is(err, fault.KindGone) {
		return nil
	}
	if err != nil {
		return err
	}
	rows, err := tx.Query(`SELECT import_id, former_sealed, created_at FROM import_updates WHERE workspace_id = $1 AND contact_id = $2 ORDER BY import_id`, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var importID string
		var sealed []byte
		var at int64
		if err := rows.Scan(&importID, &sealed, &at); err != nil {
			return err
		}
		was, err := openFormer(key, importID, sealed)
		if err != nil {
			return err
		}
		if moved := was.Joined.Company; moved != nil {
			if was.Before == nil {
				was.Before = map[string]any{}
			}
			was.Before["company_id"] = moved.Before
		}
		if err := out("imported_changes", ImportedChange{ImportID: importID, At: clock.FromMicros(at), Former: was.Before}); err != nil {
			return err
		}
	}
	return rows.Err()
}

// openFormer gives what an import replaced in somebody: nothing once that is forgotten.
func openFormer(key *vault.Key, importID string, sealed []byte) (was former, err error) {
	if len(sealed) == 0 {
		return former{Before: map[string]any{}}, nil
	}
	plain, err := key.Open(formerPlace(importID), sealed)
	if err != nil {
		return was, err
	}
	return was, json.Unmarshal(plain, &was)
}

const endFiles = `
	UPDATE imports SET file_until = $1 WHERE workspace_id = $2 AND file_until > $3 AND state IN ('done', 'failed') AND id IN
		(SELECT import_id FROM contacts WHERE workspace_id = $2 AND id = $4 AND import_id IS NOT NULL
		UNION ALL SELECT import_id FROM import_updates WHERE workspace_id = $2 AND contact_id = $4)`

// Erase deletes what imports changed in the person, and has the files that they are
// in destroyed within minutes.
func (s *Service) Erase(_ context.Context, tx *storage.Tx, sub privacy.Subject) (privacy.Counts, error) {
	if s.Clock != nil {
		now := clock.Micros(s.Clock.Now())
		if _, err := tx.Exec(endFiles, now, sub.WorkspaceID, now, sub.ContactID); err != nil {
			return nil, err
		}
	}
	n, err := storage.Delete(tx, "import_updates", "workspace_id, import_id, contact_id", `workspace_id = $1 AND contact_id = $2`, sub.WorkspaceID, sub.ContactID)
	return privacy.Counts{"import_updates": n}, err
}

// Retain retires nothing: [Service.Sweep] does, by fixed terms.
func (s *Service) Retain(context.Context, *storage.Tx, privacy.Rule) (int64, error) { return 0, nil }
