package widget

import (
	"context"
	"net/http"

	"github.com/botimum/botimum/internal/children"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/workspace"
)

// freeOfAge names the routes that a visitor may POST to before their age is known:
// they store nothing about them, take something back, or ask for themselves.
// Everything else waits, also what is added later.
var freeOfAge = map[string]bool{
	"widgetTellAge":   true,
	"widgetAskParent": true,
	"widgetIdentify":  true, // asks itself, since an identity token may tell
	"widgetDecide":    true, // asks itself, since withdrawing is always taken
	"widgetRead":      true,
	"widgetTyping":    true,
	"widgetRequest":   true, // a right is never refused for an age
}

// What stands before writing.
const (
	ageAsk   = "ask"
	ageAsked = "asked"
)

// ageStands tells what stands before anything of the visitor is stored: "ask",
// "child", "asked", or nothing.
func (s *Service) ageStands(ctx context.Context, ws workspace.Workspace, v session) (string, error) {
	if !ws.Settings.AgeGate || v.Age == children.OfAge || v.Verified && v.Age == "" {
		return "", nil
	}
	if v.Age == "" {
		return ageAsk, nil
	}
	state, err := s.Children.State(ctx, privacy.Subject{WorkspaceID: v.WorkspaceID, ContactID: v.ContactID})
	switch {
	case err != nil:
		return "", err
	case state == children.StateGiven:
		return "", nil
	case state == children.StateAsked:
		return ageAsked, nil
	}
	return children.Child, nil
}

// passAge refuses to store something of a visitor whose age is not known, or of a
// child without a parent's consent.
func (s *Service) passAge(ctx context.Context) error {
	v := sessionOf(ctx)
	ws, err := s.Workspaces.Get(ctx, v.WorkspaceID)
	if err != nil {
		return err
	}
	stands, err := s.ageStands(ctx, ws, v)
	switch {
	case err != nil || stands == "":
		return err
	case stands == ageAsk:
		return &fault.Error{Kind: fault.KindForbidden, Code: "age_check_needed",
			Detail: "Say first when you were born, with POST /widget/v1/age. Nothing was stored."}
	}
	return parentNeeded()
}

const codeParentNeeded = children.CodeParentNeeded

func parentNeeded() error {
	return &fault.Error{Kind: fault.KindForbidden, Code: codeParentNeeded,
		Detail: "A parent has to agree first; POST /widget/v1/parental-consents asks them. Nothing was stored."}
}

// ageLimit is the age that counts for a visitor.
func ageLimit(ws workspace.Workspace, locale string) children.Age {
	return children.Limit(ws.Settings.Country, locale)
}

// ageOf takes the age from an identity token where the workspace asks for ages and
// the token tells. A child comes to be only with a parent's consent.
func (s *Service) ageOf(ctx context.Context, ws workspace.Workspace, v session, c workspace.Identity) (session, error) {
	if !ws.Settings.AgeGate || c.Birthdate == "" {
		return v, nil
	}
	age, err := children.Check(c.Birthdate, ageLimit(ws, v.Locale), s.Clock.Now())
	if err != nil {
		return v, workspace.RefusedIdentity("The identity token's birthdate must be of the form YYYY-MM-DD.")
	}
	v.Age = age
	if age == children.Child {
		err = s.childPasses(ctx, v, c.Subject)
	}
	return v, err
}

// childPasses tells whether a parent agreed for the child: in this session, or
// before, for the contact that the customer's system calls so.
func (s *Service) childPasses(ctx context.Context, v session, externalID string) error {
	known, err := s.Contacts.FindByExternalID(ctx, v.WorkspaceID, externalID)
	if err != nil && !fault.Is(err, fault.KindNotFound) {
		return err
	}
	for _, contactID := range []string{known, v.ContactID} {
		state, err := s.Children.State(ctx, privacy.Subject{WorkspaceID: v.WorkspaceID, ContactID: contactID})
		if err != nil || state == children.StateGiven {
			return err
		}
	}
	return parentNeeded()
}

type ageIn struct {
	Body struct {
		Born string `json:"born" maxLength:"10" doc:"The month of birth." example:"2012-05"`
	}
}

type ageOut struct {
	Body struct {
		SessionToken string `json:"session_token"`
		Age          string `json:"age" enum:",child,asked" doc:"What stands before writing now; empty: nothing."`
	}
}

// postAge computes whether the visitor consents alone and puts that, and nothing
// else, into their session. Who was found to be a child stays one, whatever they say next.
func (s *Service) postAge(ctx context.Context, in *ageIn) (*ageOut, error) {
	v := sessionOf(ctx)
	ws, err := s.Workspaces.Get(ctx, v.WorkspaceID)
	if err != nil {
		return nil, err
	}
	age, err := children.Check(in.Body.Born, ageLimit(ws, v.Locale), s.Clock.Now())
	if err != nil {
		return nil, err
	}
	if v.Age != children.Child {
		v.Age = age
	}
	return s.aged(ctx, ws, v)
}

// getAge tells what stands before writing now: a parent may have answered.
func (s *Service) getAge(ctx context.Context, _ *struct{}) (*ageOut, error) {
	v := sessionOf(ctx)
	ws, err := s.Workspaces.Get(ctx, v.WorkspaceID)
	if err != nil {
		return nil, err
	}
	return s.aged(ctx, ws, v)
}

func (s *Service) aged(ctx context.Context, ws workspace.Workspace, v session) (*ageOut, error) {
	renewed, err := s.session(ctx, ws, v, nil)
	if err != nil {
		return nil, err
	}
	out := &ageOut{}
	out.Body.SessionToken, out.Body.Age = renewed.SessionToken, renewed.Settings.Age
	return out, nil
}

type parentIn struct {
	Body struct {
		ParentEmail string `json:"parent_email" minLength:"3" maxLength:"254"`
	}
}

// postParent has a child's parent asked.
func (s *Service) postParent(ctx context.Context, in *parentIn) (*ageOut, error) {
	v := sessionOf(ctx)
	if v.Age != children.Child {
		return nil, fault.Conflict("no_parent_needed", "This visitor is not known to be a child, so no parent is asked.")
	}
	if err := s.parents.Take(http.Header{}, workspace.NetworkFrom(ctx), s.Clock.Now()); err != nil {
		return nil, err
	}
	ws, err := s.Workspaces.Get(ctx, v.WorkspaceID)
	if err != nil {
		return nil, err
	}
	q := children.Question{Subject: privacy.Subject{WorkspaceID: v.WorkspaceID, ContactID: v.ContactID}, Age: ageLimit(ws, v.Locale),
		Parent: in.Body.ParentEmail, Locale: v.Locale}
	q.Workspace.Name, q.Workspace.Slug, q.Workspace.Locale = ws.Name, ws.Slug, ws.Settings.Locale
	if _, err := s.Children.Ask(ctx, q); err != nil {
		return nil, ended(err)
	}
	return s.aged(ctx, ws, v)
}
