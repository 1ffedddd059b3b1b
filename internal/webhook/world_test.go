package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/contacts/contactstest"
	"github.com/botimum/botimum/internal/egress"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
	"github.com/botimum/botimum/internal/vault"
	"github.com/botimum/botimum/internal/webhook"
)

// canary is planted as personal data: no delivery may hold it that should not.
const canary = "zqcanary"

// patience is how long a request of a test may take.
const patience = 400 * time.Millisecond

// world is a workspace with webhooks, and a receiver that is really there.
type world struct {
	*contactstest.World
	hub      *live.Hub
	hooks    *webhook.Service
	receiver *receiver
}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) { fn(t, newWorld(t, db)) })
}

func newWorld(t *testing.T, db *storage.DB) *world {
	t.Helper()
	w := &world{World: contactstest.New(t, db), receiver: receive(t)}
	w.hub = live.New(live.Deps{DB: db, Outbox: w.Outbox, Clock: w.Clock, Logger: slog.New(slog.DiscardHandler)})
	w.hub.Register("contact.", w.Contacts.Render)
	w.hub.Register("consent.", w.Privacy.Render)
	t.Cleanup(func() {
		if err := w.hub.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	w.hooks = w.node(t)
	if err := w.Privacy.Hold(w.Contacts, w.hooks); err != nil {
		t.Fatal(err)
	}
	w.Vault.OnErase(func(_ context.Context, s vault.Subject) { w.hooks.Erased(s.Workspace, s.ID) })
	return w
}

// node gives a service on the world's database, as one server of several would have.
func (w *world) node(t *testing.T, change ...func(*webhook.Deps)) *webhook.Service {
	t.Helper()
	out := egress.New(egress.Options{AllowLoopback: true, NoRedirects: true, Timeout: patience})
	t.Cleanup(out.Close)
	d := webhook.Deps{DB: w.DB, Vault: w.Vault, Audit: w.Audit, Privacy: w.Privacy, Outbox: w.Outbox, Hub: w.hub, Clock: w.Clock, IDs: w.IDs,
		Logger: slog.New(slog.DiscardHandler), Egress: out, AllowLoopback: true, People: contacts.People()}
	for _, c := range change {
		c(&d)
	}
	return webhook.New(d)
}

// endpoint adds an endpoint at the receiver.
func (w *world) endpoint(t *testing.T, types ...string) (e webhook.Endpoint, secret string) {
	t.Helper()
	e, secret, err := w.hooks.Create(w.Ctx(t), webhook.NewEndpoint{URL: w.receiver.URL + "/hook", EventTypes: types})
	if err != nil {
		t.Fatal(err)
	}
	return e, secret
}

// deliver does all that is due.
func (w *world) deliver(t *testing.T) {
	t.Helper()
	if err := w.hooks.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// after moves the clock, and does all that is due then.
func (w *world) after(t *testing.T, d time.Duration) {
	t.Helper()
	w.Clock.Advance(d)
	w.deliver(t)
}

// deliveries lists them, newest first.
func (w *world) deliveries(t *testing.T, f webhook.Filter) []webhook.Delivery {
	t.Helper()
	found, err := w.hooks.Deliveries(w.Ctx(t), f, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (w *world) get(t *testing.T, id string) webhook.Endpoint {
	t.Helper()
	e, err := w.hooks.Get(w.Ctx(t), id)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// got is a request that arrived.
type got struct {
	header http.Header
	body   []byte
}

// envelope is the body as a receiver reads it.
type envelope struct {
	ID          string         `json:"id"`
	Type        string         `json:"type"`
	WorkspaceID string         `json:"workspace_id"`
	Sequence    int64          `json:"sequence"`
	Data        map[string]any `json:"data"`
}

func (g got) event(t *testing.T) (e envelope) {
	t.Helper()
	if err := json.Unmarshal(g.body, &e); err != nil {
		t.Fatalf("%v in %s", err, g.body)
	}
	return e
}

// receiver is a customer's system: an HTTP server that writes down what comes.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	all    []got
	answer http.HandlerFunc
	came   chan struct{} // one for each request, up to some
}

func receive(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{came: make(chan struct{}, 10_000)}
	r.answers(func(http.ResponseWriter, *http.Request) {})
	r.Server = httptest.NewServer(r)
	t.Cleanup(func() {
		r.CloseClientConnections()
		r.Close()
	})
	return r
}

// ServeHTTP writes the request down, and answers as it was told.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	r.mu.Lock()
	r.all = append(r.all, got{req.Header.Clone(), body})
	answer := r.answer
	r.mu.Unlock()
	r.came <- struct{}{}
	req.Body = io.NopCloser(bytes.NewReader(body))
	answer(w, req)
}

func (r *receiver) answers(fn http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = fn
}

func (r *receiver) status(code int) {
	r.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
}

// take gives what has come since the last take.
func (r *receiver) take() []got {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.all
	r.all = nil
	return all
}

// types gives the types of what has come since, in order.
func (r *receiver) types(t *testing.T) []string {
	t.Helper()
	out := []string{}
	for _, g := range r.take() {
		out = append(out, g.event(t).Type)
	}
	return out
}
