package workspace_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/vault"
	"github.com/botimum/botimum/internal/workspace"
	"github.com/botimum/botimum/internal/workspace/workspacetest"
)

func TestOperatorsBelongToSeveralWorkspaces(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		acme, other := w.Make(t, "Acme"), w.Make(t, "Other")
		ben := w.Add(t, acme, "Ben", "ben@example.org", workspace.Agent)
		same, err := w.AddOperator(other.AsOwner(t.Context()), workspace.NewOperator{Name: "Somebody", Email: "BEN@example.org", Role: workspace.Viewer, Password: "a password of theirs"})
		if err != nil || same.ID != ben.ID || same.Name != "Ben" || same.Role != workspace.Viewer {
			t.Fatalf("%+v, %v", same, err)
		}
		_, err = w.AddOperator(other.AsOwner(t.Context()), workspace.NewOperator{Name: "Ben", Email: "ben@example.org", Role: workspace.Viewer, Password: password})
		wantKind(t, "twice", err, fault.KindConflict)
		_, err = w.SignIn(t.Context(), workspace.Credentials{Email: "ben@example.org", Password: "a password of theirs"})
		wantKind(t, "the password that the second workspace chose", err, fault.KindUnauthorized)

		token, ctx := w.In(t, "ben@example.org")
		if a := actor.From(ctx); a.WorkspaceID != acme.ID || !a.Can("inbox:write") {
			t.Errorf("in the first workspace: %+v", a)
		}
		v, err := w.SwitchWorkspace(ctx, other.ID)
		if err != nil || v.Workspace.ID != other.ID || v.Operator.Role != workspace.Viewer || slices.Contains(v.Permissions, "inbox:*") {
			t.Fatalf("%+v, %v", v, err)
		}
		ctx = as(t, w, token)
		if a := actor.From(ctx); a.WorkspaceID != other.ID || a.Can("inbox:write") || a.Name != "Ben" {
			t.Errorf("after switching: %+v", a)
		}
		third := w.Make(t, "Third")
		_, err = w.SwitchWorkspace(ctx, third.ID)
		wantKind(t, "switching to a foreign workspace", err, fault.KindNotFound)

		if err := w.RemoveOperator(other.AsOwner(t.Context()), ben.ID); err != nil {
			t.Fatal(err)
		}
		_, err = w.AuthenticateSession(t.Context(), token)
		wantKind(t, "the session in the workspace that was left", err, fault.KindUnauthorized)
		if _, err := w.Vault.Key(t.Context(), vault.Subject{ID: ben.ID}); err != nil {
			t.Errorf("an operator who still works elsewhere lost the key: %v", err)
		}
		_, again := w.In(t, "ben@example.org")
		if a := actor.From(again); a.WorkspaceID != acme.ID {
			t.Errorf("%+v", a)
		}
	})
}

func TestAddOperatorRules(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		acme := w.Make(t, "Acme")
		admin := w.Add(t, acme, "Ada", "ada@acme.example", workspace.Admin)
		asAdmin := acme.As(t.Context(), admin.ID, workspace.Admin)
		for name, n := range map[string]workspace.NewOperator{
			"no name":         {Email: "x@acme.example", Role: workspace.Agent, Password: password},
			"no address":      {Name: "X", Email: "x", Role: workspace.Agent, Password: password},
			"unknown role":    {Name: "X", Email: "x@acme.example", Role: "boss", Password: password},
			"mightier":        {Name: "X", Email: "x@acme.example", Role: workspace.Owner, Password: password},
			"weak password":   {Name: "X", Email: "x@acme.example", Role: workspace.Agent, Password: "passwordpassword"},
			"address as word": {Name: "X", Email: "xavier.long@acme.example", Role: workspace.Agent, Password: "Xavier.Long@acme.example"},
			// The same rule for those who have an account, or its absence would tell that they do.
			"weak, known": {Name: "X", Email: acme.Email, Role: workspace.Agent, Password: "short"},
		} {
			_, err := w.AddOperator(asAdmin, n)
			wantKind(t, name, err, fault.KindInvalid)
		}
		_, err := w.SetRole(asAdmin, acme.OwnerID, workspace.Viewer)
		wantKind(t, "an admin demotes the owner", err, fault.KindForbidden)
		wantKind(t, "an admin removes the owner", w.RemoveOperator(asAdmin, acme.OwnerID), fault.KindForbidden)
	})
}

func TestAWorkspaceKeepsAnOwner(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		acme := w.Make(t, "Acme")
		ctx := acme.AsOwner(t.Context())
		_, err := w.SetRole(ctx, acme.OwnerID, workspace.Admin)
		wantKind(t, "demoting the last owner", err, fault.KindConflict)
		wantKind(t, "removing the last owner", w.RemoveOperator(ctx, acme.OwnerID), fault.KindConflict)
		if _, err := w.SetRole(ctx, acme.OwnerID, workspace.Owner); err != nil {
			t.Errorf("no change is no conflict: %v", err)
		}
		second := w.Add(t, acme, "Second", "second@acme.example", workspace.Owner)
		results := make(chan error, 2) // each removes the other at once: one must stay
		for _, pair := range [][2]string{{acme.OwnerID, second.ID}, {second.ID, acme.OwnerID}} {
			go func() { results <- w.RemoveOperator(acme.As(t.Context(), pair[0], workspace.Owner), pair[1]) }()
		}
		one, two := <-results, <-results
		if (one == nil) == (two == nil) {
			t.Errorf("both removals ended alike: %v, %v", one, two)
		}
		l, err := w.Operators(ctx, page(10))
		if err != nil || len(l.Data) != 1 || l.Data[0].Role != workspace.Owner {
			t.Errorf("left: %+v, %v", l, err)
		}
	})
}

func TestRemovedOperatorsAreErased(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		acme := w.Make(t, "Acme")
		ctx := acme.AsOwner(t.Context())
		ben := w.Add(t, acme, "Ben", "ben@acme.example", workspace.Agent)
		names, err := w.OperatorNames(ctx, acme.ID, []string{ben.ID, acme.OwnerID, ben.ID, "opr_unknown", ""})
		if err != nil || len(names) != 2 || names[ben.ID] != "Ben" {
			t.Fatalf("%v, %v", names, err)
		}
		if err := w.RemoveOperator(ctx, ben.ID); err != nil {
			t.Fatal(err)
		}
		_, err = w.Vault.Key(ctx, vault.Subject{ID: ben.ID})
		wantKind(t, "the key", err, fault.KindGone)
		names, err = w.OperatorNames(ctx, acme.ID, []string{ben.ID, acme.OwnerID})
		if err != nil || len(names) != 1 {
			t.Errorf("names after the removal: %v, %v", names, err)
		}
		var n int
		if err := w.DB.SQL().QueryRow(`SELECT (SELECT count(*) FROM operators WHERE id = $1) + (SELECT count(*) FROM memberships WHERE operator_id = $2)
			+ (SELECT count(*) FROM sessions WHERE operator_id = $3)`, ben.ID, ben.ID, ben.ID).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d rows are left, %v", n, err)
		}
		back := w.Add(t, acme, "Ben", "ben@acme.example", workspace.Agent)
		if back.ID == ben.ID {
			t.Error("an erased account came back")
		}
		want := []string{"operator.added operator", "operator.removed operator", "operator.added operator"}
		if got := w.Actions(t, acme.ID); !slices.Equal(got[3:], want) {
			t.Errorf("audit log %v, want it to end with %v", got, want)
		}
	})
}

func TestForeignIdsAreNotFound(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		acme, other := w.Make(t, "Acme"), w.Make(t, "Other")
		ctx := acme.AsOwner(t.Context())
		keys, err := w.Keys(other.AsOwner(t.Context()), page(1))
		if err != nil {
			t.Fatal(err)
		}
		_, theirs := w.In(t, other.Email)
		_, err = w.Operator(ctx, other.OwnerID)
		wantKind(t, "operator", err, fault.KindNotFound)
		_, err = w.SetRole(ctx, other.OwnerID, workspace.Viewer)
		wantKind(t, "role", err, fault.KindNotFound)
		wantKind(t, "remove", w.RemoveOperator(ctx, other.OwnerID), fault.KindNotFound)
		wantKind(t, "revoke key", w.RevokeKey(ctx, keys.Data[0].ID), fault.KindNotFound)
		wantKind(t, "revoke session", w.RevokeSession(ctx, actor.From(theirs).SessionID), fault.KindNotFound)
		if _, err := w.AuthenticateKey(ctx, other.APIKey); err != nil {
			t.Errorf("a foreign key was revoked: %v", err)
		}
		list, err := w.Operators(ctx, page(1))
		if err != nil {
			t.Fatal(err)
		}
		if list.NextCursor != nil || list.Data[0].ID != acme.OwnerID {
			t.Errorf("%+v", list)
		}
		w.Add(t, other, "Ben", "ben@other.example", workspace.Agent)
		foreign, err := w.Operators(other.AsOwner(ctx), page(1))
		if err != nil || foreign.NextCursor == nil {
			t.Fatalf("%+v, %v", foreign, err)
		}
		_, err = w.Operators(ctx, httpx.Paging{Limit: 1, Cursor: *foreign.NextCursor})
		wantKind(t, "a foreign cursor", err, fault.KindMalformed)
	})
}

func TestOperatorsArePaged(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		acme := w.Make(t, "Acme")
		for _, n := range []string{"a", "b", "c", "d"} {
			w.Add(t, acme, "Operator "+n, n+"@acme.example", workspace.Agent)
		}
		var names []string
		for p := page(2); ; {
			l, err := w.Operators(acme.AsOwner(t.Context()), p)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range l.Data {
				names = append(names, o.Name)
			}
			if l.NextCursor == nil {
				break
			}
			p.Cursor = *l.NextCursor
		}
		if got := strings.Join(names, ", "); got != "Operator d, Operator c, Operator b, Operator a, Owner of Acme" {
			t.Errorf("operators %s", got)
		}
	})
}

func TestKeysStayWithinTheirMaker(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		acme := w.Make(t, "Acme")
		admin := w.Add(t, acme, "Ada", "ada@acme.example", workspace.Admin)
		asAdmin := acme.As(t.Context(), admin.ID, workspace.Admin)
		_, _, err := w.CreateKey(asAdmin, "all", []string{"*"})
		wantKind(t, "an admin's key with all scopes", err, fault.KindInvalid)
		_, _, err = w.CreateKey(asAdmin, " ", []string{"inbox:read"})
		wantKind(t, "no name", err, fault.KindInvalid)
		k, secret, err := w.CreateKey(asAdmin, "server", []string{"keys:write", "inbox:read"})
		if err != nil || !strings.HasPrefix(secret, k.Prefix) || len(secret) != 47 || len(k.Prefix) != 12 {
			t.Fatalf("%+v, %v", k, err)
		}
		a, err := w.AuthenticateKey(t.Context(), secret)
		if err != nil || a.Type != actor.APIKey || a.ID != k.ID || a.Name != "server" || !a.Can("inbox:read") || a.Can("inbox:write") {
			t.Fatalf("%+v, %v", a, err)
		}
		_, _, err = w.CreateKey(actor.With(t.Context(), a), "child", []string{"inbox:write"})
		wantKind(t, "a key's key beyond its own scopes", err, fault.KindInvalid)
		if _, _, err := w.CreateKey(actor.With(t.Context(), a), "child", []string{"inbox:read"}); err != nil {
			t.Errorf("a key's key within its scopes: %v", err)
		}
		if err := w.RevokeKey(asAdmin, k.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.RevokeKey(asAdmin, k.ID); err != nil {
			t.Errorf("revoking again: %v", err)
		}
		l, err := w.Keys(asAdmin, page(10))
		if err != nil || len(l.Data) != 3 || l.Data[1].RevokedAt == nil || l.Data[0].RevokedAt != nil {
			t.Errorf("%+v, %v", l, err)
		}
		want := []string{"api_key.created api_key", "api_key.created api_key", "api_key.revoked api_key"}
		if got := w.Actions(t, acme.ID); !slices.Equal(got[4:], want) {
			t.Errorf("audit log %v, want it to end with %v", got, want)
		}
	})
}

func TestAccount(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		acme := w.Make(t, "Acme")
		token, ctx := w.In(t, acme.Email)
		for name, p := range map[string]workspace.AccountPatch{
			"wrong present password": {CurrentPassword: "not this one", NewPassword: "some other words"},
			"none":                   {NewPassword: "some other words"},
			"weak":                   {CurrentPassword: password, NewPassword: "short"},
			"own address":            {CurrentPassword: password, NewPassword: "Owner@acme.example"},
			"hidden name":            {Name: "a\u202eb"},
			"blank name":             {Name: "  "},
		} {
			wantKind(t, name, w.UpdateAccount(ctx, p), fault.KindInvalid)
		}
		if err := w.UpdateAccount(ctx, workspace.AccountPatch{Name: " Ada  Lovelace ", CurrentPassword: password, NewPassword: "some other words"}); err != nil {
			t.Fatal(err)
		}
		if a := actor.From(as(t, w, token)); a.Name != "Ada  Lovelace" {
			t.Errorf("the session that changed it: %+v", a)
		}
		_, err := w.SignIn(t.Context(), workspace.Credentials{Email: acme.Email, Password: password})
		wantKind(t, "the old password", err, fault.KindUnauthorized)
		if _, err := w.SignIn(t.Context(), workspace.Credentials{Email: acme.Email, Password: "some other words"}); err != nil {
			t.Errorf("the new password: %v", err)
		}
		for range 20 {
			err = w.UpdateAccount(ctx, workspace.AccountPatch{CurrentPassword: "guess", NewPassword: "some other words"})
		}
		wantKind(t, "guessing the present password", err, fault.KindTooMany)
	})
}

func TestWorkspaceIsFoundAndChanged(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		acme := w.Make(t, "Acme")
		ctx := acme.AsOwner(t.Context())
		find := func() []workspace.Workspace {
			byID, err1 := w.Get(ctx, acme.ID)
			byKey, err2 := w.ByWidgetKey(ctx, acme.Key)
			bySlug, err3 := w.BySlug(ctx, acme.Slug)
			if err1 != nil || err2 != nil || err3 != nil {
				t.Fatal(err1, err2, err3)
			}
			return []workspace.Workspace{byID, byKey, bySlug}
		}
		for _, found := range find() {
			if found.ID != acme.ID || found.Settings.Color != "#0f766e" || found.Settings.AllowedOrigins == nil {
				t.Errorf("%+v", found)
			}
		}
		allowed := func(origin string, want bool) {
			t.Helper()
			if got, err := w.AllowsOriginAnywhere(ctx, origin); got != want || err != nil {
				t.Errorf("AllowsOriginAnywhere(%q) = %v, %v", origin, got, err)
			}
		}
		allowed("https://acme.example", false)
		if _, err := w.Update(ctx, workspace.Patch{Settings: &workspace.SettingsPatch{AllowedOrigins: []string{"https://acme.example"}}}, ""); err != nil {
			t.Fatal(err)
		}
		allowed("https://acme.example", true)
		allowed("https://other.example", false)
		color, name := "#123456", "Acme & Sons"
		old := find()[0]
		w.Clock.Advance(time.Minute)
		updated, err := w.Update(ctx, workspace.Patch{Name: &name, Settings: &workspace.SettingsPatch{Color: &color}}, httpx.ETag(old.UpdatedAt))
		if err != nil || updated.Slug != "acme" || !updated.UpdatedAt.Equal(w.Clock.Now()) {
			t.Fatalf("%+v, %v", updated, err)
		}
		for _, found := range find() {
			if found.Name != name || found.Settings.Color != color || found.Settings.WidgetPosition != "right" {
				t.Errorf("an old version is served: %+v", found)
			}
		}
		_, err = w.Update(ctx, workspace.Patch{Name: &name}, httpx.ETag(old.UpdatedAt))
		wantKind(t, "a change of an old version", err, fault.KindPreconditionFailed)
		next, err := w.Update(ctx, workspace.Patch{Name: &name}, "")
		if err != nil || !next.UpdatedAt.After(updated.UpdatedAt) {
			t.Errorf("two versions share a tag: %v, %v", next.UpdatedAt, err)
		}
		for _, unknown := range []string{"", "wk_0", "wk_000000000000000000000000", acme.ID} {
			_, err := w.ByWidgetKey(ctx, unknown)
			wantKind(t, "widget key "+unknown, err, fault.KindNotFound)
			_, err = w.Get(ctx, unknown+"x")
			wantKind(t, "id "+unknown, err, fault.KindNotFound)
			_, err = w.BySlug(ctx, unknown)
			wantKind(t, "slug "+unknown, err, fault.KindNotFound)
		}
	})
}

func TestIdentitySecrets(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		acme, other := w.Make(t, "Acme"), w.Make(t, "Other")
		ctx := acme.AsOwner(t.Context())
		one, err := w.IdentitySecret(ctx, acme.ID)
		if err != nil || len(one) != 43 {
			t.Fatalf("%d bytes, %v", len(one), err)
		}
		if theirs, _ := w.IdentitySecret(ctx, other.ID); string(theirs) == string(one) {
			t.Error("two workspaces share a secret")
		}
		next, err := w.RotateIdentitySecret(ctx)
		if err != nil || next == string(one) {
			t.Fatalf("%v", err)
		}
		shown, err := w.ShowIdentitySecret(ctx)
		if now, _ := w.IdentitySecret(ctx, acme.ID); err != nil || shown != next || string(now) != next {
			t.Errorf("%q, %q, want %q, %v", shown, now, next, err)
		}
		_, err = w.IdentitySecret(ctx, "wsp_unknown")
		wantKind(t, "an unknown workspace", err, fault.KindNotFound)
		want := []string{"identity_secret.rotated workspace", "identity_secret.shown workspace"}
		if got := w.Actions(t, acme.ID); !slices.Equal(got[3:], want) {
			t.Errorf("audit log %v, want it to end with %v", got, want)
		}
	})
}
