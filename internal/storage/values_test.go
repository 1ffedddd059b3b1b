package storage_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/botimum/botimum/internal/storage"
)

func TestValues(t *testing.T) {
	cases := []struct {
		rows, cols int
		want       string
	}{
		{1, 1, "($1)"},
		{1, 3, "($1,$2,$3)"},
		{3, 1, "($1),($2),($3)"},
		{2, 2, "($1,$2),($3,$4)"},
	}
	for _, c := range cases {
		for range 2 { // made, then kept
			if got := storage.Values(c.rows, c.cols); got != c.want {
				t.Errorf("Values(%d, %d) = %s, want %s", c.rows, c.cols, got, c.want)
			}
		}
	}
}

func TestChunksCoverAllRowsInPowersOfTwo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, cols := rapid.IntRange(0, 1000).Draw(t, "rows"), rapid.IntRange(1, 20000).Draw(t, "columns")
		next, last := 0, 1<<30
		for from, to := range storage.Chunks(n, cols) {
			size := to - from
			if from != next || size < 1 || size&(size-1) != 0 || size > last || size*cols > 32766 {
				t.Fatalf("after %d of %d rows of %d: %d to %d", next, n, cols, from, to)
			}
			next, last = to, size
		}
		if next != n {
			t.Fatalf("%d of %d rows were covered", next, n)
		}
	})
}

func TestInsertRows(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		var args []any
		var want []string
		for i := range 301 {
			id := fmt.Sprintf("%03d", i)
			args, want = append(args, id, strings.Repeat("x", i)), append(want, id)
		}
		insert := func() (n int64) {
			err := db.Write(t.Context(), func(tx *storage.Tx) (err error) {
				n, err = storage.InsertRows(tx, "INSERT INTO notes (id, body) VALUES ", 2, args, " ON CONFLICT DO NOTHING")
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if first, second := insert(), insert(); first != 301 || second != 0 {
			t.Errorf("inserted %d rows, then %d; want 301, then none", first, second)
		}
		if got := notes(t, db); !slices.Equal(got, want) {
			t.Errorf("%d notes are there, want %d", len(got), len(want))
		}
	})
}
