package storage

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

const (
	maxGroup = 256 // functions that share one commit at most
	// carefulGroups is for how many groups after a failure each function has a
	// savepoint: where some fail, more will.
	carefulGroups = 64
	queueDepth    = 1024 // functions that may wait before Write itself waits
)

// The states of a job. A caller that gives up and the writer that begins race
// for it, and exactly one wins.
const (
	jobQueued int32 = iota
	jobBegun
	jobGivenUp
)

// job is one call of Write on its way through the writer.
type job struct {
	ctx    context.Context
	fn     func(*Tx) error
	apart  func(*session) error // instead of fn: runs outside any transaction
	state  atomic.Int32
	tx     *Tx
	err    error
	panic  *Panic
	exited bool // fn ended its goroutine, as t.FailNow does
	acked  bool
	done   chan struct{}
}

// writer owns the one connection that writes.
type writer struct {
	s       *session
	log     *slog.Logger
	mu      sync.RWMutex // held for reading while sending on queue
	closed  bool
	queue   chan *job
	stopped chan struct{}

	askMove func()      // has the log moved into the file
	finish  atomic.Bool // most of it has been: the writer moves the rest

	// Only for the writing goroutine.
	longLog int    // pages in the log that call for a move
	commits int    // since the last look at the log
	careful int    // groups that will run with savepoints
	solo    bool   // the group in hand must not share a commit
	group   []*job // taken from the queue, not all answered yet
	running *job   // whose function runs now
}

func newWriter(s *session, log *slog.Logger) *writer {
	w := &writer{s: s, log: log, queue: make(chan *job, queueDepth), stopped: make(chan struct{}), longLog: checkpointFrames}
	return w
}

// write runs fn in a transaction.
func (w *writer) write(ctx context.Context, fn func(*Tx) error) error {
	return w.do(&job{ctx: ctx, fn: fn, done: make(chan struct{})})
}

// between runs fn on the writing connection between two transactions.
func (w *writer) between(ctx context.Context, fn func(*session) error) error {
	return w.do(&job{ctx: ctx, apart: fn, done: make(chan struct{})})
}

func (w *writer) do(j *job) error {
	ctx := j.ctx
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := w.send(j); err != nil {
		return err
	}
	select {
	case <-j.done:
	case <-ctx.Done():
		if j.state.CompareAndSwap(jobQueued, jobGivenUp) {
			return ctx.Err()
		}
		<-j.done
	}
	switch {
	case j.panic != nil:
		panic(j.panic)
	case j.exited:
		runtime.Goexit()
	case j.err == nil && j.tx != nil:
		for _, hook := range j.tx.hooks {
			hook()
		}
	}
	return j.err
}

func (w *writer) send(j *job) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return shuttingDown()
	}
	select {
	case w.queue <- j:
		return nil
	case <-j.ctx.Done():
		return j.ctx.Err()
	}
}

// drain finishes what was accepted and takes nothing more.
func (w *writer) drain() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.stopped
}

// run serves groups until the queue is closed and empty.
func (w *writer) run() {
	ended := false
	defer func() {
		if ended {
			close(w.stopped)
			return
		}
		w.rescue()
		go w.run()
	}()
	w.serve(w.group)
	for first := range w.queue {
		w.serve(w.gather(first))
	}
	ended = true
}

// rescue tidies up after a function that has ended the writing goroutine.
func (w *writer) rescue() {
	w.rollback()
	w.solo = true
	if j := w.running; j != nil {
		w.running = nil
		j.exited = true
		w.ack(j, errExited)
	}
}

var errExited = errors.New("storage: the function ended its goroutine")

// gather takes what is waiting, without waiting for more. But it lets goroutines
// that can run do so first: whoever sends wakes the writer at once, and a commit
// for that one alone would keep those right behind it waiting for a whole one.
func (w *writer) gather(first *job) []*job {
	w.group = append(w.group[:0], first)
	runtime.Gosched()
	for len(w.group) < maxGroup {
		select {
		case j, ok := <-w.queue:
			if !ok {
				return w.group
			}
			w.group = append(w.group, j)
		default:
			return w.group
		}
	}
	return w.group
}

// serve answers every job of the group.
func (w *writer) serve(group []*job) {
	together := make([]*job, 0, len(group))
	var apart []*job
	for _, j := range group {
		switch {
		case j.acked || !j.begin():
		case j.apart != nil:
			apart = append(apart, j)
		default:
			together = append(together, j)
		}
	}
	if len(together) < 2 || w.solo || !w.together(together) {
		for _, j := range together {
			w.alone(j)
		}
	}
	for _, j := range apart {
		w.running = j
		err := guard(func() error { return j.apart(w.s) })
		w.running = nil
		w.ack(j, err)
	}
	w.solo = false
	w.mindLog()
}

// begin tells whether the job is still wanted; from then on it is carried out.
func (j *job) begin() bool {
	return j.state.CompareAndSwap(jobQueued, jobBegun) || j.state.Load() == jobBegun
}

// mindLog keeps SQLite's log from growing, between two groups.
func (w *writer) mindLog() {
	if w.commits++; w.commits >= checkpointLook {
		w.commits = 0
		c, err := w.s.checkpoint("NOOP")
		switch waiting := c.frames - c.moved; {
		case err != nil:
			w.log.Error("storage: the length of the log cannot be read", "error", err)
		case waiting > checkpointLate*w.longLog:
			w.finish.Store(true)
		case waiting > w.longLog:
			w.askMove()
		}
	}
	if w.finish.CompareAndSwap(true, false) {
		if _, err := w.s.restartLog("RESTART", restartPatience); err != nil {
			w.log.Error("storage: the log could not be moved into the database file", "error", err)
		}
	}
}

// together runs all jobs in one commit. It gives false, with nothing kept, if
// each should be tried alone.
//
// Nearly always all of them succeed. So they run without savepoints, for which
// SQLite would copy every page that each of them touches, and only if one fails
// does the group run again with a savepoint each.
func (w *writer) together(group []*job) bool {
	if err := w.s.control("BEGIN IMMEDIATE"); err != nil {
		for _, j := range group {
			w.ack(j, err)
		}
		return true
	}
	if w.careful > 0 {
		w.careful--
	} else if w.all(group) {
		return w.finishGroup(group)
	} else {
		w.careful = carefulGroups
		w.rollback()
		if w.s.control("BEGIN IMMEDIATE") != nil {
			return false
		}
	}
	for _, j := range group {
		if !w.behindSavepoint(j) {
			w.rollback()
			return false
		}
	}
	return w.finishGroup(group)
}

// all runs the jobs until one fails, and tells whether none did.
func (w *writer) all(group []*job) bool {
	for _, j := range group {
		if w.call(j); j.err != nil {
			return false
		}
	}
	return true
}

// behindSavepoint runs one job of a group; its error stays with it. It gives
// false if the whole transaction is lost.
func (w *writer) behindSavepoint(j *job) bool {
	if w.s.control("SAVEPOINT one") != nil {
		return false
	}
	w.call(j)
	if j.err != nil && w.s.control("ROLLBACK TO one") != nil {
		return false
	}
	return w.s.control("RELEASE one") == nil
}

// finishGroup commits what the successful jobs of the group did, and answers all.
// It gives false, with nothing kept and nobody answered, if that fails.
func (w *writer) finishGroup(group []*job) bool {
	good := make([]*Tx, 0, len(group))
	for _, j := range group {
		if j.err == nil {
			good = append(good, j.tx)
		}
	}
	hooks, err := w.commit(context.Background(), good)
	if err != nil {
		w.rollback()
		return false
	}
	w.after(hooks)
	for _, j := range group {
		w.ack(j, j.err)
	}
	return true
}

// alone runs one job in a commit of its own.
func (w *writer) alone(j *job) {
	if err := w.s.control("BEGIN IMMEDIATE"); err != nil {
		w.ack(j, err)
		return
	}
	w.call(j)
	if j.err != nil {
		w.rollback()
		w.ack(j, j.err)
		return
	}
	w.running = j
	hooks, err := w.commit(j.ctx, []*Tx{j.tx})
	w.running = nil
	if err != nil {
		w.rollback()
		j.panic, _ = err.(*Panic) //nolint:errorlint // as above
		w.ack(j, err)
		return
	}
	w.after(hooks)
	w.ack(j, nil)
}

// call runs the job's function and keeps what came of it in the job.
func (w *writer) call(j *job) {
	j.tx = &Tx{ctx: j.ctx, engine: SQLite, run: w.s}
	j.err, j.panic = nil, nil
	w.running = j
	err := guard(func() error { return j.fn(j.tx) })
	w.running = nil
	j.panic, _ = err.(*Panic) //nolint:errorlint // only guard makes them, unwrapped
	j.err = j.tx.end(err)
}

// commit flushes the collectors and makes everything durable.
func (w *writer) commit(ctx context.Context, good []*Tx) (hooks []func(), err error) {
	if len(good) == 0 {
		w.rollback()
		return nil, nil
	}
	err = guard(func() error {
		hooks, err = flush(ctx, SQLite, w.s, good)
		return err
	})
	if err != nil {
		return nil, err
	}
	return hooks, w.s.control("COMMIT")
}

// rollback takes the open transaction back. SQLite may have done so itself,
// and then says that there is none.
func (w *writer) rollback() {
	_ = w.s.control("ROLLBACK")
}

// after runs the hooks of collectors, which belong to no caller.
func (w *writer) after(hooks []func()) {
	for _, hook := range hooks {
		if err := guard(func() error { hook(); return nil }); err != nil {
			w.log.Error("storage: a hook after the commit failed", "error", err)
		}
	}
}

func (w *writer) ack(j *job, err error) {
	j.err, j.acked = err, true
	close(j.done)
}

// guard runs fn and gives a panic as an error.
func guard(fn func() error) (err error) {
	ok := false
	defer func() {
		if ok {
			return
		}
		if v := recover(); v != nil {
			err = &Panic{Value: v, Stack: debug.Stack()}
		}
	}()
	err = fn()
	ok = true
	return err
}
