package workspace

import (
	"slices"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
)

// Role is what an operator is in a workspace.
type Role string

// The roles.
const (
	Owner          Role = "owner"
	Admin          Role = "admin"
	Agent          Role = "agent"
	Viewer         Role = "viewer"
	PrivacyOfficer Role = "privacy_officer"
)

// Roles lists the roles, the mightiest first.
func Roles() []Role { return []Role{Owner, Admin, PrivacyOfficer, Agent, Viewer} }

var rolePermissions = map[Role]actor.Permissions{
	Owner: {"*"},
	Admin: {"workspace:*", "operators:*", "keys:*", "contacts:*", "inbox:*", "boards:*", "events:*", "privacy:*", "audit:*", "webhooks:*"},
	PrivacyOfficer: {"privacy:*", "audit:read", "contacts:*", "inbox:read", "boards:read", "events:read", "workspace:read",
		"operators:read"},
	Agent:  {"contacts:*", "inbox:*", "boards:*", "events:read", "privacy:read", "workspace:read", "operators:read"},
	Viewer: {"contacts:read", SeesAddresses, "inbox:read", "boards:read", "events:read", "workspace:read", "operators:read"},
}

// SeesAddresses is the permission to see contacts' e-mail addresses and phone
// numbers. Everybody holds it, but for the roles that a workspace masks, and keys
// with the scope contacts:masked.
const SeesAddresses = "contacts:addresses"

// maskedKey is a scope that takes from a key instead of giving to it.
const maskedKey = "contacts:masked"

// MaskableRoles are those that a workspace may keep from seeing addresses. Owners and
// administrators decide who does, and would only keep them from themselves.
func MaskableRoles() []Role { return []Role{PrivacyOfficer, Agent, Viewer} }

// in gives what the role may do in a workspace with these settings.
func (r Role) in(s Settings) actor.Permissions {
	if slices.Contains(s.MaskedRoles, string(r)) && slices.Contains(MaskableRoles(), r) {
		return withoutAddresses(rolePermissions[r])
	}
	return rolePermissions[r]
}

// withoutAddresses gives permissions without that to see addresses: an area that
// stands for it is spelled out.
func withoutAddresses(held actor.Permissions) actor.Permissions {
	var out actor.Permissions
	for _, p := range permissions {
		if p != SeesAddresses && p != maskedKey && held.Allow(p) {
			out = append(out, p)
		}
	}
	return out
}

// ofKey gives what a key with these scopes may do.
func ofKey(scopes []string) actor.Permissions {
	if slices.Contains(scopes, maskedKey) {
		return withoutAddresses(scopes)
	}
	return append(slices.Clone(scopes), SeesAddresses)
}

// Permissions gives what the role may do; an unknown role may do nothing.
func (r Role) Permissions() actor.Permissions { return slices.Clone(rolePermissions[r]) }

// Valid tells whether there is such a role.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

// permissions are all that exist. A key's scope is one of these, all of an area
// ("inbox:*"), or all ("*").
var permissions = []string{
	"audit:read",
	"boards:read", "boards:write",
	SeesAddresses, "contacts:erase", maskedKey, "contacts:read", "contacts:write",
	"events:read", "events:write",
	"inbox:read", "inbox:write",
	"keys:read", "keys:write",
	"operators:read", "operators:write",
	"privacy:read", "privacy:write",
	"webhooks:read", "webhooks:write",
	"workspace:read", "workspace:write",
}

// KnownPermissions lists every permission that a route may name, sorted.
func KnownPermissions() []string { return slices.Clone(permissions) }

const maxScopes = 50

// checkScopes gives the scopes sorted and without doubles. Each must exist, and
// the granter must hold it.
func checkScopes(scopes []string, granter actor.Permissions) (actor.Permissions, error) {
	if len(scopes) == 0 || len(scopes) > maxScopes {
		return nil, fault.Invalid("scopes", "must name between 1 and 50 permissions, such as contacts:read")
	}
	for _, scope := range scopes {
		if !knownScope(scope) {
			return nil, fault.Invalid("scopes", "hold one that does not exist; known are *, area:* and "+strings.Join(permissions, ", "))
		}
	}
	if !granter.Allow(SeesAddresses) && !slices.Contains(scopes, maskedKey) {
		return nil, fault.Invalid("scopes", "must hold contacts:masked, since you may not see addresses yourself")
	}
	out := actor.Permissions(slices.Clone(scopes))
	slices.Sort(out)
	out = slices.Compact(out)
	if !granter.Covers(slices.DeleteFunc(slices.Clone(out), func(p string) bool { return p == maskedKey })) {
		return nil, fault.Invalid("scopes", "go beyond your own permissions; leave out what you do not hold yourself")
	}
	return out, nil
}

func knownScope(scope string) bool {
	if scope == "*" || slices.Contains(permissions, scope) {
		return true
	}
	area, isAll := strings.CutSuffix(scope, ":*")
	return isAll && area != "" && slices.ContainsFunc(permissions, func(p string) bool { return strings.HasPrefix(p, area+":") })
}

// checkRole refuses a role that does not exist or that the granter could not
// fill: nobody makes another one mightier than themselves.
func checkRole(r Role, granter actor.Permissions) error {
	if !r.Valid() {
		return fault.Invalid("role", "must be owner, admin, privacy_officer, agent or viewer")
	}
	if !granter.Covers(rolePermissions[r]) {
		return fault.Invalid("role", "goes beyond your own permissions; ask an owner to give it")
	}
	return nil
}
