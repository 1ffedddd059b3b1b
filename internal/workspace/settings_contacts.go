package workspace

import (
	"slices"

	"github.com/botimum/botimum/internal/fault"
)

// What is done with attributes that nobody declared.
const (
	SealUndeclared   = "seal"
	RefuseUndeclared = "refuse"
)

// applyContacts makes the change of what is kept of contacts, and who sees it.
func (p SettingsPatch) applyContacts(s Settings, bad []fault.FieldError) (Settings, []fault.FieldError) {
	if p.MaskedRoles != nil {
		s.MaskedRoles = slices.Compact(slices.Sorted(slices.Values(p.MaskedRoles)))
		if slices.ContainsFunc(s.MaskedRoles, func(r string) bool { return !slices.Contains(MaskableRoles(), Role(r)) }) {
			bad = note(bad, "settings.masked_roles", "may name agent, viewer and privacy_officer")
		}
	}
	if p.UndeclaredAttributes != nil {
		if s.UndeclaredAttributes = *p.UndeclaredAttributes; s.UndeclaredAttributes != SealUndeclared && s.UndeclaredAttributes != RefuseUndeclared {
			bad = note(bad, "settings.undeclared_attributes", "must be seal or refuse")
		}
	}
	return s, bad
}
