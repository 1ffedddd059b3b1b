package pages

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed words/*.json
var wordFiles embed.FS

// tongue is a language of the portal: its tag and how it calls itself.
type tongue struct{ Tag, Name string }

// tongues are the portal's languages; the first is for everybody else.
var tongues = []tongue{{"en", "English"}, {"de", "Deutsch"}, {"fr", "Français"}, {"es", "Español"}, {"pl", "Polski"}, {"ar", "العربية"}}

// words are all that the portal says in one language, by name.
type words struct {
	Lang  string
	texts map[string]string
}

// allWords reads the languages once. The files are part of the program, and a test
// reads them: they cannot fail.
var allWords = sync.OnceValue(func() map[string]words {
	out := map[string]words{}
	for _, t := range tongues {
		raw, err := wordFiles.ReadFile("words/" + t.Tag + ".json")
		w := words{Lang: t.Tag}
		if err == nil {
			err = json.Unmarshal(raw, &w.texts)
		}
		if err != nil {
			panic(fmt.Sprintf("pages: words of %s: %v", t.Tag, err))
		}
		out[t.Tag] = w
	}
	return out
})

var matchTongue = sync.OnceValue(func() language.Matcher {
	tags := make([]language.Tag, len(tongues))
	for i, t := range tongues {
		tags[i] = language.MustParse(t.Tag)
	}
	return language.NewMatcher(tags)
})

// wordsFor gives the words of the language that is nearest to the first wish that
// can be met. A wish is a tag, or a list as in Accept-Language (RFC 9110, 12.5.4).
func wordsFor(wishes ...string) words {
	for _, wish := range wishes {
		tags, _, err := language.ParseAcceptLanguage(wish)
		if err != nil || len(tags) == 0 {
			continue
		}
		if _, i, confidence := matchTongue().Match(tags...); confidence > language.No {
			return allWords()[tongues[i].Tag]
		}
	}
	return allWords()[tongues[0].Tag]
}

// tongueOf gives the language of the portal that a tag is of, as de-AT is of de; ""
// where there is none.
func tongueOf(tag string) string {
	base, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(tag), "_", "-"), "-")
	if i := slices.IndexFunc(tongues, func(t tongue) bool { return t.Tag == base }); i >= 0 {
		return base
	}
	return ""
}

// Dir is how the language is written.
func (w words) Dir() string {
	if w.Lang == "ar" {
		return "rtl"
	}
	return "ltr"
}

// T gives a text with its places filled in, given as name and value in turn.
func (w words) T(key string, fill ...string) string {
	if len(fill) == 0 {
		return w.texts[key]
	}
	pairs := slices.Clone(fill)
	for i := 0; i < len(pairs); i += 2 {
		pairs[i] = "{" + pairs[i] + "}"
	}
	return strings.NewReplacer(pairs...).Replace(w.texts[key])
}

// Has tells whether there is such a text.
func (w words) Has(key string) bool { return w.texts[key] != "" }

// Or gives a text, or another where there is none.
func (w words) Or(key, other string) string {
	if text := w.texts[key]; text != "" {
		return text
	}
	return other
}

// N gives a text about a number of things, in the form that the language has for
// it (CLDR plural rules).
func (w words) N(key string, n int) string {
	form := pluralForms[plural.Cardinal.MatchPlural(language.MustParse(w.Lang), n, 0, 0, 0, 0)]
	text := w.Or(key+"."+form, w.texts[key+".other"])
	return strings.ReplaceAll(text, "{n}", strconv.Itoa(n))
}

var pluralForms = map[plural.Form]string{plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many"}

// Date gives a day, as the language writes it.
func (w words) Date(t time.Time) string {
	t = t.UTC()
	return w.T("date", "day", strconv.Itoa(t.Day()), "month", strings.Fields(w.texts["months"])[t.Month()-1], "year", strconv.Itoa(t.Year()))
}

// Moment gives a day and time of day.
func (w words) Moment(t time.Time) string {
	return w.T("moment", "date", w.Date(t), "time", t.UTC().Format("15:04"))
}

// Join puts a comma between texts.
func (w words) Join(texts []string) string { return strings.Join(texts, w.texts["comma"]) }

// keys names every text, in order.
func (w words) keys() []string { return slices.Sorted(maps.Keys(w.texts)) }

// Languages gives the tags of the portal's languages.
func Languages() []string {
	tags := make([]string, len(tongues))
	for i, t := range tongues {
		tags[i] = t.Tag
	}
	return tags
}
