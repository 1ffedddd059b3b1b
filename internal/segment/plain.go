package segment

import (
	"bytes"
	"strings"
)

// Plain is a condition on an attribute that is not sealed. A contact with several
// values meets it if one of them does.
type Plain struct {
	Key    string
	Test   PlainTest
	Text   string  // folded as it is stored
	Number float64 // of numbers, booleans (0, 1) and dates (microseconds)
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

// meets tells whether a stored value meets the condition, whose text is given in
// bytes; told is false if the rest of a longer text would have to be looked at.
func (p *Plain) meets(v *rawValue, text []byte) (meets, told bool) {
	switch {
	case p.Test == HasValue:
		return true, true
	case v.kind == aNumber:
		return p.number(v.number), true
	case v.kind == aText:
		return p.text(v.text, text), true
	}
	switch p.Test {
	case TextEqual, TextPrefix:
		begin := min(len(text), len(v.text))
		if !bytes.Equal(v.text[:begin], text[:begin]) || p.Test == TextEqual && len(text) <= maxShort {
			return false, true // the text is longer than what is kept of it
		}
		beyond := len(beyondText) // as many bytes of the rest decide whether it is below the bound
		return p.text(v.text, text), p.Test == TextPrefix && len(text)+beyond <= len(v.text)
	case TextPart:
		meets = bytes.Contains(v.text, text)
		return meets, meets
	}
	return false, true
}

// text tells whether a whole stored text meets the condition.
func (p *Plain) text(stored, text []byte) bool {
	switch p.Test {
	case TextEqual:
		return bytes.Equal(stored, text)
	case TextPrefix:
		return bytes.HasPrefix(stored, text) && !bytes.HasPrefix(stored[len(text):], []byte(beyondText))
	case TextPart:
		return bytes.Contains(stored, text)
	}
	return false
}

// beyond tells where a number lies: below all that meet the condition (-1), among
// them (0), or above (1).
func (p *Plain) beyond(n float64) int {
	switch {
	case p.Test == HasValue || p.number(n):
		return 0
	case p.Test < NumberEqual:
		return 1 // a condition on texts
	case p.Test == NumberBelow || p.Test == NumberAtMost || p.Test == NumberEqual && n > p.Number:
		return 1
	}
	return -1
}

// number tells whether a stored number meets the condition.
func (p *Plain) number(n float64) bool {
	switch p.Test {
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
