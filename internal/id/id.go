package id

import (
	"encoding/binary"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// The prefixes, one a kind of thing. They are part of the API's contract.
const (
	Workspace    = "wsp"
	Operator     = "opr"
	APIKey       = "key"
	Contact      = "con"
	Conversation = "cnv"
	Message      = "msg"
	Event        = "evt"
	Consent      = "cns"
	Request      = "req"
	Erasure      = "ers"
	Audit        = "aud"
	Basis        = "bas"
	Objection    = "obj"
	Restriction  = "rst"
	LegalHold    = "hld"
	Rectified    = "rct"
	Mail         = "mai"
	RetentionRun = "rtr"
	Board        = "brd"
	Post         = "pst"
	Comment      = "cmt"
	BoardImport  = "bim" // of another feedback board
	Changelog    = "chg" // an entry of the changelog
	Segment      = "seg"
	Company      = "cmp"
	CompanyEdit  = "cce" // a change of a company
	Activity     = "act" // something that a contact did
	Device       = "dev" // what was kept of a contact's browser
	Import       = "imp"
	Merge        = "mrg"
	BulkJob      = "blk"
	Revision     = "rev" // of a post
	File         = "fil" // that somebody attached
	Note         = "nte" // of operators, about a contact
	BlockEntry   = "blo" // an address, domain or network that is not let in
)

const (
	alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	bodyLen  = 26
)

// Source makes identifiers.
type Source interface {
	New(prefix string) string
}

// System makes identifiers from the machine's clock and random source.
type System struct{}

// New gives a fresh identifier with the prefix.
func (System) New(prefix string) string { return New(prefix) }

// New gives a fresh identifier with the prefix. Within a process each is larger
// than the one before.
func New(prefix string) string {
	u, err := uuid.NewV7()
	if err != nil {
		panic("id: the random source of the machine failed: " + err.Error())
	}
	return encode(prefix, u)
}

// Valid tells whether s is an identifier with the prefix.
func Valid(prefix, s string) bool {
	body, ok := strings.CutPrefix(s, prefix+"_")
	if !ok || len(body) != bodyLen || body[0] > '7' {
		return false
	}
	for i := range len(body) {
		if strings.IndexByte(alphabet, body[i]) < 0 {
			return false
		}
	}
	return true
}

// encode writes 128 bits as 26 digits of 5 bits, the first of 3.
func encode(prefix string, u [16]byte) string {
	hi, lo := binary.BigEndian.Uint64(u[:8]), binary.BigEndian.Uint64(u[8:])
	buf := make([]byte, len(prefix)+1+bodyLen)
	n := copy(buf, prefix)
	buf[n] = '_'
	for i := len(buf) - 1; i > n; i-- {
		buf[i] = alphabet[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
	return string(buf)
}

// Fake makes the same identifiers in every run, each larger than the one before.
// It is safe for concurrent use.
type Fake struct {
	mu   sync.Mutex
	next uint64
	base uint64
}

// NewFake gives a source whose identifiers start at a moment.
func NewFake(start time.Time) *Fake {
	return &Fake{base: uint64(start.UnixMilli())<<16 | 7<<12}
}

// New gives the next identifier with the prefix.
func (f *Fake) New(prefix string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next++
	var u [16]byte
	binary.BigEndian.PutUint64(u[:8], f.base)
	binary.BigEndian.PutUint64(u[8:], 1<<63|f.next)
	return encode(prefix, u)
}
