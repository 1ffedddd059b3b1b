package sensitive

import (
	"strings"
	"unicode"
)

// Hidden stands in a text for what was taken out of it for good.
const Hidden = "█████"

const dots = "••••"

// Mask gives the text with every finding masked that hide names, and which kinds
// those were. What people still need is kept: the last four digits of a card, the
// country of an IBAN. The length of what was there does not show.
func Mask(text string, hide func(Finding) bool) (string, []Kind) {
	var kinds []Kind
	for { // what is masked may bring words together that were apart
		var b strings.Builder
		at := 0
		for _, f := range Find(text) {
			if !hide(f) {
				continue
			}
			b.WriteString(text[at:f.Start])
			b.WriteString(f.mask(text[f.Start:f.End]))
			at = f.End
			kinds = appendNew(kinds, f.Kind)
		}
		if at == 0 {
			return text, kinds
		}
		b.WriteString(text[at:])
		text = b.String()
	}
}

// mask gives what stands in the place of what was found.
func (f Finding) mask(was string) string {
	switch f.Kind {
	case Card:
		return dots + " " + lastDigits(was, 4)
	case IBAN:
		return strings.ToUpper(f.Country) + "•• " + dots
	}
	return dots + dots
}

// lastDigits gives the last n digits of a text, as ASCII.
func lastDigits(text string, n int) string {
	var out []byte
	for _, r := range text {
		if c, seen := foldRune(r); seen && isDigit(c) && unicode.IsDigit(r) {
			out = append(out, c)
		}
	}
	return string(out[max(0, len(out)-n):])
}

func appendNew(kinds []Kind, k Kind) []Kind {
	for _, have := range kinds {
		if have == k {
			return kinds
		}
	}
	return append(kinds, k)
}

// Without gives the text with the findings blanked out: what a search index may
// know of it.
func Without(text string, found []Finding) string {
	if len(found) == 0 {
		return text
	}
	var b strings.Builder
	at := 0
	for _, f := range found {
		b.WriteString(text[at:f.Start])
		b.WriteByte(' ')
		at = f.End
	}
	b.WriteString(text[at:])
	return b.String()
}
