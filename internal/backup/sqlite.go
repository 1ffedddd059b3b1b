package backup

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/botimum/botimum/internal/storage"
)

// sqlite adds a copy of the database, as it is at this moment. Writers go on
// meanwhile; the write-ahead log grows until the copy is made.
func (s *stage) sqlite(ctx context.Context, db *storage.DB) error {
	dir, err := os.MkdirTemp(s.dir, ".backup-*") // 0700
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, sqliteName)
	if err := vacuumInto(ctx, db, path); err != nil {
		return fmt.Errorf("the database cannot be copied to %s: %w", s.dir, err)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	s.open = append(s.open, f)
	sum := sha256.New()
	size, err := io.Copy(sum, reader{ctx, f})
	if err != nil {
		return err
	}
	s.pieces = append(s.pieces, held(sqliteName, f, size, sum))
	return nil
}

// vacuumInto borrows one of the database's connections, lets it write, which
// SQLite asks of one that copies, and throws it away.
func vacuumInto(ctx context.Context, db *storage.DB, path string) error {
	conn, err := db.SQL().Conn(ctx)
	if err != nil {
		return err
	}
	defer func() {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // closes it
		conn.Close()
	}()
	if _, err := conn.ExecContext(ctx, "PRAGMA query_only(OFF)"); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "VACUUM INTO $1", path)
	return err
}
