package company

import (
	"context"
	"database/sql"
	"errors"

	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// Holder answers to privacy for the package's tables. They are about companies; who
// belongs to one stands with the contacts.
type Holder struct{}

// Name is the holder's name.
func (Holder) Name() string { return "company" }

// Fields of the catalogue: companies are nobody in particular.
func (Holder) Fields() []privacy.Field {
	var fields []privacy.Field
	for _, nothing := range [][]privacy.Field{
		privacy.Nothing("companies", "workspace_id", "id", "source", "created_at", "updated_at", "removed_at", "into_id"),
		privacy.Nothing("company_domains", "workspace_id", "token", "company_id"),
		privacy.Nothing("company_tokens", "workspace_id", "token", "company_id"),
		privacy.Nothing("company_changes", "workspace_id", "company_id", "id", "fields", "source", "actor_type", "actor_id", "created_at"),
		privacy.Nothing("company_settings", "workspace_id", "from_domains", "cursor", "done", "ended_at", "lease_holder", "lease_until", "updated_at", "pass", "total", "changed"),
	} {
		fields = append(fields, nothing...)
	}
	return append(fields, privacy.Field{Table: "companies", Column: "data_sealed", Whose: privacy.OfNobody, Category: "none", Sealed: true},
		privacy.Field{Table: "company_changes", Column: "former_sealed", Whose: privacy.OfNobody, Category: "none", Sealed: true})
}

// Export hands nothing out: which company a person belongs to is handed out with them.
func (Holder) Export(context.Context, *storage.Tx, privacy.Subject, privacy.Export) error { return nil }

// Erase takes away the company that came with the person's address and that was of
// use for nobody else: its domain may say who they are. Who belongs to a company goes
// with the contact.
func (Holder) Erase(_ context.Context, tx *storage.Tx, sub privacy.Subject) (privacy.Counts, error) {
	var companyID string
	err := tx.QueryRow(`SELECT COALESCE(company_id, '') FROM contacts WHERE workspace_id = $1 AND id = $2`, sub.WorkspaceID, sub.ContactID).Scan(&companyID)
	if errors.Is(err, sql.ErrNoRows) || companyID == "" {
		return privacy.Counts{}, nil
	}
	if err != nil {
		return nil, err
	}
	gone, err := drop(tx, sub.WorkspaceID, companyID, sub.ContactID)
	if err != nil || !gone {
		return privacy.Counts{}, err
	}
	return privacy.Counts{"companies": 1}, nil
}

// Retain retires nothing: companies go when somebody removes them.
func (Holder) Retain(context.Context, *storage.Tx, privacy.Rule) (int64, error) { return 0, nil }
