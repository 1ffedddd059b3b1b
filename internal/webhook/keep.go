package webhook

import (
	"slices"
	"strings"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
)

const selectNeeded = `
	SELECT COALESCE(MIN(first), 0) FROM (
		SELECT MIN(reached) + 1 AS first FROM webhook_endpoints WHERE workspace_id = $1
		UNION ALL SELECT MIN(sequence) FROM webhook_deliveries WHERE workspace_id = $1 AND state = 'waiting') needed`

// Needs gives the number of the first event that an endpoint, on or off, has not had
// yet; 0 if there is no endpoint.
func (s *Service) Needs(tx *storage.Tx, workspaceID string) (first int64, err error) {
	err = tx.QueryRow(selectNeeded, workspaceID).Scan(&first)
	return first, err
}

const selectBehind = `SELECT id, reached, event_types FROM webhook_endpoints WHERE workspace_id = $1 AND reached < $2 ORDER BY id`

// Whoever delivers at this moment has moved on, and is left alone.
const skipTo = `UPDATE webhook_endpoints SET reached = $1 WHERE workspace_id = $2 AND id = $3 AND reached < $1`

const dropUpTo = `
	UPDATE webhook_deliveries SET state = 'dropped', error = 'event_removed', finished_at = $1 WHERE workspace_id = $2 AND state = 'waiting' AND sequence <= $3`

// PassOver notes in the log of deliveries, as dropped, what goes without having been
// told: events up to a number.
func (s *Service) PassOver(tx *storage.Tx, workspaceID string, through int64) error {
	behind, err := readBehind(tx, workspaceID, through)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	for _, e := range behind {
		for after := e.reached; after < through; {
			events, err := live.After(tx, workspaceID, after, planned)
			if err != nil {
				return err
			}
			if len(events) == 0 {
				break
			}
			after = events[len(events)-1].Sequence
			events = slices.DeleteFunc(events, func(v live.Event) bool { return v.Sequence > through || !slices.Contains(e.types, v.Type) })
			if err := s.insertPlanned(tx, endpointKey{workspaceID: workspaceID, id: e.id}, events, now); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(skipTo, through, workspaceID, e.id); err != nil {
			return err
		}
	}
	_, err = tx.Exec(dropUpTo, clock.Micros(now), workspaceID, through)
	return err
}

type behind struct {
	id      string
	reached int64
	types   []string
}

func readBehind(tx *storage.Tx, workspaceID string, through int64) ([]behind, error) {
	rows, err := tx.Query(selectBehind, workspaceID, through)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []behind
	for rows.Next() {
		var b behind
		var types string
		if err := rows.Scan(&b.id, &b.reached, &types); err != nil {
			return nil, err
		}
		b.types = strings.Fields(types)
		all = append(all, b)
	}
	return all, rows.Err()
}
