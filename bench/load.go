package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// result is what a load gave.
type result struct {
	latency histogram
	took    time.Duration
	client  time.Duration // CPU time of the generator
	server  time.Duration // CPU time of the server
}

func (r *result) perSecond() float64 { return float64(r.latency.n) / r.took.Seconds() }

// cpu tells who used how much of the machine, in cores, and what a request cost.
// On a busy machine that last figure is the one to compare.
func (r *result) cpu() string {
	s := fmt.Sprintf("server %.2f cores, generator %.2f", r.server.Seconds()/r.took.Seconds(), r.client.Seconds()/r.took.Seconds())
	if r.latency.n > 0 {
		s += fmt.Sprintf(", server %d µs each", r.cost().Microseconds())
	}
	return s
}

// cost gives the CPU time of the server for one request.
func (r *result) cost() time.Duration { return r.server / time.Duration(max(r.latency.n, 1)) }

// work gives a worker its work: one request, made again and again on a connection
// of the worker's own.
type work func(worker int) func(c *conn) error

// load has so many workers do their work again and again: for a while that does
// not count, then for a while that does.
func (b *bench) load(ctx context.Context, workers int, warm, measured time.Duration, do work) (*result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	from := time.Now().Add(warm)
	to := from.Add(measured)
	histograms := make([]histogram, workers)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			if err := b.worker(ctx, from, to, &histograms[w], do(w)); err != nil {
				cancel(err)
			}
		})
	}
	r := &result{took: measured}
	time.Sleep(time.Until(from))
	client, server := selfCPU(), b.server.cpu()
	time.Sleep(time.Until(to))
	r.client, r.server = selfCPU()-client, b.server.cpu()-server
	all.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	for i := range histograms {
		r.latency.merge(&histograms[i])
	}
	return r, nil
}

// worker works until the end. What is answered between from and to counts.
func (b *bench) worker(ctx context.Context, from, to time.Time, h *histogram, do func(*conn) error) error {
	c, err := dial(b.server.host, b.apiKey)
	if err != nil {
		return err
	}
	defer c.close()
	for began := time.Now(); began.Before(to) && ctx.Err() == nil; {
		if err := do(c); err != nil {
			return err
		}
		now := time.Now()
		if now.After(from) && now.Before(to) {
			h.add(now.Sub(began))
		}
		began = now
	}
	return nil
}

// each does n numbered things with so many workers.
func (b *bench) each(ctx context.Context, workers, n int, do func(c *conn, worker, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			c, err := dial(b.server.host, b.apiKey)
			if err != nil {
				cancel(err)
				return
			}
			defer c.close()
			for i := range next {
				if err := do(c, w, i); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	for i := 0; i < n && ctx.Err() == nil; i++ {
		select {
		case next <- i:
		case <-ctx.Done():
		}
	}
	close(next)
	all.Wait()
	return context.Cause(ctx)
}
