package search

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

const (
	batchDocs = 128              // moved by one transaction: it holds others up for some milliseconds
	smallDocs = 24               // moved by one while there is little to do: others hardly notice
	lag       = time.Second      // how long fewer than that may wait for more
	hurry     = 8 * batchDocs    // from here on batches are large
	backlog   = 32 * batchDocs   // from here on the indexer does not rest between batches
	afterFail = 10 * time.Second // before it tries again
)

// indexer moves what is pending into the index, on SQLite. It is the only one who
// does.
type indexer struct {
	s       *Store
	pending atomic.Int64 // roughly
	wake    chan struct{}
	cancel  context.CancelFunc
	done    sync.WaitGroup
	idle    func() // for tests: called when nothing is left to move at once
}

func newIndexer(s *Store) *indexer {
	return &indexer{s: s, wake: make(chan struct{}, 1), idle: func() {}}
}

// Start has the indexer run until Close. It begins with what an earlier run left.
func (s *Store) Start() {
	ix := s.indexer
	if s.db.Engine() != storage.SQLite || ix.cancel != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	ix.cancel = cancel
	ix.pending.Store(hurry) // how much an earlier run left is not known yet: perhaps much
	ix.done.Go(func() { ix.run(ctx) })
}

// Close stops the indexer and waits for it. What is pending stays so, and is found.
func (s *Store) Close() error {
	if s.indexer.cancel != nil {
		s.indexer.cancel()
		s.indexer.done.Wait()
	}
	return nil
}

// Settle moves all that is pending into the index now: for tests and benchmarks.
func (s *Store) Settle(ctx context.Context) error {
	if s.db.Engine() != storage.SQLite {
		return nil
	}
	for {
		if n, err := s.indexer.move(ctx); err != nil || n == 0 {
			return err
		}
	}
}

// notice counts documents that have become pending.
func (ix *indexer) notice(n int) {
	if ix.pending.Add(int64(n)) >= smallDocs {
		select {
		case ix.wake <- struct{}{}:
		default:
		}
	}
}

// run moves batches: at once when there is a full one, else once a lag.
func (ix *indexer) run(ctx context.Context) {
	for ctx.Err() == nil {
		began := time.Now()
		n, err := ix.move(ctx)
		switch {
		case fault.As(err) != nil && fault.As(err).Code == storage.CodeShuttingDown:
			return
		case err != nil:
			if ctx.Err() == nil {
				ix.s.log.ErrorContext(ctx, "the search index could not be fed; what waits is found all the same, but more slowly", "error", err)
			}
			rest(ctx, nil, afterFail)
		case n < smallDocs:
			ix.idle()
			rest(ctx, ix.wake, lag)
		case ix.pending.Load() < backlog: // leave the writer to others for as long again
			rest(ctx, nil, time.Since(began))
		}
	}
}

// rest waits for d, or until woken or told to stop.
func rest(ctx context.Context, wake <-chan struct{}, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-wake:
	case <-ctx.Done():
	}
}

// move brings the oldest batch of what is pending into the index, and says how
// many documents that were. It writes nothing if nothing is pending.
func (ix *indexer) move(ctx context.Context) (int, error) {
	waiting, err := ix.waiting(ctx)
	if err != nil || !waiting {
		ix.pending.Store(0)
		return 0, err
	}
	size := smallDocs
	if ix.pending.Load() >= hurry {
		size = batchDocs
	}
	var batch []pendingDoc
	err = ix.s.db.Write(ctx, func(tx *storage.Tx) error {
		var err error
		if batch, err = oldest(tx, size); err != nil || len(batch) == 0 {
			return err
		}
		if err := insertWords(tx, batch); err != nil {
			return err
		}
		_, err = tx.Exec(`DELETE FROM search_pending WHERE doc <= $1`, batch[len(batch)-1].doc)
		return err
	})
	if err != nil {
		return 0, fault.Wrap("search.index", err)
	}
	if ix.pending.Add(-int64(len(batch))) < 0 {
		ix.pending.Store(0)
	}
	return len(batch), nil
}

// waiting looks without taking the writer's time.
func (ix *indexer) waiting(ctx context.Context) (some bool, err error) {
	err = ix.s.db.Read(ctx, func(tx *storage.Tx) error {
		return tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM search_pending)`).Scan(&some)
	})
	return some, err
}

type pendingDoc struct {
	doc   int64
	words string
}

func oldest(tx *storage.Tx, size int) ([]pendingDoc, error) {
	rows, err := tx.Query(`SELECT doc, tokens FROM search_pending ORDER BY doc LIMIT $1`, size)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	batch := make([]pendingDoc, 0, size)
	for rows.Next() {
		var p pendingDoc
		var tokens []byte
		if err := rows.Scan(&p.doc, &tokens); err != nil {
			return nil, err
		}
		p.words = spell(tokens)
		batch = append(batch, p)
	}
	return batch, rows.Err()
}

func insertWords(tx *storage.Tx, batch []pendingDoc) error {
	args := make([]any, 0, 2*len(batch))
	for _, p := range batch {
		args = append(args, p.doc, p.words)
	}
	_, err := storage.InsertRows(tx, `INSERT INTO search_words (rowid, words) VALUES `, 2, args, "")
	return err
}

const mergePages = 200 // pages of the index that one step of Compact writes, about

// Compact rewrites the index in steps, and leaves behind the tokens of what was
// removed. It costs as much as the index is large: run it when there is time.
func (s *Store) Compact(ctx context.Context) error {
	if s.db.Engine() != storage.SQLite {
		return nil // autovacuum does as much
	}
	for pages := -mergePages; ; pages = mergePages { // the first, negative, says: all segments
		var before, after int64
		err := s.db.Write(ctx, func(tx *storage.Tx) error {
			if err := tx.QueryRow(`SELECT total_changes()`).Scan(&before); err != nil {
				return err
			}
			if _, err := tx.Exec(`INSERT INTO search_words (search_words, rank) VALUES ('merge', $1)`, pages); err != nil {
				return err
			}
			return tx.QueryRow(`SELECT total_changes()`).Scan(&after)
		})
		if err != nil {
			return fault.Wrap("search.Compact", err)
		}
		if after-before < 2 { // SQLite's sign that there was nothing to do
			return nil
		}
	}
}
