package httpx

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/botimum/botimum/internal/fault"
)

// Limiter gives each caller a bucket of requests. It is bounded: when too many
// are known, the buckets that are full again are forgotten.
type Limiter struct {
	perSecond int
	mu        sync.Mutex
	buckets   map[string]*rate.Limiter
}

const maxBuckets = 50_000

// NewLimiter allows each caller so many requests a second, and twice that at
// once; 0 allows any.
func NewLimiter(perSecond int) *Limiter {
	return &Limiter{perSecond: perSecond, buckets: map[string]*rate.Limiter{}}
}

// Take counts one request of a caller, sets the RateLimit headers of
// draft-ietf-httpapi-ratelimit-headers, and says when it is one too many.
func (l *Limiter) Take(h http.Header, who string, now time.Time) error {
	if l.perSecond <= 0 {
		return nil
	}
	b := l.bucket(who, now)
	allowed := b.AllowN(now, 1)
	left := max(int(b.TokensAt(now)), 0)
	h.Set("RateLimit-Policy", fmt.Sprintf(`"default";q=%d;w=1`, l.perSecond))
	h.Set("RateLimit", fmt.Sprintf(`"default";r=%d;t=1`, left))
	if !allowed {
		return fault.TooMany(time.Second, "Too many requests at once. Wait a second, then go on.")
	}
	return nil
}

func (l *Limiter) bucket(who string, now time.Time) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.buckets[who]
	if !ok {
		if len(l.buckets) >= maxBuckets {
			l.forgetFull(now)
		}
		b = rate.NewLimiter(rate.Limit(l.perSecond), 2*l.perSecond)
		l.buckets[who] = b
	}
	return b
}

func (l *Limiter) forgetFull(now time.Time) {
	for who, b := range l.buckets {
		if b.TokensAt(now) >= float64(b.Burst()) {
			delete(l.buckets, who)
		}
	}
	if len(l.buckets) >= maxBuckets {
		clear(l.buckets) // everyone starts anew: kinder than refusing whom we do not know
	}
}
