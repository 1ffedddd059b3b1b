package live

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"
	"pgregory.net/rapid"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/live/sse"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// startNATS runs a real server in this process. Port -1 is any.
func startNATS(t testing.TB, port int) *server.Server {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("NATS does not start")
	}
	return s
}

func stopNATS(s *server.Server) {
	s.Shutdown()
	s.WaitForShutdown()
}

func portOf(s *server.Server) int { return s.Addr().(*net.TCPAddr).Port }

func connect(t testing.TB, s *server.Server) *NATS {
	t.Helper()
	n, err := ConnectNATS(s.ClientURL(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	return n
}

// brokers are the ways in which two nodes can be connected.
func brokers(t *testing.T, run func(t *testing.T, connect func(t testing.TB) Broker)) {
	t.Run("memory", func(t *testing.T) {
		b := NewMemoryBroker()
		run(t, func(testing.TB) Broker { return b.Node() })
	})
	t.Run("nats", func(t *testing.T) {
		s := startNATS(t, -1)
		t.Cleanup(func() { stopNATS(s) })
		run(t, func(t testing.TB) Broker { return connect(t, s) })
	})
}

// TestEachSequenceOnceOnEveryNode is the property that the package stands for: two
// nodes that write at once, subscribers who come, go, stall and resume on either,
// and each is told every sequence once and in order.
func TestEachSequenceOnceOnEveryNode(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		s := startNATS(t, -1)
		t.Cleanup(func() { stopNATS(s) })
		nodes := []*world{newWorld(t, db, connect(t, s)), newWorld(t, db, connect(t, s))}
		var written int64
		rapid.Check(t, func(rt *rapid.T) {
			// Generated before anything runs at once, so that a failure shrinks.
			batches := rapid.SliceOfN(rapid.SliceOfN(rapid.IntRange(1, 5), 1, 12), 2, 4).Draw(rt, "writers' batches")
			seeds := rapid.SliceOfN(rapid.Uint64(), 1, 4).Draw(rt, "subscribers")
			from := written
			var wg sync.WaitGroup
			for i, sizes := range batches {
				for _, n := range sizes {
					written += int64(n)
				}
				wg.Go(func() { writeBatches(nodes[i%2], sizes) })
			}
			for _, seed := range seeds {
				wg.Go(func() { wander(t, nodes, seed, from, written) })
			}
			wg.Wait()
		})
	})
}

func writeBatches(w *world, sizes []int) {
	for i, n := range sizes {
		var some []Event
		for k := range n {
			some = append(some, replyTo("con_a", 10*i+k))
		}
		w.write(some...)
	}
}

// wander follows from one sequence to another over many streams on both nodes.
func wander(t *testing.T, nodes []*world, seed uint64, from, to int64) {
	r := rand.New(rand.NewPCG(seed, 1))
	for last := from; last < to; {
		p := newTape()
		w := nodes[r.IntN(2)]
		s, err := w.hub.Subscribe(t.Context(), Subscription{Actor: everything, LastEventID: strconv.FormatInt(last, 10)}, p)
		if err != nil {
			t.Errorf("Subscribe after %d: %v", last, err)
			return
		}
		// Stay until so much has come, or to the end, and sometimes leave at once.
		stay := min(to, last+1+int64(r.IntN(12)))
		if r.IntN(4) > 0 {
			p.untilSequence(t, stay)
		}
		s.Close()
		for _, f := range p.frames(t) {
			if f.Event == "reset" {
				t.Errorf("after %d came a reset", last)
			}
		}
		for _, n := range p.sequences(t) {
			if n != last+1 {
				t.Errorf("after %d came %d", last, n)
				return
			}
			last = n
		}
	}
}

func TestNATSMayStopAndComeBack(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		s := startNATS(t, -1)
		a, b := newWorld(t, db, connect(t, s)), newWorld(t, db, connect(t, s))
		stream, p := b.operator("")
		a.write(replyTo("con_a", 1))
		p.untilSequence(t, 1)
		port := portOf(s)
		stopNATS(s)
		a.write(replyTo("con_a", 2))
		b.write(replyTo("con_a", 3))
		p.untilSequence(t, 3) // the table tells
		a.write(replyTo("con_a", 4))
		p.untilSequence(t, 4) // the poll tells
		s = startNATS(t, port)
		defer stopNATS(s)
		a.write(replyTo("con_a", 5))
		if diff := cmp.Diff(count(1, 5), p.untilSequence(t, 5)); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		// A revocation may have been lost: streams from before come back.
		b.hub.ticks.Add(1)
		b.hub.node.missed()
		for range heartbeatTicks {
			b.hub.tick()
		}
		ended(t, stream)
	})
}

func TestALostMessageOnlyDelays(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		a, b := newWorld(t, db, deafBroker{}), newWorld(t, db, deafBroker{})
		_, p := b.operator("")
		_, fresh := b.contact("con_a", "")
		a.write(replyTo("con_a", 1), replyTo("con_b", 2))
		b.hub.node.look()
		if diff := cmp.Diff(count(1, 2), p.untilSequence(t, 2)); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]int64{1}, fresh.untilSequence(t, 1)); diff != "" {
			t.Errorf("the contact was told (-want +got):\n%s", diff)
		}
	})
}

// deafBroker loses everything.
type deafBroker struct{ Broker }

func (deafBroker) Publish(context.Context, string, []byte) error { return nil }
func (deafBroker) Subscribe(Listener) (func(), error)            { return func() {}, nil }

func TestAFalseNumberIsNotBelieved(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), deafBroker{})
	_, p := w.operator("")
	w.write(replyTo("con_a", 1))
	p.untilSequence(t, 1)
	w.hub.node.hear(subjectReached, []byte(`{"node":"other","reached":{"`+ws+`":1000}}`))
	w.hub.node.hear(subjectReached, []byte(`{"node":`))
	for n := 2; n <= 20; n++ {
		w.write(replyTo("con_a", n))
	}
	if diff := cmp.Diff(count(1, 20), p.untilSequence(t, 20)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

func TestNodesTellEachOther(t *testing.T) {
	brokers(t, func(t *testing.T, connect func(testing.TB) Broker) {
		db := storagetest.SQLite(t)
		seen := &recorder{}
		a, b := newWorld(t, db, spying{connect(t), seen}), newWorld(t, db, connect(t))
		_, operator := b.operator("")
		_, contact := b.contact("con_a", "")
		session, _ := b.subscribe(Subscription{Actor: actor.Actor{Type: actor.Operator, ID: "opr_bob", WorkspaceID: ws,
			Permissions: actor.Permissions{"*"}, SessionID: "ses_bob"}})

		a.hub.Typing(ws, "cnv_a", "con_a", actor.Ref{Type: actor.Operator, ID: "opr_anna", Name: "Anna Canary"})
		want := `{"conversation_id":"cnv_a","author":{"type":"operator","id":"opr_anna","name":"Name of opr_anna"}}`
		for _, p := range []*tape{operator, contact} {
			p.until(t, "typing", func(f []sse.Frame) bool { return len(only(f, "typing")) > 0 })
			if diff := cmp.Diff([]string{want}, only(p.frames(t), "typing")); diff != "" {
				t.Errorf("typing (-want +got):\n%s", diff)
			}
		}

		visitor, _ := a.contact("con_z", "")
		online, offline := `{"contact_id":"con_z","online":true}`, `{"contact_id":"con_z","online":false}`
		operator.until(t, online, func(f []sse.Frame) bool { return strings.Contains(fmt.Sprint(only(f, "presence")), online) })
		if !b.hub.Online(ws, "con_z") {
			t.Error("a contact on another node is not online")
		}
		visitor.Close()
		for range 2 * graceTicks {
			a.hub.tick()
		}
		operator.until(t, offline, func(f []sse.Frame) bool { return strings.Contains(fmt.Sprint(only(f, "presence")), offline) })

		a.hub.Kick(Whose{SessionID: "ses_bob"})
		ended(t, session)
		a.hub.Erased(ws, "con_a")
		<-contact.gone
		b.mu.Lock()
		defer b.mu.Unlock()
		if diff := cmp.Diff([]string{"con_a"}, b.erased); diff != "" {
			t.Errorf("erased (-want +got):\n%s", diff)
		}
		if all := seen.all(); strings.Contains(all, "Canary") || !strings.Contains(all, "opr_anna") {
			t.Errorf("between nodes went %s", all)
		}
	})
}

func TestANodeThatFallsSilentIsNotBelieved(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), deafBroker{})
	w.operator("")
	w.hub.node.hear(subjectPresence, []byte(`{"node":"other","presence":{"workspace_id":"`+ws+`","contact_ids":["con_a"],"online":true}}`))
	if !w.hub.Online(ws, "con_a") {
		t.Fatal("another node's word does not count")
	}
	for range believeTicks + 2*announceTicks {
		w.hub.tick()
	}
	if w.hub.Online(ws, "con_a") {
		t.Error("a silent node is believed for ever")
	}
}

func TestAWrongNATSAddressIsAPlainError(t *testing.T) {
	_, err := ConnectNATS("nats://user:hunter2@\x7f", slog.New(slog.DiscardHandler))
	if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\n") {
		t.Errorf("ConnectNATS gave %v", err)
	}
}

func TestNATSMayBeAwayAtTheStart(t *testing.T) {
	s := startNATS(t, -1)
	port := portOf(s)
	stopNATS(s)
	db := storagetest.SQLite(t)
	broker := func() Broker {
		n, err := ConnectNATS(fmt.Sprintf("nats://127.0.0.1:%d", port), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(n.Close)
		return n
	}
	a, b := newWorld(t, db, broker()), newWorld(t, db, broker())
	_, p := b.operator("")
	a.write(replyTo("con_a", 1))
	p.untilSequence(t, 1)
	s = startNATS(t, port)
	defer stopNATS(s)
	a.write(replyTo("con_a", 2))
	p.untilSequence(t, 2)
}

// recorder keeps what goes between nodes.
type recorder struct {
	mu  sync.Mutex
	out strings.Builder
}

func (r *recorder) all() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out.String()
}

type spying struct {
	Broker
	seen *recorder
}

func (s spying) Publish(c context.Context, subject string, payload []byte) error {
	s.seen.mu.Lock()
	fmt.Fprintf(&s.seen.out, "%s %s\n", subject, payload)
	s.seen.mu.Unlock()
	return s.Broker.Publish(c, subject, payload)
}
