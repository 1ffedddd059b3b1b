package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/botimum/botimum/internal/fault"
)

const (
	maxAttempts  = 12                   // runs of one Write before it gives up
	firstBackoff = 2 * time.Millisecond // doubled each time, half of it random
	lastBackoff  = 250 * time.Millisecond
)

// pgBackend is a PostgreSQL database behind an ordinary pool.
type pgBackend struct {
	db     *sql.DB
	mu     sync.RWMutex // held for reading by whoever uses db
	closed bool
}

func openPostgres(ctx context.Context, opts Options) (backend, error) {
	cfg, err := pgx.ParseConfig(opts.URL)
	if err != nil {
		return nil, fmt.Errorf("storage: the database URL cannot be read: %w", oneLine(err))
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "botimum"
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 10 * time.Second
	}
	db := stdlib.OpenDB(*cfg)
	db.SetMaxOpenConns(opts.connections())
	db.SetMaxIdleConns(opts.connections())
	if err := checkPostgres(ctx, db); err != nil {
		db.Close()
		return nil, err
	}
	return &pgBackend{db: db}, nil
}

// checkPostgres refuses a server that would lose acknowledged writes or text.
func checkPostgres(ctx context.Context, db *sql.DB) error {
	const settings = `SELECT current_setting('synchronous_commit'), current_setting('server_encoding')`
	var commit, encoding string
	if err := db.QueryRowContext(ctx, settings).Scan(&commit, &encoding); err != nil {
		return fmt.Errorf("storage: PostgreSQL cannot be reached: %w; check that it runs and that the database URL is right", oneLine(err))
	}
	if commit == "off" {
		return errors.New("storage: PostgreSQL has synchronous_commit=off and could lose what it has acknowledged; set it to on for this database")
	}
	if encoding != "UTF8" {
		return fmt.Errorf("storage: the PostgreSQL database is encoded in %s; make one with ENCODING 'UTF8'", encoding)
	}
	return nil
}

func (p *pgBackend) pool() *sql.DB { return p.db }

// close waits for the transactions that have begun.
func (p *pgBackend) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	return p.db.Close()
}

// enter keeps the pool open until leave is called.
func (p *pgBackend) enter() (leave func(), err error) {
	p.mu.RLock()
	if p.closed {
		p.mu.RUnlock()
		return nil, shuttingDown()
	}
	return p.mu.RUnlock, nil
}

func (p *pgBackend) migrating(context.Context) (*sql.DB, func() error, error) {
	return p.db, func() error { return nil }, nil
}

func (p *pgBackend) version(ctx context.Context, table string) (int64, error) {
	var there bool
	var version int64
	err := p.read(ctx, func(tx *Tx) error {
		err := tx.QueryRow("SELECT to_regclass($1) IS NOT NULL", table).Scan(&there)
		if err != nil || !there {
			return err
		}
		return tx.QueryRow("SELECT coalesce(max(version_id), 0) FROM " + table).Scan(&version)
	})
	return version, err
}

// write runs fn until it commits, fails for a reason of its own, or has been
// refused by the engine too often.
func (p *pgBackend) write(ctx context.Context, fn func(*Tx) error) error {
	leave, err := p.enter()
	if err != nil {
		return err
	}
	defer leave()
	backoff := firstBackoff
	for attempt := 1; ; attempt++ {
		hooks, again, err := p.attempt(ctx, fn)
		if p, ok := err.(*Panic); ok { //nolint:errorlint // only guard makes them, unwrapped
			panic(p)
		}
		if err == nil {
			for _, hook := range hooks {
				hook()
			}
		}
		if !again || attempt == maxAttempts {
			return err
		}
		if err := sleep(ctx, backoff/2+rand.N(backoff/2+1)); err != nil { //nolint:gosec // jitter, not a secret
			return err
		}
		backoff = min(2*backoff, lastBackoff)
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// attempt runs fn once and gives what is to run after the commit. again says
// that the engine asks for another run. Once there is a connection, the
// transaction is carried to its end whatever becomes of ctx.
func (p *pgBackend) attempt(ctx context.Context, fn func(*Tx) error) (hooks []func(), again bool, err error) {
	conn, err := p.db.Conn(ctx)
	if err != nil {
		return nil, false, err
	}
	defer conn.Close()
	steady := context.WithoutCancel(ctx)
	t, err := conn.BeginTx(steady, nil)
	if err != nil {
		return nil, false, err
	}
	defer t.Rollback() // does nothing after Commit
	tx := &Tx{ctx: ctx, engine: Postgres, run: &pgRunner{ctx: steady, tx: t}}
	if err := tx.end(guard(func() error { return fn(tx) })); err != nil {
		return nil, retryable(err) || retryable(tx.failed), err
	}
	err = guard(func() error {
		hooks, err = flush(ctx, Postgres, tx.run, []*Tx{tx})
		return err
	})
	if err != nil {
		return nil, retryable(err), err
	}
	if err := t.Commit(); err != nil {
		return nil, retryable(err), commitFailed(err)
	}
	return append(hooks, tx.hooks...), false, nil
}

func (p *pgBackend) read(ctx context.Context, fn func(*Tx) error) error {
	leave, err := p.enter()
	if err != nil {
		return err
	}
	defer leave()
	t, err := p.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return err
	}
	defer t.Rollback()
	tx := &Tx{ctx: ctx, engine: Postgres, run: &pgRunner{ctx: ctx, tx: t}, readOnly: true}
	defer tx.end(nil) // also when fn panics
	return tx.end(fn(tx))
}

func retryable(err error) bool {
	code := pgCode(err)
	return code == "40001" || code == "40P01"
}

// commitFailed tells a COMMIT that was refused from one whose answer was lost:
// the connection may have broken before the server kept the change, or after.
func commitFailed(err error) error {
	if code := pgCode(err); code != "" && classifyPostgres(err) != CodeUnreachable {
		return err
	}
	f := fault.Unavailable(CodeOutcomeUnknown, details[CodeOutcomeUnknown])
	f.Op, f.Err = "storage", err
	return f
}

// pgRunner runs statements in a PostgreSQL transaction. The driver prepares
// each text once per connection.
type pgRunner struct {
	ctx context.Context
	tx  *sql.Tx
}

func (r *pgRunner) exec(query string, args []any) (int64, error) {
	result, err := r.tx.ExecContext(r.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (r *pgRunner) query(query string, args []any) (*sql.Rows, error) {
	return r.tx.QueryContext(r.ctx, query, args...)
}

func (r *pgRunner) queryRow(query string, args []any) *sql.Row {
	return r.tx.QueryRowContext(r.ctx, query, args...)
}

func (r *pgRunner) refuse() *sql.Row {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return r.tx.QueryRowContext(ctx, "SELECT 1")
}
