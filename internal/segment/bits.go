package segment

import "math/bits"

// set is a set of positions, a bit each.
type set []uint64

func newSet(n int) set { return make(set, (n+63)/64) }

func (s set) add(i int)      { s[i>>6] |= 1 << (i & 63) }
func (s set) remove(i int)   { s[i>>6] &^= 1 << (i & 63) }
func (s set) has(i int) bool { return s[i>>6]&(1<<(i&63)) != 0 }

func (s set) count() (n int) {
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

func (s set) and(t set) {
	for i := range s {
		s[i] &= t[i]
	}
}

func (s set) or(t set) {
	for i := range s {
		s[i] |= t[i]
	}
}

// deny turns the set into those that are not in it; what is beyond its end counts
// until it is taken out by an and.
func (s set) deny() {
	for i := range s {
		s[i] = ^s[i]
	}
}

// bytes gives the set as it is stored: without the zeros at its end.
func (s set) bytes() []byte {
	out := make([]byte, 0, len(s)*8)
	for i := range len(s) * 8 {
		out = append(out, byte(s[i>>3]>>(i&7*8)))
	}
	for len(out) > 0 && out[len(out)-1] == 0 {
		out = out[:len(out)-1]
	}
	return out
}

// orBytes adds a stored set; false if it reaches beyond.
func (s set) orBytes(stored []byte) bool {
	if len(stored) > len(s)*8 {
		return false
	}
	for i, b := range stored {
		s[i>>3] |= uint64(b) << (i & 7 * 8)
	}
	return true
}
