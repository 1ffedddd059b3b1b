package app_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// listener is a customer's system that is told of events.
type listener struct {
	*httptest.Server
	mu     sync.Mutex
	secret string
	bodies []string
	wrong  error // the first signature that does not verify
}

func listen(t *testing.T) *listener {
	t.Helper()
	l := &listener{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		l.mu.Lock()
		defer l.mu.Unlock()
		wh, badSecret := standard.NewWebhook(l.secret)
		if err == nil {
			err = badSecret
		}
		if err == nil {
			err = wh.Verify(body, r.Header)
		}
		if err != nil && l.wrong == nil {
			l.wrong = err
		}
		l.bodies = append(l.bodies, string(body))
	}))
	t.Cleanup(l.Close)
	return l
}

func (l *listener) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := strings.Join(l.bodies, "\n")
	l.bodies = nil
	return all
}

// hook adds an endpoint at the listener, over the wire.
func (w *world) hook(t *testing.T, l *listener, types ...string) (id string) {
	t.Helper()
	var made struct{ ID, Secret string }
	w.api(t, "POST", "/webhook-endpoints", fmt.Sprintf(`{"url":%q,"event_types":["%s"]}`, l.URL, strings.Join(types, `","`)), http.StatusCreated).json(t, &made)
	l.secret = made.Secret
	return made.ID
}

func (w *world) tell(t *testing.T) {
	t.Helper()
	if err := w.Webhooks.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// The customer's systems are told, and told of an erasure; what they are told is
// stored nowhere.
func TestWebhooksTellAndStoreNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l := listen(t)
		hook := w.hook(t, l, "contact.created", "contact.updated", "contact.erased", "conversation.created", "message.created", "consent.granted")
		c := newCanaries()
		contactID := c.plant(t, w)
		w.tell(t)
		told := l.take()
		for _, word := range []string{c.name, c.email, c.body, c.note, c.subject} {
			if !strings.Contains(told, word) {
				t.Errorf("%s was not told", word)
			}
		}
		if l.wrong != nil {
			t.Errorf("a signature does not verify: %v", l.wrong)
		}
		w.settle(t)
		for _, where := range c.in(t, w.raw(t)) {
			t.Errorf("in clear in %s", where)
		}
		var accessed struct {
			Data []struct {
				Through string
				Actor   struct{ ID string }
			}
		}
		w.api(t, "GET", "/access-events?contact_id="+contactID, "", http.StatusOK).json(t, &accessed)
		seen := false
		for _, e := range accessed.Data {
			seen = seen || e.Through == "webhook" && e.Actor.ID == hook
		}
		if !seen {
			t.Errorf("the access log does not say that %s was shown the person: %+v", hook, accessed.Data)
		}
		if _, err := w.client.EraseContact(t.Context(), contactID); err != nil {
			t.Fatal(err)
		}
		w.tell(t)
		if told := l.take(); strings.Count(told, "\n") != 0 || !strings.Contains(told, `"type":"contact.erased"`) || !strings.Contains(told, `"receipt_id":"ers_`) || strings.Contains(told, c.root) {
			t.Errorf("after the erasure: %s", told)
		}
	})
}

func TestWebhooksOverTheWire(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l := listen(t)
		hook := w.hook(t, l, "contact.created")
		answer := w.api(t, "GET", "/webhook-endpoints/"+hook, "", http.StatusOK)
		if strings.Contains(answer.body, "whsec_") || answer.header.Get("ETag") == "" {
			t.Errorf("%s, ETag %q", answer.body, answer.header.Get("ETag"))
		}
		if list := w.api(t, "GET", "/webhook-endpoints", "", http.StatusOK); strings.Contains(list.body, "whsec_") || !strings.Contains(list.body, hook) {
			t.Error(list.body)
		}
		var outcome struct{ Delivered bool }
		if w.api(t, "POST", "/webhook-endpoints/"+hook+"/test", "", http.StatusOK).json(t, &outcome); !outcome.Delivered {
			t.Error("the test did not arrive")
		}
		var rotated struct{ Secret string }
		w.api(t, "POST", "/webhook-endpoints/"+hook+"/secret", `{"overlap_hours":1}`, http.StatusOK).json(t, &rotated)
		if !strings.HasPrefix(rotated.Secret, "whsec_") || rotated.Secret == l.secret {
			t.Error("the secret is not another one")
		}
		w.api(t, "PATCH", "/webhook-endpoints/"+hook, `{"event_types":["contact.created","contact.erased"]}`, http.StatusOK)
		w.api(t, "POST", "/contacts", `{"name":"Ada","basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusCreated)
		w.tell(t)
		var page struct{ Data []struct{ ID, State string } }
		w.api(t, "GET", "/webhook-deliveries?endpoint_id="+hook+"&state=delivered", "", http.StatusOK).json(t, &page)
		if len(page.Data) != 1 {
			t.Fatalf("%+v", page)
		}
		l.take()
		w.api(t, "POST", "/webhook-deliveries/"+page.Data[0].ID+"/replay", "", http.StatusOK)
		if w.tell(t); !strings.Contains(l.take(), "contact.created") || l.wrong != nil {
			t.Errorf("the replay did not come, or %v", l.wrong)
		}
		w.api(t, "DELETE", "/webhook-endpoints/"+hook, "", http.StatusNoContent)
		w.api(t, "GET", "/webhook-endpoints/"+hook, "", http.StatusNotFound)
	})
}

func TestBadInputAboutWebhooks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const canary = "canary-in-the-body"
		hook := w.hook(t, listen(t), "contact.created")
		one := "/webhook-endpoints/" + hook
		tests := []struct {
			name, method, path, body string
			status                   int
			code, field              string
		}{
			{"without https", "POST", "/webhook-endpoints", `{"url":"http://` + canary + `.example/","event_types":["contact.created"]}`, 422, "invalid", "url"},
			{"no address", "POST", "/webhook-endpoints", `{"url":"` + canary + `","event_types":["contact.created"]}`, 422, "invalid", "url"},
			{"a private address", "POST", "/webhook-endpoints", `{"url":"https://10.1.2.3/` + canary + `","event_types":["contact.created"]}`, 422, "invalid", "url"},
			{"another port", "POST", "/webhook-endpoints", `{"url":"https://example.org:22/","event_types":["contact.created"]}`, 422, "invalid", "url"},
			{"a long address", "POST", "/webhook-endpoints", `{"url":"https://example.org/` + strings.Repeat("x", 500) + `","event_types":["contact.created"]}`, 422, "invalid", "url"},
			{"no types", "POST", "/webhook-endpoints", `{"url":"https://example.org/","event_types":[]}`, 422, "invalid", "event_types"},
			{"types left out", "POST", "/webhook-endpoints", `{"url":"https://example.org/"}`, 422, "invalid", "body"},
			{"an unknown type", "POST", "/webhook-endpoints", `{"url":"https://example.org/","event_types":["` + canary + `"]}`, 422, "invalid", "event_types"},
			{"an unknown field", "POST", "/webhook-endpoints", `{"url":"https://example.org/","event_types":["contact.created"],"secret":"` + canary + `"}`, 422, "invalid", "secret"},
			{"an unknown state", "PATCH", one, `{"state":"` + canary + `"}`, 422, "invalid", "state"},
			{"an empty list of types", "PATCH", one, `{"event_types":[]}`, 422, "invalid", "event_types"},
			{"an overlap of a year", "POST", one + "/secret", `{"overlap_hours":8760}`, 422, "invalid", "overlap_hours"},
			{"broken JSON", "PATCH", one, `{"state":`, 400, "malformed", ""},
			{"no such endpoint", "POST", "/webhook-endpoints/whk_nobody/test", ``, 404, "not_found", ""},
			{"no such delivery", "POST", "/webhook-deliveries/whd_nobody/replay", ``, 404, "not_found", ""},
			{"deliveries of no endpoint", "GET", "/webhook-deliveries?endpoint_id=whk_nobody", ``, 404, "not_found", ""},
			{"an unknown state of deliveries", "GET", "/webhook-deliveries?state=" + canary, ``, 422, "invalid", "state"},
			{"a broken cursor", "GET", "/webhook-deliveries?cursor=" + canary, ``, 400, "malformed", ""},
			{"a stale version", "PATCH", one, `{"state":"off"}`, 412, "precondition_failed", ""},
		}
		before := rowCounts(t, w.DB)
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				header := bearer(w.made.APIKey)
				if tt.status == http.StatusPreconditionFailed {
					header.Set("If-Match", `"stale"`)
				}
				a := w.do(t, call{method: tt.method, path: "/api/v1" + tt.path, body: tt.body, header: header})
				if a.status != tt.status || a.code() != tt.code || a.header.Get("Content-Type") != "application/problem+json" {
					t.Fatalf("%d %s, want %d %s", a.status, a.body, tt.status, tt.code)
				}
				if strings.Contains(a.body, canary) {
					t.Errorf("the problem repeats what was sent: %s", a.body)
				}
				if tt.field != "" && !strings.Contains(a.body, `"field":"`+tt.field) {
					t.Errorf("the problem does not name %s: %s", tt.field, a.body)
				}
			})
		}
		if diff := cmp.Diff(before, rowCounts(t, w.DB)); diff != "" {
			t.Errorf("refused requests changed something:\n%s", diff)
		}
	})
}
