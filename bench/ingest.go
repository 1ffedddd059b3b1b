package main

import (
	"context"
	"fmt"
)

const (
	ingestClients       = 64
	ingestConversations = 1000
)

// ingest measures acknowledged messages a second, and the rate of bare commits
// before and after it, while the server rests.
func (b *bench) ingest(ctx context.Context) error {
	b.server.settle(ctx)
	before, err := commitRate(ctx, b.dir, b.opts.warm, b.opts.base)
	if err != nil {
		return err
	}
	r, err := b.load(ctx, ingestClients, b.opts.warm, b.opts.ingest, b.posting(ingestConversations))
	if err != nil {
		return err
	}
	behind := b.server.settle(ctx)
	after, err := commitRate(ctx, b.dir, b.opts.warm, b.opts.base)
	if err != nil {
		return err
	}
	base := (before + after) / 2
	b.table.add(row{What: "base: bare grouped commits", Figure: base, Unit: "/s", Note: fmt.Sprintf("64 goroutines, one row each, synchronous=FULL; %.0f before and %.0f after the ingest", before, after)})
	b.table.add(row{What: "ingest, 64 clients", Figure: r.perSecond(), Unit: "messages/s", Target: 0.4 * base, Bound: atLeast,
		Note: fmt.Sprintf("%.0f %% of the base; %s; %s; index up to date %.1f s after", 100*r.perSecond()/base, percentiles(&r.latency), r.cpu(), behind.Seconds())})
	return nil
}
