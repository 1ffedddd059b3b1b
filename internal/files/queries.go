package files

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/blob"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Row is a file as it is stored. Its name is empty until it is opened.
type Row struct {
	File
	ScopeID, RootID, ParentID string
	ContactID                 string // whose key seals it; empty: the workspace's
	authorType, authorID      string
	name, key                 []byte // sealed
	content                   []byte // the key of its bytes, once it is opened
}

const fileColumns = `id, scope_id, root_id, parent_id, COALESCE(contact_id, ''), author_type, author_id, name_sealed, key_sealed, type, size, width, height, created_at`

func scanRow(row interface{ Scan(dest ...any) error }) (r Row, err error) {
	var created int64
	err = row.Scan(&r.ID, &r.ScopeID, &r.RootID, &r.ParentID, &r.ContactID, &r.authorType, &r.authorID, &r.name, &r.key, &r.Type, &r.Size, &r.Width, &r.Height, &created)
	r.CreatedAt = clock.FromMicros(created)
	return r, err
}

// Open opens a file's name, and the key of its bytes.
func (r *Row) Open(key *vault.Key) error {
	name, err := key.Open(namePlace(r.ID), r.name)
	if err == nil {
		r.content, err = key.Open(keyPlace(r.ID), r.key)
	}
	r.Name = string(name)
	return fault.Wrap("open "+r.ID, err)
}

// IsBy tells whether somebody uploaded it.
func (r *Row) IsBy(a actor.Actor) bool { return r.authorID == a.ID && r.authorType == string(a.Type) }

const selectFile = `SELECT ` + fileColumns + ` FROM files WHERE workspace_id = $1 AND id = $2`

// Load gives a file of a workspace.
func Load(tx *storage.Tx, workspaceID, fileID string) (Row, error) {
	r, err := scanRow(tx.QueryRow(selectFile, workspaceID, fileID))
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.NotFound("file")
	}
	return r, err
}

// Content gives an opened file's bytes for reading; close it.
func (s *Service) Content(ctx context.Context, workspaceID string, r *Row) *blob.File {
	return blob.Sealed{Store: s.Store}.Open(ctx, blobName(workspaceID, r.ID), r.content, r.Size)
}

const selectSome = `SELECT ` + fileColumns + ` FROM files WHERE workspace_id = $1 AND id IN (`

func load(tx *storage.Tx, workspaceID string, ids []string) ([]Row, error) {
	return rowsOf(tx, selectSome+marks(2, len(ids))+`)`, append([]any{workspaceID}, anys(ids)...)...)
}

const selectUnder = `SELECT ` + fileColumns + ` FROM files WHERE workspace_id = $1 AND root_id IN (`

// Under gives the files of some parents under some roots, each in their order.
func Under(tx *storage.Tx, workspaceID string, roots, parents []string) ([]Row, error) {
	if len(parents) == 0 {
		return nil, nil
	}
	return rowsOf(tx, selectUnder+marks(2, len(roots))+`) AND parent_id IN (`+marks(2+len(roots), len(parents))+`) ORDER BY parent_id, position, id`,
		append(append([]any{workspaceID}, anys(roots)...), anys(parents)...)...)
}

const selectAttached = `SELECT id FROM files WHERE workspace_id = $1 AND root_id = $2 AND parent_id = $3 ORDER BY position, id`

// attached gives the ids of what is attached to a target already.
func attached(tx *storage.Tx, workspaceID string, to Target) ([]string, error) {
	if to.ParentID == "" {
		return nil, nil
	}
	return texts(tx, selectAttached, workspaceID, to.RootID, to.ParentID)
}

const (
	ofRoot   = `workspace_id = $1 AND root_id = $2`
	ofParent = ofRoot + ` AND parent_id = $3`
)

// Drop removes all files that go with a root.
func (s *Service) Drop(tx *storage.Tx, workspaceID, rootID string) error {
	_, err := s.remove(tx, ofRoot, workspaceID, rootID)
	return err
}

// DropOf removes the files of one parent.
func (s *Service) DropOf(tx *storage.Tx, workspaceID, rootID, parentID string) error {
	_, err := s.remove(tx, ofParent, workspaceID, rootID, parentID)
	return err
}

// remove is the function of that name, which has the bytes removed at once.
func (s *Service) remove(tx *storage.Tx, which string, args ...any) (int64, error) {
	n, err := remove(tx, which, args...)
	if n > 0 {
		tx.OnCommit(s.Wake)
	}
	return n, err
}

// remove takes rows away and notes that their bytes are to go: since they were made,
// which is at once.
func remove(tx *storage.Tx, which string, args ...any) (int64, error) {
	_, err := tx.Exec(`INSERT INTO file_removals (workspace_id, id, due_at) SELECT workspace_id, id, created_at FROM files WHERE `+which+`
		ON CONFLICT (workspace_id, id) DO NOTHING`, args...)
	if err != nil {
		return 0, err
	}
	return tx.Exec(`DELETE FROM files WHERE `+which, args...)
}

func rowsOf(tx *storage.Tx, query string, args ...any) (out []Row, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		r, err := scanRow(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

func texts(tx *storage.Tx, query string, args ...any) (out []string, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	return out, rows.Err()
}

func anys(texts []string) []any {
	out := make([]any, len(texts))
	for i, t := range texts {
		out[i] = t
	}
	return out
}

// marks gives n placeholders, the first of which has this number.
func marks(first, n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = "$" + strconv.Itoa(first+i)
	}
	return strings.Join(slices.Clip(all), ", ")
}
