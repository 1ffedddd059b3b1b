package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	deliveryRate    = 1000 // messages a second
	deliveryClients = 20
	// lateAfter is when the generator counts as not keeping its pace.
	lateAfter = 5 * time.Millisecond
)

// sent is a message that was posted, and when its request was begun.
type sent struct {
	id string
	at time.Time
}

// arrivals is what one stream has told: messages and when.
type arrivals struct {
	mu   sync.Mutex
	at   map[string]time.Time
	most int // times that any message was told
	err  error
}

// delivery measures the way from a request to an operator's screen: one stream is
// open while messages come in at a steady pace.
func (b *bench) delivery(ctx context.Context) error {
	stream, body, err := b.openReader(ctx)
	if err != nil {
		return err
	}
	defer stream()
	got := &arrivals{at: make(map[string]time.Time)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		got.listen(body)
	}()
	r := &result{took: b.opts.measured}
	client, server := selfCPU(), b.server.cpu()
	messages, late, err := b.pace(ctx, b.opts.measured)
	if err != nil {
		return err
	}
	r.client, r.server = selfCPU()-client, b.server.cpu()-server
	got.wait(ctx, len(messages))
	stream()
	<-done
	return b.report(got, messages, late, r)
}

// openReader opens a stream and gives its body, past the greeting.
func (b *bench) openReader(ctx context.Context) (closeStream func(), body *bufio.Reader, err error) {
	ctx, cancel := context.WithCancel(ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+b.server.host+"/api/v1/stream", nil)
	if err != nil {
		cancel()
		return nil, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+b.apiKey)
	transport := &http.Transport{DisableCompression: true}
	res, err := transport.RoundTrip(req) //nolint:bodyclose // closeStream ends it
	if err != nil {
		cancel()
		return nil, nil, err
	}
	if res.StatusCode != http.StatusOK {
		cancel()
		return nil, nil, fmt.Errorf("the stream was refused with %d", res.StatusCode)
	}
	body = bufio.NewReaderSize(res.Body, 64<<10)
	for { // the greeting
		line, err := body.ReadSlice('\n')
		if err != nil {
			cancel()
			return nil, nil, err
		}
		if bytes.HasPrefix(line, []byte("event: hello")) {
			return func() { cancel(); transport.CloseIdleConnections() }, body, nil
		}
	}
}

// listen notes when each message is told, until the stream ends.
func (a *arrivals) listen(body *bufio.Reader) {
	told := map[string]int{}
	isMessage := false
	for {
		line, err := body.ReadSlice('\n')
		if err != nil {
			a.mu.Lock()
			defer a.mu.Unlock()
			if !errors.Is(err, io.EOF) && !errors.Is(err, context.Canceled) {
				a.err = err
			}
			return
		}
		switch {
		case bytes.HasPrefix(line, []byte("event: ")):
			isMessage = bytes.HasPrefix(line, []byte("event: message.created"))
		case isMessage && bytes.HasPrefix(line, []byte("data: ")):
			now := time.Now()
			_, message, _ := bytes.Cut(line, []byte(`"message":`))
			id := firstID(message)
			told[id]++
			a.mu.Lock()
			a.at[id] = now
			a.most = max(a.most, told[id])
			a.mu.Unlock()
		}
	}
}

// wait gives the stream some time to tell the last messages.
func (a *arrivals) wait(ctx context.Context, n int) {
	for range 500 {
		a.mu.Lock()
		have := len(a.at)
		a.mu.Unlock()
		if have >= n || ctx.Err() != nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// pace posts messages at a steady rate from several clients whose turns are
// spread evenly. It tells how many were begun too late.
func (b *bench) pace(ctx context.Context, d time.Duration) (messages []sent, late int, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	begin := time.Now().Add(100 * time.Millisecond)
	var mu sync.Mutex
	var all sync.WaitGroup
	for w := range deliveryClients {
		all.Go(func() {
			mine, tardy, err := b.paced(ctx, w, begin, d)
			if err != nil {
				cancel(err)
			}
			mu.Lock()
			defer mu.Unlock()
			messages = append(messages, mine...)
			late += tardy
		})
	}
	all.Wait()
	return messages, late, context.Cause(ctx)
}

func (b *bench) paced(ctx context.Context, w int, begin time.Time, d time.Duration) (messages []sent, late int, err error) {
	c, err := dial(b.server.host, b.apiKey)
	if err != nil {
		return nil, 0, err
	}
	defer c.close()
	rng := source(3000 + w)
	var body []byte
	const step = time.Second / deliveryRate
	for n := w; time.Duration(n)*step < d && ctx.Err() == nil; n += deliveryClients {
		t := b.threads[rng.IntN(len(b.threads))]
		body = b.vocabulary.message(body[:0], rng)
		due := begin.Add(time.Duration(n) * step)
		time.Sleep(time.Until(due))
		now := time.Now()
		if now.Sub(due) > lateAfter {
			late++
		}
		answer, err := c.do("POST", t.path, body, 201)
		if err != nil {
			return messages, late, err
		}
		t.count.Add(1)
		b.messages.Add(1)
		messages = append(messages, sent{firstID(answer), now})
	}
	return messages, late, nil
}

// report compares what was posted with what was told.
func (b *bench) report(got *arrivals, messages []sent, late int, r *result) error {
	got.mu.Lock()
	defer got.mu.Unlock()
	if got.err != nil {
		return fmt.Errorf("the stream broke: %w", got.err)
	}
	if got.most > 1 {
		return fmt.Errorf("a message was told %d times", got.most)
	}
	var h histogram
	for _, m := range messages {
		at, told := got.at[m.id]
		if !told {
			return fmt.Errorf("of %d messages the stream told %d", len(messages), len(got.at))
		}
		h.add(at.Sub(m.at))
	}
	b.table.add(row{What: "posted → on the stream, p99", Figure: milliseconds(h.at(0.99)), Unit: "ms", Target: 10, Bound: atMost,
		Note: fmt.Sprintf("%s messages at %.0f/s, %d begun over 5 ms late; %s; %s", thousands(int64(h.n)), float64(h.n)/r.took.Seconds(), late, percentiles(&h), r.cpu())})
	return nil
}
