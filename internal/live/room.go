package live

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"
	"time"
)

// queueLimit is how many events a room takes over in memory; what is beyond is
// read from the table.
const queueLimit = 4096

// room is a workspace that has streams on this node.
type room struct {
	hub         *Hub
	workspaceID string

	opening sync.Mutex // held while head is read for the first time

	mu        sync.Mutex
	open      bool    // head is known
	closed    bool    // nothing begins any more
	head      int64   // everything up to here has been appended to the feeds
	reached   int64   // the highest sequence heard of
	queue     []Event // handed over in memory; any order, gaps, doubles
	running   bool    // a goroutine moves events from queue or table to the feeds
	operators feed
	contacts  map[string]*feed
	persons   map[string]person    // whose feed besides tells what happens to a contact who was merged
	typing    map[string]time.Time // when somebody was last told to be typing
	used      int64                // tick at which there last were streams
}

// person is who somebody was merged into, as of an event's number.
type person struct {
	contactID string
	asOf      int64
}

// offer hands over committed events of the workspace.
func (r *room) offer(events []Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue)+len(events) <= queueLimit {
		r.queue = append(r.queue, events...)
	}
	r.rise(events[len(events)-1].Sequence)
}

// hear says that the workspace has reached a sequence.
func (r *room) hear(sequence int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rise(sequence)
}

// rise starts the run if there is something for it.
func (r *room) rise(sequence int64) {
	r.reached = max(r.reached, sequence)
	if r.open && !r.closed && !r.running && r.reached > r.head {
		r.running = true
		r.hub.wg.Add(1)
		go r.run()
	}
}

// run moves events to the feeds until there are none.
func (r *room) run() {
	defer r.hub.wg.Done()
	for {
		w, more := r.next()
		if !more {
			return
		}
		if err := r.advance(w); err != nil {
			// Only the end of the hub ends this; what the database lacks comes back.
			if pause(r.hub.ctx, 200*time.Millisecond) != nil {
				return
			}
		}
	}
}

// work is a step of run: the events that follow the head.
type work struct {
	events  []Event // none: they are to be read from the table
	after   int64   // the head
	through int64   // with these the head is here
	heard   int64   // what the workspace was heard to have reached
}

func (r *room) advance(w work) error {
	ctx := r.hub.ctx
	if len(w.events) == 0 {
		var err error
		if w.events, w.through, err = page(ctx, r.hub.db, r.workspaceID, nil, w.after); err != nil {
			if ctx.Err() == nil {
				r.hub.log.ErrorContext(ctx, "live: events cannot be read", "workspace", r.workspaceID, "error", err)
			}
			return err
		}
	}
	return r.publish(ctx, w)
}

// next gives the next step. It gives false, with running unset, if there is none.
func (r *room) next() (w work, more bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || r.reached <= r.head {
		r.running, r.queue = false, nil
		return work{}, false
	}
	bySequence := func(a, b Event) int { return cmp.Compare(a.Sequence, b.Sequence) }
	if !slices.IsSortedFunc(r.queue, bySequence) {
		slices.SortFunc(r.queue, bySequence)
	}
	old := 0
	for old < len(r.queue) && r.queue[old].Sequence <= r.head {
		old++
	}
	r.queue = r.queue[old:]
	n := 0
	for n < len(r.queue) && n < pageSize && r.queue[n].Sequence == r.head+1+int64(n) {
		n++
	}
	w = work{events: r.queue[:n:n], after: r.head, through: r.head + int64(n), heard: r.reached}
	r.queue = r.queue[n:]
	return w, true
}

// publish renders what somebody here wants to know and appends it to the feeds.
func (r *room) publish(ctx context.Context, w work) error {
	events := w.events
	ready := make([]rendered, len(events))
	have := make([]bool, len(events))
	for {
		some, at := r.wanted(events, have)
		frames, err := r.hub.render(ctx, some)
		if err != nil {
			return err
		}
		for j, i := range at {
			ready[i], have[i] = frames[j], true
		}
		if r.append(w, ready, have) {
			break
		}
	}
	for i := range events {
		if events[i].Type == ContactErased && events[i].ContactID != "" {
			r.hub.forget(Whose{WorkspaceID: r.workspaceID, ContactID: events[i].ContactID})
		}
		if events[i].Details["merge_id"] != "" {
			r.part(&events[i])
		}
	}
	return nil
}

// wanted gives the events that have an audience and are not rendered.
func (r *room) wanted(events []Event, have []bool) (some []Event, at []int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range events {
		if !have[i] && r.hasAudience(&events[i]) {
			some, at = append(some, events[i]), append(at, i)
		}
	}
	return some, at
}

func (r *room) hasAudience(e *Event) bool {
	return len(r.operators.streams) > 0 || r.feedsOf(e.ContactID) != [2]*feed{}
}

// feedsOf gives the feeds that tell what happens to a contact: their own, and that of
// the person whom they were merged into; nil where there is none.
func (r *room) feedsOf(contactID string) (own [2]*feed) {
	if contactID == "" {
		return own
	}
	own[0] = r.contacts[contactID]
	if p, is := r.persons[contactID]; is {
		own[1] = r.contacts[p.contactID]
	}
	return own
}

// attach has a stream's feed tell what happens to all contacts that its person is, as
// of an event's number. What happened until now is not in it.
func (r *room) attach(s *Stream, members []string, asOf int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.members, s.asOf = members, asOf
	f := r.contacts[s.contactID]
	for _, m := range members {
		if f == nil || m == s.contactID {
			continue
		}
		if r.persons[m].contactID != s.contactID {
			f.floor = max(f.floor, r.head)
		}
		r.persons[m] = person{s.contactID, asOf}
	}
}

// detach forgets who was somebody before an event.
func (r *room) detach(contactID string, before int64) {
	for m, p := range r.persons {
		if p.contactID == contactID && p.asOf < before {
			delete(r.persons, m)
		}
	}
}

// part ends the streams of whoever is joined with somebody, or parted again, and does
// not know it yet: they come back, and follow what they are then.
func (r *room) part(e *Event) {
	r.mu.Lock()
	var old []*Stream
	for _, id := range []string{e.ContactID, e.Details["merged_id"]} {
		for _, f := range r.feedsOf(id) {
			if f == nil {
				continue
			}
			for _, s := range f.streams {
				if s.actor.SignedIn && s.asOf < e.Sequence {
					old = append(old, s)
				}
			}
		}
		r.detach(id, e.Sequence)
	}
	r.mu.Unlock()
	for _, s := range old {
		r.hub.end(s)
	}
}

// append gives false, with nothing done, if somebody came while events were being
// rendered and would miss one.
func (r *room) append(w work, ready []rendered, have []bool) bool {
	var wake, cut []*Stream
	events := w.events
	r.mu.Lock()
	for i := range events {
		if !have[i] && r.hasAudience(&events[i]) {
			r.mu.Unlock()
			return false
		}
	}
	tick := r.hub.ticks.Load()
	told := len(r.operators.streams) > 0
	for i := range events {
		e := &events[i]
		en := entry{sequence: e.Sequence, tick: tick, bit: bitOf(e.Type), event: e}
		if e.restricts() { // what operators could resume from shows them nothing any more
			r.operators.redact(e.ContactID, time.Time{})
		}
		if told {
			en.frame = ready[i].operator
			r.operators.append(en)
		}
		if ready[i].contact == nil {
			continue
		}
		en.frame = ready[i].contact
		for _, f := range r.feedsOf(e.ContactID) {
			if f != nil {
				f.append(en)
				wake, cut = f.wake(wake, cut)
			}
		}
	}
	if !told {
		r.operators.drop(len(r.operators.entries))
		r.operators.floor = max(r.operators.floor, w.through)
	}
	r.head = max(r.head, w.through)
	r.reached = max(r.reached, r.head)
	if len(events) == 0 && w.through < w.heard && r.reached == w.heard {
		r.reached = r.head // the table knows better than what was heard
	}
	wake, cut = r.operators.wake(wake, cut)
	r.hub.wg.Add(len(wake))
	r.mu.Unlock()
	r.hub.start(wake, cut)
	return true
}

// tell appends a frame without a sequence for operators, and for a contact if one
// is named.
func (r *room) tell(frame []byte, contactID string) {
	var wake, cut []*Stream
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return
	}
	e := entry{tick: r.hub.ticks.Load(), bit: inboxBit, frame: frame}
	if len(r.operators.streams) > 0 {
		r.operators.append(e)
		wake, cut = r.operators.wake(wake, cut)
	}
	for _, f := range r.feedsOf(contactID) {
		if f != nil {
			f.append(e)
			wake, cut = f.wake(wake, cut)
		}
	}
	r.hub.wg.Add(len(wake))
	r.mu.Unlock()
	r.hub.start(wake, cut)
}

// seat gives a new stream its feed. It gives false if the room has closed.
func (r *room) seat(s *Stream) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	s.room, s.feed = r, &r.operators
	if s.contactID != "" {
		f := r.contacts[s.contactID]
		if f == nil {
			f = &feed{floor: r.head, maxEntries: contactEntries, maxBytes: contactBytes}
			r.contacts[s.contactID] = f
		}
		s.feed = f
	}
	s.active = true // whoever opens it writes first
	s.feed.add(s)
	r.hub.slot(s)
	s.feed.used, r.used = r.hub.ticks.Load(), r.hub.ticks.Load()
	return true
}

// leave takes a stream out and gives false if it was out already.
func (r *room) leave(s *Stream) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.closed {
		return false
	}
	s.closed = true
	s.feed.remove(s)
	s.feed.used, r.used = r.hub.ticks.Load(), r.hub.ticks.Load()
	return true
}

// tidy drops what nobody needs, and closes the room, giving true, if nobody is in
// it for a while.
func (r *room) tidy(tick int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.operators.trim(tick)
	for contactID, f := range r.contacts {
		f.trim(tick)
		if len(f.streams) == 0 && f.used+2*keepTicks < tick {
			delete(r.contacts, contactID)
			r.detach(contactID, math.MaxInt64)
		}
	}
	now := r.hub.clock.Now()
	for who, at := range r.typing {
		if now.Sub(at) > typingEvery {
			delete(r.typing, who)
		}
	}
	if len(r.operators.streams) == 0 && len(r.contacts) == 0 && !r.running && r.used+2*keepTicks < tick {
		r.closed = true
	}
	return r.closed
}

// matching gives the streams that belong to somebody.
func (r *room) matching(w Whose, into []*Stream) []*Stream {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.operators.streams {
		if w.covers(s) {
			into = append(into, s)
		}
	}
	for _, f := range r.contacts {
		for _, s := range f.streams {
			if w.covers(s) {
				into = append(into, s)
			}
		}
	}
	return into
}

// redact takes an erased person out of the frames that are kept.
func (r *room) redact(contactID string, but time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.operators.redact(contactID, but)
	own := r.contacts[contactID]
	for _, f := range r.feedsOf(contactID) {
		switch {
		case f == nil:
		case f == own && but.IsZero():
			f.drop(len(f.entries))
		default:
			f.redact(contactID, but)
		}
	}
}

// Whose names streams: those to which every field applies that is not empty.
type Whose struct {
	WorkspaceID string `json:"workspace_id,omitempty"`
	ContactID   string `json:"contact_id,omitempty"` // a contact's own streams
	ActorID     string `json:"actor_id,omitempty"`   // an operator's, an API key's
	SessionID   string `json:"session_id,omitempty"`
}

func (w Whose) covers(s *Stream) bool {
	if w == (Whose{}) {
		return false
	}
	return (w.WorkspaceID == "" || w.WorkspaceID == s.room.workspaceID) &&
		(w.ContactID == "" || w.ContactID == s.contactID) &&
		(w.ActorID == "" || w.ActorID == s.actor.ID) &&
		(w.SessionID == "" || w.SessionID == s.actor.SessionID)
}

// start is where a stream begins.
type start struct {
	after int64
	reset bool
}
