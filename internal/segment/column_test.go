package segment

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func drawText(t *rapid.T) string {
	text := rapid.SampledFrom([]string{"a", "ab", "pro", "üñ", "", strings.Repeat("x", maxShort-1), strings.Repeat("x", maxShort), beyondText}).Draw(t, "text")
	return text + rapid.SampledFrom([]string{"", "b", beyondText, "rest"}).Draw(t, "rest")
}

// What is stored of a column is what was put into it, and tells who meets a condition
// as the values themselves do, or that it cannot.
func TestColumnsTell(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, maxRun).Draw(t, "people")
		c, texts, numbers := newColumn(n), map[int][]string{}, map[int][]float64{}
		for range rapid.IntRange(0, 2*n).Draw(t, "values") {
			i := rapid.IntRange(0, n-1).Draw(t, "place")
			if rapid.Bool().Draw(t, "is number") {
				numbers[i] = append(numbers[i], rapid.SampledFrom([]float64{-3, 0, 0.5, 1, 7}).Draw(t, "number"))
				c.put(i, numberValue(numbers[i][len(numbers[i])-1]))
			} else {
				texts[i] = append(texts[i], drawText(t))
				c.put(i, textValue(texts[i][len(texts[i])-1]))
			}
		}
		stored := c.encode()
		again, err := readColumn(stored, n)
		if err != nil || !slices.Equal(again.encode(), stored) {
			t.Fatalf("read and stored again it is another (%v)", err)
		}
		p := &Plain{Test: PlainTest(rapid.IntRange(int(HasValue), int(NumberAtMost)).Draw(t, "test")), Text: drawText(t), Number: rapid.SampledFrom([]float64{-3, 0, 1}).Draw(t, "than")}
		got := newSet(n)
		told, err := find(stored, n, p, got)
		if err != nil {
			t.Fatal(err)
		}
		isCut := func(s string) bool { return len(s) > maxShort }
		if !told {
			if cut := slices.ContainsFunc(slices.Concat(slices.Collect(valuesOf(texts))...), isCut); !cut {
				t.Fatal("it does not tell, and no text is cut")
			}
			return
		}
		want := newSet(n)
		for i := range n {
			if slices.ContainsFunc(texts[i], func(s string) bool { return meetsText(p, s) }) || slices.ContainsFunc(numbers[i], func(n float64) bool { return meetsNumber(p, n) }) {
				want.add(i)
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v: got %v, want %v", p, got, want)
		}
	})
}

func valuesOf[K comparable, V any](m map[K]V) func(yield func(V) bool) {
	return func(yield func(V) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

// meetsText says it as the SQL of [Plain.Clause] does.
func meetsText(p *Plain, s string) bool {
	return map[PlainTest]bool{HasValue: true, TextEqual: s == p.Text, TextPrefix: s >= p.Text && s < p.Text+beyondText, TextPart: strings.Contains(s, p.Text)}[p.Test]
}

func meetsNumber(p *Plain, n float64) bool {
	return map[PlainTest]bool{HasValue: true, NumberEqual: n == p.Number, NumberAbove: n > p.Number, NumberBelow: n < p.Number, NumberAtLeast: n >= p.Number, NumberAtMost: n <= p.Number}[p.Test]
}

func TestIDsAreReadAsTheyWereWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfNDistinct(rapid.StringMatching(`con_[a-c]{0,3}`), 0, 20, rapid.ID).Draw(t, "ids")
		slices.Sort(ids)
		got, err := readIDs(appendIDs(nil, ids))
		if err != nil || !slices.Equal(got, ids) {
			t.Fatalf("%q became %q (%v)", ids, got, err)
		}
	})
}

// Whatever stands in the database, reading it ends and reaches nowhere else.
func FuzzStoredColumns(f *testing.F) {
	c := newColumn(70)
	for i := range 70 {
		c.put(i, numberValue(float64(i%3)))
		c.put(i, textValue(strings.Repeat("x", i)))
	}
	f.Add(c.encode(), 70)
	f.Add([]byte{aText, 200, 1}, 5)
	f.Fuzz(func(t *testing.T, data []byte, n int) {
		n = max(1, n&(maxRun-1))
		if c, err := readColumn(data, n); err == nil {
			if _, err := readColumn(c.encode(), n); err != nil {
				t.Fatal("what was read cannot be stored")
			}
		}
		out := newSet(runBits)
		if _, err := find(data, n, &Plain{}, out); err == nil && out.count() > runBits {
			t.Fatal("more people than there are")
		}
		_, _ = readIDs(data)
	})
}
