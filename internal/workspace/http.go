package workspace

import (
	"context"
	"net/http"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/storage"
)

// SessionCookie is the cookie that carries an operator's session token.
const SessionCookie = "botimum_session"

const (
	tagSession   = "Session"
	tagWorkspace = "Workspace"
)

// Routes mounts the routes of workspaces and sign-in.
func (s *Service) Routes(r *httpx.Router) {
	s.sessionRoutes(r)
	s.workspaceRoutes(r)
	s.operatorRoutes(r)
	s.keyRoutes(r)
}

func (s *Service) sessionRoutes(r *httpx.Router) {
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/setup", ID: "getSetup", Tag: tagSession,
		Summary: "Whether the server still needs its first workspace", Public: true}, s.getSetup)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/setup", ID: "setUp", Tag: tagSession,
		Summary: "Make the first workspace, with the token from the server's terminal", Public: true}, s.postSetup)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/session", ID: "signIn", Tag: tagSession,
		Summary: "Sign in", Public: true}, s.postSession)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/session", ID: "getSession", Tag: tagSession,
		Summary: "Who is signed in, where, and what they may do", SignedIn: true}, s.getSession)
	httpx.Handle(r, httpx.Route{Method: http.MethodPatch, Path: "/api/v1/session", ID: "switchWorkspace", Tag: tagSession,
		Summary: "Switch to another workspace", SignedIn: true}, s.patchSession)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: "/api/v1/session", ID: "signOut", Tag: tagSession, Status: http.StatusNoContent,
		Summary: "Sign out", SignedIn: true}, s.deleteSession)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/sessions", ID: "listSessions", Tag: tagSession,
		Summary: "List your own sessions, newest first", SignedIn: true}, s.listSessions)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: "/api/v1/sessions", ID: "revokeOtherSessions", Tag: tagSession, Status: http.StatusNoContent,
		Summary: "End all of your sessions but this one", SignedIn: true}, s.deleteSessions)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: "/api/v1/sessions/{id}", ID: "revokeSession", Tag: tagSession, Status: http.StatusNoContent,
		Summary: "End one of your sessions", SignedIn: true}, s.deleteOneSession)
	s.accountRoutes(r)
}

// sessionOut is the body of whoever is signed in; a cookie goes with it where a
// session begins.
type sessionOut struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      View
}

type noContent struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
}

// begun answers with a new session and its cookie.
func (s *Service) begun(in SignedIn) *sessionOut {
	return &sessionOut{SetCookie: []http.Cookie{s.cookie(in.Token, int(SessionLife.Seconds()))}, Body: in.View}
}

// cookie is out of the reach of scripts, and other sites' pages send it only by a
// link that is followed. A negative age removes it.
func (s *Service) cookie(token string, age int) http.Cookie {
	//nolint:gosec // Secure follows the public URL: a server on loopback has no https
	return http.Cookie{Name: SessionCookie, Value: token, Path: "/", MaxAge: age, HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode}
}

type neededOut struct {
	Body struct {
		Needed bool `json:"needed"`
	}
}

func (s *Service) getSetup(ctx context.Context, _ *struct{}) (*neededOut, error) {
	needed, err := s.NeedsSetup(ctx)
	out := &neededOut{}
	out.Body.Needed = needed
	return out, err
}

type setupIn struct {
	Body struct {
		Token     string `json:"token" maxLength:"200" doc:"As the server printed it when it started."`
		Workspace string `json:"workspace" maxLength:"200" doc:"The workspace's name."`
		Name      string `json:"name" maxLength:"200" doc:"Your name."`
		Email     string `json:"email" maxLength:"320"`
		Password  string `json:"password" maxLength:"1024" doc:"At least 12 characters."`
	}
}

func (s *Service) postSetup(ctx context.Context, in *setupIn) (*sessionOut, error) {
	b := in.Body
	begun, err := s.SetupWithToken(ctx, b.Token, NetworkFrom(ctx), SetupInput{Workspace: b.Workspace, Name: b.Name, Email: b.Email, Password: b.Password})
	if err != nil {
		return nil, err
	}
	return s.begun(begun), nil
}

type signInIn struct {
	Old  string `cookie:"botimum_session"`
	Body struct {
		Email       string `json:"email" maxLength:"320"`
		Password    string `json:"password" maxLength:"1024"`
		WorkspaceID string `json:"workspace_id,omitempty" maxLength:"40" doc:"Where to; the first you belong to if absent."`
	}
}

func (s *Service) postSession(ctx context.Context, in *signInIn) (*sessionOut, error) {
	begun, err := s.SignIn(ctx, Credentials{Email: in.Body.Email, Password: in.Body.Password, WorkspaceID: in.Body.WorkspaceID, Network: NetworkFrom(ctx)})
	if err != nil {
		return nil, err
	}
	if in.Old != "" {
		s.dropSession(ctx, in.Old)
	}
	return s.begun(begun), nil
}

func (s *Service) getSession(ctx context.Context, _ *struct{}) (*sessionOut, error) {
	v, err := s.View(ctx, actor.From(ctx))
	if err != nil {
		return nil, err
	}
	return &sessionOut{Body: v}, nil
}

type switchIn struct {
	Body struct {
		WorkspaceID string `json:"workspace_id" maxLength:"40"`
	}
}

func (s *Service) patchSession(ctx context.Context, in *switchIn) (*sessionOut, error) {
	v, err := s.SwitchWorkspace(ctx, in.Body.WorkspaceID)
	if err != nil {
		return nil, err
	}
	return &sessionOut{Body: v}, nil
}

func (s *Service) deleteSession(ctx context.Context, _ *struct{}) (*noContent, error) {
	if err := s.SignOut(ctx); err != nil {
		return nil, err
	}
	return &noContent{SetCookie: []http.Cookie{s.cookie("", -1)}}, nil
}

type sessionsOut struct {
	Body httpx.List[Session]
}

func (s *Service) listSessions(ctx context.Context, in *httpx.Paging) (*sessionsOut, error) {
	l, err := s.Sessions(ctx, *in)
	return &sessionsOut{Body: l}, err
}

func (s *Service) deleteSessions(ctx context.Context, _ *struct{}) (*noContent, error) {
	return &noContent{}, s.RevokeOtherSessions(ctx)
}

func (s *Service) deleteOneSession(ctx context.Context, in *httpx.ByID) (*noContent, error) {
	return &noContent{}, s.RevokeSession(ctx, in.ID)
}

func (s *Service) workspaceRoutes(r *httpx.Router) {
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/workspace", ID: "getWorkspace", Tag: tagWorkspace,
		Summary: "The workspace and its settings", Permission: "workspace:read"}, s.getWorkspace)
	httpx.Handle(r, httpx.Route{Method: http.MethodPatch, Path: "/api/v1/workspace", ID: "updateWorkspace", Tag: tagWorkspace,
		Summary: "Change the workspace's name or settings", Permission: "workspace:read",
		Description: "Needs workspace:write; with privacy:write, the privacy officer's settings can be changed: request_days, reviewed_kinds, authority_name, authority_url, officer_name, officer_address, sensitive."}, s.patchWorkspace)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/workspace/identity-secret", ID: "getIdentitySecret", Tag: tagWorkspace,
		Summary: "The secret that identity tokens are signed with", Permission: "keys:write"}, s.getIdentitySecret)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/workspace/identity-secret", ID: "rotateIdentitySecret", Tag: tagWorkspace,
		Summary: "Replace the identity secret", Description: "Tokens signed with the old one are refused from then on.", Permission: "keys:write"}, s.postIdentitySecret)
}

type workspaceOut struct {
	ETag string `header:"ETag"`
	Body Workspace
}

func (s *Service) getWorkspace(ctx context.Context, _ *struct{}) (*workspaceOut, error) {
	w, err := s.load(ctx, func(tx *storage.Tx) (Workspace, error) { return workspaceByID(tx, actor.From(ctx).WorkspaceID) })
	if err != nil {
		return nil, err
	}
	return &workspaceOut{ETag: httpx.ETag(w.UpdatedAt), Body: w}, nil
}

type workspaceIn struct {
	IfMatch string `header:"If-Match"`
	Body    Patch
}

func (s *Service) patchWorkspace(ctx context.Context, in *workspaceIn) (*workspaceOut, error) {
	if err := in.Body.allowed(actor.From(ctx)); err != nil {
		return nil, err
	}
	w, err := s.Update(ctx, in.Body, in.IfMatch)
	if err != nil {
		return nil, err
	}
	return &workspaceOut{ETag: httpx.ETag(w.UpdatedAt), Body: w}, nil
}

type secretOut struct {
	Body struct {
		IdentitySecret string `json:"identity_secret" doc:"HS256 is computed over its bytes as they stand here."`
	}
}

func secretAnswer(secret string, err error) (*secretOut, error) {
	if err != nil {
		return nil, err
	}
	out := &secretOut{}
	out.Body.IdentitySecret = secret
	return out, nil
}

func (s *Service) getIdentitySecret(ctx context.Context, _ *struct{}) (*secretOut, error) {
	return secretAnswer(s.ShowIdentitySecret(ctx))
}

func (s *Service) postIdentitySecret(ctx context.Context, _ *struct{}) (*secretOut, error) {
	return secretAnswer(s.RotateIdentitySecret(ctx))
}
