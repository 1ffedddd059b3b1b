package storagetest

import (
	"io/fs"
	"log/slog"
	"testing"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/migrations"
)

// Each runs fn on both engines, each time with a fresh database that has the
// product's schema.
func Each(t *testing.T, fn func(t *testing.T, db *storage.DB)) {
	t.Helper()
	EachWith(t, migrations.Migrations, fn)
}

// EachWith is Each with another schema: a file system with the directories
// sqlite and postgres.
func EachWith(t *testing.T, schema fs.FS, fn func(t *testing.T, db *storage.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, SQLiteWith(t, schema)) })
	t.Run("postgres", func(t *testing.T) { fn(t, PostgresWith(t, schema)) })
}

// open opens a database that is closed when the test ends.
func open(t *testing.T, url string, schema fs.FS) *storage.DB {
	t.Helper()
	db, err := storage.Open(t.Context(), storage.Options{URL: url, Migrations: schema, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing the database: %v", err)
		}
	})
	return db
}
