package privacy

import (
	"context"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// records is the holder of this package's own tables.
type records struct {
	*Service
}

// Name is the holder's name.
func (records) Name() string { return "privacy" }

// Fields declares this package's tables.
func (records) Fields() []Field {
	operators := []string{"the workspace's operators"}
	consent := func(column, holds string) Field {
		return Field{Table: "consents", Column: column, Holds: []string{holds}, Whose: OfContact, Category: "consent", Purpose: "accountability",
			LawfulBasis: "legal_obligation", Retention: "as long as the contact exists", Recipients: operators}
	}
	fields := []Field{
		{Table: "processing_bases", Column: "evidence_sealed", Holds: []string{"where the lawful basis can be seen"}, Whose: OfContact,
			Category: "accountability", Purpose: "accountability", LawfulBasis: "legal_obligation",
			Retention: "as long as the contact exists", Recipients: operators, Sealed: true},
		consent("purpose", "what you consented to"), consent("action", "whether you gave or withdrew it"),
		consent("wording", "the words that you were shown"), consent("wording_hash", "a fingerprint of those words"),
		consent("purpose_version", "their version"), consent("source", "where you said so"), consent("created_at", "when you said so"),
	}
	fields = append(fields, Nothing("consents", "workspace_id", "contact_id", "id", "actor_type", "actor_id")...)
	fields = append(fields, Nothing("processing_bases", "workspace_id", "contact_id", "id", "purpose", "lawful_basis", "source", "created_at")...)
	fields = append(fields, Nothing("purposes", "workspace_id", "key", "version", "name", "lawful_basis", "wording", "created_at")...)
	return append(fields, Nothing("erasures", "workspace_id", "id", "contact_id", "actor_type", "actor_id", "row_counts", "created_at", "completed_at")...)
}

// BasisExport is a lawful basis as it is handed to the person.
type BasisExport struct {
	Basis
	Source    string `json:"source"`
	CreatedAt string `json:"created_at"`
}

const selectBases = `
	SELECT id, purpose, lawful_basis, evidence_sealed, source, created_at
	FROM processing_bases WHERE workspace_id = $1 AND contact_id = $2 ORDER BY id`

// Export hands out consents and lawful bases.
func (s records) Export(ctx context.Context, tx *storage.Tx, sub Subject, out Export) error {
	consents, err := consentsOf(tx, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return err
	}
	for _, c := range consents {
		if err := out("consents", c); err != nil {
			return err
		}
	}
	bases, err := s.basesOf(ctx, tx, sub)
	if err != nil {
		return err
	}
	for _, b := range bases {
		if err := out("lawful_bases", b); err != nil {
			return err
		}
	}
	return nil
}

func (s records) basesOf(ctx context.Context, tx *storage.Tx, sub Subject) ([]BasisExport, error) {
	key, err := s.vault.Key(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID})
	if fault.Is(err, fault.KindGone) {
		return nil, nil // whatever is there, nobody can read it
	}
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(selectBases, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []BasisExport
	for rows.Next() {
		var b BasisExport
		var row string
		var evidence []byte
		var at int64
		if err := rows.Scan(&row, &b.Purpose, &b.LawfulBasis, &evidence, &b.Source, &at); err != nil {
			return nil, err
		}
		if evidence != nil {
			plain, err := key.Open(evidencePlace(row), evidence)
			if err != nil {
				return nil, fault.Wrap("open evidence", err)
			}
			b.Evidence = string(plain)
		}
		b.CreatedAt = clock.FromMicros(at).Format("2006-01-02T15:04:05.000000Z")
		out = append(out, b)
	}
	return out, rows.Err()
}

// Erase deletes consents and lawful bases.
func (records) Erase(_ context.Context, tx *storage.Tx, sub Subject) (Counts, error) {
	consents, err := tx.Exec(`DELETE FROM consents WHERE workspace_id = $1 AND contact_id = $2`, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return nil, err
	}
	bases, err := tx.Exec(`DELETE FROM processing_bases WHERE workspace_id = $1 AND contact_id = $2`, sub.WorkspaceID, sub.ContactID)
	return Counts{"consents": consents, "processing_bases": bases}, err
}

// Retain removes nothing: consents and bases live as long as the contact.
func (records) Retain(context.Context, *storage.Tx, Rule) (int64, error) { return 0, nil }
