package workspace

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/botimum/botimum/internal/fault"
)

// Workspace is one customer's tenant.
type Workspace struct {
	ID        string    `json:"id" example:"wsp_01jdxk8n0e7q2v4m6s8t0w2y4z"`
	Name      string    `json:"name" doc:"As operators and visitors see it."`
	Slug      string    `json:"slug" doc:"Its word in the addresses of public pages; never changes."`
	Key       string    `json:"key" doc:"The public key for the script tag." example:"wk_0123456789abcdefghjkmnpq"`
	Settings  Settings  `json:"settings"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Brief is a workspace in a list of those that an operator belongs to.
type Brief struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Slug string `json:"slug"`
}

// Patch is a change of a workspace; what is nil stays.
type Patch struct {
	Name     *string        `json:"name,omitempty"`
	Settings *SettingsPatch `json:"settings,omitempty"`
}

// apply gives the workspace with the change made, or every field that breaks its
// rule.
func (p Patch) apply(w Workspace) (Workspace, error) {
	var bad []fault.FieldError
	if p.Name != nil {
		name, why := cleanText(*p.Name, maxName)
		if why == "" && name == "" {
			why = "must not be empty"
		}
		bad = note(bad, "name", why)
		w.Name = name
	}
	if p.Settings != nil {
		settings, wrong := p.Settings.apply(w.Settings)
		w.Settings, bad = settings, append(bad, wrong...)
	}
	if len(bad) > 0 {
		return Workspace{}, fault.InvalidFields(bad...)
	}
	return w, nil
}

const maxName = 100 // characters of a workspace's, operator's or key's name

// note adds a field's trouble, if there is any.
func note(bad []fault.FieldError, field, why string) []fault.FieldError {
	if why == "" {
		return bad
	}
	return append(bad, fault.FieldError{Field: field, Detail: why})
}

// cleanText trims a line of text and says why it cannot be taken, if so: too
// long, or with characters that are not shown and could mislead.
func cleanText(s string, most int) (text, why string) {
	s = norm.NFC.String(strings.TrimSpace(s))
	if strings.IndexFunc(s, hidden) >= 0 {
		return "", "must not hold control characters"
	}
	if n := len([]rune(s)); n > most {
		return "", "must have at most " + strconv.Itoa(most) + " characters"
	}
	return s, ""
}

// hidden tells whether a character is not shown: a control character, or one
// that turns the direction of writing around.
func hidden(r rune) bool {
	return unicode.IsControl(r) || r == unicode.ReplacementChar ||
		(r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069)
}

// slugBase gives a name's letters and digits as words joined by hyphens, without
// accents; "workspace" where nothing is left.
func slugBase(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFKD.String(strings.ToLower(name)) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(r)
		case !unicode.Is(unicode.Mn, r):
			gap = true
		}
		if b.Len() >= maxSlugBase {
			break
		}
	}
	if b.Len() == 0 {
		return "workspace"
	}
	return b.String()
}

// slugFor gives a slug for the name that is not taken: the bare words, then with
// a number, then with random letters.
func slugFor(name string, taken func(slug string) (bool, error)) (string, error) {
	base := slugBase(name)
	for n := 1; ; n++ {
		slug := base
		switch {
		case n > maxSlugOrdinals:
			slug += "-" + randomText(slugSuffixLen)
		case n > 1:
			slug += "-" + strconv.Itoa(n)
		}
		is, err := taken(slug)
		if err != nil {
			return "", err
		}
		if !is {
			return slug, nil
		}
	}
}
