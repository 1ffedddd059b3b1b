package segment

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// turns lets each question be asked of the database once at a time: while events come
// in a storm, and everybody counts anew at each, one count is under way and one waits.
// Nobody hears an answer that was begun before they asked.
type turns struct {
	mu sync.Mutex
	by map[string]*line
}

// line is who asks one question: a turn that is under way or over, and the next.
type line struct {
	now  *turn
	next *turn
}

type turn struct {
	over chan struct{} // closed when there is an answer
	n    int64
	err  error
}

// question names what a predicate asks.
func (p *Predicate) question() string { return fmt.Sprint(p.SQL, "\x00", p.Args) }

// take asks, or joins who is about to.
func (t *turns) take(ctx context.Context, question string, ask func() (int64, error)) (int64, error) {
	for {
		mine, before, leads := t.join(question)
		if leads {
			return t.lead(ctx, question, mine, before, ask)
		}
		select {
		case <-mine.over:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
		if !isGone(mine.err) || ctx.Err() != nil {
			return mine.n, mine.err
		}
		// whoever led has gone away before there was an answer
	}
}

func isGone(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// join gives the turn that has not begun, the one before it, if any, and whether it
// falls to the caller to lead it.
func (t *turns) join(question string) (mine, before *turn, leads bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.by[question]
	switch {
	case l == nil:
		if t.by == nil {
			t.by = map[string]*line{}
		}
		mine = &turn{over: make(chan struct{})}
		t.by[question] = &line{now: mine}
		return mine, nil, true
	case l.next == nil:
		l.next = &turn{over: make(chan struct{})}
		return l.next, l.now, true
	}
	return l.next, nil, false
}

func (t *turns) lead(ctx context.Context, question string, mine, before *turn, ask func() (int64, error)) (int64, error) {
	mine.err = context.Canceled // should ask never return
	defer func() {
		t.leave(question, mine)
		close(mine.over)
	}()
	if before != nil {
		select {
		case <-before.over:
		case <-ctx.Done():
			mine.err = ctx.Err()
			return 0, mine.err
		}
		t.begin(question)
	}
	mine.n, mine.err = ask()
	return mine.n, mine.err
}

// begin has who comes from now on wait for another turn.
func (t *turns) begin(question string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.by[question]
	l.now, l.next = l.next, nil
}

// leave takes a turn out of its line, and the line away with the last.
func (t *turns) leave(question string, mine *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.by[question]
	if l.next == mine { // it never began
		l.next = nil
	} else {
		l.now = nil
	}
	if l.now == nil && l.next == nil {
		delete(t.by, question)
	}
}
