package workspace

import (
	"database/sql"
	"encoding/json"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
)

// account is an operator's row.
type account struct {
	id           string
	sealed       []byte
	passwordHash string
	lastSeen     *time.Time
}

const accountColumns = `SELECT id, profile_sealed, password_hash, last_seen_at FROM operators `

func scanAccount(row *sql.Row) (account, error) {
	var a account
	var seen sql.NullInt64
	err := row.Scan(&a.id, &a.sealed, &a.passwordHash, &seen)
	a.lastSeen = moment(seen)
	return a, err
}

func accountByID(tx *storage.Tx, operatorID string) (account, error) {
	return scanAccount(tx.QueryRow(accountColumns+`WHERE id = $1`, operatorID))
}

func accountByToken(tx *storage.Tx, token []byte) (account, error) {
	return scanAccount(tx.QueryRow(accountColumns+`WHERE email_token = $1`, token))
}

func passwordHash(tx *storage.Tx, operatorID string) (hash string, err error) {
	err = tx.QueryRow(`SELECT password_hash FROM operators WHERE id = $1`, operatorID).Scan(&hash)
	return hash, err
}

// replacePassword changes a password's hash if it is still the old one.
func replacePassword(tx *storage.Tx, operatorID, old, next string, now int64) error {
	_, err := tx.Exec(`UPDATE operators SET password_hash = $1, updated_at = $2 WHERE id = $3 AND password_hash = $4`, next, now, operatorID, old)
	return err
}

// lockOperator holds an operator's memberships and sessions for this transaction.
// Where a workspace is locked too, it comes first.
func lockOperator(tx *storage.Tx, operatorID string) error { return tx.Lock("operator " + operatorID) }

func lockWorkspace(tx *storage.Tx, workspaceID string) error {
	return tx.Lock("workspace " + workspaceID)
}

func selectRole(tx *storage.Tx, workspaceID, operatorID string) (role Role, err error) {
	err = tx.QueryRow(`SELECT role FROM memberships WHERE workspace_id = $1 AND operator_id = $2`, workspaceID, operatorID).Scan(&role)
	return role, err
}

// member is an operator's place in a workspace.
type member struct {
	workspace Current
	role      Role
}

const membershipsOf = `SELECT w.id, w.name, w.slug, w.widget_key, m.role FROM memberships m
	JOIN workspaces w ON w.id = m.workspace_id WHERE m.operator_id = $1 ORDER BY m.workspace_id`

func selectMemberships(tx *storage.Tx, operatorID string) ([]member, error) {
	rows, err := tx.Query(membershipsOf, operatorID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []member
	for rows.Next() {
		var m member
		if err := rows.Scan(&m.workspace.ID, &m.workspace.Name, &m.workspace.Slug, &m.workspace.Key, &m.role); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, rows.Err()
}

// insertMembership tells whether the operator was not yet a member.
func insertMembership(tx *storage.Tx, workspaceID, operatorID string, role Role, now int64) (bool, error) {
	n, err := tx.Exec(`INSERT INTO memberships (workspace_id, operator_id, role, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (workspace_id, operator_id) DO NOTHING`, workspaceID, operatorID, role, now)
	return n == 1, err
}

// deleteOverSessions removes sessions whose time has passed.
func deleteOverSessions(tx *storage.Tx, now int64) error {
	_, err := tx.Exec(`DELETE FROM sessions WHERE expires_at <= $1`, now)
	return err
}

func deleteOtherSessions(tx *storage.Tx, operatorID, keep string) error {
	_, err := tx.Exec(`DELETE FROM sessions WHERE operator_id = $1 AND id <> $2`, operatorID, keep)
	return err
}

func deleteSessionsIn(tx *storage.Tx, operatorID, workspaceID string) error {
	_, err := tx.Exec(`DELETE FROM sessions WHERE operator_id = $1 AND workspace_id = $2`, operatorID, workspaceID)
	return err
}

const workspaceColumns = `SELECT id, name, slug, widget_key, settings, created_at, updated_at FROM workspaces `

func scanWorkspace(row *sql.Row) (Workspace, error) {
	var (
		w                = Workspace{Settings: DefaultSettings()}
		settings         string
		created, updated int64
	)
	if err := row.Scan(&w.ID, &w.Name, &w.Slug, &w.Key, &settings, &created, &updated); err != nil {
		return Workspace{}, err
	}
	if err := json.Unmarshal([]byte(settings), &w.Settings); err != nil {
		return Workspace{}, err
	}
	w.CreatedAt, w.UpdatedAt = clock.FromMicros(created), clock.FromMicros(updated)
	return w, nil
}

func workspaceByID(tx *storage.Tx, id string) (Workspace, error) {
	return scanWorkspace(tx.QueryRow(workspaceColumns+`WHERE id = $1`, id))
}

func workspaceByKey(tx *storage.Tx, key string) (Workspace, error) {
	return scanWorkspace(tx.QueryRow(workspaceColumns+`WHERE widget_key = $1`, key))
}

func workspaceBySlug(tx *storage.Tx, slug string) (Workspace, error) {
	return scanWorkspace(tx.QueryRow(workspaceColumns+`WHERE slug = $1`, slug))
}

const insertWorkspaceSQL = `INSERT INTO workspaces (id, name, slug, widget_key, settings, identity_secret_sealed, created_at, updated_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

func insertWorkspace(tx *storage.Tx, w Workspace, sealedSecret []byte) error {
	settings, err := json.Marshal(w.Settings)
	if err != nil {
		return err
	}
	_, err = tx.Exec(insertWorkspaceSQL, w.ID, w.Name, w.Slug, w.Key, string(settings), sealedSecret, clock.Micros(w.CreatedAt), clock.Micros(w.UpdatedAt))
	return err
}

func updateWorkspace(tx *storage.Tx, w Workspace) error {
	settings, err := json.Marshal(w.Settings)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE workspaces SET name = $1, settings = $2, updated_at = $3 WHERE id = $4`, w.Name, string(settings), clock.Micros(w.UpdatedAt), w.ID)
	return err
}

// moment reads a stored time that may be absent.
func moment(us sql.NullInt64) *time.Time {
	if !us.Valid {
		return nil
	}
	t := clock.FromMicros(us.Int64)
	return &t
}
