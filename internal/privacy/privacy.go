package privacy

import (
	"context"
	"strings"

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
	about := func(category, table, column, holds string) Field {
		return Field{Table: table, Column: column, Holds: []string{holds}, Whose: OfContact, Category: category, Purpose: "accountability",
			LawfulBasis: "legal_obligation", Retention: "as long as the contact exists", Recipients: operators, Sealed: strings.HasSuffix(column, "_sealed")}
	}
	consent := func(column, holds string) Field { return about("consent", "consents", column, holds) }
	rights := func(table, column, holds string) Field { return about("accountability", table, column, holds) }
	fields := []Field{
		rights("processing_bases", "evidence_sealed", "where the lawful basis can be seen"),
		consent("purpose", "what you consented to"), consent("action", "whether you gave or withdrew it"),
		consent("wording", "the words that you were shown"), consent("wording_hash", "a fingerprint of those words"),
		consent("purpose_version", "their version"), consent("locale", "their language"), consent("source", "where you said so"), consent("created_at", "when you said so"),
		consent("evidence_sealed", "how you gave it, where somebody recorded it for you"),
		rights("restrictions", "reason_sealed", "why the use of your data was restricted, or that was lifted"),
		rights("legal_holds", "reason_sealed", "why your data has to be kept"),
		rights("restrictions", "action", "whether the use of your data was restricted or that was lifted"), rights("restrictions", "created_at", "when"),
		rights("legal_holds", "ends_at", "until when your data has to be kept"), rights("legal_holds", "created_at", "since when"),
		rights("legal_holds", "lifted_at", "when that was ended early"),
		rights("objections", "purpose", "what you objected to"), rights("objections", "action", "whether you objected or took it back"),
		rights("objections", "source", "where you said so"), rights("objections", "created_at", "when you said so"),
	}
	for _, nothing := range [][]Field{
		Nothing("consents", "workspace_id", "contact_id", "id", "actor_type", "actor_id"),
		Nothing("objections", "workspace_id", "contact_id", "id", "actor_type", "actor_id"),
		Nothing("restrictions", "workspace_id", "contact_id", "id", "actor_type", "actor_id"),
		Nothing("legal_holds", "workspace_id", "contact_id", "id", "actor_type", "actor_id", "lifted_by_type", "lifted_by_id"),
	} {
		fields = append(fields, nothing...)
	}
	fields = append(fields, Nothing("processing_bases", "workspace_id", "contact_id", "id", "purpose", "lawful_basis", "source", "created_at")...)
	fields = append(fields, Nothing("purposes", "workspace_id", "key", "version", "name", "lawful_basis", "wording", "locale", "translations", "marketing", "created_at")...)
	fields = append(fields, Nothing("assessments", "workspace_id", "id", "feature", "state", "description", "necessity", "risks", "measures", "residual_risk",
		"dpo_consulted", "dpo_opinion", "approved_by_type", "approved_by_id", "approved_at", "review_at", "created_at", "updated_at")...)
	return append(fields, Nothing("erasures", "workspace_id", "id", "contact_id", "actor_type", "actor_id", "row_counts", "created_at", "completed_at", "receipt_id")...)
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

// Export hands out consents, objections, restrictions, legal holds and lawful bases.
func (s records) Export(ctx context.Context, tx *storage.Tx, sub Subject, out Export) error {
	key, err := s.vault.Key(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID})
	if fault.Is(err, fault.KindGone) {
		return nil // whatever is there, nobody can read it
	}
	if err != nil {
		return err
	}
	consents, err := consentsOf(tx, sub, key)
	if err := handOut(out, "consents", consents, err, Consent.asTold); err != nil {
		return err
	}
	objections, err := objectionsOf(tx, sub)
	if err := handOut(out, "objections", objections, err, Objection.asTold); err != nil {
		return err
	}
	restrictions, err := restrictionsOf(tx, key, sub)
	if err := handOut(out, "restrictions", restrictions, err, Restriction.asTold); err != nil {
		return err
	}
	holds, err := holdsOf(tx, key, sub, s.clock.Now())
	if err := handOut(out, "legal_holds", holds, err, LegalHold.asTold); err != nil {
		return err
	}
	bases, err := s.basesOf(tx, sub, key)
	return handOut(out, "lawful_bases", bases, err, BasisExport.asTold)
}

// handOut gives records to an export, unless they could not be read.
func handOut[T any](out Export, section string, records []T, err error, asTold func(T) T) error {
	for _, r := range records {
		if err == nil {
			err = out(section, asTold(r))
		}
	}
	return err
}

func (s records) basesOf(tx *storage.Tx, sub Subject, key *vault.Key) ([]BasisExport, error) {
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

// Erase deletes consents, objections, restrictions, legal holds and lawful bases.
func (records) Erase(_ context.Context, tx *storage.Tx, sub Subject) (Counts, error) {
	counts := Counts{}
	for _, table := range []string{"consents", "objections", "restrictions", "legal_holds", "processing_bases"} {
		n, err := tx.Exec(`DELETE FROM `+table+` WHERE workspace_id = $1 AND contact_id = $2`, sub.WorkspaceID, sub.ContactID)
		if err != nil {
			return nil, err
		}
		counts[table] = n
	}
	return counts, nil
}

// Retain removes nothing: consents and bases live as long as the contact.
func (records) Retain(context.Context, *storage.Tx, Rule) (int64, error) { return 0, nil }
