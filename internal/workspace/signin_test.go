package workspace_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/workspace"
	"github.com/botimum/botimum/internal/workspace/workspacetest"
)

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

// A password that is changed while somebody signs in with the old one opens
// nothing: the session would outlive the change.
func TestPasswordChangedWhileSigningIn(t *testing.T) {
	each(t, func(t *testing.T, w *workspacetest.World) {
		acme := w.Make(t, "Acme")
		var proven string
		if err := w.DB.SQL().QueryRow(`SELECT password_hash FROM operators`).Scan(&proven); err != nil {
			t.Fatal(err)
		}
		if err := w.Begin(t.Context(), acme.OwnerID, proven); err != nil {
			t.Fatal(err)
		}
		_, ctx := w.In(t, acme.Email)
		if err := w.UpdateAccount(ctx, workspace.AccountPatch{CurrentPassword: password, NewPassword: "some other words"}); err != nil {
			t.Fatal(err)
		}
		wantKind(t, "the old password's proof", w.Begin(t.Context(), acme.OwnerID, proven), fault.KindUnauthorized)
		wantKind(t, "an operator who has left", w.Begin(t.Context(), "opr_gone", proven), fault.KindUnauthorized)
	})
}
