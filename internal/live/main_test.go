package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live/sse"
	"github.com/botimum/botimum/internal/storage"
)

func TestMain(m *testing.M) {
	// Each check is a run of two nodes with real commits; -rapid.checks asks for more.
	if err := flag.Set("rapid.checks", "40"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

const ws = "wsp_one"

// everything is an operator who may read everything.
var everything = actor.Actor{Type: actor.Operator, ID: "opr_anna", WorkspaceID: ws, Permissions: actor.Permissions{"*"}, SessionID: "ses_anna"}

// world is a node: an outbox and a hub on a database, with a domain that renders
// messages and contacts.
type world struct {
	t      testing.TB
	db     *storage.DB
	clock  *clock.Fake
	outbox *Outbox
	hub    *Hub

	mu       sync.Mutex
	accessed map[string][]string // by actor
	erased   []string
	gate     chan struct{} // if set, rendering waits for it
	waiting  chan struct{} // rings when it does
	broken   func(Event) bool
}

func newWorld(t testing.TB, db *storage.DB, b Broker) *world {
	t.Helper()
	w := &world{t: t, db: db, clock: clock.NewFake(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)), accessed: map[string][]string{},
		waiting: make(chan struct{}, 1)}
	w.outbox = NewOutbox(w.clock, id.System{})
	w.hub = New(Deps{DB: db, Outbox: w.outbox, Clock: w.clock, Broker: b, Logger: slog.New(slog.DiscardHandler),
		Names: func(_ context.Context, _ string, ids []string) (map[string]string, error) {
			return map[string]string{ids[0]: "Name of " + ids[0]}, nil
		},
		Accessed: func(ctx context.Context, contactIDs []string) {
			w.mu.Lock()
			defer w.mu.Unlock()
			who := actor.From(ctx).ID
			w.accessed[who] = append(w.accessed[who], contactIDs...)
		},
		Erased: func(_, contactID string) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.erased = append(w.erased, contactID)
		}})
	w.hub.Register("message.", w.render)
	w.hub.Register("contact.", w.render)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := w.hub.Close(ctx); err != nil {
			t.Errorf("closing the hub: %v", err)
		}
	})
	return w
}

// render makes data as a domain would: notes are not for contacts, and the
// contact's view differs.
func (w *world) render(ctx context.Context, events []Event) (operator, contact [][]byte, err error) {
	w.mu.Lock()
	gate, broken := w.gate, w.broken
	w.mu.Unlock()
	if gate != nil {
		ring(w.waiting)
		select {
		case <-gate:
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
	operator, contact = make([][]byte, len(events)), make([][]byte, len(events))
	for i, e := range events {
		if broken != nil && broken(e) {
			return nil, nil, errors.New("broken")
		}
		operator[i] = fmt.Appendf(nil, `{"object":%q,"for":"operator","secret":"of %s"}`, e.ObjectID, e.ContactID)
		if strings.HasPrefix(e.Type, "message.") && e.Details["type"] != "note" {
			contact[i] = fmt.Appendf(nil, `{"object":%q,"for":"contact"}`, e.ObjectID)
		}
	}
	return operator, contact, nil
}

func (w *world) setBroken(fn func(Event) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = fn
}

// write commits events in one transaction.
func (w *world) write(events ...Event) {
	w.t.Helper()
	err := w.db.Write(context.Background(), func(tx *storage.Tx) error {
		for _, e := range events {
			if e.WorkspaceID == "" {
				e.WorkspaceID = ws
			}
			w.outbox.Append(tx, e)
		}
		return nil
	})
	if err != nil {
		w.t.Errorf("write: %v", err)
	}
}

// replyTo is a reply in a contact's conversation.
func replyTo(contactID string, n int) Event {
	return Event{Type: MessageCreated, ActorType: actor.Contact, ActorID: contactID, ContactID: contactID, ConversationID: "cnv_" + contactID,
		ObjectID: "msg_" + strconv.Itoa(n), Details: map[string]string{"type": "reply"}}
}

func noteOn(contactID string, n int) Event {
	e := replyTo(contactID, n)
	e.Details = map[string]string{"type": "note"}
	return e
}

// tape is a sink that keeps what it is given.
type tape struct {
	mu     sync.Mutex
	bytes  bytes.Buffer
	writes int
	closed bool
	fail   bool
	block  chan struct{} // if set, Write waits for it or for Close
	gone   chan struct{}
	grown  chan struct{}
}

func newTape() *tape { return &tape{gone: make(chan struct{}), grown: make(chan struct{}, 1)} }

func (p *tape) Write(b []byte) error {
	p.mu.Lock()
	block := p.block
	p.mu.Unlock()
	if block != nil {
		select {
		case <-block:
		case <-p.gone:
			return errEnded
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail || p.closed {
		return errEnded
	}
	p.bytes.Write(b)
	p.writes++
	ring(p.grown)
	return nil
}

func (p *tape) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	close(p.gone)
}

func (p *tape) stall() (release func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	block := make(chan struct{})
	p.block = block
	return func() { close(block) }
}

// frames gives all frames so far.
func (p *tape) frames(t testing.TB) []sse.Frame {
	t.Helper()
	p.mu.Lock()
	all := bytes.Clone(p.bytes.Bytes())
	p.mu.Unlock()
	var frames []sse.Frame
	r := sse.NewReader(bytes.NewReader(all))
	for {
		f, err := r.Next()
		if err != nil {
			return frames
		}
		frames = append(frames, f)
	}
}

// sequences gives the numbers of the events so far.
func (p *tape) sequences(t testing.TB) []int64 {
	t.Helper()
	var all []int64
	for _, f := range p.frames(t) {
		if isEvent(f) {
			all = append(all, sequenceIn(t, f))
		}
	}
	return all
}

func isEvent(f sse.Frame) bool { return !f.Comment && strings.Contains(f.Event, ".") }

func sequenceIn(t testing.TB, f sse.Frame) int64 {
	t.Helper()
	var e envelope
	if err := json.Unmarshal(f.Data, &e); err != nil {
		t.Fatalf("frame %q: %v", f.Data, err)
	}
	if id := strconv.FormatInt(e.Sequence, 10); id != f.ID || e.Type != f.Event {
		t.Fatalf("the frame says id %s, event %s, its envelope %s and %s", f.ID, f.Event, id, e.Type)
	}
	return e.Sequence
}

// until waits for frames that satisfy a condition.
func (p *tape) until(t testing.TB, what string, ok func([]sse.Frame) bool) []sse.Frame {
	t.Helper()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	for {
		frames := p.frames(t)
		if ok(frames) {
			return frames
		}
		select {
		case <-p.grown:
		case <-deadline.C:
			t.Fatalf("%s did not come; frames: %v", what, names(frames))
		}
	}
}

// untilSequence waits for an event and gives the numbers of all events.
func (p *tape) untilSequence(t testing.TB, n int64) []int64 {
	t.Helper()
	p.until(t, fmt.Sprintf("event %d", n), func([]sse.Frame) bool { return slices.Contains(p.sequences(t), n) })
	return p.sequences(t)
}

func names(frames []sse.Frame) []string {
	var all []string
	for _, f := range frames {
		name := f.Event + " " + f.ID
		if f.Comment {
			name = "comment " + f.ID
		}
		all = append(all, name)
	}
	return all
}

func (w *world) subscribe(sub Subscription) (*Stream, *tape) {
	w.t.Helper()
	p := newTape()
	s, err := w.hub.Subscribe(context.Background(), sub, p)
	if err != nil {
		w.t.Fatalf("Subscribe: %v", err)
	}
	return s, p
}

func (w *world) operator(lastID string) (*Stream, *tape) {
	w.t.Helper()
	return w.subscribe(Subscription{Actor: everything, LastEventID: lastID})
}

func (w *world) contact(contactID, lastID string) (*Stream, *tape) {
	w.t.Helper()
	return w.subscribe(Subscription{Actor: actor.Actor{Type: actor.Contact, ID: contactID, WorkspaceID: ws}, LastEventID: lastID})
}

func count(from, to int64) []int64 {
	var all []int64
	for n := from; n <= to; n++ {
		all = append(all, n)
	}
	return all
}

func ended(t testing.TB, s *Stream) {
	t.Helper()
	select {
	case <-s.Done():
	case <-time.After(20 * time.Second):
		t.Fatal("the stream did not end")
	}
}
