package segment

// Plain is a condition on an attribute that is not sealed.
type Plain struct {
	Key  string
	Test PlainTest
	Text string  // folded to lower case
	Num  float64 // of numbers, booleans (0, 1) and dates (microseconds)
}

// PlainTest is how the attribute's values are compared. A contact with several
// values meets the condition if one of them does.
type PlainTest int

// The tests.
const (
	HasValue PlainTest = iota
	TextEqual
	TextPrefix
	TextPart
	NumEqual
	NumAbove
	NumBelow
	NumAtLeast
	NumAtMost
)
