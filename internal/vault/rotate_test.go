package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// stock fills a vault and gives a sealed value for each subject.
func stock(t *testing.T, v *Vault, n int) (map[Subject][]byte, []byte) {
	t.Helper()
	all := make([]Subject, n)
	for i := range all {
		all[i] = Subject{fmt.Sprintf("wsp_%d", i%3), fmt.Sprintf("con_%04d", i)}
	}
	create(t, v, all...)
	sealed := make(map[Subject][]byte)
	for _, s := range all {
		sealed[s] = key(t, v, s).Seal(body, []byte(s.ID))
	}
	secret, err := v.Secret(t.Context(), "csrf")
	if err != nil {
		t.Fatal(err)
	}
	return sealed, secret
}

func wantIntact(t *testing.T, v *Vault, sealed map[Subject][]byte, secret []byte) {
	t.Helper()
	v.cache.clear()
	v.secrets = make(map[string][]byte)
	subjects := make([]Subject, 0, len(sealed))
	for s := range sealed {
		subjects = append(subjects, s)
	}
	keys, err := v.Keys(t.Context(), subjects)
	if err != nil || len(keys) != len(sealed) {
		t.Fatalf("%d of %d keys, %v", len(keys), len(sealed), err)
	}
	for s, k := range keys {
		wantOpens(t, k, sealed[s], s.ID)
	}
	if got, err := v.Secret(t.Context(), "csrf"); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("the secret changed: %v", err)
	}
}

func TestRotationRewrapsEverything(t *testing.T) {
	storagetest.EachWith(t, Migrations(), func(t *testing.T, db *storage.DB) {
		path, c := rootPath(t), clock.NewFake(start)
		v := openIn(t, db, path, c)
		sealed, secret := stock(t, v, 1100)
		gone := Subject{"wsp_0", "con_0000"}
		if err := v.Erase(t.Context(), gone); err != nil {
			t.Fatal(err)
		}
		delete(sealed, gone)
		old, _ := os.ReadFile(path)
		before := wrappedKeys(t, v)
		steps := 0
		r, err := v.RotateRoot(t.Context(), func(Rotation) { steps++ })
		if err != nil || r != (Rotation{Done: 1101, Total: 1101}) || steps != 4 {
			t.Fatalf("%+v in %d steps, %v", r, steps, err)
		}
		wantIntact(t, v, sealed, secret)
		for s, w := range wrappedKeys(t, v) {
			if bytes.Equal(w, before[s]) && s != gone {
				t.Fatal("a key was not rewrapped")
			}
		}
		_, err = v.Key(t.Context(), gone)
		wantGone(t, "the erased one", err)
		if s, _ := v.Stats(t.Context()); s.Roots != 1 || v.root.size() != 1 {
			t.Errorf("%d roots in the vault, %d in the keyset", s.Roots, v.root.size())
		}
		wantIntact(t, openIn(t, db, path, c), sealed, secret)
		r2, err := LoadRoot(RootOptions{Value: string(old)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := New(t.Context(), Deps{DB: db, Root: r2, Clock: c, Logger: quiet}); !errors.Is(err, ErrRootWrong) {
			t.Errorf("the old root key still opens the vault: %v", err)
		}
	})
}

func TestRotationResumesAfterACrash(t *testing.T) {
	storagetest.EachWith(t, Migrations(), func(t *testing.T, db *storage.DB) {
		path, c := rootPath(t), clock.NewFake(start)
		v := openIn(t, db, path, c)
		sealed, secret := stock(t, v, 1100)
		ctx, crash := context.WithCancel(t.Context())
		if _, err := v.RotateRoot(ctx, func(Rotation) { crash() }); !errors.Is(err, context.Canceled) {
			t.Fatalf("it did not stop: %v", err)
		}
		again := openIn(t, db, path, c)
		wantIntact(t, again, sealed, secret)
		if s, _ := again.Stats(t.Context()); s.Roots != 2 {
			t.Errorf("%d roots half way", s.Roots)
		}
		create(t, again, Subject{"wsp_9", "con_new"})
		begun := again.root.ring.Load().primary
		r, err := again.RotateRoot(t.Context(), nil)
		if err != nil || r.Done != 601 {
			t.Fatalf("%+v, %v", r, err)
		}
		if now := again.root.ring.Load().primary; now != begun || again.root.size() != 1 {
			t.Errorf("a second rotation was begun: %d keys", again.root.size())
		}
		wantIntact(t, openIn(t, db, path, c), sealed, secret)
	})
}

func TestRotationSurvivesCrashesBetweenFileAndVault(t *testing.T) {
	storagetest.EachWith(t, Migrations(), func(t *testing.T, db *storage.DB) {
		path, c := rootPath(t), clock.NewFake(start)
		v := openIn(t, db, path, c)
		sealed, secret := stock(t, v, 3)
		if err := v.root.grow(); err != nil { // and crash before the vault knows
			t.Fatal(err)
		}
		v = openIn(t, db, path, c)
		wantIntact(t, v, sealed, secret)
		full, _ := os.ReadFile(path)
		if r, err := v.RotateRoot(t.Context(), nil); err != nil || r.Done != 4 {
			t.Fatalf("%+v, %v", r, err)
		}
		if err := os.WriteFile(path, full, 0o600); err != nil { // as if it had crashed before the last step
			t.Fatal(err)
		}
		v = openIn(t, db, path, c)
		if r, err := v.RotateRoot(t.Context(), nil); err != nil || r.Total != 0 || v.root.size() != 1 {
			t.Fatalf("%+v, %d keys, %v", r, v.root.size(), err)
		}
		wantIntact(t, v, sealed, secret)
	})
}

func TestNodeWithADroppedRootMakesNoKeys(t *testing.T) {
	storagetest.EachWith(t, Migrations(), func(t *testing.T, db *storage.DB) {
		path, c := rootPath(t), clock.NewFake(start)
		v, stale := openIn(t, db, path, c), openIn(t, db, path, c)
		if _, err := v.RotateRoot(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if err := stale.Create(t.Context(), anna); err == nil {
			t.Error("a key was made that no root key can open")
		}
	})
}

func TestRootFromTheEnvironmentIsNotRotated(t *testing.T) {
	db, path := storagetest.SQLiteWith(t, Migrations()), rootPath(t)
	openIn(t, db, path, clock.NewFake(start))
	content, _ := os.ReadFile(path)
	root, err := LoadRoot(RootOptions{Value: string(content)})
	if err != nil {
		t.Fatal(err)
	}
	v, err := New(t.Context(), Deps{DB: db, Root: root, Clock: clock.NewFake(start), Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.RotateRoot(t.Context(), nil); !fault.Is(err, fault.KindConflict) {
		t.Errorf("got %v", err)
	}
}
