package segment

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// While many ask the same, one count is under way and one waits, and nobody hears an
// answer from before they asked.
func TestAStormOfCountsIsTwo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var line turns
		var counted, people int64
		var all sync.WaitGroup
		ask := func() (int64, error) {
			n := people
			counted++
			time.Sleep(time.Second)
			return n, nil
		}
		for i := range 50 {
			people = int64(i)
			all.Go(func() {
				if n, err := line.take(t.Context(), "q", ask); err != nil || n < int64(i) {
					t.Errorf("asked when there were %d, heard of %d (%v)", i, n, err)
				}
			})
			synctest.Wait()
		}
		all.Wait()
		if counted != 2 || len(line.by) != 0 {
			t.Errorf("it was counted %d times; %d lines are left", counted, len(line.by))
		}
	})
}

// Whoever leads and goes away leaves no one without an answer.
func TestWhoWaitsIsNotLetDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var line turns
		var all sync.WaitGroup
		slow := func() (int64, error) { time.Sleep(time.Second); return 7, nil }
		leading, leave := context.WithCancel(t.Context())
		for i, ctx := range []context.Context{t.Context(), leading, t.Context(), t.Context()} {
			all.Go(func() {
				n, err := line.take(ctx, "q", slow)
				if ctx == leading && !errors.Is(err, context.Canceled) || ctx != leading && (n != 7 || err != nil) {
					t.Errorf("%d heard %d, %v", i, n, err)
				}
			})
			synctest.Wait()
		}
		leave()
		all.Wait()
		if len(line.by) != 0 {
			t.Error("a line is left")
		}
	})
}
