package vault

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"
)

const shardCount = 16

// cache holds the keys in use: a bounded number, each for a bounded time. Looking
// one up takes a shared lock on one of sixteen shards and allocates nothing. When
// a shard is full the clock algorithm makes room: the hand passes over what was
// used since its last round.
type cache struct {
	seed   maphash.Seed
	life   time.Duration
	shards [shardCount]shard
}

type shard struct {
	mu   sync.RWMutex
	keys map[Subject]*cached
	ring []*cached
	hand int
	room int
	gen  uint64 // counts forgettings
}

type cached struct {
	key     *Key
	expires int64 // Unix nanoseconds
	slot    int
	used    atomic.Bool
}

func newCache(entries int, life time.Duration) *cache {
	c := &cache{seed: maphash.MakeSeed(), life: life}
	for i := range c.shards {
		s := &c.shards[i]
		s.keys = make(map[Subject]*cached)
		s.room = max(1, (entries+i)/shardCount)
	}
	return c
}

func (c *cache) shard(s Subject) *shard {
	text := s.ID // ids are unique; the workspace distinguishes only its own key
	if text == "" {
		text = s.Workspace
	}
	return &c.shards[maphash.String(c.seed, text)%shardCount]
}

// get gives the key, if it is held and not too old.
func (c *cache) get(s Subject, now time.Time) *Key {
	sh := c.shard(s)
	sh.mu.RLock()
	e := sh.keys[s]
	sh.mu.RUnlock()
	if e == nil || now.UnixNano() >= e.expires {
		return nil
	}
	if !e.used.Load() {
		e.used.Store(true)
	}
	return e.key
}

// generation is taken before a key is read from the database and shown to put,
// which refuses the key when something was forgotten in between: it could be the
// very key that was read.
func (c *cache) generation(s Subject) uint64 {
	sh := c.shard(s)
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	return sh.gen
}

// put holds the key from the moment its reading began, and tells whether it did.
// It gives the key to use: where an older reading of it is held still, that one,
// so that forgetting it reaches everybody who has it.
func (c *cache) put(k *Key, began time.Time, gen uint64) (*Key, bool) {
	sh := c.shard(k.subject)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.gen != gen {
		return k, false
	}
	e := &cached{key: k, expires: began.Add(c.life).UnixNano()}
	if old := sh.keys[k.subject]; old != nil {
		e.key, e.slot = old.key, old.slot
		sh.ring[e.slot] = e
	} else {
		sh.place(e)
	}
	sh.keys[k.subject] = e
	return e.key, true
}

// place finds a slot on the ring, at the cost of an entry that went unused.
func (sh *shard) place(e *cached) {
	if len(sh.ring) < sh.room {
		e.slot = len(sh.ring)
		sh.ring = append(sh.ring, e)
		return
	}
	for sh.ring[sh.hand].used.Swap(false) {
		sh.hand = (sh.hand + 1) % len(sh.ring)
	}
	delete(sh.keys, sh.ring[sh.hand].key.subject)
	e.slot = sh.hand
	sh.ring[sh.hand] = e
	sh.hand = (sh.hand + 1) % len(sh.ring)
}

// drop takes an entry off map and ring and disables its key.
func (sh *shard) drop(e *cached) {
	e.key.kill()
	delete(sh.keys, e.key.subject)
	last := len(sh.ring) - 1
	sh.ring[e.slot] = sh.ring[last]
	sh.ring[e.slot].slot = e.slot
	sh.ring[last] = nil
	sh.ring = sh.ring[:last]
	if sh.hand >= last {
		sh.hand = 0
	}
}

// forget drops the subject's key; for a workspace, the keys of all in it.
func (c *cache) forget(s Subject) {
	if s.ID != "" {
		sh := c.shard(s)
		sh.mu.Lock()
		defer sh.mu.Unlock()
		sh.gen++
		if e := sh.keys[s]; e != nil {
			sh.drop(e)
		}
		return
	}
	for i := range c.shards {
		c.shards[i].forgetAll(func(held Subject) bool { return held.Workspace == s.Workspace })
	}
}

// gone is forget for a key that was not found in the database: a message about its
// erasure may have been lost. It does not count where nothing is held, so that
// asking for nobody's key disturbs no one.
func (c *cache) gone(s Subject) {
	sh := c.shard(s)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if e := sh.keys[s]; e != nil {
		sh.gen++
		sh.drop(e)
	}
}

// clear drops everything.
func (c *cache) clear() {
	for i := range c.shards {
		c.shards[i].forgetAll(func(Subject) bool { return true })
	}
}

func (sh *shard) forgetAll(is func(Subject) bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.gen++
	for i := len(sh.ring) - 1; i >= 0; i-- { // drop moves the last entry, which was looked at
		if is(sh.ring[i].key.subject) {
			sh.drop(sh.ring[i])
		}
	}
}

// len counts the keys held.
func (c *cache) len() int {
	n := 0
	for i := range c.shards {
		sh := &c.shards[i]
		sh.mu.RLock()
		n += len(sh.keys)
		sh.mu.RUnlock()
	}
	return n
}
