package storage

import (
	"context"
)

// OnWriter runs a statement on the connection that writes, outside a
// transaction.
func (db *DB) OnWriter(ctx context.Context, statement string) error {
	return db.backend.(*sqliteBackend).writer.between(ctx, func(s *session) error {
		return s.control(statement)
	})
}

// MoveLogAt sets how many pages in SQLite's log are too many.
func (db *DB) MoveLogAt(ctx context.Context, pages int) error {
	w := db.backend.(*sqliteBackend).writer
	return w.between(ctx, func(*session) error { w.longLog = pages; return nil })
}
