package pages

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var placeOf = regexp.MustCompile(`\{[a-z]+\}`)

// Every language says everything, with the same places, and in its own words.
func TestEveryLanguageHasEveryWord(t *testing.T) {
	english := wordsFor("en")
	for _, one := range tongues[1:] {
		w, same := wordsFor(one.Tag), 0
		for _, key := range english.Keys() {
			text := w.T(key)
			if text == "" {
				t.Errorf("%s lacks %s", one.Tag, key)
				continue
			}
			want, got := placeOf.FindAllString(english.T(key), -1), placeOf.FindAllString(text, -1)
			slices.Sort(want)
			slices.Sort(got)
			if base, _, plural := strings.Cut(key, "."); !(plural && (base == "days" || base == "entries")) && !slices.Equal(want, got) {
				t.Errorf("%s: %s has the places %v, want %v", one.Tag, key, got, want)
			}
			if text == english.T(key) && len(strings.Fields(text)) > 2 && key != "moment" && key != "date" {
				same++
				t.Errorf("%s: %s is English", one.Tag, key)
			}
		}
		if months := strings.Fields(w.T("months")); len(months) != 12 {
			t.Errorf("%s has %d months", one.Tag, len(months))
		}
	}
}
