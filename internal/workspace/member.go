package workspace

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/botimum/botimum/internal/actor"
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

const (
	roleOf   = `SELECT role FROM memberships WHERE workspace_id = $1 AND operator_id = $2`
	scopesOf = `SELECT scopes FROM api_keys WHERE workspace_id = $1 AND id = $2 AND revoked_at IS NULL`
)

// Holds tells whether an operator or a key holds a permission at this moment: for work
// that goes on when the request that began it is over.
func (s *Service) Holds(ctx context.Context, workspaceID string, who actor.Ref, permission string) (bool, error) {
	query := roleOf
	switch who.Type {
	case actor.System:
		return true, nil
	case actor.APIKey:
		query = scopesOf
	}
	var held string
	err := s.db.Read(ctx, func(tx *storage.Tx) error { return tx.QueryRow(query, workspaceID, who.ID).Scan(&held) })
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fault.Wrap("workspace.Holds", err)
	}
	if who.Type == actor.APIKey {
		return ofKey(strings.Fields(held)).Allow(permission), nil
	}
	w, err := s.Get(ctx, workspaceID)
	return Role(held).in(w.Settings).Allow(permission), fault.Wrap("workspace.Holds", err)
}
