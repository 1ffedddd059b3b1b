package inbox_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/contacts/contactstest"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/inbox"
	"github.com/botimum/botimum/internal/inbox/inboxtest"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

func each(t *testing.T, fn func(t *testing.T, w *inboxtest.World)) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) { fn(t, inboxtest.New(t, db)) })
}

func ptr[T any](v T) *T { return &v }

func TestMessagesThatCannotBe(t *testing.T) {
	for name, m := range map[string]inbox.NewMessage{
		"empty":          {Body: ""},
		"blank":          {Body: " \n\t "},
		"too long":       {Body: strings.Repeat("x", inbox.MaxBody+1)},
		"100 kB":         {Body: strings.Repeat("é", 50_000)},
		"not UTF-8":      {Body: "a\xff"},
		"null character": {Body: "a\x00b"},
		"type":           {Body: "x", Type: "shout"},
		"client id":      {Body: "x", ClientID: "a b"},
	} {
		if _, err := m.Validate(); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
	if _, err := (inbox.NewMessage{Body: strings.Repeat("é", inbox.MaxBody)}).Validate(); err != nil {
		t.Errorf("the longest message: %v", err)
	}
}

func TestTheMainStory(t *testing.T) {
	each(t, func(t *testing.T, w *inboxtest.World) {
		ada := w.Add(t, "Ada Lovelace", "ada@example.org")
		visitor, operator := w.As(t, ada.ID), w.Ctx(t)
		c := w.Started(t, ada.ID, "Does the engine compute\n  Bernoulli numbers?")
		if c.UnreadCount != 1 || c.State != inbox.StateOpen || c.LastMessage.Preview != "Does the engine compute Bernoulli numbers?" || c.Contact.Name != "Ada Lovelace" {
			t.Errorf("begun as %+v, last %+v", c, c.LastMessage)
		}
		w.Clock.Advance(time.Minute)
		w.Post(t, operator, c.ID, "It does.")
		if _, _, err := w.Inbox.Post(operator, c.ID, inbox.NewMessage{Body: "She is the countess.", Type: inbox.TypeNote}); err != nil {
			t.Fatal(err)
		}
		theirs, err := w.Inbox.Thread(visitor, c.ID, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"operator: It does.", "contact: Does the engine compute\n  Bernoulli numbers?"}, said(theirs)); diff != "" {
			t.Errorf("the contact reads (-want +got):\n%s", diff)
		}
		ours, err := w.Inbox.Thread(operator, c.ID, "", 10)
		if err != nil || len(ours) != 3 || ours[0].Type != inbox.TypeNote || ours[1].Author.Name != "Owner of Acme" || ours[2].Author.Name != "Ada Lovelace" {
			t.Errorf("the operators read %+v, %v", ours, err)
		}
		now, err := w.Inbox.Get(operator, c.ID)
		if err != nil || now.UnreadCount != 0 || now.ContactUnreadCount != 1 || now.MessageCount != 3 || now.LastMessage.Preview != "It does." {
			t.Errorf("now %+v, %v", now, err)
		}
		if err := w.Inbox.Read(visitor, c.ID); err != nil {
			t.Fatal(err)
		}
		want := []string{"contact.created", "conversation.created", "message.created", "message.created", "message.created", "conversation.updated"}
		if diff := cmp.Diff(want, contactstest.Events(t, w.DB, w.Workspace.ID)); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"conversation.messages", "conversation"}, distinct(w.Accessed(t, ada.ID))); len(diff) > 0 && len(distinct(w.Accessed(t, ada.ID))) != 2 {
			t.Errorf("logged reads (-want +got):\n%s", diff)
		}
	})
}

func said(messages []inbox.Message) []string {
	out := make([]string, len(messages))
	for i, m := range messages {
		out[i] = string(m.Author.Type) + ": " + m.Body
	}
	return out
}

func distinct(in []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range in {
		if !seen[s] {
			out, seen[s] = append(out, s), true
		}
	}
	return out
}

func TestAContactSeesOnlyTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, w *inboxtest.World) {
		ada, eve := w.Add(t, "Ada", "ada@example.org"), w.Add(t, "Eve", "eve@example.org")
		c := w.Started(t, ada.ID, "secret")
		as := w.As(t, eve.ID)
		_, err := w.Inbox.Get(as, c.ID)
		checkNotFound(t, "Get", err)
		_, err = w.Inbox.Thread(as, c.ID, "", 10)
		checkNotFound(t, "Thread", err)
		_, _, err = w.Inbox.Post(as, c.ID, inbox.NewMessage{Body: "hello"})
		checkNotFound(t, "Post", err)
		checkNotFound(t, "Read", w.Inbox.Read(as, c.ID))
		if _, _, err := w.Inbox.Post(w.As(t, ada.ID), c.ID, inbox.NewMessage{Body: "x", Type: inbox.TypeNote}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a contact wrote a note: %v", err)
		}
		foreign := w.Make(t, "Other").AsOwner(t.Context())
		_, err = w.Inbox.Get(foreign, c.ID)
		checkNotFound(t, "Get from another workspace", err)
		_, err = w.Inbox.Update(foreign, c.ID, inbox.Change{State: ptr(inbox.StateResolved)}, nil)
		checkNotFound(t, "Update from another workspace", err)
		hits, err := w.Inbox.Find(foreign, "secret", 0, 10)
		if err != nil || len(hits) != 0 {
			t.Errorf("another workspace finds %v, %v", hits, err)
		}
	})
}

func checkNotFound(t *testing.T, what string, err error) {
	t.Helper()
	if !fault.Is(err, fault.KindNotFound) {
		t.Errorf("%s: %v, want not found", what, err)
	}
}

func TestARetryChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *inboxtest.World) {
		ctx := w.As(t, "con_promised")
		prepare := func() inbox.Opening {
			o := inbox.Opening{ContactID: "con_promised", Channel: "chat", NewMessage: inbox.NewMessage{Body: "hello", ClientID: "c1"}}
			if _, err := w.Contacts.FindForVisitor(ctx, w.Workspace.ID, o.ContactID); fault.Is(err, fault.KindNotFound) {
				if o.Draft, err = w.Contacts.Prepare(ctx, w.Workspace.ID, o.ContactID, contacts.Change{}, *contactstest.Basis(), false); err != nil {
					t.Fatal(err)
				}
			}
			return o
		}
		first, m1, repeated, err := w.Inbox.Start(ctx, prepare())
		if err != nil || repeated {
			t.Fatalf("first: %v, repeated %v", err, repeated)
		}
		second, m2, repeated, err := w.Inbox.Start(ctx, prepare())
		if err != nil || !repeated || second.ID != first.ID || m1.ID != m2.ID || m2.Body != "hello" {
			t.Errorf("retry gave %s %s repeated %v, %v; want %s %s", second.ID, m2.ID, repeated, err, first.ID, m1.ID)
		}
		before := contactstest.Events(t, w.DB, w.Workspace.ID)
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				if _, _, err := w.Inbox.Post(ctx, first.ID, inbox.NewMessage{Body: "again", ClientID: "c2"}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		got := contactstest.Events(t, w.DB, w.Workspace.ID)
		if len(got) != len(before)+1 {
			t.Errorf("five tries of one message caused %v", got[len(before):])
		}
	})
}

func TestChangesAndTheirEvents(t *testing.T) {
	each(t, func(t *testing.T, w *inboxtest.World) {
		ada := w.Add(t, "Ada", "ada@example.org")
		c := w.Started(t, ada.ID, "hello")
		operator := w.Ctx(t)
		steps := []struct {
			change inbox.Change
			event  string
		}{
			{inbox.Change{AssigneeID: &w.Workspace.OwnerID, State: ptr(inbox.StateResolved)}, "conversation.resolved conversation.assigned"},
			{inbox.Change{Tags: &[]string{"b", "a", "b"}, Priority: ptr("high")}, "conversation.updated"},
			{inbox.Change{State: ptr(inbox.StateOpen)}, "conversation.reopened"},
			{inbox.Change{State: ptr(inbox.StateSnoozed), SnoozedUntil: ptr(w.Clock.Now().Add(time.Hour))}, "conversation.updated"},
		}
		for _, step := range steps {
			before := contactstest.Events(t, w.DB, w.Workspace.ID)
			if _, err := w.Inbox.Update(operator, c.ID, step.change, nil); err != nil {
				t.Fatal(err)
			}
			got := strings.Join(contactstest.Events(t, w.DB, w.Workspace.ID)[len(before):], " ")
			if got != step.event {
				t.Errorf("%+v caused %q, want %q", step.change, got, step.event)
			}
		}
		now, err := w.Inbox.Get(operator, c.ID)
		if err != nil || cmp.Diff([]string{"a", "b"}, now.Tags) != "" || now.SnoozedUntil == nil || now.Priority != "high" {
			t.Errorf("now %+v, %v", now, err)
		}
		for name, bad := range map[string]inbox.Change{
			"unknown operator": {AssigneeID: ptr("opr_nobody")},
			"past snooze":      {State: ptr(inbox.StateSnoozed), SnoozedUntil: ptr(w.Clock.Now())},
			"snooze alone":     {SnoozedUntil: ptr(w.Clock.Now().Add(time.Hour))},
			"state":            {State: ptr("lost")},
			"blank tag":        {Tags: &[]string{" "}},
		} {
			if _, err := w.Inbox.Update(operator, c.ID, bad, nil); !fault.Is(err, fault.KindInvalid) {
				t.Errorf("%s: %v, want invalid", name, err)
			}
		}
		if n, err := w.Inbox.WakeSnoozed(t.Context(), w.Clock.Now().Add(2*time.Hour), 10); err != nil || n != 1 {
			t.Errorf("woke %d, %v", n, err)
		}
		if _, err := w.Inbox.Update(operator, c.ID, inbox.Change{State: ptr(inbox.StateResolved)}, nil); err != nil {
			t.Fatal(err)
		}
		before := len(contactstest.Events(t, w.DB, w.Workspace.ID))
		w.Post(t, operator, c.ID, "a last word does not reopen")
		w.Post(t, w.As(t, ada.ID), c.ID, "still there?")
		w.Post(t, w.As(t, ada.ID), c.ID, "hello?")
		want := "message.created message.created conversation.reopened message.created"
		if got := strings.Join(contactstest.Events(t, w.DB, w.Workspace.ID)[before:], " "); got != want {
			t.Errorf("writing to a resolved conversation caused %q, want %q", got, want)
		}
		if now, _ := w.Inbox.Get(operator, c.ID); now.State != inbox.StateOpen {
			t.Errorf("state %q", now.State)
		}
	})
}

func TestListsFilterAndPage(t *testing.T) {
	each(t, func(t *testing.T, w *inboxtest.World) {
		operator := w.Ctx(t)
		var ids []string
		for i := range 9 {
			p := w.Add(t, fmt.Sprintf("P%d", i), fmt.Sprintf("p%d@example.org", i))
			w.Clock.Advance(time.Second)
			c := w.Started(t, p.ID, "hello")
			ids = append(ids, c.ID)
			change := inbox.Change{State: ptr(inbox.States[i%4])}
			if i%4 == 2 {
				change.SnoozedUntil = ptr(w.Clock.Now().Add(time.Hour))
			}
			if i == 4 {
				change.AssigneeID, change.Tags = &w.Workspace.OwnerID, &[]string{"vip"}
			}
			if _, err := w.Inbox.Update(operator, c.ID, change, nil); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		var after *inbox.At
		for {
			page, err := w.Inbox.List(operator, inbox.Filter{}, after, 2)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, c := range page {
				got = append([]string{c.ID}, got...)
			}
			last := page[len(page)-1]
			after = &inbox.At{Activity: last.ActivityAt.UnixMicro(), ID: last.ID}
		}
		if diff := cmp.Diff(ids, got); diff != "" {
			t.Errorf("all, oldest first (-want +got):\n%s", diff)
		}
		for name, tt := range map[string]struct {
			f    inbox.Filter
			want []string
		}{
			"open":       {inbox.Filter{State: inbox.StateOpen}, []string{ids[8], ids[4], ids[0]}},
			"mine":       {inbox.Filter{AssigneeID: w.Workspace.OwnerID}, []string{ids[4]}},
			"unassigned": {inbox.Filter{State: inbox.StateOpen, AssigneeID: "none"}, []string{ids[8], ids[0]}},
			"tag":        {inbox.Filter{Tag: "vip"}, []string{ids[4]}},
			"nobody":     {inbox.Filter{ContactID: "con_nobody"}, nil},
		} {
			page, err := w.Inbox.List(operator, tt.f, nil, 20)
			var got []string
			for _, c := range page {
				got = append(got, c.ID)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
			}
		}
		counts, err := w.Inbox.Count(operator)
		if err != nil || counts != (inbox.Counts{Open: 3, Pending: 2, Snoozed: 2, Resolved: 2, Unread: 3, Mine: 1, Unassigned: 2}) {
			t.Errorf("counts %+v, %v", counts, err)
		}
	})
}

func TestFindSealedWords(t *testing.T) {
	each(t, func(t *testing.T, w *inboxtest.World) {
		ada := w.Add(t, "Ada", "ada@example.org")
		c := w.Started(t, ada.ID, "Where is my Schaltwerk? I ordered it on Monday.")
		w.Post(t, w.Ctx(t), c.ID, "The schaltwerk is on its way.")
		for q, want := range map[string]int{"SCHALTWERK": 2, "schaltwerk monday": 1, "schalt": 0, "way": 1} {
			hits, err := w.Inbox.Find(w.Ctx(t), q, 0, 10)
			if err != nil || len(hits) != want {
				t.Errorf("%q: %d hits, %v; want %d", q, len(hits), err, want)
			}
		}
		hits, err := w.Inbox.Find(w.Ctx(t), "monday", 0, 10)
		if err != nil || len(hits) != 1 || !strings.Contains(hits[0].Snippet, "Monday") || hits[0].Title != "Ada" || hits[0].ConversationID != c.ID {
			t.Errorf("hit %+v, %v", hits, err)
		}
	})
}

func TestErasureLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *inboxtest.World) {
		ada, bob := w.Add(t, "Ada", "ada@example.org"), w.Add(t, "Bob", "bob@example.org")
		c, other := w.Started(t, ada.ID, "erase the schaltwerk"), w.Started(t, bob.ID, "keep the schaltwerk")
		w.Post(t, w.Ctx(t), c.ID, "as you wish")
		r, err := w.Privacy.Erase(w.Ctx(t), ada.ID)
		if err != nil {
			t.Fatal(err)
		}
		if r.Rows["messages"] != 2 || r.Rows["conversations"] != 1 || r.Rows["search_docs"] != 2 || r.Rows["contacts"] != 1 {
			t.Errorf("rows %v", r.Rows)
		}
		_, err = w.Inbox.Get(w.Ctx(t), c.ID)
		checkNotFound(t, "Get", err)
		_, _, err = w.Inbox.Post(w.As(t, ada.ID), c.ID, inbox.NewMessage{Body: "I am back"})
		checkNotFound(t, "Post", err)
		hits, err := w.Inbox.Find(w.Ctx(t), "schaltwerk", 0, 10)
		if err != nil || len(hits) != 1 || hits[0].ConversationID != other.ID {
			t.Errorf("found %+v, %v", hits, err)
		}
		err = w.DB.Read(t.Context(), func(tx *storage.Tx) error {
			return w.Inbox.Export(t.Context(), tx, privacy.Subject{WorkspaceID: w.Workspace.ID, ContactID: ada.ID}, func(section string, _ any) error {
				return fmt.Errorf("something is left in %s", section)
			})
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestExportHandsOutEverything(t *testing.T) {
	each(t, func(t *testing.T, w *inboxtest.World) {
		ada := w.Add(t, "Ada", "ada@example.org")
		c := w.Started(t, ada.ID, "one")
		w.Post(t, w.Ctx(t), c.ID, "two")
		sections := map[string]int{}
		err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
			return w.Inbox.Export(t.Context(), tx, privacy.Subject{WorkspaceID: w.Workspace.ID, ContactID: ada.ID}, func(section string, _ any) error {
				sections[section]++
				return nil
			})
		})
		if diff := cmp.Diff(map[string]int{"conversations": 1, "messages": 2}, sections); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
}

func TestQueriesUseIndexes(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		for name, q := range inbox.Plans() {
			t.Run(name, func(t *testing.T) { storagetest.UsesIndex(t, db, q.SQL, q.Args...) })
		}
	})
}

// TestAMessageIsSealedForWhomItsConversationBelongsToNow gives a conversation to
// somebody else behind the service's back, as a merge on another node does.
func TestAMessageIsSealedForWhomItsConversationBelongsToNow(t *testing.T) {
	each(t, func(t *testing.T, w *inboxtest.World) {
		ada, grace := w.Add(t, "Ada", "ada@example.org"), w.Add(t, "Grace", "grace@example.org")
		c := w.Started(t, ada.ID, "hello")
		w.Post(t, w.Ctx(t), c.ID, "for Ada")
		err := w.DB.Write(t.Context(), func(tx *storage.Tx) error {
			_, err := tx.Exec("UPDATE conversations SET contact_id = $1 WHERE id = $2", grace.ID, c.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		m := w.Post(t, w.Ctx(t), c.ID, "for Grace")
		var owner string
		err = w.DB.Read(t.Context(), func(tx *storage.Tx) error {
			return tx.QueryRow("SELECT contact_id FROM messages WHERE id = $1", m.ID).Scan(&owner)
		})
		if err != nil || owner != grace.ID {
			t.Errorf("the message is sealed for %s, want %s; %v", owner, grace.ID, err)
		}
		if _, err := w.Privacy.Erase(w.Ctx(t), grace.ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := w.Inbox.Post(w.Ctx(t), c.ID, inbox.NewMessage{Body: "too late"}); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("after the erasure: %v, want not found", err)
		}
	})
}
