package enrich

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/fault"
)

const (
	providerID   = "enp"
	maxProviders = 20
)

// The kinds of providers.
const (
	KindGravatar   = "gravatar"
	KindLibravatar = "libravatar"
	KindWebsite    = "website"
	KindHTTP       = "http" // by a definition
)

// A provider is on or off.
const (
	On  = "on"
	Off = "off"
)

// What came of a question. Other outcomes say why there was no answer.
const (
	OutcomeFound   = "found"
	OutcomeUnknown = "unknown"
)

// Provider is somewhere people are looked up.
type Provider struct {
	ID           string      `json:"id" example:"enp_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	Kind         string      `json:"kind" enum:"gravatar,libravatar,website,http"`
	Preset       string      `json:"preset" doc:"The ready definition that it came from, or empty."`
	Name         string      `json:"name"`
	State        string      `json:"state" enum:"on,off"`
	Definition   *Definition `json:"definition" doc:"Of kind http."`
	HasSecret    bool        `json:"has_secret" doc:"Whether there is one. It is never shown."`
	Asks         []string    `json:"asks" doc:"Which sorts of data leave: email, email_sha256, email_md5, domain, name."`
	Host         string      `json:"host" doc:"Who is told."`
	PerMinute    int64       `json:"per_minute"`
	PerDay       int64       `json:"per_day"`
	UsedToday    int64       `json:"used_today"`
	BlockedUntil *time.Time  `json:"blocked_until" doc:"It asked to be left alone until then, or refused the key."`
	LastError    *string     `json:"last_error" doc:"The last failure as a word, such as provider_busy."`
	LastErrorAt  *time.Time  `json:"last_error_at"`
	LastAnswerAt *time.Time  `json:"last_answer_at"`
	Waiting      int64       `json:"waiting" doc:"People who are still to be looked up here."`
	CreatedAt    time.Time   `json:"created_at"`
	UpdatedAt    time.Time   `json:"updated_at"`
}

// NewProvider adds a provider. It is off until it is switched on.
type NewProvider struct {
	Kind       string      `json:"kind,omitempty" enum:"gravatar,libravatar,website,http" doc:"http if there is a preset or a definition."`
	Preset     string      `json:"preset,omitempty" maxLength:"40" doc:"A ready definition; GET /enrichment/presets lists them."`
	Name       string      `json:"name,omitempty" maxLength:"60"`
	Definition *Definition `json:"definition,omitempty"`
	Secret     string      `json:"secret,omitempty" maxLength:"500" doc:"Put in place of {secret} in headers. Sealed, and never shown again."`
	PerMinute  int64       `json:"per_minute,omitempty" minimum:"0" maximum:"10000" doc:"30 if absent."`
	PerDay     int64       `json:"per_day,omitempty" minimum:"0" maximum:"1000000" doc:"500 if absent."`
	State      string      `json:"state,omitempty" enum:"on,off"`
}

// ProviderChange changes one; what is absent stays.
type ProviderChange struct {
	Name       *string     `json:"name,omitempty" minLength:"1" maxLength:"60"`
	Definition *Definition `json:"definition,omitempty"`
	Secret     *string     `json:"secret,omitempty" maxLength:"500" doc:"Empty takes it away. A definition that leads to another host takes it away, too."`
	PerMinute  *int64      `json:"per_minute,omitempty" minimum:"1" maximum:"10000"`
	PerDay     *int64      `json:"per_day,omitempty" minimum:"1" maximum:"1000000"`
	State      *string     `json:"state,omitempty" enum:"on,off"`
}

// settle fills in what a new provider leaves out.
func (n NewProvider) settle() (NewProvider, error) {
	if n.Preset != "" {
		p, known := presetOf(n.Preset)
		if !known {
			return n, fault.Invalid("preset", "is not one of those that GET /api/v1/enrichment/presets lists")
		}
		n.Kind, n.Definition = KindHTTP, &p.Definition
		if n.Name == "" {
			n.Name = p.Name
		}
		if n.PerMinute == 0 {
			n.PerMinute = p.PerMinute
		}
	}
	if n.Kind == "" {
		n.Kind = KindHTTP
	}
	if (n.Kind == KindHTTP) != (n.Definition != nil) {
		return n, fault.Invalid("definition", "belongs to kind http, and only to that")
	}
	names := map[string]string{KindGravatar: "Gravatar", KindLibravatar: "Libravatar", KindWebsite: "Company website"}
	if n.Name = strings.TrimSpace(n.Name); n.Name == "" {
		n.Name = names[n.Kind]
	}
	if n.PerMinute == 0 {
		n.PerMinute = 30
	}
	if n.PerDay == 0 {
		n.PerDay = 500
	}
	if n.State == "" {
		n.State = Off
	}
	return n, checkName(n.Name)
}

func checkName(name string) error {
	if n := utf8.RuneCountInString(name); n == 0 || n > 60 || clean(name, 60) != name {
		return fault.Invalid("name", "needs 1 to 60 characters that can be seen")
	}
	return nil
}

// checkSecret refuses what no header carries.
func checkSecret(secret string) error {
	if strings.ContainsFunc(secret, func(r rune) bool { return r < ' ' || r > '~' }) {
		return fault.Invalid("secret", "must be written in plain ASCII, without line ends")
	}
	return nil
}
