package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/clock"
)

// sink takes what a gatherer writes, and fails when told to.
type sink struct {
	mu    sync.Mutex
	began time.Time
	err   error
	tries int
	wrote []string
}

func (s *sink) write(_ context.Context, reads []*gathered, lost map[string]int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tries++
	if s.err != nil {
		return s.err
	}
	for _, g := range reads {
		people := fmt.Sprint(g.subjects)
		if len(g.subjects) > 4 {
			people = fmt.Sprint(len(g.subjects), " people")
		}
		s.wrote = append(s.wrote, fmt.Sprintf("%v %s %s %s", time.Since(s.began), g.way.actorID, g.way.through, people))
	}
	for workspaceID, n := range lost {
		s.wrote = append(s.wrote, fmt.Sprintf("%v lost %d of %s", time.Since(s.began), n, workspaceID))
	}
	return nil
}

func (s *sink) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func (s *sink) taken() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.wrote
	s.wrote = nil
	slices.Sort(out)
	return out
}

// gathering runs a gatherer in a bubble in which time passes when all wait.
func gathering(t *testing.T, fn func(t *testing.T, g *gatherer, s *sink)) {
	synctest.Test(t, func(t *testing.T) {
		s := &sink{began: time.Now()}
		g := newGatherer(time.Second, clock.System{}, slog.New(slog.DiscardHandler), s.write)
		ctx, stop := context.WithCancel(t.Context())
		var owner sync.WaitGroup
		owner.Go(func() { g.run(ctx) })
		fn(t, g, s)
		stop()
		owner.Wait()
	})
}

var (
	ada = way{workspaceID: "wsp_acme", actorType: "operator", actorID: "opr_ada", through: "contact"}
	bob = way{workspaceID: "wsp_acme", actorType: "operator", actorID: "opr_bob", through: "contact"}
)

func TestAReadIsWrittenWithinASecond(t *testing.T) {
	gathering(t, func(t *testing.T, g *gatherer, s *sink) {
		g.add(ada, []string{"con_1"})
		time.Sleep(600 * time.Millisecond)
		g.add(bob, []string{"con_1"})
		g.add(ada, []string{"con_2", "con_1"})
		time.Sleep(5 * time.Second)
		g.add(ada, []string{"con_1"})
		time.Sleep(5 * time.Second)
		want := []string{"1s opr_ada contact [con_1 con_2]", "1s opr_bob contact [con_1]", "6.6s opr_ada contact [con_1]"}
		if diff := cmp.Diff(want, s.taken()); diff != "" {
			t.Errorf("written (-want +got):\n%s", diff)
		}
		if g.held() != 0 {
			t.Errorf("%d people are still held", g.held())
		}
	})
}

func TestManyReadsAreNotHeldForASecond(t *testing.T) {
	gathering(t, func(t *testing.T, g *gatherer, s *sink) {
		for i := range hurryAt {
			g.add(ada, []string{fmt.Sprintf("con_%d", i)})
		}
		time.Sleep(time.Millisecond)
		if g.held() != 0 {
			t.Errorf("%d people are held although there are many", g.held())
		}
		if wrote := s.taken(); len(wrote) != (hurryAt+maxSubjects-1)/maxSubjects || !strings.HasPrefix(wrote[0], "0s opr_ada contact") {
			t.Errorf("%d entries, the first %v", len(wrote), wrote[:1])
		}
	})
}

func TestAFailedWriteIsTriedAgain(t *testing.T) {
	gathering(t, func(t *testing.T, g *gatherer, s *sink) {
		s.fail(errors.New("disk full"))
		g.add(ada, []string{"con_1"})
		time.Sleep(time.Minute)
		g.add(ada, []string{"con_2"})
		if s.tries < 10 || s.tries > 30 {
			t.Errorf("%d attempts in a minute", s.tries)
		}
		if got := g.failures.Load(); got != int64(s.tries) {
			t.Errorf("%d failures counted, want %d", got, s.tries)
		}
		s.fail(nil)
		time.Sleep(longestRetry)
		want := []string{"opr_ada contact [con_1]", "opr_ada contact [con_2]"}
		var got []string
		for _, w := range s.taken() {
			_, w, _ = strings.Cut(w, " ")
			got = append(got, w)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("written after the failure (-want +got):\n%s", diff)
		}
		if g.held() != 0 || g.lostEver.Load() != 0 {
			t.Errorf("held %d, lost %d", g.held(), g.lostEver.Load())
		}
	})
}

func TestWhatFindsNoRoomIsWrittenDownAsLost(t *testing.T) {
	gathering(t, func(t *testing.T, g *gatherer, s *sink) {
		s.fail(errors.New("disk full"))
		g.add(ada, []string{"con_first"})
		time.Sleep(2 * time.Second)
		if g.crowded() {
			t.Error("crowded by one")
		}
		for i := range maxHeld + 41 {
			g.add(ada, []string{fmt.Sprintf("con_%d", i)})
		}
		if g.held() != maxHeld || g.lostEver.Load() != 42 || !g.crowded() {
			t.Errorf("held %d, lost %d, crowded %v", g.held(), g.lostEver.Load(), g.crowded())
		}
		time.Sleep(time.Minute) // what was lost waits as well, through failures
		s.fail(nil)
		time.Sleep(time.Minute)
		lost := slices.DeleteFunc(s.taken(), func(w string) bool { return !strings.Contains(w, " lost ") })
		if len(lost) != 1 || !strings.HasSuffix(lost[0], "lost 42 of wsp_acme") {
			t.Errorf("lost = %v", lost)
		}
		if g.held() != 0 || g.crowded() {
			t.Errorf("held %d, crowded %v", g.held(), g.crowded())
		}
	})
}

func TestWhatIsNoIDDoesNotEnter(t *testing.T) {
	gathering(t, func(t *testing.T, g *gatherer, s *sink) {
		g.add(ada, []string{"ada@example.org", "con_1", "Ada Lovelace", ""})
		g.add(way{workspaceID: "wsp_acme", actorType: "operator", actorID: "Ada Lovelace", through: "contact"}, []string{"con_1"})
		g.add(way{workspaceID: "wsp_acme", actorType: "operator", actorID: "opr_ada", through: "GET /contacts?q=ada"}, []string{"con_1"})
		g.add(way{workspaceID: "Wsp Acme", actorType: "operator", actorID: "opr_ada", through: "contact"}, []string{"con_1"})
		time.Sleep(2 * time.Second)
		want := []string{"1s lost 1 of ", "1s lost 5 of wsp_acme", "1s opr_ada contact [con_1]"}
		if diff := cmp.Diff(want, s.taken()); diff != "" {
			t.Errorf("written (-want +got):\n%s", diff)
		}
	})
}

func TestFlushWaitsForWhoeverWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var s sink
		g := newGatherer(time.Second, clock.System{}, slog.New(slog.DiscardHandler), func(ctx context.Context, r []*gathered, lost map[string]int) error {
			<-release
			return s.write(ctx, r, lost)
		})
		ctx, stop := context.WithCancel(t.Context())
		var owner sync.WaitGroup
		owner.Go(func() { g.run(ctx) })
		g.add(ada, []string{"con_1"})
		time.Sleep(2 * time.Second) // run is writing, and waits

		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := g.flush(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("flush gave %v while the read was being written", err)
		}
		close(release)
		if err := g.flush(t.Context()); err != nil || len(s.taken()) != 1 {
			t.Errorf("flush = %v, or it came before the write", err)
		}
		stop()
		owner.Wait()
	})
}

func TestAfterCloseReadsAreCountedAsLost(t *testing.T) {
	g := newGatherer(time.Second, clock.System{}, slog.New(slog.DiscardHandler), nil)
	g.close()
	g.add(ada, []string{"con_1"})
	if g.held() != 0 || g.lostEver.Load() != 1 {
		t.Errorf("held %d, lost %d", g.held(), g.lostEver.Load())
	}
}

func TestKnownPeopleCostNoMemory(t *testing.T) {
	g := newGatherer(time.Hour, clock.System{}, slog.New(slog.DiscardHandler), nil)
	people := []string{"con_1", "con_2", "con_3"}
	g.add(ada, people)
	if n := testing.AllocsPerRun(100, func() { g.add(ada, people) }); n != 0 {
		t.Errorf("%v allocations for people who are known", n)
	}
}

func BenchmarkAccess(b *testing.B) {
	people := make([]string, 25)
	for i := range people {
		people[i] = fmt.Sprintf("con_01jdb2k8q5e6r7s8t9v0w1x%03d", i)
	}
	for _, n := range []int{1, 25} {
		b.Run(fmt.Sprintf("people=%d", n), func(b *testing.B) {
			g := newGatherer(time.Hour, clock.System{}, slog.New(slog.DiscardHandler), nil)
			b.ReportAllocs()
			for b.Loop() {
				g.add(ada, people[:n])
			}
		})
	}
}
