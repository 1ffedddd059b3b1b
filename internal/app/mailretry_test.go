package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/mail"
	"github.com/botimum/botimum/internal/mail/mailtest"
)

// A mail that failed is sent again over the API, once, and who asked is on record.
func TestMailIsSentAgain(t *testing.T) {
	portal(t, func(t *testing.T, w *world, mails *mailtest.Server, contactID string) {
		mails.OnRcpt = func(string) error { return mailtest.Reply(550, "no such user") }
		w.api(t, "POST", "/privacy/requests", `{"contact_id":"`+contactID+`","kind":"access"}`, http.StatusCreated)
		deliver := func(want int) {
			t.Helper()
			if n, err := w.Mail.Deliver(t.Context()); err != nil || n != want {
				t.Fatalf("%d sent (%v), want %d", n, err, want)
			}
		}
		deliver(0)
		var list struct{ Data []mail.Mail }
		w.api(t, "GET", "/mails", "", http.StatusOK).json(t, &list)
		if len(list.Data) == 0 || list.Data[0].State != mail.StateFailed || list.Data[0].RetryUntil == nil {
			t.Fatalf("%+v", list.Data)
		}
		again := "/mails/" + list.Data[0].ID + "/retry"
		mails.OnRcpt = nil
		for range 2 {
			w.api(t, "POST", again, "", http.StatusOK)
		}
		deliver(1)
		if a := w.api(t, "POST", again, "", http.StatusConflict); !strings.Contains(a.body, `"mail_sent"`) {
			t.Errorf("again after it was sent: %s", a.body)
		}
		w.api(t, "POST", "/mails/mai_01jdb2k8q5e6r7s8t9v0w1x2y3/retry", "", http.StatusNotFound)
		w.has(t, "/audit-events", `"mail.retried"`)
	})
}
