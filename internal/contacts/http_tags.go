package contacts

import (
	"context"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/httpx"
)

type contactTagsOut struct {
	Body httpx.List[ContactTag]
}

type tagIn struct {
	httpx.ByID
	Tag string `path:"tag" maxLength:"400" doc:"1 to 50 letters, digits, spaces, - or _. It is stored in lower case."`
}

// TagsOfContact are the tags that somebody has.
type TagsOfContact struct {
	Tags []string `json:"tags"`
}

type tagOut struct {
	Body TagsOfContact
}

func (s *Service) getTags(ctx context.Context, in *httpx.Paging) (*contactTagsOut, error) {
	scope := "contact-tags " + actor.From(ctx).WorkspaceID
	cursor, err := httpx.DecodeCursor(scope, in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	after := ""
	if cursor != nil {
		after = cursor[0]
	}
	found, err := s.Tags(ctx, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &contactTagsOut{Body: httpx.ListOf(found, in.Limit, scope, func(t ContactTag) []string { return []string{t.Tag} })}, nil
}

func (s *Service) putTag(ctx context.Context, in *tagIn) (*tagOut, error) {
	tags, err := s.SetTag(ctx, in.ID, in.Tag, true)
	return &tagOut{Body: TagsOfContact{tags}}, err
}

func (s *Service) deleteTag(ctx context.Context, in *tagIn) (*tagOut, error) {
	tags, err := s.SetTag(ctx, in.ID, in.Tag, false)
	return &tagOut{Body: TagsOfContact{tags}}, err
}
