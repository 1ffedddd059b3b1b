package contacts

import (
	"database/sql"
	"errors"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// record is a contact's row: the sealed profile and what stands beside it.
type record struct {
	id         string
	merged     string // the survivor that it was merged into, or ""
	sealed     []byte
	source     string
	verified   time.Time
	restricted time.Time
	held       time.Time
	deleted    time.Time
	lastSeen   time.Time
	created    time.Time
	updated    time.Time
	belonging
	importID string // that they came with
}

const columns = `id, profile_sealed, source, COALESCE(verified_at, 0), COALESCE(restricted_at, 0), COALESCE(held_until, 0), COALESCE(deleted_at, 0),
	COALESCE(last_seen_at, 0), created_at, updated_at, COALESCE(merged_into, ''), COALESCE(import_id, ''), COALESCE(company_id, ''), COALESCE(company_source, '')`

type scanner interface{ Scan(dest ...any) error }

func scanRecord(row scanner) (record, error) {
	var r record
	var verified, restricted, held, deleted, lastSeen, created, updated int64
	err := row.Scan(&r.id, &r.sealed, &r.source, &verified, &restricted, &held, &deleted, &lastSeen, &created, &updated, &r.merged, &r.importID, &r.company, &r.belonging.source)
	r.verified, r.restricted, r.deleted = clock.FromMicros(verified), clock.FromMicros(restricted), clock.FromMicros(deleted)
	r.held, r.lastSeen, r.created, r.updated = clock.FromMicros(held), clock.FromMicros(lastSeen), clock.FromMicros(created), clock.FromMicros(updated)
	return r, err
}

func scanRecords(rows *sql.Rows, err error) ([]record, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []record
	for rows.Next() {
		r, err := scanRecord(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

const selectByID = `SELECT ` + columns + ` FROM contacts WHERE workspace_id = $1 AND id = $2`

func loadByID(tx *storage.Tx, workspaceID, contactID string) (record, error) {
	r, err := scanRecord(tx.QueryRow(selectByID, workspaceID, contactID))
	if errors.Is(err, sql.ErrNoRows) {
		return record{}, fault.NotFound("contact")
	}
	return r, err
}

const selectByExternalID = `SELECT ` + columns + ` FROM contacts WHERE workspace_id = $1 AND external_id_token = $2`

func loadByExternalID(tx *storage.Tx, workspaceID string, token []byte) (record, error) {
	r, err := scanRecord(tx.QueryRow(selectByExternalID, workspaceID, token))
	if errors.Is(err, sql.ErrNoRows) {
		return record{}, fault.NotFound("contact")
	}
	return r, err
}

// Exists tells whether a contact is in the workspace: nil, or not found. People
// in the bin exist.
func Exists(tx *storage.Tx, workspaceID, contactID string) error {
	var one int
	err := tx.QueryRow(`SELECT 1 FROM contacts WHERE workspace_id = $1 AND id = $2`, workspaceID, contactID).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return fault.NotFound("contact")
	}
	return err
}

// The newest contacts first: ids are ordered by time.
const selectPage = `
	SELECT ` + columns + ` FROM contacts
	WHERE workspace_id = $1 AND id < $2 AND deleted_at IS NULL AND merged_into IS NULL
	ORDER BY id DESC LIMIT $3`

const selectBin = `
	SELECT ` + columns + ` FROM contacts
	WHERE workspace_id = $1 AND deleted_at IS NOT NULL AND merged_into IS NULL AND id < $2
	ORDER BY id DESC LIMIT $3`

const selectRestricted = `
	SELECT ` + columns + ` FROM contacts
	WHERE workspace_id = $1 AND restricted_at IS NOT NULL AND id < $2 AND deleted_at IS NULL AND merged_into IS NULL
	ORDER BY id DESC LIMIT $3`

const insertContact = `
	INSERT INTO contacts (workspace_id, id, profile_sealed, external_id_token, source, verified_at, last_seen_at, created_at, updated_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

const updateContact = `
	UPDATE contacts SET profile_sealed = $1, external_id_token = $2, verified_at = $3, updated_at = $4
	WHERE workspace_id = $5 AND id = $6 AND updated_at = $7`

const updateBin = `UPDATE contacts SET deleted_at = $1, updated_at = $2 WHERE workspace_id = $3 AND id = $4`

const touchSeen = `UPDATE contacts SET last_seen_at = $1 WHERE workspace_id = $2 AND id = $3 AND (last_seen_at IS NULL OR last_seen_at < $4)`

// nullable gives a stored time: null for the zero time.
func nullable(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return clock.Micros(t)
}

// beyond is larger than every id with the prefix con: the first page starts there.
const beyond = "con_~"
