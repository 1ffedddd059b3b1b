package vault

import (
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestCacheIsBounded(t *testing.T) {
	for _, entries := range []int{1, 16, 100, 1000} {
		c := newCache(entries, time.Minute)
		for i := range 5000 {
			k := testKey(t, Subject{"w", strconv.Itoa(i)})
			c.put(k, start, c.generation(k.subject))
		}
		if most := max(entries, shardCount); c.len() > most || c.len() < entries/2 {
			t.Errorf("%d of %d entries", c.len(), entries)
		}
	}
}

func TestCacheKeepsWhatIsUsed(t *testing.T) {
	c := newCache(160, time.Minute)
	hot := testKey(t, anna)
	c.put(hot, start, c.generation(anna))
	for i := range 2000 {
		if c.get(anna, start) != hot {
			t.Fatalf("the key in use was dropped after %d others", i)
		}
		k := testKey(t, Subject{"w", strconv.Itoa(i)})
		c.put(k, start, c.generation(k.subject))
	}
}

func TestCacheRefusesWhatWasForgottenMeanwhile(t *testing.T) {
	c := newCache(100, time.Minute)
	for _, forgotten := range []Subject{anna, {Workspace: anna.Workspace}} {
		gen := c.generation(anna)
		c.forget(forgotten)
		if _, held := c.put(testKey(t, anna), start, gen); held {
			t.Errorf("a key read before %v was forgotten came back", forgotten)
		}
	}
}

func TestForgettingReachesEveryReadingOfAKey(t *testing.T) {
	c := newCache(100, time.Minute)
	first, _ := c.put(testKey(t, anna), start, c.generation(anna))
	later := start.Add(time.Hour) // the first has expired, and is read again
	if c.get(anna, later) != nil {
		t.Fatal("it has not expired")
	}
	c.put(testKey(t, anna), later, c.generation(anna))
	if c.get(anna, later) != first {
		t.Error("two readings of one key are in use")
	}
	c.forget(anna)
	if first.box.Load() != nil {
		t.Error("the first reading was not disabled")
	}
}

// TestCacheAgreesWithAMap drives the cache with random operations. It may hold
// less than a map would, but never something else.
func TestCacheAgreesWithAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newCache(rapid.IntRange(1, 40).Draw(t, "entries"), time.Minute)
		model := make(map[Subject]*Key)
		now := start
		some := rapid.Custom(func(t *rapid.T) Subject {
			return Subject{rapid.SampledFrom([]string{"a", "b"}).Draw(t, "w"), strconv.Itoa(rapid.IntRange(0, 60).Draw(t, "s"))}
		})
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				s := some.Draw(t, "subject")
				k := &Key{subject: s}
				k.box.Store(&box{})
				model[s], _ = c.put(k, now, c.generation(s))
			},
			"get": func(t *rapid.T) {
				s := some.Draw(t, "subject")
				if k := c.get(s, now); k != nil && k != model[s] {
					t.Fatalf("%v: another key", s)
				}
			},
			"forget": func(t *rapid.T) {
				s := some.Draw(t, "subject")
				c.forget(s)
				delete(model, s)
			},
			"forget workspace": func(t *rapid.T) {
				w := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "w")
				c.forget(Subject{Workspace: w})
				for s := range model {
					if s.Workspace == w {
						delete(model, s)
					}
				}
			},
			"wait": func(*rapid.T) { now = now.Add(time.Minute) },
			"": func(t *rapid.T) {
				for i := range c.shards {
					sh := &c.shards[i]
					if len(sh.ring) != len(sh.keys) || len(sh.ring) > sh.room {
						t.Fatalf("ring %d, map %d, room %d", len(sh.ring), len(sh.keys), sh.room)
					}
					for slot, e := range sh.ring {
						if e.slot != slot || sh.keys[e.key.subject] != e {
							t.Fatal("ring and map disagree")
						}
					}
				}
			},
		})
	})
}
