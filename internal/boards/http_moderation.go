package boards

import (
	"context"
	"net/http"

	"github.com/botimum/botimum/internal/httpx"
)

type moderationOut struct{ Body Moderation }

type setModerationIn struct {
	httpx.ByID
	Body ModerationChange
}

func (s *Service) moderationRoutes(r *httpx.Router, tag, read, write string) {
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/boards/{id}/moderation", ID: "getModeration", Tag: tag,
		Summary: "Get what a board does against spam", Permission: read}, s.getModeration)
	httpx.Handle(r, httpx.Route{Method: http.MethodPatch, Path: "/api/v1/boards/{id}/moderation", ID: "setModeration", Tag: tag,
		Summary: "Change what a board does against spam", Permission: write}, s.setModeration)
}

func (s *Service) getModeration(ctx context.Context, in *httpx.ByID) (*moderationOut, error) {
	m, err := s.Moderation(ctx, in.ID)
	return &moderationOut{m}, err
}

func (s *Service) setModeration(ctx context.Context, in *setModerationIn) (*moderationOut, error) {
	m, err := s.SetModeration(ctx, in.ID, in.Body)
	return &moderationOut{m}, err
}
