package search

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// TestStoreAgreesWithAModel drives a store with random operations and compares
// each answer with a list that is searched from end to end.
func TestStoreAgreesWithAModel(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		round := 0
		rapid.Check(t, func(rt *rapid.T) {
			round++
			s := newStore(db)
			m := &model{t: t, s: s, suffix: fmt.Sprintf("_%04d", round)}
			rt.Repeat(map[string]func(*rapid.T){
				"add": m.add, "replace": m.replace, "remove contact": m.removeContact, "query": m.query,
				"settle": func(*rapid.T) { settle(t, s) },
			})
		})
	})
}

type model struct {
	t      *testing.T
	s      *Store
	suffix string
	docs   []Document // oldest first
	next   int
}

var (
	smallInt  = rapid.IntRange(0, 3)
	wordList  = rapid.SliceOfN(rapid.IntRange(0, 5), 1, 4)
	workspace = rapid.SampledFrom([]string{"wsp_a", "wsp_b"})
)

func (m *model) draw(t *rapid.T) Document {
	m.next++
	w := workspace.Draw(t, "workspace") + m.suffix
	d := doc(w, fmt.Sprint(m.next), fmt.Sprint("con_", smallInt.Draw(t, "contact")), m.next, wordList.Draw(t, "words")...)
	d.Kind = rapid.SampledFrom([]string{"message", "contact"}).Draw(t, "kind")
	return d
}

func (m *model) add(t *rapid.T) {
	var some []Document
	for range rapid.IntRange(1, 5).Draw(t, "n") {
		some = append(some, m.draw(t))
	}
	add(m.t, m.s, some...)
	m.docs = append(m.docs, some...)
}

func (m *model) replace(t *rapid.T) {
	if len(m.docs) == 0 {
		t.Skip("nothing there")
	}
	old := m.docs[rapid.IntRange(0, len(m.docs)-1).Draw(t, "which")]
	d := m.draw(t)
	d.WorkspaceID, d.Kind, d.ID = old.WorkspaceID, old.Kind, old.ID
	write(m.t, m.s, func(tx *storage.Tx) error { return m.s.Replace(tx, d) })
	m.docs = append(slices.DeleteFunc(m.docs, func(o Document) bool { return o.ID == old.ID }), d)
}

func (m *model) removeContact(t *rapid.T) {
	w, c := workspace.Draw(t, "workspace")+m.suffix, fmt.Sprint("con_", smallInt.Draw(t, "contact"))
	before := len(m.docs)
	m.docs = slices.DeleteFunc(m.docs, func(o Document) bool { return o.WorkspaceID == w && o.ContactID == c })
	write(m.t, m.s, func(tx *storage.Tx) error {
		var n int64
		for _, kind := range []string{"contact", "message"} {
			some, err := m.s.RemoveContact(tx, w, c, kind, ofContact)
			if err != nil {
				return err
			}
			n += some
		}
		if n != int64(before-len(m.docs)) {
			t.Fatalf("%d removed, want %d", n, before-len(m.docs))
		}
		return nil
	})
}

func (m *model) query(t *rapid.T) {
	w := workspace.Draw(t, "workspace") + m.suffix
	tokens := tok(w, wordList.Draw(t, "words")...)
	kinds := rapid.SampledFrom([][]string{nil, {"message"}, {"contact", "message"}}).Draw(t, "kinds")
	limit := rapid.IntRange(1, 6).Draw(t, "limit")
	var expected []string
	for _, d := range slices.Backward(m.docs) {
		has := func(token []byte) bool {
			return slices.ContainsFunc(d.Tokens, func(x []byte) bool { return string(x) == string(token) })
		}
		missing := slices.ContainsFunc(tokens, func(token []byte) bool { return !has(token) })
		if d.WorkspaceID == w && !missing && (kinds == nil || slices.Contains(kinds, d.Kind)) {
			expected = append(expected, d.ID)
		}
	}
	var got []string
	for before := int64(0); ; { // page by page
		page := hits(m.t, m.s, w, tokens, kinds, before, limit)
		got = append(got, ids(page)...)
		if len(page) < limit {
			break
		}
		before = page[len(page)-1].Doc
	}
	if diff := cmp.Diff(expected, got); diff != "" {
		t.Fatal(diff)
	}
}
