package search

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
)

// tokenSize is the length of a word's token in bytes.
const tokenSize = 8

var errToken = errors.New("search: a token has 8 bytes")

// Document is what can be found.
type Document struct {
	WorkspaceID string
	Kind        string // "message", "contact" and so on: a few words in all
	ID          string // of the thing found
	ParentID    string // of what it belongs to, such as the conversation; may be empty
	ContactID   string // the person it is about; may be empty
	Tokens      [][]byte
	At          time.Time // its place among the others; zero means now
}

// Hit is a document that matches.
type Hit struct {
	Doc                           int64 // the cursor: what is before it is older
	Kind, ID, ParentID, ContactID string
	At                            time.Time
}

// Deps is what a Store is made of.
type Deps struct {
	DB     *storage.DB
	Clock  clock.Clock
	Logger *slog.Logger // nil means slog.Default
}

// Store adds, removes and finds documents. It is safe for concurrent use.
type Store struct {
	db       *storage.DB
	clock    clock.Clock
	log      *slog.Logger
	counter  atomic.Uint64
	gatherer *gatherer
	indexer  *indexer
}

// New makes a store. On SQLite, call Start to have the indexer run.
func New(d Deps) *Store {
	if d.Logger == nil {
		d.Logger = slog.Default()
	}
	s := &Store{db: d.DB, clock: d.Clock, log: d.Logger}
	s.counter.Store(rand.Uint64()) //nolint:gosec // not a secret: keeps nodes apart
	s.indexer = newIndexer(s)
	s.gatherer = &gatherer{s}
	return s
}

// epoch is the year that document numbers count from.
var epoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

// counterBits are the low bits of a number, below the milliseconds. 42 bits of
// those reach to the year 2159.
const counterBits = 21

// number gives a document number for a moment: milliseconds, then a counter that
// begins anywhere. Two nodes can, rarely, come to the same number; see insertDocs.
func (s *Store) number(at time.Time) int64 {
	ms := min(max(at.UnixMilli()-epoch, 0), 1<<(63-counterBits)-1)
	return ms<<counterBits | int64(s.counter.Add(1)%(1<<counterBits))
}

// Add makes the document found once the transaction has committed. It does not
// replace: see Replace.
func (s *Store) Add(tx *storage.Tx, d Document) error {
	if d.At.IsZero() {
		d.At = s.clock.Now()
	}
	tokens := make([]byte, 0, tokenSize*(len(d.Tokens)+1))
	for _, token := range d.Tokens {
		if len(token) != tokenSize {
			return errToken
		}
		tokens = append(tokens, token...)
	}
	tokens = append(tokens, kindToken(d.WorkspaceID, d.Kind)...)
	d.Tokens = nil
	tx.Defer(s.gatherer, &addition{number: s.number(d.At), doc: d, tokens: tokens})
	return nil
}

// Replace is Remove and Add in one: for what changes, such as a contact's name.
func (s *Store) Replace(tx *storage.Tx, d Document) error {
	if err := s.Remove(tx, d.WorkspaceID, d.Kind, d.ID); err != nil {
		return err
	}
	return s.Add(tx, d)
}

// Remove removes the document, if there is one, from the index and from what is
// waiting for it.
func (s *Store) Remove(tx *storage.Tx, workspaceID, kind, id string) error {
	_, err := s.remove(tx, &removal{workspace: workspaceID, kind: kind, id: id})
	return err
}

// RemoveContact removes all documents of a kind about the person, and says how many.
// Refs is SQL that gives their ids, with the workspace as $1 and the contact as $2:
// whoever has the documents finds them by an index of their own, so that here none
// by contact is written with every message. Call it before they are deleted.
func (s *Store) RemoveContact(tx *storage.Tx, workspaceID, contactID, kind, refs string) (int64, error) {
	return s.remove(tx, &removal{workspace: workspaceID, contact: contactID, kind: kind, refs: refs})
}

// RemoveAll removes the documents with these ids, which earlier commits added: it
// leaves no word for what is on its way in the same one.
func (s *Store) RemoveAll(tx *storage.Tx, workspaceID, kind string, ids []string) error {
	for from, to := range storage.Chunks(len(ids), 1) {
		some := ids[from:to]
		args := make([]any, 0, 2+len(some))
		args = append(args, workspaceID, kind)
		marks := make([]string, len(some))
		for i, id := range some {
			args = append(args, id)
			marks[i] = "$" + strconv.Itoa(i+3)
		}
		which := ` WHERE workspace_id = $1 AND kind = $2 AND ref_id IN (` + strings.Join(marks, ", ") + `)`
		if tx.Engine() == storage.SQLite {
			for _, waiting := range []string{`search_words WHERE rowid`, `search_pending WHERE doc`} {
				if _, err := tx.Exec(`DELETE FROM `+waiting+` IN (SELECT doc FROM search_docs`+which+`)`, args...); err != nil {
					return err
				}
			}
		}
		if _, err := tx.Exec(`DELETE FROM search_docs`+which, args...); err != nil {
			return err
		}
	}
	return nil
}

// removal is a Remove, or with a contact a RemoveContact.
type removal struct{ workspace, kind, id, contact, refs string }

func (r *removal) covers(d *Document) bool {
	if r.workspace != d.WorkspaceID {
		return false
	}
	if r.contact != "" {
		return r.contact == d.ContactID && r.kind == d.Kind
	}
	return r.kind == d.Kind && r.id == d.ID
}

const byRef = ` WHERE workspace_id = $1 AND kind = $2 AND ref_id = $3`

// remove deletes what is there, and leaves word for what is on its way there in
// the same commit.
func (s *Store) remove(tx *storage.Tx, r *removal) (n int64, err error) {
	where, args := byRef, []any{r.workspace, r.kind, r.id}
	if r.refs != "" {
		if r.contact == "" { // of nobody is not of everybody
			return 0, nil
		}
		where, args = ` WHERE workspace_id = $1 AND contact_id = $2 AND kind = $3 AND ref_id IN (`+r.refs+`)`, []any{r.workspace, r.contact, r.kind}
	}
	which := ` (SELECT doc FROM search_docs` + where + `)`
	if tx.Engine() == storage.SQLite {
		if _, err := tx.Exec(`DELETE FROM search_words WHERE rowid IN`+which, args...); err != nil {
			return 0, err
		}
		if _, err := tx.Exec(`DELETE FROM search_pending WHERE doc IN`+which, args...); err != nil {
			return 0, err
		}
	}
	n, err = tx.Exec(`DELETE FROM search_docs`+where, args...)
	if err != nil {
		return 0, err
	}
	tx.Defer(s.gatherer, r)
	return n, nil
}
