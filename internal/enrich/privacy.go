package enrich

import (
	"context"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Name is the holder's name.
func (s *Service) Name() string { return "enrich" }

// Fields declares this package's tables.
func (s *Service) Fields() []privacy.Field {
	told := func(table, column, holds string) privacy.Field {
		return privacy.Field{Table: table, Column: column, Holds: []string{holds}, Whose: privacy.OfContact, Category: "accountability",
			Purpose: "accountability", LawfulBasis: "legal_obligation", Retention: "as long as the contact exists", Recipients: []string{"the workspace's operators"}}
	}
	picture := privacy.Field{Table: "enrich_avatars", Column: "image_sealed", Holds: []string{"a picture of you that was found in a public source"}, Whose: privacy.OfContact,
		Category: "identity", Purpose: privacy.PurposeSupport, LawfulBasis: "as the workspace chose for looking people up",
		Retention: "as the workspace chose; until you object", Recipients: []string{"the workspace's operators"}, Sealed: true}
	fields := []privacy.Field{
		told("enrich_recipients", "host", "which public source was asked about you"), told("enrich_recipients", "kinds", "by which sort of data"),
		told("enrich_recipients", "told", "how often"), told("enrich_recipients", "first_at", "since when"), told("enrich_recipients", "last_at", "when it was last asked"),
		told("enrich_lookups", "outcome", "what came of it"), told("enrich_lookups", "found_at", "when something was found"), picture,
		told("enrich_history", "what", "whether something was found of you, looked up anew or forgotten"), told("enrich_history", "source", "which public source was asked about you"),
		told("enrich_history", "at", "when that was"),
		{Table: "enrich_providers", Column: "secrets_sealed", Whose: privacy.OfNobody, Category: "secret", Sealed: true},
	}
	for _, nothing := range [][]privacy.Field{
		privacy.Nothing("enrich_recipients", "workspace_id", "contact_id"),
		privacy.Nothing("enrich_settings", "workspace_id", "enabled", "automatic", "purpose", "keep_days", "refresh_days", "reached", "updated_at"),
		privacy.Nothing("enrich_providers", "workspace_id", "id", "kind", "preset", "name", "state", "definition", "per_minute", "per_day", "minute_at", "minute_used",
			"day_at", "day_used", "blocked_until", "last_error", "last_error_at", "last_answer_at", "created_at", "updated_at"),
		privacy.Nothing("enrich_lookups", "workspace_id", "contact_id", "provider_id", "state", "reason", "asked_by_type", "asked_by_id", "attempts", "next_at",
			"lease_owner", "lease_until", "asked_at", "finished_at", "forget"),
		privacy.Nothing("enrich_history", "workspace_id", "contact_id", "id", "provider_id", "actor_type", "actor_id"),
		privacy.Nothing("enrich_refused", "workspace_id", "contact_id", "field", "created_at"),
		privacy.Nothing("enrich_avatars", "workspace_id", "contact_id", "provider_id", "version", "fetched_at"),
	} {
		fields = append(fields, nothing...)
	}
	return fields
}

// RecipientExport says that a public source was asked about a person.
type RecipientExport struct {
	Host    string    `json:"host"`
	Kinds   []string  `json:"kinds"`
	Told    int64     `json:"told"`
	FirstAt time.Time `json:"first_at"`
	LastAt  time.Time `json:"last_at"`
}

// HistoryExport is that something was found of a person, looked up anew or forgotten.
type HistoryExport struct {
	What   string    `json:"what"`
	Source string    `json:"source"`
	At     time.Time `json:"at"`
}

// AvatarExport is a picture that was found of a person.
type AvatarExport struct {
	FetchedAt time.Time `json:"fetched_at"`
	Image     []byte    `json:"image"`
}

// Sections says what is handed out.
func (s *Service) Sections() []privacy.Section {
	return []privacy.Section{
		{Name: "lookup_recipients", Record: RecipientExport{}, Tables: []string{"enrich_recipients"}},
		{Name: "lookups", Record: Lookup{}, Tables: []string{"enrich_lookups"}},
		{Name: "lookup_history", Record: HistoryExport{}, Tables: []string{"enrich_history"}},
		{Name: "found_picture", Record: AvatarExport{}, Tables: []string{"enrich_avatars"}},
	}
}

// Export hands out who was asked about the person by what, what came of it, and the
// picture (GDPR article 15). What was found else is in the profile.
func (s *Service) Export(ctx context.Context, tx *storage.Tx, sub privacy.Subject, out privacy.Export) error {
	key, err := s.Vault.Key(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID})
	if fault.Is(err, fault.KindGone) {
		return nil // an old copy of the data was put back: nobody is there
	}
	if err != nil {
		return err
	}
	told, err := recipientsOf(tx, sub)
	for _, r := range told {
		if err == nil {
			err = out("lookup_recipients", r)
		}
	}
	if err != nil {
		return err
	}
	lookups, err := lookupsOf(tx, sub)
	for _, l := range lookups {
		if err == nil {
			err = out("lookups", l)
		}
	}
	if err != nil {
		return err
	}
	history, err := historyOf(tx, sub)
	for _, h := range history {
		if err == nil {
			err = out("lookup_history", h)
		}
	}
	if err != nil {
		return err
	}
	return exportAvatar(tx, key, sub, out)
}

func historyOf(tx *storage.Tx, sub privacy.Subject) (out []HistoryExport, err error) {
	rows, err := tx.Query(`SELECT what, source, at FROM enrich_history WHERE workspace_id = $1 AND contact_id = $2 ORDER BY at, id`, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var h HistoryExport
		var at int64
		if err := rows.Scan(&h.What, &h.Source, &at); err != nil {
			return nil, err
		}
		h.At = clock.FromMicros(at)
		out = append(out, h)
	}
	return out, rows.Err()
}

func recipientsOf(tx *storage.Tx, sub privacy.Subject) (out []RecipientExport, err error) {
	rows, err := tx.Query(`SELECT host, kinds, told, first_at, last_at FROM enrich_recipients WHERE workspace_id = $1 AND contact_id = $2 ORDER BY host, kinds`,
		sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r RecipientExport
		var kinds string
		var first, last int64
		if err := rows.Scan(&r.Host, &kinds, &r.Told, &first, &last); err != nil {
			return nil, err
		}
		r.Kinds, r.FirstAt, r.LastAt = strings.Fields(kinds), clock.FromMicros(first), clock.FromMicros(last)
		out = append(out, r)
	}
	return out, rows.Err()
}

func exportAvatar(tx *storage.Tx, key *vault.Key, sub privacy.Subject, out privacy.Export) error {
	rows, err := tx.Query(`SELECT image_sealed, fetched_at FROM enrich_avatars WHERE workspace_id = $1 AND contact_id = $2`, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var sealed []byte
		var at int64
		if err := rows.Scan(&sealed, &at); err != nil {
			return err
		}
		image, err := key.Open(avatarPlace(sub.ContactID), sealed)
		if err != nil {
			return fault.Wrap("open picture", err)
		}
		if err := out("found_picture", AvatarExport{FetchedAt: clock.FromMicros(at), Image: image}); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Erase deletes everything about the person.
func (s *Service) Erase(_ context.Context, tx *storage.Tx, sub privacy.Subject) (privacy.Counts, error) {
	counts := privacy.Counts{}
	for _, table := range []string{"enrich_lookups", "enrich_recipients", "enrich_history", "enrich_refused", "enrich_avatars"} {
		n, err := tx.Exec(`DELETE FROM `+table+` WHERE workspace_id = $1 AND contact_id = $2`, sub.WorkspaceID, sub.ContactID)
		if err != nil {
			return nil, err
		}
		counts[table] = n
	}
	return counts, nil
}

// Retain removes nothing: the workspace's own rule for what was found is in its
// settings, and the service applies it.
func (s *Service) Retain(context.Context, *storage.Tx, privacy.Rule) (int64, error) { return 0, nil }
