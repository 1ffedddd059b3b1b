package workspace

import (
	"strconv"
	"testing"
	"time"
)

func TestLimiter(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	l := newLimiter(10*time.Second, 3, 100)
	for i := range 3 {
		if wait := l.take(now, "a"); wait != 0 {
			t.Fatalf("turn %d: wait %v", i, wait)
		}
	}
	if wait := l.take(now, "a"); wait != 10*time.Second {
		t.Errorf("the fourth: wait %v, want 10s", wait)
	}
	if wait := l.take(now, "b"); wait != 0 {
		t.Errorf("another key: wait %v", wait)
	}
	if wait := l.take(now.Add(9*time.Second), "a"); wait != time.Second {
		t.Errorf("after 9 s: wait %v, want 1s", wait)
	}
	if wait := l.take(now.Add(10*time.Second), "a"); wait != 0 {
		t.Errorf("after 10 s: wait %v", wait)
	}
	l.giveBack("a")
	if wait := l.take(now.Add(10*time.Second), "a"); wait != 0 {
		t.Errorf("after a turn was given back: wait %v", wait)
	}
	l.giveBack("never seen")
	for range 100 {
		if wait := l.take(now, ""); wait != 0 {
			t.Fatal("nobody is limited")
		}
	}
}

func TestLimiterIsBounded(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	l := newLimiter(time.Minute, 1, 50)
	for i := range 500 {
		l.take(now, strconv.Itoa(i))
	}
	if len(l.paid) > 50 {
		t.Errorf("%d keys in memory", len(l.paid))
	}
	l.take(now.Add(time.Hour), "late")
	if len(l.paid) != 1 {
		t.Errorf("%d keys are remembered that owe nothing", len(l.paid)-1)
	}
}

func TestNetworkOf(t *testing.T) {
	tests := map[string]string{
		"192.0.2.7:4711":                "192.0.2.7",
		"192.0.2.7":                     "192.0.2.7",
		"[2001:db8:1:2:3:4:5:6]:443":    "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff::1":          "2001:db8:1:2::/64",
		"[::ffff:192.0.2.7]:1":          "192.0.2.7",
		"[fe80::1%eth0]:1":              "fe80::/64",
		"":                              "",
		"unix socket":                   "",
		"192.0.2.7, 198.51.100.1":       "",
		"ada@example.org wrote this":    "",
		"2001:db8:1:2:3:4:5:6:7:8:9:10": "",
	}
	for in, want := range tests {
		if got := NetworkOf(in); got != want {
			t.Errorf("NetworkOf(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCacheForgetsWhatIsBeingLoaded(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	c := newCache[string, int](10*time.Second, 8)
	_, generation, _ := c.get(now, "a")
	c.forget(func(string, int) bool { return false })
	c.put(now, generation, "a", 1)
	if _, _, ok := c.get(now, "a"); ok {
		t.Error("a value that was loaded before the change is served after it")
	}
	_, generation, _ = c.get(now, "a")
	c.put(now, generation, "a", 2)
	if v, _, ok := c.get(now.Add(9*time.Second), "a"); !ok || v != 2 {
		t.Errorf("got %d, %v", v, ok)
	}
	if _, _, ok := c.get(now.Add(10*time.Second), "a"); ok {
		t.Error("served beyond its time")
	}
	for i := range 100 {
		c.put(now, generation, strconv.Itoa(i), i)
	}
	if len(c.entries) > 8 {
		t.Errorf("%d entries, want at most 8", len(c.entries))
	}
}
