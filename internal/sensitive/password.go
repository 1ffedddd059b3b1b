package sensitive

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// announcer is a word that announces a password.
type announcer struct {
	word string
	pin  bool // only digits follow it
	mark bool // counts only before a colon or an equals sign
}

// announcers are in the languages of the product, longest first where one begins
// another.
var announcers = []announcer{
	{word: "passphrase"}, {word: "password"}, {word: "passwort"}, {word: "passwd"}, {word: "passcode"}, {word: "pwd"}, {word: "pw", mark: true}, {word: "pass", mark: true},
	{word: "kennwort"}, {word: "mot de passe"}, {word: "mdp"}, {word: "contraseña"}, {word: "contrasena"}, {word: "clave"}, {word: "hasło"}, {word: "haslo"},
	{word: "كلمة المرور"}, {word: "كلمة السر"}, {word: "كلمة مروري"}, {word: "كلمة مرور"}, {word: "كلمة سر"}, {word: "الباسورد"}, {word: "باسورد"},
	{word: "الرقم السري", pin: true}, {word: "رقمي السري", pin: true}, {word: "pin", pin: true},
	{word: "hasła"}, {word: "hasłem"}, {word: "hasla"}, {word: "كلمه المرور"}, {word: "كلمه السر"}, {word: "geheimzahl", pin: true}, {word: "الرقم السرى", pin: true},
}

// compounds are announcers that German puts other words before.
var compounds = []string{"passwort", "kennwort"}

// copulas stand between such a word and the password.
var copulas = []string{"is", "was", "to", "ist", "lautet", "est", "c'est", "c’est", "es", "هي", "هو", "now", "jetzt",
	"lautete", "war", "brzmi", "jest", "to:", "était", "era", "becomes"}

// plainAnswers follow a word for a password and a colon, and are none.
var plainAnswers = []string{"required", "invalid", "incorrect", "wrong", "forgotten", "forgot", "reset", "expired", "unknown", "none", "same", "changed", "optional", "missing", "weak", "strong",
	"hidden", "empty", "blank", "secret", "attached", "below", "above", "unchanged", "failed", "rejected", "denied", "removed", "help", "please", "field", "string", "null", "true", "false",
	"falsch", "vergessen", "ungültig", "abgelaufen", "geändert", "unbekannt", "keins", "erforderlich", "siehe", "folgt", "oublié", "incorrecte", "invalide", "expiré", "inconnu", "requis", "perdu",
	"incorrecta", "olvidada", "inválida", "caducada", "requerida", "perdida", "nieprawidłowe", "błędne", "zapomniane", "wygasło", "wymagane", "brak", "خطأ", "منسية", "مطلوبة"}

const (
	shortestPassword, longestPassword = 4, 64
	fillerReach                       = 40 // bytes between the word and a colon
)

// findPasswords finds what follows words such as "password", if it looks like one,
// and passwords in addresses (RFC 3986, section 3.2.1).
func findPasswords(text string, add func(Finding)) {
	lower := lowered(text)
	for _, a := range announcers {
		eachAt(lower, a.word, func(i int) {
			end := i + len(a.word)
			before, _ := utf8.DecodeLastRuneInString(lower[:i])
			after, _ := utf8.DecodeRuneInString(lower[end:])
			if i > 0 && unicode.IsLetter(before) && !slices.Contains(compounds, a.word) || end < len(lower) && unicode.IsLetter(after) {
				return
			}
			if start, stop, c := secretAfter(text, lower, end, a); stop > start {
				add(Finding{Kind: Password, Start: start, End: stop, Confidence: c})
			} else if start, stop := secretBefore(text, lower, i); stop > start && !a.pin {
				add(Finding{Kind: Password, Start: start, End: stop, Confidence: Likely})
			} else if start, stop := secretFurther(text, lower, end); stop > start && !a.pin {
				add(Finding{Kind: Password, Start: start, End: stop, Confidence: Likely})
			}
		})
	}
	findLogins(text, lower, add)
	eachAt(text, "://", func(i int) {
		authority := text[i+3:]
		if end := strings.IndexAny(authority, "/ \n\t?#\"'<>"); end >= 0 {
			authority = authority[:end]
		}
		at, colon := strings.LastIndexByte(authority, '@'), strings.IndexByte(authority, ':')
		if colon >= 0 && at > colon+1 && !placeholder(authority[colon+1:at]) {
			add(Finding{Kind: Password, Start: i + 3 + colon + 1, End: i + 3 + at, Confidence: Sure})
		}
	})
}

// lowered gives the text in lower case with every byte at its place.
func lowered(text string) string {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if l := unicode.ToLower(r); utf8.RuneLen(l) == size {
			out = utf8.AppendRune(out, l)
		} else {
			out = append(out, text[i:i+size]...)
		}
		i += size
	}
	return string(out)
}

// secretAfter gives the place of the password that follows an announcer which ends
// at i; nowhere if none does.
func secretAfter(text, lower string, i int, a announcer) (start, stop int, c Confidence) {
	marked, direct := false, false
	if at := colonAfter(lower[i:]); at >= 0 {
		direct = leadingSpace(lower[i:]) >= at
		i, marked = i+at+1, true
	} else if a.mark {
		return 0, 0, ""
	}
	i += leadingSpace(text[i:])
	said := marked
	if !marked {
		for _, c := range copulas {
			if rest, ok := strings.CutPrefix(lower[i:], c); ok && leadingSpace(rest) > 0 {
				i += len(c)
				i += leadingSpace(text[i:])
				said = true
				break
			}
		}
	}
	start, stop, quoted := valueAt(text, i)
	value := text[start:stop]
	switch n := utf8.RuneCountInString(value); {
	case n < shortestPassword || n > longestPassword || placeholder(value):
		return 0, 0, ""
	case a.pin:
		if n > 8 || !onlyDigits(value) {
			return 0, 0, ""
		}
	case quoted && (said || looksSecret(value, false)):
	case direct && text[i-1] != '\n' && isPlainPassword(text, lower, start, stop):
		return start, stop, Unsure
	case said && !looksSecret(value, marked), !said && (n < 6 || !mixed(value)):
		return 0, 0, ""
	}
	return start, stop, Likely
}

// isPlainPassword tells whether a plain word between a colon and the end of its line
// may be a password. That is no more than a guess.
func isPlainPassword(text, lower string, start, stop int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:start])
	rest, _, _ := strings.Cut(text[stop:], "\n")
	return before != '\n' && strings.Trim(rest, " .,;!\r") == "" && !looksSecret(text[start:stop], true) && !slices.Contains(plainAnswers, lower[start:stop]) &&
		!strings.ContainsAny(text[start:stop], "/.,")
}

// colonAfter gives where a colon or equals sign stands after at most four words of
// the same line; -1 if there is none.
func colonAfter(rest string) int {
	words := 0
	for i, r := range rest {
		switch {
		case (r == '-' || r == '=') && strings.HasPrefix(rest[i+1:], ">"):
			return i + 1
		case r == ':' || r == '=' || r == '：' || r == '→':
			return i + utf8.RuneLen(r) - 1
		case i > fillerReach || r != ' ' && r != '-' && r != '(' && r != ')' && r != '\'' && r != '’' && r != '\u00a0' && !unicode.IsLetter(r) && !unicode.IsMark(r):
			return -1
		case r == ' ':
			if words++; words > 5 {
				return -1
			}
		}
	}
	return -1
}

func leadingSpace(s string) int { return len(s) - len(strings.TrimLeftFunc(s, unicode.IsSpace)) }

// valueAt gives the word at i, or what stands in the quotes that begin there.
func valueAt(text string, i int) (start, stop int, quoted bool) {
	open, size := utf8.DecodeRuneInString(text[i:])
	for _, pair := range []string{`""`, "''", "«»", "„“", "“”", "``"} {
		first, n := utf8.DecodeRuneInString(pair)
		if open != first {
			continue
		}
		line, _, _ := strings.Cut(text[i+size:], "\n")
		if end := strings.Index(line, pair[n:]); end > 0 {
			return i + size, i + size + end, true
		}
	}
	word := text[i:]
	if end := strings.IndexFunc(word, unicode.IsSpace); end >= 0 {
		word = word[:end]
	}
	return i, i + len(strings.TrimRight(word, `.,;)"'`)), false
}

// placeholder tells whether a value stands for one: dots, stars, <…>, ${…}, $NAME.
func placeholder(s string) bool {
	return strings.ContainsAny(s[:min(1, len(s))], "<${[%") || strings.Trim(s, "*•.xX_-█…?") == "" || strings.ContainsRune(s, '•') || strings.ContainsRune(s, '█') ||
		strings.Contains(strings.ToLower(s), "your")
}

// looksSecret tells whether a word is no plain word: it has a digit, a mark within,
// or capitals after small letters. Hyphens count only behind a colon.
func looksSecret(s string, marked bool) bool {
	small, digit, mark, inner := false, false, false, false
	for i, r := range s {
		switch {
		case unicode.IsDigit(r):
			digit = true
		case unicode.IsUpper(r):
			inner = inner || small
		case unicode.IsLetter(r) || unicode.IsMark(r):
			small = true
		case r == '-' || r == '\'' || r == '’' || r == '.' || r == '/' || r == ',':
			mark = mark || marked && r == '-' && i > 0
		default:
			mark = mark || i > 0 && i < len(s)-1
		}
	}
	return digit || mark || inner
}

// mixed tells whether a word has letters and digits.
func mixed(s string) bool {
	return strings.ContainsFunc(s, unicode.IsDigit) && strings.ContainsFunc(s, unicode.IsLetter)
}

func onlyDigits(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsDigit(r) })
}
