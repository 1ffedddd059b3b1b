package mail_test

import (
	"context"
	"log/slog"
	netmail "net/mail"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/mail"
	"github.com/botimum/botimum/internal/mail/mailtest"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
	"github.com/botimum/botimum/internal/vault"
	"github.com/botimum/botimum/internal/workspace/workspacetest"
)

const ws = "wsp_a"

// world is a mail service on a database, with a vault, a clock that stands still and
// a real SMTP server.
type world struct {
	*mail.Service
	smtp  *mailtest.Server
	clock *clock.Fake
	logs  *buffer
	n     int
}

type buffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func newWorld(t *testing.T, db *storage.DB, smtp *mailtest.Server, change ...func(*mail.Deps)) *world {
	t.Helper()
	w := &world{smtp: smtp, clock: clock.NewFake(workspacetest.Start), logs: &buffer{}}
	d := mail.Deps{DB: db, Vault: workspacetest.Vault(t, w.clock), Clock: w.clock, IDs: id.NewFake(workspacetest.Start),
		Logger: slog.New(slog.NewTextHandler(w.logs, nil)), From: netmail.Address{Address: "privacy@quayside.example"}, PublicURL: "https://help.quayside.example",
		Workspace: func(_ context.Context, workspaceID string) (mail.Workspace, error) {
			if workspaceID != ws {
				return mail.Workspace{}, fault.NotFound("workspace")
			}
			return mail.Workspace{Name: "Quayside Bicycles", Locale: "en", Notice: "https://help.quayside.example/privacy/quayside"}, nil
		},
		Operator: func(_ context.Context, _, operatorID string) (mail.Recipient, error) {
			return mail.Recipient{Address: operatorID + "@quayside.example", Name: "Mara Lindqvist"}, nil
		},
		Exists: func(*storage.Tx, string, string) error { return nil },
	}
	if smtp != nil {
		d.Server = smtp.Settings()
	}
	for _, c := range change {
		c(&d)
	}
	w.Service = mail.New(d)
	return w
}

// second is another node on the same databases.
func (w *world) second(change ...func(*mail.Deps)) *mail.Service {
	d := w.Deps
	for _, c := range change {
		c(&d)
	}
	return mail.New(d)
}

func each(t *testing.T, fn func(t *testing.T, db *storage.DB)) {
	t.Helper()
	storagetest.Each(t, fn)
}

// contact gives a contact who has a key.
func (w *world) contact(t *testing.T) string {
	t.Helper()
	w.n++
	contactID := "con_" + strconv.Itoa(w.n)
	if err := w.Vault.Create(t.Context(), vault.Subject{Workspace: ws, ID: contactID}); err != nil {
		t.Fatal(err)
	}
	return contactID
}

// hello is a mail to a contact.
func hello(contactID, key string) mail.Message {
	return mail.Message{WorkspaceID: ws, ContactID: contactID, Address: "ada@example.org", Name: "Ada Lovelace", Locale: "en", Template: mail.PrivacyLink,
		Values: map[string]string{"url": "https://help.quayside.example/privacy/quayside/l/tok", "minutes": "30"}, Key: key}
}

// queue prepares and queues a mail, and gives its id.
func (w *world) queue(t *testing.T, m mail.Message) string {
	t.Helper()
	d, err := w.Prepare(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.DB.Write(t.Context(), func(tx *storage.Tx) error { return w.Queue(tx, d) }); err != nil {
		t.Fatal(err)
	}
	return d.ID()
}

func (w *world) deliver(t *testing.T, want int) {
	t.Helper()
	n, err := w.Deliver(t.Context())
	if err != nil || n != want {
		t.Fatalf("delivered %d (%v), want %d; log:\n%s", n, err, want, w.logs)
	}
}

func (w *world) as(ctx context.Context) context.Context {
	return actor.With(ctx, actor.Actor{Type: actor.Operator, ID: "opr_1", WorkspaceID: ws, Permissions: actor.Permissions{"*"}})
}

// only gives the one mail of the workspace.
func (w *world) only(t *testing.T) mail.Mail {
	t.Helper()
	l, err := w.Mails(w.as(t.Context()), httpx.Paging{Limit: 25})
	if err != nil || len(l.Data) != 1 {
		t.Fatalf("%d mails (%v), want one", len(l.Data), err)
	}
	return l.Data[0]
}

// is compares a mail's state and code.
func (w *world) is(t *testing.T, state, code string) {
	t.Helper()
	m := w.only(t)
	got := ""
	if m.Code != nil {
		got = *m.Code
	}
	if m.State != state || got != code {
		t.Fatalf("the mail is %s %q, want %s %q; log:\n%s", m.State, got, state, code, w.logs)
	}
}

// clear removes all mails, so that the next test on the database finds none.
func (w *world) clear(t *testing.T) {
	t.Helper()
	if _, err := w.RemoveOld(context.Background(), ws, w.clock.Now().Add(365*24*time.Hour), 1000); err != nil {
		t.Error(err)
	}
}

func oneDB(t *testing.T) *storage.DB {
	t.Helper()
	return storagetest.SQLite(t)
}

// fixed answers with a workspace of the name.
func fixed(name string) func(context.Context, string) (mail.Workspace, error) {
	return func(context.Context, string) (mail.Workspace, error) {
		return mail.Workspace{Name: name, Locale: "en"}, nil
	}
}
