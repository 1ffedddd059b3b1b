package boards

import (
	"math/bits"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/vault"
)

// How well a word that is looked for and one of a title go together, at best and less
// for each letter that is wrong.
const (
	sameWord  = 100
	beginning = 90 // of a longer word
	perTypo   = 25
)

// typosIn gives how many letters of a word may be wrong, missing, too many or swapped:
// of a short word none, as it would be another one.
func typosIn(runes int) int {
	switch {
	case runes < 4:
		return 0
	case runes < 8:
		return 1
	}
	return 2
}

// term is a word in the form in which words are compared.
type term struct {
	text    string
	runes   []rune
	letters uint64 // which there are, so that most words need no closer look
}

func termOf(text string) term {
	t := term{text: text, runes: []rune(text)}
	for _, r := range t.runes {
		t.letters |= 1 << (uint32(r) % 64)
	}
	return t
}

// quality tells how well a word of a title answers one that is looked for; 0 is not at
// all. Open is a word that somebody may not have written to its end.
func (q *term) quality(w *term, open bool) int {
	if q.text == w.text {
		return sameWord
	}
	most := typosIn(len(q.runes))
	// One wrong letter is one that the other lacks, and the other way round.
	if bits.OnesCount64(q.letters&^w.letters) > most {
		return 0
	}
	longer := len(w.runes) - len(q.runes)
	if -longer > most || !open && longer > most {
		return 0
	}
	whole, begun := distances(q.runes, w.runes, most)
	best := 0
	if whole <= most {
		best = sameWord - perTypo*whole
	}
	if open && begun <= typosIn(len(q.runes)-1) { // a beginning says less
		best = max(best, beginning-perTypo*begun)
	}
	return max(best, 0)
}

// distances gives how many letters lie between two words (wrong, missing, too many, or
// two neighbours swapped: the restricted distance of Damerau and Levenshtein), and
// between the first and the nearest beginning of the second. More than most is most+1.
func distances(a, b []rune, most int) (whole, begun int) {
	if len(b) > len(a)+most {
		b = b[:len(a)+most+1] // what comes after makes it no nearer
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
			least = min(least, d)
		}
		if least > most {
			return most + 1, most + 1
		}
		before, last, row = last, row, before
	}
	begun = last[0]
	for _, d := range last {
		begun = min(begun, d)
	}
	return min(last[len(b)], most+1), min(begun, most+1)
}

// said is a text cut into what is compared: words of alphabets, and runs of scripts that
// set no spaces.
type said struct {
	words []term
	runs  [][]string // each as its pairs of neighbours, or the one character that it is
	open  bool       // the last word may go on
}

// maxTerms bounds what is looked for at once.
const maxTerms = 24

func saidIn(text string) (s said) {
	lastDense := true
	vault.Runs(text, func(word string, dense bool) bool {
		lastDense = dense
		if dense {
			s.runs = append(s.runs, pairsOf(word))
		} else {
			s.words = append(s.words, termOf(word))
		}
		return len(s.words)+len(s.runs) < maxTerms
	})
	s.open = !lastDense && len(text) > 0 && text[len(text)-1] != ' '
	return s
}

// pairsOf gives each two neighbouring characters of a run.
func pairsOf(run string) (out []string) {
	if utf8.RuneCountInString(run) == 1 {
		return []string{run}
	}
	from, before := 0, 0
	for i := range run {
		if i > 0 && before > 0 {
			out = append(out, run[from:i])
			from = before
		}
		before = i
	}
	return append(out, run[from:])
}
