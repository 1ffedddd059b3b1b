package company

import (
	"context"

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
		privacy.Nothing("companies", "workspace_id", "id", "source", "created_at", "updated_at"),
		privacy.Nothing("company_domains", "workspace_id", "token", "company_id"),
		privacy.Nothing("company_tokens", "workspace_id", "token", "company_id"),
		privacy.Nothing("company_settings", "workspace_id", "from_domains", "cursor", "done", "ended_at", "lease_holder", "lease_until", "updated_at"),
	} {
		fields = append(fields, nothing...)
	}
	return append(fields, privacy.Field{Table: "companies", Column: "data_sealed", Whose: privacy.OfNobody, Category: "none", Sealed: true})
}

// Export hands nothing out: which company a person belongs to is handed out with them.
func (Holder) Export(context.Context, *storage.Tx, privacy.Subject, privacy.Export) error { return nil }

// Erase erases nothing: the membership goes with the contact.
func (Holder) Erase(context.Context, *storage.Tx, privacy.Subject) (privacy.Counts, error) {
	return privacy.Counts{}, nil
}

// Retain retires nothing: companies go when somebody removes them.
func (Holder) Retain(context.Context, *storage.Tx, privacy.Rule) (int64, error) { return 0, nil }
