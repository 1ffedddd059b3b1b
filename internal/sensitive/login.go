package sensitive

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// logins are words behind which a name and a password may follow.
var logins = []string{"login", "username", "user", "credentials", "zugangsdaten", "zugang", "benutzer", "benutzername", "identifiants", "identifiant", "utilisateur",
	"credenciales", "usuario", "dane logowania", "logowanie", "użytkownik", "بيانات الدخول", "اسم المستخدم", "المستخدم"}

// links stand between a password and a word for it that follows: "… is my password".
var links = []string{"is", "was", "as", "ist", "war", "als", "est", "comme", "es", "como", "to", "jest", "jako", "هي", "هو"}

const (
	loginReach = 6 // words
	linkReach  = 4
)

// word is a part of a text without space.
type word struct{ i, j int }

// wordsAfter gives up to n words of the line that goes on at i.
func wordsAfter(text string, i, n int) []word {
	var out []word
	for len(out) < n && i < len(text) {
		for i < len(text) && (text[i] == ' ' || text[i] == '\t') {
			i++
		}
		start := i
		for i < len(text) && !isSpace(text[i]) {
			i++
		}
		if start == i {
			break
		}
		out = append(out, word{start, i})
	}
	return out
}

// wordsBefore gives up to n words of the line that ends at i, the last first.
func wordsBefore(text string, i, n int) []word {
	var out []word
	for len(out) < n && i > 0 {
		for i > 0 && (text[i-1] == ' ' || text[i-1] == '\t') {
			i--
		}
		end := i
		for i > 0 && !isSpace(text[i-1]) {
			i--
		}
		if i == end {
			break
		}
		out = append(out, word{i, end})
	}
	return out
}

// value gives a word without the marks of the sentence around it.
func (w word) value(text string) (start, stop int) {
	start, stop, _ = valueAt(text, w.i)
	if stop > w.j {
		return w.i, w.j
	}
	start += len(text[start:stop]) - len(strings.TrimLeft(text[start:stop], `("'«„“`))
	return start, stop
}

// secretBefore gives the place of a password that stands before a word for it:
// "Tulip88x is my password".
func secretBefore(text, lower string, i int) (start, stop int) {
	linked := false
	for _, w := range wordsBefore(text, i, linkReach) {
		bare := strings.Trim(lower[w.i:w.j], `.,;:"'`)
		if slices.Contains(links, bare) {
			linked = true
			continue
		}
		if start, stop = w.value(text); linked && secretWordAlone(text[start:stop]) {
			return start, stop
		}
		if linked || strings.ContainsAny(lower[w.i:w.j], ".,;:!?") {
			return 0, 0
		}
	}
	return 0, 0
}

// secretFurther gives the place of a password that is some words behind a word for
// it: "the password that I use is Tulip88x".
func secretFurther(text, lower string, i int) (start, stop int) {
	after := 0 // words since a verb
	for _, w := range wordsAfter(text, i, loginReach+1) {
		bare := strings.Trim(lower[w.i:w.j], `"'`)
		if slices.Contains(copulas, bare) {
			after = 1
			continue
		}
		if start, stop = w.value(text); after > 0 && secretWordAlone(text[start:stop]) {
			return start, stop
		}
		if after++; after == 1 {
			after = 0
		} else if after > 3 {
			return 0, 0
		}
		if strings.ContainsAny(lower[w.i:w.j], ".,;:!?") {
			return 0, 0
		}
	}
	return 0, 0
}

// findLogins finds the password that follows a name behind words such as "login".
func findLogins(text, lower string, add func(Finding)) {
	for _, l := range logins {
		eachAt(lower, l, func(i int) {
			end := i + len(l)
			before, _ := utf8.DecodeLastRuneInString(lower[:i])
			after, _ := utf8.DecodeRuneInString(lower[end:])
			if i > 0 && unicode.IsLetter(before) || end < len(lower) && (unicode.IsLetter(after) || after == '_' || after == '-') {
				return
			}
			for n, w := range wordsAfter(text, end, loginReach) {
				at := max(w.i, strings.LastIndexByte(text[:w.j], '/')+1)
				start, stop := word{at, w.j}.value(text)
				if (n >= 2 || n == 1 && text[end] == ':' || at > w.i) && strongWord(text[start:stop]) {
					add(Finding{Kind: Password, Start: start, End: stop, Confidence: Likely})
					return
				}
			}
		})
	}
}

// secretWordAlone tells whether a word is a password wherever it stands beside a
// word for one: letters and digits mixed, no address, no id, no version.
func secretWordAlone(s string) bool {
	n := utf8.RuneCountInString(s)
	if n < 6 || n > longestPassword || placeholder(s) || strings.Contains(s, "://") || isOwnID(s) || isMail(s) || isVersion(s) {
		return false
	}
	return mixed(s)
}

// isMail tells whether a word is an address of e-mail: a dot behind its only @.
func isMail(s string) bool {
	_, host, ok := strings.Cut(s, "@")
	name, top, dot := strings.Cut(host, ".")
	return ok && dot && name != "" && len(top) > 1 && !strings.ContainsFunc(host, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' && r != '-'
	})
}

// isVersion tells whether a word is a version or a product: digits with dots, or a
// few letters with digits behind.
func isVersion(s string) bool {
	rest := strings.TrimLeftFunc(s, unicode.IsLetter)
	return strings.Trim(rest, "0123456789.-") == "" && strings.ContainsAny(rest, ".-")
}

// strongWord tells whether a word has what a rule for passwords asks for: small and
// capital letters and digits, or a mark among digits and letters.
func strongWord(s string) bool {
	small, capital := strings.ContainsFunc(s, unicode.IsLower), strings.ContainsFunc(s, unicode.IsUpper)
	return secretWordAlone(s) && (small && capital || strings.ContainsAny(s, "!#$%&*?^~")) && !strings.ContainsAny(s, ":\\")
}
