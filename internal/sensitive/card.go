package sensitive

// issuer is a range of first digits, and the lengths that its cards have.
type issuer struct {
	from, to, digits int // the range, written with so many digits
	shortest         int
	longest          int
}

// issuers are those of ISO/IEC 7812-1 as the schemes publish them: Visa's and
// Mastercard's rules, American Express, Discover and Diners Club (Discover network
// rules), JCB, UnionPay (also on Discover's network), Maestro, Dankort, Mir, Troy
// and RuPay.
var issuers = []issuer{
	{4, 4, 1, 13, 19}, {51, 55, 2, 16, 16}, {2221, 2720, 4, 16, 16}, {34, 34, 2, 15, 15}, {37, 37, 2, 15, 15},
	{6011, 6011, 4, 16, 19}, {644, 649, 3, 16, 19}, {65, 65, 2, 16, 19}, {300, 305, 3, 14, 19}, {3095, 3095, 4, 14, 19}, {36, 36, 2, 14, 19},
	{38, 39, 2, 14, 19}, {3528, 3589, 4, 16, 19}, {62, 62, 2, 16, 19}, {81, 82, 2, 16, 19}, {5018, 5020, 4, 13, 19}, {5038, 5038, 4, 13, 19},
	{5893, 5893, 4, 13, 19}, {6304, 6304, 4, 13, 19}, {6759, 6763, 4, 13, 19}, {2200, 2204, 4, 16, 19}, {9792, 9792, 4, 16, 16}, {60, 60, 2, 16, 16},
}

const shortestCard, longestCard = 13, 19

var cardWords = []string{"card", "visa", "mastercard", "amex", "american express", "maestro", "diners", "discover", "jcb", "credit", "debit", "cc",
	"karte", "kreditkarte", "kartennummer", "carte", "tarjeta", "karta", "karty", "kartą", "kartę", "بطاقة", "بطاق", "بطاقتي", "البطاقة", "بطاقه", "البطاقه", "kortnummer",
	"kaartnummer", "pay", "paid", "charge", "cvv", "cvc", "cvv2", "exp", "expires", "expiry", "gültig bis", "valable jusqu", "caduca", "ważna do", "bezahlt", "payé", "pagué", "zapłac"}

// span is a run of digits.
type span struct{ i, j int }

// findCards finds payment cards: an issuer's first digits, one of its lengths, and
// the check digit of Luhn (ISO/IEC 7812-1, annex B), written in one or in the
// groups that people use.
func findCards(f *folded, add func(Finding)) {
	groups := f.digitGroups()
	for first := 0; first < len(groups); first++ {
		if !f.begins(groups[first].i) && !f.follows(groups, first) && !f.afterCardWord(groups[first].i) {
			continue
		}
		if last := f.cardFrom(groups, first); last >= 0 {
			start, end := f.at[groups[first].i], f.to[groups[last].j-1]
			told := f.speaksOfCards(start, end) || f.expires(groups[last].j)
			if labelled(f.text, start, end, cardWords) || f.inURL(groups[first].i) || f.isOldLength(groups[first:last+1]) && !told {
				continue
			}
			c := Unsure
			if told || usualGroups(groups[first:last+1]) {
				c = Sure
			}
			add(Finding{Kind: Card, Start: start, End: end, Confidence: c})
			first = last
		}
	}
}

// usualGroups tells whether the groups are those that are printed on cards: three or
// more groups, or digit by digit. Hardly anything else is written so.
func usualGroups(groups []span) bool { return len(groups) >= 3 }

// afterCardWord tells whether a word for a card is glued to the number at i, or a
// letter of a script that sets no spaces.
func (f *folded) afterCardWord(i int) bool {
	start := i
	for start > 0 && isLetter(f.b[start-1]) {
		start--
	}
	if start == i || start > 0 && isWord(f.b[start-1]) {
		return false
	}
	return f.b[i-1] == letter || hasWord(window(f.text, f.at[start], f.at[i]), cardWords)
}

// expires tells whether a month and a year follow, as they do on cards: 12/27.
func (f *folded) expires(j int) bool {
	for n := 0; n < 3 && j < len(f.b) && (isSpace(f.b[j]) || f.b[j] == ',' || f.b[j] == '('); n++ {
		j++
	}
	return f.match(j, "99/99") >= 0 && number(f.b[j:j+2]) >= 1 && number(f.b[j:j+2]) <= 12
}

// isOldLength tells whether there are 13 digits. Hardly any card has so few any
// more, and every article number (EAN-13) has as many.
func (f *folded) isOldLength(groups []span) bool {
	n := 0
	for _, g := range groups {
		n += g.j - g.i
	}
	return n == shortestCard
}

func (f *folded) speaksOfCards(start, end int) bool {
	before, after := around(f.text, start, end)
	return hasWord(before, cardWords) || hasWord(after, cardWords)
}

// digitGroups gives the runs of digits.
func (f *folded) digitGroups() []span {
	var out []span
	for i := 0; i < len(f.b); i++ {
		if !isDigit(f.b[i]) {
			continue
		}
		j := i
		for j < len(f.b) && isDigit(f.b[j]) {
			j++
		}
		i0 := i
		if j-i >= shortestCard+2 && f.expires(j-2) { // 424242424242424212/27
			out = append(out, span{i, j - 2})
			i0 = j - 2
		}
		out = append(out, span{i0, j})
		i = j
	}
	return out
}

// endsCard tells whether a card may end before j: at the end of a word, before the
// month it expires in, or where a word is glued to groups or speaks of cards.
func (f *folded) endsCard(j int, grouped bool) bool {
	if f.ends(j) || f.match(j, "99/99") >= 0 {
		return true
	}
	return f.beforeWord(j) && (grouped || hasWord(window(f.text, f.at[j], min(len(f.text), f.at[j]+reachAfter)), cardWords))
}

// follows tells whether a group comes after another number, apart by a space.
func (f *folded) follows(groups []span, n int) bool {
	return n > 0 && groups[n].i > 0 && isSpace(f.b[groups[n].i-1]) && f.b[max(0, groups[n].i-2)] != masked
}

// cardFrom gives the last group of the longest card that begins with a group; -1
// if none does.
func (f *folded) cardFrom(groups []span, first int) int {
	var digits [longestCard]byte
	var sizes [longestCard]int
	found, n := -1, 0
	for g := first; g < len(groups); g++ {
		size := groups[g].j - groups[g].i
		if g > first && !joins(f.b[groups[g-1].j:groups[g].i]) || n+size > longestCard || g-first >= longestCard {
			break
		}
		n += copy(digits[n:], f.b[groups[g].i:groups[g].j])
		sizes[g-first] = size
		if n >= shortestCard && f.endsCard(groups[g].j, g-first >= 2) && likeCard(sizes[:g-first+1]) && isIssued(digits[:n]) && luhn(digits[:n]) && varied(digits[:n]) {
			found = g
		}
	}
	return found
}

// likeCard tells whether people write cards in groups of these sizes.
func likeCard(sizes []int) bool {
	if len(sizes) == 1 {
		return true
	}
	if len(sizes) == 3 && sizes[0] == 4 && sizes[1] == 6 && (sizes[2] == 4 || sizes[2] == 5) {
		return true
	}
	if len(sizes) == 2 {
		return sizes[0] == 8 && sizes[1] == 8 || sizes[0] == 6 && sizes[1] >= 9
	}
	ones := true
	fours := sizes[len(sizes)-1] <= 4
	for _, s := range sizes[:len(sizes)-1] {
		fours = fours && s == 4
	}
	for _, s := range sizes {
		ones = ones && s == 1
	}
	return fours || ones
}

func isIssued(digits []byte) bool {
	for _, r := range issuers {
		if len(digits) < r.shortest || len(digits) > r.longest {
			continue
		}
		if n := number(digits[:r.digits]); n >= r.from && n <= r.to {
			return r.from != 4 || len(digits) == 13 || len(digits) == 16 || len(digits) == 19
		}
	}
	return false
}

// number reads digits as a number; there are at most 18.
func number(digits []byte) int {
	n := 0
	for _, c := range digits {
		n = n*10 + int(c-'0')
	}
	return n
}

// luhn tells whether the check digit is right.
func luhn(digits []byte) bool {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// varied tells whether there is more than one digit in it.
func varied(digits []byte) bool {
	for _, c := range digits {
		if c != digits[0] {
			return true
		}
	}
	return false
}
