package main

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing/fstest"
	"time"

	"github.com/botimum/botimum/internal/storage"
)

// baseSchema is one table. Its rows are as long as a message's text.
var baseSchema = fstest.MapFS{
	"sqlite/0001_base.sql": {Data: []byte("-- +goose Up\nCREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL, at BIGINT NOT NULL);\n")},
}

const (
	insertBase  = "INSERT INTO notes (id, body, at) VALUES ($1, $2, $3)"
	baseBody    = "an answer of some fifteen words, as people write them when they have a question to ask"
	baseClients = 64
)

// commitRate measures what the disk and SQLite give at best: goroutines that
// each insert one row by one durable Write (synchronous=FULL), grouped as all
// writes are. No HTTP, no sealing, no index.
func commitRate(ctx context.Context, dir string, warm, measured time.Duration) (float64, error) {
	dir, err := os.MkdirTemp(dir, "base-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	db, err := storage.Open(ctx, storage.Options{URL: "sqlite://" + filepath.Join(dir, "base.db"), Migrations: baseSchema})
	if err != nil {
		return 0, err
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var rows atomic.Int64
	var all sync.WaitGroup
	stop := make(chan struct{})
	for range baseClients {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				n := rows.Add(1)
				err := db.Write(ctx, func(tx *storage.Tx) error { _, err := tx.Exec(insertBase, n, baseBody, n); return err })
				if err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	time.Sleep(warm)
	began, before := time.Now(), rows.Load()
	time.Sleep(measured)
	rate := float64(rows.Load()-before) / time.Since(began).Seconds()
	close(stop)
	all.Wait()
	return rate, context.Cause(ctx)
}
