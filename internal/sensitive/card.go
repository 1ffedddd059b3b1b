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
	"karte", "kreditkarte", "kartennummer", "carte", "tarjeta", "karta", "karty", "kartą", "بطاق", "بطاقتي", "البطاقة", "pay", "paid", "charge"}

// span is a run of digits.
type span struct{ i, j int }

// findCards finds payment cards: an issuer's first digits, one of its lengths, and
// the check digit of Luhn (ISO/IEC 7812-1, annex B), written in one or in the
// groups that people use.
func findCards(f *folded, add func(Finding)) {
	groups := f.digitGroups()
	for first := 0; first < len(groups); first++ {
		if !f.begins(groups[first].i) && !f.follows(groups, first) {
			continue
		}
		if last := f.cardFrom(groups, first); last >= 0 {
			start, end := f.at[groups[first].i], f.to[groups[last].j-1]
			if labelled(f.text, start, cardWords) || f.inURL(groups[first].i) || f.isOldLength(groups[first:last+1]) && !f.speaksOfCards(start, end) {
				continue
			}
			add(Finding{Kind: Card, Start: start, End: end, Confidence: Sure})
			first = last
		}
	}
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
		out = append(out, span{i, j})
		i = j
	}
	return out
}

// joined tells whether what is between two groups holds a number together: up to
// three spaces, line breaks, dashes and dots.
func (f *folded) joined(a, b span) bool {
	between := f.b[a.j:b.i]
	if len(between) > 3 {
		return false
	}
	marks := 0
	for _, c := range between {
		switch {
		case c == '-' || c == '.':
			marks++
		case !isSpace(c):
			return false
		}
	}
	return marks <= 1
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
		if g > first && !f.joined(groups[g-1], groups[g]) || n+size > longestCard || g-first >= longestCard {
			break
		}
		n += copy(digits[n:], f.b[groups[g].i:groups[g].j])
		sizes[g-first] = size
		if n >= shortestCard && f.ends(groups[g].j) && likeCard(sizes[:g-first+1]) && isIssued(digits[:n]) && luhn(digits[:n]) && varied(digits[:n]) {
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
