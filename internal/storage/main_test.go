package storage_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"testing"
	"testing/fstest"

	"go.uber.org/goleak"

	"github.com/botimum/botimum/internal/storage"
)

// TestMain also is the program that a test starts and kills.
func TestMain(m *testing.M) {
	switch os.Getenv("BOTIMUM_TEST_CHILD") {
	case "writes":
		writeUntilKilled(os.Getenv("BOTIMUM_TEST_URL"))
	case "opens":
		openAsNobody(os.Getenv("BOTIMUM_TEST_URL"))
	}
	goleak.VerifyTestMain(m)
}

// notebook is a small schema that both engines share.
var notebook = fstest.MapFS{
	"sqlite/0001_notebook.sql":   {Data: []byte(notebookSchema)},
	"postgres/0001_notebook.sql": {Data: []byte(notebookSchema)},
}

const notebookSchema = `-- +goose Up
CREATE TABLE notes (id TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE replies (id TEXT NOT NULL PRIMARY KEY, note_id TEXT NOT NULL REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE journal (position BIGINT NOT NULL PRIMARY KEY, note_id TEXT NOT NULL);
`

var errRefused = errors.New("refused")

// put inserts a note.
func put(tx *storage.Tx, id, body string) error {
	_, err := tx.Exec("INSERT INTO notes (id, body) VALUES ($1, $2)", id, body)
	return err
}

// putting is a function for Write that inserts a note.
func putting(id string) func(*storage.Tx) error {
	return func(tx *storage.Tx) error { return put(tx, id, "text of "+id) }
}

// notes gives the ids of all notes, sorted.
func notes(t testing.TB, db *storage.DB) []string {
	t.Helper()
	return column(t, db, "SELECT id FROM notes ORDER BY id")
}

// journal gives what the collector has written, in its order.
func journal(t testing.TB, db *storage.DB) []string {
	t.Helper()
	return column(t, db, "SELECT note_id FROM journal ORDER BY position")
}

func column(t testing.TB, db *storage.DB, query string) (values []string) {
	t.Helper()
	err := db.Read(context.Background(), func(tx *storage.Tx) (err error) {
		values, err = columnIn(tx, query)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func columnIn(tx *storage.Tx, query string) ([]string, error) {
	rows, err := tx.Query(query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var values []string
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, rows.Err()
}

func expect(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// scribe is a collector that numbers the notes it is handed in a journal. It
// refuses a note called "unwritable".
type scribe struct{ flushes [][]string }

func (s *scribe) Flush(tx *storage.Tx, items []any) error {
	var last int64
	if err := tx.QueryRow("SELECT coalesce(max(position), 0) FROM journal").Scan(&last); err != nil {
		return err
	}
	var ids []string
	var args []any
	for i, item := range items {
		id := item.(string)
		if id == "unwritable" {
			return fmt.Errorf("the scribe cannot write: %w", errRefused)
		}
		ids = append(ids, id)
		args = append(args, last+int64(i)+1, id)
	}
	s.flushes = append(s.flushes, ids)
	_, err := storage.InsertRows(tx, "INSERT INTO journal (position, note_id) VALUES ", 2, args, "")
	return err
}

// openNotebook opens a database of the notebook's schema, without migrating.
func openNotebook(t testing.TB, url string) *storage.DB {
	t.Helper()
	db, err := storage.Open(context.Background(), notebookAt(url))
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func notebookAt(url string) storage.Options {
	return storage.Options{URL: url, Migrations: notebook, Logger: slog.New(slog.DiscardHandler)}
}
