package workspace

import (
	"context"
	"database/sql"
	"errors"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// AddOperator adds a person to the context's workspace. Someone who has an
// account in the installation keeps its name and password. The role may not go
// beyond the actor's own permissions.
func (s *Service) AddOperator(ctx context.Context, n NewOperator) (Operator, error) {
	const op = "workspace.AddOperator"
	a := actor.From(ctx)
	n, err := n.clean()
	if err != nil {
		return Operator{}, fault.Wrap(op, err)
	}
	if err := checkRole(n.Role, a.Permissions); err != nil {
		return Operator{}, fault.Wrap(op, err)
	}
	made, err := s.prepare(ctx, n)
	if err != nil {
		return Operator{}, fault.Wrap(op, err)
	}
	now := clock.Micros(s.clock.Now())
	var operatorID string
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		if operatorID, err = admit(tx, made, now); err != nil {
			return err
		}
		isNew, err := insertMembership(tx, a.WorkspaceID, operatorID, n.Role, now)
		if err == nil && !isNew {
			err = fault.Conflict("already_member", "This person already belongs to the workspace.")
		}
		s.record(tx, a, a.WorkspaceID, "operator.added", "operator", operatorID, map[string]string{"role": string(n.Role)})
		return err
	})
	if err != nil {
		return Operator{}, fault.Wrap(op, err)
	}
	return s.Operator(ctx, operatorID)
}

const (
	operatorColumns = `SELECT o.id, o.profile_sealed, m.role, m.created_at, o.last_seen_at FROM memberships m JOIN operators o ON o.id = m.operator_id `
	operatorsBefore = operatorColumns + `WHERE m.workspace_id = $1 AND m.operator_id < $2 ORDER BY m.operator_id DESC LIMIT $3`
	operatorIn      = operatorColumns + `WHERE m.workspace_id = $1 AND m.operator_id = $2`
	officersOf      = operatorColumns + `WHERE m.workspace_id = $1 AND m.role IN ('owner', 'privacy_officer') ORDER BY m.operator_id`
)

// Operators lists the operators of the context's workspace, newest account first.
func (s *Service) Operators(ctx context.Context, page httpx.Paging) (httpx.List[Operator], error) {
	ws := actor.From(ctx).WorkspaceID
	scope := "operators " + ws
	before, err := startOf(scope, page.Cursor)
	if err != nil {
		return httpx.List[Operator]{}, err
	}
	found, err := s.operators(ctx, operatorsBefore, ws, before, page.Limit+1)
	if err != nil {
		return httpx.List[Operator]{}, fault.Wrap("workspace.Operators", err)
	}
	return httpx.ListOf(found, page.Limit, scope, func(o Operator) []string { return []string{o.ID} }), nil
}

// Operator gives one operator of the context's workspace.
func (s *Service) Operator(ctx context.Context, operatorID string) (Operator, error) {
	found, err := s.operators(ctx, operatorIn, actor.From(ctx).WorkspaceID, operatorID)
	if err == nil && len(found) == 0 {
		err = fault.NotFound("operator")
	}
	if err != nil {
		return Operator{}, fault.Wrap("workspace.Operator", err)
	}
	return found[0], nil
}

// Officers gives a workspace's owners and privacy officers: whom deadlines are told.
func (s *Service) Officers(ctx context.Context, workspaceID string) ([]Operator, error) {
	found, err := s.operators(ctx, officersOf, workspaceID)
	return found, fault.Wrap("workspace.Officers", err)
}

// operators runs a query for operators and opens their profiles.
func (s *Service) operators(ctx context.Context, query string, args ...any) ([]Operator, error) {
	var (
		found  []Operator
		sealed [][]byte
	)
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		found, sealed = nil, nil
		rows, err := tx.Query(query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var (
				o       Operator
				box     []byte
				created int64
				seen    sql.NullInt64
			)
			if err := rows.Scan(&o.ID, &box, &o.Role, &created, &seen); err != nil {
				return err
			}
			o.CreatedAt, o.LastSeenAt = clock.FromMicros(created), moment(seen)
			found, sealed = append(found, o), append(sealed, box)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	profiles, err := s.openProfiles(ctx, found, sealed)
	for i := range profiles {
		found[i].Name, found[i].Email = profiles[i].Name, profiles[i].Email
	}
	return found, err
}

// openProfiles opens one sealed profile an operator. Those of an operator who is
// being erased stay empty.
func (s *Service) openProfiles(ctx context.Context, of []Operator, sealed [][]byte) ([]profile, error) {
	subjects := make([]vault.Subject, len(of))
	for i, o := range of {
		subjects[i].ID = o.ID
	}
	keys, err := s.vault.Keys(ctx, subjects)
	if err != nil {
		return nil, err
	}
	profiles := make([]profile, len(of))
	for i, o := range of {
		key := keys[subjects[i]]
		if key == nil {
			continue
		}
		if profiles[i], err = openProfile(key, o.ID, sealed[i]); err != nil && !fault.Is(err, fault.KindGone) {
			return nil, err
		}
	}
	return profiles, nil
}

// SetRole changes what an operator may do in the context's workspace, and ends
// their sessions there. Nobody changes someone mightier, nor the last owner.
func (s *Service) SetRole(ctx context.Context, operatorID string, role Role) (Operator, error) {
	const op = "workspace.SetRole"
	a := actor.From(ctx)
	if err := checkRole(role, a.Permissions); err != nil {
		return Operator{}, fault.Wrap(op, err)
	}
	defer s.changed(ctx, operatorID)
	err := s.db.Write(ctx, func(tx *storage.Tx) error {
		old, err := changeable(tx, a, operatorID, role)
		if err != nil || old == role {
			return err
		}
		if _, err := tx.Exec(`UPDATE memberships SET role = $1 WHERE workspace_id = $2 AND operator_id = $3`, role, a.WorkspaceID, operatorID); err != nil {
			return err
		}
		s.record(tx, a, a.WorkspaceID, "operator.role_changed", "operator", operatorID, map[string]string{"from": string(old), "to": string(role)})
		return deleteSessionsIn(tx, operatorID, a.WorkspaceID)
	})
	if err != nil {
		return Operator{}, fault.Wrap(op, err)
	}
	return s.Operator(ctx, operatorID)
}

// RemoveOperator takes an operator out of the context's workspace and ends their
// sessions there. If it was the last one they belonged to, the account is erased
// and its key destroyed.
func (s *Service) RemoveOperator(ctx context.Context, operatorID string) error {
	const op = "workspace.RemoveOperator"
	a := actor.From(ctx)
	defer s.changed(ctx, operatorID)
	erased := false
	err := s.db.Write(ctx, func(tx *storage.Tx) error {
		if _, err := changeable(tx, a, operatorID, ""); err != nil {
			return err
		}
		var err error
		if erased, err = leave(tx, a.WorkspaceID, operatorID); err == nil && erased {
			err = s.left(tx, a, operatorID)
		}
		s.record(tx, a, a.WorkspaceID, "operator.removed", "operator", operatorID, nil)
		return err
	})
	if err != nil || !erased {
		return fault.Wrap(op, err)
	}
	_, err = s.gone(ctx, operatorID)
	return fault.Wrap(op, err)
}

// changeable gives the present role of an operator whom the actor may give the
// role next, or remove where that is empty. It holds the workspace's memberships.
func changeable(tx *storage.Tx, a actor.Actor, operatorID string, next Role) (Role, error) {
	if err := lockWorkspace(tx, a.WorkspaceID); err != nil {
		return "", err
	}
	if err := lockOperator(tx, operatorID); err != nil {
		return "", err
	}
	role, err := selectRole(tx, a.WorkspaceID, operatorID)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fault.NotFound("operator")
	}
	if err != nil {
		return "", err
	}
	if !a.Permissions.Covers(rolePermissions[role]) {
		return "", &fault.Error{Kind: fault.KindForbidden, Code: "forbidden", Detail: "Only someone who may do at least as much can change this operator; ask an owner."}
	}
	if role != Owner || next == Owner {
		return role, nil
	}
	var owners int
	if err := tx.QueryRow(`SELECT count(*) FROM memberships WHERE workspace_id = $1 AND role = 'owner'`, a.WorkspaceID).Scan(&owners); err != nil {
		return "", err
	}
	if owners == 1 {
		return "", fault.Conflict("last_owner", "A workspace needs an owner. Make someone else an owner first.")
	}
	return role, nil
}

// leave deletes a membership. It tells whether it was the last, so that the account
// has to go.
func leave(tx *storage.Tx, workspaceID, operatorID string) (last bool, err error) {
	if err := deleteSessionsIn(tx, operatorID, workspaceID); err != nil {
		return false, err
	}
	if _, err := tx.Exec(`DELETE FROM memberships WHERE workspace_id = $1 AND operator_id = $2`, workspaceID, operatorID); err != nil {
		return false, err
	}
	var others int
	err = tx.QueryRow(`SELECT count(*) FROM memberships WHERE operator_id = $1`, operatorID).Scan(&others)
	return err == nil && others == 0, err
}
