package app_test

import (
	"testing"

	"github.com/botimum/botimum/internal/export"
	"github.com/botimum/botimum/internal/privacy"
)

// What the catalogue says of a contact's data is read by that contact, in the
// notice and in the export: each of its words has a translation in each language.
// One that is missing goes to internal/export/locales.
func TestEveryWordOfTheCatalogueIsTranslated(t *testing.T) {
	w := start(t, configs(t)["sqlite"](t))
	purposes := map[string]bool{}
	for _, p := range privacy.DefaultPurposes() {
		purposes[p.Key] = true
	}
	for _, lang := range export.Languages {
		missing := map[string]bool{}
		for _, f := range w.Privacy.Catalogue() {
			if f.Whose != privacy.OfContact {
				continue
			}
			terms := append(append([]string{f.Category, f.Retention, f.LawfulBasis}, f.Holds...), f.Recipients...)
			if !purposes[f.Purpose] {
				terms = append(terms, f.Purpose)
			}
			for _, term := range terms {
				if text, translated := export.Term(lang, term); (!translated || text == "") && !missing[term] {
					missing[term] = true
					t.Errorf("%s lacks the term %q of %s.%s", lang, term, f.Table, f.Column)
				}
			}
		}
		for _, s := range w.Privacy.Sections() {
			if !export.NamesSection(lang, s.Name) {
				t.Errorf("%s lacks the section %q", lang, s.Name)
			}
		}
	}
}
