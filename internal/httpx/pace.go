package httpx

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const mostPaces = 20_000

// Pace lets each key do something some times at once, and then once per interval. A
// key begins with a full measure: a first time is never refused.
type Pace struct {
	every time.Duration
	burst int

	mu   sync.Mutex
	keys map[string]*rate.Limiter
}

// NewPace allows burst times at once, and then one per interval.
func NewPace(every time.Duration, burst int) *Pace {
	return &Pace{every: every, burst: burst, keys: map[string]*rate.Limiter{}}
}

// Take uses one of the key's turns and gives 0, or says how long to wait.
func (p *Pace) Take(now time.Time, key string) time.Duration {
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
func (p *Pace) forget(now time.Time) {
	for key, l := range p.keys {
		if l.TokensAt(now) >= float64(p.burst) {
			delete(p.keys, key)
		}
	}
	if len(p.keys) >= mostPaces {
		clear(p.keys)
	}
}
