package sse

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// MaxFrame is the most bytes that the data of a frame, or a line, may have.
const MaxFrame = 4 << 20

// ErrTooLong says that a frame or line has more than MaxFrame bytes.
var ErrTooLong = errors.New("sse: a frame is too long")

// Frame is one event, or a comment.
type Frame struct {
	ID      string // the last id that the stream has set, which may be an earlier frame's
	HasID   bool   // the frame itself has an id
	Event   string // "message" if the stream does not say
	Data    []byte // lines joined by \n
	Comment bool   // a block without data, such as a heartbeat
}

// Reader splits a stream into frames.
type Reader struct {
	lines  *bufio.Reader
	lastID string
	begun  bool
	skipLF bool // the last line ended with \r; a \n that follows belongs to it
}

// NewReader gives a reader of r.
func NewReader(r io.Reader) *Reader { return &Reader{lines: bufio.NewReader(r)} }

// LastID gives the last id that the stream has set.
func (r *Reader) LastID() string { return r.lastID }

// Next gives the next frame. At the end of the stream it gives io.EOF; a frame that
// was cut off by the end is dropped, as the standard has it. Blocks without data
// come as comments.
func (r *Reader) Next() (Frame, error) {
	f := Frame{Event: "message"}
	data, filled := []byte(nil), false
	for empty := true; ; {
		line, err := r.line()
		switch {
		case err != nil:
			return Frame{}, err
		case len(line) == 0 && empty:
			continue
		case len(line) == 0:
			f.ID, f.Data, f.Comment = r.lastID, data, !filled
			return f, nil
		}
		empty = false
		name, value := cut(line)
		switch string(name) {
		case "data":
			if filled {
				data = append(data, '\n')
			}
			data, filled = append(data, value...), true
			if len(data) > MaxFrame {
				return Frame{}, ErrTooLong
			}
		case "event":
			if f.Event = "message"; len(value) > 0 {
				f.Event = string(value)
			}
		case "id":
			if !bytes.ContainsRune(value, 0) {
				r.lastID, f.HasID = string(value), true
			}
		}
	}
}

// cut splits a line at its first colon and takes one space off the value. A
// comment has an empty name.
func cut(line []byte) (name, value []byte) {
	name, value, _ = bytes.Cut(line, []byte{':'})
	return name, bytes.TrimPrefix(value, []byte{' '})
}

// line gives the next line without its ending: \n, \r\n or \r.
func (r *Reader) line() ([]byte, error) {
	var line []byte
	for {
		b, err := r.lines.ReadByte()
		if err != nil {
			return nil, err
		}
		if r.skipLF {
			r.skipLF = false
			if b == '\n' {
				continue
			}
		}
		if b == '\n' || b == '\r' {
			r.skipLF = b == '\r'
			return r.first(line), nil
		}
		if line = append(line, b); len(line) > MaxFrame {
			return nil, ErrTooLong
		}
	}
}

// first takes the byte order mark off the stream's first line.
func (r *Reader) first(line []byte) []byte {
	if !r.begun {
		r.begun = true
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
	}
	return line
}
