package audit_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

func TestAnEntryIsInTheLogIfItsTransactionIs(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		f := newFixture(t, db)
		boom := errors.New("boom")
		for i, want := range []error{nil, boom, nil} {
			err := db.Write(t.Context(), func(tx *storage.Tx) error {
				if err := f.Append(tx, entry(acme, "contact.updated", fmt.Sprintf("con_%d", i))); err != nil {
					return err
				}
				return want
			})
			if !errors.Is(err, want) {
				t.Fatalf("Write = %v, want %v", err, want)
			}
		}
		events, err := f.AuditEvents(t.Context(), acme, audit.Filter{}, first, 10)
		if err != nil {
			t.Fatal(err)
		}
		want := []audit.Event{
			{Position: 1, Actor: actor.Ref{Type: actor.Operator, ID: "opr_ada"}, Action: "contact.updated",
				Target: audit.Target{Type: "contact", ID: "con_2"}, OccurredAt: start, Details: map[string]string{"state": "open"}},
			{Position: 0, Actor: actor.Ref{Type: actor.Operator, ID: "opr_ada"}, Action: "contact.updated",
				Target: audit.Target{Type: "contact", ID: "con_0"}, OccurredAt: start, Details: map[string]string{"state": "open"}},
		}
		for i := range events {
			if !id.Valid(id.Audit, events[i].ID) {
				t.Errorf("the id %q is none", events[i].ID)
			}
			events[i].ID = ""
		}
		if diff := cmp.Diff(want, events); diff != "" {
			t.Errorf("entries (-want +got):\n%s", diff)
		}
		mustVerify(t, db)
	})
}

func TestManyEntriesOfOneTransactionAndOfSeveralLogs(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		f := newFixture(t, db)
		for round := range 3 {
			err := db.Write(t.Context(), func(tx *storage.Tx) error {
				for i := range 100 {
					workspaceID := []string{acme, other, ""}[i%3]
					if err := f.Append(tx, entry(workspaceID, "contact.created", fmt.Sprintf("con_%d_%d", round, i))); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		mustVerify(t, db)
		_, out := verify(t, db)
		// 99 of its own, and two that say that the others were begun.
		want := "installation: 101 entries, 0 checkpoints, 0 reads of people: intact\n" +
			"wsp_acme: 102 entries, 0 checkpoints, 0 reads of people: intact\n" +
			"wsp_other: 99 entries, 0 checkpoints, 0 reads of people: intact\n"
		if out != want {
			t.Errorf("output:\n%swant:\n%s", out, want)
		}
	})
}

func TestRefusesWhatIsNoIDWordOrCount(t *testing.T) {
	db := storagetest.SQLite(t)
	f := newFixture(t, db)
	detail := func(value string) audit.Entry {
		e := entry(acme, "contact.updated", "con_1")
		e.Details = map[string]string{"value": value}
		return e
	}
	bad := map[string]audit.Entry{
		"address":            detail("ada@example.org"),
		"name":               detail("Ada"),
		"name in full":       detail("ada lovelace"),
		"domain":             detail("example.org"),
		"telephone":          detail("+4915112345678"),
		"telephone, digits":  detail("4915112345678"),
		"IPv4":               detail("192.0.2.7"),
		"IPv6":               detail("2001:db8::1"),
		"too long":           detail(strings.Repeat("a", 65)),
		"too many":           detail(strings.Repeat("a,", 64) + "a"),
		"empty item":         detail("a,,b"),
		"newline":            detail("a\nb"),
		"not UTF-8":          detail("a\xff"),
		"null":               detail("a\x00"),
		"path":               detail("/home/ada"),
		"address as target":  entry(acme, "contact.updated", "ada@example.org"),
		"spaces in action":   entry(acme, "contact updated", "con_1"),
		"upper case action":  entry(acme, "Contact.Updated", "con_1"),
		"three words action": entry(acme, "a.b.c", "con_1"),
		"read by Append":     entry(acme, "access", "con_1"),
		"no actor":           {WorkspaceID: acme, Action: "contact.updated"},
		"name of a detail":   {WorkspaceID: acme, ActorType: actor.System, ActorID: "x", Action: "a.b", Details: map[string]string{"E-mail": "x"}},
		"foreign workspace":  entry("wsp 1", "contact.updated", "con_1"),
	}
	for name, e := range bad {
		err := db.Write(t.Context(), func(tx *storage.Tx) error {
			err := f.Append(tx, e)
			if err == nil {
				t.Errorf("%s: Append took it", name)
			} else if strings.Contains(err.Error(), "ada") {
				t.Errorf("%s: the error repeats the value: %v", name, err)
			}
			return nil // dropped: the transaction must not be committed all the same
		})
		if err == nil {
			t.Errorf("%s: the transaction was committed", name)
		}
	}
	good := []string{"", "con_01jdb2k8q5e6r7s8t9v0w1x2y3", "open", "12", "-3", "inbox:read", "inbox:*,contacts:read", "*", "2026-11-24T09:00:00.000001Z",
		"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}
	for _, value := range good {
		err := db.Write(t.Context(), func(tx *storage.Tx) error { return f.Append(tx, detail(value)) })
		if err != nil {
			t.Errorf("%q: %v", value, err)
		}
	}
	mustVerify(t, db)
}

func TestReadsAreGatheredByActorAndWay(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		f := newFixture(t, db)
		ada, bob := as(acme, "opr_ada"), as(acme, "opr_bob")
		for range 5 {
			f.Access(ada, []string{"con_2", "con_1"}, "contacts.list")
			f.clock.Advance(100 * time.Millisecond)
		}
		f.Access(ada, []string{"con_1"}, "contact")
		f.Access(bob, []string{"con_1"}, "contact")
		f.Access(as(other, "opr_eve"), []string{"con_9"}, "contact")
		f.Access(ada, nil, "contact")
		if err := f.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := reads(t, f, acme, "con_1")
		want := []string{"opr_ada contact 1 0.5s", "opr_ada contacts.list 2 0s", "opr_bob contact 1 0.5s"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("reads of con_1 (-want +got):\n%s", diff)
		}
		if got := reads(t, f, other, "con_1"); len(got) != 0 {
			t.Errorf("another workspace sees %v", got)
		}
		if err := f.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		mustVerify(t, db)
	})
}

func TestLookingAtReadsIsARead(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		f := newFixture(t, db)
		f.Access(as(acme, "opr_ada"), []string{"con_1"}, "contact")
		for range 2 {
			if _, err := f.AccessEvents(as(acme, "opr_dpo"), acme, "con_1", first, 10); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff([]string{"opr_ada contact 1 0s", "opr_dpo access_events 1 0s", "opr_dpo access_events 1 0s"}, reads(t, f, acme, "con_1")); diff != "" {
			t.Errorf("reads (-want +got):\n%s", diff)
		}
	})
}

// reads gives a contact's reads in a form that is easy to compare, sorted.
func reads(t testing.TB, f *fixture, workspaceID, contactID string) []string {
	t.Helper()
	events, err := f.AccessEvents(context.Background(), workspaceID, contactID, first, 100)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range events {
		if e.ContactID != contactID {
			t.Errorf("a read of %s in the list of %s", e.ContactID, contactID)
		}
		out = append(out, fmt.Sprintf("%s %s %d %vs", e.Actor.ID, e.Through, e.Count, e.OccurredAt.Sub(start).Seconds()))
	}
	slices.Sort(out)
	return out
}

func TestAnEntryHoldsABoundedNumberOfPeople(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		f := newFixture(t, db)
		var everybody []string
		for i := range 300 {
			everybody = append(everybody, fmt.Sprintf("con_%03d", i))
		}
		f.Access(as(acme, "opr_ada"), everybody, "contacts.export")
		events, err := f.AccessEvents(t.Context(), acme, "", first, 10)
		if err != nil {
			t.Fatal(err)
		}
		var counts []int
		for _, e := range events {
			counts = append(counts, e.Count)
		}
		if diff := cmp.Diff([]int{44, 128, 128}, counts); diff != "" {
			t.Errorf("people in each entry (-want +got):\n%s", diff)
		}
		if n := len(reads(t, f, acme, "con_299")); n != 1 {
			t.Errorf("the last has %d reads", n)
		}
		mustVerify(t, db)
	})
}

func TestListsArePaged(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		f := newFixture(t, db)
		f.add(t, acme, 7)
		f.Access(as(acme, "opr_ada"), []string{"con_1"}, "contact")
		if err := f.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		cases := []struct {
			name   string
			filter audit.Filter
			before int64
			want   []int64
		}{
			{"first page, without reads", audit.Filter{}, first, []int64{6, 5, 4}},
			{"next page", audit.Filter{}, 4, []int64{3, 2, 1}},
			{"last page", audit.Filter{}, 1, []int64{0}},
			{"area", audit.Filter{Action: "contact"}, 2, []int64{1, 0}},
			{"action", audit.Filter{Action: "contact.updated"}, 2, []int64{1, 0}},
			{"beginning of an action", audit.Filter{Action: "contact.u"}, 2, []int64{1, 0}},
			{"other action", audit.Filter{Action: "contact.created"}, first, nil},
			{"half a word is no area", audit.Filter{Action: "conta"}, first, nil},
			{"reads", audit.Filter{Action: "access"}, first, []int64{7}},
			{"target", audit.Filter{TargetID: "con_3"}, first, []int64{3}},
			{"target and action", audit.Filter{TargetID: "con_3", Action: "conversation"}, first, nil},
			{"no id", audit.Filter{TargetID: "con\x00"}, first, nil},
		}
		for _, c := range cases {
			events, err := f.AuditEvents(t.Context(), acme, c.filter, c.before, 3)
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			var got []int64
			for _, e := range events {
				got = append(got, e.Position)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.name, diff)
			}
		}
	})
}

func TestNamesOfOperatorsAreShown(t *testing.T) {
	db := storagetest.SQLite(t)
	d := deps(db, clock.NewFake(start))
	d.Names = func(_ context.Context, workspaceID string, ids []string) (map[string]string, error) {
		if workspaceID != acme || len(ids) != 1 {
			t.Errorf("asked for %v of %s", ids, workspaceID)
		}
		return map[string]string{"opr_ada": "Ada"}, nil
	}
	l, err := audit.New(d)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	f := &fixture{l, db, clock.NewFake(start)}
	f.add(t, acme, 2)
	events, err := l.AuditEvents(t.Context(), acme, audit.Filter{}, first, 10)
	if err != nil || len(events) != 2 || events[0].Actor.Name != "Ada" {
		t.Errorf("events = %+v, %v", events, err)
	}
}

func TestCloseWritesWhatIsGathered(t *testing.T) {
	db := storagetest.SQLite(t)
	f := newFixture(t, db)
	f.Access(as(acme, "opr_ada"), []string{"con_1"}, "contact")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	g := newFixture(t, db)
	if got := reads(t, g, acme, "con_1"); len(got) != 1 {
		t.Errorf("reads after Close: %v", got)
	}
	findings, out := verify(t, db)
	if len(findings) > 0 || !strings.Contains(out, "wsp_acme: 1 entries, 1 checkpoints, 1 reads of people: intact") {
		t.Errorf("Close made no checkpoint:\n%s", out)
	}
}

func TestSeedMustBeWhole(t *testing.T) {
	_, err := audit.New(audit.Deps{Seed: []byte("short"), Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err == nil {
		t.Error("New took a short seed")
	}
}
