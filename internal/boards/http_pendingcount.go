package boards

import (
	"context"
	"net/http"

	"github.com/botimum/botimum/internal/httpx"
)

type pendingCountsOut struct {
	Body struct {
		Total  int64          `json:"total"`
		Boards []PendingCount `json:"boards" doc:"Those on which something waits."`
	}
}

func (s *Service) pendingCountRoutes(r *httpx.Router, tag, read string) {
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/board-pending/counts", ID: "countPending", Tag: tag,
		Summary: "Count what waits for a decision, by board", Permission: read}, s.countPending)
}

func (s *Service) countPending(ctx context.Context, _ *struct{}) (*pendingCountsOut, error) {
	found, err := s.PendingCounts(ctx)
	if err != nil {
		return nil, err
	}
	out := &pendingCountsOut{}
	out.Body.Boards = append([]PendingCount{}, found...)
	for _, c := range found {
		out.Body.Total += c.Posts + c.Comments
	}
	return out, nil
}
