package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// Version gives the number of the newest migration applied; 0 for an empty
// database.
func (db *DB) Version(ctx context.Context) (int64, error) {
	return db.backend.version(ctx, db.opts.MigrationTable)
}

// Migrate brings the schema to what this release expects. It only ever goes
// forward. Nodes that start at once on one PostgreSQL take turns.
func (db *DB) Migrate(ctx context.Context) error {
	want, err := newest(db.opts.Migrations, db.engine)
	if err != nil {
		return err
	}
	have, err := db.Version(ctx)
	if err != nil {
		return fmt.Errorf("storage: the schema's version cannot be read: %w", err)
	}
	if have == want {
		return nil
	}
	pool, done, err := db.backend.migrating(ctx)
	if err != nil {
		return err
	}
	defer done()
	provider, err := db.provider(pool)
	if err != nil {
		return fmt.Errorf("storage: the migrations cannot be read: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("storage: the schema could not be brought up to date: %w", translate(err))
	}
	db.opts.Logger.InfoContext(ctx, "schema brought up to date", "engine", db.engine, "from", have, "to", want)
	return nil
}

// provider prepares goose. On PostgreSQL a row in a table keeps nodes apart, as
// not every engine that speaks its protocol has advisory locks.
func (db *DB) provider(pool *sql.DB) (*goose.Provider, error) {
	dir, err := fs.Sub(db.opts.Migrations, string(db.engine))
	if err != nil {
		return nil, err
	}
	opts := []goose.ProviderOption{goose.WithTableName(db.opts.MigrationTable), goose.WithDisableGlobalRegistry(true)}
	if db.engine == SQLite {
		return goose.NewProvider(goose.DialectSQLite3, pool, dir, opts...)
	}
	locker, err := lock.NewPostgresTableLocker(
		lock.WithTableName(db.opts.MigrationTable+"_lock"),
		lock.WithTableLockTimeout(250*time.Millisecond, 1200), // five minutes in all
	)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, pool, dir, append(opts, goose.WithLocker(locker))...)
}

// refuseNewer gives an error if a newer release has changed the schema.
func (db *DB) refuseNewer(ctx context.Context) error {
	want, err := newest(db.opts.Migrations, db.engine)
	if err != nil {
		return err
	}
	have, err := db.Version(ctx)
	if err != nil {
		return fmt.Errorf("storage: the database cannot be read: %w", err)
	}
	if have > want {
		return fmt.Errorf("storage: the database was made by a newer release of botimum (schema %d, this one knows %d); install that release", have, want)
	}
	return nil
}

// newest gives the highest number among an engine's migration files.
func newest(migrations fs.FS, engine Engine) (int64, error) {
	files, err := fs.Glob(migrations, string(engine)+"/*.sql")
	if err != nil {
		return 0, err
	}
	var newest int64
	for _, file := range files {
		number, _, _ := strings.Cut(path.Base(file), "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, errors.New("storage: the migration " + file + " does not begin with a number")
		}
		newest = max(newest, n)
	}
	return newest, nil
}
