package workspace

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/botimum/botimum/internal/fault"
)

func TestCheckPassword(t *testing.T) {
	for _, ok := range []string{"quiet paper and ink", "Zwölf Boxkämpfer", "correct horse battery staple!", "9fJ2-kq8Z_x1W", "密码密码密码是一个很长的密码"} {
		if why := checkPassword(ok, "ada@example.org", "Ada Lovelace"); why != "" {
			t.Errorf("%q: %s", ok, why)
		}
	}
	for _, bad := range []string{"", "short", "elevenchars", "ada@example.org", "Ada@Example.org", "Ada Lovelace", "ada lovelace1", "Password1234", "passwordpassword",
		"123456789012", "210987654321", "aaaaaaaaaaaa", "abcabcabcabc", "abcdefghijklm", "qwertyuiop123", "Administrator1", "test12345678",
		strings.Repeat("long ", 60), "not text\xff\xfe\xfd\xfc"} {
		if why := checkPassword(bad, "ada@example.org", "Ada Lovelace"); why == "" {
			t.Errorf("%q was taken", bad)
		}
	}
}

var cheap = PasswordCost{Memory: 8, Time: 1, Threads: 1}

func TestHashVerifies(t *testing.T) {
	h := newHasher(cheap)
	ctx := context.Background()
	hash, err := h.hash(ctx, "quiet paper and ink")
	if err != nil {
		t.Fatal(err)
	}
	other, _ := h.hash(ctx, "quiet paper and ink")
	if hash == other || strings.Contains(hash, "paper") || !strings.HasPrefix(hash, "$argon2id$v=19$m=8,t=1,p=1$") {
		t.Errorf("hashes %q and %q", hash, other)
	}
	tests := []struct {
		name, password, hash string
		ok                   bool
	}{
		{"right", "quiet paper and ink", hash, true},
		{"wrong", "quiet paper and inc", hash, false},
		{"empty", "", hash, false},
		{"nobody's", "quiet paper and ink", "", false},
		{"nobody's, empty", "", "", false},
		{"broken", "quiet paper and ink", hash[:len(hash)-4], false},
		{"of another kind", "x", "$2y$10$abcdefghijklmnopqrstuv", false},
		{"greedy", "x", strings.Replace(hash, "m=8", "m=99999999", 1), false},
		{"endless", "x", strings.Replace(hash, "t=1", "t=99999999", 1), false},
	}
	for _, tt := range tests {
		if ok, _, err := h.verify(ctx, tt.password, tt.hash); ok != tt.ok || err != nil {
			t.Errorf("%s: %v, %v", tt.name, ok, err)
		}
	}
	dearer := newHasher(PasswordCost{Memory: 16, Time: 1, Threads: 1})
	if ok, outdated, _ := dearer.verify(ctx, "quiet paper and ink", hash); !ok || !outdated {
		t.Errorf("an old hash: ok %v, outdated %v", ok, outdated)
	}
	if composed, decomposed := "caf\u00e9 caf\u00e9 caf\u00e9", "cafe\u0301 cafe\u0301 cafe\u0301"; true {
		hash, _ := h.hash(ctx, composed)
		if ok, _, _ := h.verify(ctx, decomposed, hash); !ok {
			t.Error("the same password typed on another keyboard is refused")
		}
	}
}

// However many try at once, few hash, some wait and the rest are sent away.
func TestHasherIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(cheap)
		ctx, cancel := context.WithCancel(t.Context())
		for range hashSlots {
			if err := h.acquire(ctx); err != nil {
				t.Fatal(err)
			}
		}
		for range hashQueue {
			go func() { _, _, _ = h.verify(ctx, "x", "") }()
		}
		synctest.Wait()
		if _, err := h.hash(ctx, "x"); !fault.Is(err, fault.KindTooMany) || fault.As(err).RetryAfter <= 0 {
			t.Errorf("one too many: %v", err)
		}
		cancel()
		synctest.Wait()
		if n := h.waiting.Load(); n != 0 {
			t.Errorf("%d still wait", n)
		}
	})
}
