package imports

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"
)

// The bounds of a table.
const (
	maxRowBytes = 1 << 20
	maxColumns  = 500
	maxBroken   = 100 // rows with a quote that is never closed
)

// errTooBroken says that a file has no end of quotes that are not closed.
var errTooBroken = errors.New("imports: too many rows whose quotes are not closed")

// row is one row of a table.
type row struct {
	number  int64 // as a spreadsheet counts, from 1
	cells   []string
	problem string // why the row cannot be read at all, or ""
}

// reader reads rows, one at a time: it holds one row and no more. A row that cannot
// be read is given with its problem, and the next ones are read all the same.
type reader struct {
	in     *bufio.Reader
	back   []byte // to be read again, before in
	comma  byte
	quotes bool
	number int64
	broken int
	endCR  bool // the last row ended with CR: a LF that follows belongs to it

	raw, cell []byte
	row       row
	wide      bool
	quoted    bool // inside quotes
	closed    bool // after the quote that closes a cell
	begun     bool // the cell has begun
}

func newReader(text io.Reader, separator string, quotes bool) *reader {
	comma := byte(',')
	if separator != "" {
		comma = separator[0]
	}
	return &reader{in: bufio.NewReaderSize(text, 64<<10), comma: comma, quotes: quotes}
}

func (r *reader) next() (byte, error) {
	if len(r.back) > 0 {
		b := r.back[0]
		r.back = r.back[1:]
		return b, nil
	}
	return r.in.ReadByte()
}

// read gives the next row that is not empty, or io.EOF.
func (r *reader) read() (row, error) {
	for {
		out, err := r.one()
		if err != nil {
			return out, err
		}
		if out.problem != "" || len(out.cells) > 1 || len(out.cells) == 1 && out.cells[0] != "" {
			return out, nil
		}
	}
}

func (r *reader) one() (row, error) {
	r.number++
	r.raw, r.cell = r.raw[:0], r.cell[:0]
	r.row, r.wide, r.quoted, r.closed, r.begun = row{number: r.number}, false, false, false, false
	for {
		b, err := r.next()
		if errors.Is(err, io.EOF) {
			if r.quoted {
				return r.unclosed()
			}
			if len(r.raw) == 0 {
				return row{}, io.EOF
			}
			return r.finish(), nil
		}
		if err != nil {
			return row{}, err
		}
		if r.endCR {
			if r.endCR = false; b == '\n' {
				continue
			}
		}
		r.raw = append(r.raw, b)
		if len(r.raw) > maxRowBytes {
			if r.quoted {
				return r.unclosed()
			}
			return r.tooLong(b)
		}
		if r.take(b) {
			return r.finish(), nil
		}
	}
}

// take adds a byte to the row, and tells whether it ended it.
func (r *reader) take(b byte) bool {
	switch {
	case r.quoted && b == '"':
		r.quoted, r.closed = false, true
	case r.quoted:
		r.cell = append(r.cell, b)
	case r.closed && b == '"': // two quotes in a quoted cell are one
		r.cell = append(r.cell, b)
		r.quoted, r.closed = true, false
	case b == r.comma:
		r.endCell()
	case b == '\n' || b == '\r':
		r.endCR = b == '\r'
		return true
	case b == '"' && r.quotes && !r.begun:
		r.quoted, r.begun = true, true
	default:
		r.cell, r.begun = append(r.cell, b), true
	}
	return false
}

func (r *reader) endCell() {
	if len(r.row.cells) >= maxColumns {
		r.wide = true
	} else {
		r.row.cells = append(r.row.cells, string(r.cell))
	}
	r.cell, r.begun, r.closed = r.cell[:0], false, false
}

func (r *reader) finish() row {
	r.endCell()
	raw := r.raw
	switch {
	case r.wide:
		r.row.problem = "has more than 500 columns"
	case bytes.IndexByte(raw, 0) >= 0:
		r.row.problem = "holds null characters, which are no text"
	case !utf8.Valid(raw):
		r.row.problem = "holds bytes that are wrong in this encoding; choose another"
	}
	return r.row
}

// tooLong passes over the rest of a row; last is what was read of it.
func (r *reader) tooLong(last byte) (row, error) {
	r.row.cells, r.row.problem = nil, "is longer than 1 MB"
	for last != '\n' && last != '\r' {
		var err error
		if last, err = r.next(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return row{}, err
		}
	}
	r.endCR = last == '\r'
	return r.row, nil
}

// unclosed gives up on a row whose quote is opened and not closed, and goes on with
// the line that follows its first one: nothing but that line is lost.
func (r *reader) unclosed() (row, error) {
	if r.broken++; r.broken > maxBroken {
		return row{}, errTooBroken
	}
	end := bytes.IndexAny(r.raw, "\r\n")
	if end < 0 {
		return r.tooLong(0)
	}
	r.row.cells, r.row.problem = nil, "opens a quote and does not close it"
	r.endCR = r.raw[end] == '\r'
	r.back = append(bytes.Clone(r.raw[end+1:]), r.back...)
	return r.row, nil
}
