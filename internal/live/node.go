package live

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/storage"
)

// The subjects of messages between nodes.
const (
	subjectReached  = "reached"
	subjectTyping   = "typing"
	subjectPresence = "presence"
	subjectErased   = "erased"
	subjectKick     = "kick"
)

const (
	reachedLimit = 500  // workspaces in one message
	notesLimit   = 4096 // messages that may wait; typing and presence beyond are dropped
)

// message is the payload of all subjects: ids only.
type message struct {
	Node     string           `json:"node"`
	Reached  map[string]int64 `json:"reached,omitempty"`
	Typing   *typingNote      `json:"typing,omitempty"`
	Presence *presenceNote    `json:"presence,omitempty"`
	Whose    *Whose           `json:"whose,omitempty"`
}

type note struct {
	subject string
	message message
}

// node speaks with the other nodes. Without a broker it only polls, where the
// database can be written by others.
type node struct {
	hub     *Hub
	id      string
	broker  Broker
	cancel  func()
	failing bool // only for speak

	mu      sync.Mutex
	risen   map[string]int64 // what the others have not been told yet
	notes   []note
	stopped bool
	wake    chan struct{}
	poll    chan struct{}
}

func newNode(h *Hub, b Broker) *node {
	return &node{hub: h, id: id.New("node"), broker: b, risen: map[string]int64{},
		wake: make(chan struct{}, 1), poll: make(chan struct{}, 1)}
}

func (n *node) begin() {
	if n.broker != nil {
		cancel, err := n.broker.Subscribe(Listener{Message: n.hear, Missed: n.missed})
		if err != nil {
			n.hub.log.Error("live: other nodes cannot be heard; they are polled", "error", err)
		}
		n.cancel = cancel
		n.hub.wg.Add(1)
		go n.speak()
	}
	// On PostgreSQL a commit whose answer was lost is noticed by this too.
	if n.broker != nil || n.hub.db.Engine() == storage.Postgres {
		n.hub.wg.Add(1)
		go n.pollAlong()
	}
}

// stop may be called again.
func (n *node) stop() {
	n.mu.Lock()
	stopped := n.stopped
	n.stopped = true
	n.mu.Unlock()
	if !stopped && n.cancel != nil {
		n.cancel()
	}
}

// reached tells the others that a workspace has reached a sequence. It is called
// for every commit and only notes it: what comes together goes together.
func (n *node) reached(workspaceID string, sequence int64) {
	if n.broker == nil {
		return
	}
	n.mu.Lock()
	n.risen[workspaceID] = max(n.risen[workspaceID], sequence)
	n.mu.Unlock()
	ring(n.wake)
}

func (n *node) typed(t typingNote) { n.post(subjectTyping, message{Typing: &t}, true) }

func (n *node) present(p presenceNote) { n.post(subjectPresence, message{Presence: &p}, true) }

func (n *node) erased(w Whose) { n.post(subjectErased, message{Whose: &w}, false) }

func (n *node) kicked(w Whose) { n.post(subjectKick, message{Whose: &w}, false) }

func (n *node) post(subject string, m message, droppable bool) {
	if n.broker == nil {
		return
	}
	n.mu.Lock()
	if !droppable || len(n.notes) < notesLimit {
		n.notes = append(n.notes, note{subject, m})
	}
	n.mu.Unlock()
	ring(n.wake)
}

func ring(bell chan struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}

// speak publishes what has gathered.
func (n *node) speak() {
	defer n.hub.wg.Done()
	for {
		select {
		case <-n.wake:
			n.publishAll()
		case <-n.hub.ctx.Done():
			n.publishAll()
			return
		}
	}
}

func (n *node) publishAll() {
	n.mu.Lock()
	risen, notes := n.risen, n.notes
	n.risen, n.notes = map[string]int64{}, nil
	n.mu.Unlock()
	for _, m := range notes {
		n.publish(m.subject, m.message)
	}
	some := map[string]int64{}
	for workspaceID, sequence := range risen {
		some[workspaceID] = sequence
		if len(some) == reachedLimit {
			n.publish(subjectReached, message{Reached: some})
			some = map[string]int64{}
		}
	}
	if len(some) > 0 {
		n.publish(subjectReached, message{Reached: some})
	}
}

func (n *node) publish(subject string, m message) {
	m.Node = n.id
	payload, err := json.Marshal(m)
	if err == nil {
		err = n.broker.Publish(context.Background(), subject, payload)
	}
	if err != nil && !n.failing {
		n.hub.log.Error("live: other nodes cannot be told; they poll", "error", err)
	}
	n.failing = err != nil
}

// hear takes a message of another node.
func (n *node) hear(subject string, payload []byte) {
	var m message
	if err := json.Unmarshal(payload, &m); err != nil {
		n.hub.log.Warn("live: a message of another node cannot be read", "subject", subject)
		return
	}
	if m.Node == n.id {
		return
	}
	switch {
	case subject == subjectReached:
		for workspaceID, sequence := range m.Reached {
			if r := n.hub.roomOf(workspaceID); r != nil {
				r.hear(sequence)
			}
		}
	case subject == subjectTyping && m.Typing != nil:
		n.hub.typed(*m.Typing)
	case subject == subjectPresence && m.Presence != nil:
		n.hub.presence.hear(m.Node, *m.Presence)
	case subject == subjectErased && m.Whose != nil:
		n.hub.forget(*m.Whose)
	case subject == subjectKick && m.Whose != nil:
		n.hub.kick(*m.Whose)
	}
}

// missed reads each workspace again, and has the streams renewed within a
// heartbeat: a session may have been revoked meanwhile.
func (n *node) missed() {
	n.hub.renewed.Store(n.hub.ticks.Load())
	ring(n.poll)
}

// pollAlong looks at the table every now and then, so that a lost message only
// delays.
func (n *node) pollAlong() {
	defer n.hub.wg.Done()
	t := time.NewTicker(pollEvery)
	defer t.Stop()
	for {
		select {
		case <-t.C:
		case <-n.poll:
		case <-n.hub.ctx.Done():
			return
		}
		n.look()
	}
}

func (n *node) look() {
	rooms := n.hub.allRooms()
	for some := range slices.Chunk(rooms, reachedLimit) {
		ids := make([]string, len(some))
		for i, r := range some {
			ids[i] = r.workspaceID
		}
		found, err := sequencesOf(n.hub.ctx, n.hub.db, ids)
		if err != nil {
			if n.hub.ctx.Err() == nil {
				n.hub.log.Error("live: the table cannot be polled", "error", err)
			}
			return
		}
		for _, r := range some {
			r.hear(found[r.workspaceID])
		}
	}
}
