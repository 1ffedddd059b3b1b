package segment

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"sort"
)

// maxShort is how much of a text is kept beside others; conditions that would have to
// look at the rest are asked of the rows.
const maxShort = 64

// The kinds of a value, as they are stored.
const (
	aNumber byte = iota
	aText
	aBeginning  // of a longer text
	someNumbers // in rising order, each of one person alone, and then their places
)

// value is one value of an attribute.
type value struct {
	kind   byte
	text   string
	number float64
}

func numberValue(n float64) value { return value{kind: aNumber, number: n} }

func textValue(s string) value {
	if len(s) > maxShort {
		return value{kind: aBeginning, text: s[:maxShort]}
	}
	return value{kind: aText, text: s}
}

// column is what the people of one run have of one attribute: codes of values, by
// their place.
type column struct {
	values []value
	codes  []int32 // of the first value of each; -1: none
	more   map[int][]int32
	codeOf map[value]int32 // nil until it is needed
}

func newColumn(n int) *column {
	c := &column{codes: make([]int32, n)}
	for i := range c.codes {
		c.codes[i] = -1
	}
	return c
}

// put gives the person at a place a value besides those they have.
func (c *column) put(i int, v value) {
	if c.codeOf == nil {
		c.codeOf = make(map[value]int32, len(c.values)+1)
		for code, v := range c.values {
			c.codeOf[v] = int32(code) //nolint:gosec // there are as many as items of lists
		}
	}
	code, known := c.codeOf[v]
	if !known {
		code = int32(len(c.values)) //nolint:gosec // as above
		c.values, c.codeOf[v] = append(c.values, v), code
	}
	c.add(i, code)
}

func (c *column) add(i int, code int32) {
	switch {
	case c.codes[i] < 0:
		c.codes[i] = code
	case c.codes[i] != code && !slices.Contains(c.more[i], code):
		if c.more == nil {
			c.more = map[int][]int32{}
		}
		c.more[i] = append(c.more[i], code)
	}
}

// clear forgets what the person at a place has.
func (c *column) clear(i int) {
	c.codes[i] = -1
	delete(c.more, i)
}

// rearrange moves everybody: places says where each was before, -1 who was not there.
func (c *column) rearrange(places []int) {
	codes, more := make([]int32, len(places)), map[int][]int32{}
	for i, was := range places {
		if codes[i] = -1; was < 0 {
			continue
		}
		codes[i] = c.codes[was]
		if m := c.more[was]; m != nil {
			more[i] = m
		}
	}
	c.codes, c.more = codes, more
}

// part gives the column of some of the people.
func (c *column) part(from, to int) *column {
	p := &column{values: c.values, codes: slices.Clone(c.codes[from:to])}
	for i, m := range c.more {
		if i >= from && i < to {
			if p.more == nil {
				p.more = map[int][]int32{}
			}
			p.more[i-from] = m
		}
	}
	return p
}

// encode gives the column as it is stored: each value that somebody has, and who;
// nil if nobody has any.
func (c *column) encode() []byte {
	var out []byte
	var single []lone
	for code, places := range c.who() {
		switch v := c.values[code]; {
		case len(places) == 1 && v.kind == aNumber:
			single = append(single, lone{v.number, places[0]})
		case len(places) > 0:
			out = appendPlaces(v.append(out), places)
		}
	}
	return appendLone(out, single)
}

// lone is a number that one person alone has: a date with its time, mostly.
type lone struct {
	number float64
	place  int
}

const loneBytes = 8 + 2

func appendLone(out []byte, all []lone) []byte {
	if len(all) == 0 {
		return out
	}
	slices.SortFunc(all, func(a, b lone) int { return cmp.Compare(a.number, b.number) })
	out = binary.AppendUvarint(append(out, someNumbers), uint64(len(all)*loneBytes))
	for _, l := range all {
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(l.number))
	}
	for _, l := range all {
		out = binary.LittleEndian.AppendUint16(out, uint16(l.place)) //nolint:gosec // below maxRun
	}
	return out
}

// loneNumbers are stored numbers that one person each has.
type loneNumbers struct {
	numbers, places []byte
}

func readLone(data []byte) (loneNumbers, bool) {
	n := len(data) / loneBytes
	return loneNumbers{data[:n*8], data[n*8:]}, len(data)%loneBytes == 0
}

func (l loneNumbers) count() int { return len(l.places) / 2 }

func (l loneNumbers) number(i int) float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64(l.numbers[i*8:]))
}

// each tells some of the places, or gives false if there is one beyond n.
func (l loneNumbers) each(from, to, n int, tell func(at, i int)) bool {
	for at := from; at < to; at++ {
		i := int(binary.LittleEndian.Uint16(l.places[at*2:]))
		if i >= n {
			return false
		}
		tell(at, i)
	}
	return true
}

// between gives the stretch of numbers that meet a condition.
func (l loneNumbers) between(p *Plain) (from, to int) {
	n := l.count()
	from = sort.Search(n, func(i int) bool { return p.beyond(l.number(i)) >= 0 })
	return from, from + sort.Search(n-from, func(i int) bool { return p.beyond(l.number(from+i)) > 0 })
}

// who gives, by code, the places of those who have the value.
func (c *column) who() [][]int {
	counts := make([]int, len(c.values))
	total := 0
	c.each(func(_ int, code int32) { counts[code]++; total++ })
	who, room := make([][]int, len(counts)), make([]int, total)
	for code, n := range counts {
		who[code], room = room[:0:n], room[n:]
	}
	c.each(func(i int, code int32) { who[code] = append(who[code], i) })
	if len(c.more) > 0 {
		for _, places := range who {
			slices.Sort(places)
		}
	}
	return who
}

// each tells who has what.
func (c *column) each(tell func(i int, code int32)) {
	for i, code := range c.codes {
		if code >= 0 {
			tell(i, code)
		}
	}
	for i, codes := range c.more {
		for _, code := range codes {
			tell(i, code)
		}
	}
}

func (v value) append(out []byte) []byte {
	out = append(out, v.kind)
	if v.kind == aNumber {
		return binary.LittleEndian.AppendUint64(out, math.Float64bits(v.number))
	}
	out = binary.AppendUvarint(out, uint64(len(v.text)))
	return append(out, v.text...)
}

// appendPlaces writes rising places: how many bytes follow and, in the lowest bit,
// what they are: a bit for each place, or the steps between them, whichever is less.
func appendPlaces(out []byte, places []int) []byte {
	var steps [2 * maxRun]byte
	list, last := steps[:0], 0
	for _, p := range places {
		list = binary.AppendUvarint(list, uint64(p-last)) //nolint:gosec // they rise
		last = p
	}
	size := last/8 + 1
	if len(list) <= size {
		out = binary.AppendUvarint(out, uint64(len(list))<<1)
		return append(out, list...)
	}
	out = binary.AppendUvarint(out, uint64(size)<<1|1) //nolint:gosec // at most maxRun/8
	from := len(out)
	out = append(out, make([]byte, size)...)
	for _, p := range places {
		out[from+p>>3] |= 1 << (p & 7)
	}
	return out
}

// cutValue takes a value, and the bytes that say who has it, off a stored column. The
// text is the stored bytes themselves, for as long as they stay.
func cutValue(data []byte) (v rawValue, rest []byte, ok bool) {
	if len(data) == 0 || data[0] > someNumbers {
		return v, nil, false
	}
	v.kind, data = data[0], data[1:]
	if v.kind == someNumbers {
		if v.text, data, ok = cutBytes(data); ok {
			v.lone, ok = readLone(v.text)
		}
		return v, data, ok
	}
	if v.kind == aNumber {
		if len(data) < 8 {
			return v, nil, false
		}
		v.number, data = math.Float64frombits(binary.LittleEndian.Uint64(data)), data[8:]
	} else if v.text, data, ok = cutBytes(data); !ok {
		return v, nil, false
	}
	head, size := binary.Uvarint(data)
	if n := head >> 1; size <= 0 || n > uint64(len(data)-size) {
		return v, nil, false
	}
	v.dense = head&1 == 1
	v.places, rest = data[size:size+int(head>>1)], data[size+int(head>>1):] //nolint:gosec // below a length
	return v, rest, true
}

// rawValue is a value as it is stored, and who has it.
type rawValue struct {
	kind   byte
	text   []byte
	number float64
	places []byte
	dense  bool
	lone   loneNumbers // of someNumbers, instead of all else
}

// each tells the places, or gives false if there is one beyond n.
func (v *rawValue) each(n int, tell func(i int)) bool {
	if v.dense {
		for b, bits := range v.places {
			for i := b * 8; bits != 0; bits, i = bits>>1, i+1 {
				if bits&1 == 1 {
					if i >= n {
						return false
					}
					tell(i)
				}
			}
		}
		return true
	}
	at := 0
	for rest := v.places; len(rest) > 0; {
		step, size := binary.Uvarint(rest)
		if size <= 0 || step >= uint64(n) { //nolint:gosec // a length
			return false
		}
		if at += int(step); at >= n { //nolint:gosec // below n
			return false
		}
		tell(at)
		rest = rest[size:]
	}
	return true
}

// readColumn reads a column of a run of n people.
func readColumn(data []byte, n int) (*column, error) {
	c := newColumn(n)
	for len(data) > 0 {
		v, rest, ok := cutValue(data)
		if !ok {
			return nil, errRun
		}
		code := int32(len(c.values)) //nolint:gosec // below the length of data
		data = rest
		if v.kind == someNumbers {
			if !v.lone.each(0, v.lone.count(), n, func(at, i int) { c.put(i, numberValue(v.lone.number(at))) }) {
				return nil, errRun
			}
			continue
		}
		c.values = append(c.values, value{v.kind, string(v.text), v.number})
		if !v.each(n, func(i int) { c.add(i, code) }) {
			return nil, errRun
		}
	}
	return c, nil
}

// find adds, to a set of the run's n people, those of a stored column who meet a
// condition. It gives false if that is not told by what is kept of longer texts.
func find(data []byte, n int, p *Plain, out set) (told bool, err error) {
	text := []byte(p.Text)
	for len(data) > 0 {
		v, rest, ok := cutValue(data)
		if !ok {
			return false, errRun
		}
		data = rest
		if v.kind == someNumbers {
			from, to := v.lone.between(p)
			if !v.lone.each(from, to, n, func(_, i int) { out.add(i) }) {
				return false, errRun
			}
			continue
		}
		meets, told := p.meets(&v, text)
		switch {
		case !told:
			return false, nil
		case !meets:
		case v.dense:
			ok = out.orBytes(v.places)
		default:
			ok = v.each(n, out.add)
		}
		if !ok {
			return false, errRun
		}
	}
	return true, nil
}
