package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
)

// Tx is a transaction, valid until the function that received it returns. It
// belongs to one goroutine.
type Tx struct {
	ctx      context.Context
	engine   Engine
	run      runner
	deferred []deferral
	hooks    []func()
	rows     []*sql.Rows
	failed   error
	readOnly bool
	ended    bool
}

// runner executes statements on the connection that a transaction is open on.
type runner interface {
	exec(query string, args []any) (int64, error)
	query(query string, args []any) (*sql.Rows, error)
	queryRow(query string, args []any) *sql.Row
	// refuse gives a Row whose Scan fails.
	refuse() *sql.Row
}

// Collector gathers what many transactions want written and writes it with few
// statements. It must be comparable: use a pointer.
type Collector interface {
	// Flush writes the items inside the transaction that is about to commit:
	// on SQLite those of all successful functions of the group, in the order
	// in which they ran, on PostgreSQL those of one. It may run more than once
	// for the same items, if a commit had to be taken back. An error takes the
	// transaction back.
	Flush(tx *Tx, items []any) error
}

type deferral struct {
	to   Collector
	item any
}

// Context gives the context of the Write or Read. In [Collector.Flush] on
// SQLite it is a background one, as the commit serves many.
func (tx *Tx) Context() context.Context { return context.WithValue(tx.ctx, insideKey{}, true) }

// Engine tells which engine runs the transaction.
func (tx *Tx) Engine() Engine { return tx.engine }

// Exec runs a statement and gives the number of rows that it changed.
func (tx *Tx) Exec(query string, args ...any) (int64, error) {
	if err := tx.usable(); err != nil {
		return 0, err
	}
	n, err := tx.run.exec(query, args)
	return n, tx.note(err)
}

// Query runs a statement and gives its rows. Close them before the next
// statement: PostgreSQL serves one at a time. Rows left open are closed when
// the function returns.
func (tx *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	if err := tx.usable(); err != nil {
		return nil, err
	}
	rows, err := tx.run.query(query, args) //nolint:sqlclosecheck // closed by the caller, or by end
	if err != nil {
		return nil, tx.note(err)
	}
	tx.rows = append(tx.rows, rows)
	return rows, nil
}

// QueryRow runs a statement of which one row is wanted. Its Scan gives
// sql.ErrNoRows when there is none. Always scan it: until then the statement
// stays open.
func (tx *Tx) QueryRow(query string, args ...any) *sql.Row {
	if tx.usable() != nil {
		return tx.run.refuse()
	}
	row := tx.run.queryRow(query, args)
	_ = tx.note(row.Err())
	return row
}

// usable refuses statements after the end, and those of a reader whose caller
// has gone. A writer is carried to its end.
func (tx *Tx) usable() error {
	if tx.ended {
		return sql.ErrTxDone
	}
	if tx.readOnly {
		return tx.ctx.Err()
	}
	return nil
}

// Lock makes this transaction wait until no other one holds the same key, and
// holds it to its end. Call it before reading what a decision rests on. On
// SQLite, where one transaction writes at a time, it does nothing.
func (tx *Tx) Lock(key string) error {
	if tx.engine == SQLite {
		return nil
	}
	_, err := tx.Exec("SELECT pg_advisory_xact_lock($1)", lockOf(key))
	return err
}

// LockShared makes this transaction wait until no other one holds the key by Lock,
// and keeps others from that to its end. Any number may share it.
func (tx *Tx) LockShared(key string) error {
	if tx.engine == SQLite {
		return nil
	}
	_, err := tx.Exec("SELECT pg_advisory_xact_lock_shared($1)", lockOf(key))
	return err
}

func lockOf(key string) int64 {
	sum := fnv.New64a()
	_, _ = io.WriteString(sum, key)
	return int64(sum.Sum64())
}

// note remembers that a statement failed, which dooms the transaction.
func (tx *Tx) note(err error) error {
	if err == nil || errors.Is(err, sql.ErrNoRows) {
		return err
	}
	err = translate(err)
	if tx.failed == nil {
		tx.failed = err
	}
	return err
}

// Defer hands an item to a collector, which writes it when the transaction is
// about to commit. If this transaction fails, the item is forgotten.
func (tx *Tx) Defer(c Collector, item any) {
	tx.deferred = append(tx.deferred, deferral{c, item})
}

// OnCommit runs fn once the transaction is durable, before Write returns. It
// must be fast and must not fail. In [Collector.Flush] it runs once per commit.
func (tx *Tx) OnCommit(fn func()) { tx.hooks = append(tx.hooks, fn) }

// end closes what the function left open and tells whether it may commit.
func (tx *Tx) end(err error) error {
	for _, rows := range tx.rows {
		rows.Close()
	}
	tx.rows = nil
	tx.ended = true
	if err == nil && tx.failed != nil {
		return fmt.Errorf("storage: a statement failed and its error was dropped: %w", tx.failed)
	}
	return err
}

// insideKey marks contexts handed out by a transaction, so that a nested
// transaction is refused instead of waiting for itself.
type insideKey struct{}

var errNested = errors.New("storage: a transaction was started inside another one; pass the Tx on instead")

// flush hands the deferred items of the transactions to their collectors until
// nothing is left, and gives the hooks that collectors asked for.
func flush(ctx context.Context, engine Engine, run runner, txs []*Tx) ([]func(), error) {
	var pending []deferral
	for _, tx := range txs {
		pending = append(pending, tx.deferred...)
	}
	var hooks []func()
	for len(pending) > 0 {
		tx := &Tx{ctx: ctx, engine: engine, run: run}
		for _, batch := range byCollector(pending) {
			if err := batch.to.Flush(tx, batch.items); err != nil {
				return nil, tx.end(err)
			}
		}
		if err := tx.end(nil); err != nil {
			return nil, err
		}
		hooks = append(hooks, tx.hooks...)
		pending = tx.deferred
	}
	return hooks, nil
}

type batch struct {
	to    Collector
	items []any
}

// byCollector groups items by collector, in the order in which collectors
// first appear.
func byCollector(all []deferral) []batch {
	var batches []batch
next:
	for _, d := range all {
		for i := range batches {
			if batches[i].to == d.to {
				batches[i].items = append(batches[i].items, d.item)
				continue next
			}
		}
		batches = append(batches, batch{d.to, []any{d.item}})
	}
	return batches
}
