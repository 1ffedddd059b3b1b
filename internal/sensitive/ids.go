package sensitive

import "strings"

// longID is the length from which the check digits of an id need no words beside it.
const longID = 15

// scheme is how a country numbers its people.
type scheme struct {
	country string
	// forms are how people write it: 9 is a digit, A a letter, X either, a space is
	// one space, dash or dot, - is a dash or plus, anything else itself. A form that
	// begins with ! counts without words beside it.
	forms []string
	valid func(s string) bool // gets digits and capital letters only
	words []string            // in lower case
}

// idWords say in the languages of the product that a number is a person's.
var idWords = []string{
	"national id", "national insurance", "id number", "id card", "identity number", "identity card", "personal number", "personal id", "social security", "tax id", "tax number",
	"taxpayer", "steuer", "ausweis", "personalausweis", "sozialversicherung", "versicherungsnummer", "numéro national", "identifiant national", "carte d'identité", "sécurité sociale", "sécu",
	"numéro fiscal", "documento de identidad", "número de identidad", "seguro social", "número fiscal", "dowód", "dowodu", "numer identyfikacyjny", "رقم الهوية", "الرقم الضريبي",
	"الرقم القومي", "بطاقة الهوية", "الضمان الاجتماعي",
}

// findIDs finds the national ids of the members of the European Union and of the
// United States.
func findIDs(f *folded, add func(Finding)) {
	for i := 0; i < len(f.b); i++ {
		if !isDigit(f.b[i]) && !isLetter(f.b[i]) || f.b[i] == letter || !f.begins(i) || f.isPhone(i) {
			continue
		}
		if found, ok := f.idAt(i); ok {
			add(found)
			for i < len(f.b) && f.at[i] < found.End {
				i++
			}
		}
	}
}

// isPhone tells whether a plus stands before the number that i is in.
func (f *folded) isPhone(i int) bool {
	for n := 0; i > 0 && n < 20; n++ {
		i--
		switch c := f.b[i]; {
		case c == '+':
			return true
		case !isDigit(c) && c != ' ' && c != '(' && c != ')' && c != '-' && c != '.':
			return false
		}
	}
	return false
}

// idAt gives the id that begins at i. Where several countries would have it, the
// words beside it decide, then the order of the list.
func (f *folded) idAt(i int) (found Finding, ok bool) {
	var before, after string
	looked := false
	for n := range schemes {
		s := &schemes[n]
		for _, form := range s.forms {
			distinct := form[0] == '!'
			if distinct {
				form = form[1:]
			}
			j := f.match(i, form)
			if j < 0 || !f.ends(j) || !s.valid(f.compact(i, j)) {
				continue
			}
			if !looked {
				before, after = around(f.text, f.at[i], f.to[j-1])
				looked = true
			}
			named := hasWord(before, s.words) || hasWord(after, s.words)
			told := named || hasWord(before, idWords) || hasWord(after, idWords)
			alone := j-i == 11 && form == "99999999999" && strings.TrimSpace(before+after) == ""
			if labelled(f.text, f.at[i], f.to[j-1], s.words, idWords) && !named || !told && (!distinct && !alone || f.inURL(i)) {
				continue
			}
			c := Sure
			switch {
			case !told && j-i < longID:
				c = Unsure
			case !distinct:
				c = Likely
			}
			if !ok || named {
				found, ok = f.finding(NationalID, i, j, s.country, c), true
			}
			if named {
				return found, true
			}
		}
	}
	return found, ok
}

// match gives where a form that begins at i ends; -1 if it is not there.
func (f *folded) match(i int, form string) int {
	for k := 0; k < len(form); k++ {
		if i >= len(f.b) || !fits(form[k], f.b[i]) {
			return -1
		}
		i++
	}
	return i
}

func fits(want, c byte) bool {
	switch want {
	case '9':
		return isDigit(c)
	case 'A':
		return c != letter && isLetter(c)
	case 'X':
		return c != letter && (isLetter(c) || isDigit(c))
	case ' ':
		return isSpace(c) || c == '-' || c == '.'
	case '-':
		return c == '-' || c == '+'
	}
	return c|0x20 == want|0x20
}

// compact gives the digits and letters between i and j, the letters as capitals.
func (f *folded) compact(i, j int) string {
	var buf [32]byte
	out := buf[:0]
	for _, c := range f.b[i:j] {
		switch {
		case isDigit(c):
			out = append(out, c)
		case isLetter(c):
			out = append(out, c&^0x20)
		}
	}
	return string(out)
}

// num reads the digits from i to j.
func num(s string, i, j int) int { return number([]byte(s[i:j])) }

// isDay tells whether there is such a day in some year.
func isDay(month, day int) bool {
	if month < 1 || month > 12 || day < 1 {
		return false
	}
	return day <= [...]int{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
}

// weighted gives the sum of digits by their weights, a digit each.
func weighted(s string, weights ...int) int {
	sum := 0
	for i, w := range weights {
		sum += int(s[i]-'0') * w
	}
	return sum
}

// mod11_10 is the check of ISO 7064 MOD 11,10 over all digits, the last of which is
// the check digit.
func mod11_10(s string) bool {
	p := 10
	for i := range len(s) - 1 {
		p = (p + int(s[i]-'0')) % 10
		if p == 0 {
			p = 10
		}
		p = p * 2 % 11
	}
	return (p+int(s[len(s)-1]-'0'))%10 == 1
}
