package enrich

import (
	"context"
	"errors"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
)

const (
	atOnce       = 32 // questions under way on a node
	atOnceOfHost = 4  // of these to one host: a slow one holds no more than that
)

// crew are the questions that a node has under way.
type crew struct {
	busy     map[string]int // by whom is asked
	all      int
	finished chan finished
}

type finished struct {
	whom string
	err  error
}

// free says how many more may be asked of somebody.
func (c *crew) free(whom string) int { return min(atOnceOfHost-c.busy[whom], atOnce-c.all) }

func (c *crew) start(whom string, work func() error) {
	c.busy[whom]++
	c.all++
	go func() { c.finished <- finished{whom, work()} }()
}

func (c *crew) end(f finished) {
	c.busy[f.whom]--
	c.all--
}

// ask asks all that is due, and waits for the answers. Each host has its own few
// places, so that what a slow one keeps waiting is its own.
func (s *Service) ask(ctx context.Context) error {
	c := &crew{busy: map[string]int{}, finished: make(chan finished, atOnce)}
	var errs []error
	for {
		if len(errs) == 0 && ctx.Err() == nil {
			if err := s.askDue(ctx, c); err != nil {
				errs = append(errs, err)
			}
		}
		if c.all == 0 {
			return errors.Join(append(errs, ctx.Err())...)
		}
		select {
		case f := <-c.finished:
			c.end(f)
			if f.err != nil {
				errs = append(errs, f.err)
			}
		case <-s.wakeAsk: // somebody else may be due
		}
	}
}

// askDue starts questions until nothing is due, or no place is left for it.
func (s *Service) askDue(ctx context.Context, c *crew) error {
	var ready []row
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		ready, err = readyProviders(tx, s.Clock.Now())
		return err
	})
	for i := 0; i < len(ready) && err == nil; i++ {
		err = s.askProvider(ctx, c, ready[i])
	}
	return err
}

func (s *Service) askProvider(ctx context.Context, c *crew, r row) error {
	src, err := s.source(r, "")
	if err != nil {
		return err
	}
	whom := src.host()
	if r.kind == KindWebsite { // each is another's
		whom = r.id
	}
	places := c.free(whom)
	if places <= 0 {
		return nil
	}
	var due []ticket
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		due, err = dueTickets(tx, r.workspaceID, r.id, s.Clock.Now(), places)
		return err
	})
	for i := 0; i < len(due) && err == nil; i++ {
		var got bool
		if got, err = s.take(ctx, due[i]); got && err == nil {
			c.start(whom, func() error { return s.carry(ctx, due[i]) })
		}
	}
	return err
}

// take takes the lease of a question that is still due.
func (s *Service) take(ctx context.Context, t ticket) (got bool, err error) {
	now := s.Clock.Now()
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.Exec(takeLease, s.node, clock.Micros(now.Add(leaseFor)), t.workspaceID, t.contactID, t.providerID, clock.Micros(now))
		got = n == 1
		return err
	})
	return got, err
}

// errDropped says that a question is not this node's any more: another one took it
// over, or somebody forgot the person meanwhile.
var errDropped = errors.New("enrich: the question was dropped")

// holds prolongs the lease of a question, or gives errDropped.
func (s *Service) holds(tx *storage.Tx, t ticket, now time.Time) error {
	n, err := tx.Exec(holdLease, clock.Micros(now.Add(leaseFor)), t.workspaceID, t.contactID, t.providerID, s.node)
	if err == nil && n == 0 {
		err = errDropped
	}
	return err
}
