package search

import (
	"bytes"
	"database/sql"
	"math"
	"slices"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
)

// Query finds the newest documents of the workspace that have all of the tokens
// and are of one of the kinds, or of any kind if none is given: at most limit of
// them, newest first, and only those before the cursor, which is a Hit's Doc, or 0
// to begin with. Without a token nothing is found.
func (s *Store) Query(tx *storage.Tx, workspaceID string, tokens [][]byte, kinds []string, before int64, limit int) ([]Hit, error) {
	if len(tokens) == 0 || limit <= 0 {
		return nil, nil
	}
	for _, token := range tokens {
		if len(token) != tokenSize {
			return nil, errToken
		}
	}
	if before <= 0 {
		before = math.MaxInt64
	}
	if tx.Engine() == storage.Postgres {
		return queryPostgres(tx, workspaceID, tokens, kinds, before, limit)
	}
	hits, err := queryWords(tx, workspaceID, tokens, kinds, before, limit)
	if err != nil {
		return nil, err
	}
	pending, err := queryPending(tx, workspaceID, tokens, kinds, before, limit)
	if err != nil || len(pending) == 0 {
		return hits, err
	}
	hits = append(hits, pending...)
	slices.SortFunc(hits, func(a, b Hit) int { return int(min(max(b.Doc-a.Doc, -1), 1)) })
	return hits[:min(limit, len(hits))], nil
}

// The index is read in the order of documents, so that a limit ends the reading;
// CROSS JOIN keeps SQLite from beginning with the other table.
const wordsQuery = `SELECT d.doc, d.kind, d.ref_id, d.parent_id, d.contact_id, d.at
	FROM search_words w CROSS JOIN search_docs d ON d.doc = w.rowid
	WHERE w.search_words MATCH $1 AND w.rowid < $2 AND d.workspace_id = $3
	ORDER BY w.rowid DESC LIMIT $4`

func queryWords(tx *storage.Tx, workspaceID string, tokens [][]byte, kinds []string, before int64, limit int) ([]Hit, error) {
	rows, err := tx.Query(wordsQuery, expression(workspaceID, tokens, kinds, " AND ", " OR "), before, workspaceID, limit)
	if err != nil {
		return nil, err
	}
	return scanHits(rows)
}

// customPlan has PostgreSQL look at the words before it decides between the index
// of words and the order of documents: for a rare word the one is right, for a
// common one the other.
const customPlan = `SET LOCAL plan_cache_mode = force_custom_plan`

const vectorQuery = `SELECT doc, kind, ref_id, parent_id, contact_id, at FROM search_docs
	WHERE workspace_id = $1 AND tokens @@ CAST($2 AS tsquery) AND doc < $3 ORDER BY doc DESC LIMIT $4`

func queryPostgres(tx *storage.Tx, workspaceID string, tokens [][]byte, kinds []string, before int64, limit int) ([]Hit, error) {
	if _, err := tx.Exec(customPlan); err != nil {
		return nil, err
	}
	rows, err := tx.Query(vectorQuery, workspaceID, expression(workspaceID, tokens, kinds, " & ", " | "), before, limit)
	if err != nil {
		return nil, err
	}
	return scanHits(rows)
}

func scanHits(rows *sql.Rows) ([]Hit, error) {
	defer rows.Close()
	var hits []Hit
	for rows.Next() {
		var h Hit
		var at int64
		if err := rows.Scan(&h.Doc, &h.Kind, &h.ID, &h.ParentID, &h.ContactID, &at); err != nil {
			return nil, err
		}
		h.At = clock.FromMicros(at)
		hits = append(hits, h)
	}
	return hits, rows.Err()
}

// pendingQuery lets SQLite pass over what does not have the first token; the rest
// is compared here.
const pendingQuery = `SELECT d.doc, d.kind, d.ref_id, d.parent_id, d.contact_id, d.at, p.tokens
	FROM search_pending p CROSS JOIN search_docs d ON d.doc = p.doc
	WHERE p.doc < $1 AND instr(p.tokens, $2) > 0 AND d.workspace_id = $3
	ORDER BY p.doc DESC`

func queryPending(tx *storage.Tx, workspaceID string, tokens [][]byte, kinds []string, before int64, limit int) ([]Hit, error) {
	rows, err := tx.Query(pendingQuery, before, tokens[0], workspaceID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var hits []Hit
	for len(hits) < limit && rows.Next() {
		var h Hit
		var at int64
		var has sql.RawBytes
		if err := rows.Scan(&h.Doc, &h.Kind, &h.ID, &h.ParentID, &h.ContactID, &at, &has); err != nil {
			return nil, err
		}
		if hasAll(has, tokens) && (len(kinds) == 0 || slices.Contains(kinds, h.Kind)) {
			h.At = clock.FromMicros(at)
			hits = append(hits, h)
		}
	}
	return hits, rows.Err()
}

// hasAll tells whether all of the tokens are in the list.
func hasAll(list []byte, tokens [][]byte) bool {
	for _, token := range tokens {
		found := false
		for rest := list; len(rest) >= tokenSize && !found; rest = rest[tokenSize:] {
			found = bytes.Equal(rest[:tokenSize], token)
		}
		if !found {
			return false
		}
	}
	return true
}
