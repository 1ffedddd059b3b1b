package contacts

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/botimum/botimum/internal/fault"
)

// The kinds of attributes.
const (
	KindString  = "string"
	KindNumber  = "number"
	KindBoolean = "boolean"
	KindDate    = "date" // a day, or a moment with its zone (RFC 3339)
	KindList    = "list" // of texts
)

// AttributeKinds lists the kinds.
func AttributeKinds() []string {
	return []string{KindString, KindNumber, KindBoolean, KindDate, KindList}
}

const (
	maxDefinitions = 100
	maxUndeclared  = 200  // keys that are noted without a declaration
	maxTermDays    = 3650 // of a value
)

// Attribute declares what a workspace's contacts may have beside the fields that
// everybody has.
type Attribute struct {
	Key           string    `json:"key" example:"plan"`
	Label         string    `json:"label" doc:"What operators read." example:"Plan"`
	Description   string    `json:"description"`
	Kind          string    `json:"kind" enum:"string,number,boolean,date,list"`
	Personal      bool      `json:"personal" doc:"Whether it is about the person: then it is sealed with their key, and found by equality and by its beginning. One that is not is found by range, too."`
	Purpose       string    `json:"purpose" doc:"The key of the purpose that it is kept for."`
	RetentionDays *int      `json:"retention_days" doc:"Values that are older go by themselves; null keeps them as long as the contact."`
	State         string    `json:"state" enum:"ready,indexing,removing" doc:"Whether it is found everywhere already, and whether its values are being removed."`
	Expired       int64     `json:"expired" doc:"How many values are older than the term: they go within minutes."`
	CreatedAt     time.Time `json:"created_at"`
	UpdatedAt     time.Time `json:"updated_at"`

	removed bool
}

// NewAttribute declares an attribute.
type NewAttribute struct {
	Key           string `json:"key" minLength:"1" maxLength:"64" pattern:"^[a-z][a-z0-9_]{0,63}$" patternDescription:"lower-case words joined by _" example:"plan"`
	Label         string `json:"label" minLength:"1" maxLength:"80"`
	Description   string `json:"description,omitempty" maxLength:"300"`
	Kind          string `json:"kind" enum:"string,number,boolean,date,list"`
	Personal      *bool  `json:"personal,omitempty" doc:"True if absent: the safe one."`
	Purpose       string `json:"purpose" minLength:"1" maxLength:"64"`
	RetentionDays *int   `json:"retention_days,omitempty" minimum:"1" maximum:"3650"`
}

// AttributeChange changes a declaration; what is absent stays.
type AttributeChange struct {
	Label         *string `json:"label,omitempty" minLength:"1" maxLength:"80"`
	Description   *string `json:"description,omitempty" maxLength:"300"`
	Kind          *string `json:"kind,omitempty" enum:"string,number,boolean,date,list" doc:"Values that do not fit the new kind stay as they are, and are not found until they are changed."`
	Personal      *bool   `json:"personal,omitempty"`
	Purpose       *string `json:"purpose,omitempty" minLength:"1" maxLength:"64"`
	RetentionDays *int    `json:"retention_days,omitempty" minimum:"0" maximum:"3650" doc:"0 takes the term back."`
}

// apply gives the declaration with the change made.
func (a Attribute) apply(c AttributeChange) Attribute {
	for to, from := range map[*string]*string{&a.Label: c.Label, &a.Description: c.Description, &a.Kind: c.Kind, &a.Purpose: c.Purpose} {
		if from != nil {
			*to = strings.TrimSpace(*from)
		}
	}
	if c.Personal != nil {
		a.Personal = *c.Personal
	}
	if c.RetentionDays != nil {
		a.RetentionDays = c.RetentionDays
		if *c.RetentionDays == 0 {
			a.RetentionDays = nil
		}
	}
	return a
}

// validate says everything that is wrong with a declaration, by field.
func (a Attribute) validate() []fault.FieldError {
	var bad []fault.FieldError
	say := func(field, detail string) { bad = append(bad, fault.FieldError{Field: field, Detail: detail}) }
	if !attributeKey.MatchString(a.Key) {
		say("key", "must be lower-case words joined by _")
	}
	if !slices.Contains(AttributeKinds(), a.Kind) {
		say("kind", "must be one of "+strings.Join(AttributeKinds(), ", "))
	}
	if n := utf8.RuneCountInString(a.Label); n == 0 || n > 80 || strings.ContainsFunc(a.Label, misleads) {
		say("label", "needs 1 to 80 characters that can be seen")
	}
	if utf8.RuneCountInString(a.Description) > 300 || strings.ContainsFunc(a.Description, misleads) {
		say("description", "takes up to 300 characters that can be seen")
	}
	if a.RetentionDays != nil && (*a.RetentionDays < 1 || *a.RetentionDays > maxTermDays) {
		say("retention_days", "must be 1 to 3650")
	}
	return bad
}

// misleads tells whether a character is not shown, or turns the direction of
// writing around.
func misleads(r rune) bool {
	return r < ' ' || r == 0x7f || r == utf8.RuneError || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// differsInIndex tells whether a change of a declaration changes how values are
// found or removed.
func (a Attribute) differsInIndex(b Attribute) bool {
	return a.Kind != b.Kind || a.Personal != b.Personal || (a.RetentionDays == nil) != (b.RetentionDays == nil) || a.removed != b.removed
}

// problem says what is wrong with a value of the attribute, or "".
func (a Attribute) problem(value any) string {
	if value == nil {
		return ""
	}
	if problem := attributeProblem(value); problem != "" {
		return problem
	}
	ok, want := false, ""
	switch a.Kind {
	case KindString:
		_, ok = value.(string)
		want = "must be a text"
	case KindNumber:
		_, ok = value.(float64)
		want = "must be a number"
	case KindBoolean:
		_, ok = value.(bool)
		want = "must be true or false"
	case KindDate:
		_, ok = dateOf(value)
		want = "must be a date such as 2026-05-31 or 2026-05-31T12:00:00Z"
	case KindList:
		_, ok = value.([]any)
		want = "must be a list of texts"
	}
	if ok {
		return ""
	}
	return want
}

// dateOf reads a value as a moment: a day is its beginning in UTC.
func dateOf(value any) (time.Time, bool) {
	text, ok := value.(string)
	if !ok {
		return time.Time{}, false
	}
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(form, strings.TrimSpace(text)); err == nil {
			return at.UTC(), at.Year() >= 1 && at.Year() <= 9999
		}
	}
	return time.Time{}, false
}

// FoldAttribute gives the form in which texts of attributes are compared: without
// surrounding space, width and case.
func FoldAttribute(s string) string { return strings.ToLower(norm.NFKC.String(strings.TrimSpace(s))) }

// canonical gives the texts by which a value is found through tokens: one, or one
// an item.
func (a Attribute) canonical(value any) []string {
	switch v := value.(type) {
	case string:
		if a.Kind == KindDate {
			at, _ := dateOf(v)
			return []string{at.Format(time.RFC3339Nano)}
		}
		return []string{FoldAttribute(v)}
	case float64:
		return []string{strconv.FormatFloat(v, 'g', -1, 64)}
	case bool:
		return []string{strconv.FormatBool(v)}
	case []any:
		var out []string
		for _, item := range v {
			if text, ok := item.(string); ok {
				out = append(out, FoldAttribute(text))
			}
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	return nil
}

// definitions are a workspace's declarations, by key, with their version. What was
// written without a declaration is in them with an empty kind.
type definitions struct {
	version int64
	byKey   map[string]Attribute
	refuse  bool // what is not declared
}

// of gives the declaration that a key goes by: what is not declared is personal.
func (d definitions) of(key string) (a Attribute, declared bool) {
	a, known := d.byKey[key]
	if !known || a.Kind == "" {
		return Attribute{Key: key, Personal: true}, false
	}
	return a, true
}

// check says what is wrong with attributes, by field.
func (d definitions) check(attributes map[string]any) []fault.FieldError {
	var bad []fault.FieldError
	for key, value := range attributes {
		a, declared := d.of(key)
		field := "attributes." + key
		switch {
		case a.removed && value != nil:
			bad = append(bad, fault.FieldError{Field: field, Detail: "is being removed from this workspace"})
		case !declared && d.refuse && value != nil:
			bad = append(bad, fault.FieldError{Field: field, Detail: "is not declared in this workspace; declare it first, or let its settings take what is not declared"})
		case declared:
			if problem := a.problem(value); problem != "" {
				bad = append(bad, fault.FieldError{Field: field, Detail: problem})
			}
		}
	}
	slices.SortFunc(bad, func(x, y fault.FieldError) int { return strings.Compare(x.Field, y.Field) })
	return bad
}
