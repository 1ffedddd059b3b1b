package retention_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/contacts/contactstest"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/inbox"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/retention"
)

func messages(days int) retention.Rule {
	return retention.Rule{Category: privacy.AgesMessages, Days: days}
}

func people(days int) retention.Rule {
	return retention.Rule{Category: privacy.AgesContacts, Days: days}
}

func TestWithoutARuleNothingGoes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.done(t, w.Add(t, "Ada", "ada@example.com").ID, 3)
		w.Clock.Advance(20 * 365 * day)
		if got := w.ran(t); len(got) != 0 {
			t.Errorf("without a rule a run removed %v", got)
		}
		if n := w.count(t, "messages", ""); n != 3 {
			t.Errorf("%d messages are left of 3", n)
		}
	})
}

func TestMessagesGoByTheirRule(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada := w.Add(t, "Ada", "ada@example.com").ID
		gone := w.done(t, ada, 3)
		w.Clock.Advance(time.Microsecond)
		exactly := w.done(t, ada, 2) // as old as the rule says, not older
		other := w.Make(t, "Other")
		w.in(other, func() { w.done(t, w.Add(t, "Eve", "eve@example.com").ID, 2) })
		waiting := w.Started(t, ada, "nobody has answered").ID
		bob := w.Add(t, "Bob", "bob@example.com").ID
		restricted := w.done(t, bob, 1)
		w.restrict(t, bob)
		cleo := w.Add(t, "Cleo", "cleo@example.com").ID
		held := w.done(t, cleo, 1)
		w.hold(t, cleo)
		w.set(t, messages(90))
		w.Clock.Advance(90 * day)
		if got, want := w.ran(t), map[string]privacy.Counts{"messages": {"conversations": 1, "messages": 3}}; cmp.Diff(want, got) != "" {
			t.Errorf("the run says (-want +got):\n%s", cmp.Diff(want, got))
		}
		if n := w.count(t, "messages", "conversation_id = $2", gone) + w.count(t, "search_docs", "parent_id = $2", gone); n != 0 {
			t.Errorf("%d rows are left of the old conversation", n)
		}
		for name, id := range map[string]string{"exactly as old": exactly, "open": waiting, "of a restricted person": restricted, "under a hold": held} {
			if w.count(t, "conversations", "id = $2", id) != 1 || w.count(t, "messages", "conversation_id = $2", id) == 0 {
				t.Errorf("the conversation that is %s went", name)
			}
		}
		w.in(other, func() {
			if n := w.count(t, "messages", ""); n != 2 {
				t.Errorf("another workspace has %d messages of 2", n)
			}
		})
		events := contactstest.Events(t, w.DB, w.Workspace.ID)
		if last := events[len(events)-1]; last != "conversation.removed" {
			t.Errorf("the last event is %s", last)
		}
		w.set(t, retention.Rule{Category: privacy.AgesMessages, Scope: privacy.ScopeAll, Days: 90})
		w.Clock.Advance(time.Second)
		if got, want := w.ran(t), map[string]privacy.Counts{"messages": {"conversations": 2, "messages": 3}}; cmp.Diff(want, got) != "" {
			t.Errorf("a rule about all says (-want +got):\n%s", cmp.Diff(want, got))
		}
	})
}

// A long conversation goes piece by piece, and is right in between.
func TestALongConversationGoesInBatches(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada := w.Add(t, "Ada", "ada@example.com").ID
		id := w.done(t, ada, 150)
		w.set(t, messages(1))
		w.Clock.Advance(2 * day)
		seen := 0
		w.between = func() {
			c, err := w.Inbox.Get(w.Ctx(t), id)
			if fault.Is(err, fault.KindNotFound) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			n := w.count(t, "messages", "")
			if seen++; int(c.MessageCount) != n || n == 0 || n >= 150 || w.count(t, "search_docs", "kind = 'message'") != n {
				t.Errorf("in between the conversation says %d messages, %d are there, %d can be found", c.MessageCount, n,
					w.count(t, "search_docs", "kind = 'message'"))
			}
			if c.LastMessage == nil || w.count(t, "messages", "id = $2", c.LastMessage.ID) != 1 || c.UnreadCount > c.MessageCount {
				t.Errorf("in between the conversation says of itself %+v", c)
			}
		}
		if got, want := w.ran(t), map[string]privacy.Counts{"messages": {"conversations": 1, "messages": 150}}; cmp.Diff(want, got) != "" {
			t.Errorf("(-want +got):\n%s", cmp.Diff(want, got))
		}
		if seen == 0 || w.batches < 2 {
			t.Errorf("it went in %d batches", w.batches)
		}
	})
}

func TestIdlePeopleAreErased(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		add := func(name string) string { return w.Add(t, name, name+"@example.com").ID }
		idle, busy, restricted, held, binned := add("idle"), add("busy"), add("restricted"), add("held"), add("binned")
		w.done(t, idle, 2)
		w.Started(t, busy, "is anybody there?")
		w.restrict(t, restricted)
		w.hold(t, held)
		if err := w.Contacts.Bin(w.Ctx(t), binned); err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(time.Microsecond)
		exactly := add("exactly")
		w.Clock.Advance(200 * day)
		seen := add("seen")
		w.set(t, people(365))
		w.Clock.Advance(165 * day)
		if got, want := w.ran(t), map[string]privacy.Counts{"contacts": {"contacts": 1}}; cmp.Diff(want, got) != "" {
			t.Errorf("(-want +got):\n%s", cmp.Diff(want, got))
		}
		for name, id := range map[string]string{"busy": busy, "restricted": restricted, "held": held, "exactly": exactly, "seen": seen, "binned": binned} {
			if w.count(t, "contacts", "id = $2", id) != 1 {
				t.Errorf("%s was erased", name)
			}
		}
		if erased, err := w.Privacy.WasErased(t.Context(), privacy.Subject{WorkspaceID: w.Workspace.ID, ContactID: idle}); !erased || err != nil {
			t.Errorf("the idle person was not erased: %v", err)
		}
		if n := w.count(t, "erasures", "contact_id = $2 AND completed_at IS NOT NULL", idle) - w.count(t, "messages", "contact_id = $2", idle); n != 1 {
			t.Error("there is no receipt, or something of the person is left")
		}
	})
}

// A rule about one purpose is about those who are kept for nothing else; they then
// do not go by the general rule.
func TestRulesByPurpose(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		add := func(name string, purposes ...string) string {
			var id string
			for i, p := range purposes {
				c := contactstest.Change(name, name+"@example.com")
				c.Basis = &privacy.Basis{Purpose: p, LawfulBasis: "contract", Evidence: "form"}
				var made contacts.Contact
				var err error
				if i == 0 {
					made, err = w.Contacts.Create(w.Ctx(t), c)
				} else {
					again := name + " again"
					c.Name = &again
					made, err = w.Contacts.Update(w.Ctx(t), id, c, nil)
				}
				if err != nil {
					t.Fatal(err)
				}
				id = made.ID
			}
			return id
		}
		news, both, support := add("news", "marketing"), add("both", "marketing", "support"), add("support", "support")
		short := people(60)
		short.Purpose = "marketing"
		w.set(t, people(400), short)
		w.Clock.Advance(100 * day)
		if got, want := w.ran(t), map[string]privacy.Counts{"contacts marketing": {"contacts": 1}}; cmp.Diff(want, got) != "" {
			t.Errorf("(-want +got):\n%s", cmp.Diff(want, got))
		}
		left := []int{w.count(t, "contacts", "id = $2", news), w.count(t, "contacts", "id = $2", both), w.count(t, "contacts", "id = $2", support)}
		if cmp.Diff([]int{0, 1, 1}, left) != "" {
			t.Errorf("left are %v", left)
		}
		long := people(5000)
		long.Purpose = "support"
		w.set(t, people(400), long)
		w.Clock.Advance(500 * day)
		w.ran(t)
		if w.count(t, "contacts", "id = $2", support) != 1 || w.count(t, "contacts", "id = $2", both) != 0 {
			t.Error("a longer rule for a purpose does not keep those of that purpose, or keeps others")
		}
	})
}

// What the data of somebody who is several contacts rests on is asked of all of them.
func TestRulesByPurposeSeeWholePeople(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		add := func(name, purpose string) string {
			c := contactstest.Change(name, name+"@example.com")
			c.Basis = &privacy.Basis{Purpose: purpose, LawfulBasis: "contract", Evidence: "form"}
			made, err := w.Contacts.Create(w.Ctx(t), c)
			if err != nil {
				t.Fatal(err)
			}
			return made.ID
		}
		merge := func(survivor, other string) {
			if _, _, err := w.Contacts.Merge(w.Ctx(t), survivor, contacts.Merging{ContactID: other}); err != nil {
				t.Fatal(err)
			}
		}
		news, support, same := add("news", "marketing"), add("support", "support"), add("same", "marketing")
		merge(news, support)
		merge(same, add("twin", "marketing"))
		w.exec(t, `DELETE FROM processing_bases WHERE contact_id = $1 AND purpose <> 'marketing'`, news) // what the merge itself wrote down
		short := people(60)
		short.Purpose = "marketing"
		w.set(t, people(4000), short)
		w.Clock.Advance(100 * day)
		w.ran(t)
		left := []int{w.count(t, "contacts", "id = $2", news), w.count(t, "contacts", "id = $2", support), w.count(t, "contacts", "id = $2", same)}
		if cmp.Diff([]int{1, 1, 0}, left) != "" {
			t.Errorf("left are %v: the first also rests on what a member's data rests on", left)
		}
	})
}

func TestTechnicalData(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada := w.Add(t, "Ada", "ada@example.com").ID
		id := w.done(t, ada, 2)
		w.Post(t, w.Ctx(t), id, "an answer")
		if err := w.Inbox.Read(w.As(t, ada), id); err != nil {
			t.Fatal(err)
		}
		at := w.Clock.Now().Add(7 * time.Hour).UnixMicro()
		w.exec(t, `UPDATE contacts SET last_seen_at = $1 WHERE id = $2`, at, ada)
		w.resolve(t, id)
		w.set(t, retention.Rule{Category: privacy.AgesTechnical, Days: 30})
		w.Clock.Advance(30*day + 8*time.Hour)
		want := map[string]privacy.Counts{"technical": {"contacts.last_seen_at": 1, "conversations.contact_read_at": 1}}
		if got := w.dry(t); cmp.Diff(want, got) != "" {
			t.Errorf("dry run (-want +got):\n%s", cmp.Diff(want, got))
		}
		if got := w.ran(t); cmp.Diff(want, got) != "" {
			t.Errorf("(-want +got):\n%s", cmp.Diff(want, got))
		}
		c, err := w.Contacts.Get(w.Ctx(t), ada)
		if err != nil {
			t.Fatal(err)
		}
		seen := c.LastSeenAt.UnixMicro()
		if seen <= at || seen > at+30*day.Microseconds() || seen%(30*day.Microseconds()) != 0 || c.LastSeenAt.After(w.Clock.Now()) {
			t.Errorf("last seen became %v", c.LastSeenAt)
		}
		if got := w.ran(t); len(got) != 0 {
			t.Errorf("a second run found %v", got)
		}
	})
}

// Events go from the oldest on, so that streams resume from what is left.
func TestEvents(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for i := range 3 {
			w.Add(t, fmt.Sprint("old", i), fmt.Sprint("old", i, "@example.com"))
		}
		w.Clock.Advance(time.Microsecond)
		w.Add(t, "Ada", "ada@example.com")
		w.set(t, retention.Rule{Category: privacy.AgesEvents, Days: 30})
		w.Clock.Advance(30 * day)
		if got, want := w.ran(t), map[string]privacy.Counts{"events": {"events": 3}}; cmp.Diff(want, got) != "" {
			t.Errorf("(-want +got):\n%s", cmp.Diff(want, got))
		}
		if w.count(t, "events", "") != 1 || w.count(t, "events", "sequence = 4") != 1 {
			t.Error("the newest event is not what is left")
		}
	})
}

// Who looked at whom is forgotten by person; the log itself stays whole.
func TestTheAccessLogStaysVerifiable(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		look := func(contactID string) {
			t.Helper()
			if _, err := w.Contacts.Get(w.Ctx(t), contactID); err != nil {
				t.Fatal(err)
			}
			if err := w.Audit.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		ada := w.Add(t, "Ada", "ada@example.com").ID
		look(ada)
		old := w.count(t, "access_subjects", "")
		w.Clock.Advance(400 * day)
		look(ada)
		young := w.count(t, "access_subjects", "") - old
		entries := w.count(t, "audit_entries", "area = 'access'")
		w.set(t, retention.Rule{Category: privacy.AgesAccessLog, Days: 365})
		want := map[string]privacy.Counts{"access_log": {"access_subjects": int64(old)}}
		if got := w.dry(t); old == 0 || cmp.Diff(want, got) != "" {
			t.Errorf("dry run (-want +got):\n%s", cmp.Diff(want, got))
		}
		if got := w.ran(t); cmp.Diff(want, got) != "" {
			t.Errorf("(-want +got):\n%s", cmp.Diff(want, got))
		}
		if got := w.count(t, "access_subjects", ""); got != young || w.count(t, "audit_entries", "area = 'access'") != entries {
			t.Errorf("%d rows are left, want %d, and all %d entries", got, young, entries)
		}
		verify := func() error {
			var said bytes.Buffer
			err := audit.Verify(t.Context(), w.DB, w.Audit.VerifierKey(), &said)
			if err != nil {
				err = fmt.Errorf("%w: %s", err, said.String())
			}
			return err
		}
		if err := verify(); err != nil {
			t.Errorf("the log does not verify any more: %v", err)
		}
		w.exec(t, `DELETE FROM access_subjects WHERE workspace_id = $1`, w.Workspace.ID)
		if verify() == nil {
			t.Error("a younger read that was removed by hand goes unnoticed")
		}
	})
}

// What is changed or taken back counts from the next batch on.
func TestARuleTakenBackMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada := w.Add(t, "Ada", "ada@example.com").ID
		for range 3 {
			w.done(t, ada, 63) // with its own row each fills a batch
		}
		w.set(t, messages(1))
		w.Clock.Advance(2 * day)
		w.between = func() { w.set(t) }
		got := w.ran(t)["messages"]["messages"]
		left := w.count(t, "messages", "")
		if got == 0 || left == 0 || int(got)+left != 3*63 || w.batches != 1 {
			t.Errorf("%d messages went and %d are left after %d batches", got, left, w.batches)
		}
	})
}

// Two nodes do not work on one run; one that dies leaves it to the other.
func TestNodesShareARun(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada := w.Add(t, "Ada", "ada@example.com").ID
		for range 3 {
			w.done(t, ada, 70)
		}
		w.set(t, messages(1))
		w.Clock.Advance(2 * day)
		other, before := w.node(), 0
		w.between = func() {
			w.between = nil
			before = w.count(t, "messages", "")
			if err := other.Work(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := w.count(t, "messages", ""); n != before {
				t.Errorf("the other node removed %d messages meanwhile", before-n)
			}
			w.Clock.Advance(2 * time.Minute) // this node is thought dead
			if err := other.Work(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := w.ran(t), map[string]privacy.Counts{"messages": {"conversations": 3, "messages": 210}}; cmp.Diff(want, got) != "" {
			t.Errorf("both together say (-want +got):\n%s", cmp.Diff(want, got))
		}
		if n := w.count(t, "audit_entries", "action = 'retention.ran'"); n != 1 {
			t.Errorf("the end of the run is in the audit log %d times", n)
		}
	})
}

func TestRunsOnceADay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.set(t, messages(30))
		runs := func() int {
			if err := w.r.Work(t.Context()); err != nil {
				t.Fatal(err)
			}
			return w.count(t, "retention_runs", "")
		}
		first, same := runs(), runs()
		w.Clock.Advance(day)
		if next := runs(); first != 1 || same != 1 || next != 2 {
			t.Errorf("there were %d, %d, and a day later %d runs", first, same, next)
		}
	})
}

// What a dry run counts is what a run removes, if nothing else happens.
func TestDryRunSaysWhatARunDoes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for seed := range uint64(12) {
			rng := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // repeatable
			w.Workspace = w.Make(t, fmt.Sprint("Random ", seed))
			w.someHistory(t, rng)
			var rules []retention.Rule
			for _, r := range []retention.Rule{messages(1 + rng.IntN(90)), {Category: privacy.AgesMessages, Purpose: "support", Scope: privacy.ScopeAll, Days: 1 + rng.IntN(90)},
				people(30 + rng.IntN(60)), {Category: privacy.AgesContacts, Purpose: "marketing", Days: 30 + rng.IntN(60)},
				{Category: privacy.AgesTechnical, Days: 30 + rng.IntN(60)}, {Category: privacy.AgesEvents, Days: 7 + rng.IntN(60)}} {
				if rng.IntN(3) > 0 {
					rules = append(rules, r)
				}
			}
			w.set(t, rules...)
			for i := 1; ; i++ { // whose open conversation a rule ended may be idle in the next run
				dry := w.dry(t)
				if ran := w.ran(t); cmp.Diff(dry, ran) != "" {
					t.Fatalf("seed %d, run %d, rules %+v: dry run and run differ (-dry +run):\n%s", seed, i, rules, cmp.Diff(dry, ran))
				}
				if len(dry) == 0 {
					break
				}
				if i > 2 {
					t.Fatalf("seed %d: after %d runs there is still %v", seed, i, dry)
				}
			}
		}
	})
}

// someHistory has people come, write, be answered and read over some months.
func (w *world) someHistory(t *testing.T, rng *rand.Rand) {
	t.Helper()
	var ids []string
	for i := range 12 {
		w.Clock.Advance(time.Duration(rng.IntN(int(12 * day))))
		c := contactstest.Change(fmt.Sprint("Person ", i), fmt.Sprintf("p%d@example.com", i))
		c.Basis = &privacy.Basis{Purpose: []string{"support", "marketing"}[rng.IntN(2)], LawfulBasis: "contract", Evidence: "form"}
		made, err := w.Contacts.Create(w.Ctx(t), c)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, made.ID)
		who := ids[rng.IntN(len(ids))]
		for range rng.IntN(3) {
			v := w.Started(t, who, "hello")
			w.Post(t, w.Ctx(t), v.ID, "answer")
			if rng.IntN(2) == 0 {
				if err := w.Inbox.Read(w.As(t, who), v.ID); err != nil {
					t.Fatal(err)
				}
			}
			if rng.IntN(3) > 0 {
				w.resolve(t, v.ID)
			}
		}
		if rng.IntN(2) == 0 {
			w.exec(t, `UPDATE contacts SET last_seen_at = $1 WHERE id = $2`, w.Clock.Now().UnixMicro(), who)
		}
		if rng.IntN(6) == 0 {
			w.hold(t, who)
		}
	}
	for _, who := range ids { // in the end: nobody answers who is restricted
		if rng.IntN(6) == 0 {
			w.restrict(t, who)
		}
	}
	w.Clock.Advance(time.Duration(rng.IntN(int(60 * day))))
}

func TestErasedMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada, bob := w.Add(t, "Ada", "ada@example.com").ID, w.Add(t, "Bob", "bob@example.com").ID
		w.done(t, ada, 100)
		w.done(t, bob, 5)
		w.set(t, messages(1))
		w.Clock.Advance(2 * day)
		w.between = func() {
			w.between = nil
			if _, err := w.Privacy.Erase(w.Ctx(t), ada); err != nil {
				t.Fatal(err)
			}
		}
		w.ran(t)
		if n := w.count(t, "messages", "") + w.count(t, "conversations", ""); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

// A conversation that somebody writes into again is not old any more.
func TestWhatComesToLifeStays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada := w.Add(t, "Ada", "ada@example.com").ID
		first, second := w.done(t, ada, 70), w.done(t, ada, 70)
		w.set(t, messages(1))
		w.Clock.Advance(2 * day)
		w.between = func() {
			w.between = nil
			w.Post(t, w.As(t, ada), second, "one more thing")
		}
		w.ran(t)
		c, err := w.Inbox.Get(w.Ctx(t), second)
		if err != nil || c.State != inbox.StateOpen || int(c.MessageCount) != w.count(t, "messages", "conversation_id = $2", second) {
			t.Errorf("the conversation that came to life is %+v, %v", c, err)
		}
		if n := w.count(t, "conversations", "id = $2", first); n != 0 {
			t.Error("the other one stayed")
		}
	})
}

func TestTheCatalogueTellsTheTerms(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		body := func() privacy.Field {
			c, err := w.Privacy.CatalogueOf(t.Context(), w.Workspace.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range c {
				if f.Table == "messages" && f.Column == "body_sealed" {
					return f
				}
			}
			t.Fatal("there is no such field")
			return privacy.Field{}
		}
		if got := body(); got.Retention != "until the contact is erased" || got.Terms != nil {
			t.Errorf("without a rule: %q", got.Retention)
		}
		w.set(t, messages(365), people(730))
		want := "erased after 730 days without a sign of you; 365 days after the last message of a conversation that is resolved; otherwise until the contact is erased"
		if got := body(); got.Retention != want || len(got.Terms) != 2 {
			t.Errorf("with rules: %q %v", got.Retention, got.Terms)
		}
		w.set(t)
		if got := body(); got.Terms != nil {
			t.Errorf("with rules taken back: %q", got.Retention)
		}
	})
}

func TestRulesAreChecked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for name, rules := range map[string][]retention.Rule{
			"an unknown category":          {{Category: "everything", Days: 90}},
			"a built-in category":          {{Category: privacy.AgesAnswers, Days: 90}},
			"no days":                      {{Category: privacy.AgesMessages}},
			"fewer days than it takes":     {people(29)},
			"an unknown purpose":           {{Category: privacy.AgesContacts, Purpose: "fun", Days: 90}},
			"a purpose that means nothing": {{Category: privacy.AgesEvents, Purpose: "support", Days: 90}},
			"a scope that means nothing":   {{Category: privacy.AgesContacts, Scope: privacy.ScopeAll, Days: 90}},
			"the same twice":               {messages(90), messages(30)},
		} {
			if _, err := w.r.Set(w.Ctx(t), rules, nil); !fault.Is(err, fault.KindInvalid) {
				t.Errorf("%s: %v", name, err)
			}
			if _, _, err := w.r.DryRun(w.Ctx(t), rules); !fault.Is(err, fault.KindInvalid) {
				t.Errorf("%s, tried: %v", name, err)
			}
		}
		w.set(t, messages(90))
		w.set(t, messages(90))
		w.set(t)
		w.set(t, messages(90))
		got, err := w.r.Get(w.Ctx(t))
		if err != nil || len(got.Rules) != 1 || got.Rules[0].Version != 3 || got.Rules[0].Scope != privacy.ScopeResolved {
			t.Errorf("after set, same, taken back and set again: %+v %v", got.Rules, err)
		}
		if n := w.count(t, "audit_entries", "action = 'retention.changed'"); n != 3 {
			t.Errorf("%d changes are in the audit log, want 3", n)
		}
	})
}
