package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"modernc.org/sqlite"
)

const (
	busyTimeout    = 5000     // milliseconds to wait for another process's lock
	writerCacheKiB = 65536    // page cache of the writing connection
	readerCacheKiB = 4096     // page cache of each reading connection
	mmapBytes      = 1 << 30  // how much of the file readers map
	walLimitBytes  = 64 << 20 // the log file is cut back to this when it restarts
)

// sqliteBackend is a SQLite file: one writing connection, some reading ones.
type sqliteBackend struct {
	path    string
	opts    Options
	writers *sql.DB
	reading *sql.DB
	writer  *writer
	mover   *checkpointer
	readers *readers
}

func openSQLite(ctx context.Context, opts Options) (backend, error) {
	path, err := sqlitePath(opts.URL)
	if err != nil {
		return nil, err
	}
	if err := touch(path); err != nil {
		return nil, err
	}
	// What SQLite itself does on Linux: as durable as fsync, and it leaves out
	// the time stamps. An error says that the system has no such call.
	_, _ = sqlite.Fdatasync(true)
	b := &sqliteBackend{path: path, opts: opts}
	if err := b.connect(ctx); err != nil {
		return nil, err
	}
	return b, nil
}

// connect opens what is needed at once: the readers come when they are called.
func (b *sqliteBackend) connect(ctx context.Context) (err error) {
	if b.writers, err = b.open(writerCacheKiB, 0, false); err != nil {
		return err
	}
	writing, err := newSession(ctx, b.writers)
	if err != nil {
		return errors.Join(cannotOpen(b.path, err), b.writers.Close())
	}
	moving, err := newSession(ctx, b.writers)
	if err != nil {
		return errors.Join(cannotOpen(b.path, err), writing.close(), b.writers.Close())
	}
	if b.reading, err = b.open(readerCacheKiB, mmapBytes, true); err != nil {
		return errors.Join(err, moving.close(), writing.close(), b.writers.Close())
	}
	b.writer = newWriter(writing, b.opts.Logger)
	b.mover = newCheckpointer(moving, b.opts.Logger, func() { b.writer.finish.Store(true) })
	b.writer.askMove = b.mover.ask
	b.readers = newReaders(b.reading, b.opts.connections())
	go b.writer.run()
	return nil
}

// sqlitePath takes the file's path from the URL.
func sqlitePath(raw string) (string, error) {
	path, ok := strings.CutPrefix(raw, "sqlite://")
	if !ok || path == "" || strings.ContainsAny(path, "?#\x00") {
		return "", errors.New("storage: write the database URL as sqlite:///path/to/file.db")
	}
	return filepath.Abs(path)
}

// touch makes the file if need be, readable by its owner only, and finds out
// in plain words why it could not be used.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return cannotOpen(path, err)
	}
	if err := f.Close(); err != nil {
		return cannotOpen(path, err)
	}
	probe, err := os.CreateTemp(filepath.Dir(path), ".botimum-*")
	if err != nil {
		return cannotOpen(path, err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// cannotOpen says in one line why a file cannot be used and what to do.
func cannotOpen(path string, err error) error {
	dir := filepath.Dir(path)
	code, _ := classify(err)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("storage: the directory %s is not there; make it, or name another", dir)
	case code == CodeReadOnly:
		return fmt.Errorf("storage: %s cannot be written; give the user that runs botimum write permission on %s and what is in it", path, dir)
	case code == CodeFull:
		return fmt.Errorf("storage: the disk that holds %s is full; make room on it", dir)
	case code == CodeBusy:
		return fmt.Errorf("storage: %s is in use by another program; stop that one first", path)
	}
	return fmt.Errorf("storage: %s cannot be opened as a database: %w; check that it is the right file", path, oneLine(err))
}

// open opens a pool on the file.
func (b *sqliteBackend) open(cacheKiB, mmap int, readOnly bool) (*sql.DB, error) {
	pragmas := []string{
		"busy_timeout(" + strconv.Itoa(busyTimeout) + ")",
		"journal_mode(WAL)",
		"synchronous(FULL)",
		"wal_autocheckpoint(0)", // the checkpointer does it
		"foreign_keys(ON)",
		"temp_store(MEMORY)",
		"cache_size(-" + strconv.Itoa(cacheKiB) + ")",
		"mmap_size(" + strconv.Itoa(mmap) + ")",
		"journal_size_limit(" + strconv.Itoa(walLimitBytes) + ")",
	}
	if b.opts.SecureDelete {
		pragmas = append(pragmas, "secure_delete(ON)")
	} else {
		pragmas = append(pragmas, "secure_delete(FAST)")
	}
	if readOnly {
		pragmas = append(pragmas, "query_only(ON)")
	}
	dsn := "file:" + (&url.URL{Path: b.path}).EscapedPath() + "?" + url.Values{"_pragma": pragmas}.Encode()
	pool, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, cannotOpen(b.path, err)
	}
	return pool, nil
}

func (b *sqliteBackend) write(ctx context.Context, fn func(*Tx) error) error {
	return b.writer.write(ctx, fn)
}

func (b *sqliteBackend) read(ctx context.Context, fn func(*Tx) error) error {
	return b.readers.read(ctx, fn)
}

func (b *sqliteBackend) pool() *sql.DB { return b.reading }

func (b *sqliteBackend) migrating(context.Context) (*sql.DB, func() error, error) {
	pool, err := b.open(readerCacheKiB, 0, false)
	if err != nil {
		return nil, nil, err
	}
	return pool, pool.Close, nil
}

func (b *sqliteBackend) version(ctx context.Context, table string) (int64, error) {
	var there int
	var version int64
	err := b.read(ctx, func(tx *Tx) error {
		err := tx.QueryRow("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1", table).Scan(&there)
		if err != nil || there == 0 {
			return err
		}
		return tx.QueryRow("SELECT coalesce(max(version_id), 0) FROM " + table).Scan(&version)
	})
	return version, err
}

// close lets the writer finish, then the readers, and closes the writing
// connection last: it moves the log into the file and removes it.
func (b *sqliteBackend) close() error {
	b.writer.drain()
	return errors.Join(b.mover.close(), b.readers.close(), b.reading.Close(), b.writer.s.close(), b.writers.Close())
}
