package retention_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/inbox"
	"github.com/botimum/botimum/internal/inbox/inboxtest"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/retention"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
	"github.com/botimum/botimum/internal/workspace/workspacetest"
)

// day is what rules count in.
const day = 24 * time.Hour

// world is the service with the inbox, and what happens between batches.
type world struct {
	*inboxtest.World
	r       *retention.Service
	between func() // called after each batch; nil: nothing
	batches int
}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) { fn(t, newWorld(t, db)) })
}

func newWorld(t *testing.T, db *storage.DB) *world {
	t.Helper()
	w := &world{World: inboxtest.New(t, db)}
	w.r = w.node()
	w.Privacy.TermsFrom(w.r.Terms)
	if err := w.Privacy.Hold(w.Contacts, w.Inbox, w.r); err != nil {
		t.Fatal(err)
	}
	return w
}

// node gives a service of its own on the same database, as another process has it.
func (w *world) node() *retention.Service {
	return retention.New(retention.Deps{DB: w.DB, Privacy: w.Privacy, Audit: w.Audit, Clock: w.Clock, IDs: w.IDs, Logger: slog.New(slog.DiscardHandler),
		Workspaces: w.AllIDs,
		People: retention.People{Idle: contacts.Idle, Still: contacts.IsIdle,
			After: func(tx *storage.Tx, r privacy.Rule, after retention.Place) ([]string, retention.Place, error) {
				found, err := contacts.IdleContacts(tx, r, contacts.IdleAt(after))
				ids := make([]string, len(found))
				for i, at := range found {
					ids[i], after = at.ID, retention.Place(at)
				}
				return ids, after, err
			}},
		Busy: []func(int64) string{inbox.KeepsContact},
		Rest: func(context.Context, time.Duration, time.Duration) {
			if w.batches++; w.between != nil {
				w.between()
			}
		}})
}

func (w *world) set(t testing.TB, rules ...retention.Rule) {
	t.Helper()
	if _, err := w.r.Set(w.Ctx(t), rules, nil); err != nil {
		t.Fatal(err)
	}
}

// ran asks for a run, does it, and gives its counts by category and purpose.
func (w *world) ran(t testing.TB) map[string]privacy.Counts {
	t.Helper()
	if _, err := w.r.Begin(w.Ctx(t)); err != nil {
		t.Fatal(err)
	}
	if err := w.r.Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	runs, err := w.r.Runs(w.Ctx(t), "", 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(runs) != 1 || runs[0].State != retention.StateDone {
		t.Fatalf("the run is not done: %+v", runs)
	}
	return byRule(runs[0].Results)
}

func (w *world) dry(t testing.TB) map[string]privacy.Counts {
	t.Helper()
	_, results, err := w.r.DryRun(w.Ctx(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	return byRule(results)
}

// byRule gives the counts that are not zero.
func byRule(results []retention.Result) map[string]privacy.Counts {
	out := map[string]privacy.Counts{}
	for _, r := range results {
		counts := privacy.Counts{}
		for table, n := range r.Counts {
			if n != 0 {
				counts[table] = n
			}
		}
		if len(counts) > 0 {
			out[strings.TrimSuffix(r.Category+" "+r.Purpose, " ")] = counts
		}
	}
	return out
}

func (w *world) resolve(t testing.TB, conversationID string) {
	t.Helper()
	state := inbox.StateResolved
	if _, err := w.Inbox.Update(w.Ctx(t), conversationID, inbox.Change{State: &state}, nil); err != nil {
		t.Fatal(err)
	}
}

// done gives a resolved conversation with so many messages.
func (w *world) done(t testing.TB, contactID string, messages int) string {
	t.Helper()
	c := w.Started(t, contactID, "hello")
	for range messages - 1 {
		w.Post(t, w.As(t, contactID), c.ID, "more of it")
	}
	w.resolve(t, c.ID)
	return c.ID
}

func (w *world) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	err := w.DB.Write(t.Context(), func(tx *storage.Tx) error { _, err := tx.Exec(query, args...); return err })
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) restrict(t testing.TB, contactID string) {
	t.Helper()
	if err := w.Privacy.Restrict(w.Ctx(t), contactID, true, "it is disputed"); err != nil && !fault.Is(err, fault.KindConflict) {
		t.Fatal(err)
	}
}

// hold puts somebody under a legal hold for nine years.
func (w *world) hold(t testing.TB, contactID string) {
	t.Helper()
	if err := w.Privacy.SetHold(w.Ctx(t), contactID, "a lawsuit", w.Clock.Now().Add(9*365*day)); err != nil {
		t.Fatal(err)
	}
}

// count counts rows of a table of the workspace.
func (w *world) count(t testing.TB, table, where string, args ...any) (n int) {
	t.Helper()
	query := `SELECT COUNT(*) FROM ` + table + ` WHERE workspace_id = $1`
	if where != "" {
		query += ` AND ` + where
	}
	err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
		return tx.QueryRow(query, append([]any{w.Workspace.ID}, args...)...).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// in has the world act in another workspace until the test is done with it.
func (w *world) in(other workspacetest.Workspace, fn func()) {
	mine := w.Workspace
	w.Workspace = other
	defer func() { w.Workspace = mine }()
	fn()
}
