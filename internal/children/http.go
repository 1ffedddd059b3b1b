package children

import (
	"context"
	"net/http"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/httpx"
)

type agesOut struct {
	Body httpx.List[Age]
}

type listIn struct {
	httpx.Paging
	ContactID string `query:"contact_id" maxLength:"64" doc:"Only of this contact."`
}

type listOut struct {
	Body httpx.List[ParentalConsent]
}

// Routes mounts the operators' routes.
func (s *Service) Routes(r *httpx.Router) {
	const tag = "Privacy"
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/privacy/ages", ID: "listAges", Tag: tag,
		Summary: "From which age somebody consents alone, by country, with the law that says so", Permission: "privacy:read"}, s.listAges)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/privacy/parental-consents", ID: "listParentalConsents", Tag: tag,
		Summary: "What parents were asked and agreed to, newest first", Permission: "privacy:read"}, s.list)
}

func (s *Service) listAges(context.Context, *struct{}) (*agesOut, error) {
	return &agesOut{Body: httpx.List[Age]{Data: Ages()}}, nil
}

func (s *Service) list(ctx context.Context, in *listIn) (*listOut, error) {
	scope := "parental consents " + actor.From(ctx).WorkspaceID
	cursor, err := httpx.DecodeCursor(scope, in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	if in.ContactID != "" {
		found, err := s.OfContact(ctx, in.ContactID)
		if err != nil {
			return nil, err
		}
		s.accessed(ctx, found)
		return &listOut{Body: httpx.List[ParentalConsent]{Data: found}}, nil
	}
	before := ""
	if cursor != nil {
		before = cursor[0]
	}
	found, err := s.List(ctx, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	s.accessed(ctx, found)
	return &listOut{Body: httpx.ListOf(found, in.Limit, scope, func(c ParentalConsent) []string { return []string{c.ID} })}, nil
}

// accessed logs whose records an operator or key saw: they tell who is a child.
func (s *Service) accessed(ctx context.Context, shown []ParentalConsent) {
	ids := make([]string, len(shown))
	for i, c := range shown {
		ids[i] = c.ContactID
	}
	s.Audit.Access(ctx, ids, "parental_consents")
}
