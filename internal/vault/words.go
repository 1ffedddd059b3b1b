package vault

import (
	"unicode"
	"unicode/utf8"
)

const (
	maxWord = 64 // runes of a word that count

	minPrefix, maxPrefix = 2, 12 // of a word in an alphabet
	maxPiece             = 4     // of a run that is not
)

// dense are the scripts whose words are not set apart by spaces, and Korean, whose
// endings grow onto the word. Runs of them are indexed in pairs.
var dense = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
}

// single are those of which one character alone may be a word.
var single = []*unicode.RangeTable{unicode.Han, unicode.Hangul}

// isDense tells whether a rune belongs to a run of pairs. The long vowel mark of
// Japanese belongs to two scripts and so to neither.
func isDense(r rune) bool {
	return r >= 0x0E00 && (r == 'ー' || unicode.In(r, dense...))
}

func isWord(r rune) bool {
	if r < 0x80 {
		return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z'
	}
	return unicode.In(r, unicode.L, unicode.N, unicode.Mn, unicode.Mc)
}

// runs cuts folded text into words in an alphabet, and runs of dense script, until
// yield says false.
func runs(text string, yield func(word string, dense bool) bool) {
	start, kind := 0, 0 // 0 between words, 1 in a word, 2 in a dense run
	for i, r := range text {
		next := 0
		switch {
		case !isWord(r):
		case isDense(r):
			next = 2
		default:
			next = 1
		}
		if next == kind {
			continue
		}
		if kind != 0 && !yield(text[start:i], kind == 2) {
			return
		}
		start, kind = i, next
	}
	if kind != 0 {
		yield(text[start:], kind == 2)
	}
}

// words yields the indexed pieces of a text. For a query it leaves out the single
// characters of longer runs, which their pairs imply.
func words(text string, whole bool, yield func([]byte) bool) {
	var buf []byte
	emit := func(s string) bool {
		buf = append(buf[:0], s...)
		return yield(buf)
	}
	runs(fold(text), func(word string, dense bool) bool {
		if dense {
			return pairs(word, whole, emit)
		}
		return emit(cut(word, maxWord))
	})
}

// pairs yields each two neighbouring characters of a run, and each single one that
// may be a word, or that is all there is.
func pairs(run string, singles bool, yield func(string) bool) bool {
	if utf8.RuneCountInString(run) == 1 {
		return yield(run)
	}
	for i, r := range run {
		after := i + utf8.RuneLen(r)
		if singles && unicode.In(r, single...) && !yield(run[i:after]) {
			return false
		}
		if after == len(run) {
			break
		}
		_, size := utf8.DecodeRuneInString(run[after:])
		if !yield(run[i : after+size]) {
			return false
		}
	}
	return true
}

// prefixes yields what Prefixes makes tokens of.
func prefixes(name string, yield func([]byte) bool) {
	var buf []byte
	emit := func(s string) bool {
		buf = append(buf[:0], s...)
		return yield(buf)
	}
	runs(fold(name), func(word string, dense bool) bool {
		if !dense {
			return beginnings(word, minPrefix, maxPrefix, emit)
		}
		for i := range word {
			if !beginnings(word[i:], 1, maxPiece, emit) {
				return false
			}
		}
		return true
	})
}

// beginnings yields the first least to most runes of s.
func beginnings(s string, least, most int, yield func(string) bool) bool {
	n := 0
	for i, r := range s {
		n++
		if n > most {
			break
		}
		if n >= least && !yield(s[:i+utf8.RuneLen(r)]) {
			return false
		}
	}
	return true
}

// queryPrefixes yields the beginning of each word that is long enough.
func queryPrefixes(query string, yield func([]byte) bool) {
	runs(fold(query), func(word string, dense bool) bool {
		switch {
		case dense:
			return yield([]byte(cut(word, maxPiece)))
		case utf8.RuneCountInString(word) >= minPrefix:
			return yield([]byte(cut(word, maxPrefix)))
		}
		return true
	})
}

// cut gives the first most runes of s.
func cut(s string, most int) string {
	n := 0
	for i := range s {
		if n == most {
			return s[:i]
		}
		n++
	}
	return s
}

// Runs cuts a text into its words as they are compared: folded, without what stands
// between them, each a word in an alphabet, or a run of a script that sets no spaces.
func Runs(text string, yield func(word string, dense bool) bool) { runs(fold(text), yield) }
