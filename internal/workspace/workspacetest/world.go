package workspacetest

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
	"github.com/botimum/botimum/internal/vault"
	"github.com/botimum/botimum/internal/workspace"
)

// Password is that of every operator made here.
const Password = "quiet paper and ink"

// Start is when the clock of a test stands.
var Start = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// World is a service with all that it stands on.
type World struct {
	*workspace.Service
	DB    *storage.DB
	Vault *vault.Vault
	Audit *audit.Log
	Clock *clock.Fake
	IDs   *id.Fake
}

// New gives a service on the database, with a vault of its own, a clock that
// stands at Start and passwords that cost next to nothing. Change what differs.
func New(t *testing.T, db *storage.DB, change ...func(*workspace.Deps)) *World {
	t.Helper()
	w := &World{DB: db, Clock: clock.NewFake(Start), IDs: id.NewFake(Start)}
	w.Vault = Vault(t, w.Clock)
	quiet := slog.New(slog.DiscardHandler)
	w.Audit = Audit(t, db, w.Clock, w.IDs)
	deps := workspace.Deps{
		DB: db, Vault: w.Vault, Audit: w.Audit, Clock: w.Clock, IDs: w.IDs, Logger: quiet,
		PasswordCost: workspace.PasswordCost{Memory: 8, Time: 1, Threads: 1},
	}
	for _, c := range change {
		c(&deps)
	}
	w.Service = workspace.New(deps)
	return w
}

// Audit gives an audit log in the database, which is closed with the test.
func Audit(t *testing.T, db *storage.DB, c clock.Clock, ids id.Source) *audit.Log {
	t.Helper()
	l, err := audit.New(audit.Deps{DB: db, Clock: c, IDs: ids, Logger: slog.New(slog.DiscardHandler), Seed: make([]byte, audit.SeedSize)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("closing the audit log: %v", err)
		}
	})
	return l
}

// Vault gives an empty vault on a database of its own.
func Vault(t *testing.T, c clock.Clock) *vault.Vault {
	t.Helper()
	root, err := vault.LoadRoot(vault.RootOptions{Path: filepath.Join(t.TempDir(), "root.json"), CreateIfVaultEmpty: true})
	if err != nil {
		t.Fatal(err)
	}
	db := storagetest.SQLiteWith(t, vault.Migrations())
	v, err := vault.New(t.Context(), vault.Deps{DB: db, Root: root, Clock: c, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v
}

// Workspace is a workspace with its owner.
type Workspace struct {
	workspace.Workspace
	OwnerID string
	APIKey  string // with all scopes
	Email   string // the owner's
}

// Make sets a workspace up. Its owner is called after it, as in
// "owner@acme.example".
func (w *World) Make(t testing.TB, name string) Workspace {
	t.Helper()
	email := "owner@" + strings.ToLower(strings.ReplaceAll(name, " ", "-")) + ".example"
	made, err := w.Setup(t.Context(), workspace.SetupInput{
		Workspace: name, Name: "Owner of " + name, Email: email, Password: Password, KeyName: "setup",
	})
	if err != nil {
		t.Fatal(err)
	}
	return Workspace{Workspace: made.Workspace, OwnerID: made.OperatorID, APIKey: made.APIKey, Email: email}
}

// AsOwner gives a context in which the workspace's owner acts.
func (ws Workspace) AsOwner(ctx context.Context) context.Context {
	return ws.As(ctx, ws.OwnerID, workspace.Owner)
}

// As gives a context in which an operator acts in the workspace.
func (ws Workspace) As(ctx context.Context, operatorID string, role workspace.Role) context.Context {
	return actor.With(ctx, actor.Actor{Type: actor.Operator, ID: operatorID, WorkspaceID: ws.ID, Permissions: role.Permissions()})
}

// Add adds an operator to the workspace.
func (w *World) Add(t testing.TB, ws Workspace, name, email string, role workspace.Role) workspace.Operator {
	t.Helper()
	o, err := w.AddOperator(ws.AsOwner(t.Context()), workspace.NewOperator{Name: name, Email: email, Role: role, Password: Password})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// In signs somebody in, and gives the session's token and a context in which the
// session acts.
func (w *World) In(t testing.TB, email string) (token string, ctx context.Context) {
	t.Helper()
	in, err := w.SignIn(t.Context(), workspace.Credentials{Email: email, Password: Password})
	if err != nil {
		t.Fatal(err)
	}
	a, err := w.AuthenticateSession(t.Context(), in.Token)
	if err != nil {
		t.Fatal(err)
	}
	return in.Token, actor.With(t.Context(), a)
}

// Actions lists the audit log of a workspace, or of the installation where that
// is empty: action and target type of each entry, in order.
func (w *World) Actions(t testing.TB, workspaceID string) []string {
	t.Helper()
	rows, err := w.DB.SQL().QueryContext(t.Context(), `SELECT action, target_type FROM audit_entries WHERE workspace_id = $1 ORDER BY position`, workspaceID)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var action, target string
		if err := rows.Scan(&action, &target); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(action, "audit.") { // the log's own
			all = append(all, action+" "+target)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
