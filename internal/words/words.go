package words

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Tongue is a language: its tag and how it calls itself.
type Tongue struct{ Tag, Name string }

// Tongues are the languages that pages speak; the first is for everybody else.
func Tongues() []Tongue {
	return []Tongue{{"en", "English"}, {"de", "Deutsch"}, {"fr", "Français"}, {"es", "Español"}, {"pl", "Polski"}, {"ar", "العربية"}}
}

// Book holds the texts of one surface in all languages.
type Book struct {
	tongues []Tongue
	in      map[string]Words
	matcher language.Matcher
}

// Words are all texts in one language, by name.
type Words struct {
	Lang  string
	texts map[string]string
	tag   language.Tag
}

// Read reads a book from files named after the languages, such as de.json.
func Read(files fs.FS) (*Book, error) {
	b := &Book{tongues: Tongues(), in: map[string]Words{}}
	var tags []language.Tag
	for _, t := range b.tongues {
		raw, err := fs.ReadFile(files, t.Tag+".json")
		w := Words{Lang: t.Tag, tag: language.MustParse(t.Tag)}
		if err == nil {
			err = json.Unmarshal(raw, &w.texts)
		}
		if err != nil {
			return nil, fmt.Errorf("words of %s: %w", t.Tag, err)
		}
		b.in[t.Tag] = w
		tags = append(tags, w.tag)
	}
	b.matcher = language.NewMatcher(tags)
	return b, nil
}

// For gives the words of the language that is nearest to the first wish that can be
// met. A wish is a tag, or a list as in Accept-Language (RFC 9110, 12.5.4).
func (b *Book) For(wishes ...string) Words {
	for _, wish := range wishes {
		if w, ok := b.in[wish]; ok {
			return w
		}
		if wish == "" || len(wish) > 500 {
			continue
		}
		tags, _, err := language.ParseAcceptLanguage(wish)
		if err != nil || len(tags) == 0 {
			continue
		}
		if _, i, confidence := b.matcher.Match(tags...); confidence > language.No {
			return b.in[b.tongues[i].Tag]
		}
	}
	return b.in[b.tongues[0].Tag]
}

// Has tells whether the book is written in a language.
func (b *Book) Has(tag string) bool { _, ok := b.in[tag]; return ok }

// Dir is how the language is written.
func (w Words) Dir() string {
	if w.Lang == "ar" {
		return "rtl"
	}
	return "ltr"
}

// T gives a text with its places filled in, given as name and value in turn.
func (w Words) T(key string, fill ...string) string {
	if len(fill) == 0 {
		return w.texts[key]
	}
	pairs := slices.Clone(fill)
	for i := 0; i < len(pairs); i += 2 {
		pairs[i] = "{" + pairs[i] + "}"
	}
	return strings.NewReplacer(pairs...).Replace(w.texts[key])
}

// Or gives a text, or another where there is none.
func (w Words) Or(key, other string) string {
	if text := w.texts[key]; text != "" {
		return text
	}
	return other
}

var forms = map[plural.Form]string{plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many"}

// N gives a text about a number of things, in the form that the language has for it
// (CLDR plural rules).
func (w Words) N(key string, n int64) string {
	form := forms[plural.Cardinal.MatchPlural(w.tag, int(n), 0, 0, 0, 0)]
	return strings.ReplaceAll(w.Or(key+"."+form, w.texts[key+".other"]), "{n}", strconv.FormatInt(n, 10))
}

// Date gives a day, as the language writes it.
func (w Words) Date(t time.Time) string {
	t = t.UTC()
	return w.T("date", "day", strconv.Itoa(t.Day()), "month", strings.Fields(w.texts["months"])[t.Month()-1], "year", strconv.Itoa(t.Year()))
}

// Keys names every text, in order.
func (w Words) Keys() []string { return slices.Sorted(maps.Keys(w.texts)) }
