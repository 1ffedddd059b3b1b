package workspace

import (
	"context"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// Name is the holder's name.
func (s *Service) Name() string { return "workspace" }

// Fields declares this package's tables: what they hold is about operators.
func (s *Service) Fields() []privacy.Field {
	personal := func(table, column, category, retention string, holds ...string) privacy.Field {
		return privacy.Field{Table: table, Column: column, Holds: holds, Whose: privacy.OfOperator, Category: category,
			Purpose: "operator_accounts", LawfulBasis: "contract", Retention: retention,
			Recipients: []string{"the operators of the same workspace"}}
	}
	private := func(f privacy.Field) privacy.Field {
		f.Recipients = []string{"the operator alone"}
		return f
	}
	const (
		account    = "until the operator leaves the last workspace; then erased"
		membership = "until the operator leaves the workspace"
		session    = "until signed out, 14 days without use or 60 days in all"
	)
	profile := personal("operators", "profile_sealed", "identity", account, "name", "email")
	profile.Sealed = true
	fields := []privacy.Field{
		profile,
		private(personal("operators", "email_token", "identity", account, "a keyed token of the address")),
		private(personal("operators", "password_hash", "authentication", account, "an argon2id hash")),
		personal("operators", "last_seen_at", "technical", account),
		personal("memberships", "role", "employment", membership),
		private(personal("sessions", "created_at", "technical", session)),
		private(personal("sessions", "last_seen_at", "technical", session)),
		{Table: "workspaces", Column: "identity_secret_sealed", Whose: privacy.OfNobody, Category: "secret", Sealed: true},
	}
	for _, nothing := range [][]privacy.Field{
		privacy.Nothing("workspaces", "id", "name", "slug", "widget_key", "settings", "created_at", "updated_at"),
		privacy.Nothing("operators", "id", "created_at", "updated_at"),
		privacy.Nothing("memberships", "workspace_id", "operator_id", "created_at"),
		privacy.Nothing("sessions", "token_hash", "id", "operator_id", "workspace_id", "expires_at"),
		privacy.Nothing("api_keys", "workspace_id", "id", "name", "prefix", "secret_hash", "scopes", "created_by", "created_at", "last_used_at", "revoked_at"),
	} {
		fields = append(fields, nothing...)
	}
	return fields
}

// Export hands out nothing: nothing here is about a contact.
func (s *Service) Export(context.Context, *storage.Tx, privacy.Subject, privacy.Export) error {
	return nil
}

// Erase deletes nothing: nothing here is about a contact. For operators see
// [Service.EraseOperator].
func (s *Service) Erase(context.Context, *storage.Tx, privacy.Subject) (privacy.Counts, error) {
	return privacy.Counts{}, nil
}

const deleteOldSessions = `DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)`

// Retain removes sessions that were over before the rule's moment, of every
// workspace.
func (s *Service) Retain(_ context.Context, tx *storage.Tx, r privacy.Rule) (int64, error) {
	if r.Category != privacy.AgesSessions {
		return 0, nil
	}
	return tx.Exec(deleteOldSessions, clock.Micros(r.Before), r.Limit)
}
