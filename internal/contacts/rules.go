package contacts

import (
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/botimum/botimum/internal/fault"
)

// The bounds of a profile.
const (
	maxAttributes     = 50
	maxAttributeBytes = 1000
	maxAttributeItems = 100
	maxProfileBytes   = 64 << 10 // every list that shows the person opens all of it
)

var attributeKey = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// Validate says everything that is wrong with a change, by field.
func (c Change) Validate() error {
	var bad []fault.FieldError
	say := func(field, detail string) { bad = append(bad, fault.FieldError{Field: field, Detail: detail}) }
	limits := map[string]int{"external_id": 200, "email": 254, "name": 200, "first_name": 100, "last_name": 100, "phone": 40,
		"avatar_url": 1000, "locale": 35, "timezone": 60}
	for _, f := range c.fields() {
		if f.value == nil {
			continue
		}
		value := strings.TrimSpace(*f.value)
		switch {
		case utf8.RuneCountInString(value) > limits[f.name]:
			say(f.name, "is too long")
		case strings.ContainsFunc(value, unicode.IsControl):
			say(f.name, "must not hold control characters")
		case value != "" && textRules[f.name] != nil:
			if problem := textRules[f.name](value); problem != "" {
				say(f.name, problem)
			}
		}
	}
	for _, ch := range channels() {
		ch.problems(c, say)
	}
	checkAttributes(c.Attributes, say)
	if len(bad) > 0 {
		return fault.InvalidFields(bad...)
	}
	return nil
}

// textRules gives, for each field with a form of its own, what is wrong with a
// value, or "".
var textRules = map[string]func(string) string{
	"email":      emailProblem,
	"phone":      phoneProblem,
	"avatar_url": urlProblem,
	"locale":     localeProblem,
	"timezone":   timezoneProblem,
}

// emailProblem wants an address as RFC 5321 carries it, without a display name.
func emailProblem(s string) string {
	a, err := mail.ParseAddress(s)
	at := strings.LastIndexByte(s, '@')
	if err != nil || a.Address != s || at < 1 || at > 64 || !strings.Contains(s[at:], ".") || strings.ContainsAny(s, " \"<>") {
		return "is not an e-mail address; write it as name@example.org"
	}
	return ""
}

func phoneProblem(s string) string {
	digits := 0
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '+' && i == 0, strings.ContainsRune(" -()./", r):
		default:
			return "is not a phone number; write it as +49 30 1234567"
		}
	}
	if digits < 5 || digits > 15 {
		return "is not a phone number; it has 5 to 15 digits (ITU E.164)"
	}
	return ""
}

func urlProblem(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return "is not an https address"
	}
	return ""
}

func localeProblem(s string) string {
	if _, err := language.Parse(s); err != nil {
		return "is not a language tag such as de or pt-BR"
	}
	return ""
}

func timezoneProblem(s string) string {
	if _, err := time.LoadLocation(s); err != nil || s == "Local" {
		return "is not a time zone such as Europe/Berlin"
	}
	return ""
}

func checkAttributes(attributes map[string]any, say func(field, detail string)) {
	if len(attributes) > maxAttributes {
		say("attributes", "are too many; at most 50 at once")
		return
	}
	for key, value := range attributes {
		if !attributeKey.MatchString(key) {
			say("attributes", "have a name that is not lower-case words joined by _")
			continue
		}
		if problem := attributeProblem(value); problem != "" {
			say("attributes."+key, problem)
		}
	}
}

func attributeProblem(value any) string {
	switch v := value.(type) {
	case nil, bool, float64:
		return ""
	case string:
		if len(v) > maxAttributeBytes {
			return "is too long; at most 1,000 bytes"
		}
		return ""
	case []any:
		if len(v) > maxAttributeItems {
			return "has too many items; at most 100"
		}
		for _, item := range v {
			if s, ok := item.(string); !ok || len(s) > maxAttributeBytes {
				return "may list only texts of at most 1,000 bytes"
			}
		}
		return ""
	}
	return "must be a text, a number, true or false, or a list of texts"
}

// checkStored says whether a whole profile keeps within bounds after a change.
func (p Profile) checkStored() error {
	if len(p.Attributes) > maxAttributes {
		return fault.Invalid("attributes", "would be more than 50; remove some first")
	}
	if size, err := p.marshal(); err != nil || len(size) > maxProfileBytes {
		return fault.Invalid("attributes", "would make the profile larger than 64 KB; keep long texts elsewhere")
	}
	return nil
}
