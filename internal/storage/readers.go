package storage

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// readers lends SQLite connections that only read. They are opened when first
// needed, and the one used last is lent first, as its pages are warm.
type readers struct {
	pool    *sql.DB
	permits chan struct{}
	mu      sync.Mutex
	idle    []*session
	closed  bool
}

func newReaders(pool *sql.DB, most int) *readers {
	pool.SetMaxIdleConns(most)
	return &readers{pool: pool, permits: make(chan struct{}, most)}
}

func (r *readers) read(ctx context.Context, fn func(*Tx) error) error {
	s, err := r.take(ctx)
	if err != nil {
		return err
	}
	defer r.give(s)
	if err := s.control("BEGIN"); err != nil {
		return err
	}
	tx := &Tx{ctx: ctx, engine: SQLite, run: s}
	defer s.control("COMMIT") // of nothing: it lets go of the snapshot
	defer tx.end(nil)         // also when fn panics
	return tx.end(fn(tx))
}

func (r *readers) take(ctx context.Context) (*session, error) {
	select {
	case r.permits <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		<-r.permits
		return nil, shuttingDown()
	}
	if n := len(r.idle); n > 0 {
		s := r.idle[n-1]
		r.idle = r.idle[:n-1]
		r.mu.Unlock()
		return s, nil
	}
	r.mu.Unlock()
	s, err := newSession(ctx, r.pool)
	if err != nil {
		<-r.permits
		return nil, err
	}
	return s, nil
}

func (r *readers) give(s *session) {
	r.mu.Lock()
	r.idle = append(r.idle, s)
	r.mu.Unlock()
	<-r.permits
}

// close waits for the readers that are at work and lets go of all.
func (r *readers) close() error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	for range cap(r.permits) {
		r.permits <- struct{}{}
	}
	var err error
	for _, s := range r.idle {
		err = errors.Join(err, s.close())
	}
	return err
}
