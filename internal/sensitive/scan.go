package sensitive

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// hints say which detectors have anything to look at.
type hints uint8

const (
	manyDigits hints = 1 << iota // as many as the shortest number has
	longWord                     // as long as the shortest key
	secretWord                   // the beginning of a word such as "password"
)

const (
	fewestDigits = 6  // of a Cypriot identity card
	shortestKey  = 16 // of a key that is known by its form
)

// hint looks over a text once.
func hint(text string) hints {
	var h hints
	digits, run := 0, 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c >= '0' && c <= '9':
			digits++
			run++
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			run++
			if h&secretWord == 0 && beginsSecret(text, i, c|0x20) && (i == 0 || !isLetter(text[i-1]) || isCompound(text[i:])) {
				h |= secretWord
			}
		case c == '_' || c == '-' || c == '.' || c == '/' || c == '+':
			run++
		case c >= utf8.RuneSelf:
			run = 0
			digits += foreignDigit(text, i, c)
			if c == 0xd9 || c == 0xd8 { // Arabic letters
				h |= secretWord
			}
		case c == ':':
			run = 0
			if strings.HasPrefix(text[i:], "://") {
				h |= secretWord
			}
		default:
			run = 0
		}
		if run >= shortestKey {
			h |= longWord
		}
	}
	if digits >= fewestDigits {
		h |= manyDigits
	}
	if h&longWord == 0 && strings.Contains(text, "Basic ") {
		h |= longWord
	}
	return h
}

// foreignDigit tells by 1 that a character that is not ASCII is a decimal digit.
func foreignDigit(text string, i int, c byte) int {
	if c < 0xc0 || c < 0xd9 { // a continuation, or Latin, Greek and Cyrillic
		return 0
	}
	r, _ := utf8.DecodeRuneInString(text[i:])
	if unicode.IsDigit(r) {
		return 1
	}
	return 0
}

// secretFirst marks the letters that such words begin with.
var secretFirst = [26]byte{'p' - 'a': 1, 'k' - 'a': 1, 'm' - 'a': 1, 'c' - 'a': 1, 'h' - 'a': 1, 'g' - 'a': 1, 'l' - 'a': 1, 'u' - 'a': 1, 'b' - 'a': 1, 'z' - 'a': 1,
	'i' - 'a': 1, 'd' - 'a': 1}

// isCompound tells whether German's words for a password begin a text: other words
// may be glued before them.
func isCompound(text string) bool {
	const length = len("passwort")
	return len(text) >= length && (strings.EqualFold(text[:length], "passwort") || strings.EqualFold(text[:length], "kennwort"))
}

// beginsSecret tells whether a word that announces a password may begin at i. The
// second letter is looked at first: it nearly always says no.
func beginsSecret(text string, i int, first byte) bool {
	if i+2 >= len(text) || secretFirst[first-'a'] == 0 {
		return false
	}
	word := ""
	switch second := text[i+1] | 0x20; {
	case first == 'p' && second == 'w':
		return true
	case first == 'p' && second == 'a':
		word = "pass"
	case first == 'p' && second == 'i':
		word = "pin"
	case first == 'k' && second == 'e':
		word = "kennw"
	case first == 'm' && second == 'o':
		word = "mot de"
	case first == 'm' && second == 'd':
		word = "mdp"
	case first == 'c' && second == 'o':
		word = "contrase"
	case first == 'c' && second == 'l':
		word = "clave"
	case first == 'c' && second == 'r':
		word = "cred"
	case first == 'h' && second == 'a':
		word = "has"
	case first == 'g' && second == 'e':
		word = "geheimz"
	case first == 'l' && second == 'o':
		word = "log"
	case first == 'u' && (second == 's' || second == 't'):
		return strings.EqualFold(text[i:i+3], "use") || strings.EqualFold(text[i:i+3], "usu") || strings.EqualFold(text[i:i+3], "uti")
	case first == 'b' && second == 'e':
		word = "benutz"
	case first == 'z' && second == 'u':
		word = "zugang"
	case first == 'i' && second == 'd':
		word = "identif"
	case first == 'd' && second == 'a':
		word = "dane l"
	}
	return word != "" && len(text)-i >= len(word) && strings.EqualFold(text[i:i+len(word)], word)
}

// What stands in a folded text for characters that are not ASCII.
const (
	letter = 0x80 // any letter
	other  = 0x01 // anything else
	masked = 0x02 // a mark that stands for what was masked
)

// folded is a text in which every character is one byte: digits of every script
// are ASCII digits, spaces and dashes of every sort are ' ' and '-', and what is
// not seen is gone.
type folded struct {
	text   string
	b      []byte
	at, to []int // where each byte's character begins and ends in the text
}

func fold(text string) *folded {
	f := &folded{text: text, b: make([]byte, 0, len(text)), at: make([]int, 0, len(text)), to: make([]int, 0, len(text))}
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		if c, seen := foldRune(r); seen {
			f.b, f.at, f.to = append(f.b, c), append(f.at, i), append(f.to, i+size)
		}
		i += size
	}
	return f
}

// foldRune gives the byte for a character, and whether it is seen at all.
func foldRune(r rune) (byte, bool) {
	switch {
	case r < utf8.RuneSelf:
		return byte(r), true
	case r == '•' || r == '█':
		return masked, true
	case r >= 0xff01 && r <= 0xff5e: // full width forms of ASCII
		return byte(r - 0xff01 + '!'), true
	case unicode.Is(unicode.Cf, r):
		return 0, false
	case unicode.IsDigit(r):
		return '0' + digitOf(r), true
	case unicode.IsSpace(r):
		return ' ', true
	case unicode.Is(unicode.Pd, r) || r == '−':
		return '-', true
	case unicode.IsLetter(r) || unicode.IsMark(r):
		return letter, true
	}
	return other, true
}

// digitOf gives a decimal digit's value: Unicode keeps the ten of a script
// together, from zero on (The Unicode Standard, section 4.6).
func digitOf(r rune) byte {
	n := 0
	for n < 9 && unicode.IsDigit(r-rune(n)-1) {
		n++
	}
	if n == 9 && unicode.IsDigit(r-10) { // several tens lie side by side
		return byte((r - 0x1d7ce) % 10)
	}
	return byte(n)
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == letter }
func isWord(c byte) bool   { return isDigit(c) || isLetter(c) || c == '_' }
func isSpace(c byte) bool  { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// begins tells whether a number may begin at i: not within a word, a decimal, or
// next to what was masked.
func (f *folded) begins(i int) bool {
	if i == 0 {
		return true
	}
	before := f.b[i-1]
	if isWord(before) || before == masked {
		return false
	}
	if i < 2 {
		return before != '+'
	}
	second := f.b[i-2]
	switch before {
	case '+':
		return false
	case '-', '.', '/', ',':
		return !isWord(second) && second != masked && (before != '/' || second != '/')
	case ' ':
		return second != masked
	}
	return true
}

// ends tells whether a number may end before j.
func (f *folded) ends(j int) bool {
	if j >= len(f.b) {
		return true
	}
	after := f.b[j]
	if isWord(after) || after == masked {
		return false
	}
	if after == '-' || after == '.' || after == '/' || after == ',' {
		return j+1 >= len(f.b) || !isWord(f.b[j+1]) || after == ',' && !isDigit(f.b[j+1])
	}
	return true
}

// inURL tells whether i lies in an address of the web.
func (f *folded) inURL(i int) bool {
	start := i
	for start > 0 && !isSpace(f.b[start-1]) && f.b[start-1] != letter {
		start--
	}
	word := string(f.b[start:i])
	return strings.Contains(word, "://") || strings.Contains(word, "www.")
}

// finding gives the place of the bytes from i to j.
func (f *folded) finding(kind Kind, i, j int, country string, c Confidence) Finding {
	return Finding{Kind: kind, Start: f.at[i], End: f.to[j-1], Country: country, Confidence: c}
}
