package workspace

import (
	"sync"
	"time"
)

// cache keeps values for a while. What is forgotten while it was being loaded is
// not kept: take the generation before loading, and give it to put.
type cache[K comparable, V any] struct {
	life time.Duration
	most int

	mu         sync.RWMutex
	generation uint64
	entries    map[K]cacheEntry[V]
}

type cacheEntry[V any] struct {
	value V
	until time.Time
}

func newCache[K comparable, V any](life time.Duration, most int) *cache[K, V] {
	return &cache[K, V]{life: life, most: most, entries: make(map[K]cacheEntry[V])}
}

// get gives the key's value and whether there is one. Without one, the generation
// is for put.
func (c *cache[K, V]) get(now time.Time, key K) (value V, generation uint64, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	e, ok := c.entries[key]
	if !ok || !now.Before(e.until) {
		return value, c.generation, false
	}
	return e.value, c.generation, true
}

// put keeps a value that was loaded since get gave the generation.
func (c *cache[K, V]) put(now time.Time, generation uint64, key K, value V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation != c.generation {
		return
	}
	if len(c.entries) >= c.most {
		c.makeRoom(now)
	}
	c.entries[key] = cacheEntry[V]{value, now.Add(c.life)}
}

// makeRoom drops what is over, and if that is nothing, an eighth of the rest.
func (c *cache[K, V]) makeRoom(now time.Time) {
	for key, e := range c.entries {
		if !now.Before(e.until) {
			delete(c.entries, key)
		}
	}
	for key := range c.entries {
		if len(c.entries) < c.most-c.most/8 {
			return
		}
		delete(c.entries, key)
	}
}

// forget drops the entries that match, and whatever is being loaded.
func (c *cache[K, V]) forget(match func(K, V) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	for key, e := range c.entries {
		if match(key, e.value) {
			delete(c.entries, key)
		}
	}
}
