package segment

import (
	"math"
	"slices"
)

// maxTexts is how many different texts a column in memory may have: one with more
// is no classification of people, and is asked of the database.
const maxTexts = 200_000

// column is what everybody has of one attribute that is not sealed, by position.
type column struct {
	texts  []string // by code
	codeOf map[string]int32
	codes  []int32 // none is -1; nil while nobody has a text
	more   map[int32][]int32
	nums   []float64 // none is NaN; nil while nobody has a number
	tooBig bool
}

func newColumn() *column { return &column{codeOf: map[string]int32{}, more: map[int32][]int32{}} }

// putNumber gives the person at a position, of n, a number.
func (c *column) putNumber(i, n int, number float64) {
	c.nums = slices.Grow(c.nums, n-len(c.nums))
	for len(c.nums) < n {
		c.nums = append(c.nums, math.NaN())
	}
	c.nums[i] = number
}

// putText gives the person at a position, of n, a text besides those they have.
func (c *column) putText(i, n int, text string) {
	code, known := c.codeOf[text]
	if !known {
		if len(c.texts) >= maxTexts {
			c.tooBig = true
			return
		}
		code = int32(len(c.texts)) //nolint:gosec // below maxTexts
		c.texts, c.codeOf[text] = append(c.texts, text), code
	}
	c.codes = slices.Grow(c.codes, n-len(c.codes))
	for len(c.codes) < n {
		c.codes = append(c.codes, -1)
	}
	if c.codes[i] < 0 {
		c.codes[i] = code
		return
	}
	c.more[int32(i)] = append(c.more[int32(i)], code) //nolint:gosec // positions are bounded by maxPeople
}

// clear forgets what the person at a position has.
func (c *column) clear(i int) {
	if i < len(c.codes) {
		c.codes[i] = -1
	}
	if i < len(c.nums) {
		c.nums[i] = math.NaN()
	}
	delete(c.more, int32(i)) //nolint:gosec // positions are bounded by maxPeople
}

// find gives those of n people who meet a condition.
func (c *column) find(p *Plain, n int) set {
	out := newSet(n)
	meets := make([]bool, len(c.texts))
	for code, text := range c.texts {
		meets[code] = p.text(text)
	}
	for i, code := range c.codes {
		if code >= 0 && meets[code] {
			out.add(i)
		}
	}
	for i, codes := range c.more {
		for _, code := range codes {
			if meets[code] {
				out.add(int(i))
			}
		}
	}
	for i, number := range c.nums {
		if number == number && p.number(number) { //nolint:gocritic // NaN is nobody's
			out.add(i)
		}
	}
	return out
}

// size is about how many bytes the column takes.
func (c *column) size() int {
	size := 4*cap(c.codes) + 8*cap(c.nums) + 64*len(c.more)
	for _, t := range c.texts {
		size += len(t) + 64
	}
	return size
}
