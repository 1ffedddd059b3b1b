package mask

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Email hides an address but for the first letter of its name and its host.
func Email(s string) string {
	local, host, _ := strings.Cut(s, "@")
	top := host[strings.LastIndexByte(host, '.')+1:]
	return first(local) + "•••@" + first(host) + "•••." + top
}

func first(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 || r == utf8.RuneError {
		return ""
	}
	return string(r)
}

// Phone hides a number but for its last two digits.
func Phone(s string) string {
	digits := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
	return "••• " + digits[max(0, len(digits)-2):]
}

// isEmail tells whether a whole text looks like an address. It errs towards yes.
func isEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	return at > 0 && len(s) <= 320 && !strings.ContainsAny(s, " \n\t\"<>") && strings.IndexByte(s[at:], '.') > 1 && !strings.HasSuffix(s, ".")
}

// isPhone tells whether a whole text looks like a phone number.
func isPhone(s string) bool {
	digits := 0
	for i, r := range s {
		switch {
		case unicode.IsDigit(r):
			digits++
		case r == '+' && i == 0, strings.ContainsRune(" -()./", r):
		default:
			return false
		}
	}
	return digits >= 5 && digits <= 20
}

// Text gives a text as it is shown: hidden if it is an address, or a number that
// is written as one of the whole world.
func Text(s string) string {
	t := strings.TrimSpace(s)
	switch {
	case isEmail(t):
		return Email(t)
	case strings.HasPrefix(t, "+") && isPhone(t):
		return Phone(t)
	}
	return s
}

// phoneFields are the names of fields that hold numbers, themselves or within.
var phoneFields = []string{"phone", "phones", "former.phone"}

// JSON gives a document with the addresses and numbers in it hidden. What is not
// JSON comes back as it is.
func JSON(raw []byte) []byte {
	if len(raw) == 0 || !strings.ContainsAny(string(raw[:1]), "{[\" \n\t") {
		return raw
	}
	w := walker{in: raw, out: make([]byte, 0, len(raw))}
	return w.walk()
}

// walker goes through a document once. names are those of the fields around.
type walker struct {
	in, out []byte
	names   []string
	name    string
}

func (w *walker) walk() []byte {
	for i := 0; i < len(w.in); {
		switch c := w.in[i]; c {
		case '{', '[':
			w.names = append(w.names, w.name)
		case '}', ']':
			if n := len(w.names); n > 0 {
				w.name, w.names = w.names[n-1], w.names[:n-1]
			}
		case '"':
			end := endOfText(w.in, i)
			w.text(w.in[i:end], isName(w.in, end))
			i = end
			continue
		}
		w.out = append(w.out, w.in[i])
		i++
	}
	return w.out
}

// endOfText gives where a text that begins at i ends.
func endOfText(in []byte, i int) int {
	for j := i + 1; j < len(in); j++ {
		switch in[j] {
		case '\\':
			j++
		case '"':
			return j + 1
		}
	}
	return len(in)
}

func isName(in []byte, end int) bool {
	for end < len(in) && (in[end] == ' ' || in[end] == '\n' || in[end] == '\t') {
		end++
	}
	return end < len(in) && in[end] == ':'
}

func (w *walker) text(quoted []byte, isName bool) {
	var s string
	if json.Unmarshal(quoted, &s) != nil {
		w.out = append(w.out, quoted...)
		return
	}
	shown := Text(s)
	if isName {
		w.name = s
	} else if shown == s && isPhone(s) && w.inPhone() {
		shown = Phone(s)
	}
	if shown == s {
		w.out = append(w.out, quoted...)
		return
	}
	again, err := json.Marshal(shown)
	if err != nil {
		return // a text always can be
	}
	w.out = append(w.out, again...)
}

// inPhone tells whether the text is in a field for phone numbers.
func (w *walker) inPhone() bool {
	return slices.Contains(phoneFields, w.name) || slices.ContainsFunc(w.names, func(n string) bool { return slices.Contains(phoneFields, n) })
}
