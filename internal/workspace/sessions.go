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
)

// View gives what the operator's interface starts from.
func (s *Service) View(ctx context.Context, a actor.Actor) (View, error) {
	var (
		account account
		all     []member
	)
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		var err error
		if account, err = accountByID(tx, a.ID); err != nil {
			return err
		}
		all, err = selectMemberships(tx, a.ID)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return View{}, fault.Unauthorized("The session has ended. Sign in again.")
	}
	if err != nil {
		return View{}, fault.Wrap("workspace.View", err)
	}
	p, err := s.openProfile(ctx, a.ID, account.sealed)
	if err != nil {
		return View{}, fault.Wrap("workspace.View", err)
	}
	v := View{Operator: Me{ID: a.ID, Name: p.Name, Email: p.Email}, Workspaces: make([]Brief, 0, len(all)), Permissions: a.Permissions}
	for _, m := range all {
		v.Workspaces = append(v.Workspaces, Brief{ID: m.workspace.ID, Name: m.workspace.Name, Slug: m.workspace.Slug})
		if m.workspace.ID == a.WorkspaceID {
			v.Workspace, v.Operator.Role = m.workspace, m.role
		}
	}
	if v.CSRFToken, err = s.CSRFToken(ctx, a.SessionID); err != nil {
		return View{}, err
	}
	return v, nil
}

// SignOut ends the session of the context's operator.
func (s *Service) SignOut(ctx context.Context) error {
	a := actor.From(ctx)
	return s.RevokeSession(ctx, a.SessionID)
}

// SwitchWorkspace has the context's session act in another workspace that the
// operator belongs to.
func (s *Service) SwitchWorkspace(ctx context.Context, workspaceID string) (View, error) {
	a := actor.From(ctx)
	defer s.changed(ctx, a.SessionID)
	err := s.db.Write(ctx, func(tx *storage.Tx) error {
		if err := lockOperator(tx, a.ID); err != nil {
			return err
		}
		role, err := selectRole(tx, workspaceID, a.ID)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.NotFound("workspace")
		}
		if err != nil {
			return err
		}
		n, err := tx.Exec(`UPDATE sessions SET workspace_id = $1 WHERE id = $2 AND operator_id = $3`, workspaceID, a.SessionID, a.ID)
		if err == nil && n == 0 {
			err = fault.Unauthorized("The session has ended. Sign in again.")
		}
		if err != nil {
			return err
		}
		w, err := workspaceByID(tx, workspaceID)
		if err != nil {
			return err
		}
		a.WorkspaceID, a.Permissions = workspaceID, role.in(w.Settings)
		s.record(tx, a, workspaceID, "operator.signed_in", "session", a.SessionID, map[string]string{"through": "switch"})
		return nil
	})
	if err != nil {
		return View{}, fault.Wrap("workspace.SwitchWorkspace", err)
	}
	return s.View(ctx, a)
}

const sessionsOfOperator = `SELECT id, workspace_id, created_at, last_seen_at, expires_at FROM sessions
	WHERE operator_id = $1 AND id < $2 AND expires_at > $3 ORDER BY id DESC LIMIT $4`

// Sessions lists the context's operator's own sessions, newest first.
func (s *Service) Sessions(ctx context.Context, page httpx.Paging) (httpx.List[Session], error) {
	a := actor.From(ctx)
	scope := "sessions " + a.ID
	before, err := startOf(scope, page.Cursor)
	if err != nil {
		return httpx.List[Session]{}, err
	}
	var found []Session
	err = s.db.Read(ctx, func(tx *storage.Tx) error {
		found = nil
		rows, err := tx.Query(sessionsOfOperator, a.ID, before, clock.Micros(s.clock.Now()), page.Limit+1)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var one Session
			var created, seen, expires int64
			if err := rows.Scan(&one.ID, &one.WorkspaceID, &created, &seen, &expires); err != nil {
				return err
			}
			one.CreatedAt, one.LastSeenAt, one.ExpiresAt = clock.FromMicros(created), clock.FromMicros(seen), clock.FromMicros(expires)
			one.Current = one.ID == a.SessionID
			found = append(found, one)
		}
		return rows.Err()
	})
	if err != nil {
		return httpx.List[Session]{}, fault.Wrap("workspace.Sessions", err)
	}
	return httpx.ListOf(found, page.Limit, scope, func(one Session) []string { return []string{one.ID} }), nil
}

// RevokeSession ends one of the context's operator's own sessions.
func (s *Service) RevokeSession(ctx context.Context, sessionID string) error {
	a := actor.From(ctx)
	defer s.changed(ctx, sessionID)
	return fault.Wrap("workspace.RevokeSession", s.db.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.Exec(`DELETE FROM sessions WHERE id = $1 AND operator_id = $2`, sessionID, a.ID)
		if err == nil && n == 0 {
			err = fault.NotFound("session")
		}
		s.record(tx, a, a.WorkspaceID, "session.revoked", "session", sessionID, nil)
		return err
	}))
}

// RevokeOtherSessions ends all of the context's operator's sessions but the one
// in use.
func (s *Service) RevokeOtherSessions(ctx context.Context) error {
	a := actor.From(ctx)
	defer s.changed(ctx, a.ID)
	return fault.Wrap("workspace.RevokeOtherSessions", s.db.Write(ctx, func(tx *storage.Tx) error {
		s.record(tx, a, a.WorkspaceID, "session.revoked", "operator", a.ID, map[string]string{"which": "others"})
		return deleteOtherSessions(tx, a.ID, a.SessionID)
	}))
}

// dropSession ends the session of a token without an answer: a browser that signs
// in anew leaves its old session behind.
func (s *Service) dropSession(ctx context.Context, token string) {
	a, err := s.AuthenticateSession(ctx, token)
	if err != nil {
		return
	}
	if err := s.RevokeSession(actor.With(ctx, a), a.SessionID); err != nil && !fault.Is(err, fault.KindNotFound) {
		s.log.WarnContext(ctx, "an old session was not ended", "session", a.SessionID, "error", err)
	}
}

// last sorts behind every id.
const last = "~"

// startOf gives the id that a page of a list by descending id lies before.
func startOf(scope, cursor string) (string, error) {
	values, err := httpx.DecodeCursor(scope, cursor, 1)
	if err != nil || values == nil {
		return last, err
	}
	return values[0], nil
}
