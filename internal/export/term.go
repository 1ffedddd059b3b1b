package export

import "sync"

var termsOf = sync.OnceValues(func() (map[string]words, error) {
	out := map[string]words{}
	for _, l := range Languages {
		w, err := wordsOf(l)
		if err != nil {
			return nil, err
		}
		out[l] = w
	}
	return out, nil
})

// Term gives one of the catalogue's texts, which are English in the code, in one of
// [Languages]. Translated is false where it is left as it is.
func Term(language, english string) (text string, translated bool) {
	all, err := termsOf()
	if err != nil {
		return english, false
	}
	return all[language].term(english)
}

// NamesSection tells whether a section of the export has a name in a language.
func NamesSection(language, name string) bool {
	all, err := termsOf()
	return err == nil && all[language].Sections[name] != ""
}
