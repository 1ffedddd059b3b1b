package mail_test

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/mail"
	"github.com/botimum/botimum/internal/mail/mailtest"
	"github.com/botimum/botimum/internal/storage"
)

// sent gives the one mail that the server took.
func (w *world) sent(t *testing.T) mailtest.Received {
	t.Helper()
	all := w.smtp.Mails()
	if len(all) != 1 {
		t.Fatalf("the server took %d mails, want one", len(all))
	}
	return all[0]
}

func TestSend(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db, mailtest.New(t))
		id := w.queue(t, hello(w.contact(t), "k"))
		w.is(t, mail.StateQueued, "")
		w.deliver(t, 1)
		w.is(t, mail.StateSent, "")
		got := w.sent(t)
		if got.To != "ada@example.org" || got.From != "privacy@quayside.example" {
			t.Errorf("from %s to %s", got.From, got.To)
		}
		h := got.Message(t).Header
		for name, want := range map[string]string{
			"Message-Id": "<" + id + "@quayside.example>", "Auto-Submitted": "auto-generated", "Date": "Tue, 24 Nov 2026 12:00:00 +0000",
			"From": `"Quayside Bicycles" <privacy@quayside.example>`, "To": `"Ada Lovelace" <ada@example.org>`, "Content-Language": "en",
			"List-Unsubscribe": "", "User-Agent": "", "X-Mailer": "", "Subject": "Your link to your data at Quayside Bicycles",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %q, want %q", name, h.Get(name), want)
			}
		}
		w.deliver(t, 0)
	})
}

// What caused a mail and the mail are one: neither without the other, and once.
func TestQueueIsPartOfItsCause(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db, mailtest.New(t))
		contactID := w.contact(t)
		d, err := w.Prepare(t.Context(), hello(contactID, "k"))
		if err != nil {
			t.Fatal(err)
		}
		taken := fault.Conflict("no", "No.")
		err = db.Write(t.Context(), func(tx *storage.Tx) error {
			if err := w.Queue(tx, d); err != nil {
				return err
			}
			return taken
		})
		if !fault.Is(err, fault.KindConflict) {
			t.Fatal(err)
		}
		w.deliver(t, 0)
		for range 3 { // a repeated request prepares anew, under the same key
			w.queue(t, hello(contactID, "k"))
		}
		w.queue(t, hello(contactID, "another"))
		w.deliver(t, 2)
	})
}

// Two workers, as on two nodes, have one mail each sent once.
func TestTwoWorkersSendOnce(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db, mailtest.New(t))
		contactID := w.contact(t)
		const mails = 20
		for i := range mails {
			w.queue(t, hello(contactID, strconv.Itoa(i)))
		}
		var wait sync.WaitGroup
		var total atomic.Int64
		for _, s := range []*mail.Service{w.Service, w.second(), w.second()} {
			wait.Go(func() {
				n, err := s.Deliver(t.Context())
				if err != nil {
					t.Error(err)
				}
				total.Add(int64(n))
			})
		}
		wait.Wait()
		ids := map[string]int{}
		for _, m := range w.smtp.Mails() {
			ids[m.Message(t).Header.Get("Message-Id")]++
		}
		if total.Load() != mails || len(ids) != mails || len(w.smtp.Mails()) != mails {
			t.Errorf("%d sent, %d taken with %d ids, want %d of each", total.Load(), len(w.smtp.Mails()), len(ids), mails)
		}
	})
}

func TestSecureConnections(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		tests := map[string]struct {
			options  []mailtest.Option
			settings func(*mail.Server)
			state    string
			code     string
		}{
			"STARTTLS and a password":     {[]mailtest.Option{mailtest.WithTLS, mailtest.WithAuth}, nil, mail.StateSent, ""},
			"a password on this machine":  {[]mailtest.Option{mailtest.WithAuth}, nil, mail.StateSent, ""},
			"TLS from the first byte":     {[]mailtest.Option{mailtest.WithImplicitTLS, mailtest.WithAuth}, nil, mail.StateSent, ""},
			"a wrong password":            {[]mailtest.Option{mailtest.WithAuth}, func(s *mail.Server) { s.Password = "guess" }, mail.StateQueued, mail.CodeSignInRefused},
			"no password":                 {[]mailtest.Option{mailtest.WithAuth}, func(s *mail.Server) { s.Username = "" }, mail.StateQueued, mail.CodeSenderRefused},
			"a password nobody asks for":  {nil, func(s *mail.Server) { s.Username, s.Password = "a", "b" }, mail.StateQueued, mail.CodeSignInRefused},
			"no STARTTLS":                 {nil, func(s *mail.Server) { s.TLS = mail.TLSStart }, mail.StateQueued, mail.CodeTLSFailed},
			"a certificate nobody trusts": {[]mailtest.Option{mailtest.WithTLS}, func(s *mail.Server) { s.Roots = nil }, mail.StateQueued, mail.CodeTLSFailed},
			"another one's certificate":   {[]mailtest.Option{mailtest.WithTLS}, func(s *mail.Server) { s.Host = "localhost" }, mail.StateQueued, mail.CodeTLSFailed},
			"no TLS where it comes first": {nil, func(s *mail.Server) { s.TLS = mail.TLSImplicit }, mail.StateQueued, mail.CodeTLSFailed},
			"nobody there":                {nil, func(s *mail.Server) { s.Port = 1 }, mail.StateQueued, mail.CodeUnreachable},
		}
		for name, tt := range tests {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t, db, mailtest.New(t, tt.options...), func(d *mail.Deps) {
					if tt.settings != nil {
						tt.settings(d.Server)
					}
				})
				t.Cleanup(func() { w.clear(t) })
				w.queue(t, hello(w.contact(t), name))
				if _, err := w.Deliver(t.Context()); err != nil {
					t.Fatal(err)
				}
				w.is(t, tt.state, tt.code)
				if tt.state != mail.StateSent {
					if n := len(w.smtp.Mails()); n != 0 {
						t.Errorf("%d mails went out", n)
					}
					return
				}
				got := w.sent(t)
				if secure := len(tt.options) == 2; got.TLS != secure || got.User != mailtest.Username {
					t.Errorf("TLS %v, signed in as %q", got.TLS, got.User)
				}
				if strings.Contains(w.logs.String(), mailtest.Password) {
					t.Error("the log holds the password")
				}
			})
		}
	})
}

// What a server answers decides whether a mail is tried again, and when.
func TestAnswers(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		no := func(code int) error { return mailtest.Reply(code, "no ada@example.org here") }
		tests := map[string]struct {
			mail, rcpt, data error
			state, code      string
		}{
			"mailbox unknown":          {rcpt: no(550), state: mail.StateFailed, code: mail.CodeRecipientRefused},
			"mailbox full":             {rcpt: no(452), state: mail.StateQueued, code: mail.CodeServerBusy},
			"grey-listed":              {rcpt: no(451), state: mail.StateQueued, code: mail.CodeServerBusy},
			"taken for spam":           {data: no(554), state: mail.StateFailed, code: mail.CodeContentRefused},
			"out of room":              {data: no(451), state: mail.StateQueued, code: mail.CodeServerBusy},
			"not our sender":           {mail: no(553), state: mail.StateQueued, code: mail.CodeSenderRefused},
			"hung up at the recipient": {rcpt: mailtest.ErrDrop, state: mail.StateQueued, code: mail.CodeConnectionLost},
			"hung up at the text":      {data: mailtest.ErrDrop, state: mail.StateQueued, code: mail.CodeConnectionLost},
		}
		for name, tt := range tests {
			t.Run(name, func(t *testing.T) {
				smtp := mailtest.New(t)
				smtp.OnMail = func(string) error { return tt.mail }
				smtp.OnRcpt = func(string) error { return tt.rcpt }
				smtp.OnData = func(mailtest.Received) error { return tt.data }
				w := newWorld(t, db, smtp)
				t.Cleanup(func() { w.clear(t) })
				w.queue(t, hello(w.contact(t), name))
				w.deliver(t, 0)
				w.is(t, tt.state, tt.code)
				w.deliver(t, 0) // not at once
				if n := smtp.Connections(); n != 1 {
					t.Errorf("%d connections, want one", n)
				}
				if strings.Contains(w.logs.String(), "ada@") {
					t.Errorf("the log holds the address: %s", w.logs)
				}
				tt.mail, tt.rcpt, tt.data = nil, nil, nil
				w.clock.Advance(time.Minute)
				want := 1
				if tt.state == mail.StateFailed {
					want = 0
				}
				w.deliver(t, want)
			})
		}
	})
}

// A crash after the server took a mail, before we noted it: the mail goes again, as
// the same mail.
func TestCrashAfterAcceptance(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		smtp := mailtest.New(t)
		w := newWorld(t, db, smtp)
		w.queue(t, hello(w.contact(t), "k"))
		smtp.AfterData = func(mailtest.Received) error { return mailtest.ErrDrop } // the answer does not reach us
		w.deliver(t, 0)
		w.is(t, mail.StateQueued, mail.CodeConnectionLost)
		smtp.AfterData = nil
		if err := w.CrashAfterSending(t.Context()); err == nil { // not due before a minute has passed
			t.Fatal("a mail was due at once")
		}
		w.clock.Advance(time.Minute)
		if err := w.CrashAfterSending(t.Context()); err != nil {
			t.Fatal(err)
		}
		other := w.second()
		if n, err := other.Deliver(t.Context()); n != 0 || err != nil {
			t.Fatalf("%d sent (%v) while the lease holds", n, err)
		}
		w.clock.Advance(5 * time.Minute)
		if n, err := other.Deliver(t.Context()); n != 1 || err != nil {
			t.Fatalf("%d sent (%v) after the lease", n, err)
		}
		w.is(t, mail.StateSent, "")
		ids := map[string]bool{}
		for _, m := range smtp.Mails() {
			ids[m.Message(t).Header.Get("Message-Id")] = true
		}
		if len(smtp.Mails()) != 3 || len(ids) != 1 {
			t.Errorf("%d mails with %d ids, want 3 with one", len(smtp.Mails()), len(ids))
		}
	})
}

// A worker whose lease ran out does not overwrite what another one has noted.
func TestLateWorkerDoesNotOverwrite(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		smtp := mailtest.New(t)
		w := newWorld(t, db, smtp)
		w.queue(t, hello(w.contact(t), "k"))
		other := w.second()
		smtp.OnData = func(mailtest.Received) error {
			smtp.OnData = nil
			w.clock.Advance(6 * time.Minute)
			if n, err := other.Deliver(t.Context()); n != 1 || err != nil {
				t.Errorf("%d sent (%v)", n, err)
			}
			return mailtest.Reply(550, "too late")
		}
		w.deliver(t, 0)
		w.is(t, mail.StateSent, "")
	})
}

func TestSlowServer(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		smtp := mailtest.New(t)
		hold := make(chan struct{})
		t.Cleanup(func() { close(hold) })
		smtp.OnRcpt = func(string) error { <-hold; return nil }
		w := newWorld(t, db, smtp, func(d *mail.Deps) { d.Server.Timeout = 50 * time.Millisecond })
		w.queue(t, hello(w.contact(t), "k"))
		w.queue(t, hello(w.contact(t), "waits for another time"))
		w.deliver(t, 0)
		if n := smtp.Connections(); n != 1 {
			t.Errorf("%d connections to a server that does not answer, want one", n)
		}
		st, err := w.Status(w.as(t.Context()))
		if err != nil || len(st.Troubles) != 1 || st.Troubles[0].Code != mail.CodeConnectionLost || st.Waiting != 2 {
			t.Errorf("%+v %v", st, err)
		}
	})
}

// Attempts come ever more rarely, and end after three days.
func TestGivingUp(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		smtp := mailtest.New(t)
		smtp.OnRcpt = func(string) error { return mailtest.Reply(451, "later") }
		w := newWorld(t, db, smtp)
		w.queue(t, hello(w.contact(t), "k"))
		began := w.clock.Now()
		var waits []time.Duration
		for range 100 {
			w.deliver(t, 0)
			m := w.only(t)
			if m.State == mail.StateFailed {
				break
			}
			waits = append(waits, m.NextAt.Sub(w.clock.Now()))
			w.clock.Advance(waits[len(waits)-1])
		}
		w.is(t, mail.StateFailed, mail.CodeServerBusy)
		took := w.clock.Now().Sub(began)
		if took < 72*time.Hour || took > 79*time.Hour || len(waits) > 25 {
			t.Errorf("gave up after %v and %d attempts", took, len(waits))
		}
		if waits[0] != time.Minute || waits[1] != 2*time.Minute || waits[len(waits)-1] != 6*time.Hour {
			t.Errorf("waited %v", waits)
		}
	})
}

func TestWithoutServer(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db, nil)
		w.queue(t, hello(w.contact(t), "k"))
		w.Start() // has nothing to do
		w.deliver(t, 0)
		w.clock.Advance(10 * 24 * time.Hour)
		st, err := w.Status(w.as(t.Context()))
		if err != nil || st.Configured || st.Waiting != 1 || len(st.Troubles) != 0 || st.OldestAt == nil {
			t.Fatalf("%+v %v", st, err)
		}
		smtp := mailtest.New(t)
		later := w.second(func(d *mail.Deps) { d.Server = smtp.Settings() })
		if n, err := later.Deliver(t.Context()); n != 1 || err != nil {
			t.Errorf("%d sent (%v) once there is a server", n, err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
}

// The worker is woken by the commit, and Close waits for it.
func TestWorker(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		smtp := mailtest.New(t)
		came := make(chan struct{}, 10)
		smtp.AfterData = func(mailtest.Received) error { came <- struct{}{}; return nil }
		w := newWorld(t, db, smtp)
		w.Start()
		w.queue(t, hello(w.contact(t), "k"))
		<-came
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		w.is(t, mail.StateSent, "")
		w.queue(t, hello(w.contact(t), "too late"))
		if n := len(smtp.Mails()); n != 1 {
			t.Errorf("%d mails after Close, want one", n)
		}
	})
}

func TestExpiry(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db, mailtest.New(t))
		m := hello(w.contact(t), "k")
		m.Expires = w.clock.Now().Add(30 * time.Minute)
		w.queue(t, m)
		w.clock.Advance(30 * time.Minute)
		w.deliver(t, 0)
		w.is(t, mail.StateFailed, mail.CodeExpired)
		if n := w.smtp.Connections(); n != 0 {
			t.Errorf("%d connections for a link that works no more", n)
		}
	})
}

// The doctor's look at the server sends nothing, and names what is wrong.
func TestCheck(t *testing.T) {
	db := oneDB(t)
	w := newWorld(t, db, mailtest.New(t, mailtest.WithTLS, mailtest.WithAuth))
	if err := w.Check(t.Context()); err != nil || len(w.smtp.Mails()) != 0 {
		t.Errorf("%v, and %d mails", err, len(w.smtp.Mails()))
	}
	w.Server.Password = "guess"
	if err := w.Check(t.Context()); err == nil || err.Error() != mail.CodeSignInRefused {
		t.Errorf("a wrong password: %v", err)
	}
}
