package clock_test

import (
	"testing"
	"time"

	"github.com/botimum/botimum/internal/clock"
)

func TestMicrosRoundTrip(t *testing.T) {
	for _, want := range []time.Time{{}, time.Date(2026, 11, 24, 1, 2, 3, 456789000, time.UTC), time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if got := clock.FromMicros(clock.Micros(want)); !got.Equal(want) {
			t.Errorf("round trip of %v = %v", want, got)
		}
	}
}

func TestSystemFitsStorage(t *testing.T) {
	now := clock.System{}.Now()
	if !clock.FromMicros(clock.Micros(now)).Equal(now) || now.Location() != time.UTC {
		t.Errorf("%v does not survive storage", now)
	}
}

func TestFakeStandsStill(t *testing.T) {
	c := clock.NewFake(time.Unix(100, 0))
	before := c.Now()
	if now := c.Now(); now != before {
		t.Errorf("a fake clock moved by itself to %v", now)
	}
	c.Advance(time.Hour)
	if got := c.Now().Sub(before); got != time.Hour {
		t.Errorf("Advance moved by %v", got)
	}
}
