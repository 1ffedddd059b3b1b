package contacts

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Two people of one company may be the same one where their names are similar: the
// outer words of both are the same in any order, but that one of them may be an
// initial ("A. Lovelace"), or differ by one letter after the first ("Lovelave").
// Case, accents, the two ways of writing an umlaut, titles and what stands between the
// outer words say nothing. A name of one word is similar to itself alone, and only in
// writing that has no spaces: there are too many Annas.

// longWord is how many letters a word needs for one of them to be a slip.
const longWord = 4

// outer gives the first and the last word of somebody's name, folded; the last is
// empty in writing without spaces, and both are where that is too little to tell.
func (p Profile) outer() (first, last string) {
	name := p.Name
	if p.FirstName != "" && p.LastName != "" {
		name = p.FirstName + " " + p.LastName
	}
	words := nameWords(name)
	switch {
	case len(words) > 1:
		return words[0], words[len(words)-1]
	case len(words) == 1 && utf8.RuneCountInString(words[0]) > 1 && strings.IndexFunc(words[0], isSpaceless) >= 0:
		return words[0], ""
	}
	return "", ""
}

func isSpaceless(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

// foldedLetters are letters that a decomposition leaves as they are.
var foldedLetters = strings.NewReplacer("ß", "ss", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i", "æ", "a", "œ", "o", "ae", "a", "oe", "o", "ue", "u", "'", "", "’", "", "ʼ", "")

// nameWords gives the words of a name, folded, without titles.
func nameWords(name string) []string {
	folded := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(strings.ToLower(name)))
	words := strings.FieldsFunc(foldedLetters.Replace(folded), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	return slices.DeleteFunc(words, func(w string) bool {
		return slices.Contains([]string{"dr", "prof", "mr", "mrs", "herr", "frau"}, w) && len(words) > 2
	})
}

func initial(word string) string {
	_, n := utf8.DecodeRuneInString(word)
	return word[:n]
}

// nameKeys gives what similar names share: each outer word with the initial of the
// other. One that is an initial itself tells nothing.
func nameKeys(p Profile) []string {
	first, last := p.outer()
	if first == "" {
		return nil
	}
	var out []string
	for _, pair := range [][2]string{{first, last}, {last, first}} {
		if utf8.RuneCountInString(pair[0]) > 1 {
			out = append(out, pair[0]+"\x00"+initial(pair[1]))
		}
	}
	return out
}

// nameTokens gives the tokens of a profile's name keys.
func nameTokens(ix *vault.Index, p Profile) [][]byte {
	var out [][]byte
	for _, key := range nameKeys(p) {
		out = append(out, ix.Equal("namesake", key))
	}
	return out
}

// similar tells whether two people's names are.
func similar(a, b Profile) bool {
	a1, a2 := a.outer()
	b1, b2 := b.outer()
	if a1 == "" || b1 == "" {
		return false
	}
	return alike(a1, b1, a2, b2) || alike(a1, b2, a2, b1)
}

// alike tells whether of two pairs of words one is the same, and the other as good as.
func alike(a1, b1, a2, b2 string) bool {
	return a1 == b1 && utf8.RuneCountInString(a1) > 1 && near(a2, b2) || a2 == b2 && utf8.RuneCountInString(a2) > 1 && near(a1, b1)
}

// near tells whether two words are the same, one the other's initial, or different by
// one letter after the first: another, one more, or two that changed places.
func near(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	switch {
	case a == b:
		return true
	case len(x) == 0 || x[0] != y[0]:
		return false
	case len(x) == 1:
		return true
	case len(x) < longWord || len(y)-len(x) > 1:
		return false
	}
	from, to := 0, 0 // where they are the same from the beginning, and from the end
	for from < len(x) && x[from] == y[from] {
		from++
	}
	for to < len(x)-from && x[len(x)-1-to] == y[len(y)-1-to] {
		to++
	}
	if len(y) > len(x) {
		return from+to == len(x)
	}
	left := len(x) - from - to
	return left == 1 || left == 2 && x[from] == y[from+1] && x[from+1] == y[from]
}

const (
	insertNamesakes = `INSERT INTO contact_namesakes (workspace_id, company_id, token, contact_id) VALUES `
	scopeNamesakes  = `
	UPDATE contact_namesakes SET company_id = COALESCE((SELECT c.company_id FROM contacts c
		WHERE c.workspace_id = contact_namesakes.workspace_id AND c.id = contact_namesakes.contact_id), '')
	WHERE workspace_id = $1 AND contact_id = $2`
)

// scopeNames has a contact's name found within the company that they belong to now.
func scopeNames(tx *storage.Tx, workspaceID, contactID string) error {
	_, err := tx.Exec(scopeNamesakes, workspaceID, contactID)
	return err
}
