package storage

import (
	"context"
	"log/slog"
	"strconv"
	"time"
)

const (
	// checkpointFrames is how many pages the log may hold before they are moved
	// into the file: 4 KiB each. More would make a start after a crash slower,
	// fewer would write a page that changes often again and again.
	checkpointFrames = 6000
	// checkpointLate is how many times checkpointFrames make the writer move
	// them itself, because the checkpointer does not keep up.
	checkpointLate = 4
	// checkpointLook is how many commits the writer makes between two looks at
	// the length of the log.
	checkpointLook = 8
	// restartPatience is how long the writer waits for readers of the log, in
	// milliseconds, before it goes on appending to it.
	restartPatience = 20
)

// checkpointer moves pages from SQLite's log into the file behind the writer's
// back. SQLite would do it inside the commit that makes the log too long, and
// everybody in that commit would wait for it.
//
// The bulk is moved here, on a connection of its own, while the writer goes on.
// What came in meanwhile is little, and the writer moves it between two commits,
// so that the log starts again at its beginning. A log that is written over is
// much faster to sync than one that grows.
type checkpointer struct {
	s       *session
	log     *slog.Logger
	asked   chan struct{}
	stopped chan struct{}
	moved   func() // tells the writer to finish
}

func newCheckpointer(s *session, log *slog.Logger, moved func()) *checkpointer {
	c := &checkpointer{s: s, log: log, asked: make(chan struct{}, 1), stopped: make(chan struct{}), moved: moved}
	go c.run()
	return c
}

// ask has the log moved soon. It does not wait.
func (c *checkpointer) ask() {
	select {
	case c.asked <- struct{}{}:
	default:
	}
}

func (c *checkpointer) run() {
	defer close(c.stopped)
	for range c.asked {
		if _, err := c.s.checkpoint("PASSIVE"); err != nil {
			c.log.Error("storage: the log could not be moved into the database file", "error", err)
			continue
		}
		c.moved()
	}
}

// close must come after the last ask.
func (c *checkpointer) close() error {
	close(c.asked)
	<-c.stopped
	return c.s.close()
}

// checkpointed is what SQLite says about its log.
type checkpointed struct {
	busy   int // 1 if a reader or writer stood in the way
	frames int // pages in the log
	moved  int // of them already in the file
}

// checkpoint runs a checkpoint outside a transaction: NOOP only counts, PASSIVE
// moves what it can, RESTART and TRUNCATE wait for readers.
func (s *session) checkpoint(mode string) (checkpointed, error) {
	var c checkpointed
	err := s.queryRow("PRAGMA wal_checkpoint("+mode+")", nil).Scan(&c.busy, &c.frames, &c.moved)
	return c, err
}

// restartLog moves the rest of the log and lets it start from its beginning,
// unless a reader keeps it for longer than patience milliseconds.
func (s *session) restartLog(mode string, patience int) (checkpointed, error) {
	if err := s.setBusyTimeout(patience); err != nil {
		return checkpointed{}, err
	}
	c, err := s.checkpoint(mode)
	if err2 := s.setBusyTimeout(busyTimeout); err == nil {
		err = err2
	}
	return c, err
}

func (s *session) setBusyTimeout(milliseconds int) error {
	return s.control("PRAGMA busy_timeout(" + strconv.Itoa(milliseconds) + ")")
}

// scrubPatience is how long Scrub waits for readers before it says that the
// database is busy.
const scrubPatience = 5 * time.Second

// Scrub makes sure that what was deleted is in no file of the database any
// more: it empties the log into the database file and cuts the log to nothing.
// With [Options.SecureDelete] the file then holds zeros in its place. It waits
// for readers that began earlier, and gives fault.Unavailable("storage_busy")
// if one does not end. On PostgreSQL, where the server decides, it does nothing.
func (db *DB) Scrub(ctx context.Context) error {
	return db.scrub(ctx, scrubPatience)
}

// ScrubWithin is Scrub for a database in which much is written: it holds up the
// writers, and so waits for readers no longer than patience.
func (db *DB) ScrubWithin(ctx context.Context, patience time.Duration) error {
	return db.scrub(ctx, patience)
}

// OverwriteDeleted has SQLite overwrite with zeros what the transaction deletes
// from here on, pages that become free included; call the function that it gives
// before the transaction ends. On PostgreSQL it does nothing: see VACUUM.
func (tx *Tx) OverwriteDeleted() (restore func(), err error) {
	if tx.engine != SQLite {
		return func() {}, nil
	}
	var was int
	if err := tx.QueryRow("PRAGMA secure_delete").Scan(&was); err != nil {
		return nil, err
	}
	set := func(to int) error {
		var is int
		return tx.QueryRow("PRAGMA secure_delete = " + strconv.Itoa(to)).Scan(&is)
	}
	return func() { _ = set(was) }, set(1) // a transaction that failed says so itself
}

func (db *DB) scrub(ctx context.Context, patience time.Duration) error {
	b, ok := db.backend.(*sqliteBackend)
	if !ok {
		return nil
	}
	return translate(b.writer.between(ctx, func(s *session) error {
		c, err := s.restartLog("TRUNCATE", int(patience.Milliseconds()))
		if err == nil && c.busy != 0 {
			return busy()
		}
		return err
	}))
}
