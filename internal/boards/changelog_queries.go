package boards

import (
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

const entryColumns = `e.id, e.board_id, e.title, e.body, COALESCE(e.publish_at, 0), COALESCE(e.announced_at, 0), e.author_type, e.author_id, e.created_at, e.updated_at`

func scanEntry(row interface{ Scan(dest ...any) error }) (Entry, error) {
	var e Entry
	var publish, announced, created, updated int64
	err := row.Scan(&e.ID, &e.BoardID, &e.Title, &e.Body, &publish, &announced, &e.Author.Type, &e.Author.ID, &created, &updated)
	e.PublishAt, e.AnnouncedAt, e.CreatedAt, e.UpdatedAt = pointer(publish), pointer(announced), clock.FromMicros(created), clock.FromMicros(updated)
	e.Slug, e.Categories, e.PostIDs = slugOf(e.Title), []string{}, []string{}
	return e, err
}

// entriesSQL gives entries, newest first: of one board or all, whatever their state.
func entriesSQL(board, category bool) string {
	q, n := `SELECT `+entryColumns+` FROM changelog_entries e WHERE e.workspace_id = $1 AND e.id < $2`, 3
	if board {
		q += fmt.Sprintf(` AND e.board_id = $%d`, n)
		n++
	}
	if category {
		q += fmt.Sprintf(inCategory, n)
		n++
	}
	return q + fmt.Sprintf(` ORDER BY e.id DESC LIMIT $%d`, n)
}

const inCategory = ` AND EXISTS (SELECT 1 FROM changelog_categories k WHERE k.workspace_id = e.workspace_id AND k.entry_id = e.id AND k.category = $%d)`

// publishedSQL gives what everybody may read on a board, newest publication first.
func publishedSQL(category bool) string {
	q, n := `SELECT `+entryColumns+` FROM changelog_entries e
	WHERE e.workspace_id = $1 AND e.board_id = $2 AND e.publish_at IS NOT NULL AND e.publish_at <= $3 AND (e.publish_at, e.id) < ($4, $5)`, 6
	if category {
		q += fmt.Sprintf(inCategory, n)
		n++
	}
	return q + fmt.Sprintf(` ORDER BY e.publish_at DESC, e.id DESC LIMIT $%d`, n)
}

const selectEntry = `SELECT ` + entryColumns + ` FROM changelog_entries e WHERE e.workspace_id = $1 AND e.id = $2`

func loadEntry(tx *storage.Tx, workspaceID, entryID string) (Entry, error) {
	e, err := scanEntry(tx.QueryRow(selectEntry, workspaceID, entryID))
	if errors.Is(err, sql.ErrNoRows) {
		return Entry{}, fault.NotFound("changelog entry")
	}
	if err != nil {
		return Entry{}, err
	}
	one := []Entry{e}
	err = fillEntries(tx, workspaceID, one)
	return one[0], err
}

// fillEntries adds what stands beside the entries: two queries, however many there are.
func fillEntries(tx *storage.Tx, workspaceID string, entries []Entry) error {
	if len(entries) == 0 {
		return nil
	}
	args, at := []any{workspaceID}, make(map[string]*Entry, len(entries))
	for i := range entries {
		args, at[entries[i].ID] = append(args, entries[i].ID), &entries[i]
	}
	in := marks(2, len(entries))
	type pair struct{ entry, value string }
	scan := func(rows *sql.Rows) (p pair, err error) { return p, rows.Scan(&p.entry, &p.value) }
	categories, err := queryAll(tx, scan, `SELECT entry_id, category FROM changelog_categories WHERE workspace_id = $1 AND entry_id IN (`+in+`) ORDER BY position`, args...)
	if err != nil {
		return err
	}
	for _, p := range categories {
		at[p.entry].Categories = append(at[p.entry].Categories, p.value)
	}
	posts, err := queryAll(tx, scan, `SELECT entry_id, post_id FROM changelog_posts WHERE workspace_id = $1 AND entry_id IN (`+in+`) ORDER BY position`, args...)
	for _, p := range posts {
		at[p.entry].PostIDs = append(at[p.entry].PostIDs, p.value)
	}
	return err
}

// marks gives n placeholders from a number on: $2,$3.
func marks(from, n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = "$" + strconv.Itoa(from+i)
	}
	return strings.Join(all, ",")
}

const insertEntry = `
	INSERT INTO changelog_entries (workspace_id, id, board_id, title, body, publish_at, author_type, author_id, created_at, updated_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

const updateEntry = `UPDATE changelog_entries SET title = $1, body = $2, publish_at = $3, updated_at = $4 WHERE workspace_id = $5 AND id = $6`

// storeBeside stores an entry's categories and posts. Posts that were closed stay so.
func storeBeside(tx *storage.Tx, workspaceID string, e *Entry) error {
	if _, err := tx.Exec(`DELETE FROM changelog_categories WHERE workspace_id = $1 AND entry_id = $2`, workspaceID, e.ID); err != nil {
		return err
	}
	for i, c := range e.Categories {
		_, err := tx.Exec(`INSERT INTO changelog_categories (workspace_id, entry_id, category, position) VALUES ($1, $2, $3, $4)`, workspaceID, e.ID, c, i)
		if err != nil {
			return err
		}
	}
	args := []any{workspaceID, e.ID}
	for _, id := range e.PostIDs {
		args = append(args, id)
	}
	gone := `DELETE FROM changelog_posts WHERE workspace_id = $1 AND entry_id = $2`
	if len(e.PostIDs) > 0 {
		gone += ` AND post_id NOT IN (` + marks(3, len(e.PostIDs)) + `)`
	}
	if _, err := tx.Exec(gone, args...); err != nil {
		return err
	}
	for i, id := range e.PostIDs {
		_, err := tx.Exec(`INSERT INTO changelog_posts (workspace_id, entry_id, post_id, position) VALUES ($1, $2, $3, $4)
			ON CONFLICT (workspace_id, entry_id, post_id) DO UPDATE SET position = excluded.position`, workspaceID, e.ID, id, i)
		if err != nil {
			return err
		}
	}
	return nil
}

const selectUnclosed = `SELECT post_id FROM changelog_posts WHERE workspace_id = $1 AND entry_id = $2 AND closed_at IS NULL ORDER BY post_id`

const selectDue = `SELECT workspace_id, id FROM changelog_entries WHERE announced_at IS NULL AND publish_at IS NOT NULL AND publish_at <= $1 ORDER BY publish_at LIMIT $2`
