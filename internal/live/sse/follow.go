package sse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// Options say what to follow.
type Options struct {
	URL    string
	Header http.Header  // such as Authorization
	Client *http.Client // without a timeout of its own; nil: a plain one
	// LastEventID is where to go on; empty: from now on.
	LastEventID string
	// MinWait and MaxWait bound the pause before another connection, which doubles
	// each time one fails. Zero: 250 ms and 15 s.
	MinWait, MaxWait time.Duration
	// Silence after which a connection counts as dead. Zero: 40 s, since there is a
	// heartbeat every 15 s.
	Silence time.Duration
	// Connected, if set, is called when a stream greets, with the sequence where
	// it starts.
	Connected func(sequence int64)
}

// StatusError is an answer that makes another attempt useless, such as 401.
type StatusError struct{ Status int }

// Error gives the status.
func (e *StatusError) Error() string {
	return fmt.Sprintf("sse: the server answered %d %s", e.Status, http.StatusText(e.Status))
}

// Follow gives each event to fn, once and in order, over any number of
// connections, until ctx ends, fn gives an error, or the server refuses (a
// *StatusError; 429 and 5xx are tried again). fn also gets frames without an id, and
// "reset": what is known must be loaded again; what follows is after its id.
func Follow(ctx context.Context, o Options, fn func(Frame) error) error {
	f := &follower{o: o, fn: fn, last: o.LastEventID}
	if f.o.Client == nil {
		f.o.Client = &http.Client{}
	}
	f.o.MinWait = or(f.o.MinWait, 250*time.Millisecond)
	f.o.MaxWait = or(f.o.MaxWait, 15*time.Second)
	f.o.Silence = or(f.o.Silence, 40*time.Second)
	for failures := 0; ; failures++ {
		greeted, wait, err := f.connect(ctx)
		if err != nil {
			return err
		}
		if greeted {
			failures = 0
		}
		if err := sleep(ctx, max(wait, f.backoff(failures))); err != nil {
			return err
		}
	}
}

func or(d, standard time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return standard
}

type follower struct {
	o    Options
	fn   func(Frame) error
	last string
}

func (f *follower) backoff(failures int) time.Duration {
	d := min(f.o.MinWait<<min(failures, 16), f.o.MaxWait)
	return d/2 + rand.N(d/2+1) //nolint:gosec // jitter, not a secret
}

// connect follows one connection until it breaks. An error ends it all.
func (f *follower) connect(ctx context.Context) (greeted bool, wait time.Duration, err error) {
	live, cancel := context.WithCancel(ctx)
	defer cancel()
	silence := time.AfterFunc(f.o.Silence, cancel)
	defer silence.Stop()
	req, err := http.NewRequestWithContext(live, http.MethodGet, f.o.URL, nil)
	if err != nil {
		return false, 0, err
	}
	for name, values := range f.o.Header {
		req.Header[name] = values
	}
	req.Header.Set("Accept", "text/event-stream")
	if f.last != "" {
		req.Header.Set("Last-Event-ID", f.last)
	}
	res, err := f.o.Client.Do(req)
	if err != nil {
		return false, 0, ctx.Err()
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		wait, err := refusal(res)
		return false, wait, err
	}
	r := NewReader(res.Body)
	for {
		frame, err := r.Next()
		if err != nil {
			return greeted, 0, broken(ctx, err)
		}
		silence.Reset(f.o.Silence)
		greeted = greeted || frame.Event == "hello"
		if err := f.take(frame); err != nil {
			return greeted, 0, err
		}
	}
}

// broken tells an end that another connection mends, which is nil.
func broken(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, ErrTooLong) {
		return err
	}
	return nil
}

// refusal tells how long to wait, or that it is useless.
func refusal(res *http.Response) (wait time.Duration, err error) {
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
	if res.StatusCode != http.StatusTooManyRequests && res.StatusCode < 500 {
		return 0, &StatusError{res.StatusCode}
	}
	seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0, nil //nolint:nilerr // it does not say for how long
	}
	return time.Duration(min(seconds, 600)) * time.Second, nil
}

// take hands a frame on unless it was handed on before.
func (f *follower) take(frame Frame) error {
	switch {
	case frame.Comment:
		if frame.HasID && !f.seen(frame.ID) {
			f.last = frame.ID
		}
		return nil
	case frame.Event == "hello":
		f.greet(frame)
		return nil
	case frame.Event == "reset":
		f.last = frame.ID
		return f.fn(frame)
	case !frame.HasID:
		return f.fn(frame)
	case f.seen(frame.ID):
		return nil
	}
	f.last = frame.ID
	return f.fn(frame)
}

func (f *follower) greet(frame Frame) {
	var hello struct {
		Sequence int64 `json:"sequence"`
	}
	if json.Unmarshal(frame.Data, &hello) != nil {
		return
	}
	if f.last == "" {
		f.last = strconv.FormatInt(hello.Sequence, 10)
	}
	if f.o.Connected != nil {
		f.o.Connected(hello.Sequence)
	}
}

// seen tells whether an id is not after the last one.
func (f *follower) seen(id string) bool {
	if f.last == "" {
		return false
	}
	n, err1 := strconv.ParseInt(id, 10, 64)
	last, err2 := strconv.ParseInt(f.last, 10, 64)
	return err1 == nil && err2 == nil && n <= last
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
