package boards

import (
	"context"
	"net/http"
	"strconv"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
)

type allPendingIn struct{ httpx.Paging }

type pendingOut struct{ Body httpx.List[PendingItem] }

type decideAllIn struct{ Body Decision }

type decideIn struct {
	httpx.ByID
	Body Decision
}

func (s *Service) pendingRoutes(r *httpx.Router, tag, read, write string) {
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/boards/{id}/pending", ID: "listPending", Tag: tag,
		Summary: "List the posts and comments of a board that wait for a decision, oldest first", Permission: read}, s.listPending)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/board-pending", ID: "listAllPending", Tag: tag,
		Summary: "List what waits for a decision on all boards, oldest first", Permission: read}, s.listAllPending)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/boards/{id}/pending/bulk", ID: "decidePending", Tag: tag,
		Summary: "Publish or remove what waits on a board, or block who wrote it", Permission: write,
		Description: "Each for itself: the answer says what became of each."}, s.decidePending)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/board-pending/bulk", ID: "decideAllPending", Tag: tag,
		Summary: "Publish or remove what waits on any board, or block who wrote it", Permission: write,
		Description: "Each for itself: the answer says what became of each."}, s.decideAllPending)
}

func (s *Service) listPending(ctx context.Context, in *underBoardIn) (*pendingOut, error) {
	return s.pendingPage(ctx, in.ID, in.Paging)
}

func (s *Service) listAllPending(ctx context.Context, in *allPendingIn) (*pendingOut, error) {
	return s.pendingPage(ctx, "", in.Paging)
}

func (s *Service) pendingPage(ctx context.Context, boardID string, p httpx.Paging) (*pendingOut, error) {
	scope := "pending " + boardID
	values, err := httpx.DecodeCursor(scope, p.Cursor, 2)
	if err != nil {
		return nil, err
	}
	var after *PendingAt
	if values != nil {
		at, err := strconv.ParseInt(values[0], 10, 64)
		if err != nil {
			return nil, fault.Malformed("The cursor is not one of this list. Start again without a cursor.")
		}
		after = &PendingAt{at, values[1]}
	}
	found, places, err := s.PendingItems(ctx, boardID, after, p.Limit+1)
	if err != nil {
		return nil, err
	}
	at := make(map[string]PendingAt, len(places))
	for _, place := range places {
		at[place.ID] = place
	}
	return &pendingOut{Body: httpx.ListOf(found, p.Limit, scope, func(i PendingItem) []string {
		return []string{strconv.FormatInt(at[i.ID].CreatedAt, 10), i.ID}
	})}, nil
}

func (s *Service) decidePending(ctx context.Context, in *decideIn) (*bulkPostsOut, error) {
	return s.decided(s.Decide(ctx, in.ID, in.Body))
}

func (s *Service) decideAllPending(ctx context.Context, in *decideAllIn) (*bulkPostsOut, error) {
	return s.decided(s.Decide(ctx, "", in.Body))
}

func (s *Service) decided(results []BulkResult, err error) (*bulkPostsOut, error) {
	if err != nil {
		return nil, err
	}
	out := &bulkPostsOut{}
	out.Body.Results = results
	return out, nil
}
