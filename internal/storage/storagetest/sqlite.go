package storagetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/migrations"
)

// SQLite gives a fresh SQLite database with the product's schema.
func SQLite(t *testing.T) *storage.DB {
	t.Helper()
	return SQLiteWith(t, migrations.Migrations)
}

// SQLiteWith gives a fresh SQLite database with another schema.
func SQLiteWith(t *testing.T, schema fs.FS) *storage.DB {
	t.Helper()
	template, err := sqliteTemplates.get(schema)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(path, template, 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, "sqlite://"+path, schema)
}

// templates are migrated SQLite files, kept in memory by the schema's sum.
type templates struct {
	mu    sync.Mutex
	bytes map[string][]byte
}

var sqliteTemplates = templates{bytes: make(map[string][]byte)}

func (c *templates) get(schema fs.FS) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	sum, err := sumOf(schema, storage.SQLite)
	if err != nil {
		return nil, err
	}
	if template := c.bytes[sum]; template != nil {
		return template, nil
	}
	template, err := migrated(schema)
	if err != nil {
		return nil, err
	}
	c.bytes[sum] = template
	return template, nil
}

// migrated makes a SQLite file with the schema and gives its content.
func migrated(schema fs.FS) ([]byte, error) {
	dir, err := os.MkdirTemp("", "botimum-template-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "template.db")
	if err := migrate("sqlite://"+path, schema); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// migrate brings the database at url to the schema.
func migrate(url string, schema fs.FS) error {
	ctx := context.Background()
	db, err := storage.Open(ctx, storage.Options{URL: url, Migrations: schema, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx); err != nil {
		db.Close()
		return err
	}
	return db.Close()
}

// sumOf names the schema of one engine by its content.
func sumOf(schema fs.FS, engine storage.Engine) (string, error) {
	files, err := fs.Glob(schema, string(engine)+"/*.sql")
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, file := range files {
		content, err := fs.ReadFile(schema, file)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n%s", file, len(content), content)
	}
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}
