package audit

import (
	"context"
	"encoding/json"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
)

// ReadExport is a read of a person's data as it is handed to that person: when,
// by which category of recipient, and what was looked at. It does not name the
// operator: a person has a right to the dates, purposes and categories of
// recipients, and to an employee's name only where their rights cannot be
// exercised without it (GDPR article 15(1)(c); Court of Justice, C-579/21). The
// workspace has the names in its access log.
type ReadExport struct {
	OccurredAt time.Time `json:"occurred_at"`
	By         string    `json:"by"`
	Through    string    `json:"through"`
}

// ChangeExport is a change of what is held about a person, as it is handed to them.
type ChangeExport struct {
	OccurredAt time.Time `json:"occurred_at"`
	By         string    `json:"by"`
	Action     string    `json:"action"`
}

// ActionExport is what an operator did or looked at, as it is handed to them. Of
// whom it was is not said: that is about somebody else (GDPR article 15(4)).
type ActionExport struct {
	OccurredAt  time.Time `json:"occurred_at"`
	WorkspaceID string    `json:"workspace_id"`
	Action      string    `json:"action"`
	TargetType  string    `json:"target_type"`
	Through     string    `json:"through"`
	People      int       `json:"people"`
	SessionID   string    `json:"session_id"`
	Network     string    `json:"network"`
	Browser     string    `json:"browser"`
	System      string    `json:"system"`
}

const (
	exportedActions = `
		SELECT e.workspace_id, e.id, e.actor_type, e.action, e.target_type, e.details, e.occurred_at, p.place_sealed FROM audit_entries e
		LEFT JOIN access_places p ON p.workspace_id = e.workspace_id AND p.position = e.position
		WHERE e.actor_id = $1 ORDER BY e.workspace_id, e.position`
	exportedReads = `
		SELECT e.actor_type, e.details, e.occurred_at
		FROM access_subjects s JOIN audit_entries e ON e.workspace_id = s.workspace_id AND e.position = s.position
		WHERE s.workspace_id = $1 AND s.contact_id = $2 ORDER BY s.position`
	exportedChanges = `
		SELECT e.actor_type, e.action, e.occurred_at FROM audit_entries e
		WHERE e.workspace_id = $1 AND e.target_id = $2 AND e.area <> 'access' ORDER BY e.position`
)

// ExportReads gives the reads of a person's data that are written, oldest first.
// [Log.Flush] writes those that are gathered.
func ExportReads(tx *storage.Tx, workspaceID, contactID string, each func(ReadExport) error) error {
	rows, err := tx.Query(exportedReads, workspaceID, contactID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r ReadExport
		var details []byte
		var at int64
		if err := rows.Scan(&r.By, &details, &at); err != nil {
			return err
		}
		var what struct{ Through string }
		_ = json.Unmarshal(details, &what) // what cannot be read is shown empty: verification says so
		r.Through, r.OccurredAt = what.Through, clock.FromMicros(at)
		if err := each(r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// ExportChanges gives what was done to a person's data, oldest first.
func ExportChanges(tx *storage.Tx, workspaceID, contactID string, each func(ChangeExport) error) error {
	rows, err := tx.Query(exportedChanges, workspaceID, contactID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var c ChangeExport
		var at int64
		if err := rows.Scan(&c.By, &c.Action, &at); err != nil {
			return err
		}
		c.OccurredAt = clock.FromMicros(at)
		if err := each(c); err != nil {
			return err
		}
	}
	return rows.Err()
}

// ExportActions gives what an operator did and looked at, in all workspaces, and from
// where they looked.
func (l *Log) ExportActions(ctx context.Context, tx *storage.Tx, operatorID string, each func(ActionExport) error) error {
	rows, err := tx.Query(exportedActions, operatorID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var a ActionExport
		var place []byte
		r := row{actorID: operatorID}
		if err := rows.Scan(&a.WorkspaceID, &r.id, &r.actorType, &r.action, &a.TargetType, &r.details, &r.occurredAt, &place); err != nil {
			return err
		}
		a.Action, a.OccurredAt = r.action, clock.FromMicros(r.occurredAt)
		if a.Action == accessArea {
			what := r.access() // what cannot be read is shown empty: verification says so
			a.Through, a.People, a.TargetType, a.SessionID = what.Through, len(what.Subjects), "contact", what.Session
			from, err := l.openPlace(ctx, a.WorkspaceID, &r, place)
			if err != nil {
				return err
			}
			if from != nil {
				a.Network, a.Browser, a.System = from.Network, from.Browser, from.System
			}
		}
		if err := each(a); err != nil {
			return err
		}
	}
	return rows.Err()
}
