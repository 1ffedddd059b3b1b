package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

const (
	readClients = 16
	pageSize    = 25
	listPath    = "/api/v1/conversations?state=open&limit=25"
)

// reads measures the inbox's two screens: the list of open conversations, and a
// thread whose first page is full. It gives what one of each costs the server.
func (b *bench) reads(ctx context.Context) (list, thread time.Duration, err error) {
	b.server.settle(ctx)
	full := b.fullThreads()
	if len(full) == 0 {
		return 0, 0, fmt.Errorf("no conversation has the %d messages of a full page", pageSize)
	}
	r, err := b.load(ctx, readClients, b.opts.warm, b.opts.measured, func(int) func(*conn) error {
		return func(c *conn) error {
			_, err := c.do("GET", listPath, nil, 200)
			return err
		}
	})
	if err != nil {
		return 0, 0, err
	}
	list = r.cost()
	b.read("list of conversations", 2000, r, "25 of "+thousands(int64(len(b.threads))))
	r, err = b.load(ctx, readClients, b.opts.warm, b.opts.measured, func(worker int) func(*conn) error {
		rng := source(5000 + worker)
		return func(c *conn) error {
			_, err := c.do("GET", full[rng.IntN(len(full))].path, nil, 200)
			return err
		}
	})
	if err != nil {
		return 0, 0, err
	}
	b.read("thread", 5000, r, fmt.Sprintf("25 messages, of %s conversations by turns", thousands(int64(len(full)))))
	return list, r.cost(), nil
}

func (b *bench) fullThreads() []*thread {
	return slices.DeleteFunc(slices.Clone(b.threads), func(t *thread) bool { return t.count.Load() < pageSize })
}

func (b *bench) read(what string, target float64, r *result, of string) {
	b.table.add(row{What: fmt.Sprintf("%s, %s messages", what, thousands(b.messages.Load())), Figure: r.perSecond(), Unit: "/s", Target: target, Bound: atLeast,
		Note: fmt.Sprintf("%s; %d clients; %s; %s", of, readClients, percentiles(&r.latency), r.cpu())})
}

// growth sets the cost of a read among many messages beside that among few: the
// server's CPU time, which a busy machine disturbs less than it does a rate.
func (b *bench) growth(what string, few, many time.Duration) {
	if few == 0 || many == 0 {
		return
	}
	b.table.add(row{What: what + ": cost among " + thousands(b.messages.Load()), Figure: float64(many) / float64(few), Unit: "× the first", Target: 1.3, Bound: atMost,
		Note: fmt.Sprintf("%d µs of the server's CPU time each, %d before", many.Microseconds(), few.Microseconds())})
}

// search measures one operator who looks for one to three words.
func (b *bench) search(ctx context.Context) error {
	caughtUp := b.server.settle(ctx)
	query := func(rng *rand.Rand) []byte {
		q := []byte(`{"q":"`)
		for i := range 1 + rng.IntN(3) {
			if i > 0 {
				q = append(q, ' ')
			}
			q = append(q, b.vocabulary.word(rng)...)
		}
		return append(q, `"}`...)
	}
	r, err := b.load(ctx, 1, b.opts.warm, b.opts.measured, func(worker int) func(*conn) error {
		rng := source(6000 + worker)
		return func(c *conn) error {
			_, err := c.do("POST", "/api/v1/search", query(rng), 200)
			return err
		}
	})
	if err != nil {
		return err
	}
	b.table.add(row{What: fmt.Sprintf("search, %s messages, p99", thousands(b.messages.Load())), Figure: milliseconds(r.latency.at(0.99)), Unit: "ms", Target: 10, Bound: atMost,
		Note: fmt.Sprintf("1 to 3 words, 1 client, %s searches; %s; the index was up to date after %.1f s", thousands(int64(r.latency.n)), percentiles(&r.latency), caughtUp.Seconds())})
	return nil
}
