package workspace

import (
	"strconv"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

const (
	defaultTechnicalDays = 30
	maxTechnicalDays     = 90
)

// Technical is what is kept of the browser in which somebody does something on
// purpose. Nothing is, unless it is switched on.
type Technical struct {
	Address       bool   `json:"address" doc:"The shortened network address: /24 of IPv4, /48 of IPv6."`
	Place         bool   `json:"place" doc:"The approximate country, from the browser's time zone or language; never from the address."`
	Browser       bool   `json:"browser" doc:"The family of browser and system, without versions."`
	Language      bool   `json:"language"`
	Page          bool   `json:"page" doc:"Without query and fragment."`
	Referrer      bool   `json:"referrer" doc:"The page before, without query and fragment."`
	Purpose       string `json:"purpose" doc:"One of the workspace's; whoever objected to it, or did not consent where it rests on consent, is left out."`
	RetentionDays int    `json:"retention_days" doc:"1 to 90."`
}

// TechnicalPatch is a change of it; what is nil stays.
type TechnicalPatch struct {
	Address       *bool   `json:"address,omitempty"`
	Place         *bool   `json:"place,omitempty"`
	Browser       *bool   `json:"browser,omitempty"`
	Language      *bool   `json:"language,omitempty"`
	Page          *bool   `json:"page,omitempty"`
	Referrer      *bool   `json:"referrer,omitempty"`
	Purpose       *string `json:"purpose,omitempty" maxLength:"64"`
	RetentionDays *int    `json:"retention_days,omitempty"`
}

// facts gives the switches by name.
func (t *Technical) facts() []struct {
	name string
	on   *bool
} {
	return []struct {
		name string
		on   *bool
	}{{"address", &t.Address}, {"place", &t.Place}, {"browser", &t.Browser}, {"language", &t.Language}, {"page", &t.Page}, {"referrer", &t.Referrer}}
}

// On names what is switched on.
func (t Technical) On() []string {
	on := []string{}
	for _, f := range t.facts() {
		if *f.on {
			on = append(on, f.name)
		}
	}
	return on
}

// Keep is for how long it is kept.
func (t Technical) Keep() time.Duration {
	if t.RetentionDays < 1 || t.RetentionDays > maxTechnicalDays { // older than the setting
		return defaultTechnicalDays * 24 * time.Hour
	}
	return time.Duration(t.RetentionDays) * 24 * time.Hour
}

// applyTechnical makes the change of what is kept of browsers.
func (p SettingsPatch) applyTechnical(s Settings, bad []fault.FieldError) (Settings, []fault.FieldError) {
	if p.Technical == nil {
		return s, bad
	}
	c, t := p.Technical, s.Technical
	for i, given := range []*bool{c.Address, c.Place, c.Browser, c.Language, c.Page, c.Referrer} {
		if given != nil {
			*t.facts()[i].on = *given
		}
	}
	if c.Purpose != nil {
		purpose, why := cleanPurpose(*c.Purpose)
		t.Purpose, bad = purpose, note(bad, "settings.technical.purpose", why)
	}
	if c.RetentionDays != nil {
		if t.RetentionDays = *c.RetentionDays; t.RetentionDays < 1 || t.RetentionDays > maxTechnicalDays {
			bad = note(bad, "settings.technical.retention_days", "must be 1 to "+strconv.Itoa(maxTechnicalDays))
		}
	}
	if t.RetentionDays == 0 {
		t.RetentionDays = defaultTechnicalDays
	}
	if t.Purpose == "" && len(t.On()) > 0 {
		bad = note(bad, "settings.technical.purpose", "must say what it is for: the key of a purpose, such as support")
	}
	s.Technical = t
	return s, bad
}

// checkTechnical refuses a purpose that the workspace does not have.
func (s *Service) checkTechnical(tx *storage.Tx, old, now Workspace) error {
	purpose := now.Settings.Technical.Purpose
	if purpose == "" || old.Settings.Technical == now.Settings.Technical || s.isPurpose == nil {
		return nil
	}
	err := s.isPurpose(tx, now.ID, purpose)
	if fault.Is(err, fault.KindInvalid) {
		return fault.Invalid("settings.technical.purpose", "is not a purpose of this workspace; GET /api/v1/privacy/purposes lists them")
	}
	return err
}

// changeDetails says for the log what changed, and what of browsers is kept from now
// on where that changed.
func changeDetails(old, now Workspace) map[string]string {
	details := map[string]string{"fields": strings.Join(differences(old, now), ",")}
	if old.Settings.Technical != now.Settings.Technical {
		details["technical"] = strings.Join(now.Settings.Technical.On(), ",")
		details["technical_purpose"], details["technical_days"] = now.Settings.Technical.Purpose, strconv.Itoa(now.Settings.Technical.RetentionDays)
	}
	return details
}
