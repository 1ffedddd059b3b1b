package contacts

import (
	"database/sql"
	"fmt"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
)

// Figures are what a list of companies tells of one's people.
type Figures struct {
	People   int64
	LastSeen time.Time // the zero time where none was ever there
}

const selectFigures = `
	SELECT company_id, COUNT(*), COALESCE(MAX(last_seen_at), 0) FROM contacts
	WHERE company_id IN (VALUES %s) AND company_id IS NOT NULL AND workspace_id = $%d AND deleted_at IS NULL AND merged_into IS NULL GROUP BY company_id`

// FiguresOf gives the figures of some companies; of one without people there are none.
func FiguresOf(tx *storage.Tx, workspaceID string, companyIDs []string) (map[string]Figures, error) {
	out := map[string]Figures{}
	for from, to := range storage.Chunks(len(companyIDs), 1) {
		args := make([]any, 0, to-from+1)
		for _, one := range companyIDs[from:to] {
			args = append(args, one)
		}
		rows, err := tx.Query(fmt.Sprintf(selectFigures, storage.Values(to-from, 1), to-from+1), append(args, workspaceID)...)
		if err != nil {
			return nil, err
		}
		if err := scanFigures(rows, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func scanFigures(rows *sql.Rows, into map[string]Figures) error {
	defer rows.Close()
	for rows.Next() {
		var id string
		var f Figures
		var seen int64
		if err := rows.Scan(&id, &f.People, &seen); err != nil {
			return err
		}
		f.LastSeen = clock.FromMicros(seen)
		into[id] = f
	}
	return rows.Err()
}
