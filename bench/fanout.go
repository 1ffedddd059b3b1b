package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	fanoutStreams = 1000
	fanoutClients = 16
	fanoutReaders = 2
	// fanoutWindow is how many messages may be on their way. A server cuts a
	// stream that stays too far behind, so what is posted must wait for what is
	// told; this is far below where it does.
	fanoutWindow = 512
)

// fanout measures how many frames a second reach a thousand operators of one
// workspace while messages are posted as fast as they can be told.
func (b *bench) fanout(ctx context.Context) error {
	if err := raiseFileLimit(fanoutStreams + 500); err != nil {
		return err
	}
	streams, err := b.openStreams(ctx, fanoutStreams)
	if err != nil {
		return err
	}
	defer closeStreams(streams)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	f := &fan{streams: streams, cancel: cancel}
	var all sync.WaitGroup
	share := len(streams) / fanoutReaders
	for r := range fanoutReaders {
		all.Go(func() { f.read(ctx, streams[r*share:(r+1)*share]) })
	}
	for w := range fanoutClients {
		all.Go(func() { f.post(ctx, b, w) })
	}
	time.Sleep(b.opts.warm)
	r := &result{}
	began, before := time.Now(), f.told.Load()
	client, server := selfCPU(), b.server.cpu()
	time.Sleep(b.opts.measured)
	delivered := f.told.Load() - before
	r.took, r.client, r.server = time.Since(began), selfCPU()-client, b.server.cpu()-server
	f.stop.Store(true)
	f.drain(ctx)
	lost := context.Cause(ctx)
	cancel(nil)
	all.Wait()
	if lost != nil {
		return lost
	}
	if err := f.check(); err != nil {
		return err
	}
	rate := float64(delivered) / r.took.Seconds()
	b.table.add(row{What: "fan-out to 1,000 streams", Figure: rate, Unit: "deliveries/s", Target: 300_000, Bound: atLeast,
		Note: fmt.Sprintf("%.0f messages/s; %s", rate/fanoutStreams, r.cpu())})
	return nil
}

// fan is a fan-out on its way.
type fan struct {
	streams []*socket
	posted  atomic.Int64 // begun
	acked   atomic.Int64
	told    atomic.Int64 // frames, on all streams
	stop    atomic.Bool
	cancel  context.CancelCauseFunc
}

// post writes messages while no more than the window are on their way.
func (f *fan) post(ctx context.Context, b *bench, w int) {
	c, err := dial(b.server.host, b.apiKey)
	if err != nil {
		f.cancel(err)
		return
	}
	defer c.close()
	one := b.poster(4000+w, len(b.threads))
	for !f.stop.Load() && ctx.Err() == nil {
		if f.posted.Load()-f.told.Load()/int64(len(f.streams)) > fanoutWindow {
			time.Sleep(time.Millisecond)
			continue
		}
		f.posted.Add(1)
		if err := one(c); err != nil {
			f.cancel(err)
			return
		}
		f.acked.Add(1)
	}
}

// read goes round the streams and takes what has come.
func (f *fan) read(ctx context.Context, streams []*socket) {
	buffer := make([]byte, 256<<10)
	for ctx.Err() == nil {
		sum := 0
		for _, s := range streams {
			n, err := s.read(buffer)
			if err != nil {
				f.cancel(fmt.Errorf("a stream ended after %d frames: %w", s.frames, err))
				return
			}
			s.frames += n
			sum += n
		}
		f.told.Add(int64(sum))
		if sum < len(streams) {
			time.Sleep(2 * time.Millisecond)
		}
	}
}

// drain waits until all that was posted has been told.
func (f *fan) drain(ctx context.Context) {
	for range 1000 {
		if ctx.Err() != nil || f.posted.Load() == f.acked.Load() && f.told.Load() >= f.acked.Load()*int64(len(f.streams)) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// check sees that every stream was told everything. Heartbeats are frames too, so
// that a stream may have a few more.
func (f *fan) check() error {
	for i, s := range f.streams {
		if int64(s.frames) < f.acked.Load() {
			return fmt.Errorf("stream %d was told %d of %d messages", i, s.frames, f.acked.Load())
		}
	}
	return nil
}
