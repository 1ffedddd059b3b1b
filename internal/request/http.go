package request

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/export"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
)

type listIn struct {
	httpx.Paging
	State     string `query:"state" enum:"received,verified,in_progress,completed,refused,withdrawn"`
	Kind      string `query:"kind" enum:"access,rectification,erasure,restriction,portability,objection"`
	ContactID string `query:"contact_id" maxLength:"64"`
	Open      bool   `query:"open" doc:"Only those that wait for an answer."`
	Order     string `query:"order" enum:"newest,due" default:"newest" doc:"due: the most urgent first."`
}

type listOut struct {
	Body httpx.List[Request]
}

type createIn struct {
	Body struct {
		ContactID string            `json:"contact_id" minLength:"1" maxLength:"64"`
		Kind      string            `json:"kind" enum:"access,rectification,erasure,restriction,portability,objection"`
		Purpose   string            `json:"purpose,omitempty" maxLength:"64" doc:"What is objected to; absent: everything that can be."`
		Note      string            `json:"note,omitempty" maxLength:"4000" doc:"What the person says."`
		Changes   map[string]string `json:"changes,omitempty" doc:"For a rectification: what is right, by field (email, name, first_name, last_name, phone, locale, timezone)."`
		Verified  *bool             `json:"verified,omitempty" doc:"Whether you vouch that this person asks; true if absent. With false they confirm it through a link by mail."`
		Locale    string            `json:"locale,omitempty" maxLength:"35" doc:"The language of the mails about it."`
	}
}

type requestOut struct {
	Status int
	ETag   string `header:"ETag"`
	Body   Request
}

type changeIn struct {
	httpx.ByID
	IfMatch string `header:"If-Match"`
	Body    Change
}

// Routes mounts the requests' routes.
func (s *Service) Routes(r *httpx.Router) {
	const tag, read, write = "Privacy", "privacy:read", "privacy:write"
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/privacy/requests", ID: "listPrivacyRequests", Tag: tag,
		Summary: "List what people asked for", Permission: read}, s.list)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/privacy/requests", ID: "createPrivacyRequest", Tag: tag,
		Status: http.StatusCreated, Summary: "File a request on behalf of a contact", Permission: write, Unlimited: true,
		Description: "What is vouched for is carried out before the answer, unless the workspace wants a person to look at its kind. An open request for the same is given again."}, s.create)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/privacy/requests/{id}", ID: "getPrivacyRequest", Tag: tag,
		Summary: "Get a request", Permission: read}, s.getOne)
	httpx.Handle(r, httpx.Route{Method: http.MethodPatch, Path: "/api/v1/privacy/requests/{id}", ID: "updatePrivacyRequest", Tag: tag,
		Summary: "Vouch for a request, take it on, carry it out or refuse it", Permission: write}, s.update)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/privacy/requests/{id}/extension", ID: "extendPrivacyRequest", Tag: tag,
		Summary: "Extend the term of a request", Permission: write,
		Description: "Once, within a month of receipt, by two further months at most (GDPR article 12(3)). The person is told why by mail."}, s.postExtension)
	r.Raw(httpx.Route{Method: http.MethodGet, Path: "/api/v1/privacy/requests/{id}/export", ID: "exportPrivacyRequest", Tag: tag,
		Summary: "Fetch the answer to an access or portability request (ZIP)", Permission: read}, http.HandlerFunc(s.fetch))
}

func (s *Service) list(ctx context.Context, in *listIn) (*listOut, error) {
	byDue := in.Order == "due"
	scope := "privacy requests " + in.Order + " " + actor.From(ctx).WorkspaceID
	after, err := decodePlace(scope, in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.List(ctx, Filter{State: in.State, Kind: in.Kind, ContactID: in.ContactID, Open: in.Open, ByDue: byDue}, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &listOut{Body: httpx.ListOf(found, in.Limit, scope, func(r Request) []string {
		return []string{strconv.FormatInt(clock.Micros(r.DueAt), 10), r.ID}
	})}, nil
}

func decodePlace(scope, cursor string) (*Place, error) {
	values, err := httpx.DecodeCursor(scope, cursor, 2)
	if err != nil || values == nil {
		return nil, err
	}
	due, err := strconv.ParseInt(values[0], 10, 64)
	if err != nil {
		return nil, fault.Malformed("The cursor is not one of this list. Start again without a cursor.")
	}
	return &Place{Due: clock.FromMicros(due), ID: values[1]}, nil
}

func (s *Service) create(ctx context.Context, in *createIn) (*requestOut, error) {
	b := in.Body
	r, err := s.Submit(ctx, New{ContactID: b.ContactID, Kind: b.Kind, Purpose: b.Purpose, Note: b.Note, Changes: b.Changes,
		Verified: b.Verified == nil || *b.Verified, Locale: b.Locale})
	if fault.Is(err, fault.KindNotFound) {
		return nil, fault.Invalid("contact_id", "is not a contact of this workspace")
	}
	if err != nil {
		return nil, err
	}
	if r.ContactID != nil {
		httpx.NoteContact(ctx, *r.ContactID)
	}
	return answer(http.StatusCreated, r), nil
}

func answer(status int, r Request) *requestOut {
	return &requestOut{Status: status, ETag: httpx.ETag(r.UpdatedAt), Body: r}
}

func (s *Service) getOne(ctx context.Context, in *httpx.ByID) (*requestOut, error) {
	r, err := s.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, r), nil
}

func (s *Service) update(ctx context.Context, in *changeIn) (*requestOut, error) {
	r, err := s.Change(ctx, in.ID, in.Body, func(updated time.Time) error { return httpx.CheckMatch(in.IfMatch, updated) })
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, r), nil
}

type extendIn struct {
	httpx.ByID
	IfMatch string `header:"If-Match"`
	Body    Extension
}

func (s *Service) postExtension(ctx context.Context, in *extendIn) (*requestOut, error) {
	r, err := s.Extend(ctx, in.ID, in.Body, func(updated time.Time) error { return httpx.CheckMatch(in.IfMatch, updated) })
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, r), nil
}

func (s *Service) fetch(w http.ResponseWriter, r *http.Request) {
	archive, err := s.Fetch(r.Context(), r.PathValue("id"))
	if err != nil {
		httpx.WriteProblem(w, r, s.Logger, err)
		return
	}
	export.Serve(w, r, archive, s.Logger)
}
