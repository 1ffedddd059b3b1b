package workspace_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

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

func TestSignIn(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		acme := w.Make(t, "Acme")
		other := w.Make(t, "Other")
		tests := []struct {
			name string
			c    workspace.Credentials
			kind fault.Kind // KindInternal: works
		}{
			{"right", workspace.Credentials{Email: acme.Email, Password: password}, 0},
			{"in capitals", workspace.Credentials{Email: " OWNER@ACME.example ", Password: password}, 0},
			{"named workspace", workspace.Credentials{Email: acme.Email, Password: password, WorkspaceID: acme.ID}, 0},
			{"foreign workspace", workspace.Credentials{Email: acme.Email, Password: password, WorkspaceID: other.ID}, fault.KindNotFound},
			{"wrong password", workspace.Credentials{Email: acme.Email, Password: password + "."}, fault.KindUnauthorized},
			{"no password", workspace.Credentials{Email: acme.Email}, fault.KindUnauthorized},
			{"unknown address", workspace.Credentials{Email: "nobody@acme.example", Password: password}, fault.KindUnauthorized},
			{"no address", workspace.Credentials{Email: "nobody", Password: password}, fault.KindUnauthorized},
			{"endless password", workspace.Credentials{Email: acme.Email, Password: strings.Repeat("x", 1<<16)}, fault.KindUnauthorized},
		}
		texts := map[string]bool{}
		for _, tt := range tests {
			in, err := w.SignIn(t.Context(), tt.c)
			if tt.kind == 0 {
				if err != nil || in.View.Operator.Email != acme.Email || in.View.Workspace.ID != acme.ID || in.View.CSRFToken == "" {
					t.Errorf("%s: %+v, %v", tt.name, in.View, err)
				}
				continue
			}
			wantKind(t, tt.name, err, tt.kind)
			if tt.kind == fault.KindUnauthorized {
				texts[fault.As(err).Detail] = true
			}
		}
		if len(texts) != 1 {
			t.Errorf("the answers tell a wrong password from an unknown address: %v", texts)
		}
		if got, want := w.Actions(t, ""), slices.Repeat([]string{"operator.sign_in_failed operator"}, 3); !slices.Equal(got, want) {
			t.Errorf("log of the installation %v, want %v", got, want)
		}
	})
}

func TestSignInIsLimited(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		acme := w.Make(t, "Acme")
		wrong := func(email, network string) error {
			_, err := w.SignIn(t.Context(), workspace.Credentials{Email: email, Password: "not the password", Network: network})
			return err
		}
		for range 20 { // who is right is never limited
			w.In(t, acme.Email)
		}
		for i := range 10 {
			wantKind(t, "attempt "+string(rune('0'+i)), wrong(acme.Email, ""), fault.KindUnauthorized)
		}
		err := wrong(acme.Email, "")
		wantKind(t, "the eleventh for one account", err, fault.KindTooMany)
		if wait := fault.As(err).RetryAfter; wait != 30*time.Second {
			t.Errorf("retry after %v", wait)
		}
		if _, err := w.SignIn(t.Context(), workspace.Credentials{Email: acme.Email, Password: password}); !fault.Is(err, fault.KindTooMany) {
			t.Errorf("the right password meanwhile: %v", err)
		}
		w.Clock.Advance(30 * time.Second)
		w.In(t, acme.Email)

		for i := range 30 {
			wantKind(t, "spraying", wrong("someone"+string(rune('a'+i))+"@acme.example", "192.0.2.7"), fault.KindUnauthorized)
		}
		wantKind(t, "the thirty-first from one network", wrong("one.more@acme.example", "192.0.2.7"), fault.KindTooMany)
		wantKind(t, "from another network", wrong("one.more@acme.example", "192.0.2.8"), fault.KindUnauthorized)
	})
}

func TestPasswordHashesAreRenewed(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		acme := w.Make(t, "Acme")
		dearer := workspacetest.New(t, w.DB, func(d *workspace.Deps) {
			d.Vault, d.PasswordCost = w.Vault, workspace.PasswordCost{Memory: 16, Time: 1, Threads: 1}
		})
		dearer.In(t, acme.Email)
		var hash string
		if err := w.DB.SQL().QueryRow(`SELECT password_hash FROM operators`).Scan(&hash); err != nil || !strings.Contains(hash, "m=16,") {
			t.Errorf("hash %q, %v", hash, err)
		}
		dearer.In(t, acme.Email)
	})
}

func TestSessionsEnd(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		acme := w.Make(t, "Acme")
		idle, _ := w.In(t, acme.Email)
		w.Clock.Advance(workspace.SessionIdle - time.Microsecond)
		as(t, w, idle) // and is not written, as if the server had stopped here
		w.Clock.Advance(time.Microsecond)
		_, err := w.AuthenticateSession(t.Context(), idle)
		wantKind(t, "an idle session", err, fault.KindUnauthorized)

		used, _ := w.In(t, acme.Email)
		days := 0
		for err = nil; err == nil && days < 100; days++ {
			w.Clock.Advance(24 * time.Hour)
			if _, err = w.AuthenticateSession(t.Context(), used); err == nil {
				err = w.Flush(t.Context())
			}
		}
		wantKind(t, "a session that is used every day", err, fault.KindUnauthorized)
		if days != 60 {
			t.Errorf("a session that is used every day ended after %d days, want 60", days)
		}
		kept, _ := w.In(t, acme.Email)
		if err := w.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		as(t, w, kept)
		var n int
		if err := w.DB.SQL().QueryRow(`SELECT count(*) FROM sessions`).Scan(&n); err != nil || n != 1 {
			t.Errorf("%d sessions are stored, want the one that is not over; %v", n, err)
		}
	})
}

func TestAuthenticatingDoesNotWrite(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		acme := w.Make(t, "Acme")
		token, ctx := w.In(t, acme.Email)
		start := w.Clock.Now()
		seen := func() time.Time {
			l, err := w.Sessions(ctx, page(10))
			if err != nil || len(l.Data) != 1 {
				t.Fatalf("%+v, %v", l, err)
			}
			return l.Data[0].LastSeenAt
		}
		for range 90 {
			w.Clock.Advance(time.Second)
			as(t, w, token)
			if _, err := w.AuthenticateKey(t.Context(), acme.APIKey); err != nil {
				t.Fatal(err)
			}
		}
		if got := seen(); !got.Equal(start) {
			t.Errorf("last seen %v before anything was written, want %v", got, start)
		}
		if err := w.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := seen(); !got.Equal(start.Add(time.Minute)) {
			t.Errorf("last seen %v, want a minute after %v", got, start)
		}
		keys, err := w.Keys(ctx, page(10))
		if err != nil || keys.Data[0].LastUsedAt == nil || !keys.Data[0].LastUsedAt.Equal(start.Add(61*time.Second)) {
			t.Errorf("keys %+v, %v", keys, err)
		}
		me, err := w.Operator(ctx, acme.OwnerID)
		if err != nil || me.LastSeenAt == nil || !me.LastSeenAt.Equal(start.Add(time.Minute)) {
			t.Errorf("operator %+v, %v", me, err)
		}
	})
}

// What is revoked is refused at the next request, though it was just in memory.
func TestRevokedIsRefusedAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		acme := w.Make(t, "Acme")
		owner := acme.AsOwner(t.Context())
		agent := w.Add(t, acme, "Ben", "ben@acme.example", workspace.Agent)
		revocations := map[string]func(ctx context.Context, a actor.Actor) error{
			"sign out":        func(ctx context.Context, _ actor.Actor) error { return w.SignOut(ctx) },
			"session revoked": func(ctx context.Context, a actor.Actor) error { return w.RevokeSession(ctx, a.SessionID) },
			"others revoked": func(ctx context.Context, _ actor.Actor) error {
				_, next := w.In(t, agent.Email)
				return w.RevokeOtherSessions(next)
			},
			"role changed": func(context.Context, actor.Actor) error {
				_, err := w.SetRole(owner, agent.ID, workspace.Viewer)
				return err
			},
			"password changed": func(context.Context, actor.Actor) error {
				_, elsewhere := w.In(t, agent.Email)
				if err := w.UpdateAccount(elsewhere, workspace.AccountPatch{CurrentPassword: password, NewPassword: "some other words"}); err != nil {
					return err
				}
				return w.UpdateAccount(elsewhere, workspace.AccountPatch{CurrentPassword: "some other words", NewPassword: password})
			},
		}
		for name, revoke := range revocations {
			token, ctx := w.In(t, agent.Email)
			as(t, w, token)
			if err := revoke(ctx, actor.From(ctx)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			_, err := w.AuthenticateSession(t.Context(), token)
			wantKind(t, name, err, fault.KindUnauthorized)
			if _, err := w.SetRole(owner, agent.ID, workspace.Agent); err != nil {
				t.Fatal(err)
			}
		}
		token, _ := w.In(t, agent.Email)
		if err := w.RemoveOperator(owner, agent.ID); err != nil {
			t.Fatal(err)
		}
		_, err := w.AuthenticateSession(t.Context(), token)
		wantKind(t, "removed", err, fault.KindUnauthorized)

		key, secret, err := w.CreateKey(owner, "server", []string{"inbox:read"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.AuthenticateKey(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
		if err := w.RevokeKey(owner, key.ID); err != nil {
			t.Fatal(err)
		}
		_, err = w.AuthenticateKey(t.Context(), secret)
		wantKind(t, "a revoked key", err, fault.KindUnauthorized)
	})
}

// Another node, that hears nothing, notices within 10 seconds; one that is told,
// at once.
func TestOtherNodesNotice(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		deaf := workspacetest.New(t, w.DB, func(d *workspace.Deps) { d.Vault, d.Clock = w.Vault, w.Clock })
		told := workspacetest.New(t, w.DB, func(d *workspace.Deps) { d.Vault, d.Clock = w.Vault, w.Clock })
		here := workspacetest.New(t, w.DB, func(d *workspace.Deps) {
			d.Vault, d.Clock = w.Vault, w.Clock
			d.Announce = func(_ context.Context, ids ...string) { told.Forget(ids...) }
		})
		acme := w.Make(t, "Acme")
		token, ctx := here.In(t, acme.Email)
		as(t, deaf, token)
		as(t, told, token)
		if err := here.SignOut(ctx); err != nil {
			t.Fatal(err)
		}
		_, err := told.AuthenticateSession(t.Context(), token)
		wantKind(t, "a node that was told", err, fault.KindUnauthorized)
		w.Clock.Advance(10 * time.Second)
		_, err = deaf.AuthenticateSession(t.Context(), token)
		wantKind(t, "a node that was not told", err, fault.KindUnauthorized)
	})
}

func TestNoiseIsNoSecret(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		acme := w.Make(t, "Acme")
		token, _ := w.In(t, acme.Email)
		for _, noise := range []string{"", "x", token[1:], token + "0", "btm_" + token, acme.APIKey, strings.Repeat("0", 43), "btm_" + strings.Repeat("0", 43)} {
			if _, err := w.AuthenticateSession(t.Context(), noise); !fault.Is(err, fault.KindUnauthorized) {
				t.Errorf("session %q: %v", noise, err)
			}
		}
		for _, noise := range []string{"", token, "btm_" + token, acme.APIKey[4:], "BTM_" + acme.APIKey[4:], acme.APIKey + "0"} {
			if _, err := w.AuthenticateKey(t.Context(), noise); !fault.Is(err, fault.KindUnauthorized) {
				t.Errorf("key %q: %v", noise, err)
			}
		}
	})
}

func TestCSRFTokens(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		ctx := t.Context()
		one, err := w.CSRFToken(ctx, "ses_1")
		if err != nil {
			t.Fatal(err)
		}
		two, _ := w.CSRFToken(ctx, "ses_2")
		none, _ := w.CSRFToken(ctx, "")
		if one == two || len(one) < 43 {
			t.Errorf("tokens %q, %q", one, two)
		}
		if err := w.CheckCSRF(ctx, "ses_1", one); err != nil {
			t.Errorf("the right one: %v", err)
		}
		for _, bad := range []struct{ session, token string }{{"ses_1", two}, {"ses_1", ""}, {"ses_1", one[1:]}, {"", none}, {"", ""}} {
			wantKind(t, bad.session+" "+bad.token, w.CheckCSRF(ctx, bad.session, bad.token), fault.KindForbidden)
		}
	})
}

func TestRunWritesBeforeItReturns(t *testing.T) {
	w := workspacetest.New(t, storagetest.SQLite(t))
	acme := w.Make(t, "Acme")
	token, in := w.In(t, acme.Email)
	w.Clock.Advance(time.Hour)
	as(t, w, token)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w.Run(ctx)
	l, err := w.Sessions(in, page(10))
	if err != nil || !l.Data[0].LastSeenAt.Equal(w.Clock.Now()) {
		t.Errorf("%+v, %v", l, err)
	}
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
