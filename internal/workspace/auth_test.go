package workspace_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
	"github.com/botimum/botimum/internal/workspace"
	"github.com/botimum/botimum/internal/workspace/workspacetest"
)

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
		retain := func(before time.Time) (n int64) {
			err := w.DB.Write(t.Context(), func(tx *storage.Tx) (err error) {
				n, err = w.Retain(t.Context(), tx, privacy.Rule{Category: privacy.AgesSessions, Before: before, Limit: 1})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if early, due := retain(workspacetest.Start), retain(w.Clock.Now()); early != 0 || due != 1 {
			t.Errorf("retention removed %d sessions before their time and %d of two after it, want 0 and 1", early, due)
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
