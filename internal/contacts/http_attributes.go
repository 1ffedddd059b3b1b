package contacts

import (
	"context"
	"time"

	"github.com/botimum/botimum/internal/httpx"
)

type attributesOut struct {
	Body Attributes
}

type attributeOut struct {
	ETag string `header:"ETag"`
	Body Attribute
}

type declareIn struct {
	Body NewAttribute
}

// ByKey is the path of what an attribute is about.
type ByKey struct {
	Key string `path:"key" maxLength:"64" doc:"The attribute's key."`
}

type changeAttributeIn struct {
	ByKey
	IfMatch string `header:"If-Match"`
	Body    AttributeChange
}

func (s *Service) getAttributes(ctx context.Context, _ *struct{}) (*attributesOut, error) {
	all, err := s.Attributes(ctx)
	return &attributesOut{Body: all}, err
}

func attributeAnswer(a Attribute, err error) (*attributeOut, error) {
	if err != nil {
		return nil, err
	}
	return &attributeOut{ETag: httpx.ETag(a.UpdatedAt), Body: a}, nil
}

func (s *Service) postAttribute(ctx context.Context, in *declareIn) (*attributeOut, error) {
	return attributeAnswer(s.DeclareAttribute(ctx, in.Body))
}

func (s *Service) getAttribute(ctx context.Context, in *ByKey) (*attributeOut, error) {
	return attributeAnswer(s.Attribute(ctx, in.Key))
}

func (s *Service) patchAttribute(ctx context.Context, in *changeAttributeIn) (*attributeOut, error) {
	return attributeAnswer(s.ChangeAttribute(ctx, in.Key, in.Body, func(updated time.Time) error { return httpx.CheckMatch(in.IfMatch, updated) }))
}

func (s *Service) deleteAttribute(ctx context.Context, in *ByKey) (*struct{}, error) {
	return nil, s.RemoveAttribute(ctx, in.Key)
}
