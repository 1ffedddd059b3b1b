package boards

import (
	"context"
	"net/http"

	"github.com/botimum/botimum/internal/httpx"
)

type reactIn struct {
	httpx.ByID
	Reaction string `path:"reaction" maxLength:"64" doc:"thumbs_up, heart, party, smile, thinking or eyes."`
}

type reactionsOut struct{ Body httpx.List[Reaction] }

type participantsOut struct{ Body httpx.List[Author] }

// talkRoutes are what people do beside writing below a post.
func (s *Service) talkRoutes(r *httpx.Router, tag, read, write string) {
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/comments/{id}/reactions", ID: "listReactions", Tag: tag,
		Summary: "List who reacted to a comment", Permission: read}, s.listReactions)
	httpx.Handle(r, httpx.Route{Method: http.MethodPut, Path: "/api/v1/comments/{id}/reactions/{reaction}", ID: "react", Tag: tag, Status: http.StatusNoContent,
		Summary: "React to a comment, as the operator who is signed in", Permission: write,
		Description: "It may be repeated: each sort counts once a person. Keys do not react."}, s.react)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: "/api/v1/comments/{id}/reactions/{reaction}", ID: "unreact", Tag: tag, Status: http.StatusNoContent,
		Summary: "Take a reaction back", Permission: write}, s.unreact)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/posts/{id}/participants", ID: "listParticipants", Tag: tag,
		Summary: "List the people who took part in public under a post: those whom a comment may name", Permission: read}, s.listParticipants)
}

func (s *Service) react(ctx context.Context, in *reactIn) (*struct{}, error) {
	return nil, s.React(ctx, "", in.ID, in.Reaction)
}

func (s *Service) unreact(ctx context.Context, in *reactIn) (*struct{}, error) {
	return nil, s.Unreact(ctx, "", in.ID, in.Reaction)
}

func (s *Service) listReactions(ctx context.Context, in *underPostIn) (*reactionsOut, error) {
	scope := "reactions " + in.ID
	values, err := httpx.DecodeCursor(scope, in.Cursor, 3)
	if err != nil {
		return nil, err
	}
	var after ReactionAt
	if values != nil {
		after = ReactionAt{values[0], values[1], values[2]}
	}
	found, places, err := s.ReactionsOf(ctx, in.ID, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &reactionsOut{Body: httpx.ListOf(found, in.Limit, scope, func(Reaction) []string {
		at := places[min(in.Limit, len(places))-1]
		return []string{at.Reaction, at.Type, at.ID}
	})}, nil
}

func (s *Service) listParticipants(ctx context.Context, in *underPostIn) (*participantsOut, error) {
	scope := "participants " + in.ID
	after, err := idCursor(scope, in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Participants(ctx, in.ID, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &participantsOut{Body: httpx.ListOf(found, in.Limit, scope, func(a Author) []string { return []string{a.ID} })}, nil
}
