package boards

import (
	"context"
	"net/http"

	"github.com/botimum/botimum/internal/httpx"
)

type historyOut struct{ Body httpx.List[PostEdit] }

type underBoardIn struct {
	httpx.ByID
	httpx.Paging
}

type postTagsOut struct{ Body httpx.List[PostTag] }

type bulkPostsIn struct {
	httpx.ByID
	Body BulkChange
}

type bulkPostsOut struct {
	Body struct {
		Results []BulkResult `json:"results" doc:"In the order in which they were asked for."`
	}
}

type roadmapIn struct {
	httpx.ByID
	Limit int `query:"limit" minimum:"1" maximum:"50" default:"20" doc:"How many posts of each status."`
}

type roadmapOut struct {
	Body struct {
		Columns []RoadmapColumn `json:"columns"`
	}
}

// triageRoutes are what operators sort posts with.
func (s *Service) triageRoutes(r *httpx.Router, tag, read, write string) {
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/posts/{id}/history", ID: "listPostHistory", Tag: tag,
		Summary: "List what was changed of a post, newest first", Permission: read}, s.listHistory)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/boards/{id}/tags", ID: "listPostTags", Tag: tag,
		Summary: "List the tags of a board's posts", Permission: read}, s.listPostTags)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/boards/{id}/posts/bulk", ID: "changePosts", Tag: tag,
		Summary: "Change several posts at once", Permission: write,
		Description: "Each for itself: the answer says what became of each."}, s.bulkPosts)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/boards/{id}/roadmap", ID: "getRoadmap", Tag: tag,
		Summary: "Get a board's posts by status", Permission: read}, s.getRoadmap)
}

func (s *Service) listHistory(ctx context.Context, in *underPostIn) (*historyOut, error) {
	scope := "history " + in.ID
	before, err := idCursor(scope, in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.History(ctx, in.ID, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &historyOut{Body: httpx.ListOf(found, in.Limit, scope, func(e PostEdit) []string { return []string{e.ID} })}, nil
}

func (s *Service) listPostTags(ctx context.Context, in *underBoardIn) (*postTagsOut, error) {
	scope := "tags " + in.ID
	after, err := idCursor(scope, in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.PostTags(ctx, in.ID, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &postTagsOut{Body: httpx.ListOf(found, in.Limit, scope, func(t PostTag) []string { return []string{t.Tag} })}, nil
}

func (s *Service) bulkPosts(ctx context.Context, in *bulkPostsIn) (*bulkPostsOut, error) {
	results, err := s.ChangePosts(ctx, in.ID, in.Body)
	if err != nil {
		return nil, err
	}
	out := &bulkPostsOut{}
	out.Body.Results = results
	return out, nil
}

func (s *Service) getRoadmap(ctx context.Context, in *roadmapIn) (*roadmapOut, error) {
	columns, err := s.Roadmap(ctx, in.ID, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &roadmapOut{}
	out.Body.Columns = columns
	return out, nil
}
