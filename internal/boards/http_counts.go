package boards

import (
	"context"
	"net/http"

	"github.com/botimum/botimum/internal/httpx"
)

type countsOut struct{ Body BoardCounts }

func (s *Service) countRoutes(r *httpx.Router, tag, read string) {
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/boards/{id}/counts", ID: "countBoard", Tag: tag,
		Summary: "Count a board's posts and votes, by status", Permission: read}, s.countBoard)
}

func (s *Service) countBoard(ctx context.Context, in *httpx.ByID) (*countsOut, error) {
	counts, err := s.Counts(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &countsOut{Body: counts}, nil
}
