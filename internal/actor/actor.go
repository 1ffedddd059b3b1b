package actor

import (
	"context"
	"slices"
	"strings"
)

// Type says what sort of party acts.
type Type string

// The parties that act.
const (
	Operator Type = "operator" // a person of the customer, signed in
	APIKey   Type = "api_key"  // the customer's code
	Contact  Type = "contact"  // a visitor of the customer's website
	System   Type = "system"   // Botimum itself: jobs, commands
	// Anonymous is a reader of public pages of whom nothing is known.
	Anonymous Type = "anonymous"
)

// Actor is who asks, for which workspace, and what they may do.
type Actor struct {
	Type        Type
	ID          string // operator, key or contact id
	WorkspaceID string
	Permissions Permissions
	Name        string // how the operator is shown; never logged
	SessionID   string // the operator's session, for revocation and CSRF
	Surface     string // through what a contact acts: "" the widget, or board
	SignedIn    bool   // the contact's session came with an identity token: all that is the person's is theirs to see
	From        Origin // of operators and keys: where the request came from
}

// Origin is from where somebody acts, as coarse as it is kept.
type Origin struct {
	Network string // the /24 of an IPv4 address, the /48 of an IPv6 one
	Browser string // its family, in a word; "" where that is not known
	System  string
}

// Can tells whether the actor holds the permission.
func (a Actor) Can(permission string) bool { return a.Permissions.Allow(permission) }

// IsZero tells whether nobody is known.
func (a Actor) IsZero() bool { return a.Type == "" }

// Ref is an actor as others see it: type and id, and a name where they may see it.
type Ref struct {
	Type Type   `json:"type" enum:"operator,api_key,contact,system"`
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Ref gives the actor's reference without a name.
func (a Actor) Ref() Ref { return Ref{Type: a.Type, ID: a.ID} }

// Permissions is a set of "area:action" words; "area:*" and "*" stand for many.
type Permissions []string

// Allow tells whether the set holds the permission. The empty permission is
// held by nobody: a route that forgot to name one is closed, not open.
func (p Permissions) Allow(permission string) bool {
	if permission == "" {
		return false
	}
	area, _, _ := strings.Cut(permission, ":")
	return slices.ContainsFunc(p, func(held string) bool {
		return held == "*" || held == permission || held == area+":*"
	})
}

// Covers tells whether every permission of q is allowed by p, so that nobody
// can hand out more than they hold.
func (p Permissions) Covers(q Permissions) bool {
	return !slices.ContainsFunc(q, func(want string) bool {
		if want == "*" {
			return !slices.Contains(p, "*")
		}
		if area, isAll := strings.CutSuffix(want, ":*"); isAll {
			return !slices.Contains(p, "*") && !slices.Contains(p, area+":*")
		}
		return !p.Allow(want)
	})
}

type contextKey struct{}

// With gives a context that carries the actor.
func With(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, contextKey{}, a)
}

// From gives the actor of a context, or the zero Actor.
func From(ctx context.Context) Actor {
	a, _ := ctx.Value(contextKey{}).(Actor)
	return a
}
