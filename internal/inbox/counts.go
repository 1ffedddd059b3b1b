package inbox

import (
	"context"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
)

// Counts says how many conversations there are of each sort. A count never goes
// beyond [CountLimit], so that counting costs the same in every workspace.
type Counts struct {
	Open       int64 `json:"open"`
	Pending    int64 `json:"pending"`
	Snoozed    int64 `json:"snoozed"`
	Resolved   int64 `json:"resolved"`
	Unread     int64 `json:"unread" doc:"Open conversations with messages that no operator has read."`
	Mine       int64 `json:"mine" doc:"Open conversations assigned to the caller."`
	Unassigned int64 `json:"unassigned" doc:"Open conversations assigned to nobody."`
}

// CountLimit is where counting ends: a screen shows it as "999+".
const CountLimit = 1000

const countState = `
	SELECT COUNT(*) FROM (SELECT 1 FROM conversations WHERE workspace_id = $1 AND state = $2 LIMIT $3) n`

const countOpen = `
	SELECT COUNT(*), COUNT(CASE WHEN n.unread_count > 0 THEN 1 END), COUNT(CASE WHEN n.assignee_id = $1 THEN 1 END),
		COUNT(CASE WHEN n.assignee_id IS NULL THEN 1 END)
	FROM (SELECT unread_count, assignee_id FROM conversations WHERE workspace_id = $2 AND state = 'open' LIMIT $3) n`

// Count gives the counts for the actor.
func (s *Service) Count(ctx context.Context) (Counts, error) {
	a := actor.From(ctx)
	var c Counts
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		if err := tx.QueryRow(countOpen, a.ID, a.WorkspaceID, CountLimit).Scan(&c.Open, &c.Unread, &c.Mine, &c.Unassigned); err != nil {
			return err
		}
		for state, n := range map[string]*int64{StatePending: &c.Pending, StateSnoozed: &c.Snoozed, StateResolved: &c.Resolved} {
			if err := tx.QueryRow(countState, a.WorkspaceID, state, CountLimit).Scan(n); err != nil {
				return err
			}
		}
		return nil
	})
	return c, fault.Wrap("inbox.Count", err)
}

const selectDue = `
	SELECT workspace_id, id, contact_id FROM conversations
	WHERE snoozed_until IS NOT NULL AND snoozed_until <= $1
	  AND (SELECT c.restricted_at FROM contacts c WHERE c.workspace_id = conversations.workspace_id AND c.id = conversations.contact_id) IS NULL
	ORDER BY snoozed_until LIMIT $2`

const wake = `
	UPDATE conversations SET state = 'open', snoozed_until = NULL, activity_at = $1, updated_at = $1
	WHERE workspace_id = $2 AND id = $3 AND state = 'snoozed' AND snoozed_until <= $1`

// WakeSnoozed opens conversations whose time has come, at most limit, and says
// how many. It belongs to the server's housekeeping and so spans workspaces. Those of
// restricted people wait until that is lifted.
func (s *Service) WakeSnoozed(ctx context.Context, now time.Time, limit int) (int, error) {
	woken := 0
	err := s.DB.Write(ctx, func(tx *storage.Tx) error {
		woken = 0
		due, err := dueConversations(tx, now, limit)
		if err != nil {
			return err
		}
		for _, d := range due {
			if err := lock(tx, d.id); err != nil {
				return err
			}
			n, err := tx.Exec(wake, clock.Micros(now), d.workspaceID, d.id)
			if err != nil {
				return err
			}
			if n > 0 {
				woken++
				s.changed(tx, actor.Actor{Type: actor.System, WorkspaceID: d.workspaceID}, live.ConversationReopened, d.id, d.contactID, StateOpen, now)
			}
		}
		return nil
	})
	return woken, fault.Wrap("inbox.WakeSnoozed", err)
}

type dueConversation struct{ workspaceID, id, contactID string }

func dueConversations(tx *storage.Tx, now time.Time, limit int) ([]dueConversation, error) {
	rows, err := tx.Query(selectDue, clock.Micros(now), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []dueConversation
	for rows.Next() {
		var d dueConversation
		if err := rows.Scan(&d.workspaceID, &d.id, &d.contactID); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, rows.Err()
}
