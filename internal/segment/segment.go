package segment

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/vault"
)

const (
	maxName     = 100
	maxSegments = 500 // of a workspace
)

// Segment is a named filter.
type Segment struct {
	ID        string    `json:"id" example:"seg_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	Name      string    `json:"name"`
	Filter    Filter    `json:"filter"`
	Problem   string    `json:"problem" doc:"Why the segment cannot be used as it is, such as a field that was removed; empty if it can."`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// NewSegment is what it takes to add one.
type NewSegment struct {
	Name   string `json:"name" minLength:"1" maxLength:"100"`
	Filter Filter `json:"filter"`
}

// SegmentChange is what a caller wants changed: nil leaves it.
type SegmentChange struct {
	Name   *string `json:"name,omitempty" minLength:"1" maxLength:"100"`
	Filter *Filter `json:"filter,omitempty"`
}

// definition is the sealed part.
type definition struct {
	Name   string `json:"name"`
	Filter Filter `json:"filter"`
}

func checkName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > maxName || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }) {
		return "", fault.Invalid("name", "must have from 1 to 100 letters, on one line")
	}
	return name, nil
}

// row is a segment as it is stored.
type row struct {
	id               string
	sealed           []byte
	created, updated int64
}

func placeOf(id string) vault.Place {
	return vault.Place{Table: "segments", Column: "definition_sealed", Row: id}
}

func (d definition) seal(key *vault.Key, id string) ([]byte, error) {
	plain, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	return key.Seal(placeOf(id), plain), nil
}

func (r row) open(key *vault.Key) (Segment, error) {
	plain, err := key.Open(placeOf(r.id), r.sealed)
	if err != nil {
		return Segment{}, fault.Wrap("open segment "+r.id, err)
	}
	var d definition
	if err := json.Unmarshal(plain, &d); err != nil {
		return Segment{}, fault.Wrap("open segment "+r.id, err)
	}
	return Segment{ID: r.id, Name: d.Name, Filter: d.Filter, CreatedAt: clock.FromMicros(r.created), UpdatedAt: clock.FromMicros(r.updated)}, nil
}
