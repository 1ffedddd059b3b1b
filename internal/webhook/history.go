package webhook

import (
	"context"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
)

// Filter narrows a list of deliveries; what is empty does not.
type Filter struct{ EndpointID, State string }

// Deliveries lists deliveries of the context's workspace, newest first: those
// before an id ("" for the first page), at most limit.
func (s *Service) Deliveries(ctx context.Context, f Filter, before string, limit int) ([]Delivery, error) {
	if before == "" {
		before = "~"
	}
	a := actor.From(ctx)
	var found []Delivery
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if f.EndpointID != "" {
			if _, err := loadEndpoint(tx, a.WorkspaceID, f.EndpointID); err != nil {
				return err
			}
		}
		query, args := deliveryQuery(a.WorkspaceID, before, f, limit)
		found, err = scanDeliveries(tx.Query(query, args...))
		return err
	})
	return found, fault.Wrap("webhook.Deliveries", err)
}

// Replay has a delivery sent again, with the same webhook-id, as if it were new.
func (s *Service) Replay(ctx context.Context, deliveryID string) (Delivery, error) {
	a, now := actor.From(ctx), s.Clock.Now()
	var d Delivery
	err := s.DB.Write(ctx, func(tx *storage.Tx) error {
		found, err := scanDeliveries(tx.Query(selectDelivery+`id = $2`, a.WorkspaceID, deliveryID))
		if err == nil && len(found) == 0 {
			err = fault.NotFound("delivery")
		}
		if err != nil {
			return err
		}
		endpoint, err := loadEndpoint(tx, a.WorkspaceID, found[0].EndpointID)
		if err != nil {
			return err
		}
		if endpoint.state == Off {
			return fault.Conflict("endpoint_off", "The endpoint is switched off. Switch it on first; what waits then goes out.")
		}
		if _, err := live.At(tx, a.WorkspaceID, found[0].Sequence); fault.Is(err, fault.KindNotFound) {
			return fault.Conflict("event_removed", "The event is past the term for which events are kept, so there is nothing left to send.")
		} else if err != nil {
			return err
		}
		if _, err := tx.Exec(replayDelivery, clock.Micros(now), a.WorkspaceID, deliveryID); err != nil {
			return err
		}
		d = found[0]
		d.State, d.Attempts, d.NextAttemptAt = Waiting, 0, &now
		return s.record(tx, a, "webhook_delivery.replayed", d.ID, map[string]string{"endpoint": d.EndpointID})
	})
	if err == nil {
		s.look()
	}
	return d, fault.Wrap("webhook.Replay", err)
}
