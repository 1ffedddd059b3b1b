package storage_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// together makes one group of the given functions, in their order: the writer
// is kept busy until all of them wait. It gives what each Write returned;
// a Write that panicked or ended its goroutine gives errEnded.
func together(t *testing.T, db *storage.DB, fns ...func(*storage.Tx) error) []error {
	t.Helper()
	var all sync.WaitGroup
	release := make(chan struct{})
	all.Go(func() {
		_ = db.Write(context.Background(), func(*storage.Tx) error { <-release; return nil })
	})
	synctest.Wait()
	errs := make([]error, len(fns))
	for i, fn := range fns {
		errs[i] = errEnded
		all.Go(func() {
			defer func() { _ = recover() }()
			errs[i] = db.Write(context.Background(), fn)
		})
		synctest.Wait() // so that they queue in order
	}
	close(release)
	all.Wait()
	return errs
}

var errEnded = errors.New("the Write did not return")

// grouped runs a test in a bubble, where it is known when everybody waits.
func grouped(t *testing.T, fn func(t *testing.T, db *storage.DB)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { fn(t, storagetest.SQLiteWith(t, notebook)) })
}

// noting inserts a note and has the scribe journal it.
func noting(s *scribe, id string) func(*storage.Tx) error {
	return func(tx *storage.Tx) error {
		tx.Defer(s, id)
		return put(tx, id, "text")
	}
}

func TestWaitingWritesShareOneCommit(t *testing.T) {
	grouped(t, func(t *testing.T, db *storage.DB) {
		s := &scribe{}
		errs := together(t, db, noting(s, "a"), noting(s, "b"), noting(s, "c"))
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if len(s.flushes) != 1 {
			t.Fatalf("the collector was flushed %d times for one group: %q", len(s.flushes), s.flushes)
		}
		expect(t, "flushed", s.flushes[0], "a", "b", "c")
		expect(t, "journal", journal(t, db), "a", "b", "c")
	})
}

func TestFailuresInAGroupStayAlone(t *testing.T) {
	grouped(t, func(t *testing.T, db *storage.DB) {
		s := &scribe{}
		failing := func(end func()) func(*storage.Tx) error {
			return func(tx *storage.Tx) error {
				tx.Defer(s, "ghost")
				if err := put(tx, "ghost", "text"); err != nil {
					return err
				}
				end()
				return errRefused
			}
		}
		errs := together(t, db,
			noting(s, "a"),
			failing(func() {}),
			noting(s, "b"),
			failing(func() { panic("on purpose") }),
			noting(s, "a"), // breaks the unique key
			noting(s, "c"),
		)
		for i, want := range []error{nil, errRefused, nil, errEnded, nil, nil} {
			if i != 4 && !errors.Is(errs[i], want) {
				t.Errorf("Write %d gave %v, want %v", i, errs[i], want)
			}
		}
		if !storage.IsUnique(errs[4]) {
			t.Errorf("Write 4 gave %v, want a broken unique key", errs[4])
		}
		expect(t, "notes", notes(t, db), "a", "b", "c")
		expect(t, "journal", journal(t, db), "a", "b", "c")
		if len(s.flushes) != 1 {
			t.Errorf("the good ones did not share a commit: %q", s.flushes)
		}
	})
}

// TestGroupsAfterAFailure goes through the groups that are careful after one, and
// those that no longer are.
func TestGroupsAfterAFailure(t *testing.T) {
	grouped(t, func(t *testing.T, db *storage.DB) {
		s := &scribe{}
		refused := func(tx *storage.Tx) error {
			tx.Defer(s, "ghost")
			return errors.Join(put(tx, "ghost", "text"), errRefused)
		}
		var want []string
		for i := range 100 {
			a, b := fmt.Sprintf("%03da", i), fmt.Sprintf("%03db", i)
			want = append(want, a, b)
			second := func(*storage.Tx) error { return nil }
			if i%80 < 2 { // the first and the eightieth come unexpected, those after them do not
				second = refused
			}
			errs := together(t, db, noting(s, a), second, noting(s, b))
			if errs[0] != nil || errors.Is(errs[1], errRefused) != (i%80 < 2) || errs[2] != nil {
				t.Fatalf("group %d gave %v", i, errs)
			}
		}
		expect(t, "notes", notes(t, db), want...)
		expect(t, "journal", journal(t, db), want...)
	})
}

func TestGoexitInAGroupStaysAlone(t *testing.T) {
	grouped(t, func(t *testing.T, db *storage.DB) {
		s := &scribe{}
		errs := together(t, db, noting(s, "a"), func(tx *storage.Tx) error {
			runtime.Goexit()
			return nil
		}, noting(s, "b"))
		if errs[0] != nil || !errors.Is(errs[1], errEnded) || errs[2] != nil {
			t.Errorf("the Writes gave %v", errs)
		}
		expect(t, "notes", notes(t, db), "a", "b")
		expect(t, "journal", journal(t, db), "a", "b")
	})
}

func TestFailingFlushFailsOnlyItsOwn(t *testing.T) {
	grouped(t, func(t *testing.T, db *storage.DB) {
		s := &scribe{}
		errs := together(t, db, noting(s, "a"), noting(s, "unwritable"), noting(s, "b"))
		if errs[0] != nil || !errors.Is(errs[1], errRefused) || errs[2] != nil {
			t.Errorf("the Writes gave %v, want only the second to fail", errs)
		}
		expect(t, "notes", notes(t, db), "a", "b")
		expect(t, "journal", journal(t, db), "a", "b")
	})
}

// quitter ends the goroutine, or panics, when it is flushed.
type quitter struct{ end func() }

func (q *quitter) Flush(*storage.Tx, []any) error { q.end(); return nil }

func TestFlushThatEndsTheGoroutineFailsOnlyItsOwn(t *testing.T) {
	for name, end := range map[string]func(){"goexit": runtime.Goexit, "panic": func() { panic("on purpose") }} {
		t.Run(name, func(t *testing.T) {
			grouped(t, func(t *testing.T, db *storage.DB) {
				s, q := &scribe{}, &quitter{end}
				errs := together(t, db, noting(s, "a"), func(tx *storage.Tx) error {
					tx.Defer(q, nil)
					return put(tx, "lost", "text")
				}, noting(s, "b"))
				if errs[0] != nil || errs[1] == nil || errs[2] != nil {
					t.Errorf("the Writes gave %v, want only the second to fail", errs)
				}
				expect(t, "notes", notes(t, db), "a", "b")
				expect(t, "journal", journal(t, db), "a", "b")
			})
		})
	}
}

func TestFailingCommitFailsOnlyItsOwn(t *testing.T) {
	grouped(t, func(t *testing.T, db *storage.DB) {
		s := &scribe{}
		orphan := func(tx *storage.Tx) error { // its foreign key is looked at by COMMIT
			_, err := tx.Exec("INSERT INTO replies (id, note_id) VALUES ($1, $2)", "r", "nobody")
			return err
		}
		errs := together(t, db, noting(s, "a"), orphan, noting(s, "b"))
		if errs[0] != nil || errs[1] == nil || errs[2] != nil {
			t.Errorf("the Writes gave %v, want only the second to fail", errs)
		}
		expect(t, "notes", notes(t, db), "a", "b")
		expect(t, "journal", journal(t, db), "a", "b")
		expect(t, "replies", column(t, db, "SELECT id FROM replies"))
	})
}

func TestGivingUpInTheQueue(t *testing.T) {
	grouped(t, func(t *testing.T, db *storage.DB) {
		ctx, cancel := context.WithCancel(context.Background())
		var all sync.WaitGroup
		release := make(chan struct{})
		all.Go(func() {
			_ = db.Write(context.Background(), func(tx *storage.Tx) error { <-release; return put(tx, "a", "text") })
		})
		synctest.Wait()
		answered := make(chan error, 1)
		all.Go(func() {
			answered <- db.Write(ctx, func(*storage.Tx) error { t.Error("it ran"); return nil })
		})
		synctest.Wait()
		cancel()
		if err := <-answered; !errors.Is(err, context.Canceled) {
			t.Errorf("Write gave %v, want context.Canceled", err)
		}
		close(release)
		all.Wait()
		expect(t, "notes", notes(t, db), "a")
	})
}

func TestCloseCarriesOutWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := "sqlite://" + t.TempDir() + "/notes.db"
		db := openNotebook(t, path)
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		release := make(chan struct{})
		all.Go(func() {
			_ = db.Write(context.Background(), func(*storage.Tx) error { <-release; return nil })
		})
		synctest.Wait()
		for i := range 5 {
			all.Go(func() {
				if err := db.Write(context.Background(), putting(fmt.Sprint(i))); err != nil {
					t.Errorf("an accepted Write gave %v", err)
				}
			})
		}
		synctest.Wait()
		all.Go(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		close(release)
		all.Wait()
		again := openNotebook(t, path)
		defer again.Close()
		expect(t, "notes", notes(t, again), "0", "1", "2", "3", "4")
	})
}

func TestCollectorHooksRunOncePerCommit(t *testing.T) {
	grouped(t, func(t *testing.T, db *storage.DB) {
		rings := 0
		b := &bell{ring: func() { rings++ }}
		ringing := func(id string) func(*storage.Tx) error {
			return func(tx *storage.Tx) error {
				tx.Defer(b, id)
				return put(tx, id, "text")
			}
		}
		if err := errors.Join(together(t, db, ringing("a"), ringing("b"), ringing("c"))...); err != nil {
			t.Fatal(err)
		}
		if rings != 1 {
			t.Errorf("the hook ran %d times for one commit", rings)
		}
	})
}

// bell rings after the commit, as the outbox wakes the stream.
type bell struct{ ring func() }

func (b *bell) Flush(tx *storage.Tx, _ []any) error {
	tx.OnCommit(b.ring)
	return nil
}
