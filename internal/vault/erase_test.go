package vault

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

func TestErasedKeyIsGoneForGood(t *testing.T) {
	each(t, func(t *testing.T, v *Vault, c *clock.Fake) {
		ctx := t.Context()
		create(t, v, anna, ben)
		held := key(t, v, anna)
		sealed := held.Seal(body, []byte("hello"))
		var told []Subject
		v.OnErase(func(_ context.Context, s Subject) { told = append(told, s) })
		for range 2 {
			if err := v.Erase(ctx, anna); err != nil {
				t.Fatal(err)
			}
		}
		_, err := v.Key(ctx, anna)
		wantGone(t, "Key", err)
		_, err = held.Open(body, sealed)
		wantGone(t, "Open by a key given out before", err)
		wantGone(t, "Create", v.Create(ctx, anna))
		keys, err := v.Keys(ctx, []Subject{anna, ben})
		if err != nil || len(keys) != 1 || keys[ben] == nil {
			t.Errorf("Keys gave %v, %v", keys, err)
		}
		if len(told) != 2 || told[0] != anna {
			t.Errorf("told of %v", told)
		}
		if s, err := v.Stats(ctx); err != nil || s.Keys != 1 || s.Erased != 1 {
			t.Errorf("%+v, %v", s, err)
		}
		if err := v.Erase(ctx, Subject{}); !fault.Is(err, fault.KindMalformed) {
			t.Errorf("nobody was erased: %v", err)
		}
	})
}

func TestErasedWorkspaceTakesItsContactsAlong(t *testing.T) {
	each(t, func(t *testing.T, v *Vault, _ *clock.Fake) {
		ctx := t.Context()
		create(t, v, anna, ben, cleo, operat)
		if _, err := v.Index(ctx, "wsp_1"); err != nil {
			t.Fatal(err)
		}
		if err := v.Erase(ctx, Subject{Workspace: "wsp_1"}); err != nil {
			t.Fatal(err)
		}
		for _, s := range []Subject{anna, ben} {
			_, err := v.Key(ctx, s)
			wantGone(t, s.ID, err)
		}
		_, err := v.Index(ctx, "wsp_1")
		wantGone(t, "Index", err)
		wantGone(t, "Create in it", v.Create(ctx, Subject{"wsp_1", "con_new"}))
		key(t, v, cleo)
		key(t, v, operat)
		if s, err := v.Stats(ctx); err != nil || s.Keys != 2 || s.Erased != 3 {
			t.Errorf("%+v, %v", s, err)
		}
	})
}

// rawVault reads the bytes of all files of a vault.
func rawVault(t *testing.T, dir string) []byte {
	t.Helper()
	var all []byte
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		all = append(all, content...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func wrappedKeys(t *testing.T, v *Vault) map[Subject][]byte {
	t.Helper()
	all := make(map[Subject][]byte)
	err := v.db.Read(t.Context(), func(tx *storage.Tx) error {
		rows, err := tx.Query(`SELECT workspace_id, subject_id, wrapped_key FROM subject_keys`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var s Subject
			var w []byte
			if err := rows.Scan(&s.Workspace, &s.ID, &w); err != nil {
				return err
			}
			all[s] = w
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestErasedKeysAreNotInTheFiles fills several workspaces in turn, so that rows
// come in no order of their keys, and looks for the bytes of the erased ones.
func TestErasedKeysAreNotInTheFiles(t *testing.T) {
	dir := t.TempDir()
	v, err := Open(t.Context(), "sqlite://"+filepath.Join(dir, "vault.db"),
		Deps{Root: rootFile(t, rootPath(t)), Clock: clock.NewFake(start), Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	rng := rand.New(rand.NewPCG(1, 2))
	var all []Subject
	for range 20 {
		var some []Subject
		for range 100 {
			some = append(some, Subject{fmt.Sprintf("wsp_%02d", rng.IntN(12)), fmt.Sprintf("con_%026d", rng.Int64())})
		}
		create(t, v, some...)
		all = append(all, some...)
	}
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	gone := all[:len(all)/2]
	keys := wrappedKeys(t, v)
	raw := rawVault(t, dir)
	for _, s := range gone {
		if !bytes.Contains(raw, keys[s][:24]) {
			t.Fatal("the test looks for the keys in the wrong place")
		}
	}
	for len(gone) > 0 {
		if err := v.EraseMany(t.Context(), gone[:50]); err != nil {
			t.Fatal(err)
		}
		gone = gone[50:]
	}
	raw = rawVault(t, dir)
	for _, s := range all[:len(all)/2] {
		for _, part := range [][]byte{keys[s][:24], keys[s][24:48], keys[s][41:]} {
			if bytes.Contains(raw, part) {
				t.Fatalf("an erased key is still in the vault's files")
			}
		}
	}
	for _, s := range all[len(all)/2:] {
		key(t, v, s)
	}
}

// TestEraseRacesWithKey lets readers and one eraser at the same subjects. Once
// Erase has returned, nobody may get a key that opens.
func TestEraseRacesWithKey(t *testing.T) {
	each(t, func(t *testing.T, v *Vault, c *clock.Fake) {
		ctx := context.Background()
		const subjects = 20
		var erasedFlags [subjects]atomic.Bool
		all := make([]Subject, subjects)
		sealed := make([][]byte, subjects)
		for i := range all {
			all[i] = Subject{"wsp_1", fmt.Sprintf("con_%02d", i)}
		}
		create(t, v, all...)
		for i, s := range all {
			sealed[i] = key(t, v, s).Seal(body, []byte("x"))
		}
		var stop atomic.Bool
		var wg sync.WaitGroup
		for r := range 4 {
			wg.Go(func() {
				for i := r; !stop.Load(); i++ {
					n := i % subjects
					before := erasedFlags[n].Load()
					keys, err := v.Keys(ctx, all[n:n+1])
					if err != nil {
						t.Error(err)
						return
					}
					if k := keys[all[n]]; k != nil && before {
						if _, err := k.Open(body, sealed[n]); err == nil {
							t.Error("a key opens after its erasure")
							return
						}
					}
				}
			})
		}
		for i, s := range all {
			c.Advance(DefaultCacheFor) // empties the cache, so that readers load
			if err := v.Erase(ctx, s); err != nil {
				t.Error(err)
			}
			erasedFlags[i].Store(true)
		}
		stop.Store(true)
		wg.Wait()
	})
}
