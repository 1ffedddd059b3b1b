package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/botimum/botimum/internal/contacts/contactstest"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/webhook"
	"github.com/botimum/botimum/internal/workspace"
)

func TestADeliveryIsSignedAndHoldsTheEvent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		e, secret := w.endpoint(t, "contact.created")
		person := w.Add(t, canary+" Lovelace", canary+"@example.org")
		update := contactstest.Change("not asked for", canary+"@example.org")
		if _, err := w.Contacts.Update(w.Ctx(t), person.ID, update, nil); err != nil {
			t.Fatal(err)
		}
		w.deliver(t)
		came := w.receiver.take()
		if len(came) != 1 {
			t.Fatalf("%d requests, want the one type that was chosen", len(came))
		}
		g := came[0]
		event := g.event(t)
		contact, _ := event.Data["contact"].(map[string]any)
		if event.Type != "contact.created" || event.WorkspaceID != w.Workspace.ID || event.Sequence != 1 || contact["email"] != canary+"@example.org" {
			t.Errorf("the event is %+v", event)
		}
		if g.header.Get("Webhook-Id") != event.ID || g.header.Get("Content-Type") != "application/json" {
			t.Errorf("headers %v for event %s", g.header, event.ID)
		}
		verify(t, g, secret)
		if d := w.deliveries(t, webhook.Filter{EndpointID: e.ID})[0]; d.State != webhook.Delivered || d.Attempts != 1 || *d.StatusCode != 200 || d.EventID != event.ID {
			t.Errorf("the delivery is %+v", d)
		}
		if through := w.Accessed(t, person.ID); !slices.Contains(through, "webhook") {
			t.Errorf("who was shown the person is not logged: %v", through)
		}
		if rows := dump(t, w, "webhook_deliveries", "webhook_endpoints", "webhook_recipients"); strings.Contains(rows, canary) || strings.Contains(rows, secret) || strings.Contains(rows, "/hook") {
			t.Errorf("a row holds what it should not: %s", rows)
		}
		w.deliver(t)
		if again := w.receiver.take(); len(again) != 0 {
			t.Errorf("told again: %d", len(again))
		}
	})
}

// verify checks a signature by the reference library, and by the specification.
func verify(t *testing.T, g got, secret string) {
	t.Helper()
	wh, err := standard.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := wh.VerifyIgnoringTimestamp(g.body, g.header); err != nil {
		t.Errorf("the reference library refuses it: %v", err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(key) != 32 {
		t.Fatalf("the secret is %d bytes, %v", len(key), err)
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", g.header.Get("Webhook-Id"), g.header.Get("Webhook-Timestamp"), g.body)
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); !slices.Contains(strings.Fields(g.header.Get("Webhook-Signature")), want) {
		t.Errorf("the signatures %s lack %s", g.header.Get("Webhook-Signature"), want)
	}
	wrong := g.header.Clone()
	if wh.VerifyIgnoringTimestamp(append([]byte(" "), g.body...), wrong) == nil {
		t.Error("another body verifies, too")
	}
}

// dump gives every row of tables as text.
func dump(t *testing.T, w *world, tables ...string) string {
	t.Helper()
	var b strings.Builder
	for _, table := range tables {
		err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
			rows, err := tx.Query(`SELECT * FROM ` + table)
			if err != nil {
				return err
			}
			defer rows.Close()
			columns, err := rows.Columns()
			if err != nil {
				return err
			}
			for rows.Next() {
				values, into := make([]any, len(columns)), make([]any, len(columns))
				for i := range values {
					into[i] = &values[i]
				}
				if err := rows.Scan(into...); err != nil {
					return err
				}
				for _, v := range values {
					fmt.Fprintf(&b, "%s ", v)
				}
			}
			return rows.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

func TestASecretIsRotatedWithAnOverlap(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		e, old := w.endpoint(t, "contact.created")
		fresh, until, err := w.hooks.RotateSecret(w.Ctx(t), e.ID, time.Hour)
		if err != nil || fresh == old || !until.Equal(w.Clock.Now().Add(time.Hour)) {
			t.Fatalf("%v, until %v, changed %v", err, until, fresh != old)
		}
		w.Add(t, "Ada", "ada@example.org")
		w.deliver(t)
		during := w.receiver.take()[0]
		verify(t, during, old)
		verify(t, during, fresh)
		if shown := w.get(t, e.ID).OldSecretUntil; shown == nil {
			t.Error("the overlap is not shown")
		}
		w.Clock.Advance(time.Hour)
		w.Add(t, "Grace", "grace@example.org")
		w.deliver(t)
		later := w.receiver.take()[0]
		verify(t, later, fresh)
		if n := len(strings.Fields(later.header.Get("Webhook-Signature"))); n != 1 {
			t.Errorf("after the overlap there are %d signatures", n)
		}
	})
}

func TestEndpointsAreChecked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		strict := w.node(t, func(d *webhook.Deps) { d.AllowLoopback = false })
		for _, url := range []string{"http://example.org/hook", "https://ada:secret@example.org/", "https://example.org:22/", "ftp://example.org/", "https:///hook", "hook",
			"https://10.0.0.1/", "https://169.254.169.254/latest/meta-data", "https://[fd00::1]/", "https://example.org/#part", "http://localhost/", "https://" + strings.Repeat("a", 600) + ".org/"} {
			_, _, err := strict.Create(w.Ctx(t), webhook.NewEndpoint{URL: url, EventTypes: []string{"contact.created"}})
			if f := fault.As(err); f == nil || f.Kind != fault.KindInvalid || f.Fields[0].Field != "url" {
				t.Errorf("%s: %v", url, err)
			}
		}
		if _, _, err := strict.Create(w.Ctx(t), webhook.NewEndpoint{URL: "https://example.org/hook", EventTypes: []string{"contact.created"}}); err != nil {
			t.Error(err)
		}
		for _, types := range [][]string{nil, {"contact.*"}, {"contact.created", "contact.exploded"}, {"*"}} {
			_, _, err := w.hooks.Create(w.Ctx(t), webhook.NewEndpoint{URL: "https://example.org/", EventTypes: types})
			if !fault.Is(err, fault.KindInvalid) {
				t.Errorf("%v: %v", types, err)
			}
		}
	})
}

// Nobody has told to an address what they may not see themselves.
func TestTypesNeedTheirPermission(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		e, _ := w.endpoint(t, "privacy_request.created")
		admin := w.Workspace.As(t.Context(), w.Workspace.OwnerID, workspace.Admin)
		viewer := w.Workspace.As(t.Context(), w.Workspace.OwnerID, workspace.Viewer)
		if _, _, err := w.hooks.Create(admin, webhook.NewEndpoint{URL: w.receiver.URL, EventTypes: []string{"message.created", "consent.granted"}}); err != nil {
			t.Error(err)
		}
		if _, _, err := w.hooks.Create(viewer, webhook.NewEndpoint{URL: w.receiver.URL, EventTypes: []string{"consent.granted"}}); !fault.Is(err, fault.KindForbidden) {
			t.Errorf("chosen without the permission: %v", err)
		}
		elsewhere := w.receiver.URL + "/mine"
		if _, err := w.hooks.Update(viewer, e.ID, webhook.Change{URL: &elsewhere}, nil); !fault.Is(err, fault.KindForbidden) {
			t.Errorf("led elsewhere without the permission: %v", err)
		}
		off := webhook.Off
		if _, err := w.hooks.Update(viewer, e.ID, webhook.Change{State: &off}, nil); err != nil {
			t.Errorf("switching off needs no more: %v", err)
		}
	})
}

func TestAnEndpointThatWasOffGoesOnWhereItStopped(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		e, _ := w.endpoint(t, "contact.created")
		off, on := webhook.Off, webhook.On
		changed, err := w.hooks.Update(w.Ctx(t), e.ID, webhook.Change{State: &off}, nil)
		if err != nil || changed.State != webhook.Off || *changed.OffReason != webhook.OffByOperator {
			t.Fatalf("%+v, %v", changed, err)
		}
		w.Add(t, "Ada", "ada@example.org")
		w.deliver(t)
		if n := len(w.receiver.take()); n != 0 {
			t.Errorf("an endpoint that is off was told %d times", n)
		}
		if changed, err = w.hooks.Update(w.Ctx(t), e.ID, webhook.Change{State: &on}, nil); err != nil || changed.State != webhook.On || changed.OffReason != nil {
			t.Fatalf("%+v, %v", changed, err)
		}
		w.deliver(t)
		if diff := cmp.Diff([]string{"contact.created"}, w.receiver.types(t)); diff != "" {
			t.Error(diff)
		}
		want := []string{"webhook_endpoint.created webhook_endpoint", "webhook_endpoint.updated webhook_endpoint", "webhook_endpoint.updated webhook_endpoint"}
		if diff := cmp.Diff(want, hookActions(t, w)); diff != "" {
			t.Error(diff)
		}
	})
}

func hookActions(t *testing.T, w *world) []string {
	t.Helper()
	return slices.DeleteFunc(w.Actions(t, w.Workspace.ID), func(a string) bool { return !strings.HasPrefix(a, "webhook_") })
}

func TestATestSaysWhatCameOfIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		e, secret := w.endpoint(t, "contact.created")
		o, err := w.hooks.Test(w.Ctx(t), e.ID)
		if err != nil || !o.Delivered || *o.StatusCode != 200 || o.Error != nil {
			t.Fatalf("%+v, %v", o, err)
		}
		g := w.receiver.take()[0]
		verify(t, g, secret)
		if event := g.event(t); event.Type != "webhook.test" || event.Data["endpoint_id"] != e.ID {
			t.Errorf("the test is %+v", event)
		}
		w.receiver.status(http.StatusTeapot)
		if o, err = w.hooks.Test(w.Ctx(t), e.ID); err != nil || o.Delivered || *o.StatusCode != 418 {
			t.Errorf("%+v, %v", o, err)
		}
		if left := w.deliveries(t, webhook.Filter{}); len(left) != 0 {
			t.Errorf("a test left deliveries: %+v", left)
		}
	})
}

func TestAnEndpointIsRemovedWithItsDeliveries(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		e, _ := w.endpoint(t, "contact.created")
		w.receiver.status(500)
		w.Add(t, "Ada", "ada@example.org")
		w.deliver(t)
		if err := w.hooks.Delete(w.Ctx(t), e.ID); err != nil {
			t.Fatal(err)
		}
		w.receiver.take()
		w.after(t, 24*time.Hour)
		if n := len(w.receiver.take()); n != 0 || dump(t, w, "webhook_deliveries", "webhook_endpoints") != "" {
			t.Errorf("told %d times after the removal; left %s", n, dump(t, w, "webhook_deliveries", "webhook_endpoints"))
		}
		if err := w.hooks.Delete(w.Ctx(t), e.ID); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("removed twice: %v", err)
		}
	})
}

func TestTheTwentyFirstEndpointIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 20 {
			w.endpoint(t, "contact.created")
		}
		_, _, err := w.hooks.Create(w.Ctx(t), webhook.NewEndpoint{URL: w.receiver.URL, EventTypes: []string{"contact.created"}})
		if f := fault.As(err); f == nil || f.Code != "too_many_endpoints" {
			t.Error(err)
		}
	})
}
