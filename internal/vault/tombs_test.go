package vault

import (
	"fmt"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// An older copy of the vault, put in the place of this one, opens nobody who was
// erased since.
func TestCarryErasures(t *testing.T) {
	type engine func(*testing.T) *storage.DB
	engines := map[string]engine{
		"sqlite":   func(t *testing.T) *storage.DB { return storagetest.SQLiteWith(t, Migrations()) },
		"postgres": func(t *testing.T) *storage.DB { return storagetest.PostgresWith(t, Migrations()) },
	}
	for name, fresh := range engines {
		t.Run(name, func(t *testing.T) {
			root, c := rootPath(t), clock.NewFake(start)
			present, older := fresh(t), fresh(t)
			now, before := openIn(t, present, root, c), openIn(t, older, root, c)
			create(t, now, anna, ben, cleo, operat)
			create(t, before, anna, ben, cleo)
			sealed := key(t, before, anna).Seal(body, []byte("hello"))
			if err := now.EraseMany(t.Context(), []Subject{anna, {"wsp_2", ""}, operat}); err != nil {
				t.Fatal(err)
			}
			c.Advance(time.Hour)
			if _, err := CarryErasures(t.Context(), present, older); err != nil {
				t.Fatal(err)
			}
			reopened := openIn(t, older, root, c)
			for _, s := range []Subject{anna, cleo, operat} {
				_, err := reopened.Key(t.Context(), s)
				wantGone(t, fmt.Sprint(s), err)
				wantGone(t, fmt.Sprint("making ", s), reopened.Create(t.Context(), s))
			}
			if _, err := key(t, reopened, ben).Open(body, sealed); err == nil {
				t.Error("ben's key opens what anna's sealed")
			}
			for page, err := range Tombs(t.Context(), older) {
				if err != nil {
					t.Fatal(err)
				}
				for _, tomb := range page {
					if tomb.At != clock.Micros(start) {
						t.Errorf("%v was erased at %d, not at %d", tomb.Subject, tomb.At, clock.Micros(start))
					}
				}
			}
		})
	}
}

func TestTombsAcrossPages(t *testing.T) {
	each(t, func(t *testing.T, v *Vault, _ *clock.Fake) {
		var all []Subject
		for i := range 2*maxTombs + 3 {
			all = append(all, Subject{"wsp_1", fmt.Sprintf("con_%04d", i)})
		}
		all[1].Workspace = "" // operators come first
		if err := v.EraseMany(t.Context(), all); err != nil {
			t.Fatal(err)
		}
		seen := make(map[Subject]bool)
		for page, err := range Tombs(t.Context(), v.db) {
			if err != nil {
				t.Fatal(err)
			}
			for _, tomb := range page {
				seen[tomb.Subject] = true
			}
		}
		if len(seen) != len(all) {
			t.Errorf("saw %d of %d", len(seen), len(all))
		}
	})
}
