package webhook

import (
	"context"
	"net/http"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/httpx"
)

const (
	tag         = "Webhooks"
	read, write = "webhooks:read", "webhooks:write"
)

// Routes mounts the routes of webhooks.
func (s *Service) Routes(r *httpx.Router) {
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/webhook-event-types", ID: "listWebhookEventTypes", Tag: tag,
		Summary: "The types of events that endpoints can be told of", Permission: read}, s.listTypes)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/webhook-endpoints", ID: "listWebhookEndpoints", Tag: tag,
		Summary: "List endpoints, newest first", Permission: read}, s.list)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/webhook-endpoints", ID: "createWebhookEndpoint", Tag: tag, Status: http.StatusCreated,
		Summary: "Add an endpoint", Description: "The answer holds the secret that signs deliveries. It is not shown again.", Permission: write}, s.create)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/webhook-endpoints/{id}", ID: "getWebhookEndpoint", Tag: tag,
		Summary: "Get an endpoint", Permission: read}, s.get)
	httpx.Handle(r, httpx.Route{Method: http.MethodPatch, Path: "/api/v1/webhook-endpoints/{id}", ID: "updateWebhookEndpoint", Tag: tag,
		Summary: "Change an endpoint's address or types, or switch it on or off", Permission: write}, s.update)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: "/api/v1/webhook-endpoints/{id}", ID: "deleteWebhookEndpoint", Tag: tag, Status: http.StatusNoContent,
		Summary: "Remove an endpoint with its deliveries", Permission: write}, s.remove)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/webhook-endpoints/{id}/secret", ID: "rotateWebhookSecret", Tag: tag,
		Summary: "Give an endpoint a new secret", Description: "For the overlap, deliveries are signed with the old one, too. The secret is not shown again.", Permission: write}, s.rotate)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/webhook-endpoints/{id}/test", ID: "testWebhookEndpoint", Tag: tag,
		Summary: "Send an endpoint a test, and say what came of it", Permission: write}, s.test)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/webhook-deliveries", ID: "listWebhookDeliveries", Tag: tag,
		Summary: "List deliveries, newest first", Permission: read}, s.listDeliveries)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/webhook-deliveries/{id}/replay", ID: "replayWebhookDelivery", Tag: tag,
		Summary: "Send a delivery again", Description: "With the same webhook-id, so that a receiver that has it can tell.", Permission: write}, s.replay)
}

type typesOut struct {
	Body httpx.List[EventType]
}

func (s *Service) listTypes(ctx context.Context, _ *struct{}) (*typesOut, error) {
	return &typesOut{Body: httpx.List[EventType]{Data: EventTypes(actor.From(ctx))}}, nil
}

type endpointsOut struct {
	Body httpx.List[Endpoint]
}

func (s *Service) list(ctx context.Context, in *httpx.Paging) (*endpointsOut, error) {
	scope := "webhook_endpoints " + actor.From(ctx).WorkspaceID
	before, err := beginning(scope, in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.List(ctx, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &endpointsOut{Body: httpx.ListOf(found, in.Limit, scope, func(e Endpoint) []string { return []string{e.ID} })}, nil
}

// beginning reads a list's cursor.
func beginning(scope, cursor string) (before string, err error) {
	values, err := httpx.DecodeCursor(scope, cursor, 1)
	if err != nil || values == nil {
		return "", err
	}
	return values[0], nil
}

type createIn struct {
	Body NewEndpoint
}

type createdOut struct {
	ETag string `header:"ETag"`
	Body struct {
		Endpoint
		Secret string `json:"secret" doc:"Signs deliveries; shown here and never again." example:"whsec_…"`
	}
}

func (s *Service) create(ctx context.Context, in *createIn) (*createdOut, error) {
	e, secret, err := s.Create(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	out := &createdOut{ETag: httpx.ETag(e.UpdatedAt)}
	out.Body.Endpoint, out.Body.Secret = e, secret
	return out, nil
}

type endpointOut struct {
	ETag string `header:"ETag"`
	Body Endpoint
}

func answer(e Endpoint, err error) (*endpointOut, error) {
	if err != nil {
		return nil, err
	}
	return &endpointOut{ETag: httpx.ETag(e.UpdatedAt), Body: e}, nil
}

func (s *Service) get(ctx context.Context, in *httpx.ByID) (*endpointOut, error) {
	return answer(s.Get(ctx, in.ID))
}

type updateIn struct {
	httpx.ByID
	IfMatch string `header:"If-Match"`
	Body    Change
}

func (s *Service) update(ctx context.Context, in *updateIn) (*endpointOut, error) {
	return answer(s.Update(ctx, in.ID, in.Body, func(updated time.Time) error { return httpx.CheckMatch(in.IfMatch, updated) }))
}

func (s *Service) remove(ctx context.Context, in *httpx.ByID) (*struct{}, error) {
	return nil, s.Delete(ctx, in.ID)
}

type rotateIn struct {
	httpx.ByID
	Body struct {
		OverlapHours int `json:"overlap_hours,omitempty" minimum:"0" maximum:"168" default:"24" doc:"For how long the old secret signs, too."`
	}
}

type rotatedOut struct {
	Body struct {
		Secret         string    `json:"secret"`
		OldSecretUntil time.Time `json:"old_secret_until"`
	}
}

func (s *Service) rotate(ctx context.Context, in *rotateIn) (*rotatedOut, error) {
	secret, until, err := s.RotateSecret(ctx, in.ID, time.Duration(in.Body.OverlapHours)*time.Hour)
	if err != nil {
		return nil, err
	}
	out := &rotatedOut{}
	out.Body.Secret, out.Body.OldSecretUntil = secret, until
	return out, nil
}

type testOut struct {
	Body Outcome
}

func (s *Service) test(ctx context.Context, in *httpx.ByID) (*testOut, error) {
	o, err := s.Test(ctx, in.ID)
	return &testOut{Body: o}, err
}

type deliveriesIn struct {
	httpx.Paging
	EndpointID string `query:"endpoint_id" maxLength:"64"`
	State      string `query:"state" enum:"waiting,delivered,failed,dropped"`
}

type deliveriesOut struct {
	Body httpx.List[Delivery]
}

func (s *Service) listDeliveries(ctx context.Context, in *deliveriesIn) (*deliveriesOut, error) {
	scope := "webhook_deliveries " + actor.From(ctx).WorkspaceID
	before, err := beginning(scope, in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Deliveries(ctx, Filter{EndpointID: in.EndpointID, State: in.State}, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &deliveriesOut{Body: httpx.ListOf(found, in.Limit, scope, func(d Delivery) []string { return []string{d.ID} })}, nil
}

type deliveryOut struct {
	Body Delivery
}

func (s *Service) replay(ctx context.Context, in *httpx.ByID) (*deliveryOut, error) {
	d, err := s.Replay(ctx, in.ID)
	return &deliveryOut{Body: d}, err
}
