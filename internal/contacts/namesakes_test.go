package contacts

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func named(name string) Profile { return Profile{Name: name} }

func TestSimilarNames(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Ada Lovelace", "ada LOVELACE", true},
		{"Ada Lovelace", "Lovelace, Ada", true},
		{"Ada Lovelace", "A. Lovelace", true},
		{"Ada Lovelace", "Ada L.", true},
		{"Ada Lovelace", "Lovelace A", true},
		{"Ada Lovelace", "Ada King Lovelace", true},
		{"Ada Lovelace", "Ada Lovelave", true},
		{"Ada Lovelace", "Ada Lovlace", true},
		{"Ada Lovelace", "Ada Lovealce", true},
		{"Ada Lovelace", "Ada Lovelacee", true},
		{"Jürgen Müller", "Juergen Mueller", true},
		{"Jürgen Müller", "Jurgen Muller", true},
		{"Zoë Brontë", "Zoe Bronte", true},
		{"Søren Łukasz", "Soren Lukasz", true},
		{"Ms O'Brien", "MS OBrien", true},
		{"Dr. Ada Lovelace", "Ada Lovelace", true},
		{"Анна Каренина", "анна каренина", true},
		{"王小明", "王小明", true},
		{"山田 太郎", "太郎 山田", true},
		{"Ａｄａ Ｌｏｖｅｌａｃｅ", "Ada Lovelace", true},

		{"Ada Lovelace", "Anna Lovelace", false},
		{"Ada Lovelace", "Ada Smith", false},
		{"Ada Lovelace", "Ava Lovelace", false}, // too short for a slip
		{"Ada Lovelace", "Ada Hovelace", false}, // the first letter
		{"Ada Lovelace", "Adb Lovelave", false},
		{"Ada Lovelace", "A. L.", false},
		{"A. L.", "A. L.", false},
		{"Ada Lovelace", "Ada", false},
		{"Ada", "Ada", false},
		{"Ada Lovelace", "Ada Lovlac", false},
		{"王小明", "王大明", false},
		{"李", "李", false},
		{"", "", false},
		{"Dr. Ada", "Prof. Ada", false},
	} {
		if got := similar(named(c.a), named(c.b)); got != c.want {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
		if got := similar(named(c.b), named(c.a)); got != c.want {
			t.Errorf("%s and %s, the other way round: %v", c.b, c.a, got)
		}
	}
	if !similar(Profile{FirstName: "Ada", LastName: "Lovelace", Name: "Countess"}, named("Ada Lovelace")) {
		t.Error("first and last name do not count")
	}
}

// Whoever is similar shares a token: the index loses nobody whom a comparison of all
// with all would find.
func TestSimilarNamesShareAToken(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same names each time
	word := func() string {
		w := []rune{rune('A' + rnd.IntN(3))}
		for range rnd.IntN(6) {
			w = append(w, []rune("aeüößł")[rnd.IntN(6)])
		}
		return string(w)
	}
	slip := func(s string) string {
		w := []rune(s)
		at := rnd.IntN(len(w))
		switch rnd.IntN(4) {
		case 0:
			w[at] = 'e'
		case 1:
			w = slices.Delete(w, at, at+1)
		case 2:
			w = slices.Insert(w, at, 'a')
		case 3:
			w = w[:1]
		}
		return string(w)
	}
	found := 0
	for range 20_000 {
		first, last := word(), word()
		a, b := named(first+" "+last), named(slip(first)+" "+last)
		if rnd.IntN(2) == 0 {
			b = named(slip(last) + " " + first)
		}
		if !similar(a, b) {
			continue
		}
		found++
		theirs := nameKeys(b)
		if !slices.ContainsFunc(nameKeys(a), func(key string) bool { return slices.Contains(theirs, key) }) {
			t.Fatalf("%s and %s share no token", a.Name, b.Name)
		}
	}
	if found < 1000 {
		t.Errorf("only %d similar pairs were tried", found)
	}
}
