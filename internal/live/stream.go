package live

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/botimum/botimum/internal/actor"
)

// Subscription says who wants to be told what.
type Subscription struct {
	// WorkspaceID defaults to the actor's.
	WorkspaceID string
	// Actor whose permissions hold. ServeSSE takes it from the request's context
	// when it is zero.
	Actor actor.Actor
	// ContactID makes it a contact's own stream. It is forced for actors who are
	// contacts.
	ContactID string
	// LastEventID is the id of the last frame that was seen; empty: from now on.
	// ServeSSE takes it from the request when it is empty.
	LastEventID string
	// Filter, where it is not nil, gives an event's data as this subscriber sees it.
	Filter func(data []byte) []byte
}

// Sink is where a stream's frames go.
type Sink interface {
	// Write takes one or more whole frames. It must not keep the bytes, and must
	// end with an error in bounded time if they cannot be delivered.
	Write(frames []byte) error
	// Close ends a Write that is under way and everything else. It is called
	// once, from any goroutine, and must not wait.
	Close()
}

// Stream is one subscriber's place in what happens.
type Stream struct {
	room      *room
	feed      *feed
	sink      Sink
	ctx       context.Context // the hub's, with the actor
	actor     actor.Actor
	contactID string
	filter    func(data []byte) []byte
	bits      uint32
	opened    int64 // tick
	slot      int   // of the heartbeat
	slotIndex int   // guarded by the hub's slots
	done      chan struct{}

	// Guarded by the room's lock.
	index  int   // in the feed
	place  int64 // of the next entry
	sent   int64 // the last sequence that was written, or that this audience does not see
	live   bool  // it follows the feed
	active bool  // a goroutine is writing
	beat   bool  // a heartbeat is due
	closed bool
	// Of somebody who is signed in: all contacts that they are, nil for the one, as of
	// an event's number.
	members []string
	asOf    int64
}

// Done is closed when the stream has ended.
func (s *Stream) Done() <-chan struct{} { return s.done }

// Close ends the stream.
func (s *Stream) Close() { s.room.hub.end(s) }

// maxWrite is about how many bytes are written at once.
const maxWrite = 32 << 10

// scratch is what a write needs and an idle stream does not keep.
type scratch struct {
	buf  []byte
	seen []string
}

var scratches = sync.Pool{New: func() any { return &scratch{buf: make([]byte, 0, 4<<10)} }}

func (sc *scratch) release() {
	if cap(sc.buf) <= 2*maxWrite {
		scratches.Put(sc)
	}
}

// drain writes until nothing is left. The caller has set active.
func (s *Stream) drain() {
	sc := scratches.Get().(*scratch)
	defer sc.release()
	more, err := s.collect(sc)
	for more && err == nil {
		if err = s.write(sc); err == nil {
			more, err = s.collect(sc)
		}
	}
	if err != nil {
		s.Close()
	}
}

func (s *Stream) write(sc *scratch) error {
	if len(sc.buf) == 0 {
		return nil
	}
	// Before the bytes leave: what somebody saw is always on its way to the log.
	s.room.hub.accessed(s.ctx, sc.seen)
	return s.sink.Write(sc.buf)
}

// collect takes what waits for the stream, and gives false, with active unset, if
// that is nothing.
func (s *Stream) collect(sc *scratch) (more bool, err error) {
	sc.buf, sc.seen = sc.buf[:0], sc.seen[:0]
	r := s.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.closed {
		s.active = false
		return false, nil
	}
	if s.place < s.feed.base {
		return false, errBehind
	}
	for end := s.feed.end(); s.place < end && len(sc.buf) < maxWrite; s.place++ {
		s.take(&s.feed.entries[s.place-s.feed.base], sc)
	}
	if s.beat && s.place == s.feed.end() {
		s.beat = false
		s.sent = max(s.sent, r.head)
		sc.buf = appendBeat(sc.buf, s.sent)
	}
	if len(sc.buf) == 0 {
		s.active = false
		return false, nil
	}
	return true, nil
}

// take adds an entry unless it is not for this stream or was in the table's pages
// already.
func (s *Stream) take(e *entry, sc *scratch) {
	if e.sequence != 0 {
		if e.sequence <= s.sent {
			return
		}
		s.sent = e.sequence
	}
	if e.bit&s.bits == 0 {
		return
	}
	sc.buf = append(sc.buf, e.frame...)
	if e.event != nil && e.event.ContactID != "" && s.contactID == "" {
		sc.saw(e.event.ContactID)
	}
}

// saw notes that a person was shown, once for people who come up again soon.
func (sc *scratch) saw(contactID string) {
	if recent := sc.seen[max(0, len(sc.seen)-16):]; !slices.Contains(recent, contactID) {
		sc.seen = append(sc.seen, contactID)
	}
}

var (
	errEnded  = errors.New("live: the stream has ended")
	errBehind = errors.New("live: the stream does not keep up")
)

// begin greets, tells what was missed, and joins the feed: without a gap, since
// the feed holds everything after its floor, and without doubles, since take skips
// what the pages told.
func (s *Stream) begin(ctx context.Context, st start) error {
	sc := scratches.Get().(*scratch)
	defer sc.release()
	sc.buf, sc.seen = sc.buf[:0], sc.seen[:0]
	if st.reset {
		sc.buf = appendStart(sc.buf, "reset", st.after)
	}
	sc.buf = appendStart(sc.buf, "hello", st.after)
	if err := s.sink.Write(sc.buf); err != nil {
		return err
	}
	for {
		joined, after, err := s.join()
		if err != nil {
			return err
		}
		if joined {
			break
		}
		if err := s.tellPage(ctx, sc, after); err != nil {
			return err
		}
	}
	if s.contactID == "" && s.bits&inboxBit != 0 {
		sc.buf = s.room.hub.presence.snapshot(sc.buf[:0], s.room.workspaceID)
		sc.seen = sc.seen[:0]
		if err := s.write(sc); err != nil {
			return err
		}
	}
	s.drain()
	return nil
}

// join makes the stream follow the feed if what it lacks is all in there.
func (s *Stream) join() (joined bool, after int64, err error) {
	s.room.mu.Lock()
	defer s.room.mu.Unlock()
	switch {
	case s.closed:
		return false, 0, errEnded
	case s.sent < s.feed.floor:
		return false, s.sent, nil
	}
	s.place, s.live = s.feed.after(s.sent), true
	return true, s.sent, nil
}

// whose gives the contacts whose events the stream tells; nil: everybody's.
func (s *Stream) whose() []string {
	if s.contactID == "" || s.members != nil {
		return s.members
	}
	return []string{s.contactID}
}

// tellPage writes the events of the next page of the table.
func (s *Stream) tellPage(ctx context.Context, sc *scratch, after int64) error {
	h := s.room.hub
	leave, err := h.enterReplay(ctx)
	if err != nil {
		return err
	}
	defer leave()
	events, through, err := page(ctx, h.db, s.room.workspaceID, s.whose(), after)
	if err != nil {
		return err
	}
	if s.contactID == "" {
		events = slices.DeleteFunc(events, func(e Event) bool { return bitOf(e.Type)&s.bits == 0 })
	}
	frames, err := h.render(ctx, events)
	if err != nil {
		return err
	}
	sc.buf, sc.seen = sc.buf[:0], sc.seen[:0]
	for i, f := range frames {
		if s.contactID != "" {
			sc.buf = append(sc.buf, f.contact...)
			continue
		}
		sc.buf = append(sc.buf, f.operator...)
		if events[i].ContactID != "" {
			sc.saw(events[i].ContactID)
		}
	}
	if err := s.write(sc); err != nil {
		return err
	}
	s.room.mu.Lock()
	s.sent = through
	s.room.mu.Unlock()
	return nil
}
