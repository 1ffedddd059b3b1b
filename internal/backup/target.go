package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/botimum/botimum/internal/storage"
)

// target is the database that a backup is restored to.
type target struct {
	kind          Kind
	url           string
	engine        storage.Engine
	path          string // SQLite: its file
	dir           string // where the backup was unpacked
	unpackedFiles string
}

func newTarget(kind Kind, url string) (*target, error) {
	t := &target{kind: kind, url: url, engine: storage.Postgres}
	if path, ok := strings.CutPrefix(url, "sqlite://"); ok {
		t.engine = storage.SQLite
		var err error
		if t.path, err = filepath.Abs(path); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// home is the directory beside which to unpack.
func (t *target) home(dir string) string {
	if t.engine == storage.SQLite {
		return filepath.Dir(t.path)
	}
	return dir
}

// files gives the files that belong to a SQLite database.
func (t *target) files() []string {
	if t.engine != storage.SQLite {
		return nil
	}
	return []string{t.path, t.path + "-wal", t.path + "-shm", t.path + "-journal"}
}

// there tells whether a SQLite database's file exists.
func (t *target) there() bool {
	_, err := os.Lstat(t.path)
	return !errors.Is(err, fs.ErrNotExist)
}

// refuseThere fails if a SQLite database, or what one has left, is in the way.
func (t *target) refuseThere() error {
	for _, path := range t.files() {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is there already; move it away first", path)
		}
	}
	return nil
}

// unpacked is the URL of the SQLite database where it was unpacked.
func (t *target) unpacked() string { return "sqlite://" + filepath.Join(t.dir, sqliteName) }

// open opens a database of the target's kind. Deleted rows are overwritten.
func (t *target) open(ctx context.Context, url string, log *slog.Logger) (*storage.DB, error) {
	return t.openAt(ctx, url, 0, log)
}

// openAt opens it with the schema of an older release, or with 0 that of this
// one.
func (t *target) openAt(ctx context.Context, url string, schema int64, log *slog.Logger) (*storage.DB, error) {
	files, table := t.kind.schemaOf()
	if schema > 0 {
		files = upTo{files, schema}
	}
	return storage.Open(ctx, storage.Options{URL: url, Migrations: files, MigrationTable: table, Readers: 2, Logger: log, SecureDelete: true})
}

// openMigrated opens it and brings the schema to that of this release.
func (t *target) openMigrated(ctx context.Context, url string, log *slog.Logger) (*storage.DB, error) {
	db, err := t.open(ctx, url, log)
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// version gives the schema's version of a PostgreSQL database: 0 when it is empty.
func (t *target) version(ctx context.Context, log *slog.Logger) (int64, error) {
	db, err := t.open(ctx, t.url, log)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	return db.Version(ctx)
}

// empty fails unless a PostgreSQL database can take a backup of that schema.
func (t *target) empty(ctx context.Context, m *Manifest, log *slog.Logger) error {
	version, err := t.version(ctx, log)
	switch {
	case err != nil:
		return err
	case version == 0:
		return nil
	case version != m.Schema:
		return fmt.Errorf("the PostgreSQL database for the %s was migrated by another release (schema %d, the backup has %d); make an empty one, and name that", t.kind, version, m.Schema)
	}
	db, err := t.open(ctx, t.url, log)
	if err != nil {
		return err
	}
	defer db.Close()
	return refuseFilled(ctx, db, t.kind)
}

// fill copies the backup into the PostgreSQL database and calls last before it
// commits.
func (t *target) fill(ctx context.Context, m *Manifest, log *slog.Logger, last func() error) error {
	db, err := t.openAt(ctx, t.url, m.Schema, log)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	return fill(ctx, db, m, t.dir, last)
}
