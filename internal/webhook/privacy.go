package webhook

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
func (s *Service) Name() string { return "webhook" }

// Fields declares this package's tables.
func (s *Service) Fields() []privacy.Field {
	told := func(column, holds string) privacy.Field {
		return privacy.Field{Table: "webhook_recipients", Column: column, Holds: []string{holds}, Whose: privacy.OfContact, Category: "accountability",
			Purpose: "accountability", LawfulBasis: "legal_obligation", Retention: "as long as the contact exists",
			Recipients: []string{"the workspace's operators"}}
	}
	secret := func(column string) privacy.Field {
		return privacy.Field{Table: "webhook_endpoints", Column: column, Whose: privacy.OfNobody, Category: "secret", Sealed: true}
	}
	fields := []privacy.Field{
		told("host", "which of the customer's systems was told about you"), told("event_type", "what sort of thing it was told"),
		told("told", "how often"), told("first_at", "since when"), told("last_at", "when it was last told"),
		secret("url_sealed"), secret("secret_sealed"), secret("old_secret_sealed"),
	}
	for _, nothing := range [][]privacy.Field{
		privacy.Nothing("webhook_recipients", "workspace_id", "contact_id"),
		privacy.Nothing("webhook_endpoints", "workspace_id", "id", "event_types", "old_secret_until", "state", "off_reason", "failing_since",
			"reached", "lease_owner", "lease_until", "created_at", "updated_at"),
		privacy.Nothing("webhook_deliveries", "workspace_id", "id", "endpoint_id", "sequence", "event_id", "event_type", "contact_id", "state", "attempts",
			"next_at", "status_code", "error", "duration_ms", "attempted_at", "finished_at", "created_at"),
	} {
		fields = append(fields, nothing...)
	}
	return fields
}

// Sections says what is handed out.
func (s *Service) Sections() []privacy.Section {
	return []privacy.Section{{Name: "webhook_recipients", Record: Recipient{}, Tables: []string{"webhook_recipients"}}}
}

// Recipient says that one of the customer's own systems was told of a person.
type Recipient struct {
	Host      string    `json:"host"`
	EventType string    `json:"event_type"`
	Told      int64     `json:"told"`
	FirstAt   time.Time `json:"first_at"`
	LastAt    time.Time `json:"last_at"`
}

const selectRecipients = `
	SELECT host, event_type, told, first_at, last_at FROM webhook_recipients WHERE workspace_id = $1 AND contact_id = $2 ORDER BY host, event_type`

// Export hands out which hosts were told what about the person (GDPR articles 15
// (1) (c) and 19).
func (s *Service) Export(ctx context.Context, tx *storage.Tx, sub privacy.Subject, out privacy.Export) error {
	_, err := s.Vault.Key(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID})
	if fault.Is(err, fault.KindGone) {
		return nil // an old copy of the data was put back: nobody is there
	}
	if err != nil {
		return err
	}
	rows, err := tx.Query(selectRecipients, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r Recipient
		var first, last int64
		if err := rows.Scan(&r.Host, &r.EventType, &r.Told, &first, &last); err != nil {
			return err
		}
		r.FirstAt, r.LastAt = clock.FromMicros(first), clock.FromMicros(last)
		if err := out("webhook_recipients", r); err != nil {
			return err
		}
	}
	return rows.Err()
}

const finishedOf = `workspace_id = $1 AND contact_id = $2 AND state <> 'waiting'`

// Erase deletes who was told about the person, and the deliveries that are
// finished. Those that wait stay: they hold ids, and tell ids.
func (s *Service) Erase(_ context.Context, tx *storage.Tx, sub privacy.Subject) (privacy.Counts, error) {
	told, err := tx.Exec(`DELETE FROM webhook_recipients WHERE workspace_id = $1 AND contact_id = $2`, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return nil, err
	}
	finished, err := storage.Delete(tx, "webhook_deliveries", "workspace_id, id", finishedOf, sub.WorkspaceID, sub.ContactID)
	return privacy.Counts{"webhook_recipients": told, "webhook_deliveries": finished}, err
}

// Ages names what a workspace may set a term for.
func (s *Service) Ages() []string { return []string{privacy.AgesDeliveries} }

// others are deliveries that a rule may touch for whom they are about: about nobody,
// somebody who is gone, or somebody whom the rule does not spare.
func others(r privacy.Rule) string {
	spared, is := strings.CutPrefix(r.Of("d"), " AND ")
	if !is {
		return ""
	}
	return ` AND (d.contact_id IS NULL OR NOT EXISTS (SELECT 1 FROM contacts g WHERE g.workspace_id = d.workspace_id AND g.id = d.contact_id) OR ` + spared + `)`
}

const deleteOld = `
	DELETE FROM webhook_deliveries WHERE workspace_id = $1 AND id IN
		(SELECT d.id FROM webhook_deliveries d WHERE d.workspace_id = $1 AND d.finished_at < $2`

// Retain removes deliveries of a workspace that were finished before the rule's
// moment. Those that wait are never too old.
func (s *Service) Retain(_ context.Context, tx *storage.Tx, r privacy.Rule) (int64, error) {
	if r.Category != privacy.AgesDeliveries {
		return 0, nil
	}
	n, err := tx.Exec(deleteOld+others(r)+` ORDER BY d.finished_at LIMIT $3)`, r.WorkspaceID, clock.Micros(r.Before), r.Limit)
	r.Note("webhook_deliveries", n)
	return n, err
}

const countOld = `SELECT COUNT(*) FROM webhook_deliveries d WHERE d.workspace_id = $1 AND d.finished_at < $2`

// Due counts them.
func (s *Service) Due(_ context.Context, tx *storage.Tx, r privacy.Rule) (privacy.Counts, error) {
	if r.Category != privacy.AgesDeliveries {
		return privacy.Counts{}, nil
	}
	var n int64
	err := tx.QueryRow(countOld+others(r), r.WorkspaceID, clock.Micros(r.Before)).Scan(&n)
	return privacy.Counts{"webhook_deliveries": n}, err
}
