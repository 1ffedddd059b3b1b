package segment

import "strings"

// Plain is a condition on an attribute that is not sealed. A contact with several
// values meets it if one of them does.
type Plain struct {
	Key    string
	Test   PlainTest
	Text   string  // folded as it is stored
	Number float64 // of numbers, booleans (0, 1) and dates (microseconds)
	Many   bool    // whether a contact may have several
}

// PlainTest is how the attribute's values are compared.
type PlainTest int

// The tests.
const (
	HasValue PlainTest = iota
	TextEqual
	TextPrefix
	TextPart
	NumberEqual
	NumberAbove
	NumberBelow
	NumberAtLeast
	NumberAtMost
)

// beyondText is larger than every text that goes on after a beginning.
const beyondText = "\U0010FFFF"

var likeSpecials = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Clause gives the condition in SQL over contact_attributes.
func (p *Plain) Clause(q *Query) Clause {
	c := Clause{From: "contact_attributes", Where: "x.key = " + q.Arg(p.Key), Plain: p}
	switch p.Test {
	case TextEqual:
		c.Where += " AND x.text_value = " + q.Arg(p.Text)
	case TextPrefix:
		c.Where += " AND x.text_value >= " + q.Arg(p.Text) + " AND x.text_value < " + q.Arg(p.Text+beyondText)
	case TextPart:
		c.Where += " AND x.text_value LIKE " + q.Arg("%"+likeSpecials.Replace(p.Text)+"%") + ` ESCAPE '\'`
	case NumberEqual:
		c.Where += " AND x.number_value = " + q.Arg(p.Number)
	case NumberAbove:
		c.Where += " AND x.number_value > " + q.Arg(p.Number)
	case NumberBelow:
		c.Where += " AND x.number_value < " + q.Arg(p.Number)
	case NumberAtLeast:
		c.Where += " AND x.number_value >= " + q.Arg(p.Number)
	case NumberAtMost:
		c.Where += " AND x.number_value <= " + q.Arg(p.Number)
	}
	return c
}

// text tells whether a stored text meets the condition.
func (p *Plain) text(s string) bool {
	switch p.Test {
	case HasValue:
		return true
	case TextEqual:
		return s == p.Text
	case TextPrefix:
		return strings.HasPrefix(s, p.Text) && s < p.Text+beyondText
	case TextPart:
		return strings.Contains(s, p.Text)
	}
	return false
}

// number tells whether a stored number meets the condition.
func (p *Plain) number(n float64) bool {
	switch p.Test {
	case HasValue:
		return true
	case NumberEqual:
		return n == p.Number
	case NumberAbove:
		return n > p.Number
	case NumberBelow:
		return n < p.Number
	case NumberAtLeast:
		return n >= p.Number
	case NumberAtMost:
		return n <= p.Number
	}
	return false
}
