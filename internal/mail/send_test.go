package mail_test

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/botimum/botimum/internal/mail"
	"github.com/botimum/botimum/internal/mail/mailtest"
	"github.com/botimum/botimum/internal/storage"
)

func TestSend(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db, mailtest.New(t))
		w.queue(t, hello(w.contact(t), "k"))
		w.deliver(t, 1)
		w.is(t, mail.StateSent, "")
		got := w.smtp.Mails()
		if len(got) != 1 || got[0].To != "ada@example.org" || got[0].From != "privacy@quayside.example" {
			t.Fatalf("%+v", got)
		}
		w.deliver(t, 0)
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
