package segment

import (
	"database/sql"
	"errors"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

const columns = `id, definition_sealed, created_at, updated_at`

const selectSegment = `SELECT ` + columns + ` FROM segments WHERE workspace_id = $1 AND id = $2`

func load(tx *storage.Tx, workspaceID, segmentID string) (row, error) {
	var r row
	err := tx.QueryRow(selectSegment, workspaceID, segmentID).Scan(&r.id, &r.sealed, &r.created, &r.updated)
	if errors.Is(err, sql.ErrNoRows) {
		return row{}, fault.NotFound("segment")
	}
	return r, err
}

const selectSegments = `SELECT ` + columns + ` FROM segments WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`

func loadPage(tx *storage.Tx, workspaceID, before string, limit int) ([]row, error) {
	rows, err := tx.Query(selectSegments, workspaceID, before, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []row
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.id, &r.sealed, &r.created, &r.updated); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

const (
	countSegments = `SELECT COUNT(*) FROM segments WHERE workspace_id = $1`
	insertSegment = `INSERT INTO segments (workspace_id, id, definition_sealed, created_at, updated_at) VALUES ($1, $2, $3, $4, $5)`
	updateSegment = `UPDATE segments SET definition_sealed = $1, updated_at = $2 WHERE workspace_id = $3 AND id = $4`
	deleteSegment = `DELETE FROM segments WHERE workspace_id = $1 AND id = $2`
)
