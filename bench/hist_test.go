package main

import (
	"testing"
	"time"
)

func TestHistogram(t *testing.T) {
	var a, b histogram
	for i := 1; i <= 1000; i++ {
		h := &a
		if i%2 == 0 {
			h = &b
		}
		h.add(time.Duration(i) * time.Microsecond)
	}
	a.merge(&b)
	for share, want := range map[float64]time.Duration{0.5: 500 * time.Microsecond, 0.99: 990 * time.Microsecond, 1: time.Millisecond} {
		got := a.at(share)
		if off := float64(got-want) / float64(want); off < -0.005 || off > 0.02 {
			t.Errorf("at(%v) = %v, want about %v", share, got, want)
		}
	}
	if a.n != 1000 || a.longest != time.Millisecond {
		t.Errorf("%d observations up to %v", a.n, a.longest)
	}
	var none histogram
	if none.at(0.99) != 0 {
		t.Error("a histogram of nothing has a figure")
	}
}

func TestBucketsAreInOrder(t *testing.T) {
	last := -1
	for d := time.Duration(0); d < time.Hour; d = d*9/8 + 1 {
		b := bucketOf(d)
		if b < last || floorOf(b) > d || floorOf(b+1) <= d {
			t.Fatalf("%v is in bucket %d, from %v to %v, after %d", d, b, floorOf(b), floorOf(b+1), last)
		}
		last = b
	}
}
