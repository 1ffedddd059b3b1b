package contacts

import (
	"context"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// Name is the holder's name.
func (s *Service) Name() string { return "contacts" }

// Fields declares this package's tables.
func (s *Service) Fields() []privacy.Field {
	operators := []string{"the workspace's operators"}
	personal := func(table, column, category string, holds ...string) privacy.Field {
		return privacy.Field{Table: table, Column: column, Holds: holds, Whose: privacy.OfContact, Category: category,
			Purpose: privacy.PurposeSupport, LawfulBasis: "as stated with the data (processing_bases)",
			Retention: "until erased; 30 days in the bin", Recipients: operators}
	}
	profile := personal("contacts", "profile_sealed", "identity", "name", "first_name", "last_name", "email", "phone", "avatar_url",
		"external_id", "locale", "timezone", "attributes", "provenance")
	profile.Sealed = true
	seen := personal("contacts", "last_seen_at", "technical", "when you were last here")
	seen.Ages = privacy.AgesTechnical
	fields := []privacy.Field{
		profile,
		personal("contacts", "external_id_token", "identity", "a keyed token of the external id"),
		seen,
		personal("contacts", "verified_at", "identity", "when somebody vouched for who you are"),
		personal("contacts", "restricted_at", "accountability", "whether you had the use of your data restricted"),
		personal("contact_tokens", "token", "identity", "a keyed token of the address, phone number or beginning of a name"),
	}
	fields = append(fields, privacy.Nothing("contacts", "workspace_id", "id", "source", "deleted_at", "created_at", "updated_at")...)
	return append(fields, privacy.Nothing("contact_tokens", "workspace_id", "kind", "contact_id")...)
}

// Export hands out the contact's profile.
func (s *Service) Export(ctx context.Context, tx *storage.Tx, sub privacy.Subject, out privacy.Export) error {
	r, err := loadByID(tx, sub.WorkspaceID, sub.ContactID)
	if fault.Is(err, fault.KindNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	opened, err := s.openAll(ctx, sub.WorkspaceID, []record{r})
	for _, c := range opened {
		if err := out("contact", c); err != nil {
			return err
		}
	}
	return err
}

// Erase deletes the contact and the tokens that find them.
func (s *Service) Erase(_ context.Context, tx *storage.Tx, sub privacy.Subject) (privacy.Counts, error) {
	tokens, err := tx.Exec(deleteTokens, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return nil, err
	}
	contacts, err := tx.Exec(`DELETE FROM contacts WHERE workspace_id = $1 AND id = $2`, sub.WorkspaceID, sub.ContactID)
	return privacy.Counts{"contact_tokens": tokens, "contacts": contacts}, err
}
