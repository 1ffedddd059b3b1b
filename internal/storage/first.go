package storage

import (
	"context"
	"sync/atomic"
)

type firstKey struct{}

// firstWrite is a hook that rides on the first Write of a context.
type firstWrite struct {
	db    *DB
	hook  func(*Tx) error
	taken atomic.Bool
}

// WithFirstWrite gives a context whose first successful Write to the database
// runs hook at its start, in the same transaction. An error of the hook fails that Write before
// its function runs. Idempotency keys are kept this way: the key and the change
// are durable together or not at all.
func WithFirstWrite(ctx context.Context, db *DB, hook func(*Tx) error) context.Context {
	return context.WithValue(ctx, firstKey{}, &firstWrite{db: db, hook: hook})
}

// claimFirstWrite takes the context's hook, or gives nil if there is none, or
// another Write has it.
func claimFirstWrite(ctx context.Context, db *DB) *firstWrite {
	f, _ := ctx.Value(firstKey{}).(*firstWrite)
	if f == nil || f.db != db || !f.taken.CompareAndSwap(false, true) {
		return nil
	}
	return f
}

// settle keeps the hook for the next Write if this one was taken back.
func (f *firstWrite) settle(committed bool) {
	if f != nil && !committed {
		f.taken.Store(false)
	}
}
