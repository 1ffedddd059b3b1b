package sse

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// script answers each connection with the next of its answers, and notes where
// the client wanted to go on.
type script struct {
	mu      sync.Mutex
	answers []func(http.ResponseWriter, *http.Request)
	asked   []string
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, r.Header.Get("Last-Event-ID"))
	n := min(len(s.asked), len(s.answers)) - 1
	s.mu.Unlock()
	s.answers[n](w, r)
}

func sends(text string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }
}

func status(code int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// hangs greets and says nothing more.
func hangs(w http.ResponseWriter, r *http.Request) {
	fmt.Fprint(w, "event: hello\ndata: {\"sequence\":5}\n\n")
	w.(http.Flusher).Flush()
	<-r.Context().Done()
}

const hello5 = "event: hello\nid: 5\ndata: {\"sequence\":5}\n\n"

var errDone = errors.New("done")

func TestFollow(t *testing.T) {
	tests := map[string]struct {
		answers []func(http.ResponseWriter, *http.Request)
		from    string
		want    []string // frames
		asked   []string // Last-Event-IDs
	}{
		"goes on where it was": {
			answers: []func(http.ResponseWriter, *http.Request){sends(hello5 + "id: 6\ndata: a\n\n"), sends("id: 7\ndata: b\n\nevent: end\ndata: x\n\n")},
			want:    []string{"message 6 a", "message 7 b", "end 7 x"}, asked: []string{"", "6"}},
		"goes on from the greeting": {
			answers: []func(http.ResponseWriter, *http.Request){sends(hello5), sends("event: end\ndata: x\n\n")},
			want:    []string{"end  x"}, asked: []string{"", "5"}},
		"goes on from a heartbeat": {
			answers: []func(http.ResponseWriter, *http.Request){sends(hello5 + ": hb\nid: 9\n\n"), sends("event: end\ndata: x\n\n")},
			want:    []string{"end  x"}, asked: []string{"", "9"}},
		"gives nothing twice": {
			answers: []func(http.ResponseWriter, *http.Request){sends("id: 6\ndata: a\n\nid: 6\ndata: a\n\n"), sends("id: 5\ndata: z\n\nid: 6\ndata: a\n\nid: 7\ndata: b\n\nevent: end\ndata: x\n\n")},
			want:    []string{"message 6 a", "message 7 b", "end 7 x"}, asked: []string{"", "6"}},
		"starts anew after a reset": {
			answers: []func(http.ResponseWriter, *http.Request){sends("event: reset\nid: 3\ndata: {}\n\n" + hello5 + "id: 4\ndata: a\n\n"), sends("event: end\ndata: x\n\n")},
			from:    "900", want: []string{"reset 3 {}", "message 4 a", "end  x"}, asked: []string{"900", "4"}},
		"tries again": {
			answers: []func(http.ResponseWriter, *http.Request){status(503), status(502), status(429), sends("event: end\ndata: x\n\n")},
			from:    "1", want: []string{"end  x"}, asked: []string{"1", "1", "1", "1"}},
		"leaves a silent server": {
			answers: []func(http.ResponseWriter, *http.Request){hangs, sends("event: end\ndata: x\n\n")},
			want:    []string{"end  x"}, asked: []string{"", "5"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: tt.answers}
			server := httptest.NewServer(s)
			defer server.Close()
			defer server.Client().CloseIdleConnections()
			var got []string
			o := Options{URL: server.URL, Client: server.Client(), LastEventID: tt.from, MinWait: time.Millisecond, MaxWait: 2 * time.Millisecond, Silence: 200 * time.Millisecond}
			err := Follow(t.Context(), o, func(f Frame) error {
				got = append(got, fmt.Sprintf("%s %s %s", f.Event, f.ID, f.Data))
				if f.Event == "end" {
					return errDone
				}
				return nil
			})
			if !errors.Is(err, errDone) {
				t.Errorf("Follow gave %v", err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("frames (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.asked, s.asked); diff != "" {
				t.Errorf("asked for (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFollowEnds(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(status(401)))
	defer server.Close()
	defer server.Client().CloseIdleConnections()
	nothing := func(Frame) error { return nil }
	var refused *StatusError
	if err := Follow(t.Context(), Options{URL: server.URL, Client: server.Client()}, nothing); !errors.As(err, &refused) || refused.Status != 401 {
		t.Errorf("a refusal gave %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	hanging := httptest.NewServer(http.HandlerFunc(hangs))
	defer hanging.Close()
	defer hanging.Client().CloseIdleConnections()
	err := Follow(ctx, Options{URL: hanging.URL, Client: hanging.Client(), Connected: func(sequence int64) {
		if sequence != 5 {
			t.Errorf("connected at %d", sequence)
		}
		cancel()
	}}, nothing)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the end of the context gave %v", err)
	}
}
