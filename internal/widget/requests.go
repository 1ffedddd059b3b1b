package widget

import (
	"context"
	"net/http"

	"github.com/botimum/botimum/internal/export"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/request"
)

type requestIn struct {
	Body struct {
		Kind    string            `json:"kind" enum:"access,rectification,erasure,restriction,portability,objection"`
		Purpose string            `json:"purpose,omitempty" maxLength:"64" doc:"What is objected to; absent: everything that can be."`
		Note    string            `json:"note,omitempty" maxLength:"4000"`
		Changes map[string]string `json:"changes,omitempty" doc:"For a rectification: what is right, by field."`
	}
}

type requestOut struct {
	Status int
	Body   request.Request
}

type requestsOut struct {
	Body httpx.List[request.Request]
}

// postRequest files a request of the visitor. Their session proves who they are:
// package request says why.
func (s *Service) postRequest(ctx context.Context, in *requestIn) (*requestOut, error) {
	v := sessionOf(ctx)
	proof := request.BySession
	if v.Verified {
		proof = request.ByToken
	}
	r, err := s.Requests.Submit(ctx, request.New{ContactID: v.ContactID, Kind: in.Body.Kind, Source: request.FromWidget, Purpose: in.Body.Purpose,
		Note: in.Body.Note, Changes: in.Body.Changes, Verified: true, Proof: proof, Locale: v.Locale})
	if fault.Is(err, fault.KindNotFound) {
		return nil, fault.Conflict("nothing_held", "Nothing is held about this visitor yet, so there is nothing to ask for.")
	}
	if err != nil {
		return nil, ended(err)
	}
	return &requestOut{Status: http.StatusCreated, Body: r}, nil
}

// fetchRequest sends the archive that answers an own access or portability request.
func (s *Service) fetchRequest(w http.ResponseWriter, r *http.Request) {
	archive, err := s.Requests.Fetch(r.Context(), r.PathValue("id"))
	if err != nil {
		httpx.WriteProblem(w, r, s.Logger, ended(err))
		return
	}
	export.Serve(w, r, archive, s.Logger)
}

func (s *Service) listRequests(ctx context.Context, in *struct{ httpx.Paging }) (*requestsOut, error) {
	scope := "widget requests " + sessionOf(ctx).ContactID
	cursor, err := httpx.DecodeCursor(scope, in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	var after *request.Place
	if cursor != nil {
		after = &request.Place{ID: cursor[0]}
	}
	found, err := s.Requests.List(ctx, request.Filter{}, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &requestsOut{Body: httpx.ListOf(found, in.Limit, scope, func(r request.Request) []string { return []string{r.ID} })}, nil
}
