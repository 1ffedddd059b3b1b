package export

import (
	"embed"
	"encoding/json"
	"strings"
)

//go:embed locales/*.json
var locales embed.FS

// Languages are those that the page is written in, as the portal and the mails.
var Languages = []string{"en", "de", "fr", "es", "pl", "ar"}

// words are the texts of a language. Terms are the catalogue's own words, which
// are English in the code.
type words struct {
	Language string            `json:"-"`
	Texts    map[string]string `json:"texts"`
	Sections map[string]string `json:"sections"`
	Columns  map[string]string `json:"columns"`
	Values   map[string]string `json:"values"`
	Terms    map[string]string `json:"terms"`
}

// wordsOf gives the texts of the language that a tag begins with, or English.
func wordsOf(locale string) (words, error) {
	w := words{Language: "en"}
	for _, known := range Languages {
		base, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(locale), "_", "-"), "-")
		if base == known {
			w.Language = known
		}
	}
	raw, err := locales.ReadFile("locales/" + w.Language + ".json")
	if err != nil {
		return w, err
	}
	return w, json.Unmarshal(raw, &w)
}

// direction is how the language is written.
func (w words) direction() string {
	if w.Language == "ar" {
		return "rtl"
	}
	return "ltr"
}

// text gives a text with its places filled in, given as name and value in turn.
func (w words) text(key string, fill ...string) string {
	for i := range fill {
		if i%2 == 0 {
			fill[i] = "{" + fill[i] + "}"
		}
	}
	return strings.NewReplacer(fill...).Replace(w.Texts[key])
}

// section and column name what a package holds, in plain words where it has none
// here.
func (w words) section(name string) string { return plainly(w.Sections, name) }
func (w words) column(name string) string  { return plainly(w.Columns, name) }
func (w words) value(name string) string   { return plainly(w.Values, name) }

func plainly(in map[string]string, name string) string {
	if word := in[name]; word != "" {
		return word
	}
	return strings.NewReplacer("_", " ", ".", ", ").Replace(name)
}

// term translates one of the catalogue's texts; translated is false where it is
// left as it is.
func (w words) term(english string) (text string, translated bool) {
	if w.Language == "en" {
		return english, true
	}
	if text, translated = w.Terms[english]; !translated {
		text, translated = w.Values[english] // lawful bases and purposes of ours
	}
	if !translated {
		text = english
	}
	return text, translated
}
