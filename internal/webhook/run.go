package webhook

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
)

const (
	perEndpoint = 4                // requests under way to an endpoint
	planned     = 256              // events that are read at once
	leaseFor    = 30 * time.Second // longer than an attempt may take
	pollEvery   = 2 * time.Second
	maxWorkers  = 64 // endpoints of this node that are delivered to at the same time
	afterFail   = 5 * time.Second
)

type endpointKey struct{ workspaceID, id string }

// Start has the service deliver until Close.
func (s *Service) Start() {
	if s.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.done.Go(func() { s.run(ctx) })
}

// Close stops the deliveries and waits for the requests under way, which take ten
// seconds at most.
func (s *Service) Close() error {
	if s.stop == nil {
		return nil
	}
	s.stop()
	s.done.Wait()
	err := s.DB.Write(context.Background(), func(tx *storage.Tx) error {
		_, err := tx.Exec(`UPDATE webhook_endpoints SET lease_until = 0 WHERE state = 'on' AND lease_owner = $1`, s.node)
		return err
	})
	if fault.Is(err, fault.KindUnavailable) {
		return nil // others wait until the lease ends
	}
	return fault.Wrap("webhook.Close", err)
}

// run looks for work when something happened on this node, and every two seconds
// for what happened on others and what has fallen due.
func (s *Service) run(ctx context.Context) {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		if err := s.sweep(ctx); err != nil && ctx.Err() == nil {
			s.Logger.ErrorContext(ctx, "webhooks cannot be looked for; it is tried again", "error", err)
			pause(ctx, afterFail)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-poll.C:
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// sweep gives each endpoint with work a worker, or tells the one that it has.
func (s *Service) sweep(ctx context.Context) error {
	busy, err := s.busy(ctx)
	if err != nil {
		return err
	}
	for _, at := range busy {
		if more := s.hire(at); more != nil {
			s.done.Go(func() {
				if _, err := s.work(ctx, at, more); err != nil && ctx.Err() == nil {
					s.Logger.ErrorContext(ctx, "deliveries to a webhook endpoint stopped; they are tried again", "endpoint", at.id, "error", err)
				}
				s.leave(at)
			})
		}
	}
	return nil
}

// busy gives the endpoints that have work for this node, and notes which
// workspaces have any that is on.
func (s *Service) busy(ctx context.Context) (busy []endpointKey, err error) {
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		on, err := scanKeys(tx.Query(selectOn))
		if err != nil {
			return err
		}
		active := make(map[string]bool, len(on))
		for _, at := range on {
			active[at.workspaceID] = true
		}
		s.active.Store(&active)
		if busy = nil; len(on) == 0 {
			return nil
		}
		busy, err = loadBusy(tx, s.node, s.Clock.Now())
		return err
	})
	return busy, err
}

// hire gives the channel of a new worker for the endpoint, or tells the one that is
// at work and gives nil.
func (s *Service) hire(at endpointKey) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if more := s.working[at.id]; more != nil {
		select {
		case more <- struct{}{}:
		default:
		}
		return nil
	}
	if len(s.working) >= maxWorkers {
		return nil // the next poll finds it again
	}
	more := make(chan struct{}, 1)
	s.working[at.id] = more
	return more
}

func (s *Service) leave(at endpointKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.working, at.id)
}

// Deliver does all that is to be done now, and returns when nothing is: for tests,
// and without Start.
func (s *Service) Deliver(ctx context.Context) error {
	for {
		busy, err := s.busy(ctx)
		if err != nil || len(busy) == 0 {
			return err
		}
		sent := 0
		for _, at := range busy {
			n, err := s.work(ctx, at, make(chan struct{}))
			if err != nil {
				return err
			}
			sent += n
		}
		if sent == 0 {
			return nil // what is due waits for something that is not
		}
	}
}

// worker delivers to one endpoint.
type worker struct {
	*Service
	at       endpointKey
	lease    time.Time        // when it was last taken
	underWay map[string]task  // by delivery
	finished chan finishedTry // of those under way
	sent     int              // attempts that were begun
}

// finishedTry is an attempt that has come to its end and was written down.
type finishedTry struct {
	id  string
	err error
}

// work delivers to an endpoint until there is nothing to do, or somebody else holds
// its lease, and says how many attempts it began.
func (s *Service) work(ctx context.Context, at endpointKey, more <-chan struct{}) (sent int, err error) {
	w := &worker{Service: s, at: at, underWay: map[string]task{}, finished: make(chan finishedTry, perEndpoint)}
	err = w.deliver(ctx, more)
	for len(w.underWay) > 0 { // what was begun is carried to its end
		tried := <-w.finished
		delete(w.underWay, tried.id)
		if err == nil {
			err = tried.err
		}
	}
	return w.sent, err
}

func (w *worker) deliver(ctx context.Context, more <-chan struct{}) error {
	for ctx.Err() == nil {
		held, unplanned, err := w.plan(ctx)
		if err != nil || !held {
			return err
		}
		if err := w.begin(ctx); err != nil {
			return err
		}
		if len(w.underWay) == 0 && !unplanned {
			return nil
		}
		if unplanned && len(w.underWay) < perEndpoint {
			continue
		}
		select {
		case tried := <-w.finished:
			delete(w.underWay, tried.id)
			if tried.err != nil {
				return tried.err
			}
		case <-more:
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// plan takes or renews the lease where that is due, and makes deliveries of the
// events that follow. Unplanned says that there are more of them.
func (w *worker) plan(ctx context.Context) (held, unplanned bool, err error) {
	now := w.Clock.Now()
	if !w.lease.IsZero() && now.Sub(w.lease) < leaseFor/3 {
		behind, err := w.behind(ctx)
		if err != nil || !behind {
			return true, false, err
		}
	}
	err = w.DB.Write(ctx, func(tx *storage.Tx) error {
		held, unplanned = false, false
		var reached int64
		var types string
		row := tx.QueryRow(takeLease, w.node, clock.Micros(now.Add(leaseFor)), w.at.workspaceID, w.at.id, clock.Micros(now))
		if err := row.Scan(&reached, &types); isNone(err) {
			return nil
		} else if err != nil {
			return err
		}
		held = true
		events, err := live.After(tx, w.at.workspaceID, reached, planned)
		if err != nil || len(events) == 0 {
			return err
		}
		unplanned = len(events) == planned
		through := events[len(events)-1].Sequence
		chosen := strings.Fields(types)
		events = slices.DeleteFunc(events, func(e live.Event) bool { return !slices.Contains(chosen, e.Type) })
		if err := w.insertPlanned(tx, w.at, events, now); err != nil {
			return err
		}
		_, err = tx.Exec(moveReached, through, w.at.workspaceID, w.at.id)
		return err
	})
	w.lease = now
	return held, unplanned, err
}

// behind tells whether there are events that have not become deliveries.
func (w *worker) behind(ctx context.Context) (behind bool, err error) {
	err = w.DB.Read(ctx, func(tx *storage.Tx) error {
		last, err := live.Last(tx, w.at.workspaceID)
		if err != nil {
			return err
		}
		r, err := loadEndpoint(tx, w.at.workspaceID, w.at.id)
		behind = r.reached < last
		if fault.Is(err, fault.KindNotFound) {
			behind, err = true, nil // removed: the lease says so
		}
		return err
	})
	return behind, err
}

// begin sends as many deliveries that are due as there is room for.
func (w *worker) begin(ctx context.Context) error {
	if len(w.underWay) >= perEndpoint {
		return nil
	}
	now := w.Clock.Now()
	var due []task
	var r row
	err := w.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		due = nil
		if r, err = loadEndpoint(tx, w.at.workspaceID, w.at.id); err != nil || r.state == Off {
			return err
		}
		due, err = loadDue(tx, w.at.workspaceID, w.at.id, now, 2*perEndpoint)
		return err
	})
	if fault.Is(err, fault.KindNotFound) {
		return nil // removed
	}
	if err != nil || len(due) == 0 {
		return err
	}
	to, err := w.address(ctx, w.at.workspaceID, r)
	if err != nil {
		return err
	}
	for _, t := range due {
		if len(w.underWay) < perEndpoint && !w.waits(t) {
			w.underWay[t.id] = t
			w.sent++
			go func() {
				w.finished <- finishedTry{t.id, w.attempt(context.WithoutCancel(ctx), to, t)}
			}()
		}
	}
	return nil
}

// waits tells whether a delivery is under way already, or another one about the
// same person is.
func (w *worker) waits(t task) bool {
	if _, already := w.underWay[t.id]; already {
		return true
	}
	for _, other := range w.underWay {
		if t.contactID != "" && other.contactID == t.contactID {
			return true
		}
	}
	return false
}
