package workspace

import (
	"context"
	"net/http"

	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/privacy"
)

func (s *Service) accountRoutes(r *httpx.Router) {
	const path = "/api/v1/account"
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: path, ID: "getAccount", Tag: tagSession,
		Summary: "Your own account, and where you work", SignedIn: true}, s.getAccount)
	httpx.Handle(r, httpx.Route{Method: http.MethodPatch, Path: path, ID: "updateAccount", Tag: tagSession,
		Summary:     "Change your own name, address or password",
		Description: "An address or a password needs the present password. A new password ends your other sessions.", SignedIn: true}, s.patchAccount)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: path, ID: "eraseAccount", Tag: tagSession,
		Summary: "Erase your own account",
		Description: "At once and for good: it leaves every workspace, all sessions end, and its key is destroyed, so that backups cannot be read either. What you " +
			"wrote to people stays with them, without your name. Refused while you are the only owner of a workspace. The answer is a signed receipt.",
		SignedIn: true}, s.deleteAccount)
}

type ownAccountOut struct {
	Body Account
}

func (s *Service) getAccount(ctx context.Context, _ *struct{}) (*ownAccountOut, error) {
	a, err := s.OwnAccount(ctx)
	return &ownAccountOut{Body: a}, err
}

type accountIn struct {
	Body struct {
		Name            string `json:"name,omitempty" maxLength:"200"`
		Email           string `json:"email,omitempty" maxLength:"320" doc:"What you sign in with."`
		CurrentPassword string `json:"current_password,omitempty" maxLength:"1024" doc:"Needed for a new address or password."`
		NewPassword     string `json:"new_password,omitempty" maxLength:"1024" doc:"At least 12 characters."`
	}
}

func (s *Service) patchAccount(ctx context.Context, in *accountIn) (*sessionOut, error) {
	if err := s.UpdateAccount(ctx, AccountPatch(in.Body)); err != nil {
		return nil, err
	}
	return s.getSession(ctx, nil)
}

type eraseAccountIn struct {
	Body struct {
		CurrentPassword string `json:"current_password" maxLength:"1024"`
	}
}

type receiptOut struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      privacy.Receipt
}

func (s *Service) deleteAccount(ctx context.Context, in *eraseAccountIn) (*receiptOut, error) {
	r, err := s.EraseAccount(ctx, in.Body.CurrentPassword)
	if err != nil {
		return nil, err
	}
	return &receiptOut{SetCookie: []http.Cookie{s.cookie("", -1)}, Body: r}, nil
}
