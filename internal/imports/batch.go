package imports

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"time"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/vault"
)

const (
	batchRows  = 128
	batchBytes = 1 << 20 // of cells: one large row is a batch of its own
	tellEvery  = time.Second
	tries      = 5 // of a batch, while others change the same people
)

// worker goes through an import's file.
type worker struct {
	*Service
	r         *record
	c         *converter
	ix        *vault.Index
	rows      *reader
	file      *parts
	company   Companies
	companies map[employer]string // by how rows name them
	made      int64               // of them, by the batch under way
	seen      map[uint64]bool     // who came in earlier rows: beginnings of keyed hashes
	told      time.Time
}

// worker opens the file behind the place that was reached.
func (s *Service) worker(ctx context.Context, r *record) (*worker, error) {
	w := &worker{Service: s, r: r, seen: map[uint64]bool{}, companies: map[employer]string{}}
	var err error
	if w.c, err = s.converter(ctx, r); err != nil {
		return nil, err
	}
	if w.company, err = s.Companies(ctx, r.workspaceID); err != nil {
		return nil, err
	}
	if w.ix, err = s.Vault.Index(ctx, r.workspaceID); err != nil {
		return nil, err
	}
	if w.rows, w.file, _, err = s.table(ctx, r); err != nil {
		return nil, err
	}
	for w.rows.number < r.row { // rows that were done before whatever stopped it
		one, err := w.rows.read()
		if err != nil {
			return nil, err
		}
		w.first(w.c.person(one))
	}
	return w, nil
}

// first tells whether a person has come in no earlier row, and remembers them; a row
// that is not the first says so.
func (w *worker) first(p *person) {
	if p.failed() {
		return
	}
	keys := map[string]string{w.c.settings.MatchBy: p.key, toExternal: matchValue(p.change, toExternal)}
	for field, value := range keys {
		if value != "" && w.seen[w.hash(field, value)] {
			p.say(w.column(field), "is in an earlier row already")
			return
		}
	}
	for field, value := range keys {
		if value != "" {
			w.seen[w.hash(field, value)] = true
		}
	}
}

func (w *worker) hash(field, value string) uint64 {
	return binary.BigEndian.Uint64(w.ix.Equal(field, value))
}

func (w *worker) column(target string) int {
	if i, has := w.c.at[target]; has {
		return i
	}
	return -1
}

// all does batch after batch.
func (w *worker) all(ctx context.Context) error {
	for {
		some, ended, err := w.read()
		if err != nil {
			return err
		}
		if len(some) > 0 {
			if err := w.batch(ctx, some); err != nil {
				return err
			}
		}
		if ended {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// read reads the next rows.
func (w *worker) read() (some []*person, ended bool, err error) {
	for size := 0; len(some) < batchRows && size < batchBytes; {
		one, err := w.rows.read()
		if errors.Is(err, io.EOF) {
			return some, true, nil
		}
		if err != nil {
			return nil, false, err
		}
		if one.number > MaxRows+int64(w.r.stored.Skip)+1 {
			return nil, false, errTooMany
		}
		for _, cell := range one.cells {
			size += len(cell)
		}
		p := w.c.person(one)
		w.first(p)
		some = append(some, p)
	}
	return some, false, nil
}

// batch decides about some rows and, unless it is a dry run, does it.
func (w *worker) batch(ctx context.Context, some []*person) error {
	said := make([]int, len(some))
	for i, p := range some {
		said[i] = len(p.problems)
	}
	for range tries {
		for i, p := range some {
			p.problems = p.problems[:said[i]]
		}
		err := w.try(ctx, some)
		if e := fault.As(err); e != nil && (e.Code == "changed_meanwhile" || e.Code == "external_id_taken") {
			clear(w.companies)
			continue
		}
		return err
	}
	return fault.Conflict("changed_meanwhile", "Others are changing the people of this import right now.")
}
