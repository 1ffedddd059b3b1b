package timeline

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// twoSources are two that most tests need: events, and objections.
func twoSources() []*Source {
	return []*Source{
		{Kind: KindEvent, Permission: "events:read", From: "contact_events", At: "x.occurred_at", ID: "x.id", What: "x.name"},
		{Kind: KindObjection, Permission: "privacy:read", From: "objections", At: "x.created_at", ID: "x.id", What: "x.action", Ref: "x.purpose", Actor: true},
	}
}

func TestKindsAndPermissions(t *testing.T) {
	s := New(Deps{})
	for _, src := range twoSources() {
		s.Add(*src, *src)
	}
	if got := s.Kinds(); !slices.Equal(got, []string{KindEvent, KindObjection}) {
		t.Errorf("kinds %v", got)
	}
	by := actor.Actor{Type: actor.APIKey, Permissions: []string{"events:read"}}
	for _, tt := range []struct {
		kinds []string
		want  int
	}{{nil, 2}, {[]string{KindEvent}, 2}, {[]string{KindObjection}, 0}, {[]string{KindEvent, KindObjection}, 2}} {
		if got, err := s.wanted(by, tt.kinds); err != nil || len(got) != tt.want {
			t.Errorf("%v: %d sources, %v", tt.kinds, len(got), err)
		}
	}
	if _, err := s.wanted(by, []string{"secrets"}); err == nil {
		t.Error("an unknown kind is taken")
	}
}

// Whatever happened at whatever moments, to however many contacts that are one
// person, the pages give each entry once, the newest first, whatever a page holds.
func TestPagesGiveEachEntryOnce(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		run := 0
		rapid.Check(t, func(r *rapid.T) {
			run++
			ws := fmt.Sprintf("wsp_%d", run)
			people := rapid.SampledFrom([]int{1, 2, 3, maxMembers + 2}).Draw(r, "people")
			n := rapid.IntRange(0, 40).Draw(r, "entries")
			var want []string
			err := db.Write(t.Context(), func(tx *storage.Tx) error {
				want = want[:0]
				for i := range n {
					who, at := fmt.Sprintf("con_%02d", rapid.IntRange(0, people-1).Draw(r, "who")), rapid.Int64Range(1, 5).Draw(r, "at")
					query, id := `INSERT INTO contact_events (workspace_id, contact_id, id, name, source, occurred_at, created_at) VALUES ($1, $2, $3, 'x', 'api', $4, $4)`, fmt.Sprintf("act_%03d", i)
					if rapid.Bool().Draw(r, "objects") {
						query, id = `INSERT INTO objections (workspace_id, contact_id, id, purpose, action, source, actor_type, actor_id, created_at) VALUES ($1, $2, $3, 'p', 'object', 'api', 'operator', 'o', $4)`, fmt.Sprintf("obj_%03d", i)
					}
					if _, err := tx.Exec(query, ws, who, id, at); err != nil {
						return err
					}
					want = append(want, fmt.Sprintf("%d %s", at, id))
				}
				return nil
			})
			if err != nil {
				r.Fatal(err)
			}
			slices.Sort(want)
			slices.Reverse(want)
			var members []privacy.Member
			for i := range people {
				members = append(members, privacy.Member{Subject: privacy.Subject{WorkspaceID: ws, ContactID: fmt.Sprintf("con_%02d", i)}})
			}
			limit := rapid.IntRange(1, 7).Draw(r, "limit")
			var got []string
			for after := first; ; {
				var some []found
				err := db.Read(t.Context(), func(tx *storage.Tx) (err error) {
					some, err = read(tx, twoSources(), ws, members, after, limit)
					return err
				})
				if err != nil {
					r.Fatal(err)
				}
				for _, f := range some {
					got = append(got, fmt.Sprintf("%d %s", f.at, f.ID))
				}
				if len(some) < limit {
					break
				}
				after = placeOf(some[len(some)-1].Entry)
			}
			if !slices.Equal(got, want) {
				r.Fatalf("got  %v\nwant %v", got, want)
			}
		})
	})
}
