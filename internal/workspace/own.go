package workspace

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// Account is an operator's own account, as they see it.
type Account struct {
	ID          string       `json:"id" example:"opr_01jdxk8n0e7q2v4m6s8t0w2y4z"`
	Name        string       `json:"name"`
	Email       string       `json:"email"`
	CreatedAt   time.Time    `json:"created_at"`
	LastSeenAt  *time.Time   `json:"last_seen_at"`
	Memberships []Membership `json:"memberships"`
}

// Membership is an operator's place in a workspace.
type Membership struct {
	WorkspaceID string    `json:"workspace_id"`
	Workspace   string    `json:"workspace" doc:"Its name."`
	Role        Role      `json:"role" enum:"owner,admin,privacy_officer,agent,viewer"`
	Since       time.Time `json:"since"`
	OnlyOwner   bool      `json:"only_owner" doc:"Whether the workspace would have no owner without them. Then the account cannot be erased yet."`
}

const ownMemberships = `SELECT m.workspace_id, w.name, m.role, m.created_at,
	(SELECT count(*) FROM memberships o WHERE o.workspace_id = m.workspace_id AND o.role = 'owner')
	FROM memberships m JOIN workspaces w ON w.id = m.workspace_id WHERE m.operator_id = $1 ORDER BY m.workspace_id`

func selectOwnMemberships(tx *storage.Tx, operatorID string) ([]Membership, error) {
	rows, err := tx.Query(ownMemberships, operatorID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []Membership{}
	for rows.Next() {
		var m Membership
		var since int64
		var owners int
		if err := rows.Scan(&m.WorkspaceID, &m.Workspace, &m.Role, &since, &owners); err != nil {
			return nil, err
		}
		m.Since, m.OnlyOwner = clock.FromMicros(since), m.Role == Owner && owners == 1
		all = append(all, m)
	}
	return all, rows.Err()
}

// OwnAccount gives the context's operator's own account.
func (s *Service) OwnAccount(ctx context.Context) (Account, error) {
	const op = "workspace.OwnAccount"
	a := actor.From(ctx)
	out := Account{ID: a.ID}
	var sealed []byte
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		var created, updated int64
		var seen sql.NullInt64
		err := tx.QueryRow(exportedAccount, a.ID).Scan(&sealed, &created, &updated, &seen)
		if err != nil {
			return err
		}
		out.CreatedAt, out.LastSeenAt = clock.FromMicros(created), moment(seen)
		out.Memberships, err = selectOwnMemberships(tx, a.ID)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.Unauthorized("The account is gone. Sign in again.")
	}
	if err != nil {
		return Account{}, fault.Wrap(op, err)
	}
	p, err := s.openProfile(ctx, a.ID, sealed)
	out.Name, out.Email = p.Name, p.Email
	return out, fault.Wrap(op, err)
}

// EraseAccount erases the context's operator's own account (GDPR article 17): it is
// gone from every workspace, its sessions end everywhere, and its key is destroyed.
// What they wrote stays with the people they wrote to, under a name of nobody. It
// is refused with last_owner while a workspace has no other owner.
func (s *Service) EraseAccount(ctx context.Context, password string) (privacy.Receipt, error) {
	const op = "workspace.EraseAccount"
	a := actor.From(ctx)
	account, err := s.account(ctx, a.ID)
	if err == nil {
		err = s.prove(ctx, account, password)
	}
	var places []Membership
	if err == nil {
		err = s.db.Read(ctx, func(tx *storage.Tx) (err error) {
			places, err = selectOwnMemberships(tx, a.ID)
			return err
		})
	}
	if err != nil {
		return privacy.Receipt{}, fault.Wrap(op, err)
	}
	defer s.changed(ctx, a.ID)
	if err := s.db.Write(ctx, func(tx *storage.Tx) error { return s.eraseAccount(tx, a, account, places) }); err != nil {
		return privacy.Receipt{}, fault.Wrap(op, err)
	}
	r, err := s.gone(ctx, a.ID)
	return r, fault.Wrap(op, err)
}

// eraseAccount holds the workspaces that the operator was seen to belong to, looks
// whether that is still so, and deletes everything.
func (s *Service) eraseAccount(tx *storage.Tx, a actor.Actor, proven account, places []Membership) error {
	for _, m := range places { // in the order of their ids, so that two cannot wait for each other
		if err := lockWorkspace(tx, m.WorkspaceID); err != nil {
			return err
		}
	}
	if err := lockOperator(tx, a.ID); err != nil {
		return err
	}
	hash, err := passwordHash(tx, a.ID)
	if errors.Is(err, sql.ErrNoRows) || err == nil && hash != proven.passwordHash {
		return fault.Unauthorized("The account has changed. Sign in again.")
	}
	if err != nil {
		return err
	}
	now, err := selectOwnMemberships(tx, a.ID)
	if err != nil {
		return err
	}
	if !slices.EqualFunc(now, places, func(x, y Membership) bool { return x.WorkspaceID == y.WorkspaceID }) {
		return fault.Conflict("account_changed", "Your workspaces changed just now. Look again, then repeat.")
	}
	if err := refuseOnlyOwner(now); err != nil {
		return err
	}
	for _, m := range now {
		s.record(tx, a, m.WorkspaceID, "operator.erased", "operator", a.ID, nil)
	}
	return s.left(tx, a, a.ID)
}

func refuseOnlyOwner(of []Membership) error {
	var names []string
	for _, m := range of {
		if m.OnlyOwner {
			names = append(names, m.Workspace)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return fault.Conflict("last_owner", "You are the only owner of "+strings.Join(names, ", ")+
		". A workspace needs an owner: make someone else one under Settings, Operators, then erase your account.")
}
