package search

import (
	"fmt"
	"slices"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
)

// addition is a document on its way into the tables.
type addition struct {
	number int64
	doc    Document
	tokens []byte // 8 bytes each, without anything between
}

// gatherer writes the documents of all transactions that share a commit.
type gatherer struct{ s *Store }

// Flush writes the items in which no later item of the same commit takes
// something back: a removal deletes rows when it is called, which is before these
// are written.
func (g *gatherer) Flush(tx *storage.Tx, items []any) error {
	added := make([]*addition, 0, len(items))
	for _, item := range items {
		switch item := item.(type) {
		case *addition:
			added = append(added, item)
		case *removal:
			added = slices.DeleteFunc(added, func(a *addition) bool { return item.covers(&a.doc) })
		}
	}
	insert := insertPostgres
	if tx.Engine() == storage.SQLite {
		insert = insertSQLite
		tx.OnCommit(func() { g.s.indexer.notice(len(added)) })
	}
	for from, to := range storage.Chunks(len(added), columns) {
		if err := g.s.insertDocs(tx, added[from:to], insert); err != nil {
			return err
		}
	}
	return nil
}

const (
	columns     = 8 // of a document, at most
	maxRenumber = 8
)

// insertDocs writes documents, and gives those another number whose number is
// taken: by another node, or by a document of the same moment from another run.
func (s *Store) insertDocs(tx *storage.Tx, some []*addition, insert func(*storage.Tx, []*addition) (int64, error)) error {
	rest := some
	for range maxRenumber {
		n, err := insert(tx, rest)
		if err != nil {
			return err
		}
		if n < int64(len(rest)) {
			rest, err = notWritten(tx, rest)
		} else {
			rest = nil
		}
		if err != nil {
			return err
		}
		if len(rest) == 0 {
			return insertPending(tx, some)
		}
		for _, a := range rest {
			a.number = s.number(a.doc.At)
		}
	}
	return fmt.Errorf("search: no free number was found in %d tries", maxRenumber)
}

// notWritten gives those whose number belongs to another document.
func notWritten(tx *storage.Tx, some []*addition) ([]*addition, error) {
	var rest []*addition
	for _, a := range some {
		var mine int
		err := tx.QueryRow(`SELECT count(*) FROM search_docs WHERE workspace_id = $1 AND doc = $2 AND kind = $3 AND ref_id = $4`,
			a.doc.WorkspaceID, a.number, a.doc.Kind, a.doc.ID).Scan(&mine)
		if err != nil {
			return nil, err
		}
		if mine == 0 {
			rest = append(rest, a)
		}
	}
	return rest, nil
}

func insertSQLite(tx *storage.Tx, some []*addition) (int64, error) {
	args := make([]any, 0, 7*len(some))
	for _, a := range some {
		d := &a.doc
		args = append(args, a.number, d.WorkspaceID, d.Kind, d.ID, d.ParentID, d.ContactID, clock.Micros(d.At))
	}
	return tx.Exec(`INSERT INTO search_docs (doc, workspace_id, kind, ref_id, parent_id, contact_id, at) VALUES `+
		storage.Values(len(some), 7)+` ON CONFLICT (doc) DO NOTHING`, args...)
}

// insertPending leaves the tokens for the indexer. On PostgreSQL they are in the
// rows already.
func insertPending(tx *storage.Tx, some []*addition) error {
	if tx.Engine() != storage.SQLite {
		return nil
	}
	args := make([]any, 0, 2*len(some))
	for _, a := range some {
		args = append(args, a.number, a.tokens)
	}
	_, err := tx.Exec(`INSERT INTO search_pending (doc, tokens) VALUES `+storage.Values(len(some), 2), args...)
	return err
}

func insertPostgres(tx *storage.Tx, some []*addition) (int64, error) {
	args := make([]any, 0, 8*len(some))
	for _, a := range some {
		d := &a.doc
		args = append(args, a.number, d.WorkspaceID, d.Kind, d.ID, d.ParentID, d.ContactID, clock.Micros(d.At), spell(a.tokens))
	}
	return tx.Exec(`INSERT INTO search_docs (doc, workspace_id, kind, ref_id, parent_id, contact_id, at, tokens) VALUES `+
		storage.Values(len(some), 8)+` ON CONFLICT (workspace_id, doc) DO NOTHING`, args...)
}
