package webhook_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/contacts/contactstest"
	"github.com/botimum/botimum/internal/egress"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/webhook"
)

// update gives the contact another name.
func (w *world) update(t *testing.T, contactID, name string) contacts.Contact {
	t.Helper()
	c, err := w.Contacts.Update(w.Ctx(t), contactID, contacts.Change{Name: &name, Basis: contactstest.Basis()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFailuresAreTriedAgain(t *testing.T) {
	codes := map[string]struct {
		fail func(w *world)
		code string // of the delivery's error; empty: there was an answer
	}{
		"500": {func(w *world) { w.receiver.status(http.StatusInternalServerError) }, ""},
		"a timeout": {func(w *world) {
			w.receiver.answers(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		}, egress.CodeFailed},
		"a broken connection": {func(w *world) {
			w.receiver.answers(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		}, egress.CodeFailed},
		"a redirect": {func(w *world) {
			w.receiver.answers(func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, "/elsewhere", http.StatusFound) })
		}, egress.CodeRedirect},
	}
	for name, tt := range codes {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				e, secret := w.endpoint(t, "contact.created")
				tt.fail(w)
				w.Add(t, "Ada", "ada@example.org")
				w.deliver(t)
				d := w.deliveries(t, webhook.Filter{State: webhook.Waiting})
				if len(d) != 1 || d[0].Attempts != 1 || !d[0].NextAttemptAt.Equal(w.Clock.Now().Add(5*time.Second)) {
					t.Fatalf("%+v", d)
				}
				if tt.code == "" && (d[0].StatusCode == nil || d[0].Error != nil) || tt.code != "" && (d[0].Error == nil || *d[0].Error != tt.code) {
					t.Errorf("the attempt is told as %v, %v", d[0].StatusCode, d[0].Error)
				}
				if shown := w.get(t, e.ID); shown.FailingSince == nil || shown.Waiting != 1 {
					t.Errorf("the endpoint is shown as %+v", shown)
				}
				first := w.receiver.take()
				w.after(t, 4*time.Second)
				if n := len(w.receiver.take()); n != 0 || len(first) != 1 {
					t.Fatalf("%d requests at first, %d before its time", len(first), n)
				}
				w.receiver.status(http.StatusNoContent)
				w.after(t, time.Second)
				second := w.receiver.take()
				if len(second) != 1 || second[0].header.Get("Webhook-Id") != first[0].header.Get("Webhook-Id") {
					t.Fatalf("%d requests, with another id: %v", len(second), second)
				}
				verify(t, second[0], secret)
				if done := w.deliveries(t, webhook.Filter{State: webhook.Delivered}); len(done) != 1 || done[0].Attempts != 2 || done[0].Error != nil || w.get(t, e.ID).FailingSince != nil {
					t.Errorf("%+v", done)
				}
			})
		})
	}
}

func TestARefusedConnectionIsTriedAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		nobody := httptest.NewServer(nil)
		nobody.Close()
		if _, _, err := w.hooks.Create(w.Ctx(t), webhook.NewEndpoint{URL: nobody.URL, EventTypes: []string{"contact.created"}}); err != nil {
			t.Fatal(err)
		}
		w.Add(t, "Ada", "ada@example.org")
		w.deliver(t)
		if d := w.deliveries(t, webhook.Filter{})[0]; d.State != webhook.Waiting || *d.Error != egress.CodeFailed {
			t.Errorf("%+v", d)
		}
	})
}

// What a name leads to is judged when it is dialled.
func TestPrivateAddressesAreRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		public := egress.New(egress.Options{NoRedirects: true, Timeout: patience})
		defer public.Close()
		// It takes the address, as if its name had led to a public one that day.
		e, _ := w.endpoint(t, "contact.created")
		outside := w.node(t, func(d *webhook.Deps) { d.Egress = public })
		w.Add(t, "Ada", "ada@example.org")
		if err := outside.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		if d := w.deliveries(t, webhook.Filter{})[0]; d.State != webhook.Waiting || *d.Error != egress.CodeAddress {
			t.Errorf("%+v", d)
		}
		if o, err := outside.Test(w.Ctx(t), e.ID); err != nil || o.Delivered || *o.Error != egress.CodeAddress {
			t.Errorf("%+v, %v", o, err)
		}
		if n := len(w.receiver.take()); n != 0 {
			t.Errorf("it was reached %d times", n)
		}
	})
}

func Test410SwitchesOff(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		e, _ := w.endpoint(t, "contact.created", "contact.updated")
		w.receiver.status(http.StatusGone)
		ada := w.Add(t, "Ada", "ada@example.org")
		w.deliver(t)
		shown := w.get(t, e.ID)
		if shown.State != webhook.Off || *shown.OffReason != webhook.OffGone || shown.Waiting != 1 {
			t.Fatalf("%+v", shown)
		}
		w.receiver.take()
		w.update(t, ada.ID, "Ada L.")
		w.after(t, 24*time.Hour)
		if n := len(w.receiver.take()); n != 0 {
			t.Errorf("told %d times after it said that it is gone", n)
		}
		if actions := hookActions(t, w); actions[len(actions)-1] != "webhook_endpoint.switched_off webhook_endpoint" {
			t.Errorf("the audit log has %v", actions)
		}
		// It is back: nothing was lost.
		w.receiver.status(http.StatusOK)
		on := webhook.On
		if _, err := w.hooks.Update(w.Ctx(t), e.ID, webhook.Change{State: &on}, nil); err != nil {
			t.Fatal(err)
		}
		w.deliver(t)
		if diff := cmp.Diff([]string{"contact.created", "contact.updated"}, w.receiver.types(t)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAnEndpointThatOnlyFailsIsSwitchedOff(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		e, _ := w.endpoint(t, "contact.created")
		w.receiver.status(http.StatusBadGateway)
		began := w.Clock.Now()
		w.Add(t, "Ada", "ada@example.org")
		w.deliver(t)
		for w.get(t, e.ID).State == webhook.On {
			next := w.deliveries(t, webhook.Filter{})[0].NextAttemptAt
			if next == nil {
				t.Fatal("it was given up while the endpoint is on")
			}
			w.after(t, next.Sub(w.Clock.Now()))
		}
		if after := w.Clock.Now().Sub(began); after < 72*time.Hour || after > 80*time.Hour || *w.get(t, e.ID).OffReason != webhook.OffFailing {
			t.Errorf("switched off after %v as %+v", after, w.get(t, e.ID))
		}
	})
}

// One event that a receiver cannot take does not switch off what works otherwise.
func TestOneBadEventIsGivenUp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		e, _ := w.endpoint(t, "contact.created")
		bad := w.Add(t, "Bad", "bad@example.org")
		w.receiver.answers(func(rw http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if got := (got{body: body}).event(t); got.Data["contact_id"] == bad.ID {
				rw.WriteHeader(http.StatusInternalServerError)
			}
		})
		for i := range 10 {
			w.Add(t, "Good", "good"+strconv.Itoa(i)+"@example.org")
			w.deliver(t)
			w.Clock.Advance(24 * time.Hour)
		}
		if d := w.deliveries(t, webhook.Filter{State: webhook.Failed}); len(d) != 1 || d[0].Attempts != 10 || *d[0].ContactID != bad.ID || d[0].NextAttemptAt != nil {
			t.Errorf("%+v", d)
		}
		if w.get(t, e.ID).State != webhook.On || len(w.deliveries(t, webhook.Filter{State: webhook.Delivered})) != 10 {
			t.Error("the others went under with it")
		}
	})
}

func TestHugeAndSlowAnswersAreBounded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.endpoint(t, "contact.created")
		written := make(chan int, 1)
		w.receiver.answers(func(rw http.ResponseWriter, _ *http.Request) {
			n, block := 0, make([]byte, 64<<10)
			for n < 64<<20 {
				m, err := rw.Write(block)
				if n += m; err != nil {
					break
				}
			}
			written <- n
		})
		w.Add(t, "Ada", "ada@example.org")
		w.deliver(t)
		if n := <-written; n >= 64<<20 {
			t.Errorf("%d bytes of an answer were taken", n)
		}
		w.receiver.answers(func(rw http.ResponseWriter, r *http.Request) {
			_ = http.NewResponseController(rw).Flush() // 200, and then nothing more
			<-r.Context().Done()
		})
		w.Add(t, "Grace", "grace@example.org")
		began := time.Now()
		w.deliver(t)
		if took := time.Since(began); took > 20*patience {
			t.Errorf("a slow answer held it up for %v", took)
		}
		if d := w.deliveries(t, webhook.Filter{State: webhook.Delivered}); len(d) != 2 {
			t.Errorf("what was answered with 200 is %+v", d)
		}
	})
}

// Between a request and the note of it there may be a crash.
func TestACrashAfterSendingSendsTheSameIDAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.endpoint(t, "contact.created")
		rename := func(from, to string) {
			err := w.DB.Write(t.Context(), func(tx *storage.Tx) error {
				_, err := tx.Exec(`ALTER TABLE ` + from + ` RENAME TO ` + to)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
		w.receiver.answers(func(http.ResponseWriter, *http.Request) { rename("webhook_deliveries", "out_of_reach") })
		w.Add(t, "Ada", "ada@example.org")
		if err := w.hooks.Deliver(t.Context()); err == nil {
			t.Fatal("what came of it was written down after all")
		}
		rename("out_of_reach", "webhook_deliveries")
		w.receiver.status(http.StatusOK)
		next := w.node(t) // another process, which waits for the lease to end
		if err := next.Deliver(t.Context()); err != nil || len(w.receiver.all) != 1 {
			t.Fatalf("%v, %d requests while somebody else holds the lease", err, len(w.receiver.all))
		}
		w.Clock.Advance(31 * time.Second)
		if err := next.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		came := w.receiver.take()
		if len(came) != 2 || came[0].header.Get("Webhook-Id") != came[1].header.Get("Webhook-Id") {
			t.Errorf("%d requests", len(came))
		}
	})
}

func TestTwoNodesDeliverOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const people, endpoints = 40, 3
		for range endpoints {
			w.endpoint(t, "contact.created")
		}
		other := w.node(t)
		w.hooks.Start()
		other.Start()
		for i := range people {
			w.Add(t, "Ada", "ada"+strconv.Itoa(i)+"@example.org")
		}
		for range people * endpoints {
			<-w.receiver.came
		}
		for _, s := range []*webhook.Service{w.hooks, other} {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
		w.deliver(t) // and nothing is left
		times := map[string]int{}
		for _, g := range w.receiver.take() {
			times[g.header.Get("Webhook-Id")]++
		}
		for id, n := range times {
			if n != endpoints {
				t.Errorf("%s came %d times to %d endpoints", id, n, endpoints)
			}
		}
		if len(times) != people || len(w.deliveries(t, webhook.Filter{State: webhook.Waiting})) != 0 {
			t.Errorf("%d events came", len(times))
		}
	})
}

// Events about a person come in their order; those about others overtake.
func TestOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.endpoint(t, "contact.created", "contact.updated")
		ada := w.Add(t, "Ada", "ada@example.org")
		w.receiver.answers(func(rw http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if got := (got{body: body}).event(t); got.Data["contact_id"] == ada.ID {
				rw.WriteHeader(http.StatusServiceUnavailable)
			}
		})
		w.deliver(t)
		w.update(t, ada.ID, "Ada L.")
		w.Add(t, "Grace", "grace@example.org")
		w.deliver(t)
		var seen []string
		for _, g := range w.receiver.take() {
			e := g.event(t)
			seen = append(seen, e.Type+" "+map[bool]string{true: "ada", false: "grace"}[e.Data["contact_id"] == ada.ID])
		}
		if diff := cmp.Diff([]string{"contact.created ada", "contact.created grace"}, seen); diff != "" {
			t.Errorf("while the first waits:\n%s", diff)
		}
		allWait := func(d time.Duration) { // what comes later waits as long as the first
			t.Helper()
			for _, one := range w.deliveries(t, webhook.Filter{State: webhook.Waiting}) {
				if !one.NextAttemptAt.Equal(w.Clock.Now().Add(d)) {
					t.Errorf("%s is due at %v", one.EventType, one.NextAttemptAt)
				}
			}
		}
		allWait(5 * time.Second)
		w.update(t, ada.ID, "Ada Lovelace")
		w.after(t, 5*time.Second)
		allWait(5 * time.Minute)
		w.receiver.take()
		w.receiver.status(http.StatusOK)
		w.after(t, 5*time.Minute)
		if diff := cmp.Diff([]string{"contact.created", "contact.updated", "contact.updated"}, w.receiver.types(t)); diff != "" {
			t.Errorf("afterwards:\n%s", diff)
		}
	})
}

// A replay does not overtake what waits about the same person.
func TestAReplayKeepsTheOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.endpoint(t, "contact.created", "contact.updated")
		ada := w.Add(t, "Ada", "ada@example.org")
		w.update(t, ada.ID, "Ada L.")
		w.deliver(t)
		w.receiver.take()
		replay := func(d webhook.Delivery) {
			if _, err := w.hooks.Replay(w.Ctx(t), d.ID); err != nil {
				t.Fatal(err)
			}
			w.deliver(t)
		}
		done := w.deliveries(t, webhook.Filter{})
		w.receiver.status(http.StatusInternalServerError)
		replay(done[1])
		w.receiver.status(http.StatusOK)
		replay(done[0])
		w.after(t, 5*time.Second)
		if diff := cmp.Diff([]string{"contact.created", "contact.created", "contact.updated"}, w.receiver.types(t)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestReplay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		e, _ := w.endpoint(t, "contact.created")
		ada := w.Add(t, "Ada", "ada@example.org")
		w.deliver(t)
		first := w.receiver.take()[0]
		w.update(t, ada.ID, "Ada L.")
		d := w.deliveries(t, webhook.Filter{})[0]
		if again, err := w.hooks.Replay(w.Ctx(t), d.ID); err != nil || again.State != webhook.Waiting {
			t.Fatalf("%+v, %v", again, err)
		}
		w.deliver(t)
		second := w.receiver.take()
		if len(second) != 1 || second[0].header.Get("Webhook-Id") != first.header.Get("Webhook-Id") {
			t.Fatalf("%d requests", len(second))
		}
		if name := second[0].event(t).Data["contact"].(map[string]any)["name"]; name != "Ada L." {
			t.Errorf("a replay tells the name as %v, not as it is now", name)
		}
		off := webhook.Off
		if _, err := w.hooks.Update(w.Ctx(t), e.ID, webhook.Change{State: &off}, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := w.hooks.Replay(w.Ctx(t), d.ID); fault.As(err) == nil || fault.As(err).Code != "endpoint_off" {
			t.Errorf("replayed to an endpoint that is off: %v", err)
		}
		if _, err := w.hooks.Replay(w.Ctx(t), "whd_nobody"); !fault.Is(err, fault.KindNotFound) {
			t.Error(err)
		}
	})
}

// What retention took from the outbox cannot be told any more.
func TestAnEventThatIsGoneIsDropped(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.endpoint(t, "contact.created")
		w.receiver.status(500)
		w.Add(t, "Ada", "ada@example.org")
		w.deliver(t)
		err := w.DB.Write(t.Context(), func(tx *storage.Tx) error {
			_, err := tx.Exec(`DELETE FROM events WHERE workspace_id = $1`, w.Workspace.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		w.receiver.take()
		w.after(t, time.Hour)
		d := w.deliveries(t, webhook.Filter{State: webhook.Dropped})
		if len(d) != 1 || *d[0].Error != "event_removed" || len(w.receiver.take()) != 0 {
			t.Fatalf("%+v", d)
		}
		if _, err := w.hooks.Replay(w.Ctx(t), d[0].ID); fault.As(err) == nil || fault.As(err).Code != "event_removed" {
			t.Error(err)
		}
	})
}

func TestDeliveriesArePaged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		e, _ := w.endpoint(t, "contact.created")
		w.endpoint(t, "contact.created")
		for i := range 5 {
			w.Add(t, "Ada", "ada"+strconv.Itoa(i)+"@example.org")
		}
		w.deliver(t)
		for _, f := range []webhook.Filter{{EndpointID: e.ID}, {EndpointID: e.ID, State: webhook.Delivered}} {
			var ids []string
			for before := ""; ; before = ids[len(ids)-1] {
				page, err := w.hooks.Deliveries(w.Ctx(t), f, before, 2)
				if err != nil {
					t.Fatal(err)
				}
				if len(page) == 0 {
					break
				}
				for _, d := range page {
					ids = append(ids, d.ID)
				}
			}
			if len(ids) != 5 {
				t.Errorf("%+v gives %d", f, len(ids))
			}
		}
		if all := w.deliveries(t, webhook.Filter{State: webhook.Delivered}); len(all) != 10 {
			t.Errorf("%d in all", len(all))
		}
	})
}
