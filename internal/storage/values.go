package storage

import (
	"iter"
	"math/bits"
	"strconv"
	"strings"
	"sync"
)

const (
	maxChunkRows = 64    // rows of one INSERT at most
	maxArguments = 32000 // of one statement; SQLite's limit is 32766, PostgreSQL's 65535
)

type shape struct{ rows, cols int }

var valuesTexts sync.Map // shape → string

// Values gives the text ($1,$2),($3,$4) for an INSERT of so many rows and
// columns, both at least 1. The texts are kept; [Chunks] keeps them few.
func Values(rows, cols int) string {
	key := shape{rows, cols}
	if text, ok := valuesTexts.Load(key); ok {
		return text.(string)
	}
	var b strings.Builder
	for i := range rows * cols {
		switch {
		case i == 0:
			b.WriteString("($")
		case i%cols == 0:
			b.WriteString("),($")
		default:
			b.WriteString(",$")
		}
		b.WriteString(strconv.Itoa(i + 1))
	}
	b.WriteString(")")
	valuesTexts.Store(key, b.String())
	return b.String()
}

// Chunks cuts n rows into runs whose lengths are powers of two, so that few
// different statements are prepared: 100 rows become 64, 32 and 4. It gives the
// bounds of each run, for use as rows[from:to].
func Chunks(n, cols int) iter.Seq2[int, int] {
	return func(yield func(from, to int) bool) {
		most := min(maxChunkRows, floorPower(maxArguments/max(cols, 1)))
		for from := 0; from < n; {
			to := from + min(most, floorPower(n-from))
			if !yield(from, to) {
				return
			}
			from = to
		}
	}
}

// floorPower gives the highest power of two that is not above n.
func floorPower(n int) int { return 1 << (bits.Len(uint(n)) - 1) }

// InsertRows inserts many rows with few statements: head up to VALUES, the rows,
// and tail, which may be an ON CONFLICT clause without arguments or empty. args
// holds cols values for each row, one row after the other. It gives the number
// of rows inserted or changed.
//
//	storage.InsertRows(tx, "INSERT INTO tags (workspace_id, tag) VALUES ", 2, args, " ON CONFLICT DO NOTHING")
func InsertRows(tx *Tx, head string, cols int, args []any, tail string) (int64, error) {
	var changed int64
	for from, to := range Chunks(len(args)/cols, cols) {
		n, err := tx.Exec(head+Values(to-from, cols)+tail, args[from*cols:to*cols]...)
		if err != nil {
			return changed, err
		}
		changed += n
	}
	return changed, nil
}
