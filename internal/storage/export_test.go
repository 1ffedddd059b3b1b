package storage

import "context"

// OnWriter runs a statement on the connection that writes, outside a
// transaction.
func (db *DB) OnWriter(ctx context.Context, statement string) error {
	return db.backend.(*sqliteBackend).writer.between(ctx, func(s *session) error {
		return s.control(statement)
	})
}

// LogFrames tells how many pages SQLite's log holds, and how many of them are
// in the file already.
func (db *DB) LogFrames(ctx context.Context) (frames, moved int, err error) {
	err = db.backend.(*sqliteBackend).writer.between(ctx, func(s *session) error {
		c, err := s.checkpoint("NOOP")
		frames, moved = c.frames, c.moved
		return err
	})
	return frames, moved, err
}
