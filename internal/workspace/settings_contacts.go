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

// The technical data that a workspace may keep.
const (
	TechAddress  = "address"
	TechPlace    = "place"
	TechBrowser  = "browser"
	TechLanguage = "language"
	TechPage     = "page"
	TechReferrer = "referrer"
)

// TechnicalKinds lists them.
func TechnicalKinds() []string {
	return []string{TechAddress, TechPlace, TechBrowser, TechLanguage, TechPage, TechReferrer}
}

const (
	usualTechnicalDays = 30
	mostTechnicalDays  = 90
)

// Technical says which technical data is kept, what for, and for how long.
type Technical struct {
	Kinds   []string `json:"kinds" doc:"address (shortened), place (a country, approximately), browser, language, page, referrer. None unless chosen."`
	Purpose string   `json:"purpose" doc:"The key of the purpose that it is kept for."`
	Days    int      `json:"days" doc:"Kept for so many days: 1 to 90."`
}

// TechnicalPatch is a change of it; what is nil stays.
type TechnicalPatch struct {
	Kinds   []string `json:"kinds,omitempty" doc:"Replaces the list; [] keeps nothing."`
	Purpose *string  `json:"purpose,omitempty"`
	Days    *int     `json:"days,omitempty"`
}

func defaultTechnical() Technical { return Technical{Kinds: []string{}, Days: usualTechnicalDays} }

func (t Technical) same(o Technical) bool {
	return slices.Equal(t.Kinds, o.Kinds) && t.Purpose == o.Purpose && t.Days == o.Days
}

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
	if p.Technical == nil {
		return s, bad
	}
	if p.Technical.Kinds != nil {
		s.Technical.Kinds = slices.Compact(slices.Sorted(slices.Values(p.Technical.Kinds)))
	}
	if p.Technical.Purpose != nil {
		s.Technical.Purpose = *p.Technical.Purpose
	}
	if p.Technical.Days != nil {
		s.Technical.Days = *p.Technical.Days
	}
	if slices.ContainsFunc(s.Technical.Kinds, func(k string) bool { return !slices.Contains(TechnicalKinds(), k) }) {
		bad = note(bad, "settings.technical.kinds", "may name address, place, browser, language, page and referrer")
	}
	if _, why := cleanPurpose(s.Technical.Purpose); why != "" || len(s.Technical.Kinds) > 0 && s.Technical.Purpose == "" {
		bad = note(bad, "settings.technical.purpose", "must be the key of a purpose, such as support")
	}
	if s.Technical.Days < 1 || s.Technical.Days > mostTechnicalDays {
		bad = note(bad, "settings.technical.days", "must be 1 to 90")
	}
	return s, bad
}
