package request

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How often a network may ask for links, and a person for the same kind of thing.
// Each begins with a full measure: a first request is never refused.
const (
	perNetwork   = time.Minute
	burstNetwork = 20
	perPerson    = 10 * time.Minute
	burstPerson  = 10
)

const mostPaces = 20_000

// pace lets each key do something burst times at once, and then once per interval.
type pace struct {
	every time.Duration
	burst int

	mu   sync.Mutex
	keys map[string]*rate.Limiter
}

func newPace(every time.Duration, burst int) *pace {
	return &pace{every: every, burst: burst, keys: map[string]*rate.Limiter{}}
}

// take uses one of the key's turns and gives 0, or says how long to wait.
func (p *pace) take(now time.Time, key string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	l, known := p.keys[key]
	if !known {
		if len(p.keys) >= mostPaces {
			p.forget(now)
		}
		l = rate.NewLimiter(rate.Every(p.every), p.burst)
		p.keys[key] = l
	}
	if l.AllowN(now, 1) {
		return 0
	}
	return p.every
}

// forget drops who has a full measure, and everybody where none has: kinder than
// refusing whom we do not know.
func (p *pace) forget(now time.Time) {
	for key, l := range p.keys {
		if l.TokensAt(now) >= float64(p.burst) {
			delete(p.keys, key)
		}
	}
	if len(p.keys) >= mostPaces {
		clear(p.keys)
	}
}
