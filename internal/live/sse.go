package live

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/httpx"
)

const (
	writeTimeout = 10 * time.Second // for a write to leave for the client
	// socketBuffer is what the kernel may hold for a client that does not read.
	socketBuffer = 128 << 10
)

// ServeSSE answers a request with the stream of a subscription. The actor and the
// Last-Event-ID come from the request where the subscription does not say; what
// the actor may see was decided before, by whoever made the actor.
//
// Over HTTP/1.1 it takes the connection over and returns as soon as the stream is
// live: the request's context has then ended, but not the stream. Otherwise (HTTP/2)
// it returns when the stream ends.
func (h *Hub) ServeSSE(w http.ResponseWriter, r *http.Request, sub Subscription) {
	if sub.Actor.IsZero() {
		sub.Actor = actor.From(r.Context())
	}
	if sub.LastEventID == "" {
		sub.LastEventID = r.Header.Get("Last-Event-ID")
	}
	s, st, err := h.prepare(r.Context(), sub)
	if err != nil {
		httpx.WriteProblem(w, r, h.log, err)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no")
	rc := http.NewResponseController(w)
	conn, _, err := rc.Hijack()
	switch {
	case err == nil:
		h.serveConn(s, st, conn, header)
	case errors.Is(err, http.ErrNotSupported):
		h.serveResponse(r.Context(), s, st, w, rc)
	default:
		h.log.WarnContext(r.Context(), "live: a connection cannot be taken over", "error", err)
	}
}

// connSink is a connection that was taken over from net/http. Its answer ends with
// the connection, so it needs no chunks.
type connSink struct {
	conn     net.Conn
	deadline time.Time
	one      [1]byte
}

// Write implements Sink.
func (c *connSink) Write(frames []byte) error {
	// A deadline is a timer of the runtime: it is moved once a second at most.
	if now := time.Now(); c.deadline.Sub(now) < writeTimeout-time.Second {
		c.deadline = now.Add(writeTimeout)
		if err := c.conn.SetWriteDeadline(c.deadline); err != nil {
			return err
		}
	}
	_, err := c.conn.Write(frames)
	return err
}

// Close implements Sink.
func (c *connSink) Close() { c.conn.Close() }

// watch waits for the client to leave. What it sends after its request is more
// than it may.
func (c *connSink) watch(s *Stream) {
	_, _ = c.conn.Read(c.one[:])
	s.Close()
}

func (h *Hub) serveConn(s *Stream, st start, conn net.Conn, header http.Header) {
	if t, ok := conn.(interface{ SetWriteBuffer(bytes int) error }); ok {
		_ = t.SetWriteBuffer(socketBuffer) // a wish
	}
	header.Set("Connection", "close")
	header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	var head bytes.Buffer
	head.WriteString("HTTP/1.1 200 OK\r\n")
	_ = header.Write(&head) // a buffer takes everything
	head.WriteString("\r\n")
	sink := &connSink{conn: conn}
	if err := sink.Write(head.Bytes()); err != nil {
		sink.Close()
		return
	}
	// The request's context ends with this function, but a client that leaves
	// during a long resumption is noticed by its failing write.
	if err := h.launch(h.ctx, s, st, sink); err != nil {
		h.logEnd(err)
		return
	}
	h.watch(s, sink)
}

// watch starts the goroutine that waits for the client to leave.
func (h *Hub) watch(s *Stream, sink *connSink) {
	s.room.mu.Lock()
	watched := !s.closed
	if watched {
		h.wg.Add(1)
	}
	s.room.mu.Unlock()
	if watched {
		go func() {
			defer h.wg.Done()
			sink.watch(s)
		}()
	}
}

// responseSink writes to an http.ResponseWriter whose connection cannot be taken
// over.
type responseSink struct {
	w    http.ResponseWriter
	rc   *http.ResponseController
	gone chan struct{}

	mu     sync.Mutex // held while writing
	closed bool       // the handler is about to return
}

// Write implements Sink.
func (s *responseSink) Write(frames []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errEnded
	}
	if err := s.rc.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := s.w.Write(frames); err != nil {
		return err
	}
	return s.rc.Flush()
}

// Close implements Sink. The handler does the rest.
func (s *responseSink) Close() { close(s.gone) }

// finish ends a write under way and refuses others.
func (s *responseSink) finish() {
	_ = s.rc.SetWriteDeadline(time.Now())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}

func (h *Hub) serveResponse(ctx context.Context, s *Stream, st start, w http.ResponseWriter, rc *http.ResponseController) {
	w.WriteHeader(http.StatusOK)
	sink := &responseSink{w: w, rc: rc, gone: make(chan struct{})}
	defer sink.finish()
	if err := h.launch(ctx, s, st, sink); err != nil {
		h.logEnd(err)
		return
	}
	select {
	case <-sink.gone:
	case <-ctx.Done():
		s.Close()
	}
}

// logEnd logs why a stream did not come about, unless its client just left.
func (h *Hub) logEnd(err error) {
	var network net.Error
	if h.ctx.Err() == nil && !errors.Is(err, context.Canceled) && !errors.Is(err, errEnded) && !errors.Is(err, net.ErrClosed) && !errors.As(err, &network) {
		h.log.Warn("live: a stream could not begin", "error", err)
	}
}
