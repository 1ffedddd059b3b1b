package boardsite

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSaysWhatOfAStylesheetIsLeftOut(t *testing.T) {
	for _, tt := range []struct {
		name, css string
		want      []CSSPart
	}{
		{"nothing", "h1 { color: red }\n.post { border-radius: 0 }\n", nil},
		{"a property", "h1 {\n  color: red;\n  behavior: url(x);\n}", []CSSPart{{3, "behavior: url(x)", "property"}}},
		{"a value", "h1 { position: fixed; color: red }", []CSSPart{{1, "position: fixed", "value"}}},
		{"an address", ".top { background: url(https://x.example/a.png) }", []CSSPart{{1, "background: url(https://x.example/a.png)", "value"}}},
		{"a rule with @", "@import 'x.css';\n@font-face { src: url(x) }\nh1{color:red}", []CSSPart{{1, "@import 'x.css'", "at_rule"}, {2, "@font-face", "at_rule"}}},
		{"a selector, as a whole", "a:has(b) { color: red; behavior: x }", []CSSPart{{1, "a:has(b)", "selector"}}},
		{"a rule within a rule", ".post { color: red; a { color: blue } }", []CSSPart{{1, "a", "nested"}}},
		{"no end", "\n\nh1 { color: red", []CSSPart{{3, "color: red", "broken"}}},
		{"no colon", "h1 { color red; margin: 0 }", []CSSPart{{1, "color red", "broken"}}},
		{"a brace too many", "h1 { color: red }\n}", []CSSPart{{2, "}", "broken"}}},
		{"within @media", "@media (width > 600px) {\n h1 { zoom: 2 }\n}", []CSSPart{{2, "zoom: 2", "property"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, got := sifted(tt.css)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatIsLeftOutIsBounded(t *testing.T) {
	_, got := sifted(strings.Repeat("h1{"+strings.Repeat("é", 500)+":x;zoom:1}", 600))
	if len(got) != maxLeftOut || slices.ContainsFunc(got, func(l CSSPart) bool { return len(l.Text) > maxLeftText+3 }) {
		t.Errorf("%d parts, the first %q", len(got), got[0].Text)
	}
}

func FuzzSifted(f *testing.F) {
	f.Add("h1{color:red}@media(x){a{b:c}}}")
	f.Add("a{é:x;;}{}@")
	f.Fuzz(func(t *testing.T, css string) {
		_, left := sifted(css)
		for _, l := range left {
			if l.Line < 1 || l.Line > 1+strings.Count(css, "\n") || l.Text == "" {
				t.Errorf("%q: %+v", css, l)
			}
		}
	})
}
