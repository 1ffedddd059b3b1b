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
	closed  chan struct{}
}

func newReaders(pool *sql.DB, most int) *readers {
	pool.SetMaxIdleConns(most)
	return &readers{pool: pool, permits: make(chan struct{}, most), closed: make(chan struct{})}
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
	tx := &Tx{ctx: ctx, engine: SQLite, run: s, readOnly: true}
	defer s.control("COMMIT") // of nothing: it lets go of the snapshot
	defer tx.end(nil)         // also when fn panics
	return tx.end(fn(tx))
}

func (r *readers) take(ctx context.Context) (*session, error) {
	select {
	case <-r.closed:
		return nil, shuttingDown()
	case r.permits <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if s := r.warmest(); s != nil {
		return s, nil
	}
	s, err := newSession(ctx, r.pool)
	if err != nil {
		<-r.permits
		return nil, err
	}
	return s, nil
}

func (r *readers) warmest() *session {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.idle)
	if n == 0 {
		return nil
	}
	s := r.idle[n-1]
	r.idle = r.idle[:n-1]
	return s
}

func (r *readers) give(s *session) {
	r.mu.Lock()
	r.idle = append(r.idle, s)
	r.mu.Unlock()
	<-r.permits
}

// close waits for the readers that are at work and lets go of all. It is called
// once.
func (r *readers) close() error {
	close(r.closed)
	for range cap(r.permits) {
		r.permits <- struct{}{}
	}
	var err error
	for _, s := range r.idle {
		err = errors.Join(err, s.close())
	}
	return err
}
