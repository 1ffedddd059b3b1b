package privacy

import (
	"context"
	"net/http"
	"time"

	"github.com/botimum/botimum/internal/httpx"
)

type assessmentsOut struct {
	Body httpx.List[Assessment]
}

type assessmentOut struct {
	ETag string `header:"ETag"`
	Body Assessment
}

type beginAssessmentIn struct {
	Body NewAssessment
}

type changeAssessmentIn struct {
	httpx.ByID
	IfMatch string `header:"If-Match"`
	Body    AssessmentChange
}

func (s *Service) assessmentRoutes(r *httpx.Router) {
	const tag = "Privacy"
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/privacy/assessments", ID: "listAssessments", Tag: tag,
		Summary: "List impact assessments, newest first", Permission: "privacy:read"}, s.listAssessments)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/privacy/assessments", ID: "createAssessment", Tag: tag, Status: http.StatusCreated,
		Summary: "Begin an impact assessment", Description: "What is absent is filled in from the catalogue, to be worked on.", Permission: "privacy:write"}, s.postAssessment)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/privacy/assessments/{id}", ID: "getAssessment", Tag: tag,
		Summary: "Get an impact assessment", Permission: "privacy:read"}, s.getAssessment)
	httpx.Handle(r, httpx.Route{Method: http.MethodPatch, Path: "/api/v1/privacy/assessments/{id}", ID: "updateAssessment", Tag: tag,
		Summary: "Change or approve an impact assessment", Description: "An approval holds for a year. A changed text makes it a draft again.", Permission: "privacy:write"}, s.patchAssessment)
}

func (s *Service) listAssessments(ctx context.Context, in *httpx.Paging) (*assessmentsOut, error) {
	scope, before := "assessments "+workspaceOf(ctx), ""
	values, err := httpx.DecodeCursor(scope, in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	if values != nil {
		before = values[0]
	}
	found, err := s.Assessments(ctx, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &assessmentsOut{Body: httpx.ListOf(found, in.Limit, scope, func(a Assessment) []string { return []string{a.ID} })}, nil
}

func assessmentAnswer(a Assessment, err error) (*assessmentOut, error) {
	if err != nil {
		return nil, err
	}
	return &assessmentOut{ETag: httpx.ETag(a.UpdatedAt), Body: a}, nil
}

func (s *Service) postAssessment(ctx context.Context, in *beginAssessmentIn) (*assessmentOut, error) {
	return assessmentAnswer(s.BeginAssessment(ctx, in.Body))
}

func (s *Service) getAssessment(ctx context.Context, in *httpx.ByID) (*assessmentOut, error) {
	return assessmentAnswer(s.Assessment(ctx, in.ID))
}

func (s *Service) patchAssessment(ctx context.Context, in *changeAssessmentIn) (*assessmentOut, error) {
	return assessmentAnswer(s.ChangeAssessment(ctx, in.ID, in.Body, func(updated time.Time) error { return httpx.CheckMatch(in.IfMatch, updated) }))
}
