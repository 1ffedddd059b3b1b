package vault

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

var (
	start  = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	quiet  = slog.New(slog.DiscardHandler)
	anna   = Subject{"wsp_1", "con_anna"}
	ben    = Subject{"wsp_1", "con_ben"}
	cleo   = Subject{"wsp_2", "con_cleo"}
	operat = Subject{"", "opr_1"}
	body   = Place{"messages", "body_sealed", "msg_1"}
)

// rootFile loads the root key at path, which may not exist yet.
func rootFile(t testing.TB, path string) *Root {
	t.Helper()
	r, err := LoadRoot(RootOptions{Path: path, CreateIfVaultEmpty: true})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func rootPath(t testing.TB) string { return filepath.Join(t.TempDir(), "keys", "root.json") }

func openIn(t testing.TB, db *storage.DB, path string, c clock.Clock) *Vault {
	t.Helper()
	v, err := New(context.Background(), Deps{DB: db, Root: rootFile(t, path), Clock: c, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// each runs fn on a fresh vault of both engines.
func each(t *testing.T, fn func(t *testing.T, v *Vault, c *clock.Fake)) {
	storagetest.EachWith(t, Migrations(), func(t *testing.T, db *storage.DB) {
		c := clock.NewFake(start)
		v := openIn(t, db, rootPath(t), c)
		t.Cleanup(func() { v.Close() })
		fn(t, v, c)
	})
}

func create(t testing.TB, v *Vault, subjects ...Subject) {
	t.Helper()
	if err := v.CreateMany(context.Background(), subjects); err != nil {
		t.Fatal(err)
	}
}

func key(t testing.TB, v *Vault, s Subject) *Key {
	t.Helper()
	k, err := v.Key(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func wantGone(t testing.TB, what string, err error) {
	t.Helper()
	if f := fault.As(err); f == nil || f.Kind != fault.KindGone || f.Code != "subject_erased" {
		t.Errorf("%s: want gone, got %v", what, err)
	}
}

func wantOpens(t testing.TB, k *Key, sealed []byte, want string) {
	t.Helper()
	if got, err := k.Open(body, sealed); err != nil || string(got) != want {
		t.Errorf("opened %q, %v; want %q", got, err, want)
	}
}

func TestKeysOutliveTheProcess(t *testing.T) {
	storagetest.EachWith(t, Migrations(), func(t *testing.T, db *storage.DB) {
		ctx, path := t.Context(), rootPath(t)
		v := openIn(t, db, path, clock.NewFake(start))
		if _, err := v.Key(ctx, anna); err == nil {
			t.Fatal("there is a key before it was made")
		}
		create(t, v, anna, operat, anna)
		create(t, v, anna)
		sealed := key(t, v, anna).Seal(body, []byte("hello"))
		secret, err := v.Secret(ctx, "audit signing")
		if err != nil || len(secret) != 32 {
			t.Fatal(len(secret), err)
		}
		token, err := v.Index(ctx, "wsp_1")
		if err != nil {
			t.Fatal(err)
		}
		v.Close()

		again := openIn(t, db, path, clock.NewFake(start))
		wantOpens(t, key(t, again, anna), sealed, "hello")
		if got, _ := again.Secret(ctx, "audit signing"); string(got) != string(secret) {
			t.Error("the secret changed")
		}
		if other, _ := again.Secret(ctx, "csrf"); string(other) == string(secret) {
			t.Error("two secrets are the same")
		}
		ix, err := again.Index(ctx, "wsp_1")
		if err != nil || string(ix.Equal("email", "a@b.c")) != string(token.Equal("email", "a@b.c")) {
			t.Error("the index changed", err)
		}
		if stats, err := again.Stats(ctx); err != nil || stats != (Stats{Keys: 3, Secrets: 2, Roots: 1, Cached: 2}) {
			t.Errorf("%+v, %v", stats, err)
		}
	})
}

func TestKeysReadsManyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, v *Vault, _ *clock.Fake) {
		var all []Subject
		for i := range 600 {
			all = append(all, Subject{"wsp_" + string(rune('a'+i%3)), "con_" + string(rune('a'+i/26%26)) + string(rune('a'+i%26))})
		}
		create(t, v, all...)
		if err := v.Erase(t.Context(), all[7]); err != nil {
			t.Fatal(err)
		}
		v.cache.clear()
		create(t, v, anna)
		distinct := make(map[Subject]bool)
		for _, s := range all {
			distinct[s] = true
		}
		delete(distinct, all[7])
		keys, err := v.Keys(t.Context(), append(all, anna, Subject{"wsp_a", "con_nobody"}, Subject{}))
		if err != nil {
			t.Fatal(err)
		}
		if len(keys) != len(distinct)+1 {
			t.Errorf("%d keys, want %d", len(keys), len(distinct)+1)
		}
		for s, k := range keys {
			if k.Subject() != s || s == all[7] {
				t.Errorf("the key of %v came as that of %v", k.Subject(), s)
			}
		}
	})
}

func TestCreateManyIsAllOrNothing(t *testing.T) {
	each(t, func(t *testing.T, v *Vault, _ *clock.Fake) {
		if err := v.Erase(t.Context(), ben); err != nil {
			t.Fatal(err)
		}
		wantGone(t, "Create with an erased one", v.CreateMany(t.Context(), []Subject{anna, ben}))
		_, err := v.Key(t.Context(), anna)
		wantGone(t, "Key of the other", err)
		if err := v.Create(t.Context(), Subject{}); !fault.Is(err, fault.KindMalformed) {
			t.Errorf("nobody got a key: %v", err)
		}
	})
}

func TestKeyIsServedFromMemoryForABoundedTime(t *testing.T) {
	each(t, func(t *testing.T, v *Vault, c *clock.Fake) {
		create(t, v, anna)
		k := key(t, v, anna)
		c.Advance(DefaultCacheFor - time.Microsecond)
		if key(t, v, anna) != k {
			t.Error("the key was read again although it was fresh")
		}
		// Another node erases her, and the message about it is lost.
		other := &Vault{db: v.db, root: v.root, clock: c, log: quiet, cache: newCache(10, time.Minute)}
		if err := other.Erase(t.Context(), anna); err != nil {
			t.Fatal(err)
		}
		if key(t, v, anna) != k {
			t.Error("this node could not have known")
		}
		c.Advance(time.Microsecond)
		_, err := v.Key(t.Context(), anna)
		wantGone(t, "Key after its time", err)
		_, err = k.Open(body, k.Seal(body, nil))
		wantGone(t, "Open by the key given out before", err)
	})
}

func TestHotKeyAllocatesNothing(t *testing.T) {
	v := openIn(t, storagetest.SQLiteWith(t, Migrations()), rootPath(t), clock.System{})
	create(t, v, anna)
	ctx := t.Context()
	if n := testing.AllocsPerRun(1000, func() { _, _ = v.Key(ctx, anna) }); n != 0 {
		t.Errorf("Key makes %v allocations", n)
	}
}

func TestWrongRootIsFoundAtOnce(t *testing.T) {
	storagetest.EachWith(t, Migrations(), func(t *testing.T, db *storage.DB) {
		path := rootPath(t)
		openIn(t, db, path, clock.NewFake(start)).Close()
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
			t.Errorf("the root key has mode %v", info.Mode())
		}
		reopen := func(o RootOptions) error {
			r, err := LoadRoot(o)
			if err != nil {
				return err
			}
			v, err := New(t.Context(), Deps{DB: db, Root: r, Clock: clock.System{}, Logger: quiet})
			if err == nil {
				v.Close()
			}
			return err
		}
		if err := reopen(RootOptions{Value: string(content)}); err != nil {
			t.Errorf("the same root as a value: %v", err)
		}
		foreign := rootPath(t)
		openIn(t, storagetest.SQLiteWith(t, Migrations()), foreign, clock.NewFake(start)).Close()
		absent := rootPath(t)
		tests := []struct {
			name string
			o    RootOptions
			want error
		}{
			{"foreign", RootOptions{Path: foreign}, ErrRootWrong},
			{"missing", RootOptions{Path: absent}, ErrRootMissing},
			{"missing, may be made", RootOptions{Path: absent, CreateIfVaultEmpty: true}, ErrRootMissing},
			{"unnamed", RootOptions{}, ErrRootMissing},
			{"garbage", RootOptions{Value: "bm9uc2Vuc2U="}, ErrRootBroken},
			{"rubbish", RootOptions{Value: "%"}, ErrRootBroken},
			{"cut short", RootOptions{Value: string(content[:len(content)/2])}, ErrRootBroken},
		}
		for _, tt := range tests {
			err := reopen(tt.o)
			if !errors.Is(err, tt.want) {
				t.Errorf("%s: %v", tt.name, err)
			} else if strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: more than a line: %v", tt.name, err)
			}
		}
		if _, err := os.Stat(absent); err == nil {
			t.Error("a new root key was made over a vault that holds keys")
		}
	})
}

func TestSecondNodeWithItsOwnRootIsRefused(t *testing.T) {
	storagetest.EachWith(t, Migrations(), func(t *testing.T, db *storage.DB) {
		openIn(t, db, rootPath(t), clock.NewFake(start))
		// It read an empty vault just before the first node took it into use.
		late := &Vault{db: db, root: rootFile(t, rootPath(t)), clock: clock.NewFake(start), log: quiet}
		if err := late.root.create(); err != nil {
			t.Fatal(err)
		}
		if err := late.registerPrimary(t.Context(), nil); !errors.Is(err, ErrRootWrong) {
			t.Errorf("two root keys are in use: %v", err)
		}
	})
}

func TestSecretIsOneForAll(t *testing.T) {
	each(t, func(t *testing.T, v *Vault, _ *clock.Fake) {
		var mu sync.Mutex
		seen := make(map[string]int)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				s, err := v.Secret(context.Background(), "csrf")
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				seen[string(s)]++
				mu.Unlock()
			})
		}
		wg.Wait()
		if len(seen) != 1 {
			t.Errorf("%d secrets of one name", len(seen))
		}
	})
}

func TestCloseOverwritesSecrets(t *testing.T) {
	v := openIn(t, storagetest.SQLiteWith(t, Migrations()), rootPath(t), clock.NewFake(start))
	if _, err := v.Secret(t.Context(), "csrf"); err != nil {
		t.Fatal(err)
	}
	create(t, v, anna)
	k, held := key(t, v, anna), v.secrets["csrf"]
	v.Close()
	if string(held) != string(make([]byte, 32)) {
		t.Error("the secret is still in memory")
	}
	if _, err := k.Open(body, k.Seal(body, nil)); err == nil {
		t.Error("the key still works")
	}
}

func BenchmarkKey(b *testing.B) {
	c := newCache(1000, time.Minute)
	k := testKey(b, anna)
	now := time.Now()
	c.put(k, now, c.generation(anna))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if c.get(anna, now) == nil {
				b.Fail()
			}
		}
	})
}
