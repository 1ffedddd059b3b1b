package boardsite

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/words"
)

var placeOf = regexp.MustCompile(`\{[a-z]+\}`)

// Every language says everything, with the same places, and in its own words.
func TestEveryLanguageHasEveryWord(t *testing.T) {
	book := New(Deps{}).book
	english := book.For("en")
	for i, one := range words.Tongues() {
		if boards.Languages[i] != one.Tag {
			t.Errorf("boards take %s, and the pages speak %s", boards.Languages[i], one.Tag)
		}
		w := book.For(one.Tag)
		if months := strings.Fields(w.T("months")); len(months) != 12 {
			t.Errorf("%s has %d months", one.Tag, len(months))
		}
		for _, key := range english.Keys() {
			text := w.T(key)
			want, got := placeOf.FindAllString(english.T(key), -1), placeOf.FindAllString(text, -1)
			slices.Sort(want)
			slices.Sort(got)
			switch {
			case text == "":
				t.Errorf("%s lacks %s", one.Tag, key)
			case !strings.HasSuffix(key, ".one") && !slices.Equal(want, got):
				t.Errorf("%s: %s has the places %v, want %v", one.Tag, key, got, want)
			case i > 0 && text == english.T(key) && len(strings.Fields(placeOf.ReplaceAllString(text, ""))) > 1:
				t.Errorf("%s: %s is English", one.Tag, key)
			}
		}
	}
}

// Whatever colour is chosen, text in it and on it can be read, in light and dark.
func TestColoursCanBeRead(t *testing.T) {
	step := 0x33
	for r := 0; r < 256; r += step {
		for g := 0; g < 256; g += step {
			for b := 0; b < 256; b += step {
				c := rgb{float64(r) / 255, float64(g) / 255, float64(b) / 255}
				for _, ground := range []rgb{paperLight, paperDark} {
					s := accentOn(c, ground)
					for name, got := range map[string]float64{
						"text on the card": contrast(written(s.text), ground), "text on the page": contrast(written(s.text), sunkenOf(ground)),
						"text on its tint": contrast(written(s.text), written(s.soft)), "text on the button": contrast(written(s.on), written(s.fill)),
						"text on the button under the pointer": contrast(written(s.on), written(s.hover)),
					} {
						if got < 4.5 {
							t.Errorf("%s on %s: %s has %.2f", c, ground, name, got)
						}
					}
					if got := contrast(written(s.fill), ground); got < 3 {
						t.Errorf("%s on %s: a mark has %.2f", c, ground, got)
					}
				}
			}
		}
	}
}

// written is a colour as the stylesheet has it.
func written(c rgb) rgb { return parseColor(c.String()) }
