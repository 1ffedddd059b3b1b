package segment

import (
	"encoding/binary"
	"errors"
	"slices"
)

// maxRun is how many people a run holds: so many that a million are a thousand rows
// of each attribute, so few that a change writes some kilobytes.
const maxRun = 1024

var errRun = errors.New("segment: a stored run cannot be read; have it made anew")

// run is people whose ids follow one another, and what they have of attributes that
// are not personal. A person's place in it is the position of all its sets.
type run struct {
	first   string   // where it begins; "" of a workspace's first
	ids     []string // in order
	visible set
	columns map[string]*column // those that were loaded
	stored  map[string][]byte  // as they are in the database
	there   bool               // whether it is stored
}

// appendIDs writes ids: what all begin with alike, and the rest of each.
func appendIDs(out []byte, ids []string) []byte {
	prefix := ""
	if len(ids) > 0 {
		prefix = common(ids[0], ids[len(ids)-1]) // of all: they are in order
	}
	out = binary.AppendUvarint(out, uint64(len(prefix)))
	out = append(out, prefix...)
	for _, id := range ids {
		out = binary.AppendUvarint(out, uint64(len(id)-len(prefix)))
		out = append(out, id[len(prefix):]...)
	}
	return out
}

func common(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

// readIDs reads what appendIDs wrote.
func readIDs(data []byte) ([]string, error) {
	prefix, data, ok := cutBytes(data)
	if !ok {
		return nil, errRun
	}
	var out []string
	buffer := slices.Clone(prefix)
	for len(data) > 0 {
		var rest []byte
		if rest, data, ok = cutBytes(data); !ok {
			return nil, errRun
		}
		out = append(out, string(append(buffer[:len(prefix)], rest...)))
	}
	return out, nil
}

// cutBytes takes bytes off whose number stands before them.
func cutBytes(data []byte) (taken, rest []byte, ok bool) {
	n, size := binary.Uvarint(data)
	if size <= 0 || n > uint64(len(data)-size) {
		return nil, nil, false
	}
	return data[size : size+int(n)], data[size+int(n):], true //nolint:gosec // n is below a length
}

// place gives where somebody stands, and whether they are there.
func (r *run) place(id string) (int, bool) { return slices.BinarySearch(r.ids, id) }

// rearrange makes the run hold other people. Whoever stays keeps what they had.
func (r *run) rearrange(ids []string) {
	places := make([]int, len(ids)) // where each was before; -1: nowhere
	visible := newSet(len(ids))
	for i, id := range ids {
		at, was := r.place(id)
		if !was {
			at = -1
		} else if r.visible.has(at) {
			visible.add(i)
		}
		places[i] = at
	}
	r.ids, r.visible = ids, visible
	for _, c := range r.columns {
		c.rearrange(places)
	}
}

// split cuts a run that has become too long. Who comes at the end of all leaves the
// runs before full; elsewhere the parts are alike, so that the next has room. All its
// columns have to be loaded.
func (r *run) split(atEnd bool) []*run {
	n := len(r.ids)
	parts := (n + maxRun - 1) / maxRun
	if parts <= 1 {
		return []*run{r}
	}
	size := maxRun
	if !atEnd {
		size = (n + parts - 1) / parts
	}
	var out []*run
	for from := 0; from < n; from += size {
		out = append(out, r.part(from, min(n, from+size)))
	}
	out[0].first, out[0].there, out[0].stored = r.first, r.there, r.stored
	return out
}

func (r *run) part(from, to int) *run {
	p := &run{first: r.ids[from], ids: r.ids[from:to], visible: newSet(to - from), columns: map[string]*column{}}
	for i := from; i < to; i++ {
		if r.visible.has(i) {
			p.visible.add(i - from)
		}
	}
	for key, c := range r.columns {
		p.columns[key] = c.part(from, to)
	}
	return p
}
