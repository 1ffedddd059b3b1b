package mail_test

import (
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/mail"
	"github.com/botimum/botimum/internal/mail/mailtest"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/workspace/workspacetest"
)

// retry asks for a mail again and gives the code of what refused it.
func (w *world) retry(t *testing.T, mailID string) string {
	t.Helper()
	_, err := w.Retry(w.as(t.Context()), mailID)
	if err == nil {
		return ""
	}
	if f := fault.As(err); f != nil {
		return f.Code
	}
	t.Fatal(err)
	return ""
}

// failing gives a world with a mail that its server has just refused for good.
func failing(t *testing.T, db *storage.DB, change func(*mail.Message)) (w *world, mailID string, retriedBy *[]string) {
	t.Helper()
	smtp := mailtest.New(t)
	smtp.OnRcpt = func(string) error { return mailtest.Reply(550, "no such user") }
	retriedBy = &[]string{}
	w = newWorld(t, db, smtp, func(d *mail.Deps) {
		d.Retried = func(_ *storage.Tx, by actor.Actor, mailID string) error {
			*retriedBy = append(*retriedBy, by.ID+" "+mailID)
			return nil
		}
	})
	m := hello(w.contact(t), "k")
	if change != nil {
		change(&m)
	}
	mailID = w.queue(t, m)
	w.deliver(t, 0)
	w.is(t, mail.StateFailed, mail.CodeRecipientRefused)
	return w, mailID, retriedBy
}

// A mail that failed is sent once more, however often that is asked for.
func TestRetrySendsOnce(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		w, mailID, by := failing(t, db, nil)
		defer w.clear(t)
		if until := w.only(t).RetryUntil; until == nil || until.Sub(w.clock.Now()) != 72*time.Hour {
			t.Fatalf("it can be sent again until %v", until)
		}
		w.clock.Advance(71 * time.Hour)
		if err := w.ForgetValues(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
		w.smtp.OnRcpt = nil
		for range 3 {
			if code := w.retry(t, mailID); code != "" {
				t.Fatalf("refused: %s", code)
			}
		}
		if m := w.only(t); m.State != mail.StateQueued || m.FinishedAt != nil || m.RetryUntil != nil || len(*by) != 1 || (*by)[0] != "opr_1 "+mailID {
			t.Errorf("%+v, noted %v", m, *by)
		}
		w.deliver(t, 1)
		w.deliver(t, 0)
		if got := w.smtp.Mails(); len(got) != 1 || !strings.Contains(string(got[0].Raw), "/privacy/quayside/l/tok") {
			t.Fatalf("%d mails came", len(got))
		}
		if code := w.retry(t, mailID); code != "mail_sent" {
			t.Errorf("again after it was sent: %q", code)
		}
		if code := w.retry(t, "mai_other"); code != "not_found" {
			t.Errorf("one that is not there: %q", code)
		}
	})
}

// What a failed mail told is gone after 72 hours, and when it is of no use any more.
func TestFailedMailIsForgotten(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		for name, after := range map[string]time.Duration{"": 72 * time.Hour, "expiring": 30 * time.Minute} {
			w, mailID, _ := failing(t, db, func(m *mail.Message) {
				m.Values["url"] += strings.Repeat("canary", 100)
				if name != "" {
					m.Expires = workspacetest.Start.Add(after)
				}
			})
			size := func() (n int) {
				err := db.Read(t.Context(), func(tx *storage.Tx) error {
					all, err := mail.Sealed(tx)
					for _, sealed := range all {
						n += len(sealed)
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				return n
			}
			if size() < 600 {
				t.Fatal("the text is gone at once")
			}
			w.clock.Advance(after)
			if code := w.retry(t, mailID); code != "mail_gone" {
				t.Errorf("%s: sent again after its time: %q", name, code)
			}
			if err := w.ForgetValues(t.Context(), 10); err != nil {
				t.Fatal(err)
			}
			if n := size(); n > 300 {
				t.Errorf("%s: %d bytes are left", name, n)
			}
			if m := w.only(t); m.RetryUntil != nil || m.State != mail.StateFailed {
				t.Errorf("%s: %+v", name, m)
			}
			w.clear(t)
		}
	})
}
