package live

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/storage"
)

// benchHub is a hub on an empty database of its own, with a renderer that makes
// messages of an ordinary size.
func benchHub(b *testing.B) (*Hub, *Outbox, *storage.DB) {
	b.Helper()
	db, err := storage.Open(b.Context(), storage.Options{URL: "sqlite://" + b.TempDir() + "/bench.db", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	if err := db.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	o := NewOutbox(clock.System{}, id.System{})
	h := New(Deps{DB: db, Outbox: o, Clock: clock.System{}, Logger: slog.New(slog.DiscardHandler), Accessed: func(context.Context, []string) {}})
	body := bytes.Repeat([]byte("x"), 300)
	h.Register("message.", func(_ context.Context, events []Event) (operator, contact [][]byte, err error) {
		operator = make([][]byte, len(events))
		for i, e := range events {
			operator[i] = fmt.Appendf(nil, `{"conversation_id":%q,"message":{"id":%q,"body":%q}}`, e.ConversationID, e.ObjectID, body)
		}
		return operator, operator, nil
	})
	b.Cleanup(func() {
		_ = h.Close(context.Background())
		_ = db.Close()
	})
	return h, o, db
}

// counter is a writer that only counts.
type counter struct {
	frames *atomic.Int64
	writes *atomic.Int64
}

var frameStart = []byte("id: ")

func (c counter) Write(p []byte) error {
	c.frames.Add(int64(bytes.Count(p, frameStart)))
	c.writes.Add(1)
	return nil
}

func (c counter) Close() {}

// BenchmarkFanOut commits messages in one workspace to 1,000 operators' streams
// whose writer only counts: everything but the network. One operation is one
// event.
func BenchmarkFanOut(b *testing.B) {
	h, o, db := benchHub(b)
	var frames, writes atomic.Int64
	const streams = 1000
	for range streams {
		if _, err := h.Subscribe(b.Context(), Subscription{Actor: everything}, counter{&frames, &writes}); err != nil {
			b.Fatal(err)
		}
	}
	frames.Store(0)
	writes.Store(0)
	b.ReportAllocs()
	b.ResetTimer()
	const group = 16
	for n := 0; n < b.N; n += group {
		err := db.Write(context.Background(), func(tx *storage.Tx) error {
			for i := range min(group, b.N-n) {
				e := replyTo("con_a", i)
				e.WorkspaceID = ws
				o.Append(tx, e)
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		for frames.Load() < int64(n-8*group)*streams { // no further ahead than a client could be
			runtime.Gosched()
		}
	}
	for frames.Load() < int64(b.N)*streams {
		runtime.Gosched()
	}
	b.StopTimer()
	b.ReportMetric(float64(frames.Load())/b.Elapsed().Seconds(), "deliveries/s")
	b.ReportMetric(float64(frames.Load())/float64(writes.Load()), "frames/write")
	if h.Streams() != streams {
		b.Errorf("%d streams were cut", streams-h.Streams())
	}
}

// BenchmarkFanOutHTTP is the same through net/http and real connections, whose
// clients run in this process too: it counts both sides.
func BenchmarkFanOutHTTP(b *testing.B) {
	h, o, db := benchHub(b)
	const streams = 1000
	var bytesRead atomic.Int64
	conns := dialStreams(b, h, streams, "")
	var readers sync.WaitGroup
	for _, c := range conns {
		readers.Go(func() {
			buf := make([]byte, 16<<10)
			for {
				n, err := c.Read(buf)
				if err != nil {
					return
				}
				bytesRead.Add(int64(bytes.Count(buf[:n], []byte("\nid: ")) + bytes.Count(buf[:min(n, 4)], frameStart)))
			}
		})
	}
	b.Cleanup(readers.Wait)
	b.Cleanup(func() {
		for _, c := range conns {
			c.Close()
		}
	})
	time.Sleep(200 * time.Millisecond) // greetings are read
	bytesRead.Store(0)
	b.ResetTimer()
	const group = 16
	for n := 0; n < b.N; n += group {
		err := db.Write(context.Background(), func(tx *storage.Tx) error {
			for i := range min(group, b.N-n) {
				e := replyTo("con_a", i)
				e.WorkspaceID = ws
				o.Append(tx, e)
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		for bytesRead.Load() < int64(n-8*group)*streams {
			time.Sleep(100 * time.Microsecond)
		}
	}
	for want := int64(b.N) * streams * 99 / 100; bytesRead.Load() < want; { // a frame that two reads cut may count as none
		time.Sleep(100 * time.Microsecond)
	}
	b.StopTimer()
	b.ReportMetric(float64(bytesRead.Load())/b.Elapsed().Seconds(), "deliveries/s")
}

// dialStreams opens connections to a server of the hub's stream.
func dialStreams(b *testing.B, h *Hub, n int, contact string) []net.Conn {
	b.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := everything
		if contact != "" {
			a = actor.Actor{Type: actor.Contact, ID: contact + r.Header.Get("X-N"), WorkspaceID: ws}
		}
		h.ServeSSE(w, r, Subscription{Actor: a})
	}))
	b.Cleanup(server.Close)
	conns := make([]net.Conn, n)
	for i := range conns {
		c, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		conns[i] = c
		fmt.Fprintf(c, "GET /api/v1/stream HTTP/1.1\r\nHost: x\r\nX-N: %d\r\nAuthorization: Bearer btm_0123456789\r\nUser-Agent: bench\r\nAccept: text/event-stream\r\n\r\n", i)
	}
	for h.Streams() < n {
		time.Sleep(time.Millisecond)
	}
	return conns
}

// BenchmarkIdleStreams reports what an idle stream costs in this process: heap and
// stacks, through net/http and a real connection. The client's end is in the
// same process and counted too (about 1 KB).
func BenchmarkIdleStreams(b *testing.B) {
	for _, audience := range []string{"operators", "contacts"} {
		b.Run(audience, func(b *testing.B) {
			h, _, _ := benchHub(b)
			const streams = 5000
			contact := map[string]string{"contacts": "con_"}[audience]
			dialStreams(b, h, 1, contact)[0].Close()
			before := memory()
			conns := dialStreams(b, h, streams, contact)
			for range heartbeatTicks {
				h.tick() // each stream has written
			}
			time.Sleep(time.Second)
			after := memory()
			b.ReportMetric(float64(after-before)/streams, "B/stream")
			for range b.N {
				runtime.KeepAlive(conns)
			}
			b.StopTimer()
			for _, c := range conns {
				c.Close()
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// memory gives what heap and stacks take after what is garbage is gone.
func memory() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// stamps is a writer that notes when each message arrived.
type stamps struct {
	mu     sync.Mutex
	sent   map[string]time.Time
	took   []time.Duration
	commit []time.Duration
}

func (s *stamps) Write(p []byte) error {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, part := range bytes.Split(p, []byte(`"message":{"id":"`))[1:] {
		if at, ok := s.sent[string(part[:bytes.IndexByte(part, '"')])]; ok {
			s.took = append(s.took, now.Sub(at))
		}
	}
	return nil
}

func (s *stamps) Close() {}

// BenchmarkLatency posts 1,000 messages a second, each in a durable commit, and
// reports the time from before the commit to the stream's write, beside that of
// the commit alone.
func BenchmarkLatency(b *testing.B) {
	h, o, db := benchHub(b)
	s := &stamps{sent: map[string]time.Time{}}
	if _, err := h.Subscribe(b.Context(), Subscription{Actor: everything}, s); err != nil {
		b.Fatal(err)
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	var wg sync.WaitGroup
	b.ResetTimer()
	for n := range b.N {
		<-tick.C
		wg.Go(func() {
			e := replyTo("con_a", n)
			e.WorkspaceID = ws
			began := time.Now()
			s.mu.Lock()
			s.sent[e.ObjectID] = began
			s.mu.Unlock()
			if err := db.Write(context.Background(), func(tx *storage.Tx) error { o.Append(tx, e); return nil }); err != nil {
				b.Error(err)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			s.commit = append(s.commit, time.Since(began))
		})
	}
	wg.Wait()
	b.StopTimer()
	_ = h.Close(context.Background())
	for name, all := range map[string][]time.Duration{"": s.took, "commit-": s.commit} {
		slices.Sort(all)
		if len(all) > 0 {
			b.ReportMetric(float64(all[len(all)/2].Microseconds()), name+"p50-µs")
			b.ReportMetric(float64(all[len(all)*99/100].Microseconds()), name+"p99-µs")
		}
	}
}
