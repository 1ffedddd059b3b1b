package storage

import (
	"context"
	"database/sql"
	"sync"
)

// DB is an open database. It is safe for use by many goroutines.
type DB struct {
	opts    Options
	engine  Engine
	backend backend
	close   sync.Once
	closed  error
}

// backend is what the two engines do differently.
type backend interface {
	write(ctx context.Context, fn func(*Tx) error) error
	read(ctx context.Context, fn func(*Tx) error) error
	// pool is an ordinary connection pool: for reading on SQLite.
	pool() *sql.DB
	// migrating gives a pool that may change the schema; done releases it.
	migrating(ctx context.Context) (pool *sql.DB, done func() error, err error)
	// version reads the highest applied migration; 0 for an empty database.
	version(ctx context.Context, table string) (int64, error)
	close() error
}

// Open connects to the database that opts.URL names; a SQLite file is made if
// it is not there, in a directory that is. It does not change the schema, but
// refuses one that a newer release has made. An error is one line that says
// what to do.
func Open(ctx context.Context, opts Options) (*DB, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	engine, err := engineOf(opts.URL)
	if err != nil {
		return nil, err
	}
	db := &DB{opts: opts, engine: engine}
	if engine == SQLite {
		db.backend, err = openSQLite(ctx, opts)
	} else {
		db.backend, err = openPostgres(ctx, opts)
	}
	if err != nil {
		return nil, err
	}
	if err := db.refuseNewer(ctx); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// Engine tells which engine is behind.
func (db *DB) Engine() Engine { return db.engine }

// SQL gives an ordinary pool of connections, for tests and backups. On SQLite
// they can only read.
func (db *DB) SQL() *sql.DB { return db.backend.pool() }

// Ping tells whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	return db.Read(ctx, func(tx *Tx) error {
		var one int
		return tx.QueryRow("SELECT 1").Scan(&one)
	})
}

// Close finishes the writes that were accepted, refuses new ones with
// fault.Unavailable("shutting_down"), and lets go of the database.
func (db *DB) Close() error {
	db.close.Do(func() { db.closed = db.backend.close() })
	return db.closed
}

// Write runs fn in a transaction and returns nil once its change is durable.
// If fn gives an error, nothing is kept and Write returns that error; if fn
// panics, nothing is kept and Write panics with a [*Panic].
//
// fn runs on the one writing goroutine of SQLite: keep it short, prepare
// outside what needs no transaction. It may run more than once. Its transaction
// is not for use by other goroutines, and it must not call Write.
func (db *DB) Write(ctx context.Context, fn func(tx *Tx) error) error {
	if ctx.Value(insideKey{}) != nil {
		return errNested
	}
	first := claimFirstWrite(ctx, db)
	if first != nil {
		inner := fn
		fn = func(tx *Tx) error {
			if err := first.hook(tx); err != nil {
				return err
			}
			return inner(tx)
		}
	}
	done := false
	defer func() { first.settle(done) }()
	if err := db.backend.write(ctx, fn); err != nil {
		return translate(err)
	}
	done = true
	return nil
}

// Read runs fn in a read-only transaction that sees one snapshot. It must not
// call Write or Read.
func (db *DB) Read(ctx context.Context, fn func(tx *Tx) error) error {
	if ctx.Value(insideKey{}) != nil {
		return errNested
	}
	return translate(db.backend.read(ctx, fn))
}
