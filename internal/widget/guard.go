package widget

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/workspace"
)

type sessionKey struct{}

// sessionOf gives the visitor's session of a request.
func sessionOf(ctx context.Context) session {
	s, _ := ctx.Value(sessionKey{}).(session)
	return s
}

// Guard stands before the visitors' routes: the session, the origin, the rate.
func (s *Service) Guard(rt httpx.Route, next http.Handler) http.Handler {
	asks := rt.Method == http.MethodPost && !freeToBlocked[rt.ID]
	stores := rt.Method == http.MethodPost && !freeOfAge[rt.ID]
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		ctx, err := s.admit(w, r, rt.Unlimited)
		if err == nil && asks {
			err = s.letIn(ctx)
		}
		if err == nil && stores {
			err = s.passAge(ctx)
		}
		if err != nil {
			httpx.WriteProblem(w, r, s.Logger, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// freeToBlocked names the routes that somebody may POST to who is blocked: their
// rights over their data, and what was told to them already. Everything else is
// refused, also what is added later.
var freeToBlocked = map[string]bool{
	"widgetDecide":  true,
	"widgetRequest": true,
	"widgetRead":    true,
	"widgetTellAge": true, // it stores nothing
	"widgetTyping":  true, // asks itself, and tells nobody
}

// letIn refuses a visitor who is blocked, or comes from a network that is.
func (s *Service) letIn(ctx context.Context) error {
	v := sessionOf(ctx)
	if v.Blocked {
		return contacts.BlockedError()
	}
	return s.Contacts.LetsIn(ctx, v.WorkspaceID, v.ContactID, workspace.NetworkFrom(ctx))
}

func (s *Service) admit(w http.ResponseWriter, r *http.Request, unlimited bool) (context.Context, error) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return nil, fault.Unauthorized("Start a session with POST /widget/v1/sessions and send its token as Authorization: Bearer …")
	}
	v, err := s.sealer.open(token, s.Clock.Now())
	if err != nil {
		return nil, err
	}
	ws, err := s.Workspaces.Get(r.Context(), v.WorkspaceID)
	if err != nil {
		return nil, err
	}
	if err := s.allowOrigin(r.Header.Get("Origin"), ws); err != nil {
		return nil, err
	}
	over, err := s.isOver(r.Context(), v)
	if err == nil && !over {
		v, err = s.asPerson(r.Context(), v)
	}
	if err != nil {
		return nil, err
	}
	if over {
		return nil, fault.Unauthorized("The session has ended. Start a new one with POST /widget/v1/sessions.")
	}
	if !unlimited {
		if err := s.slow(w, r, v); err != nil {
			return nil, err
		}
	}
	ctx := context.WithValue(context.WithValue(r.Context(), sessionKey{}, v), browserKey{}, browserOf(r))
	return actor.With(ctx, actor.Actor{Type: actor.Contact, ID: v.ContactID, WorkspaceID: v.WorkspaceID, SignedIn: v.Verified}), nil
}

// slow holds a visitor to their rate. New sessions are free, so a network as a whole
// has its limit too.
func (s *Service) slow(w http.ResponseWriter, r *http.Request, v session) error {
	if err := s.limits.Take(w.Header(), v.ContactID, s.Clock.Now()); err != nil {
		return err
	}
	return s.crowds.Take(http.Header{}, workspace.NetworkFrom(r.Context()), s.Clock.Now())
}

// isOver tells whether a session must not go on: its person was erased, or has
// signed in since and the session is from before. Whoever had the browser then is
// not who has it now.
func (s *Service) isOver(ctx context.Context, v session) (bool, error) {
	gone, err := s.Privacy.IsGone(ctx, privacy.Subject{WorkspaceID: v.WorkspaceID, ContactID: v.ContactID})
	if err != nil || gone || v.Verified {
		return gone, err
	}
	return s.Contacts.IsVerified(ctx, v.WorkspaceID, v.ContactID)
}

// asPerson gives the session as that of the whole person, if it is a verified one and
// they were merged. A session without proof stays that of what was done in it.
func (s *Service) asPerson(ctx context.Context, v session) (session, error) {
	if !v.Verified {
		return v, nil
	}
	var err error
	v.ContactID, err = s.Contacts.SurvivorOf(ctx, v.WorkspaceID, v.ContactID)
	return v, err
}

// allowOrigin refuses pages of origins that the workspace does not allow.
// Requests without an Origin come from no page: servers, tests, tools.
func (s *Service) allowOrigin(origin string, ws workspace.Workspace) error {
	if origin == "" || origin == s.PublicURL || s.AllowLoopback && isLoopback(origin) || ws.Settings.AllowsOrigin(origin) {
		return nil
	}
	return &fault.Error{Kind: fault.KindForbidden, Code: "origin_not_allowed",
		Detail: "This website may not use the workspace's widget. An administrator adds its address under Settings, Workspace."}
}

// isLoopback tells whether an origin is a page of this machine.
func isLoopback(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1")
}

// CORS stands before everything under /widget/v1. It names an origin only if some
// workspace allows it; which workspace a request is for is known only with its
// session, and held to that workspace's own list there.
func (s *Service) CORS(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, origin := w.Header(), r.Header.Get("Origin")
		h.Add("Vary", "Origin")
		allowed, err := s.knownOrigin(r.Context(), origin)
		if err != nil {
			httpx.WriteProblem(w, r, s.Logger, err)
			return
		}
		if allowed {
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Expose-Headers", "Retry-After, RateLimit, X-Request-Id")
		}
		if r.Method != http.MethodOptions {
			next.ServeHTTP(w, r)
			return
		}
		if allowed {
			h.Set("Access-Control-Allow-Methods", "GET, POST")
			h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID, Widget-Page")
			h.Set("Access-Control-Max-Age", "600")
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

func (s *Service) knownOrigin(ctx context.Context, origin string) (bool, error) {
	if origin == "" {
		return false, nil
	}
	if origin == s.PublicURL || s.AllowLoopback && isLoopback(origin) {
		return true, nil
	}
	return s.Workspaces.AllowsOriginAnywhere(ctx, origin)
}
