package api

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
	"github.com/botimum/botimum/internal/workspace"
)

// SessionCookie is the name of the dashboard's session cookie.
const SessionCookie = "botimum_session"

// Deps is what the guard needs.
type Deps struct {
	DB         *storage.DB
	Vault      *vault.Vault
	Workspaces *workspace.Service
	Clock      clock.Clock
	Logger     *slog.Logger
	// Visitor stands before the routes of the widget: it knows visitors.
	Visitor httpx.Guard
	// Ready fails while reads of personal data could not be logged: then nothing
	// is shown.
	Ready func() error
	// Accessed logs that a kept answer showed people to whoever repeated a request.
	Accessed func(ctx context.Context, contactIDs []string, through string)
	// Secret keys the hashes of Idempotency-Key and of the request: an instance secret.
	Secret []byte
	// RateLimit is how many requests a second a key or session may make; 0: any.
	RateLimit int
}

// Guard stands before every route.
type Guard struct {
	Deps
	limits *httpx.Limiter
}

// NewGuard gives the guard.
func NewGuard(d Deps) *Guard {
	return &Guard{Deps: d, limits: httpx.NewLimiter(d.RateLimit)}
}

// Before is the guard for a route.
func (g *Guard) Before(rt httpx.Route, next http.Handler) http.Handler {
	if rt.Visitor {
		return g.Visitor(rt, next)
	}
	if rt.Method == http.MethodPost && !rt.Stream && !rt.Public && !rt.Reads {
		next = g.idempotent(rt, next)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if rt.Public {
			next.ServeHTTP(w, r.WithContext(g.anyone(r)))
			return
		}
		a, err := g.authenticate(r)
		if err == nil {
			err = authorise(rt, a)
		}
		if err == nil {
			err = g.Ready()
		}
		if err == nil && !rt.Unlimited {
			err = g.limits.Take(w.Header(), callerOf(a), g.Clock.Now())
		}
		if err != nil {
			httpx.WriteProblem(w, r, g.Logger, err)
			return
		}
		if hides(rt, a) {
			hidden := &masked{ResponseWriter: w}
			next.ServeHTTP(hidden, r.WithContext(actor.With(r.Context(), a)))
			hidden.end(r, g.Logger)
			return
		}
		next.ServeHTTP(w, r.WithContext(actor.With(r.Context(), a)))
	})
}

// callerOf names whose bucket a request is taken from: each session has its own.
func callerOf(a actor.Actor) string {
	if a.SessionID != "" {
		return a.SessionID
	}
	return a.ID
}

// anyone gives the context of a public route, which knows the operator if there
// is one: the route looks for itself.
func (g *Guard) anyone(r *http.Request) context.Context {
	a, err := g.authenticate(r)
	if err != nil {
		return r.Context()
	}
	return actor.With(r.Context(), a)
}

// authenticate tells who asks.
func (g *Guard) authenticate(r *http.Request) (actor.Actor, error) {
	if h := r.Header.Get("Authorization"); h != "" {
		token, ok := strings.CutPrefix(h, "Bearer ")
		if !ok {
			return actor.Actor{}, fault.Unauthorized("Send the key as Authorization: Bearer btm_…")
		}
		a, err := g.Workspaces.AuthenticateKey(r.Context(), token)
		a.From.Network = httpx.ShortNetwork(workspace.NetworkFrom(r.Context()))
		return a, err
	}
	cookie, err := r.Cookie(SessionCookie)
	if err != nil {
		return actor.Actor{}, fault.Unauthorized("Sign in, or send a key as Authorization: Bearer btm_…")
	}
	a, err := g.Workspaces.AuthenticateSession(r.Context(), cookie.Value)
	if err != nil {
		return actor.Actor{}, err
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		if err := g.Workspaces.CheckCSRF(r.Context(), a.SessionID, r.Header.Get("X-CSRF-Token")); err != nil {
			return actor.Actor{}, err
		}
	}
	a.From.Network = httpx.ShortNetwork(workspace.NetworkFrom(r.Context()))
	a.From.Browser, a.From.System = httpx.BrowserOf(r.UserAgent())
	return a, nil
}

// authorise checks the permission that the route table names.
func authorise(rt httpx.Route, a actor.Actor) error {
	if rt.SignedIn {
		if a.Type != actor.Operator {
			return fault.Forbidden("of an operator who is signed in")
		}
		return nil
	}
	if !a.Can(rt.Permission) {
		return fault.Forbidden(rt.Permission)
	}
	if rt.Stream && rt.Path != streamPath && !a.Can(workspace.SeesAddresses) {
		return fault.Forbidden(workspace.SeesAddresses) // what is taken out is taken out whole
	}
	return nil
}
