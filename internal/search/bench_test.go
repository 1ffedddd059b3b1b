package search

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/storage"
)

var (
	benchDocs = flag.Int("docs", 20_000, "documents in the search benchmarks")
	benchURL  = flag.String("db", "", "URL of an empty database for the search benchmarks; a new SQLite file if none is given")
)

const (
	docWords   = 15
	vocabulary = 200_000
)

// benchStore fills a store with documents of 15 words: 0 is in each of them, 1 in
// every second, 2 in all others, and the rest as unevenly spread as words are.
func benchStore(b *testing.B) *Store {
	url := *benchURL
	if url == "" {
		url = "sqlite://" + filepath.Join(b.TempDir(), "bench.db")
	}
	db, err := storage.Open(b.Context(), storage.Options{URL: url, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	if err := db.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	s := newStore(db)
	rng := rand.New(rand.NewPCG(1, 2))
	spread := newZipf(rng)
	const each = 512
	began := time.Now()
	for n := 0; n < *benchDocs; {
		docs := make([]Document, 0, each)
		for range min(each, *benchDocs-n) {
			words := []int{0, 1 + n%2}
			for len(words) < docWords {
				words = append(words, spread())
			}
			docs = append(docs, doc("wsp_1", fmt.Sprint("msg_", n), fmt.Sprint("con_", n/100), n, words...))
			n++
		}
		add(b, s, docs...)
		if n/each%64 == 0 {
			settle(b, s)
		}
	}
	settle(b, s)
	if db.Engine() == storage.Postgres { // as autovacuum does soon after
		if _, err := db.SQL().ExecContext(b.Context(), "VACUUM ANALYZE search_docs"); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("%d documents in %v", *benchDocs, time.Since(began).Round(time.Millisecond))
	return s
}

// newZipf gives ranks from 3 up, of which the n-th comes about 1/n as often.
func newZipf(rng *rand.Rand) func() int {
	scale := math.Log(vocabulary)
	return func() int { return 2 + int(math.Exp(rng.Float64()*scale)) }
}

func BenchmarkQuery(b *testing.B) {
	s := benchStore(b)
	rng := rand.New(rand.NewPCG(3, 4))
	spread := newZipf(rng)
	cases := []struct {
		name  string
		words func() []int
		kinds []string
	}{
		{"two words as they come", func() []int { return []int{spread(), spread()} }, nil},
		{"two common words", func() []int { return []int{3 + rng.IntN(20), 3 + rng.IntN(20)} }, nil},
		{"everywhere and rare", func() []int { return []int{0, 1000 + rng.IntN(100_000)} }, nil},
		{"everywhere and everywhere", func() []int { return []int{0, 0} }, []string{"message"}},
		{"everywhere and half", func() []int { return []int{0, 1} }, nil},
		{"everywhere, of a kind that is not there", func() []int { return []int{0, 1} }, []string{"contact"}},
		{"half and the other half", func() []int { return []int{1, 2} }, nil},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			var took []time.Duration
			found := 0
			for b.Loop() {
				tokens := tok("wsp_1", c.words()...)
				began := time.Now()
				err := s.db.Read(context.Background(), func(tx *storage.Tx) error {
					hits, err := s.Query(tx, "wsp_1", tokens, c.kinds, 0, 25)
					found += len(hits)
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
			b.ReportMetric(float64(found)/float64(len(took)), "hits/op")
		})
	}
}

// BenchmarkQueryPending is the cost of a query that finds nothing while as much is
// pending as the indexer lets be.
func BenchmarkQueryPending(b *testing.B) {
	s := benchStore(b)
	for n := range backlog / 128 {
		docs := make([]Document, 128)
		for i := range docs {
			docs[i] = doc("wsp_1", fmt.Sprint("new_", n, "_", i), "con_1", *benchDocs+n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)
		}
		add(b, s, docs...)
	}
	for b.Loop() {
		hits(b, s, "wsp_1", tok("wsp_1", vocabulary+9, 0), nil, 0, 25)
	}
}

// BenchmarkMove is the indexer's cost for a document.
func BenchmarkMove(b *testing.B) {
	s := benchStore(b)
	spread := newZipf(rand.New(rand.NewPCG(5, 6)))
	n, moved := *benchDocs, 0
	var took time.Duration
	for b.Loop() {
		b.StopTimer()
		docs := make([]Document, batchDocs)
		for i := range docs {
			words := []int{0, 1}
			for len(words) < docWords {
				words = append(words, spread())
			}
			docs[i] = doc("wsp_1", fmt.Sprint("msg_", n), fmt.Sprint("con_", n/100), n, words...)
			n++
		}
		add(b, s, docs...)
		b.StartTimer()
		began := time.Now()
		k, err := s.indexer.move(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		took += time.Since(began)
		moved += k
	}
	b.ReportMetric(float64(took.Nanoseconds())/float64(moved), "ns/doc")
}

// BenchmarkRemoveContact is the cost of erasing one with 100 documents.
func BenchmarkRemoveContact(b *testing.B) {
	s := benchStore(b)
	contact := 0
	for b.Loop() {
		write(b, s, func(tx *storage.Tx) error {
			_, err := s.RemoveContact(tx, "wsp_1", fmt.Sprint("con_", contact), kindOf, ofContact)
			return err
		})
		contact++
	}
}
