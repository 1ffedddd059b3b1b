package live

import (
	"encoding/json"
	"sync"

	"github.com/botimum/botimum/internal/actor"
)

const (
	graceTicks    = 10  // a contact who comes back within this was never gone
	announceTicks = 30  // how often a node tells the others who is with it
	believeTicks  = 75  // how long they believe it
	snapshotLimit = 500 // contacts that a new operator's stream is told to be online
	announceLimit = 500 // contacts in one message
)

// here is where a contact is.
type here struct {
	streams int              // on this node
	until   int64            // tick up to which they count as here although they left; 0: not so
	nodes   map[string]int64 // other nodes, and the tick up to which that is believed
}

func (p *here) online() bool { return p.streams > 0 || p.until > 0 || len(p.nodes) > 0 }

// presence knows which contacts have a widget open, on this node for sure and on
// others as they tell.
type presence struct {
	hub     *Hub
	mu      sync.Mutex
	here    map[string]map[string]*here // by workspace and contact
	leaving map[[2]string]struct{}
}

func newPresence(h *Hub) *presence {
	return &presence{hub: h, here: map[string]map[string]*here{}, leaving: map[[2]string]struct{}{}}
}

// presenceNote is what nodes tell each other.
type presenceNote struct {
	WorkspaceID string   `json:"workspace_id"`
	ContactIDs  []string `json:"contact_ids"`
	Online      bool     `json:"online"`
}

// Online tells whether a contact has a widget open, as far as this node knows.
func (h *Hub) Online(workspaceID, contactID string) bool {
	p := h.presence
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.here[workspaceID][contactID]
	return c != nil && c.online()
}

func (p *presence) get(workspaceID, contactID string) *here {
	in := p.here[workspaceID]
	if in == nil {
		in = map[string]*here{}
		p.here[workspaceID] = in
	}
	c := in[contactID]
	if c == nil {
		c = &here{}
		in[contactID] = c
	}
	return c
}

func (p *presence) drop(workspaceID, contactID string) {
	delete(p.here[workspaceID], contactID)
	if len(p.here[workspaceID]) == 0 {
		delete(p.here, workspaceID)
	}
}

func (p *presence) join(workspaceID, contactID string) {
	p.mu.Lock()
	c := p.get(workspaceID, contactID)
	known, mine := c.online(), c.streams > 0 || c.until > 0
	c.streams++
	c.until = 0
	p.mu.Unlock()
	if !mine {
		p.hub.node.present(presenceNote{workspaceID, []string{contactID}, true})
	}
	if !known {
		p.tell(workspaceID, contactID, true)
	}
}

func (p *presence) leave(workspaceID, contactID string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.get(workspaceID, contactID)
	c.streams--
	if c.streams <= 0 {
		c.until = p.hub.ticks.Load() + graceTicks
		p.leaving[[2]string{workspaceID, contactID}] = struct{}{}
	}
}

// hear takes what another node tells.
func (p *presence) hear(nodeID string, note presenceNote) {
	for _, contactID := range note.ContactIDs {
		p.mu.Lock()
		c := p.get(note.WorkspaceID, contactID)
		known := c.online()
		if note.Online {
			if c.nodes == nil {
				c.nodes = map[string]int64{}
			}
			c.nodes[nodeID] = p.hub.ticks.Load() + believeTicks
		} else {
			delete(c.nodes, nodeID)
		}
		now := c.online()
		if !now {
			p.drop(note.WorkspaceID, contactID)
		}
		p.mu.Unlock()
		if known != now {
			p.tell(note.WorkspaceID, contactID, now)
		}
	}
}

// tick lets those go who have left, and tells other nodes who is here.
func (p *presence) tick(tick int64) {
	gone, offline := p.gone(tick)
	for _, note := range gone {
		p.hub.node.present(note)
	}
	if tick%announceTicks == 0 {
		offline = append(offline, p.doubt(tick)...)
		for _, note := range p.local() {
			p.hub.node.present(note)
		}
	}
	for _, who := range offline {
		p.tell(who[0], who[1], false)
	}
}

// gone gives those who left this node for good, and which of them are nowhere else.
func (p *presence) gone(tick int64) (gone []presenceNote, offline [][2]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for who := range p.leaving {
		c := p.here[who[0]][who[1]]
		switch {
		case c == nil || c.streams > 0:
			delete(p.leaving, who)
			continue
		case tick < c.until:
			continue
		}
		c.until = 0
		delete(p.leaving, who)
		gone = append(gone, presenceNote{who[0], []string{who[1]}, false})
		if !c.online() {
			p.drop(who[0], who[1])
			offline = append(offline, who)
		}
	}
	return gone, offline
}

// doubt stops believing nodes that have not spoken for long.
func (p *presence) doubt(tick int64) (offline [][2]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for workspaceID, in := range p.here {
		for contactID, c := range in {
			for node, until := range c.nodes {
				if until < tick {
					delete(c.nodes, node)
				}
			}
			if !c.online() {
				p.drop(workspaceID, contactID)
				offline = append(offline, [2]string{workspaceID, contactID})
			}
		}
	}
	return offline
}

// local gives who is on this node, as notes for the others.
func (p *presence) local() (notes []presenceNote) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for workspaceID, in := range p.here {
		note := presenceNote{WorkspaceID: workspaceID, Online: true}
		for contactID, c := range in {
			if c.streams == 0 {
				continue
			}
			note.ContactIDs = append(note.ContactIDs, contactID)
			if len(note.ContactIDs) == announceLimit {
				notes = append(notes, note)
				note.ContactIDs = nil
			}
		}
		if len(note.ContactIDs) > 0 {
			notes = append(notes, note)
		}
	}
	return notes
}

func (p *presence) tell(workspaceID, contactID string, online bool) {
	if r := p.hub.roomOf(workspaceID); r != nil {
		r.tell(appendPresence(nil, contactID, online), "")
	}
}

// snapshot appends frames of those who are online.
func (p *presence) snapshot(b []byte, workspaceID string) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for contactID, c := range p.here[workspaceID] {
		if n++; n > snapshotLimit {
			break
		}
		if c.online() {
			b = appendPresence(b, contactID, true)
		}
	}
	return b
}

func appendPresence(b []byte, contactID string, online bool) []byte {
	data, _ := json.Marshal(struct { // a string and a bool always marshal
		ContactID string `json:"contact_id"`
		Online    bool   `json:"online"`
	}{contactID, online})
	return appendFrame(b, "presence", data)
}

// typingNote says that somebody is writing.
type typingNote struct {
	WorkspaceID    string     `json:"workspace_id"`
	ConversationID string     `json:"conversation_id"`
	ContactID      string     `json:"contact_id"`
	AuthorType     actor.Type `json:"author_type"`
	AuthorID       string     `json:"author_id"`
}
