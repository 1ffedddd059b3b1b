package live

import "time"

// tickAlong is the hub's only timer: a heartbeat each 15 ticks for each stream, a
// fifteenth of them at a time, and tidying.
func (h *Hub) tickAlong() {
	defer h.wg.Done()
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			h.tick()
		case <-h.ctx.Done():
			return
		}
	}
}

func (h *Hub) tick() {
	tick := h.ticks.Add(1)
	h.slotMu.Lock()
	due := append([]*Stream(nil), h.slots[tick%heartbeatTicks]...)
	h.slotMu.Unlock()
	for _, s := range due {
		h.beat(s, tick)
	}
	h.presence.tick(tick)
	if tick%5 == 0 {
		for _, r := range h.allRooms() {
			h.tidy(r, tick)
		}
	}
}

// beat makes a stream write a heartbeat, or ends it if it is old. Streams grow
// differently old, so that they do not all come back at once.
func (h *Hub) beat(s *Stream, tick int64) {
	if tick-s.opened > maxAgeTicks+20*int64(s.slot) || s.opened < h.renewed.Load() {
		h.end(s)
		return
	}
	r := s.room
	r.mu.Lock()
	wake := s.live && !s.closed && !r.closed
	if wake {
		s.beat = true
		wake = !s.active
	}
	if wake {
		s.active = true
		h.wg.Add(1)
	}
	r.mu.Unlock()
	if wake {
		h.start([]*Stream{s}, nil)
	}
}

func (h *Hub) tidy(r *room, tick int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.tidy(tick) && h.rooms[r.workspaceID] == r {
		delete(h.rooms, r.workspaceID)
	}
}

func (h *Hub) slot(s *Stream) {
	h.slotMu.Lock()
	defer h.slotMu.Unlock()
	s.slot = h.nextSlot
	h.nextSlot = (h.nextSlot + 1) % heartbeatTicks
	s.slotIndex = len(h.slots[s.slot])
	h.slots[s.slot] = append(h.slots[s.slot], s)
}

func (h *Hub) unslot(s *Stream) {
	h.slotMu.Lock()
	defer h.slotMu.Unlock()
	some := h.slots[s.slot]
	last := len(some) - 1
	some[s.slotIndex] = some[last]
	some[s.slotIndex].slotIndex = s.slotIndex
	some[last] = nil
	h.slots[s.slot] = some[:last]
}
