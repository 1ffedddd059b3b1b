package inbox_test

import (
	"encoding/json"
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
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

func codeOf(err error) string {
	if e := fault.As(err); e != nil {
		return e.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func restrict(t *testing.T, w *inboxtest.World, contactID string, on bool) {
	t.Helper()
	if err := w.Privacy.Restrict(w.Ctx(t), contactID, on, "accuracy is contested"); err != nil {
		t.Fatal(err)
	}
}

// Nothing but storage: whatever the customer's people try is refused or veiled;
// the person themselves goes on; and lifting makes all of it as it was.
func TestARestrictedPersonsConversationIsStoredAndNothingElse(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		w := inboxtest.New(t, db)
		c := w.Add(t, "Ada Lovelace", "ada@example.org")
		other := w.Add(t, "Grace Hopper", "grace@example.org")
		v := w.Started(t, c.ID, "my secretword is safe")
		w.Started(t, other.ID, "a secretword of somebody else")
		ctx, asContact := w.Ctx(t), w.As(t, c.ID)
		restrict(t, w, c.ID, true)
		body, done, name := "x", "resolved", "Eve"
		until := w.Clock.Now().Add(time.Hour)
		snoozed := "snoozed"
		change := contacts.Change{Name: &name, Basis: contactstest.Basis()}
		for what, do := range map[string]func() error{
			"reply": func() error { _, _, err := w.Inbox.Post(ctx, v.ID, inbox.NewMessage{Body: body}); return err },
			"note": func() error {
				_, _, err := w.Inbox.Post(ctx, v.ID, inbox.NewMessage{Body: body, Type: "note"})
				return err
			},
			"resolve": func() error { _, err := w.Inbox.Update(ctx, v.ID, inbox.Change{State: &done}, nil); return err },
			"snooze": func() error {
				_, err := w.Inbox.Update(ctx, v.ID, inbox.Change{State: &snoozed, SnoozedUntil: &until}, nil)
				return err
			},
			"assign": func() error {
				_, err := w.Inbox.Update(ctx, v.ID, inbox.Change{AssigneeID: &w.Workspace.OwnerID}, nil)
				return err
			},
			"tag":  func() error { _, err := w.Inbox.Update(ctx, v.ID, inbox.Change{Tags: &[]string{"x"}}, nil); return err },
			"type": func() error { return w.Inbox.Typing(ctx, v.ID) },
			"start": func() error {
				_, _, _, err := w.Inbox.Start(ctx, inbox.Opening{ContactID: c.ID, NewMessage: inbox.NewMessage{Body: body}})
				return err
			},
			"edit": func() error { _, err := w.Contacts.Update(ctx, c.ID, change, nil); return err },
			"bin":  func() error { return w.Contacts.Bin(ctx, c.ID) },
		} {
			if got := codeOf(do()); got != "processing_restricted" {
				t.Errorf("%s: %q", what, got)
			}
		}
		if err := w.Inbox.Read(ctx, v.ID); err != nil {
			t.Errorf("read: %v", err)
		}
		w.Post(t, asContact, v.ID, "and my secretword again")
		if err := w.Inbox.Typing(asContact, v.ID); err != nil {
			t.Errorf("the person types: %v", err)
		}
		seen := look(t, w, v.ID)
		if strings.Contains(seen, "secretword is safe") || strings.Contains(seen, "secretword again") || !strings.Contains(seen, `"restricted":true`) || !strings.Contains(seen, "Ada") {
			t.Errorf("operators see %s", seen)
		}
		if !strings.Contains(seen, "somebody else") {
			t.Error("others are veiled too")
		}
		if own, err := w.Inbox.Thread(asContact, v.ID, "", 10); err != nil || len(own) != 2 || own[0].Body != "and my secretword again" || own[0].Restricted {
			t.Errorf("the person sees %+v, %v", own, err)
		}
		if got, err := w.Inbox.Get(ctx, v.ID); err != nil || got.UnreadCount != 2 || got.OperatorReadAt != nil {
			t.Errorf("looking at a veil counted as reading: %+v, %v", got, err)
		}
		restrict(t, w, c.ID, false)
		if seen := look(t, w, v.ID); !strings.Contains(seen, "secretword is safe") || !strings.Contains(seen, "secretword again") || strings.Contains(seen, `"restricted":true`) {
			t.Errorf("after lifting operators see %s", seen)
		}
		w.Post(t, ctx, v.ID, "welcome back")
	})
}

// look gives all that operators can see: list, thread, search and stream.
func look(t *testing.T, w *inboxtest.World, conversationID string) string {
	t.Helper()
	ctx := w.Ctx(t)
	list, err := w.Inbox.List(ctx, inbox.Filter{}, nil, 10)
	if err != nil {
		t.Fatal(err)
	}
	thread, err := w.Inbox.Thread(ctx, conversationID, "", 10)
	if err != nil {
		t.Fatal(err)
	}
	hits, err := w.Inbox.Find(ctx, "secretword", 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	var events []live.Event
	for _, m := range thread {
		events = append(events, live.Event{Type: live.MessageCreated, WorkspaceID: w.Workspace.ID, ContactID: list[0].ContactID, ConversationID: conversationID,
			ObjectID: m.ID, Details: map[string]string{"type": m.Type}})
	}
	for i := range events {
		events[i].ContactID = thread[len(thread)-1].Author.ID
	}
	messages, _, err := w.Inbox.RenderMessages(ctx, events)
	if err != nil {
		t.Fatal(err)
	}
	conversations, _, err := w.Inbox.RenderConversations(ctx, events)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(map[string]any{"list": list, "thread": thread, "hits": hits})
	if err != nil {
		t.Fatal(err)
	}
	for _, frame := range append(messages, conversations...) {
		raw = append(raw, frame...)
	}
	return string(raw)
}

// Search pages past what restricted people wrote.
func TestSearchPagesPastRestrictedPeople(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		w := inboxtest.New(t, db)
		ada, grace := w.Add(t, "Ada Lovelace", ""), w.Add(t, "Grace Hopper", "")
		w.Started(t, grace.ID, "quartz one")
		w.Started(t, grace.ID, "quartz two")
		for range 5 {
			w.Started(t, ada.ID, "quartz hidden")
		}
		restrict(t, w, ada.ID, true)
		hits, err := w.Inbox.Find(w.Ctx(t), "quartz", 0, 2)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range hits {
			got = append(got, h.Snippet)
		}
		if diff := cmp.Diff([]string{"quartz two", "quartz one"}, got); diff != "" {
			t.Errorf("found (-want +got):\n%s", diff)
		}
	})
}

// A restriction during replies: once it is acknowledged, no reply is added.
func TestRestrictionDuringReplies(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		w := inboxtest.New(t, db)
		c := w.Add(t, "Ada Lovelace", "")
		v := w.Started(t, c.ID, "hello")
		ctx := w.Ctx(t)
		var wg sync.WaitGroup
		errs := make([]error, 24)
		begun := make(chan struct{}, len(errs))
		for i := range errs {
			wg.Go(func() {
				begun <- struct{}{}
				_, _, errs[i] = w.Inbox.Post(ctx, v.ID, inbox.NewMessage{Body: "reply"})
			})
		}
		<-begun
		restrict(t, w, c.ID, true)
		at := messageCount(t, w, v.ID)
		wg.Wait()
		if after := messageCount(t, w, v.ID); after != at {
			t.Errorf("%d messages when the restriction was acknowledged, %d in the end", at, after)
		}
		taken := int64(1)
		for _, err := range errs {
			switch codeOf(err) {
			case "":
				taken++
			case "processing_restricted":
			default:
				t.Errorf("a reply: %v", err)
			}
		}
		if taken != at {
			t.Errorf("%d messages were taken, %d are there", taken, at)
		}
	})
}

func messageCount(t *testing.T, w *inboxtest.World, conversationID string) int64 {
	t.Helper()
	c, err := w.Inbox.Get(w.Ctx(t), conversationID)
	if err != nil {
		t.Fatal(err)
	}
	return c.MessageCount
}
