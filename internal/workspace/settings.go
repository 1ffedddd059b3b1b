package workspace

import (
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/text/language"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/sensitive"
)

// Settings are what a workspace decides about itself and its widget.
type Settings struct {
	AllowedOrigins []string `json:"allowed_origins" doc:"The websites that may carry the widget, as scheme://host[:port]."`
	NoticeURL      string   `json:"notice_url" doc:"The customer's own privacy notice; empty for the generated one."`
	DefaultPurpose string   `json:"default_purpose" doc:"The purpose of personal data that comes in without a stated basis; empty to insist on one."`
	Color          string   `json:"color" doc:"The widget's colour." example:"#0f766e"`
	Greeting       string   `json:"greeting" doc:"What the widget says first; empty for its own words."`
	WidgetPosition string   `json:"widget_position" enum:"left,right"`
	Locale         string   `json:"locale" doc:"The language where the visitor's own is not known." example:"en"`

	RequestDays    int      `json:"request_days" doc:"Within how many days privacy requests are answered: 1 to 7."`
	ReviewedKinds  []string `json:"reviewed_kinds" doc:"The kinds of privacy requests that a person looks at before they are carried out."`
	AuthorityName  string   `json:"authority_name" doc:"The supervisory authority, named with a refusal and on the privacy page."`
	AuthorityURL   string   `json:"authority_url"`
	OfficerName    string   `json:"officer_name" doc:"The privacy officer as the public is told."`
	OfficerAddress string   `json:"officer_address" doc:"Where the privacy officer is reached, as the public is told: an e-mail address or a postal one."`
	AgeGate        bool     `json:"age_gate" doc:"Whether visitors say when they were born before anything of them is stored."`
	Country        string   `json:"country" doc:"Whose age limit counts; that of the country in the visitor's language counts where it is stricter. Empty: the strictest, 16." example:"DE"`

	MaskedRoles          []string  `json:"masked_roles" doc:"The roles that see contacts without their addresses and phone numbers: agent, viewer, privacy_officer."`
	UndeclaredAttributes string    `json:"undeclared_attributes" enum:"seal,refuse" doc:"What is done with attributes that nobody declared: taken and sealed, or refused."`
	Technical            Technical `json:"technical" doc:"What is kept of the browser in which a visitor does something on purpose. All of it is off at first."`
	// Sensitive is what is done with each kind of sensitive text on arrival.
	Sensitive sensitive.Policy `json:"sensitive" doc:"What is done with each kind of sensitive text when a message arrives: mask, flag or off, by kind: key, iban, card, national_id, password."`
}

// DefaultSettings are those of a new workspace.
func DefaultSettings() Settings {
	return Settings{AllowedOrigins: []string{}, Color: "#0f766e", WidgetPosition: "right", Locale: "en",
		RequestDays: maxRequestDays, ReviewedKinds: []string{}, Sensitive: sensitive.DefaultPolicy(),
		MaskedRoles: []string{}, UndeclaredAttributes: SealUndeclared, Technical: Technical{RetentionDays: defaultTechnicalDays}}
}

// AllowsOrigin tells whether the widget may run on pages of the origin, given as
// browsers write it.
func (s Settings) AllowsOrigin(origin string) bool { return slices.Contains(s.AllowedOrigins, origin) }

// SettingsPatch is a change of settings; what is nil stays.
type SettingsPatch struct {
	AllowedOrigins []string `json:"allowed_origins,omitempty" doc:"Replaces the list; [] allows none."`
	NoticeURL      *string  `json:"notice_url,omitempty"`
	DefaultPurpose *string  `json:"default_purpose,omitempty"`
	Color          *string  `json:"color,omitempty"`
	Greeting       *string  `json:"greeting,omitempty"`
	WidgetPosition *string  `json:"widget_position,omitempty"`
	Locale         *string  `json:"locale,omitempty"`
	RequestDays    *int     `json:"request_days,omitempty"`
	ReviewedKinds  []string `json:"reviewed_kinds,omitempty" doc:"Replaces the list; [] lets the machine answer all."`
	AuthorityName  *string  `json:"authority_name,omitempty"`
	AuthorityURL   *string  `json:"authority_url,omitempty"`
	OfficerName    *string  `json:"officer_name,omitempty"`
	OfficerAddress *string  `json:"officer_address,omitempty"`
	AgeGate        *bool    `json:"age_gate,omitempty"`
	Country        *string  `json:"country,omitempty"`

	MaskedRoles          []string `json:"masked_roles,omitempty" doc:"Replaces the list; [] masks nobody."`
	UndeclaredAttributes *string  `json:"undeclared_attributes,omitempty" enum:"seal,refuse"`

	Technical *TechnicalPatch  `json:"technical,omitempty" doc:"What is left out stays."`
	Sensitive sensitive.Policy `json:"sensitive,omitempty" doc:"mask, flag or off by kind: key, iban, card, national_id, password. Kinds that are left out stay as they are."`
}

const (
	maxOrigins  = 50
	maxURL      = 500
	maxGreeting = 300
)

var (
	colorForm   = regexp.MustCompile(`^#[0-9a-f]{6}$`)
	purposeForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
	localeForm  = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)
)

// apply gives the settings with the change made and what breaks its rule.
func (p SettingsPatch) apply(s Settings) (Settings, []fault.FieldError) {
	var bad []fault.FieldError
	if p.AllowedOrigins != nil {
		origins, why := cleanOrigins(p.AllowedOrigins)
		s.AllowedOrigins, bad = origins, note(bad, "settings.allowed_origins", why)
	}
	if p.AgeGate != nil {
		s.AgeGate = *p.AgeGate
	}
	for _, f := range []struct {
		name  string
		given *string
		to    *string
		clean func(string) (string, string)
	}{
		{"notice_url", p.NoticeURL, &s.NoticeURL, cleanNoticeURL},
		{"default_purpose", p.DefaultPurpose, &s.DefaultPurpose, cleanPurpose},
		{"color", p.Color, &s.Color, cleanColor},
		{"greeting", p.Greeting, &s.Greeting, func(t string) (string, string) { return cleanText(t, maxGreeting) }},
		{"widget_position", p.WidgetPosition, &s.WidgetPosition, cleanPosition},
		{"locale", p.Locale, &s.Locale, cleanLocale},
		{"authority_name", p.AuthorityName, &s.AuthorityName, func(t string) (string, string) { return cleanText(t, maxName) }},
		{"authority_url", p.AuthorityURL, &s.AuthorityURL, cleanNoticeURL},
		{"officer_name", p.OfficerName, &s.OfficerName, func(t string) (string, string) { return cleanText(t, maxName) }},
		{"officer_address", p.OfficerAddress, &s.OfficerAddress, func(t string) (string, string) { return cleanText(t, maxGreeting) }},
		{"country", p.Country, &s.Country, cleanCountry},
	} {
		if f.given == nil {
			continue
		}
		value, why := f.clean(*f.given)
		*f.to, bad = value, note(bad, "settings."+f.name, why)
	}
	policy, why := cleanPolicy(s.Sensitive, p.Sensitive)
	s.Sensitive, bad = policy, note(bad, "settings.sensitive", why)
	s, bad = p.applyContacts(s, bad)
	s, bad = p.applyTechnical(s, bad)
	return p.applyRequests(s, bad)
}

// cleanPolicy gives the policy with the change made; the old one is shared and
// stays as it is.
func cleanPolicy(old, change sensitive.Policy) (next sensitive.Policy, why string) {
	next = maps.Clone(old)
	for kind, action := range change {
		if !slices.Contains(sensitive.Kinds(), kind) {
			return old, "must name kinds among key, iban, card, national_id and password"
		}
		if action != sensitive.DoMask && action != sensitive.DoFlag && action != sensitive.DoNone {
			return old, "must say mask, flag or off for each kind"
		}
		next[kind] = action
	}
	return next, ""
}

func cleanOrigins(origins []string) (clean []string, why string) {
	if len(origins) > maxOrigins {
		return nil, "must name at most " + strconv.Itoa(maxOrigins) + " websites"
	}
	clean = make([]string, 0, len(origins))
	for _, o := range origins {
		origin, ok := cleanOrigin(o)
		if !ok {
			return nil, "must be of the form https://www.example.org, without a path"
		}
		if !slices.Contains(clean, origin) {
			clean = append(clean, origin)
		}
	}
	return clean, ""
}

// cleanOrigin gives an origin as browsers serialise it (RFC 6454, section 6.2):
// lower case, punycode, without the scheme's own port.
func cleanOrigin(s string) (string, bool) {
	u, err := url.Parse(strings.ToLower(strings.TrimSpace(s)))
	if err != nil || len(s) > maxURL || (u.Scheme != "https" && u.Scheme != "http") || u.User != nil ||
		(u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(s, "#") {
		return "", false
	}
	host, ok := cleanHost(u.Hostname())
	if !ok || strings.HasSuffix(u.Host, ":") {
		return "", false
	}
	port := u.Port()
	if port == "" || u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		return u.Scheme + "://" + host, true
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return "", false
	}
	return u.Scheme + "://" + host + ":" + strconv.FormatUint(n, 10), true
}

// cleanHost gives a host's name in ASCII, an IPv6 address in brackets.
func cleanHost(host string) (string, bool) {
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip.Zone() != "" {
			return "", false
		}
		if ip.Is6() {
			return "[" + ip.String() + "]", true
		}
		return ip.String(), true
	}
	ascii, err := idna.Lookup.ToASCII(host)
	if err != nil || ascii == "" || len(ascii) > 253 || strings.Contains(ascii, "..") || strings.HasPrefix(ascii, ".") {
		return "", false
	}
	return ascii, true
}

func cleanNoticeURL(s string) (clean, why string) {
	s, why = cleanText(s, maxURL)
	if s == "" || why != "" {
		return "", why
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil {
		return "", "must be the full address of a page, such as https://www.example.org/privacy"
	}
	return u.String(), ""
}

func cleanPurpose(s string) (clean, why string) {
	if s != "" && !purposeForm.MatchString(s) {
		return "", "must be the key of a purpose, such as support"
	}
	return s, ""
}

func cleanColor(s string) (clean, why string) {
	s = strings.ToLower(strings.TrimSpace(s))
	if !colorForm.MatchString(s) {
		return "", "must be a colour such as #0f766e"
	}
	return s, ""
}

func cleanPosition(s string) (clean, why string) {
	if s != "left" && s != "right" {
		return "", "must be left or right"
	}
	return s, ""
}

func cleanLocale(s string) (clean, why string) {
	if len(s) > 35 || !localeForm.MatchString(s) {
		return "", "must be a language tag such as en or pt-BR"
	}
	return s, ""
}

func cleanCountry(s string) (clean, why string) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if s == "" {
		return "", ""
	}
	if region, err := language.ParseRegion(s); len(s) != 2 || err != nil || !region.IsCountry() {
		return "", "must be a country such as DE (ISO 3166-1)"
	}
	return s, ""
}
