package segment

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/botimum/botimum/internal/storage"
)

const (
	isVisible = `CASE WHEN ` + Visible + ` THEN 1 ELSE 0 END`
	ofPeople  = ` WHERE workspace_id = $1 AND contact_id IN (`
	ofRange   = ` WHERE workspace_id = $1 AND contact_id > $2 AND contact_id <= $3`
)

// selectValues gives the beginning of a query of what people have. SQLite would read
// everybody's: it takes the index, which lacks the values, to be no better.
func selectValues(e storage.Engine) string {
	if e == storage.SQLite {
		return `SELECT contact_id, key, text_value, number_value FROM contact_attributes INDEXED BY contact_attributes_by_contact`
	}
	return `SELECT contact_id, key, text_value, number_value FROM contact_attributes`
}

// readPeople adds who a query of ids and visibility gives.
func readPeople(tx *storage.Tx, out map[string]*person, query string, args ...any) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var visible bool
		if err := rows.Scan(&id, &visible); err != nil {
			return err
		}
		out[id] = &person{visible: visible, values: map[string][]value{}}
	}
	return rows.Err()
}

// readValues adds the values that a query gives, of the people who are there.
func readValues(tx *storage.Tx, out map[string]*person, query string, args ...any) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, key string
		var text sql.NullString
		var number sql.NullFloat64
		if err := rows.Scan(&id, &key, &text, &number); err != nil {
			return err
		}
		p := out[id]
		if p == nil {
			continue
		}
		if text.Valid {
			p.values[key] = append(p.values[key], textValue(text.String))
		}
		if number.Valid {
			p.values[key] = append(p.values[key], numberValue(number.Float64))
		}
	}
	return rows.Err()
}

const (
	selectMaking = `SELECT cursor FROM contact_runs_making WHERE workspace_id = $1`
	selectRun    = `
		SELECT r.first_id, r.people, r.visible, r.ids, COALESCE((SELECT MIN(n.first_id) FROM contact_runs n WHERE n.workspace_id = $1 AND n.first_id > r.first_id), '')
		FROM contact_runs r WHERE r.workspace_id = $1 AND r.first_id <= $2 ORDER BY r.first_id DESC LIMIT 1`
	selectFirstRun = `SELECT COALESCE(MIN(first_id), '') FROM contact_runs WHERE workspace_id = $1`
	putRun         = `
		INSERT INTO contact_runs (workspace_id, first_id, people, visible, ids) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (workspace_id, first_id) DO UPDATE SET people = excluded.people, visible = excluded.visible, ids = excluded.ids`
	markRun   = `UPDATE contact_runs SET visible = $1 WHERE workspace_id = $2 AND first_id = $3`
	deleteRun = `DELETE FROM contact_runs WHERE workspace_id = $1 AND first_id = $2`
	putColumn = `
		INSERT INTO contact_columns (workspace_id, key, first_id, data) VALUES ($1, $2, $3, $4)
		ON CONFLICT (workspace_id, key, first_id) DO UPDATE SET data = excluded.data`
	deleteColumn = `DELETE FROM contact_columns WHERE workspace_id = $1 AND key = $2 AND first_id = $3`
)

// selectRunColumns gives a query of a run's columns: of all, by an index that SQLite
// would not choose by itself, or of those that a condition behind it names.
func selectRunColumns(e storage.Engine, all bool) string {
	table := `contact_columns`
	if all && e == storage.SQLite {
		table += ` INDEXED BY contact_columns_by_run`
	}
	return `SELECT key, data FROM ` + table + ` WHERE workspace_id = $1 AND first_id = $2`
}

// makingOf tells how far a workspace's runs are made; false if they all are.
func makingOf(tx *storage.Tx, workspaceID string) (cursor string, making bool, err error) {
	err = tx.QueryRow(selectMaking, workspaceID).Scan(&cursor)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return cursor, err == nil, err
}

// loadRun gives the run to which an id belongs, without its columns, and where the
// next begins; "" if it is the last.
func loadRun(tx *storage.Tx, workspaceID, id string) (r *run, next string, err error) {
	r = &run{columns: map[string]*column{}, stored: map[string][]byte{}}
	var n int
	var visible, ids []byte
	err = tx.QueryRow(selectRun, workspaceID, id).Scan(&r.first, &n, &visible, &ids, &next)
	if errors.Is(err, sql.ErrNoRows) {
		err = tx.QueryRow(selectFirstRun, workspaceID).Scan(&next)
		return r, next, err
	}
	if err != nil {
		return nil, "", err
	}
	r.there = true
	if r.ids, err = readIDs(ids); err != nil || len(r.ids) != n {
		return nil, "", errors.Join(errRun, err)
	}
	r.stored[""], r.stored["visible"] = ids, visible
	if r.visible = newSet(n); !r.visible.orBytes(visible) {
		return nil, "", errRun
	}
	return r, next, nil
}

// loadColumns reads columns of a run; nil: all.
func (r *run) loadColumns(tx *storage.Tx, workspaceID string, keys []string) error {
	if !r.there || keys != nil && len(keys) == 0 {
		return nil
	}
	query, args := selectRunColumns(tx.Engine(), keys == nil), []any{workspaceID, r.first}
	if keys != nil {
		query += ` AND key IN (`
		for i, key := range keys {
			if i > 0 {
				query += ","
			}
			args = append(args, key)
			query += fmt.Sprintf("$%d", len(args))
		}
		query += `)`
	}
	rows, err := tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		var data []byte
		if err := rows.Scan(&key, &data); err != nil {
			return err
		}
		if r.columns[key], err = readColumn(data, len(r.ids)); err != nil {
			return err
		}
		r.stored["/"+key] = data
	}
	return rows.Err()
}

// store writes what changed of a run.
func (r *run) store(tx *storage.Tx, workspaceID string) error {
	for _, key := range slices.Sorted(maps.Keys(r.columns)) {
		data, old := r.columns[key].encode(), r.stored["/"+key]
		var err error
		switch {
		case len(data) > 0 && !bytes.Equal(data, old):
			_, err = tx.Exec(putColumn, workspaceID, key, r.first, data)
		case len(data) == 0 && old != nil:
			_, err = tx.Exec(deleteColumn, workspaceID, key, r.first)
		}
		if err != nil {
			return err
		}
	}
	ids, visible := appendIDs(nil, r.ids), r.visible.bytes()
	var err error
	switch {
	case len(r.ids) == 0 && r.there:
		_, err = tx.Exec(deleteRun, workspaceID, r.first)
	case len(r.ids) == 0:
	case !r.there || !bytes.Equal(ids, r.stored[""]):
		_, err = tx.Exec(putRun, workspaceID, r.first, len(r.ids), visible, ids)
	case !bytes.Equal(visible, r.stored["visible"]):
		_, err = tx.Exec(markRun, visible, workspaceID, r.first)
	}
	return err
}
