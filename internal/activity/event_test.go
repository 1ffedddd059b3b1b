package activity

import (
	"strings"
	"testing"
	"time"
)

// What is wrong with an event is said of its field, and never repeats what was sent.
func TestEventsAreChecked(t *testing.T) {
	now := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	at := func(d time.Duration) *time.Time { t := now.Add(d); return &t }
	many := map[string]any{}
	for i := range maxProperties + 1 {
		many[strings.Repeat("p", i+1)] = 1.0
	}
	for name, tt := range map[string]struct {
		event NewEvent
		field string
	}{
		"plain":              {NewEvent{Name: "order placed"}, ""},
		"every sign":         {NewEvent{Name: "a-z_0.9: x"}, ""},
		"the longest name":   {NewEvent{Name: strings.Repeat("a", 64)}, ""},
		"no name":            {NewEvent{}, "name"},
		"a longer name":      {NewEvent{Name: strings.Repeat("a", 65)}, "name"},
		"capitals":           {NewEvent{Name: "Order"}, "name"},
		"a blank at the end": {NewEvent{Name: "order "}, "name"},
		"another script":     {NewEvent{Name: "заказ"}, "name"},
		"markup":             {NewEvent{Name: "<b>"}, "name"},
		"just ahead":         {NewEvent{Name: "x", OccurredAt: at(ahead)}, ""},
		"in the future":      {NewEvent{Name: "x", OccurredAt: at(ahead + time.Second)}, "occurred_at"},
		"two years old":      {NewEvent{Name: "x", OccurredAt: at(-maxAge)}, ""},
		"older":              {NewEvent{Name: "x", OccurredAt: at(-maxAge - time.Second)}, "occurred_at"},
		"all sorts":          {NewEvent{Name: "x", Properties: map[string]any{"a": "b", "n": 1.5, "t": true, "l": []any{"x", 2.0}}}, ""},
		"an object":          {NewEvent{Name: "x", Properties: map[string]any{"a": map[string]any{}}}, "properties"},
		"a list in a list":   {NewEvent{Name: "x", Properties: map[string]any{"a": []any{[]any{}}}}, "properties"},
		"null":               {NewEvent{Name: "x", Properties: map[string]any{"a": nil}}, "properties"},
		"NUL":                {NewEvent{Name: "x", Properties: map[string]any{"a": "canary\x00"}}, "properties"},
		"no key":             {NewEvent{Name: "x", Properties: map[string]any{"": "canary"}}, "properties"},
		"a line as a key":    {NewEvent{Name: "x", Properties: map[string]any{"canary\n": 1.0}}, "properties"},
		"too many":           {NewEvent{Name: "x", Properties: many}, "properties"},
		"a list of too much": {NewEvent{Name: "x", Properties: map[string]any{"a": make([]any, maxItems+1)}}, "properties"},
		"16 KB":              {NewEvent{Name: "x", Properties: map[string]any{"a": strings.Repeat("x", maxSize)}}, "properties"},
	} {
		bad := tt.event.check(now, "events[0].")
		switch {
		case tt.field == "" && len(bad) == 0:
			if tt.event.OccurredAt.After(now) {
				t.Errorf("%s: it occurs after now: %v", name, tt.event.OccurredAt)
			}
		case tt.field == "" || len(bad) != 1 || bad[0].Field != "events[0]."+tt.field:
			t.Errorf("%s: %+v, want %q", name, bad, tt.field)
		case strings.Contains(bad[0].Detail, "canary"):
			t.Errorf("%s: it repeats what was sent: %s", name, bad[0].Detail)
		}
	}
}
