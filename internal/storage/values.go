package storage

import (
	"strconv"
	"strings"
	"sync"
)

type shape struct{ rows, cols int }

var valuesTexts sync.Map // shape → string

// Values gives the text ($1,$2),($3,$4) for an INSERT of so many rows and
// columns. The texts are kept; [Chunks] keeps them few.
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
