package boards

import (
	"context"
	"net/http"
	"strconv"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
)

type contributionsIn struct {
	httpx.ByID
	httpx.Paging
}

type contributionsOut struct{ Body httpx.List[Contribution] }

type agreementsIn struct {
	ConversationID string `query:"conversation_id" maxLength:"64" doc:"Those of one conversation."`
	PostID         string `query:"post_id" maxLength:"64" doc:"Those to one post."`
}

type agreementsOut struct{ Body httpx.List[Agreed] }

func (s *Service) agreementRoutes(r *httpx.Router, tag, read string) {
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/contacts/{id}/contributions", ID: "listContributions", Tag: tag,
		Summary: "List what a contact wrote on boards and voted for, newest first", Permission: read}, s.listContributions)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/board-agreements", ID: "listAgreements", Tag: tag,
		Summary: "List the posts and votes to which people agreed, of a conversation or a post", Permission: read,
		Description: "Posts and votes that somebody else wrote down for a contact can carry the note that they agreed, and where. Give conversation_id or post_id."}, s.listAgreements)
}

func (s *Service) listContributions(ctx context.Context, in *contributionsIn) (*contributionsOut, error) {
	scope := "contributions " + in.ID + " " + actor.From(ctx).WorkspaceID
	values, err := httpx.DecodeCursor(scope, in.Cursor, 2)
	if err != nil {
		return nil, err
	}
	var before Since
	if values != nil {
		at, err := strconv.ParseInt(values[0], 10, 64)
		if err != nil {
			return nil, fault.Malformed("The cursor is not one of this list. Start again without a cursor.")
		}
		before = Since{clock.FromMicros(at), values[1]}
	}
	found, err := s.Contributions(ctx, in.ID, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &contributionsOut{Body: httpx.ListOf(found, in.Limit, scope, func(c Contribution) []string {
		return []string{strconv.FormatInt(clock.Micros(c.CreatedAt), 10), c.ID}
	})}, nil
}

func (s *Service) listAgreements(ctx context.Context, in *agreementsIn) (*agreementsOut, error) {
	var found []Agreed
	var err error
	switch {
	case (in.ConversationID == "") == (in.PostID == ""):
		err = fault.Invalid("conversation_id", "give either conversation_id or post_id")
	case in.PostID != "":
		found, err = s.AgreementsTo(ctx, in.PostID)
	default:
		found, err = s.AgreementsIn(ctx, in.ConversationID)
	}
	if err != nil {
		return nil, err
	}
	return &agreementsOut{Body: httpx.ListOf(found, mostAgreements, "", nil)}, nil
}
