package activity

import (
	"context"
	"encoding/json"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/timeline"
	"github.com/botimum/botimum/internal/vault"
)

// Name is the holder's name.
func (s *Service) Name() string { return "activity" }

// Fields declares this package's table.
func (s *Service) Fields() []privacy.Field {
	field := func(column string, holds ...string) privacy.Field {
		return privacy.Field{Table: "contact_events", Column: column, Holds: holds, Whose: privacy.OfContact, Category: "usage", Ages: privacy.AgesActivity,
			Purpose: privacy.PurposeSupport, LawfulBasis: "as stated with the data (processing_bases)", Retention: "until the contact is erased", Recipients: []string{"the workspace's operators"}}
	}
	properties := field("properties_sealed", "what more was said of what you did")
	properties.Sealed = true
	fields := []privacy.Field{field("name", "what you did"), properties, field("source", "through what"), field("occurred_at", "when you did it"), field("created_at", "when it was told")}
	return append(fields, privacy.Nothing("contact_events", "workspace_id", "contact_id", "id")...)
}

// ActivityExport is what somebody did, as it is handed to them.
type ActivityExport struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	Properties map[string]any `json:"properties"`
	Source     string         `json:"source"`
	OccurredAt time.Time      `json:"occurred_at"`
	CreatedAt  time.Time      `json:"created_at"`
}

// Provided keeps what came from the person's own doing in their browser.
func (e ActivityExport) Provided() (any, bool) { return e, privacy.GivenByPerson(e.Source) }

// Sections says what is handed out.
func (s *Service) Sections() []privacy.Section {
	return []privacy.Section{{Name: "activity", Record: ActivityExport{}, Tables: []string{"contact_events"}}}
}

const selectForExport = `
	SELECT id, name, properties_sealed, source, occurred_at, created_at FROM contact_events
	WHERE workspace_id = $1 AND contact_id = $2 AND id > $3 ORDER BY id LIMIT $4`

// Export hands out what the person did, the first event first.
func (s *Service) Export(ctx context.Context, tx *storage.Tx, sub privacy.Subject, out privacy.Export) error {
	const pageSize = 200
	key, err := s.Vault.Key(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID})
	if fault.Is(err, fault.KindNotFound) || fault.Is(err, fault.KindGone) {
		return nil
	}
	if err != nil {
		return err
	}
	for after := ""; ; {
		page, err := exportPage(tx, key, sub, after, pageSize)
		if err != nil {
			return err
		}
		for _, e := range page {
			if err := out("activity", e); err != nil {
				return err
			}
		}
		if len(page) < pageSize {
			return nil
		}
		after = page[pageSize-1].ID
	}
}

func exportPage(tx *storage.Tx, key *vault.Key, sub privacy.Subject, after string, limit int) ([]ActivityExport, error) {
	rows, err := tx.Query(selectForExport, sub.WorkspaceID, sub.ContactID, after, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []ActivityExport
	for rows.Next() {
		var e ActivityExport
		var sealed []byte
		var occurred, created int64
		if err := rows.Scan(&e.ID, &e.Name, &sealed, &e.Source, &occurred, &created); err != nil {
			return nil, err
		}
		e.OccurredAt, e.CreatedAt = clock.FromMicros(occurred), clock.FromMicros(created)
		if e.Properties, err = openProperties(key, e.ID, sealed); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

func openProperties(key *vault.Key, row string, sealed []byte) (map[string]any, error) {
	if sealed == nil {
		return map[string]any{}, nil
	}
	plain, err := key.Open(place(row), sealed)
	if err != nil {
		return nil, fault.Wrap("open properties of "+row, err)
	}
	var out map[string]any
	err = json.Unmarshal(plain, &out)
	return out, err
}

// Erase deletes what the person did.
func (s *Service) Erase(_ context.Context, tx *storage.Tx, sub privacy.Subject) (privacy.Counts, error) {
	n, err := tx.Exec(`DELETE FROM contact_events WHERE workspace_id = $1 AND contact_id = $2`, sub.WorkspaceID, sub.ContactID)
	return privacy.Counts{"contact_events": n}, err
}

// Ages names what a workspace may set a term for.
func (s *Service) Ages() []string { return []string{privacy.AgesActivity} }

const oldEvents = ` FROM contact_events e WHERE e.workspace_id = $1 AND e.occurred_at < $2`

// Retain removes events that are older than the rule allows.
func (s *Service) Retain(_ context.Context, tx *storage.Tx, r privacy.Rule) (int64, error) {
	if r.Category != privacy.AgesActivity {
		return 0, nil
	}
	n, err := tx.Exec(`DELETE FROM contact_events WHERE workspace_id = $1 AND (contact_id, id) IN (SELECT e.contact_id, e.id`+oldEvents+r.Of("e")+
		` ORDER BY e.occurred_at LIMIT $3)`, r.WorkspaceID, clock.Micros(r.Before), r.Limit)
	r.Note("contact_events", n)
	return n, err
}

// Due counts what Retain would remove.
func (s *Service) Due(_ context.Context, tx *storage.Tx, r privacy.Rule) (privacy.Counts, error) {
	var n int64
	err := tx.QueryRow(`SELECT COUNT(*)`+oldEvents+r.Of("e"), r.WorkspaceID, clock.Micros(r.Before)).Scan(&n)
	return privacy.Counts{"contact_events": n}, err
}

// TimelineSource gives what people did.
func TimelineSource() timeline.Source {
	return timeline.Source{Kind: timeline.KindEvent, Permission: "events:read", From: "contact_events", At: "x.occurred_at", ID: "x.id", What: "x.name",
		Sealed: "x.properties_sealed",
		Open: func(key *vault.Key, e timeline.Entry, sealed []byte) (map[string]any, error) {
			return openProperties(key, e.ID, sealed)
		}}
}
