package main

import (
	"math/bits"
	"time"
)

// subBits is how many bits a bucket is exact to: 64 buckets for each doubling,
// so a figure is off by 1.6 % at most.
const subBits = 6

// histogram counts durations in buckets that grow with them. It belongs to one
// goroutine; merge those of several.
type histogram struct {
	counts  [64 << subBits]uint32
	n       int
	longest time.Duration
}

func bucketOf(d time.Duration) int {
	v := uint64(max(d, 0))
	if v < 1<<subBits {
		return int(v)
	}
	shift := bits.Len64(v) - subBits - 1
	return (shift+1)<<subBits | int(v>>shift)&(1<<subBits-1)
}

// floorOf gives the shortest duration of a bucket.
func floorOf(bucket int) time.Duration {
	block, sub := bucket>>subBits, uint64(bucket&(1<<subBits-1))
	if block == 0 {
		return time.Duration(sub)
	}
	return time.Duration((1<<subBits | sub) << (block - 1))
}

func (h *histogram) add(d time.Duration) {
	h.counts[bucketOf(d)]++
	h.n++
	h.longest = max(h.longest, d)
}

func (h *histogram) merge(o *histogram) {
	for i, n := range o.counts {
		h.counts[i] += n
	}
	h.n += o.n
	h.longest = max(h.longest, o.longest)
}

// at gives the duration that a share of the observations does not pass; 0 if
// there are none.
func (h *histogram) at(share float64) time.Duration {
	rank := int(share * float64(h.n))
	for i, n := range h.counts {
		if rank -= int(n); rank < 0 {
			return min(floorOf(i+1), h.longest)
		}
	}
	return h.longest
}
