package vault

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// pieces gives the texts of which tokens are made.
func pieces(each func(func([]byte) bool)) []string {
	var all []string
	each(func(b []byte) bool {
		if !slices.Contains(all, string(b)) {
			all = append(all, string(b))
		}
		return true
	})
	return all
}

func TestWordsOfManyLanguages(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"plain", "Hello, World! hello", []string{"hello", "world"}},
		{"numbers and addresses", "order 66: anna@example.com", []string{"order", "66", "anna", "example", "com"}},
		{"apostrophes part words", "l’homme don't", []string{"l", "homme", "don", "t"}},
		{"diacritics", "Crème BRÛLÉE, Ångström", []string{"creme", "brulee", "angstrom"}},
		{"strokes and ligatures", "Łódź Søren straße ﬁn Æther", []string{"lodz", "soren", "strasse", "fin", "aether"}},
		{"turkish", "İstanbul ışık", []string{"istanbul", "isik"}},
		{"greek final sigma", "ΟΔΟΣ οδος", []string{"οδοσ"}},
		{"russian", "Ёлка Йод", []string{"елка", "иод"}},
		{"arabic vowels", "كِتَابٌ", []string{"كتاب"}},
		{"hindi keeps its signs", "हिन्दी", []string{"हिन्दी"}},
		{"full width", "ＡＢＣ１２３", []string{"abc123"}},
		{"chinese", "东京都", []string{"东", "东京", "京", "京都", "都"}},
		{"japanese", "猫が好き", []string{"猫", "猫が", "が好", "好", "好き"}},
		{"half-width katakana", "ｶﾞｰﾄﾞ", []string{"ガー", "ード"}},
		{"korean", "물을", []string{"물", "물을", "을"}},
		{"mixed", "iPhone手机5", []string{"iphone", "手", "手机", "机", "5"}},
		{"one kana alone", "a の b", []string{"a", "の", "b"}},
		{"thai", "ดี", []string{"ดี"}},
		{"long words are cut", strings.Repeat("é", 70), []string{strings.Repeat("e", 64)}},
		{"nothing", " –!? 🎉", nil},
		{"broken text", "ab\xffcd", []string{"ab", "cd"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := pieces(func(yield func([]byte) bool) { words(tt.text, true, yield) })
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPrefixesOfNames(t *testing.T) {
	tests := []struct{ name, query string }{
		{"Anna Müller", "mul"}, {"Anna Müller", "ANNA"}, {"Anna Müller", "mü an"},
		{"Bartholomäus-Maximilian", "bartholomausimilian"[:12]}, {"Bartholomäus", "Bartholomäuß-x"},
		{"山田太郎", "山"}, {"山田太郎", "太郎"}, {"김철수", "철수"},
	}
	ix := newIndex(randomKey())
	for _, tt := range tests {
		if got := ix.QueryPrefixes(tt.query); len(got) == 0 || !subset(got, ix.Prefixes(tt.name)) {
			t.Errorf("%q does not find %q", tt.query, tt.name)
		}
	}
	for _, miss := range []string{"nna", "lle", "annas", "x"} {
		if got := ix.Prefix(miss); got != nil && subset([][]byte{got}, ix.Prefixes("Anna Müller")) {
			t.Errorf("%q finds Anna Müller", miss)
		}
	}
	if ix.Prefix("a") != nil || ix.Prefix("") != nil {
		t.Error("a query of one letter has a token")
	}
}

// subset tells whether all of a are in b.
func subset(a, b [][]byte) bool {
	for _, x := range a {
		if !slices.ContainsFunc(b, func(y []byte) bool { return bytes.Equal(x, y) }) {
			return false
		}
	}
	return true
}

func TestEqualNormalisesByKind(t *testing.T) {
	ix := newIndex(randomKey())
	same := []struct{ kind, a, b string }{
		{"email", "  Anna@Example.COM ", "anna@example.com"},
		{"email", "ａnna@example.com", "anna@example.com"},
		{"phone", "+49 (0)30 / 1234-56", "+49030123456"},
		{"phone", "٠٣٠１２", "03012"},
		{"external_id", "A b", "A b"},
	}
	for _, tt := range same {
		if !bytes.Equal(ix.Equal(tt.kind, tt.a), ix.Equal(tt.kind, tt.b)) {
			t.Errorf("%s: %q and %q differ", tt.kind, tt.a, tt.b)
		}
	}
	differ := []struct{ kindA, a, kindB, b string }{
		{"email", "a@b.c", "email", "a@b.d"},
		{"phone", "+4930", "phone", "4930"},
		{"external_id", "a", "external_id", "A"},
		{"external_id", "a", "email", "a"},
		{"ab", "c", "a", "bc"},
	}
	for _, tt := range differ {
		if bytes.Equal(ix.Equal(tt.kindA, tt.a), ix.Equal(tt.kindB, tt.b)) {
			t.Errorf("%s %q and %s %q agree", tt.kindA, tt.a, tt.kindB, tt.b)
		}
	}
	if n := len(ix.Equal("email", "x")); n != 16 {
		t.Errorf("a token has %d bytes", n)
	}
}

func TestTokensAreEqualIffNormalFormsAre(t *testing.T) {
	ix, foreign := newIndex(randomKey()), newIndex(randomKey())
	value := rapid.StringOfN(rapid.SampledFrom([]rune("aAÀ +0１@ ")), 0, 3, -1)
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]string{"email", "phone", "external_id"}).Draw(t, "kind")
		a, b := value.Draw(t, "a"), value.Draw(t, "b")
		if (normalise(kind, a) == normalise(kind, b)) != bytes.Equal(ix.Equal(kind, a), ix.Equal(kind, b)) {
			t.Fatalf("%s: %q, %q", kind, a, b)
		}
		if bytes.Equal(ix.Equal(kind, a), foreign.Equal(kind, a)) {
			t.Fatal("two workspaces make the same token")
		}
	})
}

func TestAnyTextIsFoundByItsWords(t *testing.T) {
	ix := newIndex(randomKey())
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringN(0, 60, -1).Draw(t, "text")
		all := ix.Words(s)
		if !subset(ix.QueryWords(s), all) {
			t.Fatalf("%q is not found by itself", s)
		}
		for _, word := range strings.Fields(s) {
			if !subset(ix.QueryWords(word), all) {
				t.Fatalf("%q is not found by %q", s, word)
			}
		}
		if folded := fold(s); fold(folded) != folded {
			t.Fatalf("%q folds further: %q, %q", s, folded, fold(folded))
		}
	})
}

func TestWordsAreBounded(t *testing.T) {
	ix := newIndex(randomKey())
	var long strings.Builder
	for i := range 2000 {
		long.WriteString(strings.Repeat("x", i%40+1))
		long.WriteByte(byte('a' + i/40%26))
		long.WriteByte(byte('a' + i/40/26))
		long.WriteByte(' ')
	}
	if n := len(ix.Words(long.String())); n != maxTokens {
		t.Errorf("%d tokens", n)
	}
	if n := len(ix.Words(strings.Repeat("again ", 2000))); n != 1 {
		t.Errorf("one word has %d tokens", n)
	}
}

func TestSortsOfTokensDoNotMatch(t *testing.T) {
	ix := newIndex(randomKey())
	if subset(ix.Words("anna"), ix.Prefixes("anna")) {
		t.Error("a word's token is a prefix's token")
	}
}

func FuzzWords(f *testing.F) {
	f.Add("Hello wörld 東京")
	f.Fuzz(func(t *testing.T, s string) {
		words(s, true, func([]byte) bool { return true })
		prefixes(s, func([]byte) bool { return true })
		queryPrefixes(s, func([]byte) bool { return true })
	})
}

func BenchmarkWords(b *testing.B) {
	ix := newIndex(randomKey())
	text := "Hello there, my order number 4711 has not arrived yet, could you please look into it for me"
	b.ReportAllocs()
	for b.Loop() {
		ix.Words(text)
	}
}
