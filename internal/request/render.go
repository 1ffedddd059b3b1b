package request

import (
	"context"
	"encoding/json"
	"time"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
)

// Render gives the data of request events for the live stream, the same for
// operators and for the person: ids, what and when, and no words.
func (s *Service) Render(ctx context.Context, events []live.Event) (operator, contact [][]byte, err error) {
	operator = make([][]byte, len(events))
	for i, e := range events {
		data := map[string]any{"request_id": e.ObjectID, "contact_id": e.ContactID, "kind": e.Details["kind"], "state": e.Details["state"]}
		for _, optional := range []string{"level", "reason", "receipt", "until"} {
			if v := e.Details[optional]; v != "" {
				data[optional] = v
			}
		}
		r, err := s.load(ctx, e.WorkspaceID, e.ObjectID)
		if err == nil {
			data["due_at"], data["legal_due_at"] = r.due.Format(time.RFC3339Nano), r.legalDue().Format(time.RFC3339Nano)
		} else if !fault.Is(err, fault.KindNotFound) {
			return nil, nil, err
		}
		if operator[i], err = json.Marshal(data); err != nil {
			return nil, nil, err
		}
	}
	return operator, operator, nil
}
