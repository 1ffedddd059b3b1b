package privacy

import (
	"context"
	"net/http"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
)

type catalogueOut struct {
	Body httpx.List[Field]
}

type purposesOut struct {
	Body httpx.List[Purpose]
}

type purposeIn struct {
	Body Purpose
}

type purposeOut struct {
	Body Purpose
}

type consentsOut struct {
	Body httpx.List[Consent]
}

type grantIn struct {
	httpx.ByID
	Body struct {
		Purpose string `json:"purpose" minLength:"1" maxLength:"64"`
		Version int64  `json:"version,omitempty" minimum:"0" doc:"The version that was shown; the present one if absent."`
		// Evidence says how they gave it, where somebody records it for them.
		Evidence string `json:"evidence,omitempty" maxLength:"1000" doc:"How it was given, such as on the phone; sealed. Operators must say."`
		Locale   string `json:"locale,omitempty" maxLength:"35" doc:"The language that the wording was shown in; the purpose's own if absent."`
		Source   string `json:"source,omitempty" enum:"portal,board,form,api,javascript,dashboard" doc:"Where they said so; through what the caller acts if absent."`
	}
}

type withdrawIn struct {
	httpx.ByID
	Purpose string `path:"purpose"`
}

type consentOut struct {
	Body Consent
}

// Routes mounts the privacy routes.
func (s *Service) Routes(r *httpx.Router) {
	const tag = "Privacy"
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/privacy/catalogue", ID: "getCatalogue", Tag: tag,
		Summary: "What is stored about whom, why and for how long", Permission: "privacy:read"}, s.getCatalogue)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/privacy/purposes", ID: "listPurposes", Tag: tag,
		Summary: "List the purposes in force", Permission: "privacy:read"}, s.listPurposes)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/privacy/purposes", ID: "setPurpose", Tag: tag, Status: http.StatusCreated,
		Summary: "Add a purpose, or a new version of one", Permission: "privacy:write"}, s.setPurpose)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/contacts/{id}/consents", ID: "listConsents", Tag: tag,
		Summary: "List a contact's consents, newest first", Permission: "privacy:read"}, s.listConsents)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/contacts/{id}/consents", ID: "grantConsent", Tag: tag, Status: http.StatusCreated,
		Summary: "Record that a contact gave consent", Permission: "privacy:write"}, s.grantConsent)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: "/api/v1/contacts/{id}/consents/{purpose}", ID: "withdrawConsent", Tag: tag,
		Summary: "Record that a contact withdrew consent", Permission: "privacy:write"}, s.withdrawConsent)
	s.rightsRoutes(r)
	s.assessmentRoutes(r)
}

func (s *Service) getCatalogue(ctx context.Context, _ *struct{}) (*catalogueOut, error) {
	c, err := s.CatalogueOf(ctx, workspaceOf(ctx))
	if err != nil {
		return nil, err
	}
	return &catalogueOut{Body: httpx.List[Field]{Data: c}}, nil
}

func (s *Service) listPurposes(ctx context.Context, _ *struct{}) (*purposesOut, error) {
	purposes, err := s.Purposes(ctx, workspaceOf(ctx))
	if err != nil {
		return nil, err
	}
	return &purposesOut{Body: httpx.List[Purpose]{Data: purposes}}, nil
}

func (s *Service) setPurpose(ctx context.Context, in *purposeIn) (*purposeOut, error) {
	p, err := s.SetPurpose(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	return &purposeOut{Body: p}, nil
}

func (s *Service) listConsents(ctx context.Context, in *httpx.ByID) (*consentsOut, error) {
	consents, err := s.Consents(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	s.audit.Access(ctx, []string{in.ID}, "contact.consents")
	return &consentsOut{Body: httpx.List[Consent]{Data: consents}}, nil
}

func (s *Service) grantConsent(ctx context.Context, in *grantIn) (*consentOut, error) {
	if actor.From(ctx).Type == actor.Operator && strings.TrimSpace(in.Body.Evidence) == "" {
		return nil, fault.Invalid("evidence", "is needed: say how they gave it, such as on the phone")
	}
	c, err := s.Record(ctx, Decision{ContactID: in.ID, Purpose: in.Body.Purpose, Action: Grant, Source: in.Body.Source, Version: in.Body.Version,
		Locale: in.Body.Locale, Evidence: strings.TrimSpace(in.Body.Evidence)})
	if err != nil {
		return nil, err
	}
	return &consentOut{Body: c}, nil
}

func (s *Service) withdrawConsent(ctx context.Context, in *withdrawIn) (*consentOut, error) {
	c, err := s.Decide(ctx, in.ID, in.Purpose, Withdraw, sourceOf(ctx), 0)
	if err != nil {
		return nil, err
	}
	return &consentOut{Body: c}, nil
}
