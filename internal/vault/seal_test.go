package vault

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/botimum/botimum/internal/fault"
)

func testKey(t testing.TB, s Subject) *Key {
	k, err := newKey(s, randomKey())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// text draws short texts over few letters, so that near misses are common.
var text = rapid.StringOfN(rapid.SampledFrom([]rune("ab_é\x00")), 0, 4, -1)

func place(t *rapid.T) Place {
	return Place{text.Draw(t, "table"), text.Draw(t, "column"), text.Draw(t, "row")}
}

func subject(t *rapid.T) Subject {
	s := Subject{text.Draw(t, "workspace"), text.Draw(t, "id")}
	if !s.valid() {
		s.ID = "x"
	}
	return s
}

func TestSealedValueOpensInItsPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k, err := newKey(subject(t), randomKey())
		if err != nil {
			t.Fatal(err)
		}
		p, plain := place(t), rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		sealed := k.Seal(p, plain)
		if len(sealed) != len(plain)+Overhead {
			t.Fatalf("%d plain bytes became %d", len(plain), len(sealed))
		}
		if len(plain) > 3 && bytes.Contains(sealed, plain) {
			t.Fatal("the plain value shows")
		}
		opened, err := k.Open(p, sealed)
		if err != nil || !bytes.Equal(opened, plain) {
			t.Fatalf("opened %q, %v", opened, err)
		}
	})
}

func TestSealedValueOpensNowhereElse(t *testing.T) {
	raw := randomKey()
	rapid.Check(t, func(t *rapid.T) {
		s, other := subject(t), subject(t)
		p, elsewhere := place(t), place(t)
		k, _ := newKey(s, raw)
		sealed := k.Seal(p, []byte("plain"))
		if p != elsewhere {
			if _, err := k.Open(elsewhere, sealed); !errors.Is(err, ErrBroken) {
				t.Fatalf("sealed for %q, opened in %q: %v", p, elsewhere, err)
			}
		}
		if s != other { // even under the very same key bytes
			o, _ := newKey(other, raw)
			if _, err := o.Open(p, sealed); !errors.Is(err, ErrBroken) {
				t.Fatalf("sealed for %q, opened by %q: %v", s, other, err)
			}
		}
		i := rapid.IntRange(0, len(sealed)-1).Draw(t, "byte")
		sealed[i] ^= rapid.ByteRange(1, 255).Draw(t, "change")
		if _, err := k.Open(p, sealed); !errors.Is(err, ErrBroken) {
			t.Fatalf("opened although byte %d was changed: %v", i, err)
		}
	})
}

func TestSealUsesAFreshNonce(t *testing.T) {
	k := testKey(t, Subject{"w", "s"})
	seen := make(map[string]bool)
	for range 10_000 {
		nonce := string(k.Seal(Place{}, nil)[1 : 1+nonceSize])
		if seen[nonce] {
			t.Fatal("a nonce came twice")
		}
		seen[nonce] = true
	}
}

func TestKilledKeyOpensNothing(t *testing.T) {
	k := testKey(t, Subject{"w", "s"})
	p := Place{"messages", "body", "msg_1"}
	before := k.Seal(p, []byte("hello"))
	again := &Key{subject: k.subject, prefix: k.prefix}
	again.box.Store(k.box.Load())
	k.kill()
	if _, err := k.Open(p, before); !fault.Is(err, fault.KindGone) {
		t.Fatalf("want gone, got %v", err)
	}
	if _, err := again.Open(p, k.Seal(p, []byte("late"))); !errors.Is(err, ErrBroken) {
		t.Fatalf("what was sealed after the erasure still opens: %v", err)
	}
}

func TestSealAllocatesItsResultOnly(t *testing.T) {
	k := testKey(t, Subject{"wsp_1", "con_1"})
	p, plain := Place{"messages", "body", "msg_1"}, []byte("a message of usual length, more or less")
	sealed := k.Seal(p, plain)
	if n := testing.AllocsPerRun(1000, func() { k.Seal(p, plain) }); n > 1 {
		t.Errorf("Seal makes %v allocations", n)
	}
	if n := testing.AllocsPerRun(1000, func() { _, _ = k.Open(p, sealed) }); n > 1 {
		t.Errorf("Open makes %v allocations", n)
	}
}

func FuzzOpen(f *testing.F) {
	k := testKey(f, Subject{"w", "s"})
	p := Place{"t", "c", "r"}
	good := k.Seal(p, []byte("plain"))
	f.Add([]byte{})
	f.Add(good[:len(good)-1])
	f.Add(append([]byte{2}, good[1:]...))
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if _, err := k.Open(p, sealed); !bytes.Equal(sealed, good) && !errors.Is(err, ErrBroken) {
			t.Fatalf("garbage opened: %v", err)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	k := testKey(b, Subject{"wsp_1", "con_1"})
	p, plain := Place{"messages", "body", "msg_01jd0000000000000000000000"}, make([]byte, 200)
	b.ReportAllocs()
	for b.Loop() {
		k.Seal(p, plain)
	}
}

func BenchmarkOpen(b *testing.B) {
	k := testKey(b, Subject{"wsp_1", "con_1"})
	p := Place{"messages", "body", "msg_01jd0000000000000000000000"}
	sealed := k.Seal(p, make([]byte, 200))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Open(p, sealed); err != nil {
			b.Fatal(err)
		}
	}
}
