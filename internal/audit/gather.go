package audit

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
)

const (
	maxSubjects  = 128     // people in one entry
	maxHeld      = 100_000 // people that may wait to be written: about 15 MB
	hurryAt      = 10_000  // from so many on, the second is not waited for
	readsAWrite  = 64      // entries in one transaction
	firstRetry   = 100 * time.Millisecond
	longestRetry = 5 * time.Second
)

// way is who reads, through what, and from where.
type way struct {
	workspaceID string
	actorType   string
	actorID     string
	through     string
	session     string
	from        actor.Origin
}

// valid tells whether all of it may enter the log.
func (w way) valid() bool {
	return (w.workspaceID == "" || isWord(w.workspaceID)) && isWord(w.actorType) && isItem(w.actorID) && isThrough(w.through) &&
		(w.session == "" || isWord(w.session))
}

// gathered is the people whom one actor has read of, in one way, lately.
type gathered struct {
	way      way
	since    time.Time // of the first
	subjects []string  // distinct
	known    map[string]struct{}
}

// gatherer holds reads for a moment, and has them written together.
type gatherer struct {
	after time.Duration
	clock clock.Clock
	log   *slog.Logger
	write func(ctx context.Context, reads []*gathered, lost map[string]int) error

	wake  chan struct{} // something is there
	hurry chan struct{} // much is there
	turn  chan struct{} // holds one token: whoever takes it may write

	mu      sync.Mutex
	open    map[way]*gathered
	full    []*gathered
	people  int            // in open, full, and being written
	lost    map[string]int // by workspace, not yet written down
	failing bool           // since the last attempt to write
	closed  bool           // nobody writes any more

	failures atomic.Int64
	lostEver atomic.Int64
}

func newGatherer(after time.Duration, c clock.Clock, log *slog.Logger, write func(context.Context, []*gathered, map[string]int) error) *gatherer {
	g := &gatherer{after: after, clock: c, log: log, write: write, wake: make(chan struct{}, 1), hurry: make(chan struct{}, 1),
		turn: make(chan struct{}, 1), open: map[way]*gathered{}, lost: map[string]int{}}
	g.turn <- struct{}{}
	return g
}

// add notes a read. It allocates nothing for people who are already known.
func (g *gatherer) add(w way, subjects []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.open[w]
	for _, s := range subjects {
		if b != nil {
			if _, known := b.known[s]; known {
				continue
			}
		}
		if g.closed || g.people >= maxHeld || !isWord(s) || (b == nil && !w.valid()) {
			g.lose(w)
			continue
		}
		if b == nil {
			b = &gathered{way: w, since: g.clock.Now(), known: map[string]struct{}{}}
			g.open[w] = b
			signal(g.wake)
		}
		b.known[s] = struct{}{}
		b.subjects = append(b.subjects, s)
		g.people++
		if len(b.subjects) == maxSubjects {
			delete(g.open, w)
			g.full = append(g.full, b)
			b = nil
		}
	}
	if g.people >= hurryAt {
		signal(g.hurry)
	}
}

// lose counts a read that cannot be kept: for want of room, or since its ids are
// none. mu is held.
func (g *gatherer) lose(w way) {
	workspaceID := w.workspaceID
	if !isWord(workspaceID) {
		workspaceID = ""
	}
	g.lost[workspaceID]++
	signal(g.wake)
	if n := g.lostEver.Add(1); n&(n-1) == 0 { // the 1st, 2nd, 4th: not a line for each
		g.log.Error("audit: a read of personal data cannot be kept for the access log", "workspace", workspaceID, "lost", n, "waiting", g.people)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// run writes what is gathered until the context ends. What is gathered then is
// left to the caller's flush.
func (g *gatherer) run(ctx context.Context) {
	for g.wait(ctx) {
		for retry := firstRetry; g.flush(ctx) != nil; retry = min(2*retry, longestRetry) {
			if !pause(ctx, retry) {
				return
			}
		}
	}
}

// wait returns when something has been gathered for long enough. It gives false
// when the context ends.
func (g *gatherer) wait(ctx context.Context) bool {
	select {
	case <-g.wake:
	case <-ctx.Done():
		return false
	}
	timer := time.NewTimer(g.after)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-g.hurry:
	case <-ctx.Done():
		return false
	}
	return true
}

func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// flush writes all that is gathered. What could not be written is kept.
func (g *gatherer) flush(ctx context.Context) error {
	select {
	case <-g.turn:
		defer func() { g.turn <- struct{}{} }()
	case <-ctx.Done():
		return ctx.Err()
	}
	reads, lost := g.take()
	for len(reads) > 0 || len(lost) > 0 {
		n := min(len(reads), readsAWrite)
		if err := g.write(ctx, reads[:n], lost); err != nil {
			g.keep(reads, lost)
			g.failed(ctx, err)
			return err
		}
		g.wrote(reads[:n])
		reads, lost = reads[n:], nil
	}
	return nil
}

func (g *gatherer) take() ([]*gathered, map[string]int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	reads, lost := g.full, g.lost
	for _, b := range g.open {
		reads = append(reads, b)
	}
	slices.SortFunc(reads, func(a, b *gathered) int { return a.since.Compare(b.since) })
	clear(g.open)
	g.full, g.lost = nil, map[string]int{}
	return reads, lost
}

// keep puts back what was not written, before what came since.
func (g *gatherer) keep(reads []*gathered, lost map[string]int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.full = append(reads, g.full...)
	for workspaceID, n := range lost {
		g.lost[workspaceID] += n
	}
	g.failing = true
	signal(g.wake)
}

func (g *gatherer) wrote(reads []*gathered) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, b := range reads {
		g.people -= len(b.subjects)
	}
	g.failing = false
}

func (g *gatherer) failed(ctx context.Context, err error) {
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return // the caller went away; nothing is wrong
	}
	if n := g.failures.Add(1); n&(n-1) == 0 {
		g.log.Error("audit: the access log cannot be written; it is tried again", "failures", n, "waiting", g.held(), "error", err)
	}
}

// close has every later read counted as lost.
func (g *gatherer) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
}

func (g *gatherer) held() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.people
}

// crowded tells whether writing fails and half of the room is taken.
func (g *gatherer) crowded() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.failing && g.people >= maxHeld/2
}
