package workspace

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/botimum/botimum/internal/fault"
)

// PasswordCost is how much work an argon2id hash is (RFC 9106).
type PasswordCost struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8
}

// DefaultPasswordCost is OWASP's second choice: 19 MiB, two passes, one thread.
func DefaultPasswordCost() PasswordCost { return PasswordCost{Memory: 19 * 1024, Time: 2, Threads: 1} }

const (
	saltLen = 16
	sumLen  = 32
	// hashing at once: each holds PasswordCost.Memory
	hashSlots = 2
	// waiting for a slot; who comes after is sent away
	hashQueue = 32

	// What a stored hash may ask for, so that a row that someone wrote cannot
	// take the memory.
	maxHashMemory = 1 << 20 // KiB
	maxHashTime   = 32
)

// hasher hashes passwords, few at a time.
type hasher struct {
	cost    PasswordCost
	slots   chan struct{}
	waiting atomic.Int32
}

func newHasher(cost PasswordCost) *hasher {
	if cost == (PasswordCost{}) {
		cost = DefaultPasswordCost()
	}
	return &hasher{cost: cost, slots: make(chan struct{}, hashSlots)}
}

// acquire waits for a slot.
func (h *hasher) acquire(ctx context.Context) error {
	if h.waiting.Add(1) > hashQueue {
		h.waiting.Add(-1)
		return fault.TooMany(2*time.Second, "Many people are signing in just now. Try again in a moment.")
	}
	defer h.waiting.Add(-1)
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *hasher) release() { <-h.slots }

// hash gives a password's hash with its parameters, as PHC strings have it.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.acquire(ctx); err != nil {
		return "", err
	}
	defer h.release()
	salt := make([]byte, saltLen)
	rand.Read(salt)
	sum := argon2.IDKey(preparePassword(password), salt, h.cost.Time, h.cost.Memory, h.cost.Threads, sumLen)
	return encodeHash(h.cost, salt, sum), nil
}

// verify tells whether the password belongs to the hash, and whether the hash
// should be made again because the cost has changed. The empty hash belongs to
// no password, and is found out in the same time as any other.
func (h *hasher) verify(ctx context.Context, password, encoded string) (ok, outdated bool, err error) {
	cost, salt, sum, valid := decodeHash(encoded)
	if !valid {
		cost, salt, sum = h.cost, make([]byte, saltLen), make([]byte, sumLen)
	}
	if err := h.acquire(ctx); err != nil {
		return false, false, err
	}
	defer h.release()
	got := argon2.IDKey(preparePassword(password), salt, cost.Time, cost.Memory, cost.Threads, sumLen)
	same := subtle.ConstantTimeCompare(got, sum) == 1
	return same && valid, cost != h.cost, nil
}

func encodeHash(c PasswordCost, salt, sum []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Time, c.Threads, b64(salt), b64(sum))
}

func decodeHash(encoded string) (c PasswordCost, salt, sum []byte, ok bool) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Time, &c.Threads); err != nil {
		return c, nil, nil, false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	sum, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	ok = err1 == nil && err2 == nil && len(sum) == sumLen && len(salt) >= 8 &&
		c.Memory > 0 && c.Memory <= maxHashMemory && c.Time > 0 && c.Time <= maxHashTime && c.Threads > 0
	return c, salt, sum, ok
}
