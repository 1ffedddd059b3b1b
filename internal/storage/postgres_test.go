package storage_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

func TestDeadlockIsRunAgain(t *testing.T) {
	db := storagetest.PostgresWith(t, notebook)
	if err := errors.Join(db.Write(t.Context(), putting("a")), db.Write(t.Context(), putting("b"))); err != nil {
		t.Fatal(err)
	}
	var met, all sync.WaitGroup
	met.Add(2)
	var runs counter
	runs.n = make(map[string]int)
	touch := func(tx *storage.Tx, id string) error {
		_, err := tx.Exec("UPDATE notes SET body = body || '+' WHERE id = $1", id)
		return err
	}
	for _, order := range [][2]string{{"a", "b"}, {"b", "a"}} {
		all.Go(func() {
			first := true
			err := db.Write(context.Background(), func(tx *storage.Tx) error {
				runs.add("all")
				if err := touch(tx, order[0]); err != nil {
					return err
				}
				if first { // both hold what the other wants
					first = false
					met.Done()
					met.Wait()
				}
				return touch(tx, order[1])
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if runs.n["all"] < 3 {
		t.Errorf("the functions ran %d times: there was no deadlock to test", runs.n["all"])
	}
	expect(t, "bodies", column(t, db, "SELECT body FROM notes ORDER BY id"), "text of a++", "text of b++")
}

// TestLockMakesDecisionsSafe has many Writes read a number and write it back,
// one higher.
func TestLockMakesDecisionsSafe(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		if err := db.Write(t.Context(), func(tx *storage.Tx) error { return put(tx, "count", "0") }); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				err := db.Write(context.Background(), func(tx *storage.Tx) error {
					if err := tx.Lock("count"); err != nil {
						return err
					}
					var body string
					if err := tx.QueryRow("SELECT body FROM notes WHERE id = $1", "count").Scan(&body); err != nil {
						return err
					}
					n, err := strconv.Atoi(body)
					if err != nil {
						return err
					}
					_, err = tx.Exec("UPDATE notes SET body = $1 WHERE id = $2", strconv.Itoa(n+1), "count")
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		expect(t, "count", column(t, db, "SELECT body FROM notes"), "20")
	})
}

func TestServerThatForgetsIsRefused(t *testing.T) {
	url := storagetest.PostgresURL(t, notebook)
	db := openNotebook(t, url)
	_, err := db.SQL().Exec("DO $do$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET synchronous_commit = off'; END $do$")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	forgetful, err := storage.Open(t.Context(), notebookAt(url))
	if err == nil {
		forgetful.Close()
		t.Fatal("a server with synchronous_commit=off was accepted")
	}
	if want := "storage: PostgreSQL has synchronous_commit=off and could lose what it has acknowledged; set it to on for this database"; err.Error() != want {
		t.Errorf("the error is %q, want %q", err, want)
	}
}

// TestConnectionCutBeforeCommit has the server end the session that is about to
// commit: it cannot be told from one that ended just after.
func TestConnectionCutBeforeCommit(t *testing.T) {
	db := storagetest.PostgresWith(t, notebook)
	err := db.Write(t.Context(), func(tx *storage.Tx) error {
		var pid int
		if err := tx.QueryRow("SELECT pg_backend_pid()").Scan(&pid); err != nil {
			return err
		}
		if err := put(tx, "a", "text"); err != nil {
			return err
		}
		_, err := db.SQL().Exec("SELECT pg_terminate_backend($1)", pid)
		return err
	})
	isFault(t, err, storage.CodeOutcomeUnknown)
	expect(t, "notes", notes(t, db))
}

func TestConnectionCutBeforeAStatement(t *testing.T) {
	db := storagetest.PostgresWith(t, notebook)
	err := db.Write(t.Context(), func(tx *storage.Tx) error {
		var pid int
		if err := tx.QueryRow("SELECT pg_backend_pid()").Scan(&pid); err != nil {
			return err
		}
		if _, err := db.SQL().Exec("SELECT pg_terminate_backend($1)", pid); err != nil {
			return err
		}
		return put(tx, "a", "text")
	})
	isFault(t, err, storage.CodeUnreachable)
	if err := db.Write(t.Context(), putting("b")); err != nil {
		t.Errorf("a Write on a new connection: %v", err)
	}
	expect(t, "notes", notes(t, db), "b")
}
