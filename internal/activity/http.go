package activity

import (
	"context"
	"net/http"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
)

// maxBody is how large a batch may be.
const maxBody = 4 << 20

// Tracking is one event, or a batch.
type Tracking struct {
	NewEvent
	Events []NewEvent `json:"events,omitempty" maxItems:"500" doc:"A batch instead, stored as a whole or not at all."`
}

// TrackedEvent is an event on the wire, where packages share one room of names.
type TrackedEvent Event

type trackIn struct {
	Body Tracking
}

type trackOut struct {
	Body struct {
		Data []TrackedEvent `json:"data" doc:"In the order in which they were sent."`
	}
}

// Routes mounts the route of the customer's code.
func (s *Service) Routes(r *httpx.Router) {
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/events", ID: "trackEvents", Tag: "Events", Status: http.StatusCreated,
		Summary: "Say what a contact did, or what many did", Permission: "events:write", MaxBody: maxBody,
		Description: "One event, or a batch as {\"events\":[…]} of at most 500. An event never makes a contact. With an Idempotency-Key a repeated request stores nothing more."}, s.post)
}

func (s *Service) post(ctx context.Context, in *trackIn) (*trackOut, error) {
	one := in.Body.NewEvent
	isOne := one.ContactID != "" || one.ExternalID != "" || one.Name != "" || one.Properties != nil || one.OccurredAt != nil || one.Basis != nil
	events := in.Body.Events
	switch {
	case events == nil:
		events, isOne = []NewEvent{one}, true
	case isOne:
		return nil, fault.Invalid("events", "cannot be sent together with an event of its own")
	case len(events) == 0:
		return nil, fault.Invalid("events", "needs at least one event")
	}
	done, err := s.Track(ctx, events, isOne)
	if err != nil {
		return nil, err
	}
	out := &trackOut{}
	out.Body.Data = make([]TrackedEvent, len(done))
	for i, e := range done {
		out.Body.Data[i] = TrackedEvent(e)
		httpx.NoteContact(ctx, e.ContactID)
	}
	return out, nil
}
