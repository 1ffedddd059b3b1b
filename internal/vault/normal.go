package vault

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// normalise gives the form in which values of a kind are compared.
func normalise(kind, value string) string {
	switch kind {
	case "email":
		return strings.ToLower(norm.NFKC.String(strings.TrimSpace(value)))
	case "phone":
		return phone(value)
	}
	return value
}

// phone keeps the digits, and a plus in front of them.
func phone(value string) string {
	var b strings.Builder
	for _, r := range norm.NFKC.String(value) {
		if d, ok := digit(r); ok {
			b.WriteByte('0' + d)
		} else if r == '+' && b.Len() == 0 {
			b.WriteByte('+')
		}
	}
	return b.String()
}

// digit gives the value of a decimal digit of any script. Unicode lists them in
// runs of ten that begin with zero.
func digit(r rune) (byte, bool) {
	if r < 0x80 {
		return byte(r - '0'), '0' <= r && r <= '9'
	}
	for _, run := range unicode.Nd.R16 {
		if rune(run.Lo) <= r && r <= rune(run.Hi) {
			return byte((r - rune(run.Lo)) % 10), true
		}
	}
	for _, run := range unicode.Nd.R32 {
		if rune(run.Lo) <= r && r <= rune(run.Hi) {
			return byte((r - rune(run.Lo)) % 10), true
		}
	}
	return 0, false
}

// fold gives a text in the form in which its words are compared: NFKC, case
// folded, without the diacritics of Latin, Greek, Cyrillic, Hebrew and Arabic.
// Marks of other scripts are letters in all but name and stay.
func fold(text string) string {
	if isASCII(text) {
		return strings.ToLower(text)
	}
	// The folding of Cherokee goes both ways in x/text; lower case settles it.
	folded := norm.NFD.String(strings.ToLower(cases.Fold().String(norm.NFKC.String(text))))
	folded = strings.Map(func(r rune) rune {
		if isDiacritic(r) {
			return -1
		}
		return r
	}, folded)
	return norm.NFKC.String(strokes.Replace(folded))
}

// strokes are letters that Unicode does not take apart.
var strokes = strings.NewReplacer("ø", "o", "ł", "l", "đ", "d", "ħ", "h", "ŧ", "t", "ı", "i", "æ", "ae", "œ", "oe", "þ", "th", "ð", "d")

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func isDiacritic(r rune) bool {
	switch {
	case 0x0300 <= r && r <= 0x036F, // combining diacritical marks
		0x1AB0 <= r && r <= 0x1AFF,
		0x1DC0 <= r && r <= 0x1DFF,
		0x20D0 <= r && r <= 0x20FF,
		0x0591 <= r && r <= 0x05C7 && unicode.Is(unicode.Mn, r), // Hebrew points
		0x064B <= r && r <= 0x065F, r == 0x0670, r == 0x0640:    // Arabic vowel signs, and tatweel
		return true
	}
	return false
}

// Fold gives a text in the form in which its words are compared: without case, width
// and diacritics.
func Fold(text string) string { return fold(text) }
