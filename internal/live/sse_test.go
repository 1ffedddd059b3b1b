package live

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/live/sse"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// plainWriter hides that a connection could be taken over.
type plainWriter struct{ http.ResponseWriter }

func (p plainWriter) Flush() { p.ResponseWriter.(http.Flusher).Flush() }

// serve serves the hub's stream as a real server does.
func (w *world) serve(protocol string) *httptest.Server {
	handler := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		a := everything
		if who := r.Header.Get("X-Contact"); who != "" {
			a = actor.Actor{Type: actor.Contact, ID: who, WorkspaceID: ws}
		}
		rw.Header().Set("X-Request-Id", "req_1")
		if protocol == "plain" {
			rw = plainWriter{rw}
		}
		w.hub.ServeSSE(rw, r.WithContext(actor.With(r.Context(), a)), Subscription{})
	})
	s := httptest.NewUnstartedServer(handler)
	switch protocol {
	case "http2":
		s.EnableHTTP2 = true
		s.StartTLS()
	case "https":
		s.StartTLS()
	default:
		s.Start()
	}
	w.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = w.hub.Close(ctx)
		s.Client().CloseIdleConnections()
		s.Close()
	})
	return s
}

var errEnough = errors.New("enough")

// follow gathers events until one has the sequence.
func follow(t *testing.T, o sse.Options, until int64, begun func()) []int64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	o.MinWait = time.Millisecond
	if begun != nil {
		once := begun
		o.Connected = func(int64) {
			if once != nil {
				once()
				once = nil
			}
		}
	}
	var got []int64
	err := sse.Follow(ctx, o, func(f sse.Frame) error {
		if !isEvent(f) {
			return nil
		}
		got = append(got, sequenceIn(t, f))
		if got[len(got)-1] >= until {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		t.Fatalf("Follow gave %v after %v", err, got)
	}
	return got
}

func TestServing(t *testing.T) {
	for _, protocol := range []string{"http", "https", "http2", "plain"} {
		t.Run(protocol, func(t *testing.T) {
			w := newWorld(t, storagetest.SQLite(t), nil)
			s := w.serve(protocol)
			w.write(replyTo("con_a", 1), replyTo("con_a", 2))

			req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
			res, err := s.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			for name, want := range map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Request-Id": "req_1"} {
				if got := res.Header.Get(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
			if protocol == "http2" && res.ProtoMajor != 2 {
				t.Fatalf("the test speaks %s", res.Proto)
			}
			live := sse.NewReader(res.Body)
			if f, err := live.Next(); err != nil || f.Event != "hello" || f.ID != "2" {
				t.Fatalf("it began with %+v, %v", f, err)
			}
			got := follow(t, sse.Options{URL: s.URL, Client: s.Client(), LastEventID: "0"}, 4, func() { w.write(replyTo("con_b", 3), replyTo("con_a", 4)) })
			if diff := cmp.Diff(count(1, 4), got); diff != "" {
				t.Errorf("followed (-want +got):\n%s", diff)
			}
			if f, err := live.Next(); err != nil || f.ID != "3" {
				t.Errorf("then came %+v, %v", f, err)
			}
			header := http.Header{"X-Contact": {"con_a"}}
			if got := follow(t, sse.Options{URL: s.URL, Client: s.Client(), LastEventID: "1", Header: header}, 4, nil); !slices.Equal(got, []int64{2, 4}) {
				t.Errorf("the contact was told %v", got)
			}
			w.hub.Kick(Whose{SessionID: everything.SessionID})
			_ = res.Body.Close()
			w.untilStreams(0)
		})
	}
}

// untilStreams waits until so many streams are open.
func (w *world) untilStreams(n int) {
	w.t.Helper()
	for range 2000 {
		if w.hub.Streams() == n {
			return
		}
		time.Sleep(5 * time.Millisecond) // a real connection, and nothing to wait on
	}
	w.t.Fatalf("%d streams are open, want %d", w.hub.Streams(), n)
}

func TestAClientThatLeavesIsNoticed(t *testing.T) {
	for _, protocol := range []string{"http", "http2", "plain"} {
		t.Run(protocol, func(t *testing.T) {
			w := newWorld(t, storagetest.SQLite(t), nil)
			s := w.serve(protocol)
			ctx, leave := context.WithCancel(t.Context())
			req, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
			res, err := s.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			w.untilStreams(1)
			leave()
			w.untilStreams(0)
		})
	}
}

func TestAClientThatDoesNotReadIsCutWithoutSlowingOthers(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), nil)
	s := w.serve("http")
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.(*net.TCPConn).SetReadBuffer(64 << 10); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	w.untilStreams(1)
	_, quick := w.operator("")
	long := strings.Repeat("x", 8<<10)
	n := int64(0)
	for w.hub.Streams() > 1 {
		var some []Event
		for range 32 {
			n++
			e := replyTo("con_a", int(n))
			e.ObjectID = long
			some = append(some, e)
		}
		w.write(some...)
		quick.untilSequence(t, n)
		quick.mu.Lock()
		quick.bytes.Reset()
		quick.mu.Unlock()
		if n > 10_000 {
			t.Fatal("the client that does not read was not cut")
		}
	}
	// What it was sent is whole frames from the first, and it resumes after them.
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	r, told := sse.NewReader(res.Body), int64(0)
	for {
		f, err := r.Next()
		if err != nil {
			break
		}
		if isEvent(f) {
			if got := sequenceIn(t, f); got != told+1 {
				t.Fatalf("after %d came %d", told, got)
			}
			told++
		}
	}
	got := follow(t, sse.Options{URL: s.URL, Client: s.Client(), LastEventID: fmt.Sprint(told)}, n, nil)
	if diff := cmp.Diff(count(told+1, n), got); diff != "" {
		t.Errorf("resumed after %d (-want +got):\n%s", told, diff)
	}
}

func TestAClientThatTalksOnIsCut(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), nil)
	s := w.serve("http")
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if _, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil {
		t.Fatal(err)
	}
	w.untilStreams(1)
	fmt.Fprint(conn, "more than it may")
	if _, err := io.Copy(io.Discard, conn); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Fatal(err)
	}
	w.untilStreams(0)
}

func TestErrorsBeforeTheStreamAreProblems(t *testing.T) {
	db := storagetest.SQLite(t)
	w := newWorld(t, db, nil)
	nobody := actor.Actor{Type: actor.APIKey, ID: "key_a", WorkspaceID: ws}
	ask := func(a actor.Actor) *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/api/v1/stream", nil)
		w.hub.ServeSSE(rec, r.WithContext(actor.With(r.Context(), a)), Subscription{})
		return rec
	}
	if rec := ask(nobody); rec.Code != http.StatusForbidden || rec.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("without a permission: %d %s", rec.Code, rec.Body)
	}
	if err := w.hub.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if rec := ask(everything); rec.Code != http.StatusServiceUnavailable {
		t.Errorf("after Close: %d %s", rec.Code, rec.Body)
	}
}

func TestFollowingSurvivesAServerThatCuts(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db, nil)
		s := w.serve("http")
		const events = 120
		got := follow(t, sse.Options{URL: s.URL, Client: s.Client()}, events, func() {
			go func() {
				for n := range events {
					w.write(replyTo("con_a", n+1))
					if n%10 == 9 {
						w.hub.Kick(Whose{WorkspaceID: ws})
					}
				}
			}()
		})
		if diff := cmp.Diff(count(1, events), got); diff != "" {
			t.Errorf("followed (-want +got):\n%s", diff)
		}
	})
}
