package boards

import (
	"sync"
	"time"
)

// recent holds what was made from rows a moment ago, so that it is not made anew for
// each reader. Whoever takes something from it proves first that it still is what the
// row says; recent itself forgets by size and by age alone, and what it is told to. It
// is safe for concurrent use.
type recent[V any] struct {
	most int // bytes of each of two generations
	mu   sync.Mutex
	// What is asked for moves from old to young; old goes as a whole.
	young, old map[string]V
	size       int // of young
	turned     time.Time
}

// recentFor is how long what nobody asks for stays at least; at most twice that, once
// anything is asked for.
const recentFor = time.Minute

func (r *recent[V]) get(now time.Time, key string) (v V, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn(now)
	if v, ok = r.young[key]; ok {
		return v, ok
	}
	if v, ok = r.old[key]; ok {
		r.place(key, v, 0)
	}
	return v, ok
}

func (r *recent[V]) put(now time.Time, key string, v V, size int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn(now)
	r.place(key, v, size)
}

func (r *recent[V]) place(key string, v V, size int) {
	const each = 200 // of the maps, and of what has no size of its own
	if r.young == nil || r.size > r.most {
		r.young, r.old, r.size = map[string]V{}, r.young, 0
	}
	r.size += size + each
	r.young[key] = v
	delete(r.old, key)
}

// turn begins a generation when the last one is old.
func (r *recent[V]) turn(now time.Time) {
	if now.Sub(r.turned) < recentFor {
		return
	}
	r.young, r.old, r.size = nil, r.young, 0
	if now.Sub(r.turned) >= 2*recentFor {
		r.old = nil
	}
	r.turned = now
}

// dropIf forgets what is told.
func (r *recent[V]) dropIf(is func(key string, v V) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, some := range []map[string]V{r.young, r.old} {
		for key, v := range some {
			if is(key, v) {
				delete(some, key)
			}
		}
	}
}
