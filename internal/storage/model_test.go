package storage_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// act is what one Write of the model test does with one note, and how it ends.
type act struct {
	Note int
	Do   string // put, change, drop, orphan
	End  string // well, error, panic, gone, unwritable
}

var (
	actDo  = []string{"put", "put", "change", "drop", "orphan"}
	actEnd = []string{"well", "well", "well", "well", "error", "panic", "gone", "unwritable"}
)

// TestGroupedWriterAgainstAModel sends waves of concurrent Writes and compares
// the file with what those that returned nil should have left. Each goroutine
// has notes of its own, so that the order among them does not matter.
func TestGroupedWriterAgainstAModel(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		db := storagetest.SQLiteWith(t, notebook)
		defer db.Close()
		s := &scribe{}
		var model sync.Map // note → body
		journaled := newCounter()
		plans := make([][]act, rapid.IntRange(1, 12).Draw(r, "goroutines"))
		for g := range plans {
			plans[g] = rapid.SliceOfN(rapid.Custom(drawAct), 1, 6).Draw(r, fmt.Sprintf("acts of %d", g))
		}
		var all sync.WaitGroup
		for g, acts := range plans {
			all.Go(func() {
				for step, a := range acts {
					perform(db, s, &model, journaled, g, step, a)
				}
			})
		}
		all.Wait()
		compare(r, t, db, &model, journaled)
	})
}

func drawAct(t *rapid.T) act {
	return act{
		Note: rapid.IntRange(0, 2).Draw(t, "note"),
		Do:   rapid.SampledFrom(actDo).Draw(t, "do"),
		End:  rapid.SampledFrom(actEnd).Draw(t, "end"),
	}
}

// perform runs one act and, if it was acknowledged, changes the model.
func perform(db *storage.DB, s *scribe, model *sync.Map, journaled *counter, g, step int, a act) {
	id := fmt.Sprintf("%02d-%d", g, a.Note)
	body := fmt.Sprintf("step %d", step)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if a.End == "gone" {
		cancel()
	}
	defer func() { _ = recover() }()
	err := db.Write(ctx, func(tx *storage.Tx) error { return a.run(tx, s, id, body) })
	if err != nil {
		return
	}
	journaled.add(id)
	if a.Do == "drop" {
		model.Delete(id)
	} else {
		model.Store(id, body)
	}
}

func (a act) run(tx *storage.Tx, s *scribe, id, body string) error {
	tx.Defer(s, id)
	var err error
	switch a.Do {
	case "put": // fails if it is there
		err = put(tx, id, body)
	case "change":
		_, err = tx.Exec("INSERT INTO notes (id, body) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET body = excluded.body", id, body)
	case "drop":
		_, err = tx.Exec("DELETE FROM notes WHERE id = $1", id)
	case "orphan": // fails at COMMIT
		_, err = tx.Exec("INSERT INTO replies (id, note_id) VALUES ($1, $2)", id+body, "nobody")
	}
	switch a.End {
	case "error":
		err = errors.Join(err, errRefused)
	case "panic":
		panic(errRefused)
	case "unwritable":
		tx.Defer(s, "unwritable")
	}
	return err
}

func compare(r *rapid.T, t *testing.T, db *storage.DB, model *sync.Map, journaled *counter) {
	want := make(map[string]string)
	model.Range(func(id, body any) bool { want[id.(string)] = body.(string); return true })
	got := make(map[string]string)
	for _, pair := range column(t, db, "SELECT id || '=' || body FROM notes") {
		id, body, _ := strings.Cut(pair, "=")
		got[id] = body
	}
	if !maps.Equal(got, want) {
		r.Fatalf("the file holds %v, acknowledged was %v", got, want)
	}
	written := newCounter()
	for _, id := range journal(t, db) {
		written.add(id)
	}
	if !maps.Equal(written.n, journaled.n) {
		r.Fatalf("the journal holds %v, acknowledged was %v", written.n, journaled.n)
	}
}

// counter counts by name, from many goroutines.
type counter struct {
	mu sync.Mutex
	n  map[string]int
}

func newCounter() *counter { return &counter{n: make(map[string]int)} }

func (c *counter) add(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n[name]++
}
