package children

import (
	"context"

	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// Name is the holder's name.
func (s *Service) Name() string { return "children" }

// Fields declares this package's table.
func (s *Service) Fields() []privacy.Field {
	field := func(column, category, holds string, recipients ...string) privacy.Field {
		return privacy.Field{Table: "parental_consents", Column: column, Holds: []string{holds}, Whose: privacy.OfContact, Category: category,
			Purpose: "accountability", LawfulBasis: "legal_obligation",
			Retention: "as long as the contact exists; 7 days if the parent does not answer", Recipients: recipients}
	}
	operators := "the workspace's operators"
	parent := field("parent_sealed", "identity", "a parent's e-mail address", "nobody: it proves whom the question went to")
	parent.Sealed = true
	fields := []privacy.Field{
		parent,
		field("parent_token", "identity", "a keyed token of the parent's address", "nobody: tokens are compared, not shown"),
		field("state", "consent", "whether a parent agreed", operators),
		field("wording", "consent", "the words that the parent was shown", operators),
		field("wording_hash", "consent", "a fingerprint of those words", operators),
		field("country", "identity", "the country whose age limit applied", operators),
		field("age_limit", "identity", "that age limit, which you are under", operators),
		field("asked_at", "consent", "when the parent was asked", operators),
		field("decided_at", "consent", "when the parent agreed", operators),
	}
	return append(fields, privacy.Nothing("parental_consents", "workspace_id", "id", "contact_id", "token_hash", "locale", "expires_at", "asks")...)
}

// Export hands out the parental consent, without the parent's address: that is the
// parent's data.
func (s *Service) Export(_ context.Context, tx *storage.Tx, sub privacy.Subject, out privacy.Export) error {
	c, found, err := of(tx, sub)
	if err != nil || !found {
		return err
	}
	return out("parental_consents", c)
}

// Erase deletes the parental consent.
func (s *Service) Erase(_ context.Context, tx *storage.Tx, sub privacy.Subject) (privacy.Counts, error) {
	n, err := tx.Exec(`DELETE FROM parental_consents WHERE workspace_id = $1 AND contact_id = $2`, sub.WorkspaceID, sub.ContactID)
	return privacy.Counts{"parental_consents": n}, err
}

// Retain removes nothing by itself: what parents do not answer goes with
// [Service.Sweep], and the rest with the contact.
func (s *Service) Retain(context.Context, *storage.Tx, privacy.Rule) (int64, error) { return 0, nil }

// Waits tells whether a parent was asked about somebody, who may be no contact
// yet: the only mail to anybody who is none.
func Waits(tx *storage.Tx, workspaceID, contactID string) (bool, error) {
	return IsChild(tx, privacy.Subject{WorkspaceID: workspaceID, ContactID: contactID})
}
