package inbox

import (
	"context"

	"github.com/botimum/botimum/internal/httpx"
)

type ofCompanyIn struct {
	httpx.ByID
	httpx.Paging
}

func (s *Service) ofCompany(ctx context.Context, in *ofCompanyIn) (*listOut, error) {
	scope := "company conversations " + in.ID
	after, err := DecodeAt(scope, in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.OfCompany(ctx, in.ID, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &listOut{Body: httpx.ListOf(found, in.Limit, scope, EncodeAt)}, nil
}
