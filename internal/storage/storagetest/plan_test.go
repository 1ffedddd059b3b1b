package storagetest_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

var shelf = fstest.MapFS{
	"sqlite/0001_shelf.sql":   {Data: []byte(shelfSchema)},
	"postgres/0001_shelf.sql": {Data: []byte(shelfSchema)},
}

const shelfSchema = `-- +goose Up
CREATE TABLE books (id BIGINT NOT NULL PRIMARY KEY, author TEXT NOT NULL, title TEXT NOT NULL);
CREATE INDEX books_by_author ON books (author, id);
CREATE TABLE loans (book_id BIGINT NOT NULL, reader TEXT NOT NULL, PRIMARY KEY (book_id, reader));
`

func TestUsesIndex(t *testing.T) {
	cases := []struct {
		name, query string
		args        []any
		scans       bool
	}{
		{"by key", "SELECT title FROM books WHERE id = $1", []any{1}, false},
		{"page of an author", "SELECT title FROM books b WHERE author = $1 AND id < $2 ORDER BY id DESC LIMIT 10", []any{"Le Guin", 7}, false},
		{"values", "WITH v (id) AS (VALUES (1), (2)) SELECT b.title FROM v JOIN books b ON b.id = v.id", nil, false},
		{"made up table", "WITH mine AS (SELECT book_id FROM loans WHERE book_id = $1 LIMIT 5) SELECT b.title FROM mine m JOIN books b ON b.id = m.book_id", []any{1}, false},
		{"no index", "SELECT title FROM books WHERE title = $1", []any{"Lavinia"}, true},
		{"whole index", "SELECT author FROM books ORDER BY author", nil, true},
		{"one side of a join", "SELECT b.title FROM loans l JOIN books b ON b.id = l.book_id WHERE l.reader = $1", []any{"Ada"}, true},
	}
	storagetest.EachWith(t, shelf, func(t *testing.T, db *storage.DB) {
		for _, c := range cases {
			said := &listener{TB: t}
			storagetest.UsesIndex(said, db, c.query, c.args...)
			if (said.errors > 0) != c.scans {
				t.Errorf("%s: complained %d times, want a complaint: %v\n%s", c.name, said.errors, c.scans,
					storagetest.Plan(t, db, c.query, c.args...))
			}
		}
	})
}

func TestPlanNamesTheIndex(t *testing.T) {
	storagetest.EachWith(t, shelf, func(t *testing.T, db *storage.DB) {
		plan := storagetest.Plan(t, db, "SELECT title FROM books WHERE author = $1", "Le Guin")
		if !strings.Contains(plan, "books_by_author") {
			t.Errorf("the plan does not name the index:\n%s", plan)
		}
	})
}

// listener counts complaints instead of failing.
type listener struct {
	testing.TB
	errors int
}

func (l *listener) Helper()               {}
func (l *listener) Errorf(string, ...any) { l.errors++ }
