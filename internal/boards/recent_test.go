package boards

import (
	"strconv"
	"testing"
	"time"
)

func TestRecentIsBoundedAndForgets(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	r := recent[string]{most: 100_000}
	for i := range 10_000 {
		r.put(now, strconv.Itoa(i), "words", 1000)
		r.get(now, "0") // what is asked for stays
	}
	if n := len(r.young) + len(r.old); n > 180 || n < 80 {
		t.Errorf("%d entries of 1200 bytes in two generations of 100,000", n)
	}
	if _, ok := r.get(now, "0"); !ok {
		t.Error("what is asked for all the time went")
	}
	r.dropIf(func(key, _ string) bool { return key == "0" })
	if _, ok := r.get(now, "0"); ok {
		t.Error("what was dropped is there")
	}
	r.put(now, "kept", "words", 10)
	for range 4 { // asked for now and then, in time
		now = now.Add(recentFor - time.Second)
		if _, ok := r.get(now, "kept"); !ok {
			t.Fatal("went too early")
		}
	}
	now = now.Add(2 * recentFor)
	if _, ok := r.get(now, "kept"); ok || len(r.young)+len(r.old) != 0 {
		t.Error("nobody asked for it, and it is there")
	}
}
