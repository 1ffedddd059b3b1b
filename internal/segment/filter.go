package segment

import (
	"fmt"
	"slices"

	"github.com/botimum/botimum/internal/fault"
)

// The limits of a filter.
const (
	MaxDepth      = 3  // groups within groups
	MaxConditions = 20 // in all
	MaxText       = 400
	maxDays       = 3660
	maxCount      = 1_000_000
)

// Filter is a condition or a group of them: exactly one of All, Any and Field is set.
type Filter struct {
	All   []Filter `json:"all,omitempty" doc:"Each of these must hold."`
	Any   []Filter `json:"any,omitempty" doc:"At least one of these must hold."`
	Field string   `json:"field,omitempty" maxLength:"200" doc:"What the condition is about; GET /segments/fields lists them." example:"attributes.plan"`
	Op    string   `json:"op,omitempty" maxLength:"40" doc:"How it is compared." example:"is"`
	Value any      `json:"value,omitempty" doc:"What it is compared with: text, a number, true or false, or a time (RFC 3339), as the field is."`
	Days  int      `json:"days,omitempty" minimum:"0" maximum:"3660" doc:"For what is counted: only within so many days before now."`
}

// Problem is what is wrong with a filter, and where in it.
func invalid(at, format string, args ...any) *fault.Error {
	return fault.Invalid(at, fmt.Sprintf(format, args...))
}

// check refuses a filter that is no proper tree, or too large. It looks at no
// field yet, and stops at the limits: a hostile tree costs no more than a good one.
func (f *Filter) check() error {
	left := MaxConditions
	return f.checkAt("filter", 0, &left)
}

func (f *Filter) checkAt(at string, depth int, left *int) error {
	isCondition := f.Field != "" || f.Op != "" || f.Value != nil || f.Days != 0
	group, name := f.group()
	switch {
	case isCondition && group != nil || len(f.All) > 0 && len(f.Any) > 0:
		return invalid(at, "must be one condition, or one group with all or any")
	case isCondition:
		if *left--; *left < 0 {
			return invalid("filter", "has more than %d conditions", MaxConditions)
		}
		if f.Field == "" || f.Op == "" {
			return invalid(at, "needs a field and an op")
		}
		return nil
	case len(group) == 0:
		return invalid(at, "needs at least one condition")
	case depth >= MaxDepth:
		return invalid("filter", "has groups more than %d deep", MaxDepth)
	}
	for i := range group {
		if err := group[i].checkAt(fmt.Sprintf("%s.%s[%d]", at, name, i), depth+1, left); err != nil {
			return err
		}
	}
	return nil
}

// group gives the filter's members and the word that joins them.
func (f *Filter) group() ([]Filter, string) {
	if f.All != nil {
		return f.All, "all"
	}
	return f.Any, "any"
}

// Fields gives the fields that the filter uses, each once, in order.
func (f *Filter) Fields() []string {
	var out []string
	f.each(func(c *Filter) {
		if !slices.Contains(out, c.Field) {
			out = append(out, c.Field)
		}
	})
	return out
}

func (f *Filter) each(fn func(*Filter)) {
	if f.Field != "" {
		fn(f)
	}
	group, _ := f.group()
	for i := range group {
		group[i].each(fn)
	}
}
