package mail_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/mail"
	"github.com/botimum/botimum/internal/mail/mailtest"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
	"github.com/botimum/botimum/internal/vault"
)

// exportOf gives what a person's export holds of mails, as JSON.
func (w *world) exportOf(t *testing.T, contactID string) []string {
	t.Helper()
	var out []string
	err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
		out = nil
		return w.Export(t.Context(), tx, privacy.Subject{WorkspaceID: ws, ContactID: contactID}, func(section string, record any) error {
			raw, err := json.Marshal(record)
			out = append(out, section+" "+string(raw))
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (w *world) erase(t *testing.T, contactID string) privacy.Counts {
	t.Helper()
	var counts privacy.Counts
	err := w.DB.Write(t.Context(), func(tx *storage.Tx) (err error) {
		counts, err = w.Erase(t.Context(), tx, privacy.Subject{WorkspaceID: ws, ContactID: contactID})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

func TestErasure(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db, mailtest.New(t))
		ada, bob := w.contact(t), w.contact(t)
		w.queue(t, hello(ada, "1"))
		w.deliver(t, 1)
		w.queue(t, hello(ada, "2"))
		w.queue(t, hello(bob, "3"))
		if n := len(w.exportOf(t, ada)); n != 2 {
			t.Errorf("%d mails in the export, want 2", n)
		}
		if got := w.erase(t, ada)["mails"]; got != 2 {
			t.Errorf("%d mails erased, want 2", got)
		}
		if n := len(w.exportOf(t, ada)); n != 0 {
			t.Errorf("%d mails in the export of somebody erased", n)
		}
		w.deliver(t, 1) // Bob's
		if got := w.exportOf(t, bob); len(got) != 1 || !strings.Contains(got[0], `"address":"ada@example.org"`) || !strings.Contains(got[0], `"template":"privacy_link"`) {
			t.Errorf("Bob's export: %s", got)
		}
	})
}

// Somebody is erased while their mail is on its way: the row goes, or the key.
func TestErasedWhileUnderWay(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		smtp := mailtest.New(t)
		var w *world
		var meanwhile func()
		w = newWorld(t, db, smtp, func(d *mail.Deps) {
			d.May = func(context.Context, string, string, string) error { meanwhile(); return nil }
		})
		ada := w.contact(t)
		meanwhile = func() { w.erase(t, ada) } // after the content was opened
		w.queue(t, hello(ada, "1"))
		w.deliver(t, 0)

		key := w.contact(t)
		meanwhile = func() { t.Error("a mail was opened without its key") }
		w.queue(t, hello(key, "2"))
		if err := w.Vault.Erase(t.Context(), vault.Subject{Workspace: ws, ID: key}); err != nil {
			t.Fatal(err)
		}
		w.deliver(t, 0)
		if _, err := w.Prepare(t.Context(), hello(key, "3")); !fault.Is(err, fault.KindGone) {
			t.Errorf("a mail to somebody erased was prepared: %v", err)
		}
		if n := len(smtp.Mails()); n != 0 {
			t.Errorf("%d mails went out", n)
		}
		if n := w.rows(t); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

func (w *world) rows(t *testing.T) int {
	t.Helper()
	var all [][]byte
	err := w.DB.Read(t.Context(), func(tx *storage.Tx) (err error) {
		all, err = mail.Sealed(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// Somebody is erased between Prepare and Queue.
func TestQueueForNobody(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db, nil, func(d *mail.Deps) {
			d.Exists = func(*storage.Tx, string, string) error { return fault.NotFound("contact") }
		})
		d, err := w.Prepare(t.Context(), hello(w.contact(t), "k"))
		if err != nil {
			t.Fatal(err)
		}
		err = db.Write(t.Context(), func(tx *storage.Tx) error { return w.Queue(tx, d) })
		if !fault.Is(err, fault.KindNotFound) || w.rows(t) != 0 {
			t.Errorf("queued for nobody: %v", err)
		}
	})
}

func TestOperatorsAreErased(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db, mailtest.New(t))
		for _, id := range []string{"opr_1", "opr_2"} {
			if err := w.Vault.Create(t.Context(), vault.Subject{ID: id}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.SendTest(w.as(t.Context())); err != nil {
			t.Fatal(err)
		}
		if err := w.SendTest(w.as(t.Context())); err != nil || w.rows(t) != 1 {
			t.Fatalf("%d rows (%v): pressing twice is one mail", w.rows(t), err)
		}
		w.clock.Advance(time.Minute)
		if err := w.SendTest(w.as(t.Context())); err != nil || w.rows(t) != 2 {
			t.Fatalf("%d rows (%v): a minute later it is another", w.rows(t), err)
		}
		if err := db.Write(t.Context(), func(tx *storage.Tx) error { _, err := w.EraseOperator(tx, "opr_2"); return err }); err != nil || w.rows(t) != 2 {
			t.Fatalf("%d rows (%v) after somebody else was erased", w.rows(t), err)
		}
		if err := db.Write(t.Context(), func(tx *storage.Tx) error { _, err := w.EraseOperator(tx, "opr_1"); return err }); err != nil || w.rows(t) != 0 {
			t.Fatalf("%d rows (%v) are left", w.rows(t), err)
		}
	})
}

// What is personal is sealed, and what only the text needed is gone once it is sent.
func TestSealed(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db, mailtest.New(t))
		ada := w.contact(t)
		w.queue(t, hello(ada, "k"))
		size := func() (n int) {
			t.Helper()
			err := db.Read(t.Context(), func(tx *storage.Tx) error {
				all, err := mail.Sealed(tx)
				for _, sealed := range all {
					n = len(sealed)
					for _, word := range []string{"ada", "Ada", "tok", "30"} {
						if bytes.Contains(sealed, []byte(word+"@")) || bytes.Contains(sealed, []byte("/l/"+word)) {
							t.Errorf("%s stands in the row", word)
						}
					}
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := size()
		w.deliver(t, 1)
		if after := size(); after > before-len(`,"values":{"minutes":"30","url":"https://help.quayside.example/privacy/quayside/l/tok"}`) {
			t.Errorf("the content has %d bytes after sending, and had %d: the link is still there", after, before)
		}
		if got := w.exportOf(t, ada); len(got) != 1 || strings.Contains(got[0], "tok") {
			t.Errorf("export: %s", got)
		}
	})
}

// The gate holds a mail back, and lets it go when the reason is gone.
func TestGate(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		closed := true
		w := newWorld(t, db, mailtest.New(t), func(d *mail.Deps) {
			d.May = func(_ context.Context, _, _, template string) error {
				if closed && !mail.IsRight(template) {
					return fault.Conflict("processing_restricted", "Restricted.")
				}
				return nil
			}
		})
		ada := w.contact(t)
		w.queue(t, mail.Message{WorkspaceID: ws, ContactID: ada, Address: "ada@example.org", Template: mail.Rectified, Values: map[string]string{"fields": "name"}, Key: "k"})
		w.deliver(t, 0)
		w.is(t, mail.StateHeld, "processing_restricted")
		if m := w.only(t); m.Attempts != 0 {
			t.Errorf("%d attempts, though nothing was tried", m.Attempts)
		}
		w.queue(t, hello(ada, "a right"))
		w.deliver(t, 1)
		closed = false
		w.deliver(t, 0)
		w.clock.Advance(4 * 24 * time.Hour) // longer than attempts are made: none was
		w.deliver(t, 1)
	})
}

func TestRetention(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db, mailtest.New(t))
		ada := w.contact(t)
		for _, key := range []string{"1", "2", "3"} {
			w.queue(t, hello(ada, key))
		}
		w.deliver(t, 3)
		w.clock.Advance(10 * 24 * time.Hour)
		w.queue(t, hello(ada, "waits"))
		w.clock.Advance(10 * 24 * time.Hour)
		rule := privacy.Rule{WorkspaceID: ws, Category: privacy.AgesMails, Before: w.clock.Now().Add(-5 * 24 * time.Hour), Limit: 2, Counts: privacy.Counts{}}
		retain := func(r privacy.Rule) (n int64, due privacy.Counts) {
			t.Helper()
			err := db.Write(t.Context(), func(tx *storage.Tx) (err error) {
				if due, err = w.Due(t.Context(), tx, r); err != nil {
					return err
				}
				n, err = w.Retain(t.Context(), tx, r)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return n, due
		}
		for name, other := range map[string]privacy.Rule{
			"another category":  {WorkspaceID: ws, Category: privacy.AgesMessages, Before: w.clock.Now(), Limit: 10},
			"another workspace": {WorkspaceID: "wsp_b", Category: privacy.AgesMails, Before: w.clock.Now(), Limit: 10},
		} {
			if n, _ := retain(other); n != 0 {
				t.Errorf("%s: %d mails removed", name, n)
			}
		}
		if n, due := retain(rule); n != 2 || due["mails"] != 3 || rule.Counts["mails"] != 2 {
			t.Errorf("%d removed of %v due, want 2 of 3; counted %v", n, due, rule.Counts)
		}
		if n, _ := retain(rule); n != 1 || w.rows(t) != 1 {
			t.Errorf("%d removed, %d left: what waits is not removed by a rule", n, w.rows(t))
		}
		if n, err := w.RemoveOld(t.Context(), ws, w.clock.Now().Add(-5*24*time.Hour), 10); n != 1 || err != nil {
			t.Errorf("%d removed (%v), want the one that waited too long", n, err)
		}
	})
}

func TestIndexes(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		storagetest.UsesIndex(t, db, mail.Due, 1)
		for _, q := range mail.Queries {
			storagetest.UsesIndex(t, db, q.SQL, q.Args...)
		}
	})
}
