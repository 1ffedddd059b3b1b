package audit_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/mod/sumdb/note"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/storage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	start = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	seed  = []byte("0123456789abcdef0123456789abcdef")
)

const (
	acme  = "wsp_acme"
	other = "wsp_other"
	first = math.MaxInt64 // the first page
)

// fixture is a log on a test database, whose reads are written when it is told to.
type fixture struct {
	*audit.Log
	db    *storage.DB
	clock *clock.Fake
}

func deps(db *storage.DB, c clock.Clock) audit.Deps {
	return audit.Deps{DB: db, Clock: c, IDs: id.NewFake(start), Logger: slog.New(slog.DiscardHandler), Seed: seed,
		GatherFor: time.Hour, CheckpointEvery: time.Hour}
}

func newFixture(t testing.TB, db *storage.DB) *fixture {
	t.Helper()
	c := clock.NewFake(start)
	l, err := audit.New(deps(db, c))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return &fixture{l, db, c}
}

func entry(workspaceID, action, target string) audit.Entry {
	return audit.Entry{WorkspaceID: workspaceID, ActorType: actor.Operator, ActorID: "opr_ada", Action: action, TargetType: "contact",
		TargetID: target, Details: map[string]string{"state": "open"}}
}

// add appends entries in one transaction each.
func (f *fixture) add(t testing.TB, workspaceID string, n int) {
	t.Helper()
	for i := range n {
		f.clock.Advance(time.Second)
		err := f.db.Write(context.Background(), func(tx *storage.Tx) error {
			return f.Append(tx, entry(workspaceID, "contact.updated", fmt.Sprintf("con_%d", i)))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func as(workspaceID, operatorID string) context.Context {
	return actor.With(context.Background(), actor.Actor{Type: actor.Operator, ID: operatorID, WorkspaceID: workspaceID})
}

func key(t testing.TB) string {
	t.Helper()
	key, err := audit.VerifierKey(seed)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func verifier(t testing.TB) note.Verifier {
	t.Helper()
	v, err := note.NewVerifier(key(t))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func verify(t testing.TB, db *storage.DB, known ...string) (findings []string, out string) {
	t.Helper()
	var b strings.Builder
	err := audit.Verify(context.Background(), db, key(t), &b, known...)
	var tampered *audit.Tampered
	switch {
	case err == nil:
	case errors.As(err, &tampered):
		for _, f := range tampered.Findings {
			findings = append(findings, f.String())
		}
	default:
		t.Fatalf("Verify: %v", err)
	}
	return findings, b.String()
}

func mustVerify(t testing.TB, db *storage.DB) {
	t.Helper()
	if findings, out := verify(t, db); len(findings) > 0 {
		t.Fatalf("an untouched log does not verify:\n%s", out)
	}
}
