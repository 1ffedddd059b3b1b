package workspace_test

import (
	"context"
	"testing"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
	"github.com/botimum/botimum/internal/workspace"
	"github.com/botimum/botimum/internal/workspace/workspacetest"
)

func TestErasingOnesOwnAccount(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		acme, other := w.Make(t, "Acme"), w.Make(t, "Other")
		ben := w.Add(t, acme, "Ben", "ben@example.org", workspace.Agent)
		w.Add(t, other, "Ben", "ben@example.org", workspace.Owner)
		token, ctx := w.In(t, "ben@example.org")
		elsewhere, _ := w.In(t, "ben@example.org")

		_, err := w.EraseAccount(ctx, "not the password")
		wantKind(t, "a wrong password", err, fault.KindInvalid)
		if _, err := w.EraseAccount(ctx, workspacetest.Password); err != nil {
			t.Fatal(err)
		}
		for _, session := range []string{token, elsewhere} {
			_, err := w.AuthenticateSession(t.Context(), session)
			wantKind(t, "a session", err, fault.KindUnauthorized)
		}
		_, err = w.Vault.Key(t.Context(), vault.Subject{ID: ben.ID})
		wantKind(t, "the key", err, fault.KindGone)
		if rows := exported(t, w, ben.ID); len(rows) != 0 {
			t.Errorf("the holder still gives %v", rows)
		}
		_, err = w.EraseAccount(ctx, workspacetest.Password)
		wantKind(t, "once more", err, fault.KindUnauthorized)
		for _, ws := range []string{acme.ID, other.ID} {
			got := w.Actions(t, ws)
			if got[len(got)-1] != "operator.erased operator" {
				t.Errorf("audit log %v", got)
			}
		}
	})
}

// A workspace keeps an owner, and two owners who leave at once are not both let go.
func TestTheOnlyOwnerStays(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		acme := w.Make(t, "Acme")
		_, owner := w.In(t, acme.Email)
		_, err := w.EraseAccount(owner, workspacetest.Password)
		if e := fault.As(err); e == nil || e.Code != "last_owner" || e.Kind != fault.KindConflict {
			t.Fatalf("the only owner: %v", err)
		}
		if a, err := w.OwnAccount(owner); err != nil || len(a.Memberships) != 1 || !a.Memberships[0].OnlyOwner {
			t.Errorf("%+v, %v", a, err)
		}
		w.Add(t, acme, "Eve", "eve@example.org", workspace.Owner)
		_, eve := w.In(t, "eve@example.org")
		if a, err := w.OwnAccount(owner); err != nil || a.Memberships[0].OnlyOwner {
			t.Errorf("with a second owner: %+v, %v", a, err)
		}
		left := make(chan error, 2)
		for _, who := range []context.Context{owner, eve} {
			go func() { _, err := w.EraseAccount(who, workspacetest.Password); left <- err }()
		}
		first, second := <-left, <-left
		if (first == nil) == (second == nil) {
			t.Errorf("two owners at once: %v, %v", first, second)
		}
	})
}

func TestChangingOnesAddress(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		acme := w.Make(t, "Acme")
		w.Add(t, acme, "Ben", "ben@example.org", workspace.Agent)
		token, ctx := w.In(t, "ben@example.org")
		for name, tt := range map[string]struct {
			patch workspace.AccountPatch
			want  fault.Kind
		}{
			"without the password": {workspace.AccountPatch{Email: "ben@new.example"}, fault.KindInvalid},
			"no address":           {workspace.AccountPatch{Email: "ben", CurrentPassword: workspacetest.Password}, fault.KindInvalid},
			"somebody else's":      {workspace.AccountPatch{Email: acme.Email, CurrentPassword: workspacetest.Password}, fault.KindConflict},
		} {
			wantKind(t, name, w.UpdateAccount(ctx, tt.patch), tt.want)
		}
		if err := w.UpdateAccount(ctx, workspace.AccountPatch{Email: "ben@new.example", CurrentPassword: workspacetest.Password}); err != nil {
			t.Fatal(err)
		}
		as(t, w, token) // the session goes on
		_, err := w.SignIn(t.Context(), workspace.Credentials{Email: "ben@example.org", Password: workspacetest.Password})
		wantKind(t, "the old address", err, fault.KindUnauthorized)
		if _, err := w.SignIn(t.Context(), workspace.Credentials{Email: "BEN@new.example", Password: workspacetest.Password}); err != nil {
			t.Errorf("the new address: %v", err)
		}
		if rows := exported(t, w, actor.From(ctx).ID); rows["account"] != 1 || rows["memberships"] != 1 || rows["sessions"] != 2 {
			t.Errorf("exported %v", rows)
		}
	})
}

// exported counts what the holder hands out about an operator.
func exported(t *testing.T, w *workspacetest.World, operatorID string) map[string]int {
	t.Helper()
	rows := map[string]int{}
	err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
		return w.ExportOperator(t.Context(), tx, operatorID, func(section string, _ any) error {
			rows[section]++
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
