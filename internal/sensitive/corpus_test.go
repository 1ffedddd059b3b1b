package sensitive

import (
	"bufio"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the measured table into docs/sensitive-data.md")

// example is a text with the places that are to be found.
type example struct {
	language, text string
	want           []Finding
}

// examples reads a file of testdata.
func examples(t testing.TB, name string) []example {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []example
	for lines := bufio.NewScanner(f); lines.Scan(); {
		language, marked, ok := strings.Cut(lines.Text(), "\t")
		if !ok || strings.HasPrefix(language, "#") {
			continue
		}
		all = append(all, parse(t, language, strings.ReplaceAll(marked, `\n`, "\n")))
	}
	return all
}

func parse(t testing.TB, language, marked string) example {
	t.Helper()
	e := example{language: language}
	for {
		before, rest, more := strings.Cut(marked, "⟦")
		e.text += before
		if !more {
			return e
		}
		span, after, ok := strings.Cut(rest, "⟧")
		kind, value, ok2 := strings.Cut(span, "|")
		if !ok || !ok2 {
			t.Fatalf("a broken mark in %q", marked)
		}
		kind, country, _ := strings.Cut(kind, ".")
		e.want = append(e.want, Finding{Kind: Kind(kind), Country: country, Start: len(e.text), End: len(e.text) + len(value)})
		e.text += value
		marked = after
	}
}

// score counts what was found of one kind.
type score struct{ right, missed, wrong int }

func (s score) precision() float64 { return share(s.right, s.right+s.wrong) }
func (s score) recall() float64    { return share(s.right, s.right+s.missed) }

func share(n, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(n) / float64(of)
}

// measure compares what is found with what is to be found. A place counts as found
// when it is covered whole by a finding of its kind.
func measure(t testing.TB, all []example) map[Kind]*score {
	t.Helper()
	scores := map[Kind]*score{}
	for _, k := range Kinds() {
		scores[k] = &score{}
	}
	for _, e := range all {
		found := Find(e.text)
		used := make([]bool, len(found))
		for _, w := range e.want {
			hit := false
			for i, f := range found {
				if f.Kind == w.Kind && f.Start <= w.Start && f.End >= w.End && f.End-f.Start <= w.End-w.Start+2 {
					hit, used[i] = true, true
					if w.Country != "" && !sameCountry(f.Country, w.Country) {
						t.Logf("country %s, not %s: %s", f.Country, w.Country, e.text)
					}
				}
			}
			if hit {
				scores[w.Kind].right++
			} else {
				scores[w.Kind].missed++
				t.Logf("missed %s %q in %q; found %v", w.Kind, e.text[w.Start:w.End], e.text, found)
			}
		}
		for i, f := range found {
			if !used[i] {
				scores[f.Kind].wrong++
				t.Logf("wrong %s %q in %q", f.Kind, e.text[f.Start:f.End], e.text)
			}
		}
	}
	return scores
}

// sameCountry tells whether two countries number their people in the same way.
func sameCountry(a, b string) bool {
	pair := map[string]string{"cz": "sk", "sk": "cz", "ee": "lt", "lt": "ee"}
	return a == b || pair[a] == b
}

// The published table is what a measurement gives: no worse, and no better either,
// so that nobody reads old figures.
func TestCorpus(t *testing.T) {
	const doc, begin, end = "../../docs/sensitive-data.md", "<!-- measured -->\n", "<!-- /measured -->"
	tuned, held, hard, fresh := examples(t, "corpus.tsv"), examples(t, "heldout.tsv"), examples(t, "formerly-fresh.tsv"), examples(t, "fresh.tsv")
	negatives := 0
	for _, e := range append(tuned[:len(tuned):len(tuned)], held...) {
		if len(e.want) == 0 {
			negatives++
		}
	}
	if len(tuned)+len(held) < 400 || negatives < 200 {
		t.Fatalf("%d examples, %d of them hard negatives", len(tuned)+len(held), negatives)
	}
	table := tableOf(measure(t, tuned), measure(t, held), measure(t, hard), measure(t, fresh)) + "\n" + alarms()
	raw, err := os.ReadFile(doc)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(raw), begin)
	published, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table", doc)
	}
	if *update {
		if err := os.WriteFile(doc, []byte(head+begin+table+end+tail), 0o644); err != nil { //nolint:gosec // a document for everybody
			t.Fatal(err)
		}
		return
	}
	if published != table {
		t.Errorf("the measured table is\n%s\nbut %s says\n%s\nIf it got better, run go test ./internal/sensitive -run TestCorpus -update", table, doc, published)
	}
}

func tableOf(sets ...map[Kind]*score) string {
	var b strings.Builder
	b.WriteString("| kind | tuned on: examples | precision | recall | held out: examples | precision | recall | hard, tuned on: examples | precision | recall | fresh: examples | precision | recall |\n" +
		strings.Repeat("|---", 13) + "|\n")
	for _, k := range Kinds() {
		fmt.Fprintf(&b, "| `%s` |", k)
		for _, set := range sets {
			s := set[k]
			fmt.Fprintf(&b, " %d | %.2f | %.2f |", s.right+s.missed, s.precision(), s.recall())
		}
		b.WriteString("\n")
	}
	return b.String()
}

// alarms counts how often a number of chance alone, without a word that tells what
// it is, is taken for something.
func alarms() string {
	const each = 20_000
	random := rand.New(rand.NewPCG(2026, 11))
	var b strings.Builder
	b.WriteString("| digits of a number by chance | flagged as a card | flagged as a national id | masked by default |\n|---|---|---|---|\n")
	for _, digits := range []int{8, 9, 10, 11, 12, 13, 14, 15, 16, 18} {
		times, masked := map[Kind]int{}, 0
		for range each {
			n := make([]byte, digits)
			for i := range n {
				n[i] = byte('0' + random.IntN(10))
			}
			text := "we looked at " + string(n) + " again"
			for _, f := range Find(text) {
				times[f.Kind]++
			}
			masked += len(DefaultPolicy().Check(text).Masked)
		}
		fmt.Fprintf(&b, "| %d | %.2f %% | %.2f %% | %.2f %% |\n", digits, 100*share(times[Card], each), 100*share(times[NationalID], each), 100*share(masked, each))
	}
	return b.String()
}
