package app

import (
	"context"
	"time"
)

// weighVotes keeps what votes weigh by their boards' rules.
func (s *System) weighVotes(ctx context.Context) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		if err := s.Boards.WeighVotes(ctx, 30); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "votes could not be weighed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
