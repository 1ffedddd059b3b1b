package workspace

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/sensitive"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Get gives a workspace, from memory where it was read in the last 10 seconds.
// The caller does not change what it gets.
func (s *Service) Get(ctx context.Context, workspaceID string) (Workspace, error) {
	w, err := s.lookUp(ctx, "id "+workspaceID, func(tx *storage.Tx) (Workspace, error) { return workspaceByID(tx, workspaceID) })
	return w, fault.Wrap("workspace.Get", err)
}

// SensitivePolicy tells what a workspace does with sensitive text.
func (s *Service) SensitivePolicy(ctx context.Context, workspaceID string) (sensitive.Policy, error) {
	w, err := s.Get(ctx, workspaceID)
	return w.Settings.Sensitive, fault.Wrap("workspace.SensitivePolicy", err)
}

// ByWidgetKey gives the workspace whose public key stands in a page, from memory
// where it can.
func (s *Service) ByWidgetKey(ctx context.Context, key string) (Workspace, error) {
	if !looksLikeWidgetKey(key) {
		return Workspace{}, fault.NotFound("workspace")
	}
	w, err := s.lookUp(ctx, "key "+key, func(tx *storage.Tx) (Workspace, error) { return workspaceByKey(tx, key) })
	return w, fault.Wrap("workspace.ByWidgetKey", err)
}

// BySlug gives the workspace that a public page is about, from memory where it
// can.
func (s *Service) BySlug(ctx context.Context, slug string) (Workspace, error) {
	w, err := s.lookUp(ctx, "slug "+slug, func(tx *storage.Tx) (Workspace, error) { return workspaceBySlug(tx, slug) })
	return w, fault.Wrap("workspace.BySlug", err)
}

func (s *Service) lookUp(ctx context.Context, name string, load func(*storage.Tx) (Workspace, error)) (Workspace, error) {
	now := s.clock.Now()
	w, generation, ok := s.workspaces.get(now, name)
	if ok {
		return w, nil
	}
	w, err := s.load(ctx, load)
	if err == nil {
		s.workspaces.put(now, generation, name, w)
	}
	return w, err
}

// load reads a workspace past the memory.
func (s *Service) load(ctx context.Context, load func(*storage.Tx) (Workspace, error)) (w Workspace, err error) {
	err = s.db.Read(ctx, func(tx *storage.Tx) error {
		w, err = load(tx)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.NotFound("workspace")
	}
	return w, err
}

// Update changes the context's workspace, unless ifMatch names a version that is
// no longer the present one.
func (s *Service) Update(ctx context.Context, p Patch, ifMatch string) (Workspace, error) {
	a := actor.From(ctx)
	defer s.changed(ctx, a.WorkspaceID)
	var w Workspace
	var masked []string
	err := s.db.Write(ctx, func(tx *storage.Tx) error {
		masked = nil
		if err := lockWorkspace(tx, a.WorkspaceID); err != nil {
			return err
		}
		old, err := workspaceByID(tx, a.WorkspaceID)
		if err != nil {
			return err
		}
		if err := httpx.CheckMatch(ifMatch, old.UpdatedAt); err != nil {
			return err
		}
		if w, err = p.apply(old); err != nil {
			return err
		}
		w.UpdatedAt = later(s.clock.Now(), old.UpdatedAt)
		if !slices.Equal(old.Settings.MaskedRoles, w.Settings.MaskedRoles) {
			if masked, err = memberIDs(tx, w.ID); err != nil {
				return err
			}
		}
		if err := s.checkTechnical(tx, old, w); err != nil {
			return err
		}
		s.record(tx, a, w.ID, "workspace.updated", "workspace", w.ID, changeDetails(old, w))
		return updateWorkspace(tx, w)
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.NotFound("workspace")
	}
	if err != nil {
		return Workspace{}, fault.Wrap("workspace.Update", err)
	}
	if len(masked) > 0 {
		s.changed(ctx, masked...) // what they follow live is shown anew
	}
	return w, nil
}

func memberIDs(tx *storage.Tx, workspaceID string) ([]string, error) {
	rows, err := tx.Query(`SELECT operator_id FROM memberships WHERE workspace_id = $1`, workspaceID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var operatorID string
		if err := rows.Scan(&operatorID); err != nil {
			return nil, err
		}
		out = append(out, operatorID)
	}
	return out, rows.Err()
}

// RefusesUndeclared tells whether a workspace takes only declared attributes.
func (s *Service) RefusesUndeclared(ctx context.Context, workspaceID string) (bool, error) {
	w, err := s.Get(ctx, workspaceID)
	return w.Settings.UndeclaredAttributes == RefuseUndeclared, fault.Wrap("workspace.RefusesUndeclared", err)
}

// later gives now, or the first moment after the last change where the clock has
// not moved: each version has its own tag.
func later(now, last time.Time) time.Time {
	if now.After(last) {
		return now
	}
	return last.Add(time.Microsecond)
}

// differences names the fields that changed, for the audit log.
func differences(a, b Workspace) []string {
	var names []string
	for _, f := range []struct {
		name string
		same bool
	}{
		{"name", a.Name == b.Name},
		{"allowed_origins", slices.Equal(a.Settings.AllowedOrigins, b.Settings.AllowedOrigins)},
		{"notice_url", a.Settings.NoticeURL == b.Settings.NoticeURL},
		{"default_purpose", a.Settings.DefaultPurpose == b.Settings.DefaultPurpose},
		{"color", a.Settings.Color == b.Settings.Color},
		{"greeting", a.Settings.Greeting == b.Settings.Greeting},
		{"widget_position", a.Settings.WidgetPosition == b.Settings.WidgetPosition},
		{"locale", a.Settings.Locale == b.Settings.Locale},
		{"request_days", a.Settings.RequestDays == b.Settings.RequestDays},
		{"reviewed_kinds", slices.Equal(a.Settings.ReviewedKinds, b.Settings.ReviewedKinds)},
		{"authority_name", a.Settings.AuthorityName == b.Settings.AuthorityName},
		{"authority_url", a.Settings.AuthorityURL == b.Settings.AuthorityURL},
		{"officer_name", a.Settings.OfficerName == b.Settings.OfficerName},
		{"officer_address", a.Settings.OfficerAddress == b.Settings.OfficerAddress},
		{"masked_roles", slices.Equal(a.Settings.MaskedRoles, b.Settings.MaskedRoles)},
		{"undeclared_attributes", a.Settings.UndeclaredAttributes == b.Settings.UndeclaredAttributes},
		{"technical", a.Settings.Technical == b.Settings.Technical},
		{"sensitive", maps.Equal(a.Settings.Sensitive, b.Settings.Sensitive)},
	} {
		if !f.same {
			names = append(names, f.name)
		}
	}
	return names
}

func identityPlace(workspaceID string) vault.Place {
	return vault.Place{Table: "workspaces", Column: "identity_secret_sealed", Row: workspaceID}
}

// IdentitySecret gives the secret that the customer's server signs identity
// tokens with: HS256 over its bytes, which are letters and digits.
func (s *Service) IdentitySecret(ctx context.Context, workspaceID string) ([]byte, error) {
	var sealed []byte
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		return tx.QueryRow(`SELECT identity_secret_sealed FROM workspaces WHERE id = $1`, workspaceID).Scan(&sealed)
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.NotFound("workspace")
	}
	if err != nil {
		return nil, fault.Wrap("workspace.IdentitySecret", err)
	}
	key, err := s.vault.Key(ctx, vault.Subject{Workspace: workspaceID})
	if err != nil {
		return nil, fault.Wrap("workspace.IdentitySecret", err)
	}
	secret, err := key.Open(identityPlace(workspaceID), sealed)
	return secret, fault.Wrap("workspace.IdentitySecret", err)
}

// ShowIdentitySecret gives the context's workspace's identity secret to whoever
// sets the customer's server up, and notes it in the audit log.
func (s *Service) ShowIdentitySecret(ctx context.Context) (string, error) {
	a := actor.From(ctx)
	secret, err := s.IdentitySecret(ctx, a.WorkspaceID)
	if err != nil {
		return "", err
	}
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		s.record(tx, a, a.WorkspaceID, "identity_secret.shown", "workspace", a.WorkspaceID, nil)
		return nil
	})
	return string(secret), fault.Wrap("workspace.ShowIdentitySecret", err)
}

// RotateIdentitySecret gives the context's workspace a new identity secret. Tokens
// signed with the old one are refused from then on.
func (s *Service) RotateIdentitySecret(ctx context.Context) (string, error) {
	a := actor.From(ctx)
	key, err := s.vault.Key(ctx, vault.Subject{Workspace: a.WorkspaceID})
	if err != nil {
		return "", fault.Wrap("workspace.RotateIdentitySecret", err)
	}
	secret := newSecret()
	sealed := key.Seal(identityPlace(a.WorkspaceID), []byte(secret))
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		s.record(tx, a, a.WorkspaceID, "identity_secret.rotated", "workspace", a.WorkspaceID, nil)
		_, err := tx.Exec(`UPDATE workspaces SET identity_secret_sealed = $1 WHERE id = $2`, sealed, a.WorkspaceID)
		return err
	})
	if err != nil {
		return "", fault.Wrap("workspace.RotateIdentitySecret", err)
	}
	return secret, nil
}
