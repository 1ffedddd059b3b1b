package retention

import (
	"context"

	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// Name is the holder's name.
func (s *Service) Name() string { return "retention" }

// Fields declares this package's tables: rules and counts, nothing personal.
func (s *Service) Fields() []privacy.Field {
	rules := privacy.Nothing("retention_rules", "workspace_id", "category", "purpose", "scope", "days", "version", "updated_at")
	return append(rules, privacy.Nothing("retention_runs", "workspace_id", "id", "actor_type", "actor_id", "results", "started_at", "ended_at",
		"lease_holder", "lease_until")...)
}

// Export hands out nothing: nothing here is about a contact.
func (s *Service) Export(context.Context, *storage.Tx, privacy.Subject, privacy.Export) error {
	return nil
}

// Erase deletes nothing: nothing here is about a contact.
func (s *Service) Erase(context.Context, *storage.Tx, privacy.Subject) (privacy.Counts, error) {
	return privacy.Counts{}, nil
}

// Retain removes nothing: what was removed by which rule stays on record.
func (s *Service) Retain(context.Context, *storage.Tx, privacy.Rule) (int64, error) { return 0, nil }
