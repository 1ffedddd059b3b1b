package segment

import (
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/clock"
)

// Kind is how a field's values are written and compared.
type Kind string

// The kinds of fields.
const (
	Text    Kind = "string"
	Number  Kind = "number"
	Boolean Kind = "boolean"
	Date    Kind = "date"
	List    Kind = "list"   // of texts
	Choice  Kind = "choice" // one of Options
	Count   Kind = "count"  // how often something happened
)

// The operators. Each negative one holds exactly where its positive does not.
const (
	Is        = "is"
	IsNot     = "is_not"
	StartsBy  = "starts_with"
	NotStarts = "not_starts_with"
	Contains  = "contains"
	NotHas    = "not_contains"
	IsSet     = "is_set"
	IsNotSet  = "is_not_set"
	Above     = "above"
	Below     = "below"
	AtLeast   = "at_least"
	AtMost    = "at_most"
	Exactly   = "exactly"
	Never     = "never"
	Before    = "before"
	After     = "after"
	Within    = "in_last_days"
	NotWithin = "not_in_last_days"
)

// OpsOf gives the operators of a kind. What is sealed can be compared for
// equality, and texts by their beginning, but not by order.
func OpsOf(k Kind, sealed bool) []string {
	switch {
	case k == Count:
		return []string{AtLeast, AtMost, Exactly, Never}
	case k == Text && sealed:
		return []string{Is, IsNot, StartsBy, NotStarts, IsSet, IsNotSet}
	case k == Text:
		return []string{Is, IsNot, StartsBy, NotStarts, Contains, NotHas, IsSet, IsNotSet}
	case k == List:
		return []string{Contains, NotHas, IsSet, IsNotSet}
	case sealed || k == Boolean || k == Choice:
		return []string{Is, IsNot, IsSet, IsNotSet}
	case k == Number:
		return []string{Is, IsNot, Above, Below, AtLeast, AtMost, IsSet, IsNotSet}
	}
	return []string{Before, After, Within, NotWithin, IsSet, IsNotSet} // dates
}

// Option is a value that a field may have.
type Option struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// Field is what conditions can be about.
type Field struct {
	Key     string   `json:"key" example:"attributes.plan"`
	Label   string   `json:"label" doc:"In English, or as the workspace named it."`
	Group   string   `json:"group" doc:"Fields of one group belong together on screen." example:"attributes"`
	Kind    Kind     `json:"kind" enum:"string,number,boolean,date,list,choice,count"`
	Ops     []string `json:"ops" doc:"How it can be compared."`
	Options []Option `json:"options,omitempty" doc:"The values it may have, or the ones that are likely."`
	Sealed  bool     `json:"sealed" doc:"Whether its values are sealed: then they are found by equality and beginning alone."`
}

// positive gives the operator that another one denies, and whether it denies one.
func positive(op string) (string, bool) {
	switch op {
	case IsNot:
		return Is, true
	case NotStarts:
		return StartsBy, true
	case NotHas:
		return Contains, true
	case IsNotSet:
		return IsSet, true
	case NotWithin:
		return Within, true
	}
	return op, false
}

// Condition is a condition that fits its field: the operator is positive, and the
// value one of the typed ones.
type Condition struct {
	Field  Field
	Op     string
	Text   string    // of texts, lists and choices
	Number float64   // of numbers, and times a thing happened
	Bool   bool      // of booleans
	Time   time.Time // of dates; the operator is Before or After
	Since  time.Time // of counts: only what happened since; zero: ever
}

// condition checks one against its field, and gives it in positive form.
func condition(at string, c *Filter, f Field, now time.Time) (Condition, bool, error) {
	if !slices.Contains(f.Ops, c.Op) {
		return Condition{}, false, invalid(at+".op", "must be one of %s for this field", strings.Join(f.Ops, ", "))
	}
	if c.Days < 0 || c.Days > maxDays || c.Days != 0 && f.Kind != Count {
		return Condition{}, false, invalid(at+".days", "goes with what is counted, from 1 to %d", maxDays)
	}
	op, not := positive(c.Op)
	out := Condition{Field: f, Op: op}
	if c.Days > 0 {
		out.Since = now.AddDate(0, 0, -c.Days)
	}
	if op == IsSet || op == Never {
		if c.Value != nil {
			return out, false, invalid(at+".value", "does not go with %s", c.Op)
		}
		if op == Never {
			out.Op, out.Number, not = AtLeast, 1, true
		}
		return out, not, nil
	}
	problem := out.read(c.Value, now)
	if problem != "" {
		return out, false, invalid(at+".value", "%s", problem)
	}
	if f.Kind == Count {
		return out.counted(not)
	}
	return out, not, nil
}

// counted writes what is true of nobody's absence as the denial of what needs
// presence: at most 2 is not at least 3.
func (c Condition) counted(not bool) (Condition, bool, error) {
	switch {
	case c.Op == AtMost:
		c.Op, c.Number, not = AtLeast, c.Number+1, true
	case c.Op == Exactly && c.Number == 0:
		c.Op, c.Number, not = AtLeast, 1, true
	case c.Op == AtLeast && c.Number == 0:
		c.Op = anyone
	}
	return c, not, nil
}

// anyone is the operator of a condition that is true of everybody.
const anyone = "anyone"

// read takes a condition's value, or says what is wrong with it.
func (c *Condition) read(value any, now time.Time) string {
	switch c.Field.Kind {
	case Boolean:
		b, ok := value.(bool)
		if c.Bool = b; !ok {
			return "must be true or false"
		}
	case Number:
		n, ok := value.(float64)
		if c.Number = n; !ok || math.IsNaN(n) || math.Abs(n) > 1e15 {
			return "must be a number of at most 15 digits"
		}
	case Count:
		n, ok := value.(float64)
		if c.Number = n; !ok || n != math.Trunc(n) || n < 0 || n > maxCount {
			return "must be a whole number from 0 to 1,000,000"
		}
	case Date:
		return c.readDate(value, now)
	default:
		return c.readText(value)
	}
	return ""
}

func (c *Condition) readText(value any) string {
	s, ok := value.(string)
	switch {
	case !ok || strings.TrimSpace(s) == "" || !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		return "must be text"
	case utf8.RuneCountInString(s) > MaxText:
		return "is too long"
	case c.Field.Kind == Choice && !slices.ContainsFunc(c.Field.Options, func(o Option) bool { return o.Value == s }):
		return "must be one of the field's options"
	}
	c.Text = strings.TrimSpace(s)
	return ""
}

// readDate takes a moment, or a number of days before now.
func (c *Condition) readDate(value any, now time.Time) string {
	if c.Op == Within {
		days, ok := value.(float64)
		if !ok || days != math.Trunc(days) || days < 1 || days > maxDays {
			return "must be a whole number of days, from 1 to 3660"
		}
		c.Op, c.Time = After, now.AddDate(0, 0, -int(days))
		return ""
	}
	s, _ := value.(string)
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		at, err = time.Parse(time.DateOnly, s)
	}
	if err != nil || at.Year() < 1900 || at.Year() > 2200 {
		return "must be a date such as 2026-11-02 or 2026-11-02T09:00:00Z"
	}
	c.Time = at
	return ""
}

// Micros gives the condition's time as it is stored.
func (c Condition) Micros() int64 { return clock.Micros(c.Time) }

// SinceMicros gives since when something has to have happened, as it is stored.
func (c Condition) SinceMicros() int64 { return clock.Micros(c.Since) }

// Times gives the condition on how many rows there have to be.
func (c Condition) Times(q *Query) string { return c.TimesOf(q, "*") }

// TimesOf is Times for how many different values of something there have to be:
// "DISTINCT x.post_id".
func (c Condition) TimesOf(q *Query, what string) string {
	if c.Op == Exactly {
		return "COUNT(" + what + ") = " + q.Arg(int64(c.Number))
	}
	return "COUNT(" + what + ") >= " + q.Arg(int64(c.Number))
}
