package webhook_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/egress"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/webhook"
)

// A person is erased while events about them wait: nothing personal leaves any
// more, and recipients learn of it (GDPR articles 17 and 19).
func TestErasureWhileDeliveriesWait(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		e, _ := w.endpoint(t, "contact.created", "contact.updated", "contact.erased")
		ada := w.Add(t, canary, canary+"@example.org")
		w.deliver(t)
		w.receiver.status(http.StatusInternalServerError)
		w.update(t, ada.ID, canary+" L.")
		w.deliver(t)
		w.receiver.take()
		w.update(t, ada.ID, canary+" Lovelace")
		receipt, err := w.Privacy.Erase(w.Ctx(t), ada.ID)
		if err != nil {
			t.Fatal(err)
		}
		if receipt.Rows["webhook_recipients"] != 1 || receipt.Rows["webhook_deliveries"] != 1 {
			t.Errorf("the receipt counts %v", receipt.Rows)
		}
		w.receiver.status(http.StatusOK)
		w.deliver(t) // nothing of hers is due but the erasure, which waits for none
		if diff := cmp.Diff([]string{"contact.erased"}, w.receiver.types(t)); diff != "" {
			t.Errorf("at once:\n%s", diff)
		}
		w.after(t, time.Hour)
		came := w.receiver.take()
		if len(came) != 2 {
			t.Fatalf("%d deliveries were waiting", len(came))
		}
		for _, g := range came {
			data := g.event(t).Data
			if strings.Contains(string(g.body), canary) || data["erased"] != true || data["contact_id"] != ada.ID || data["contact"] != nil {
				t.Errorf("after the erasure %s left", g.body)
			}
		}
		replayed := w.deliveries(t, webhook.Filter{EndpointID: e.ID})
		for _, d := range replayed {
			if _, err := w.hooks.Replay(w.Ctx(t), d.ID); err != nil {
				t.Fatal(err)
			}
		}
		w.deliver(t)
		for _, g := range w.receiver.take() {
			event := g.event(t)
			if strings.Contains(string(g.body), canary) || event.Data["erased"] != true {
				t.Errorf("a replay told %s", g.body)
			}
			if event.Type == "contact.erased" && event.Data["receipt_id"] != receipt.ID {
				t.Errorf("the erasure is told as %s", g.body)
			}
		}
		if left := dump(t, w, "webhook_recipients"); left != "" {
			t.Errorf("still on record: %s", left)
		}
	})
}

// An erasure cuts off what is being sent.
func TestErasureCutsOffARequest(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.endpoint(t, "contact.created")
		const long = 20 * time.Second // it would wait so long
		patient := egress.New(egress.Options{AllowLoopback: true, NoRedirects: true, Timeout: long})
		defer patient.Close()
		w.hooks = w.node(t, func(d *webhook.Deps) { d.Egress = patient })
		ada := w.Add(t, canary, canary+"@example.org")
		cut := make(chan struct{})
		w.receiver.answers(func(_ http.ResponseWriter, r *http.Request) {
			w.receiver.status(http.StatusOK) // to the next, which comes at once
			if _, err := w.Privacy.Erase(w.Ctx(t), ada.ID); err != nil {
				t.Error(err)
			}
			<-r.Context().Done()
			close(cut)
		})
		began := time.Now()
		w.deliver(t)
		<-cut
		if took := time.Since(began); took > long/2 {
			t.Errorf("the request went on for %v", took)
		}
		came := w.receiver.take()
		if len(came) != 2 || came[1].event(t).Data["erased"] != true || strings.Contains(string(came[1].body), canary) {
			t.Fatalf("%d requests; the last says %s", len(came), came[len(came)-1].body)
		}
		if told := dump(t, w, "webhook_recipients"); told != "" {
			t.Errorf("there is a row about an erased person: %s", told)
		}
	})
}

// Another node's erasure may come while a request is answered: nothing about the
// person is written down any more.
func TestErasureWhileARequestIsAnswered(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.endpoint(t, "contact.created")
		ada := w.Add(t, "Ada", "ada@example.org")
		w.receiver.answers(func(http.ResponseWriter, *http.Request) {
			if _, err := w.Privacy.Erase(w.Ctx(t), ada.ID); err != nil {
				t.Error(err)
			}
		})
		other := w.node(t) // nobody tells it
		if err := other.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		if told := dump(t, w, "webhook_recipients"); told != "" || w.deliveries(t, webhook.Filter{})[0].State != webhook.Delivered {
			t.Errorf("there is a row about an erased person: %s", told)
		}
	})
}

// Nothing but storage happens to the data of somebody restricted (article 18), and
// recipients learn of that.
func TestOfSomebodyRestrictedOnlyIDsAreTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.endpoint(t, "contact.created", "contact.updated", "consent.granted")
		ada := w.Add(t, canary, canary+"@example.org")
		if err := w.Privacy.Restrict(w.Ctx(t), ada.ID, true, "contested"); err != nil {
			t.Fatal(err)
		}
		w.deliver(t)
		came := w.receiver.take()
		if len(came) != 2 {
			t.Fatalf("%d requests", len(came))
		}
		for _, g := range came {
			event := g.event(t)
			if strings.Contains(string(g.body), canary) || event.Data["restricted"] != true || event.Data["contact_id"] != ada.ID {
				t.Errorf("of somebody restricted %s left", g.body)
			}
			if event.Type == "contact.updated" {
				if diff := cmp.Diff([]any{"restricted_at"}, event.Data["fields"]); diff != "" {
					t.Errorf("what changed is told as:\n%s", diff)
				}
			}
		}
		if err := w.Privacy.Restrict(w.Ctx(t), ada.ID, false, "settled"); err != nil {
			t.Fatal(err)
		}
		w.deliver(t)
		if lifted := w.receiver.take(); len(lifted) != 1 || lifted[0].event(t).Data["restricted"] != nil || lifted[0].event(t).Data["contact"] == nil {
			t.Errorf("the lifting is told as %s", lifted[0].body)
		}
	})
}

// The person may ask who was told what (article 19, last sentence).
func TestRecipientsAreExported(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		e, _ := w.endpoint(t, "contact.created", "contact.updated")
		ada := w.Add(t, "Ada", "ada@example.org")
		w.update(t, ada.ID, "Ada L.")
		w.update(t, ada.ID, "Ada Lovelace")
		w.Add(t, "Grace", "grace@example.org")
		w.deliver(t)
		if err := w.hooks.Delete(w.Ctx(t), e.ID); err != nil { // who was told stays true
			t.Fatal(err)
		}
		sub := privacy.Subject{WorkspaceID: w.Workspace.ID, ContactID: ada.ID}
		var told []webhook.Recipient
		err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
			return w.hooks.Export(t.Context(), tx, sub, func(section string, record any) error {
				if section != "webhook_recipients" {
					t.Errorf("section %s", section)
				}
				told = append(told, record.(webhook.Recipient))
				return nil
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		now := w.Clock.Now()
		want := []webhook.Recipient{
			{Host: "127.0.0.1", EventType: "contact.created", Told: 1, FirstAt: now, LastAt: now},
			{Host: "127.0.0.1", EventType: "contact.updated", Told: 2, FirstAt: now, LastAt: now},
		}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Error(diff)
		}
	})
}

// Nobody finds a way around an erasure through an old copy of the data.
func TestARestoredPersonIsNotExported(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.endpoint(t, "contact.created")
		ada := w.Add(t, "Ada", "ada@example.org")
		w.deliver(t)
		old := dump(t, w, "webhook_recipients")
		if old == "" {
			t.Fatal("nobody was told")
		}
		if _, err := w.Privacy.Erase(w.Ctx(t), ada.ID); err != nil {
			t.Fatal(err)
		}
		err := w.DB.Write(t.Context(), func(tx *storage.Tx) error {
			_, err := tx.Exec(`INSERT INTO webhook_recipients (workspace_id, contact_id, host, event_type, told, first_at, last_at) VALUES ($1, $2, 'h', 'contact.created', 1, 1, 1)`,
				w.Workspace.ID, ada.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		err = w.DB.Read(t.Context(), func(tx *storage.Tx) error {
			return w.hooks.Export(t.Context(), tx, privacy.Subject{WorkspaceID: w.Workspace.ID, ContactID: ada.ID}, func(_ string, record any) error {
				raw, err := json.Marshal(record)
				t.Errorf("exported %s", raw)
				return err
			})
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestFinishedDeliveriesAreRemoved(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.endpoint(t, "contact.created", "contact.updated")
		ada := w.Add(t, "Ada", "ada@example.org")
		w.Add(t, "Grace", "grace@example.org")
		w.deliver(t)
		w.receiver.status(500)
		w.update(t, ada.ID, "Ada L.")
		w.deliver(t)
		w.Clock.Advance(time.Hour)
		rule := privacy.Rule{WorkspaceID: w.Workspace.ID, Category: privacy.AgesDeliveries, Before: w.Clock.Now(), Limit: 1}
		retain := func() (due privacy.Counts, n int64) {
			err := w.DB.Write(t.Context(), func(tx *storage.Tx) (err error) {
				if due, err = w.hooks.Due(t.Context(), tx, rule); err == nil {
					n, err = w.hooks.Retain(t.Context(), tx, rule)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return due, n
		}
		for _, want := range []int64{2, 1, 0} {
			if due, n := retain(); due["webhook_deliveries"] != want || n != min(want, 1) {
				t.Errorf("%v are due, %d went; want %d", due, n, want)
			}
		}
		if left := w.deliveries(t, webhook.Filter{State: webhook.Waiting}); len(left) != 1 || left[0].State != webhook.Waiting {
			t.Errorf("%+v", left)
		}
		rule.Spare = "c.restricted_at IS NULL" // everybody
		rule.Before = w.Clock.Now().Add(time.Hour)
		w.receiver.status(200)
		w.deliver(t)
		if due, n := retain(); due["webhook_deliveries"] != 0 || n != 0 {
			t.Errorf("of whom the rule spares, %v are due, and %d went", due, n)
		}
		if _, err := w.Privacy.Erase(w.Ctx(t), ada.ID); err != nil {
			t.Fatal(err)
		}
		rule.Category = privacy.AgesMails
		if due, n := retain(); len(due) != 0 || n != 0 {
			t.Errorf("another category: %v, %d", due, n)
		}
	})
}
