package live

import (
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
)

// EventExport is something that happened about a person, as it is handed to them.
type EventExport struct {
	OccurredAt time.Time `json:"occurred_at"`
	Type       string    `json:"type"`
	By         string    `json:"by"`
}

const exportedEvents = `
	SELECT type, actor_type, occurred_at FROM events
	WHERE workspace_id = $1 AND contact_id = $2 AND type <> 'message.created' ORDER BY sequence`

// ExportEvents gives what happened about a person, oldest first; but not each
// message, which is told as a message.
func ExportEvents(tx *storage.Tx, workspaceID, contactID string, each func(EventExport) error) error {
	rows, err := tx.Query(exportedEvents, workspaceID, contactID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var e EventExport
		var at int64
		if err := rows.Scan(&e.Type, &e.By, &at); err != nil {
			return err
		}
		e.OccurredAt = clock.FromMicros(at)
		if err := each(e); err != nil {
			return err
		}
	}
	return rows.Err()
}
