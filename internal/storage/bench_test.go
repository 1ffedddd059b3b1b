package storage_test

import (
	"context"
	"fmt"
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

// BenchmarkOpen is what storage adds to a cold start on an up-to-date database.
func BenchmarkOpen(b *testing.B) {
	opts := storage.Options{URL: "sqlite://" + b.TempDir() + "/bench.db"}
	open := func() {
		db, err := storage.Open(b.Context(), opts)
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Migrate(b.Context()); err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
	open()
	for b.Loop() {
		open()
	}
}

// BenchmarkRead is one row by its key, with 16 readers.
func BenchmarkRead(b *testing.B) {
	db, err := storage.Open(b.Context(), storage.Options{URL: "sqlite://" + b.TempDir() + "/bench.db"})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	err = db.Write(b.Context(), func(tx *storage.Tx) error {
		_, err := tx.Exec("CREATE TABLE notes (id TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID")
		for i := 0; err == nil && i < 10000; i++ {
			_, err = tx.Exec("INSERT INTO notes (id, body) VALUES ($1, $2)", fmt.Sprintf("not_%026d", i), "a body of some length, as messages have")
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			err := db.Read(context.Background(), func(tx *storage.Tx) error {
				var body string
				return tx.QueryRow("SELECT body FROM notes WHERE id = $1", fmt.Sprintf("not_%026d", i%10000)).Scan(&body)
			})
			if err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reads/s")
}
