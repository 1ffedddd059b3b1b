package audit_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/migrations"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// TestConcurrentWritersKeepOneChain has two nodes with several writers each append
// to several logs at once, some of whose transactions fail.
func TestConcurrentWritersKeepOneChain(t *testing.T) {
	errTakenBack := errors.New("taken back")
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		nodes := []*fixture{newFixture(t, db), newFixture(t, db)}
		committed := map[string]int{}
		var mu sync.Mutex
		rapid.Check(t, func(rt *rapid.T) {
			type step struct {
				logs []string
				fail bool
			}
			plans := rapid.SliceOfN(rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) step {
				return step{
					logs: rapid.SliceOfN(rapid.SampledFrom([]string{acme, other, ""}), 1, 4).Draw(rt, "logs"),
					fail: rapid.IntRange(0, 9).Draw(rt, "fail") == 0,
				}
			}), 1, 4), 2, 6).Draw(rt, "plans")
			var writers sync.WaitGroup
			for w, plan := range plans {
				node := nodes[w%len(nodes)]
				writers.Go(func() {
					for _, s := range plan {
						err := db.Write(context.Background(), func(tx *storage.Tx) error {
							for _, workspaceID := range s.logs {
								if err := node.Append(tx, entry(workspaceID, "contact.updated", "con_1")); err != nil {
									return err
								}
							}
							if s.fail {
								return errTakenBack
							}
							return nil
						})
						if err != nil && !errors.Is(err, errTakenBack) {
							t.Errorf("Write: %v", err)
						}
						if err == nil {
							mu.Lock()
							for _, workspaceID := range s.logs {
								committed[workspaceID]++
							}
							mu.Unlock()
						}
					}
				})
			}
			writers.Wait()
			if findings, out := verify(t, db); len(findings) > 0 {
				rt.Fatalf("the chain is broken:\n%s", out)
			}
		})
		for workspaceID, want := range committed {
			c, err := nodes[0].Checkpoint(t.Context(), workspaceID)
			if err != nil {
				t.Fatal(err)
			}
			if workspaceID == "" {
				want += 2 // the beginnings of the others
			}
			if c.Size != int64(want) {
				t.Errorf("%q has %d entries, want %d", workspaceID, c.Size, want)
			}
		}
	})
}

// counter is another collector that holds a row of each workspace, as the outbox
// does.
type counter struct{}

func (*counter) Flush(tx *storage.Tx, items []any) error {
	_, err := tx.Exec(`INSERT INTO event_sequences (workspace_id, sequence) VALUES ($1, $2)
		ON CONFLICT (workspace_id) DO UPDATE SET sequence = event_sequences.sequence + excluded.sequence`, acme, len(items))
	return err
}

// TestTransactionsDoNotWaitForEachOther has transactions ask two collectors, and
// append to several logs, in either order. If the rows were held in that order, PostgreSQL would find deadlocks and
// have functions run again.
func TestTransactionsDoNotWaitForEachOther(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		f := newFixture(t, db)
		events := &counter{}
		const writers, rounds = 4, 25
		var runs atomic.Int64
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() {
				for range rounds {
					err := db.Write(context.Background(), func(tx *storage.Tx) error {
						runs.Add(1)
						if w == 0 {
							tx.Defer(events, 1)
						}
						first, second := acme, other
						if w%2 == 1 {
							first, second = other, acme
						}
						for _, workspaceID := range []string{first, "", second} {
							if err := f.Append(tx, entry(workspaceID, "contact.updated", "con_1")); err != nil {
								return err
							}
						}
						if w == 1 {
							tx.Defer(events, 1)
						}
						return nil
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if n := runs.Load(); n != writers*rounds {
			t.Errorf("%d transactions took %d runs", writers*rounds, n)
		}
		mustVerify(t, db)
	})
}

// TestVerifyWhileWriting verifies a snapshot while others append.
func TestVerifyWhileWriting(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		f := newFixture(t, db)
		f.add(t, acme, 1)
		stop := make(chan struct{})
		var writer sync.WaitGroup
		writer.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				f.Access(as(acme, "opr_ada"), []string{"con_1"}, "contact")
				if err := f.Flush(context.Background()); err != nil {
					t.Error(err)
					return
				}
				if _, err := f.Checkpoint(context.Background(), acme); err != nil {
					t.Error(err)
					return
				}
			}
		})
		for range 20 {
			mustVerify(t, db)
		}
		close(stop)
		writer.Wait()
	})
}

// TestACrashLosesWhatWasGatheredAndNoMore copies the files of a database that is
// still open, as a machine that stops would leave them.
func TestACrashLosesWhatWasGatheredAndNoMore(t *testing.T) {
	dir := t.TempDir()
	open := func(dir string) *storage.DB {
		db, err := storage.Open(context.Background(), storage.Options{URL: "sqlite://" + dir + "/log.db", Migrations: migrations.Migrations,
			Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return db
	}
	db := open(dir)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	f := newFixture(t, db)
	f.add(t, acme, 5)
	f.Access(as(acme, "opr_ada"), []string{"con_1"}, "contact")
	if err := f.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.Access(as(acme, "opr_ada"), []string{"con_2"}, "contact") // gathered, not written

	crashed := t.TempDir()
	for _, name := range []string{"log.db", "log.db-wal"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(crashed, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	after := open(crashed)
	mustVerify(t, after)
	g := newFixture(t, after)
	if got := len(reads(t, g, acme, "con_1")); got != 1 {
		t.Errorf("%d reads that were written survived, want 1", got)
	}
	if got := len(reads(t, g, acme, "con_2")); got != 0 {
		t.Errorf("%d reads that were only gathered survived", got)
	}
	g.add(t, acme, 1)
	mustVerify(t, after)
}

// TestAFullDiskDelaysReads has the database refuse writes for a while.
func TestAFullDiskDelaysReads(t *testing.T) {
	db := storagetest.SQLite(t)
	f := newFixture(t, db)
	tamper(t, db, "CREATE TRIGGER full BEFORE INSERT ON audit_entries BEGIN SELECT RAISE(ABORT, 'no room'); END")
	f.Access(as(acme, "opr_ada"), []string{"con_1"}, "contact")
	for range 3 {
		if err := f.Flush(t.Context()); err == nil {
			t.Fatal("Flush wrote into a full database")
		}
	}
	if s := f.Stats(); s.Failures != 3 || s.Held != 1 || s.Lost != 0 {
		t.Errorf("stats = %+v", s)
	}
	if err := f.Ready(); err != nil {
		t.Errorf("Ready = %v although there is room", err)
	}
	tamper(t, db, "DROP TRIGGER full")
	if got := len(reads(t, f, acme, "con_1")); got != 1 {
		t.Errorf("%d reads after the disk had room again, want 1", got)
	}
	mustVerify(t, db)
}

// TestAppendingDoesNotSpendTheRequestsFirstWrite guards idempotency keys: they ride
// on the first write of a request, which must not be the audit log's.
func TestAppendingDoesNotSpendTheRequestsFirstWrite(t *testing.T) {
	db := storagetest.SQLite(t)
	f := newFixture(t, db)
	f.add(t, acme, 1)
	rode := 0
	ctx := storage.WithFirstWrite(as(acme, "opr_ada"), db, func(*storage.Tx) error { rode++; return nil })
	f.Access(ctx, []string{"con_1"}, "contact")
	if err := f.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Checkpoint(ctx, acme); err != nil {
		t.Fatal(err)
	}
	if rode != 0 {
		t.Error("the audit log took the hook of the request's first write")
	}
}

// TestPeriodicCheckpoints waits for real ones, made as fast as they can be.
func TestPeriodicCheckpoints(t *testing.T) {
	db := storagetest.SQLite(t)
	told := make(chan string, 10)
	d := deps(db, clock.NewFake(start))
	d.CheckpointEvery = time.Millisecond
	d.Witness = func(_ context.Context, workspaceID, note string) { told <- workspaceID + "\n" + note }
	l, err := audit.New(d)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	(&fixture{l, db, clock.NewFake(start)}).add(t, acme, 1)
	seen := map[string]bool{}
	for len(seen) < 2 { // the workspace's and the installation's
		workspaceID, note, _ := strings.Cut(<-told, "\n")
		seen[workspaceID] = true
		if findings, out := verify(t, db, note); len(findings) > 0 {
			t.Errorf("what the witness was told does not fit:\n%s", out)
		}
	}
	if !seen[""] || !seen[acme] {
		t.Errorf("checkpoints of %v", seen)
	}
}

func BenchmarkAppend(b *testing.B) {
	db, err := storage.Open(b.Context(), storage.Options{URL: "sqlite://" + b.TempDir() + "/log.db", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	l, err := audit.New(audit.Deps{DB: db, Clock: clock.System{}, IDs: id.System{}, Logger: slog.New(slog.DiscardHandler), Seed: seed})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	for _, writers := range []int{1, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			work := make(chan struct{})
			var all sync.WaitGroup
			for range writers {
				all.Go(func() {
					for range work {
						err := db.Write(context.Background(), func(tx *storage.Tx) error {
							return l.Append(tx, audit.Entry{WorkspaceID: acme, ActorType: actor.Operator, ActorID: "opr_ada", Action: "contact.updated",
								TargetType: "contact", TargetID: "con_1"})
						})
						if err != nil {
							b.Error(err)
						}
					}
				})
			}
			for b.Loop() {
				work <- struct{}{}
			}
			close(work)
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	db, err := storage.Open(b.Context(), storage.Options{URL: "sqlite://" + b.TempDir() + "/log.db", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	f := newFixture(b, db)
	const entries = 50_000
	for range entries / 1000 {
		err := db.Write(b.Context(), func(tx *storage.Tx) error {
			for range 1000 {
				if err := f.Append(tx, entry(acme, "contact.updated", "con_1")); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		mustVerify(b, db)
	}
	b.ReportMetric(float64(b.N*entries)/b.Elapsed().Seconds(), "entries/s")
}
