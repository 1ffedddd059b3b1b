package activity

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
)

// The bounds of an event.
const (
	MaxBatch        = 500
	maxProperties   = 50
	maxPropertyName = 64
	maxItems        = 100
	maxSize         = 16 << 10
	maxAge          = 730 * 24 * time.Hour
	ahead           = 5 * time.Minute // that a clock may be; such an event is of now
)

// NewEvent is something that a person did.
type NewEvent struct {
	ContactID  string         `json:"contact_id,omitempty" maxLength:"64" doc:"Who did it; or external_id."`
	ExternalID string         `json:"external_id,omitempty" maxLength:"200" doc:"What your own system calls them."`
	Name       string         `json:"name,omitempty" maxLength:"64" example:"order placed" doc:"1 to 64 of a-z, 0-9, space and _ . : -"`
	Properties map[string]any `json:"properties,omitempty" doc:"At most 50, 16 KB in all: strings, numbers, booleans and lists of these. They are sealed with the person's key."`
	OccurredAt *time.Time     `json:"occurred_at,omitempty" doc:"When; now if absent. Not in the future, and not more than two years ago."`
	Basis      *privacy.Basis `json:"basis,omitempty" doc:"Why this may be processed. Needed unless the workspace has a default purpose."`
}

// Event is one that was stored.
type Event struct {
	ID         string    `json:"id" example:"act_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	ContactID  string    `json:"contact_id"`
	Name       string    `json:"name"`
	OccurredAt time.Time `json:"occurred_at"`
	CreatedAt  time.Time `json:"created_at"`
}

var eventName = regexp.MustCompile(`^[a-z0-9_.: -]{1,64}$`)

// check says what is wrong with an event; prefix goes before its fields' names. It
// fills in when it occurred.
func (e *NewEvent) check(now time.Time, prefix string) []fault.FieldError {
	var bad []fault.FieldError
	add := func(field, detail string) { bad = append(bad, fault.FieldError{Field: prefix + field, Detail: detail}) }
	if !eventName.MatchString(e.Name) || strings.TrimSpace(e.Name) != e.Name {
		add("name", "must be 1 to 64 of a-z, 0-9, space and _ . : -, without a space at its ends")
	}
	if e.OccurredAt == nil {
		e.OccurredAt = &now
	}
	switch at := *e.OccurredAt; {
	case at.After(now.Add(ahead)):
		add("occurred_at", "must not be in the future")
	case at.After(now):
		e.OccurredAt = &now
	case at.Before(now.Add(-maxAge)):
		add("occurred_at", "must not be more than two years ago")
	}
	if detail := checkProperties(e.Properties); detail != "" {
		add("properties", detail)
	}
	return bad
}

// checkProperties says what is wrong with properties, or nothing. It repeats none of
// their names: these may be personal, too.
func checkProperties(p map[string]any) string {
	if len(p) > maxProperties {
		return fmt.Sprintf("has more than %d entries", maxProperties)
	}
	for _, name := range slices.Sorted(maps.Keys(p)) {
		if name == "" || utf8.RuneCountInString(name) > maxPropertyName || strings.ContainsFunc(name, isControl) {
			return fmt.Sprintf("has a name that is empty, longer than %d letters or has control characters", maxPropertyName)
		}
		if !isPlain(p[name]) && !isList(p[name]) {
			return "may hold strings, numbers, booleans and lists of these, and no other values; strings are without NUL"
		}
	}
	if b, err := json.Marshal(p); err != nil || len(b) > maxSize {
		return "is larger than 16 KB"
	}
	return ""
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

func isPlain(v any) bool {
	switch v := v.(type) {
	case string:
		return !strings.ContainsRune(v, 0)
	case bool, float64, json.Number:
		return true
	}
	return false
}

func isList(v any) bool {
	list, ok := v.([]any)
	return ok && len(list) <= maxItems && !slices.ContainsFunc(list, func(item any) bool { return !isPlain(item) })
}
