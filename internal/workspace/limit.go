package workspace

import (
	"context"
	"net/netip"
	"sync"
	"time"
)

// limiter lets each key do something burst times at once and then once per
// interval. It keeps one moment a key: when the key's debt is paid (the generic
// cell rate algorithm).
type limiter struct {
	every time.Duration
	burst int
	most  int // keys in memory

	mu   sync.Mutex
	paid map[string]time.Time
}

func newLimiter(every time.Duration, burst, most int) *limiter {
	return &limiter{every: every, burst: burst, most: most, paid: make(map[string]time.Time)}
}

// take uses one of the key's turns and gives 0, or tells how long to wait for
// one. The empty key is not limited.
func (l *limiter) take(now time.Time, key string) time.Duration {
	if key == "" {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	paid := now
	if p, known := l.paid[key]; known && p.After(now) {
		paid = p
	}
	if wait := paid.Sub(now) - time.Duration(l.burst-1)*l.every; wait > 0 {
		return wait
	}
	l.makeRoom(now)
	l.paid[key] = paid.Add(l.every)
	return 0
}

// giveBack returns a turn that turned out to be innocent.
func (l *limiter) giveBack(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p, known := l.paid[key]; known {
		l.paid[key] = p.Add(-l.every)
	}
}

// makeRoom forgets keys without debt, and any one if all have some.
func (l *limiter) makeRoom(now time.Time) {
	if len(l.paid) < l.most {
		return
	}
	for key, paid := range l.paid {
		if !paid.After(now) {
			delete(l.paid, key)
		}
	}
	for key := range l.paid {
		if len(l.paid) < l.most {
			return
		}
		delete(l.paid, key)
	}
}

type networkKey struct{}

// WithNetwork gives a context that knows from which network a request came, for
// the limits of sign-in. The network is never stored.
func WithNetwork(ctx context.Context, network string) context.Context {
	return context.WithValue(ctx, networkKey{}, network)
}

// NetworkFrom gives the network that a request came from, or "".
func NetworkFrom(ctx context.Context) string {
	s, _ := ctx.Value(networkKey{}).(string)
	return s
}

// NetworkOf gives the network of a client's address, with or without a port: an
// IPv4 address itself, the /64 of an IPv6 address, "" for what is no address.
func NetworkOf(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		ap, err := netip.ParseAddrPort(address)
		if err != nil {
			return ""
		}
		ip = ap.Addr()
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	p, err := ip.Prefix(64)
	if err != nil {
		return ""
	}
	return p.String()
}
