package imports

import (
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

const columns = `workspace_id, id, state, settings_sealed, bytes, reached_bytes, reached_row, tally, checked, undone, undo_cursor, why, actor_type, actor_id,
	COALESCE(file_until, 0), COALESCE(undo_until, 0), created_at, updated_at, COALESCE(queued_at, 0), COALESCE(started_at, 0), COALESCE(ended_at, 0)`

type scanner interface{ Scan(dest ...any) error }

func scan(from scanner) (*record, error) {
	var r record
	var tally, checked, undone string
	var file, undo, created, updated, queued, started, ended int64
	err := from.Scan(&r.workspaceID, &r.id, &r.state, &r.sealed, &r.bytes, &r.reached, &r.row, &tally, &checked, &undone, &r.cursor, &r.why, &r.by.Type, &r.by.ID,
		&file, &undo, &created, &updated, &queued, &started, &ended)
	if err != nil {
		return nil, err
	}
	r.fileUntil, r.undoUntil, r.created, r.updated = clock.FromMicros(file), clock.FromMicros(undo), clock.FromMicros(created), clock.FromMicros(updated)
	r.queued, r.started, r.ended = clock.FromMicros(queued), clock.FromMicros(started), clock.FromMicros(ended)
	if err := json.Unmarshal([]byte(tally), &r.tally); err != nil {
		return nil, err
	}
	if checked != "" {
		if err := json.Unmarshal([]byte(checked), &r.checked); err != nil {
			return nil, err
		}
	}
	if undone != "" {
		if err := json.Unmarshal([]byte(undone), &r.undone); err != nil {
			return nil, err
		}
	}
	return &r, nil
}

const selectOne = `SELECT ` + columns + ` FROM imports WHERE workspace_id = $1 AND id = $2`

func load(tx *storage.Tx, workspaceID, importID string) (*record, error) {
	r, err := scan(tx.QueryRow(selectOne, workspaceID, importID))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound("import")
	}
	if err == nil && !r.queued.IsZero() {
		r.ahead, err = aheadOf(tx, r)
	}
	return r, err
}

const countAhead = `SELECT COUNT(*) FROM imports WHERE workspace_id = $1 AND queued_at IS NOT NULL AND (queued_at < $2 OR queued_at = $2 AND id < $3)`

func aheadOf(tx *storage.Tx, r *record) (n int, err error) {
	err = tx.QueryRow(countAhead, r.workspaceID, clock.Micros(r.queued), r.id).Scan(&n)
	return n, err
}

const selectSome = `SELECT ` + columns + ` FROM imports WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`

func loadSome(tx *storage.Tx, workspaceID, before string, limit int) ([]*record, error) {
	some, err := scanAll(tx.Query(selectSome, workspaceID, before, limit))
	if err != nil {
		return nil, err
	}
	for _, r := range some {
		if !r.queued.IsZero() {
			if r.ahead, err = aheadOf(tx, r); err != nil {
				return nil, err
			}
		}
	}
	return some, nil
}

func scanIDs(rows *sql.Rows, err error) (out []string, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

func scanAll(rows *sql.Rows, err error) ([]*record, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*record
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

const insertImport = `
	INSERT INTO imports (workspace_id, id, state, settings_sealed, bytes, reached_bytes, reached_row, tally, checked, undone, undo_cursor, why, actor_type, actor_id,
		request_key, file_until, lease_owner, lease_until, created_at, updated_at)
	VALUES ($1, $2, $3, $4, 0, 0, 0, '{}', '', '', '', '', $5, $6, $7, $8, '', 0, $9, $9)`

func insert(tx *storage.Tx, r *record, requestKey []byte) error {
	var key any
	if requestKey != nil {
		key = requestKey
	}
	_, err := tx.Exec(insertImport, r.workspaceID, r.id, r.state, r.sealed, string(r.by.Type), r.by.ID, key, clock.Micros(r.fileUntil), clock.Micros(r.created))
	return err
}

const saveImport = `
	UPDATE imports SET state = $1, settings_sealed = $2, bytes = $3, reached_bytes = $4, reached_row = $5, tally = $6, checked = $7, undone = $8, undo_cursor = $9,
		why = $10, file_until = $11, undo_until = $12, updated_at = $13, queued_at = $14, started_at = $15, ended_at = $16
	WHERE workspace_id = $17 AND id = $18 AND state = $19`

// save stores an import whose state was as given; false if it is not any more.
func save(tx *storage.Tx, r *record, was string) (bool, error) {
	checked, undone := "", ""
	if r.checked != nil {
		checked = toJSON(r.checked)
	}
	if r.undone != nil {
		undone = toJSON(r.undone)
	}
	n, err := tx.Exec(saveImport, r.state, r.sealed, r.bytes, r.reached, r.row, toJSON(r.tally), checked, undone, r.cursor, r.why, nullable(r.fileUntil),
		nullable(r.undoUntil), clock.Micros(r.updated), nullable(r.queued), nullable(r.started), nullable(r.ended), r.workspaceID, r.id, was)
	return n > 0, err
}

func nullable(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return clock.Micros(t)
}

const (
	insertPart  = `INSERT INTO import_parts (workspace_id, import_id, part, data_sealed) VALUES ($1, $2, $3, $4)`
	selectPart  = `SELECT data_sealed FROM import_parts WHERE workspace_id = $1 AND import_id = $2 AND part = $3`
	deleteParts = `DELETE FROM import_parts WHERE workspace_id = $1 AND import_id = $2 AND part IN
		(SELECT p.part FROM import_parts p WHERE p.workspace_id = $1 AND p.import_id = $2 ORDER BY p.part LIMIT $3)`
)

const insertProblems = `INSERT INTO import_problems (workspace_id, import_id, row_number, problems) VALUES `

func storeProblems(tx *storage.Tx, r *record, some []*person) error {
	var args []any
	for _, p := range some {
		if len(p.problems) > 0 {
			args = append(args, r.workspaceID, r.id, p.number, toJSON(p.problems))
		}
	}
	_, err := storage.InsertRows(tx, insertProblems, 4, args, "")
	return err
}

const selectProblems = `SELECT row_number, problems FROM import_problems WHERE workspace_id = $1 AND import_id = $2 AND row_number > $3 ORDER BY row_number LIMIT $4`

// found is a row with its problems.
type found struct {
	row      int64
	problems []problem
}

func loadProblems(tx *storage.Tx, workspaceID, importID string, after int64, limit int) ([]found, error) {
	rows, err := tx.Query(selectProblems, workspaceID, importID, after, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []found
	for rows.Next() {
		var f found
		var text string
		if err := rows.Scan(&f.row, &text); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(text), &f.problems); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

const deleteProblems = `DELETE FROM import_problems WHERE workspace_id = $1 AND import_id = $2`

const (
	insertUpdates = `INSERT INTO import_updates (workspace_id, import_id, contact_id, former_sealed, created_at) VALUES `
	selectUpdates = `SELECT contact_id, former_sealed FROM import_updates WHERE workspace_id = $1 AND import_id = $2 AND contact_id > $3 ORDER BY contact_id LIMIT $4`
	forgetUpdate  = `UPDATE import_updates SET former_sealed = $1 WHERE workspace_id = $2 AND import_id = $3 AND contact_id = $4`
	forgetUpdates = `UPDATE import_updates SET former_sealed = $1 WHERE workspace_id = $2 AND import_id = $3`
)

// The first of each workspace that waits and whom nobody works on.
const selectWork = `
	SELECT workspace_id, id FROM imports i WHERE queued_at IS NOT NULL AND (lease_until < $1 OR lease_owner = $2) AND NOT EXISTS
		(SELECT 1 FROM imports b WHERE b.workspace_id = i.workspace_id AND b.queued_at IS NOT NULL AND (b.queued_at < i.queued_at OR b.queued_at = i.queued_at AND b.id < i.id))
	ORDER BY queued_at LIMIT 20`

const takeLease = `
	UPDATE imports SET lease_owner = $1, lease_until = $2
	WHERE workspace_id = $3 AND id = $4 AND queued_at IS NOT NULL AND (lease_until < $5 OR lease_owner = $1)`

// holdRow has others wait who change the import, and tells whether the lease, the
// state and the place are as the worker thinks.
const holdRow = `
	UPDATE imports SET lease_until = $1 WHERE workspace_id = $2 AND id = $3 AND lease_owner = $4 AND state = $5 AND reached_row = $6 AND undo_cursor = $7`

func partPlace(importID string, part int64) vault.Place {
	return vault.Place{Table: "import_parts", Column: "data_sealed", Row: importID + "/" + itoa(part)}
}

func settingsPlace(importID string) vault.Place {
	return vault.Place{Table: "imports", Column: "settings_sealed", Row: importID}
}

func formerPlace(importID string) vault.Place {
	return vault.Place{Table: "import_updates", Column: "former_sealed", Row: importID}
}
