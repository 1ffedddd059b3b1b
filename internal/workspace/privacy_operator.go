package workspace

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// AccountExport is an operator's account as it is handed to them. The password's
// hash and the tokens of sessions are not: they are secrets, and say nothing.
type AccountExport struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Email      string     `json:"email"`
	CreatedAt  time.Time  `json:"created_at"`
	UpdatedAt  time.Time  `json:"updated_at"`
	LastSeenAt *time.Time `json:"last_seen_at"`
}

// MembershipExport is an operator's place in a workspace.
type MembershipExport struct {
	WorkspaceID string    `json:"workspace_id"`
	Workspace   string    `json:"workspace"`
	Role        Role      `json:"role"`
	Since       time.Time `json:"since"`
}

// SessionExport is a sign-in on one device.
type SessionExport struct {
	ID          string    `json:"id"`
	WorkspaceID string    `json:"workspace_id"`
	CreatedAt   time.Time `json:"created_at"`
	LastSeenAt  time.Time `json:"last_seen_at"`
	ExpiresAt   time.Time `json:"expires_at"`
}

// KeyExport is an API key that the operator made.
type KeyExport struct {
	ID          string     `json:"id"`
	WorkspaceID string     `json:"workspace_id"`
	Name        string     `json:"name"`
	CreatedAt   time.Time  `json:"created_at"`
	RevokedAt   *time.Time `json:"revoked_at"`
}

// OperatorSections says what is handed out about operators.
func (s *Service) OperatorSections() []privacy.Section {
	return []privacy.Section{
		{Name: "account", Record: AccountExport{}, Tables: []string{"operators"}},
		{Name: "memberships", Record: MembershipExport{}, Tables: []string{"memberships"}},
		{Name: "sessions", Record: SessionExport{}, Tables: []string{"sessions"}},
		{Name: "api_keys", Record: KeyExport{}, Tables: []string{"api_keys"}},
		{Name: "account_changes", Record: audit.ChangeExport{}, Tables: []string{"audit_entries"}},
	}
}

const (
	exportedAccount     = `SELECT profile_sealed, created_at, updated_at, last_seen_at FROM operators WHERE id = $1`
	exportedMemberships = `SELECT m.workspace_id, w.name, m.role, m.created_at FROM memberships m JOIN workspaces w ON w.id = m.workspace_id
		WHERE m.operator_id = $1 ORDER BY m.workspace_id`
	exportedSessions = `SELECT id, workspace_id, created_at, last_seen_at, expires_at FROM sessions WHERE operator_id = $1 ORDER BY id`
	exportedKeys     = `SELECT id, workspace_id, name, created_at, revoked_at FROM api_keys WHERE created_by = $1 ORDER BY workspace_id, id`
)

// ExportOperator hands out everything that this package holds about an operator.
func (s *Service) ExportOperator(ctx context.Context, tx *storage.Tx, operatorID string, out privacy.Export) error {
	there, err := s.exportAccount(ctx, tx, operatorID, out)
	if err != nil || !there {
		return err
	}
	logs := []string{""} // the installation's own
	for _, section := range []struct {
		name, query string
		scan        func(*sql.Rows) (any, error)
	}{
		{"memberships", exportedMemberships, func(rows *sql.Rows) (any, error) {
			var m MembershipExport
			var since int64
			err := rows.Scan(&m.WorkspaceID, &m.Workspace, &m.Role, &since)
			m.Since = clock.FromMicros(since)
			logs = append(logs, m.WorkspaceID)
			return m, err
		}},
		{"sessions", exportedSessions, scanSessionExport},
		{"api_keys", exportedKeys, scanKeyExport},
	} {
		if err := exportRows(tx, section.query, operatorID, section.name, section.scan, out); err != nil {
			return err
		}
	}
	for _, log := range logs {
		if err := audit.ExportChanges(tx, log, operatorID, func(c audit.ChangeExport) error { return out("account_changes", c) }); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) exportAccount(ctx context.Context, tx *storage.Tx, operatorID string, out privacy.Export) (there bool, err error) {
	var sealed []byte
	var created, updated int64
	var seen sql.NullInt64
	err = tx.QueryRow(exportedAccount, operatorID).Scan(&sealed, &created, &updated, &seen)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	p, err := s.openProfile(ctx, operatorID, sealed)
	if err != nil {
		return false, err
	}
	return true, out("account", AccountExport{ID: operatorID, Name: p.Name, Email: p.Email, CreatedAt: clock.FromMicros(created),
		UpdatedAt: clock.FromMicros(updated), LastSeenAt: moment(seen)})
}

func scanSessionExport(rows *sql.Rows) (any, error) {
	var one SessionExport
	var created, seen, expires int64
	err := rows.Scan(&one.ID, &one.WorkspaceID, &created, &seen, &expires)
	one.CreatedAt, one.LastSeenAt, one.ExpiresAt = clock.FromMicros(created), clock.FromMicros(seen), clock.FromMicros(expires)
	return one, err
}

func scanKeyExport(rows *sql.Rows) (any, error) {
	var k KeyExport
	var created int64
	var revoked sql.NullInt64
	err := rows.Scan(&k.ID, &k.WorkspaceID, &k.Name, &created, &revoked)
	k.CreatedAt, k.RevokedAt = clock.FromMicros(created), moment(revoked)
	return k, err
}

func exportRows(tx *storage.Tx, query, operatorID, section string, scan func(*sql.Rows) (any, error), out privacy.Export) error {
	rows, err := tx.Query(query, operatorID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		record, err := scan(rows)
		if err == nil {
			err = out(section, record)
		}
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

// EraseOperator deletes an operator's account with its sessions and memberships.
// Keys that they made stay: they are the workspace's, and name an id that leads to
// nobody any more.
func (*Service) EraseOperator(tx *storage.Tx, operatorID string) (privacy.Counts, error) {
	counts := privacy.Counts{}
	for _, step := range []struct{ table, column string }{{"sessions", "operator_id"}, {"memberships", "operator_id"}, {"operators", "id"}} {
		n, err := tx.Exec(`DELETE FROM `+step.table+` WHERE `+step.column+` = $1`, operatorID)
		if err != nil {
			return nil, err
		}
		counts[step.table] = n
	}
	return counts, nil
}
