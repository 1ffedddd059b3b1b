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

// grow makes room for n positions.
func (s set) grow(n int) set {
	for len(s) < (n+63)/64 {
		s = append(s, 0)
	}
	return s
}
