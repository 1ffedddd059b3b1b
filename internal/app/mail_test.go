package app_test

import (
	"context"
	"net/http"
	netmail "net/mail"
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/config"
	"github.com/botimum/botimum/internal/mail"
	"github.com/botimum/botimum/internal/mail/mailtest"
	"github.com/botimum/botimum/internal/storage"
)

// withMail gives a server that has a mail server, on each engine.
func withMail(t *testing.T, fn func(t *testing.T, w *world, smtp *mailtest.Server)) {
	t.Helper()
	for engine, cfg := range configs(t) {
		t.Run(engine, func(t *testing.T) {
			smtp := mailtest.New(t)
			c := cfg(t)
			to := smtp.Settings()
			c.SMTP = &config.SMTP{Host: to.Host, Port: to.Port, TLS: to.TLS}
			c.MailFrom = netmail.Address{Address: "privacy@acme.example"}
			fn(t, start(t, c), smtp)
		})
	}
}

func (w *world) deliver(t *testing.T) int {
	t.Helper()
	n, err := w.Mail.Deliver(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

type mailStatus struct {
	Configured                  bool
	Waiting, Held, Sent, Failed int64
	Troubles                    []struct{ Code, State string }
}

func (w *world) mailStatus(t *testing.T) (s mailStatus) {
	t.Helper()
	w.api(t, "GET", "/mail", "", http.StatusOK).json(t, &s)
	return s
}

// An operator asks for a test mail and gets it; the lists show it without opening it.
func TestTestMail(t *testing.T) {
	withMail(t, func(t *testing.T, w *world, smtp *mailtest.Server) {
		o := w.signIn(t)
		a := o.call(t, "POST", "/mail/test", "", http.StatusAccepted)
		if !strings.Contains(a.body, `"waiting":1`) {
			t.Errorf("queued: %s", a.body)
		}
		o.call(t, "POST", "/mail/test", "", http.StatusAccepted) // within the minute: the same mail
		if n := w.deliver(t); n != 1 {
			t.Fatalf("%d mails went out, want one", n)
		}
		got := smtp.Mails()
		if len(got) != 1 || got[0].To != ownerEmail || got[0].From != "privacy@acme.example" || !strings.Contains(string(got[0].Raw), "Subject: Test mail from Acme") {
			t.Fatalf("%+v", got)
		}
		if s := w.mailStatus(t); !s.Configured || s.Sent != 1 || s.Waiting != 0 {
			t.Errorf("%+v", s)
		}
		list := w.api(t, "GET", "/mails", "", http.StatusOK).body
		if !strings.Contains(list, `"template":"test"`) || !strings.Contains(list, w.made.OperatorID) || strings.Contains(list, "@") {
			t.Errorf("the list: %s", list)
		}
		if a := w.api(t, "POST", "/mail/test", "", http.StatusConflict); a.code() != "operator_needed" {
			t.Errorf("a key asks for a mail to itself: %s", a.body)
		}
		other := w.setup(t, "Other", "owner@other.example")
		if a := w.do(t, call{method: "GET", path: "/api/v1/mails", header: bearer(other.APIKey)}); !strings.Contains(a.body, `"data":[]`) {
			t.Errorf("another workspace sees %s", a.body)
		}
	})
}

// A restriction holds other mails back, and its end is told beforehand. An erasure
// takes away what waits, and leaves no word of it.
func TestMailFollowsRestrictionAndErasure(t *testing.T) {
	withMail(t, func(t *testing.T, w *world, smtp *mailtest.Server) {
		c := newCanaries()
		var person struct{ ID string }
		w.api(t, "POST", "/contacts", `{"email":"`+c.email+`","name":"`+c.name+`","basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusCreated).json(t, &person)
		queue := func(template, key string, values map[string]string) {
			t.Helper()
			d, err := w.Mail.Prepare(t.Context(), mail.Message{WorkspaceID: w.made.Workspace.ID, ContactID: person.ID, Address: c.email, Name: c.name,
				Template: template, Values: values, Key: key})
			if err == nil {
				err = w.DB.Write(t.Context(), func(tx *storage.Tx) error { return w.Mail.Queue(tx, d) })
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		w.api(t, "PUT", "/contacts/"+person.ID+"/restriction", `{"restricted":true,"reason":"They dispute it."}`, http.StatusOK)
		queue(mail.Rectified, "1", map[string]string{"fields": "name"})
		queue(mail.RequestCompleted, "2", map[string]string{"kind": "access", "url": "https://acme.example/r"})
		if n := w.deliver(t); n != 1 || !strings.Contains(string(smtp.Mails()[0].Raw), "is done") {
			t.Fatalf("%d mails went to somebody restricted, want the one about their right", n)
		}
		if s := w.mailStatus(t); s.Held != 1 || s.Troubles[0].Code != "processing_restricted" {
			t.Errorf("%+v", s)
		}
		w.api(t, "PUT", "/contacts/"+person.ID+"/restriction", `{"restricted":false,"reason":"The dispute is over."}`, http.StatusOK)
		if n := w.deliver(t); n != 1 || !strings.Contains(string(smtp.Mails()[1].Raw), "The dispute is over.") {
			t.Fatalf("%d mails tell of the lifting, want one", n)
		}
		queue(mail.Rectified, "3", map[string]string{"fields": "email"})
		w.settle(t)
		if found := c.in(t, w.raw(t)); len(found) > 0 {
			t.Errorf("in clear: %v", found)
		}
		w.api(t, "DELETE", "/contacts/"+person.ID+"?erase=true", "", http.StatusOK)
		if n := w.deliver(t); n != 1 || !strings.Contains(string(smtp.Mails()[2].Raw), "Your data was erased") {
			t.Errorf("%d mails went to somebody erased, want the one that says so", n)
		}
		if list := w.api(t, "GET", "/mails", "", http.StatusOK).body; strings.Contains(list, person.ID) {
			t.Errorf("mails of somebody erased are left: %s", list)
		}
	})
}

// Without a mail server mails wait; with the demo they can be read, those of its
// workspace alone.
func TestDemoMails(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		get := func(path string) answer {
			t.Helper()
			return w.do(t, call{method: "GET", path: path})
		}
		w.signIn(t).call(t, "POST", "/mail/test", "", http.StatusAccepted)
		var list struct{ Data []struct{ ID string } }
		w.api(t, "GET", "/mails", "", http.StatusOK).json(t, &list)
		mailID := list.Data[0].ID
		for _, path := range []string{"/demo/mail", "/demo/mail/" + mailID, "/demo/mail/" + mailID + "/html"} {
			if a := get(path); a.status != http.StatusNotFound || strings.Contains(a.body, "Test mail") {
				t.Errorf("%s without the demo: %d", path, a.status)
			}
		}
		if s := w.mailStatus(t); s.Configured || s.Waiting != 1 {
			t.Errorf("%+v", s)
		}
		other := w.setup(t, "Other", "owner@other.example")
		w.server.Config.Handler = w.Handler(other.Workspace.Key)
		if a := get("/demo/mail/" + mailID); a.status != http.StatusNotFound {
			t.Errorf("another workspace's mail is shown: %d", a.status)
		}
		if a := get("/demo/mail"); a.status != http.StatusOK || strings.Contains(a.body, mailID) {
			t.Errorf("the list shows another workspace's mail: %d", a.status)
		}
		w.server.Config.Handler = w.Handler(w.made.Workspace.Key)
		if a := get("/demo/mail"); !strings.Contains(a.body, "/demo/mail/"+mailID) || !strings.Contains(a.body, "Test mail from Acme") {
			t.Errorf("the list lacks the mail: %s", a.body)
		}
		page := get("/demo/mail/" + mailID)
		if !strings.Contains(page.body, `sandbox="allow-popups allow-popups-to-escape-sandbox"`) || !strings.Contains(page.body, "That you read it means") ||
			!strings.Contains(page.header.Get("Content-Security-Policy"), "frame-src 'self'") {
			t.Errorf("the page of a mail: %s", page.body)
		}
		frame := get("/demo/mail/" + mailID + "/html")
		csp := frame.header.Get("Content-Security-Policy")
		if !strings.Contains(frame.body, `dir="ltr"`) || !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "sandbox") || strings.Contains(csp, "unsafe") {
			t.Errorf("the frame, under %s: %s", csp, frame.body)
		}
		if n, err := w.Mail.RemoveOld(context.WithoutCancel(t.Context()), w.made.Workspace.ID, w.Clock.Now(), 10); n != 1 || err != nil {
			t.Errorf("%d removed (%v)", n, err)
		}
	})
}
