package workspace

import (
	"context"
	"database/sql"
	"errors"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// IsMember tells whether an operator belongs to a workspace, and so may be given
// work in it.
func (s *Service) IsMember(ctx context.Context, workspaceID, operatorID string) (bool, error) {
	var one int
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		return tx.QueryRow(`SELECT 1 FROM memberships WHERE workspace_id = $1 AND operator_id = $2`, workspaceID, operatorID).Scan(&one)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, fault.Wrap("workspace.IsMember", err)
}

// AllIDs gives the ids of all workspaces, for the server's housekeeping.
func (s *Service) AllIDs(ctx context.Context) ([]string, error) {
	var out []string
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		rows, err := tx.Query(`SELECT id FROM workspaces ORDER BY id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		out = nil
		for rows.Next() {
			var one string
			if err := rows.Scan(&one); err != nil {
				return err
			}
			out = append(out, one)
		}
		return rows.Err()
	})
	return out, fault.Wrap("workspace.AllIDs", err)
}
