package contacts

import (
	"encoding/json"
	"maps"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/privacy"
)

// Contact is a person as operators and the customer's code see them.
type Contact struct {
	ID           string                `json:"id" example:"con_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	ExternalID   string                `json:"external_id" doc:"What the customer's own system calls them."`
	Email        string                `json:"email" doc:"The primary one of emails."`
	Emails       []Address             `json:"emails" doc:"All e-mail addresses, the primary one first."`
	Name         string                `json:"name"`
	FirstName    string                `json:"first_name"`
	LastName     string                `json:"last_name"`
	Phone        string                `json:"phone" doc:"The primary one of phones."`
	Phones       []Address             `json:"phones" doc:"All phone numbers, the primary one first."`
	AvatarURL    string                `json:"avatar_url"`
	CompanyID    *string               `json:"company_id"`
	CompanyFrom  *string               `json:"company_source" enum:"set,import,domain,enrichment" doc:"Where that is from: set by somebody (who may have set that there is none), named by an import, following from a verified address, or from a public source."`
	Attributes   map[string]any        `json:"attributes"`
	Tags         []string              `json:"tags" doc:"The workspace's own words for them, in lower case."`
	Locale       string                `json:"locale"`
	Timezone     string                `json:"timezone"`
	Source       string                `json:"source" doc:"Through what the contact came: widget, api, dashboard, import or system."`
	Verified     bool                  `json:"verified" doc:"Whether a signed token or the customer's code vouched for who they are. An address of somebody unverified is a claim."`
	RestrictedAt *time.Time            `json:"restricted_at" doc:"Since when nothing but storage may happen to this person's data (GDPR article 18); null if it may."`
	HeldUntil    *time.Time            `json:"held_until" doc:"Until when a legal hold keeps this person from being erased; null if none does. It may be past."`
	Blocked      *ContactBlock         `json:"blocked" doc:"Why and until when they are not let in; null if they are."`
	DeletedAt    *time.Time            `json:"deleted_at" doc:"In the bin since; erased 30 days later."`
	MergedIDs    []string              `json:"merged_ids" doc:"The contacts that were merged into this one; told where one contact is asked for, empty in lists."`
	LastSeenAt   *time.Time            `json:"last_seen_at"`
	CreatedAt    time.Time             `json:"created_at"`
	UpdatedAt    time.Time             `json:"updated_at"`
	Provenance   map[string]Provenance `json:"provenance" doc:"Where each field came from."`
	Claims       map[string]Claim      `json:"claims" doc:"What the visitor said of themselves that is not taken as a fact, by field; an attribute as attributes.name."`
}

// Provenance says where a field's value came from, and when.
type Provenance struct {
	Source string    `json:"source"`
	At     time.Time `json:"at"`
	// Of what was found in a public source, by whom, where, and how sure that is.
	Provider   string  `json:"provider,omitempty" doc:"The provider that it was found with, where it was found in a public source."`
	URL        string  `json:"url,omitempty" doc:"Where it can be seen."`
	Confidence float64 `json:"confidence,omitempty" minimum:"0" maximum:"1" doc:"How sure the source is, from 0 to 1."`
}

// Summary is what a list shows of a person.
type Summary struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Email     string `json:"email"`
	AvatarURL string `json:"avatar_url"`
	Verified  bool   `json:"verified"`
	// RestrictedAt is not nil where nothing but storage may happen to the person's data.
	RestrictedAt *time.Time `json:"restricted_at"`
}

// Profile is the sealed part of a contact.
type Profile struct {
	ExternalID string                `json:"external_id,omitempty"`
	Email      string                `json:"email,omitempty"`
	Name       string                `json:"name,omitempty"`
	FirstName  string                `json:"first_name,omitempty"`
	LastName   string                `json:"last_name,omitempty"`
	Phone      string                `json:"phone,omitempty"`
	AvatarURL  string                `json:"avatar_url,omitempty"`
	Locale     string                `json:"locale,omitempty"`
	Timezone   string                `json:"timezone,omitempty"`
	Attributes map[string]any        `json:"attributes,omitempty"`
	Provenance map[string]Provenance `json:"provenance,omitempty"`
	Emails     []Address             `json:"emails,omitempty"` // empty in profiles from before there were several
	Phones     []Address             `json:"phones,omitempty"`
	Claims     map[string]Claim      `json:"claims,omitempty"`
}

// Change is what a caller wants changed: nil leaves a field, "" clears it. In
// Attributes a null clears the attribute.
type Change struct {
	ExternalID *string        `json:"external_id,omitempty" maxLength:"200"`
	Email      *string        `json:"email,omitempty" maxLength:"254"`
	Name       *string        `json:"name,omitempty" maxLength:"200"`
	FirstName  *string        `json:"first_name,omitempty" maxLength:"100"`
	LastName   *string        `json:"last_name,omitempty" maxLength:"100"`
	Phone      *string        `json:"phone,omitempty" maxLength:"40"`
	AvatarURL  *string        `json:"avatar_url,omitempty" maxLength:"1000"`
	Locale     *string        `json:"locale,omitempty" maxLength:"35" doc:"A language tag (BCP 47)."`
	Timezone   *string        `json:"timezone,omitempty" maxLength:"60" doc:"An IANA name such as Europe/Berlin."`
	Attributes map[string]any `json:"attributes,omitempty" doc:"At most 50 of string, number, boolean or a list of strings; null clears one."`

	Emails []AddressChange `json:"emails,omitempty" maxItems:"20" doc:"Replaces all e-mail addresses; [] takes them away. With email alone, that one becomes the primary one, in the place of the one that was."`
	Phones []AddressChange `json:"phones,omitempty" maxItems:"20" doc:"Replaces all phone numbers, as emails does."`

	CompanyID *string `json:"company_id,omitempty" maxLength:"64" doc:"The company that the person belongs to; empty for none, which then does not follow from their address either."`

	DismissClaims []string `json:"dismiss_claims,omitempty" maxItems:"50" doc:"Fields whose claims are forgotten, such as attributes.plan."`

	Basis *privacy.Basis `json:"basis,omitempty" doc:"Why this data may be processed. Needed unless the workspace has a default purpose."`
}

// isEmpty tells whether the change changes no personal data.
func (c Change) isEmpty() bool {
	for _, f := range c.fields() {
		if f.value != nil {
			return false
		}
	}
	return len(c.Attributes) == 0 && c.CompanyID == nil && c.Emails == nil && c.Phones == nil
}

// textField is one text field of a change and the place in a profile it goes to.
type textField struct {
	name  string
	value *string
	at    func(*Profile) *string
}

func (c Change) fields() []textField {
	return []textField{
		{"external_id", c.ExternalID, func(p *Profile) *string { return &p.ExternalID }},
		{"email", c.Email, func(p *Profile) *string { return &p.Email }},
		{"name", c.Name, func(p *Profile) *string { return &p.Name }},
		{"first_name", c.FirstName, func(p *Profile) *string { return &p.FirstName }},
		{"last_name", c.LastName, func(p *Profile) *string { return &p.LastName }},
		{"phone", c.Phone, func(p *Profile) *string { return &p.Phone }},
		{"avatar_url", c.AvatarURL, func(p *Profile) *string { return &p.AvatarURL }},
		{"locale", c.Locale, func(p *Profile) *string { return &p.Locale }},
		{"timezone", c.Timezone, func(p *Profile) *string { return &p.Timezone }},
	}
}

// trust is whether somebody vouched for the contact and for the change.
type trust struct {
	verified bool // the contact was vouched for before
	facts    bool // the change is vouched for
	claims   bool // a visitor says it of themselves
}

// apply gives the profile with the change made, remembering for each changed
// field where it came from. The profile that it is called on stays as it is.
func (p Profile) apply(c Change, st trust, source string, now time.Time) Profile {
	out := p
	out.Attributes, out.Provenance = maps.Clone(p.Attributes), maps.Clone(p.Provenance)
	if out.Provenance == nil {
		out.Provenance = map[string]Provenance{}
	}
	note := func(field string, present bool) {
		if present {
			out.Provenance[field] = Provenance{Source: source, At: now}
		} else {
			delete(out.Provenance, field)
		}
	}
	for _, f := range c.fields() {
		if f.value != nil && f.name != "email" && f.name != "phone" {
			value := strings.TrimSpace(*f.value)
			*f.at(&out) = value
			note(f.name, value != "")
		}
	}
	for _, ch := range channels() {
		ch.apply(&out, c, st.verified, st.facts, source, now)
	}
	if st.facts {
		out.settle(c)
	}
	if c.Name == nil && out.Name == "" {
		out.Name = strings.TrimSpace(out.FirstName + " " + out.LastName)
	}
	for key, value := range c.Attributes {
		if value == nil {
			delete(out.Attributes, key)
		} else {
			if out.Attributes == nil {
				out.Attributes = map[string]any{}
			}
			out.Attributes[key] = value
		}
		note("attributes."+key, value != nil)
	}
	return out
}

// marshal gives the profile as it is sealed.
func (p Profile) marshal() ([]byte, error) { return json.Marshal(p) }

func unmarshalProfile(b []byte) (Profile, error) {
	var p Profile
	err := json.Unmarshal(b, &p)
	return p, err
}
