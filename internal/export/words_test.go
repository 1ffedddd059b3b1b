package export

import (
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var gap = regexp.MustCompile(`\{[a-z]+\}`)

// Every language says all that English says, with the same gaps to fill.
func TestEveryLanguageSaysEverything(t *testing.T) {
	english, err := wordsOf("en")
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range Languages {
		w, err := wordsOf(language)
		if err != nil || w.Language != language {
			t.Fatalf("%s: %q, %v", language, w.Language, err)
		}
		for name, pair := range map[string][2]map[string]string{
			"texts": {english.Texts, w.Texts}, "sections": {english.Sections, w.Sections}, "columns": {english.Columns, w.Columns}, "values": {english.Values, w.Values},
		} {
			keys := func(i int) []string { return slices.Sorted(maps.Keys(pair[i])) }
			if diff := cmp.Diff(keys(0), keys(1)); diff != "" {
				t.Errorf("%s: %s (-en +%s):\n%s", language, name, language, diff)
			}
			for key, text := range pair[1] {
				gaps := func(s string) []string { g := gap.FindAllString(s, -1); slices.Sort(g); return g }
				if text == "" || !slices.Equal(gaps(text), gaps(pair[0][key])) {
					t.Errorf("%s: %s.%s is empty or has other gaps: %q", language, name, key, text)
				}
			}
		}
		if language != "en" && (w.Texts["rights"] == english.Texts["rights"] || len(w.Terms) < 50) {
			t.Errorf("%s is not translated", language)
		}
	}
	for tag, want := range map[string]string{"de-AT": "de", "AR_eg": "ar", "xx": "en", "": "en"} {
		if w, err := wordsOf(tag); err != nil || w.Language != want {
			t.Errorf("%q gives %s", tag, w.Language)
		}
	}
}
