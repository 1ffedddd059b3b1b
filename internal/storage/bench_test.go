package storage_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/botimum/botimum/internal/storage"
)

// BenchmarkGroupedWrite is the base that rates of messages are compared with:
// one durable row per Write, 64 writers at once.
func BenchmarkGroupedWrite(b *testing.B) {
	db, err := storage.Open(b.Context(), storage.Options{URL: "sqlite://" + b.TempDir() + "/bench.db"})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	ctx := context.Background()
	err = db.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.Exec("CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL, at BIGINT NOT NULL)")
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	const writers = 64
	var next atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	for range writers {
		all.Go(func() {
			for {
				n := next.Add(1)
				if n > int64(b.N) {
					return
				}
				err := db.Write(ctx, func(tx *storage.Tx) error {
					_, err := tx.Exec("INSERT INTO notes (id, body, at) VALUES ($1, $2, $3)", n, "a body of some length, as messages have", n)
					return err
				})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}
