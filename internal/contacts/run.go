package contacts

import (
	"context"
	"time"
)

const pollEvery = 5 * time.Second

// Start has the service index attributes by changed declarations and go on with
// bulk jobs until Close.
func (s *Service) Start() {
	if s.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.done.Go(func() { s.run(ctx) })
	s.done.Go(func() { s.runBulk(ctx) })
}

// Close stops what Start began and waits for the batch under way.
func (s *Service) Close() error {
	if s.stop != nil {
		s.stop()
		s.done.Wait()
	}
	return nil
}

// wakeUp has the work looked for at once.
func (s *Service) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run looks for work when a declaration changed on this node, and every five seconds
// for what changed on others. It rests between batches, so that who writes meanwhile
// hardly notices.
func (s *Service) run(ctx context.Context) {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		more, err := s.IndexAttributes(ctx, 1)
		if err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "attributes cannot be indexed; it is tried again", "error", err)
		}
		if more && err == nil {
			rest := time.NewTimer(10 * time.Millisecond)
			select {
			case <-rest.C:
				continue
			case <-ctx.Done():
				rest.Stop()
				return
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-poll.C:
		}
	}
}
