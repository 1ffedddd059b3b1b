package storage_test

import (
	"context"
	"database/sql"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

func each(t *testing.T, fn func(t *testing.T, db *storage.DB)) {
	t.Helper()
	storagetest.EachWith(t, notebook, fn)
}

func TestWriteKeepsAllOrNothing(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		if err := db.Write(t.Context(), putting("a")); err != nil {
			t.Fatal(err)
		}
		err := db.Write(t.Context(), func(tx *storage.Tx) error {
			if err := put(tx, "b", "half"); err != nil {
				return err
			}
			return errRefused
		})
		if !errors.Is(err, errRefused) {
			t.Errorf("Write gave %v, want the function's own error", err)
		}
		expect(t, "notes", notes(t, db), "a")
	})
}

func TestPanicTakesBackAndReachesTheCaller(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		got := func() (v any) {
			defer func() { v = recover() }()
			_ = db.Write(t.Context(), func(tx *storage.Tx) error {
				if err := put(tx, "a", "text"); err != nil {
					return err
				}
				panic(errRefused)
			})
			return nil
		}()
		p, ok := got.(*storage.Panic)
		if !ok || !errors.Is(p, errRefused) || !strings.Contains(p.Error(), "write_test.go") {
			t.Errorf("Write panicked with %v, want the function's value and where it happened", got)
		}
		if err := db.Write(t.Context(), putting("b")); err != nil {
			t.Errorf("a Write after a panic: %v", err)
		}
		expect(t, "notes", notes(t, db), "b")
	})
}

func TestEndingTheGoroutineEndsTheCallers(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		returned := false
		var caller sync.WaitGroup
		caller.Go(func() {
			_ = db.Write(t.Context(), func(tx *storage.Tx) error {
				_ = put(tx, "a", "text")
				runtime.Goexit() // what t.FailNow does
				return nil
			})
			returned = true
		})
		caller.Wait()
		if returned {
			t.Error("Write returned, though its function ended the goroutine")
		}
		if err := db.Write(t.Context(), putting("b")); err != nil {
			t.Errorf("a Write afterwards: %v", err)
		}
		expect(t, "notes", notes(t, db), "b")
	})
}

func TestDroppedStatementErrorDooms(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		if err := db.Write(t.Context(), putting("a")); err != nil {
			t.Fatal(err)
		}
		err := db.Write(t.Context(), func(tx *storage.Tx) error {
			if err := put(tx, "b", "text"); err != nil {
				return err
			}
			_ = put(tx, "a", "again") // fails, and nobody looks
			return nil
		})
		if !storage.IsUnique(err) {
			t.Errorf("Write gave %v, want the error that was dropped", err)
		}
		err = db.Write(t.Context(), func(tx *storage.Tx) error {
			if err := put(tx, "c", "text"); err != nil {
				return err
			}
			var id string
			_ = tx.QueryRow("INSERT INTO notes (id, body) VALUES ($1, $2) RETURNING id", "a", "again").Scan(&id)
			return nil
		})
		if !storage.IsUnique(err) {
			t.Errorf("Write gave %v, want the error that was dropped", err)
		}
		expect(t, "notes", notes(t, db), "a")
	})
}

func TestNoRowsPassesThrough(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		err := db.Write(t.Context(), func(tx *storage.Tx) error {
			var body string
			err := tx.QueryRow("SELECT body FROM notes WHERE id = $1", "nobody").Scan(&body)
			if !errors.Is(err, sql.ErrNoRows) {
				t.Errorf("Scan gave %v, want sql.ErrNoRows", err)
			}
			return put(tx, "a", "text")
		})
		if err != nil {
			t.Fatal(err)
		}
		expect(t, "notes", notes(t, db), "a")
	})
}

func TestRowsLeftOpenDoNotStopTheCommit(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		for _, id := range []string{"a", "b"} {
			err := db.Write(t.Context(), func(tx *storage.Tx) error {
				rows, err := tx.Query("INSERT INTO notes (id, body) VALUES ($1, 'x'), ($2, 'y') RETURNING id", id+"1", id+"2")
				if err != nil {
					return err
				}
				rows.Next() // and never again
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		expect(t, "notes", notes(t, db), "a1", "a2", "b1", "b2")
	})
}

func TestTransactionIsOverWhenItsFunctionReturns(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		var kept *storage.Tx
		if err := db.Write(t.Context(), func(tx *storage.Tx) error { kept = tx; return nil }); err != nil {
			t.Fatal(err)
		}
		if _, err := kept.Exec("INSERT INTO notes (id, body) VALUES ('a', 'x')"); !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("Exec gave %v, want sql.ErrTxDone", err)
		}
		if _, err := kept.Query("SELECT id FROM notes"); !errors.Is(err, sql.ErrTxDone) { //nolint:sqlclosecheck // fails
			t.Errorf("Query gave %v, want sql.ErrTxDone", err)
		}
		var id string
		if err := kept.QueryRow("INSERT INTO notes (id, body) VALUES ('a', 'x') RETURNING id").Scan(&id); err == nil {
			t.Error("QueryRow works after the end")
		}
		expect(t, "notes", notes(t, db))
	})
}

func TestNestedTransactionsAreRefused(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		err := db.Write(t.Context(), func(tx *storage.Tx) error {
			if err := db.Write(tx.Context(), putting("a")); err == nil {
				t.Error("Write inside Write was not refused")
			}
			return db.Read(tx.Context(), func(*storage.Tx) error { return nil })
		})
		if err == nil || !strings.Contains(err.Error(), "inside another") {
			t.Errorf("Read inside Write gave %v", err)
		}
	})
}

func TestCancelledBeforeTheStartNeverRuns(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := db.Write(ctx, func(*storage.Tx) error { t.Error("it ran"); return nil })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Write gave %v, want context.Canceled", err)
		}
		if err := db.Read(ctx, func(tx *storage.Tx) error { _, err := columnIn(tx, "SELECT id FROM notes"); return err }); !errors.Is(err, context.Canceled) {
			t.Errorf("Read gave %v, want context.Canceled", err)
		}
	})
}

func TestCancelledAfterTheStartIsCarriedOut(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		err := db.Write(ctx, func(tx *storage.Tx) error {
			cancel()
			return put(tx, "a", "text")
		})
		if err != nil {
			t.Errorf("Write gave %v, though it was carried out", err)
		}
		expect(t, "notes", notes(t, db), "a")
	})
}

func TestOnCommitRunsWhenOthersCanSee(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		var seen []string
		err := db.Write(t.Context(), func(tx *storage.Tx) error {
			tx.OnCommit(func() { seen = notes(t, db) })
			return put(tx, "a", "text")
		})
		if err != nil {
			t.Fatal(err)
		}
		expect(t, "seen at commit", seen, "a")
		err = db.Write(t.Context(), func(tx *storage.Tx) error {
			tx.OnCommit(func() { t.Error("the hook of a failed transaction ran") })
			return errRefused
		})
		if !errors.Is(err, errRefused) {
			t.Fatal(err)
		}
	})
}

func TestCollectorWritesInTheSameTransaction(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		s := &scribe{}
		write := func(id string, fail error) error {
			return db.Write(t.Context(), func(tx *storage.Tx) error {
				tx.Defer(s, id)
				tx.Defer(s, id+"'")
				if err := put(tx, id, "text"); err != nil {
					return err
				}
				return fail
			})
		}
		if err := write("a", nil); err != nil {
			t.Fatal(err)
		}
		if err := write("b", errRefused); !errors.Is(err, errRefused) {
			t.Fatal(err)
		}
		if err := write("unwritable", nil); !errors.Is(err, errRefused) {
			t.Errorf("Write gave %v, want the collector's error", err)
		}
		expect(t, "notes", notes(t, db), "a")
		expect(t, "journal", journal(t, db), "a", "a'")
	})
}

func TestFirstWriteHook(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		runs := 0
		ctx := storage.WithFirstWrite(t.Context(), db, func(tx *storage.Tx) error {
			runs++
			return put(tx, "key", "of the request")
		})
		fail := func(*storage.Tx) error { return errRefused }
		if err := db.Write(ctx, fail); !errors.Is(err, errRefused) {
			t.Fatal(err)
		}
		expect(t, "after a failed Write", notes(t, db))
		for _, id := range []string{"a", "b"} {
			if err := db.Write(ctx, putting(id)); err != nil {
				t.Fatal(err)
			}
		}
		expect(t, "after two good ones", notes(t, db), "a", "b", "key")
		if runs != 2 {
			t.Errorf("the hook ran %d times, want once for the failed and once for the first good Write", runs)
		}
		again := storage.WithFirstWrite(t.Context(), db, func(tx *storage.Tx) error { return put(tx, "key", "again") })
		err := db.Write(again, func(*storage.Tx) error { t.Error("the function ran after its hook failed"); return nil })
		if !storage.IsUnique(err) {
			t.Errorf("Write gave %v, want the hook's error", err)
		}
	})
}

func TestIsUnique(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		if err := db.Write(t.Context(), putting("a")); err != nil {
			t.Fatal(err)
		}
		err := fault.Wrap("outer", db.Write(t.Context(), putting("a")))
		if !storage.IsUnique(err) {
			t.Errorf("IsUnique(%v) = false", err)
		}
		missing := db.Write(t.Context(), func(tx *storage.Tx) error {
			_, err := tx.Exec("INSERT INTO replies (id, note_id) VALUES ($1, $2)", "r", "nobody")
			return err
		})
		if missing == nil || storage.IsUnique(missing) || storage.IsUnique(nil) {
			t.Errorf("IsUnique(%v) = true, or it was no error", missing)
		}
	})
}

func TestClosedDatabaseSaysSo(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		nothing := func(*storage.Tx) error { return nil }
		for name, err := range map[string]error{"Write": db.Write(t.Context(), nothing), "Read": db.Read(t.Context(), nothing)} {
			if f := fault.As(err); f == nil || f.Code != storage.CodeShuttingDown || f.Kind != fault.KindUnavailable {
				t.Errorf("%s gave %v, want %s", name, err, storage.CodeShuttingDown)
			}
		}
		if err := db.Close(); err != nil {
			t.Errorf("closing twice: %v", err)
		}
	})
}
