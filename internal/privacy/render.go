package privacy

import (
	"context"
	"encoding/json"

	"github.com/botimum/botimum/internal/live"
)

// Render gives the data of consent events for the live stream, the same for
// operators and for the person.
func (s *Service) Render(_ context.Context, events []live.Event) (operator, contact [][]byte, err error) {
	operator = make([][]byte, len(events))
	for i, e := range events {
		operator[i], err = json.Marshal(map[string]string{"contact_id": e.ContactID, "consent_id": e.ObjectID, "purpose": e.Details["purpose"]})
		if err != nil {
			return nil, nil, err
		}
	}
	return operator, operator, nil
}
