package segment

import (
	"sync"
	"time"

	"github.com/botimum/botimum/internal/storage"
)

const (
	keepIdle    = 10 * time.Minute
	shelfBudget = 384 << 20 // bytes of all snapshots together
)

// shelf holds the snapshots of the workspaces that are being asked about.
type shelf struct {
	mu sync.Mutex
	by map[string]*snapshot
}

// take gives a workspace's snapshot, locked; nil where it is busy and wait is false.
func (h *shelf) take(workspaceID string, now time.Time, wait bool) *snapshot {
	h.mu.Lock()
	if h.by == nil {
		h.by = map[string]*snapshot{}
	}
	p := h.by[workspaceID]
	if p == nil {
		p = &snapshot{}
		h.by[workspaceID] = p
	}
	p.touched = now
	h.mu.Unlock()
	if wait {
		p.mu.Lock()
	} else if !p.mu.TryLock() {
		return nil
	}
	return p
}

// put gives a snapshot back. Those that were not used for longest go while all
// together take too much.
func (h *shelf) put(p *snapshot) {
	size := p.bytes
	p.mu.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	p.weight = size
	for {
		total, oldest := 0, ""
		for id, q := range h.by {
			total += q.weight
			if oldest == "" || q.touched.Before(h.by[oldest].touched) {
				oldest = id
			}
		}
		if total <= shelfBudget {
			return
		}
		delete(h.by, oldest) // whoever is using it goes on; it is not found any more
	}
}

// Sweep lets go of what nobody asked about for ten minutes.
func (s *Service) Sweep() {
	now := s.Clock.Now()
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	for id, p := range s.shelf.by {
		if now.Sub(p.touched) >= keepIdle {
			delete(s.shelf.by, id)
		}
	}
}

// ask answers a tree from memory, if it asks about nothing but plain attributes, of
// a workspace that is large enough. The snapshot must be locked, or nil.
func (s *Service) ask(tx *storage.Tx, p *snapshot, workspaceID string, t tree) (set, bool, error) {
	if p == nil {
		return nil, false, nil
	}
	keys, ok := t.plain()
	if !ok {
		return nil, false, nil
	}
	from := s.SnapshotFrom
	if from == 0 {
		from = defaultFrom
	}
	if ok, err := p.ready(tx, workspaceID, s.Visible, from, keys); !ok || err != nil {
		return nil, false, err
	}
	return p.find(t), true, nil
}
