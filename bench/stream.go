package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// socket is an open stream as a bare file descriptor: thousands of them cost the
// generator neither goroutine nor buffer.
type socket struct {
	fd      int
	partial bool // the last byte read was the first half of a frame's end
	frames  int  // ends of frames seen
}

// openSocket asks for the live stream and reads up to its greeting.
func openSocket(host, apiKey string) (*socket, error) {
	addr, err := netip.ParseAddrPort(host)
	if err != nil {
		return nil, err
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	s := &socket{fd: fd}
	err = unix.Connect(fd, &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()})
	if err == nil {
		err = s.greet(host, apiKey)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *socket) greet(host, apiKey string) error {
	patience := unix.NsecToTimeval(int64(answerIn))
	if err := unix.SetsockoptTimeval(s.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &patience); err != nil {
		return err
	}
	request := "GET /api/v1/stream HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer " + apiKey + "\r\nAccept: text/event-stream\r\n\r\n"
	if _, err := unix.Write(s.fd, []byte(request)); err != nil {
		return err
	}
	var got []byte
	buffer := make([]byte, 4096)
	for !greeted(got) {
		n, err := unix.Read(s.fd, buffer)
		if err != nil || n == 0 {
			return fmt.Errorf("the stream gave no greeting: %w: %.300s", errors.Join(err, errClosed), got)
		}
		if got = append(got, buffer[:n]...); !bytes.HasPrefix(got, []byte("HTTP/1.1 200")) || len(got) > 1<<16 {
			return fmt.Errorf("the stream did not greet: %.300s", got)
		}
	}
	return unix.SetNonblock(s.fd, true)
}

// greeted tells whether the greeting has come to its end.
func greeted(got []byte) bool {
	_, hello, found := bytes.Cut(got, []byte("event: hello"))
	return found && bytes.Contains(hello, []byte("\n\n"))
}

var errClosed = errors.New("the server closed the stream")

func (s *socket) close() { _ = unix.Close(s.fd) }

// read takes what is there and counts the frames in it: heartbeats too.
func (s *socket) read(buffer []byte) (frames int, err error) {
	for {
		n, err := unix.Read(s.fd, buffer)
		switch {
		case errors.Is(err, unix.EAGAIN):
			return frames, nil
		case err != nil:
			return frames, err
		case n == 0:
			return frames, errClosed
		}
		b := buffer[:n]
		if s.partial && b[0] == '\n' {
			frames++
		}
		frames += bytes.Count(b, []byte("\n\n"))
		s.partial = b[n-1] == '\n' && (n < 2 || b[n-2] != '\n')
		if n < len(buffer) {
			return frames, nil
		}
	}
}

// openStreams opens so many streams, some at a time.
func (b *bench) openStreams(ctx context.Context, n int) ([]*socket, error) {
	const atOnce = 32
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	streams := make([]*socket, n)
	var next atomic.Int64
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(n) && ctx.Err() == nil; i = next.Add(1) - 1 {
				s, err := openSocket(b.server.host, b.apiKey)
				if err != nil {
					cancel(fmt.Errorf("stream %d: %w", i+1, err))
					return
				}
				streams[i] = s
			}
		})
	}
	all.Wait()
	if err := context.Cause(ctx); err != nil {
		closeStreams(streams)
		return nil, err
	}
	return streams, nil
}

func closeStreams(streams []*socket) {
	for _, s := range streams {
		if s != nil {
			s.close()
		}
	}
}

// raiseFileLimit lets this process and its children hold as many files as the
// system allows.
func raiseFileLimit(wanted uint64) error {
	var l unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &l); err != nil {
		return err
	}
	if l.Cur >= wanted {
		return nil
	}
	raised := unix.Rlimit{Cur: wanted, Max: max(l.Max, wanted)}
	if unix.Setrlimit(unix.RLIMIT_NOFILE, &raised) == nil {
		return nil
	}
	l.Cur = l.Max
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &l); err != nil {
		return err
	}
	if l.Cur < wanted {
		return fmt.Errorf("this many streams need %d open files, and the system allows %d: raise it with ulimit -n, or ask for fewer with -streams", wanted, l.Cur)
	}
	return nil
}

// idleStreams measures what a stream costs the server while nothing happens. The
// server is started anew, so that streams do not move into room that an earlier
// load has left.
func (b *bench) idleStreams(ctx context.Context) error {
	n := b.opts.streams
	if err := raiseFileLimit(uint64(n) + 500); err != nil {
		return err
	}
	if err := errors.Join(b.server.stop(), b.start()); err != nil {
		return err
	}
	if _, err := b.openStreamOnce(); err != nil {
		return err
	}
	time.Sleep(b.opts.rest)
	b.server.settle(ctx)
	before := b.server.rss()
	began := time.Now()
	streams, err := b.openStreams(ctx, n)
	if err != nil {
		return err
	}
	defer closeStreams(streams)
	opened := time.Since(began)
	time.Sleep(b.opts.rest)
	grown := b.server.rss() - before
	cpu := b.server.cpu()
	time.Sleep(b.opts.rest)
	cpu = b.server.cpu() - cpu
	b.table.add(row{What: "idle stream", Figure: float64(grown) / float64(n) / 1024, Unit: "KiB each", Target: 20 * 1000. / 1024, Bound: atMost,
		Note: fmt.Sprintf("%s streams opened in %.1f s; growth of VmRSS from %.1f MiB; %.2f cores while idle", thousands(int64(n)), opened.Seconds(), mebibytes(before), cpu.Seconds()/b.opts.rest.Seconds())})
	for _, s := range streams {
		if _, err := s.read(b.scratch); err != nil {
			return fmt.Errorf("an idle stream did not stay open: %w", err)
		}
	}
	return nil
}

// openStreamOnce has the server make what all streams share.
func (b *bench) openStreamOnce() (frames int, err error) {
	s, err := openSocket(b.server.host, b.apiKey)
	if err != nil {
		return 0, err
	}
	defer s.close()
	return s.read(b.scratch)
}

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }
