package live

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

const (
	heartbeatTicks = 15   // a tick is a second
	maxAgeTicks    = 3600 // of a stream; its client comes back and is authenticated again
	maxReplays     = 16   // pages of the table read for streams at the same time
	maxBehind      = 20_000
	pollEvery      = 2 * time.Second
)

// Deps is what a hub needs. DB, Outbox and Clock are required.
type Deps struct {
	DB     *storage.DB
	Outbox *Outbox
	Clock  clock.Clock
	// Broker connects this node to others. Nil: there are none.
	Broker Broker
	// Logger is told what an administrator should know. Nil: slog.Default.
	Logger *slog.Logger
	// Names gives operators' names by id, for typing that another node tells of.
	Names func(ctx context.Context, workspaceID string, operatorIDs []string) (map[string]string, error)
	// Accessed is told which contacts are shown to the actor in the context,
	// before they are. It must be quick.
	Accessed func(ctx context.Context, contactIDs []string)
	// Members gives all contacts that are one person with a contact, the survivor
	// first: whoever is signed in follows what happens to each of them. Nil: everybody
	// is alone.
	Members func(ctx context.Context, workspaceID, contactID string) ([]string, error)
	// Erased is told of people, and with an empty contact id of workspaces, that
	// were erased: caches forget them. It may be told more than once.
	Erased func(workspaceID, contactID string)
}

// Hub tells subscribers on this node what happens. It is safe for use by many
// goroutines.
type Hub struct {
	db        *storage.DB
	clock     clock.Clock
	log       *slog.Logger
	names     func(context.Context, string, []string) (map[string]string, error)
	reveal    func(context.Context, []string)
	members   func(ctx context.Context, workspaceID, contactID string) ([]string, error)
	onErased  func(workspaceID, contactID string)
	renderers []registered
	node      *node
	presence  *presence

	ctx     context.Context // ends with the hub
	cancel  context.CancelFunc
	wg      sync.WaitGroup
	replays chan struct{}
	ticks   atomic.Int64
	renewed atomic.Int64 // streams opened before this tick are to come back

	mu     sync.RWMutex
	rooms  map[string]*room
	closed bool

	slotMu   sync.Mutex
	slots    [heartbeatTicks][]*Stream
	nextSlot int
}

// New gives a hub that is at work. Close it.
func New(d Deps) *Hub {
	h := &Hub{db: d.DB, clock: d.Clock, log: d.Logger, names: d.Names, reveal: d.Accessed, members: d.Members, onErased: d.Erased,
		replays: make(chan struct{}, maxReplays), rooms: map[string]*room{}}
	if h.log == nil {
		h.log = slog.Default()
	}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.presence = newPresence(h)
	h.node = newNode(h, d.Broker)
	d.Outbox.OnCommit(h.committed)
	h.wg.Add(1)
	go h.tickAlong()
	h.node.begin()
	return h
}

// Close ends all streams and waits for what is under way, or for ctx. A server
// calls it before http.Server.Shutdown.
func (h *Hub) Close(ctx context.Context) error {
	h.mu.Lock()
	h.closed = true
	rooms := h.rooms
	h.rooms = map[string]*room{}
	h.mu.Unlock()
	for _, r := range rooms {
		r.mu.Lock()
		r.closed = true
		streams := append([]*Stream(nil), r.operators.streams...)
		for _, f := range r.contacts {
			streams = append(streams, f.streams...)
		}
		r.mu.Unlock()
		for _, s := range streams {
			h.end(s)
		}
	}
	h.cancel()
	h.node.stop()
	done := make(chan struct{})
	go func() { h.wg.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Subscribe opens a stream that writes to sink, which belongs to the hub from then
// on, also when Subscribe fails. It returns when the stream has told what was
// missed and follows what happens; ctx is for that time only.
func (h *Hub) Subscribe(ctx context.Context, sub Subscription, sink Sink) (*Stream, error) {
	s, st, err := h.prepare(ctx, sub)
	if err != nil {
		sink.Close()
		return nil, err
	}
	return s, h.launch(ctx, s, st, sink)
}

// prepare looks where a stream begins.
func (h *Hub) prepare(ctx context.Context, sub Subscription) (*Stream, start, error) {
	if sub.WorkspaceID == "" {
		sub.WorkspaceID = sub.Actor.WorkspaceID
	}
	contact := sub.Actor.Type == actor.Contact
	if contact {
		sub.ContactID = sub.Actor.ID
	}
	s := &Stream{actor: sub.Actor, contactID: sub.ContactID, filter: sub.Filter, done: make(chan struct{})}
	s.ctx = actor.With(h.ctx, sub.Actor)
	if sub.ContactID != "" {
		s.bits = ^uint32(0) // its feed holds only what is for it
	} else {
		s.bits = bitsOf(sub.Actor.Permissions)
	}
	if sub.WorkspaceID == "" || s.bits == 0 || contact && sub.ContactID == "" {
		return nil, start{}, fault.Forbidden("inbox:read")
	}
	r, err := h.room(ctx, sub.WorkspaceID)
	if err != nil {
		return nil, start{}, fault.Wrap("live.Subscribe", err)
	}
	s.room = r
	st, err := h.startOf(ctx, r, sub)
	return s, st, fault.Wrap("live.Subscribe", err)
}

// startOf decides between now, resuming and a reset.
func (h *Hub) startOf(ctx context.Context, r *room, sub Subscription) (start, error) {
	r.mu.Lock()
	head := r.head
	r.mu.Unlock()
	if sub.LastEventID == "" {
		return start{after: head}, nil
	}
	after, ok := sequenceNamed(sub.LastEventID)
	if !ok {
		return start{after: head, reset: true}, nil
	}
	if after == head {
		return start{after: after}, nil
	}
	oldest, last, err := span(ctx, h.db, sub.WorkspaceID)
	switch {
	case err != nil:
		return start{}, err
	case after > last, after+1 < oldest, sub.ContactID != "" && last-after > maxBehind:
		return start{after: last, reset: true}, nil
	}
	return start{after: after}, nil
}

// sequenceNamed reads a Last-Event-ID; false means that it is from elsewhere.
func sequenceNamed(lastEventID string) (int64, bool) {
	n, err := strconv.ParseInt(lastEventID, 10, 64)
	return n, err == nil && n >= 0
}

// launch seats the stream and tells it what it missed. Its sink is closed when
// that fails.
func (h *Hub) launch(ctx context.Context, s *Stream, st start, sink Sink) error {
	if s.filter != nil {
		sink = filtered{sink, s.filter}
	}
	s.sink, s.sent, s.opened = sink, st.after, h.ticks.Load()
	if s.contactID != "" {
		h.presence.join(s.room.workspaceID, s.contactID)
	}
	for !s.room.seat(s) {
		r, err := h.room(ctx, s.room.workspaceID)
		if err != nil {
			sink.Close()
			if s.contactID != "" {
				h.presence.leave(s.room.workspaceID, s.contactID)
			}
			return fault.Wrap("live.Subscribe", err)
		}
		s.room = r
	}
	err := h.joinPerson(ctx, s)
	if err == nil {
		err = s.begin(ctx, st)
	}
	if err != nil {
		h.end(s)
		return fault.Wrap("live.Subscribe", err)
	}
	return nil
}

// joinPerson has a seated stream of somebody who is signed in follow all that they
// are. Who is joined or parted later, once the stream has its seat, ends it, and it
// comes back.
func (h *Hub) joinPerson(ctx context.Context, s *Stream) error {
	if s.contactID == "" || !s.actor.SignedIn || h.members == nil {
		return nil
	}
	_, asOf, err := span(ctx, h.db, s.room.workspaceID) // at least as new is what is read next
	if err != nil {
		return err
	}
	members, err := h.members(ctx, s.room.workspaceID, s.contactID)
	if fault.Is(err, fault.KindNotFound) {
		return nil // they are promised, and nothing is held of them
	}
	if err == nil {
		s.room.attach(s, members, asOf)
	}
	return err
}

// room gives the workspace's room with its head known.
func (h *Hub) room(ctx context.Context, workspaceID string) (*room, error) {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil, fault.Unavailable(storage.CodeShuttingDown, "The server is about to stop. Try again in a moment.")
	}
	r := h.rooms[workspaceID]
	if r == nil {
		r = &room{hub: h, workspaceID: workspaceID, contacts: map[string]*feed{}, persons: map[string]person{}, typing: map[string]time.Time{},
			operators: feed{maxEntries: operatorEntries, maxBytes: operatorBytes}, used: h.ticks.Load()}
		h.rooms[workspaceID] = r
	}
	h.mu.Unlock()
	return r, r.prepare(ctx)
}

// prepare reads the head, once. What is committed from now on is queued already.
func (r *room) prepare(ctx context.Context) error {
	r.opening.Lock()
	defer r.opening.Unlock()
	r.mu.Lock()
	open := r.open
	r.mu.Unlock()
	if open {
		return nil
	}
	var head int64
	err := r.hub.db.Read(ctx, func(tx *storage.Tx) (err error) {
		head, err = sequenceOf(tx, r.workspaceID)
		return err
	})
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open, r.head, r.operators.floor = true, head, head
	r.rise(head)
	return nil
}

// roomOf gives a room that is there, or nil.
func (h *Hub) roomOf(workspaceID string) *room {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.rooms[workspaceID]
}

func (h *Hub) allRooms() []*room {
	h.mu.RLock()
	defer h.mu.RUnlock()
	all := make([]*room, 0, len(h.rooms))
	for _, r := range h.rooms {
		all = append(all, r)
	}
	return all
}

// committed takes over the events of a commit on this node.
func (h *Hub) committed(events []Event) {
	for some := range byWorkspace(events) {
		if r := h.roomOf(some[0].WorkspaceID); r != nil {
			r.offer(some)
		}
		h.node.reached(some[0].WorkspaceID, some[len(some)-1].Sequence)
	}
}

// start lets streams write. Each is counted in wg already.
func (h *Hub) start(wake, cut []*Stream) {
	for _, s := range wake {
		go func() {
			defer h.wg.Done()
			s.drain()
		}()
	}
	for _, s := range cut {
		h.end(s)
	}
}

// end closes a stream, once.
func (h *Hub) end(s *Stream) {
	if !s.room.leave(s) {
		return
	}
	h.unslot(s)
	s.sink.Close()
	close(s.done)
	if s.contactID != "" {
		h.presence.leave(s.room.workspaceID, s.contactID)
	}
}

func (h *Hub) accessed(ctx context.Context, contactIDs []string) {
	if h.reveal != nil && len(contactIDs) > 0 {
		h.reveal(ctx, contactIDs)
	}
}

// enterReplay waits for its turn to read the table.
func (h *Hub) enterReplay(ctx context.Context) (leave func(), err error) {
	select {
	case h.replays <- struct{}{}:
		return func() { <-h.replays }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-h.ctx.Done():
		return nil, errEnded
	}
}

// Kick ends streams on all nodes: of a session that was revoked, a key that was
// taken back, an operator who left. Their clients come back and are told why.
func (h *Hub) Kick(w Whose) {
	h.kick(w)
	h.node.kicked(w)
}

func (h *Hub) kick(w Whose) {
	for _, r := range h.allRooms() {
		if w.WorkspaceID == "" || w.WorkspaceID == r.workspaceID {
			for _, s := range r.matching(w, nil) {
				h.end(s)
			}
		}
	}
}

// Erased says that a contact was erased, or with an empty contact id a workspace:
// their streams end on all nodes, what waits in memory is taken out, and
// Deps.Erased is called there.
func (h *Hub) Erased(workspaceID, contactID string) {
	w := Whose{WorkspaceID: workspaceID, ContactID: contactID}
	h.forget(w)
	h.node.erased(w)
}

// Redacted leaves nothing but ids of what this node remembers having told about a
// person but the redaction of a moment: a message that was redacted is not told
// again as it was.
func (h *Hub) Redacted(workspaceID, contactID string, at time.Time) {
	if r := h.roomOf(workspaceID); r != nil && contactID != "" {
		r.redact(contactID, at)
	}
}

func (h *Hub) forget(w Whose) {
	if h.onErased != nil {
		h.onErased(w.WorkspaceID, w.ContactID)
	}
	if r := h.roomOf(w.WorkspaceID); r != nil && w.ContactID != "" {
		r.redact(w.ContactID, time.Time{})
	}
	h.kick(w)
}

// Streams gives how many streams are open on this node.
func (h *Hub) Streams() int {
	h.slotMu.Lock()
	defer h.slotMu.Unlock()
	n := 0
	for _, some := range h.slots {
		n += len(some)
	}
	return n
}
