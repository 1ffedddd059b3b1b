package workspace_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
	"github.com/botimum/botimum/internal/vault"
	"github.com/botimum/botimum/internal/workspace"
	"github.com/botimum/botimum/internal/workspace/workspacetest"
)

const password = workspacetest.Password

// each runs fn on both engines with a fresh service.
func each(t *testing.T, fn func(t *testing.T, w *workspacetest.World)) {
	t.Helper()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) { fn(t, workspacetest.New(t, db)) })
}

func wantKind(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("%s: %v, want kind %d", what, err, kind)
	}
}

func page(limit int) httpx.Paging { return httpx.Paging{Limit: limit} }

func TestSetupCanBeRepeated(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		ctx := t.Context()
		if needed, err := w.NeedsSetup(ctx); !needed || err != nil {
			t.Fatalf("NeedsSetup on an empty installation: %v, %v", needed, err)
		}
		in := workspace.SetupInput{Workspace: "Acme", Email: "ada@example.org", Password: password, Origins: []string{"https://Acme.example/"}, KeyName: "setup"}
		one, err := w.Setup(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		in.Email, in.Password, in.KeyName = " ADA@Example.org", "another long password", ""
		two, err := w.Setup(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		if one.OperatorID != two.OperatorID || one.Workspace.ID == two.Workspace.ID || one.Workspace.Key == two.Workspace.Key {
			t.Errorf("the second set-up should add a workspace to the same operator: %+v %+v", one, two)
		}
		if one.Workspace.Slug != "acme" || two.Workspace.Slug != "acme-2" || one.APIKey == "" || two.APIKey != "" {
			t.Errorf("slugs %q, %q, keys %q, %q", one.Workspace.Slug, two.Workspace.Slug, one.APIKey, two.APIKey)
		}
		if needed, _ := w.NeedsSetup(ctx); needed {
			t.Error("set-up is still needed")
		}
		in1, err := w.SignIn(ctx, workspace.Credentials{Email: "ada@example.org", Password: password})
		if err != nil {
			t.Fatalf("the operator's first password should stay: %v", err)
		}
		if v := in1.View; len(v.Workspaces) != 2 || v.Operator.Name != "ada" || v.Operator.Role != workspace.Owner || v.Workspace.ID != one.Workspace.ID {
			t.Errorf("view %+v", v)
		}
		want := []string{"workspace.created workspace", "operator.added operator", "api_key.created api_key", "operator.signed_in session"}
		if got := w.Actions(t, one.Workspace.ID); !slices.Equal(got, want) {
			t.Errorf("audit log %v, want %v", got, want)
		}
		if a, err := w.AuthenticateKey(ctx, one.APIKey); err != nil || !a.Can("anything:at-all") || a.WorkspaceID != one.Workspace.ID {
			t.Errorf("the set-up key: %+v, %v", a, err)
		}
	})
}

func TestSetupNamesWhatIsWrong(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		_, err := w.Setup(t.Context(), workspace.SetupInput{Workspace: "", Email: "nobody", Password: "short", Origins: []string{"acme.example"}})
		f := fault.As(err)
		if f == nil || f.Kind != fault.KindInvalid {
			t.Fatalf("%v", err)
		}
		var fields []string
		for _, e := range f.Fields {
			fields = append(fields, e.Field)
		}
		if want := []string{"workspace", "origins", "email", "password"}; !slices.Equal(fields, want) {
			t.Errorf("fields %v, want %v", fields, want)
		}
		if needed, _ := w.NeedsSetup(t.Context()); !needed {
			t.Error("a refused set-up left something behind")
		}
	})
}

func TestSetupTokenWorksOnce(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		ctx := t.Context()
		in := workspace.SetupInput{Workspace: "Acme", Name: "Ada", Email: "ada@example.org", Password: password, KeyName: "smuggled"}
		_, err := w.SetupWithToken(ctx, "", "", in)
		wantKind(t, "no token was made", err, fault.KindUnauthorized)
		old, token := w.NewSetupToken(), w.NewSetupToken()
		_, err = w.SetupWithToken(ctx, old, "", in)
		wantKind(t, "an old token", err, fault.KindUnauthorized)
		bad := in
		bad.Password = "short"
		_, err = w.SetupWithToken(ctx, token, "", bad)
		wantKind(t, "a short password", err, fault.KindInvalid)
		done, err := w.SetupWithToken(ctx, token, "", in)
		if err != nil {
			t.Fatalf("after a mistake the token should still work: %v", err)
		}
		if a, err := w.AuthenticateSession(ctx, done.Token); err != nil || !a.Can("*") {
			t.Errorf("the owner is not signed in: %+v, %v", a, err)
		}
		_, err = w.SetupWithToken(ctx, token, "", in)
		wantKind(t, "a second time", err, fault.KindConflict)
		if keys, _ := w.Keys(as(t, w, done.Token), page(10)); len(keys.Data) != 0 {
			t.Error("the page made an API key that nobody has seen")
		}
	})
}

// as gives a context in which the session acts.
func as(t *testing.T, w *workspacetest.World, token string) context.Context {
	t.Helper()
	a, err := w.AuthenticateSession(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return actor.With(t.Context(), a)
}

// No column holds a name, an address or a secret in plain text, and once the
// operator is gone nothing opens.
func TestNothingPersonalIsReadable(t *testing.T) {
	w := workspacetest.New(t, storagetest.SQLite(t))
	acme := w.Make(t, "Acme")
	ben := w.Add(t, acme, "Benjamin Canary", "canary.ben@acme.example", workspace.Agent)
	token, ctx := w.In(t, ben.Email)
	if err := w.UpdateAccount(ctx, workspace.AccountPatch{Name: "Benedict Canary"}); err != nil {
		t.Fatal(err)
	}
	secret, err := w.ShowIdentitySecret(acme.AsOwner(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.SignIn(t.Context(), workspace.Credentials{Email: "canary.unknown@acme.example", Password: "canary password"})
	canaries := []string{"Benjamin", "Benedict", "canary", "Canary", "CANARY", "acme.example", password, token, acme.APIKey, acme.APIKey[12:], secret}
	raw := rawFiles(t, w)
	for _, c := range canaries {
		if strings.Contains(raw, c) {
			t.Errorf("the database files hold %q", c)
		}
	}
	if !strings.Contains(raw, acme.Slug) {
		t.Fatal("the files do not hold what they should: the test looks at the wrong ones")
	}
	var sealed []byte
	if err := w.DB.SQL().QueryRow(`SELECT profile_sealed FROM operators WHERE id = $1`, ben.ID).Scan(&sealed); err != nil {
		t.Fatal(err)
	}
	if err := w.RemoveOperator(acme.AsOwner(t.Context()), ben.ID); err != nil {
		t.Fatal(err)
	}
	_, err = w.Vault.Key(t.Context(), vault.Subject{ID: ben.ID})
	wantKind(t, "the key of an erased operator", err, fault.KindGone)
}

// rawFiles gives the bytes of the database and its log.
func rawFiles(t *testing.T, w *workspacetest.World) string {
	t.Helper()
	var path string
	if err := w.DB.SQL().QueryRow(`SELECT file FROM pragma_database_list WHERE name = 'main'`).Scan(&path); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(path + suffix)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		all.Write(content)
	}
	return all.String()
}
