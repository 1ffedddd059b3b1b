package boards

import (
	"context"
	"net/http"

	"github.com/botimum/botimum/internal/httpx"
)

type similarIn struct {
	httpx.ByID
	Body struct {
		Title string `json:"title" minLength:"1" maxLength:"200" doc:"Of a post that somebody is about to write."`
	}
}

func (s *Service) similarRoutes(r *httpx.Router, tag, read string) {
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/boards/{id}/similar", ID: "similarPosts", Tag: tag, Reads: true,
		Summary: "Find the posts that a title may mean", Permission: read,
		Description: "At most five published ones, the most alike first; typos are forgiven. Nothing is stored."}, s.similarPosts)
}

func (s *Service) similarPosts(ctx context.Context, in *similarIn) (*postsOut, error) {
	found, err := s.Similar(ctx, in.ID, in.Body.Title)
	if err != nil {
		return nil, err
	}
	return &postsOut{Body: httpx.List[Post]{Data: found}}, nil
}
