package privacy

import (
	"context"
	"net/http"
	"time"

	"github.com/botimum/botimum/internal/httpx"
)

type objectionsOut struct {
	Body httpx.List[Objection]
}

type objectIn struct {
	httpx.ByID
	Body struct {
		Purpose string `json:"purpose" minLength:"1" maxLength:"64" doc:"The key of the purpose that the person objects to."`
		Source  string `json:"source,omitempty" enum:"portal,board,form,api,javascript,dashboard" doc:"Where they said so; through what the caller acts if absent."`
	}
}

type objectionOut struct {
	Body Objection
}

type withdrawObjectionIn struct {
	httpx.ByID
	Purpose string `path:"purpose" maxLength:"64"`
}

type restrictIn struct {
	httpx.ByID
	Body struct {
		Restricted bool   `json:"restricted"`
		Reason     string `json:"reason" minLength:"1" maxLength:"1000" doc:"Why; sealed, and kept with the person."`
	}
}

type restrictionOut struct {
	Body RestrictionState
}

// RestrictionState says whether a person's data is restricted, and how it came
// about.
type RestrictionState struct {
	Restricted bool          `json:"restricted"`
	History    []Restriction `json:"history" doc:"Every restricting and lifting, newest first."`
}

type holdIn struct {
	httpx.ByID
	Body struct {
		Reason string    `json:"reason" minLength:"1" maxLength:"1000" doc:"Which claim; sealed, and kept with the person."`
		EndsAt time.Time `json:"ends_at" doc:"When it ends by itself; at most ten years from now."`
	}
}

type holdOut struct {
	Body HoldState
}

// HoldState says whether a legal hold keeps a person, and which there were.
type HoldState struct {
	Held    bool        `json:"held"`
	EndsAt  *time.Time  `json:"ends_at" doc:"When the hold in force ends; null if there is none."`
	History []LegalHold `json:"history" doc:"Every legal hold, newest first."`
}

// rightsRoutes mounts objection, restriction and legal hold.
func (s *Service) rightsRoutes(r *httpx.Router) {
	route := func(method, path, id, summary, permission string, status int) httpx.Route {
		return httpx.Route{Method: method, Path: "/api/v1/contacts/{id}" + path, ID: id, Tag: "Privacy", Summary: summary, Permission: permission, Status: status}
	}
	const read, write = "privacy:read", "privacy:write"
	httpx.Handle(r, route(http.MethodGet, "/objections", "listObjections", "List a contact's objections, newest first", read, 0), s.listObjections)
	httpx.Handle(r, route(http.MethodPost, "/objections", "objectToPurpose", "Record that a contact objects to a purpose", write, http.StatusCreated), s.postObjection)
	httpx.Handle(r, route(http.MethodDelete, "/objections/{purpose}", "withdrawObjection", "Record that a contact takes an objection back", write, 0), s.deleteObjection)
	httpx.Handle(r, route(http.MethodGet, "/restriction", "getRestriction", "Whether a contact's data is restricted, and why", read, 0), s.getRestriction)
	httpx.Handle(r, route(http.MethodPut, "/restriction", "setRestriction", "Restrict a contact's data to storage, or lift that", write, 0), s.putRestriction)
	httpx.Handle(r, route(http.MethodGet, "/legal-hold", "getLegalHold", "Whether a legal hold keeps a contact's data, and why", read, 0), s.getHold)
	httpx.Handle(r, route(http.MethodPut, "/legal-hold", "setLegalHold", "Keep a contact from being erased until a moment", write, 0), s.putHold)
	httpx.Handle(r, route(http.MethodDelete, "/legal-hold", "liftLegalHold", "End a contact's legal hold", write, 0), s.deleteHold)
}

func (s *Service) listObjections(ctx context.Context, in *httpx.ByID) (*objectionsOut, error) {
	found, err := s.Objections(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	s.audit.Access(ctx, []string{in.ID}, "contact.objections")
	return &objectionsOut{Body: httpx.List[Objection]{Data: found}}, nil
}

func (s *Service) postObjection(ctx context.Context, in *objectIn) (*objectionOut, error) {
	o, err := s.object(ctx, in.ID, in.Body.Purpose, true, in.Body.Source)
	if err != nil {
		return nil, err
	}
	httpx.NoteContact(ctx, in.ID)
	return &objectionOut{Body: o}, nil
}

func (s *Service) deleteObjection(ctx context.Context, in *withdrawObjectionIn) (*objectionOut, error) {
	o, err := s.object(ctx, in.ID, in.Purpose, false, "")
	if err != nil {
		return nil, err
	}
	return &objectionOut{Body: o}, nil
}

func (s *Service) getRestriction(ctx context.Context, in *httpx.ByID) (*restrictionOut, error) {
	history, err := s.Restrictions(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	s.audit.Access(ctx, []string{in.ID}, "contact.restriction")
	return &restrictionOut{Body: RestrictionState{Restricted: len(history) > 0 && history[0].Action == restrictAct, History: history}}, nil
}

func (s *Service) putRestriction(ctx context.Context, in *restrictIn) (*restrictionOut, error) {
	if err := s.Restrict(ctx, in.ID, in.Body.Restricted, in.Body.Reason); err != nil {
		return nil, err
	}
	return s.getRestriction(ctx, &in.ByID)
}

func (s *Service) getHold(ctx context.Context, in *httpx.ByID) (*holdOut, error) {
	history, err := s.Holds(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	s.audit.Access(ctx, []string{in.ID}, "contact.legal_hold")
	out := HoldState{History: history}
	if len(history) > 0 && history[0].InForce {
		out.Held, out.EndsAt = true, &history[0].EndsAt
	}
	return &holdOut{Body: out}, nil
}

func (s *Service) putHold(ctx context.Context, in *holdIn) (*holdOut, error) {
	if err := s.SetHold(ctx, in.ID, in.Body.Reason, in.Body.EndsAt); err != nil {
		return nil, err
	}
	return s.getHold(ctx, &in.ByID)
}

func (s *Service) deleteHold(ctx context.Context, in *httpx.ByID) (*holdOut, error) {
	if err := s.LiftHold(ctx, in.ID); err != nil {
		return nil, err
	}
	return s.getHold(ctx, in)
}
