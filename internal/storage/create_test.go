package storage_test

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// A database that is not there is made, once, whoever asks, and one that is
// there is left as it is.
func TestCreateIfMissing(t *testing.T) {
	there := storagetest.PostgresURL(t, fstest.MapFS{})
	u, err := url.Parse(there)
	if err != nil {
		t.Fatal(err)
	}
	u.Path += "_vault"
	missing := u.String()
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), there)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close(context.Background())
		name := pgx.Identifier{strings.TrimPrefix(u.Path, "/")}.Sanitize()
		if _, err := conn.Exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	var nodes sync.WaitGroup
	for range 4 {
		nodes.Go(func() {
			if err := storage.CreateIfMissing(t.Context(), missing); err != nil {
				t.Error(err)
			}
		})
	}
	nodes.Wait()
	for _, url := range []string{missing, there, "sqlite:///no/such/dir/file.db"} {
		if err := storage.CreateIfMissing(t.Context(), url); err != nil {
			t.Error(err)
		}
	}
	db, err := storage.Open(t.Context(), storage.Options{URL: missing})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if err := storage.CreateIfMissing(t.Context(), "mysql://x"); err == nil {
		t.Error("another engine was taken")
	}
	if err := storage.CreateIfMissing(t.Context(), "postgres://127.0.0.1:1/x?connect_timeout=2"); err != nil {
		t.Errorf("a server that is not there is for Open to tell: %v", err)
	}
}
