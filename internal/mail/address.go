package mail

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/botimum/botimum/internal/fault"
)

const (
	maxAddress = 254 // bytes: RFC 5321 section 4.5.3.1.3, less the angle brackets
	maxLocal   = 64  // bytes: RFC 5321 section 4.5.3.1.1
	maxName    = 100 // characters
	maxValue   = 4000
)

// CheckAddress gives an address as it is written to servers: its domain in ASCII
// (RFC 5891). It fails with kind invalid, for the field "email", where nothing can be
// delivered to it.
func CheckAddress(s string) (string, error) {
	address, code := cleanAddress(s)
	switch code {
	case "":
		return address, nil
	case CodeAddressUnsupported:
		return "", fault.Invalid("email", "has letters before the @ that not every mail server takes; please use another address")
	}
	return "", fault.Invalid("email", "is not an address; it needs the form name@example.org")
}

// cleanAddress gives an address as it is written to servers, or the code of what is
// wrong with it. Only the dot-atom form is taken before the @ (RFC 5322 section
// 3.2.3), since servers agree on nothing else.
func cleanAddress(s string) (address, code string) {
	s = strings.TrimSpace(s)
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > maxLocal || !utf8.ValidString(s) || strings.IndexFunc(s, hidden) >= 0 {
		return "", CodeAddressInvalid
	}
	local, domain := s[:at], s[at+1:]
	foreign := false
	for part := range strings.SplitSeq(local, ".") {
		if part == "" {
			return "", CodeAddressInvalid
		}
		for _, r := range part {
			switch {
			case r > unicode.MaxASCII && unicode.IsLetter(r):
				foreign = true
			case !isAtom(r):
				return "", CodeAddressInvalid
			}
		}
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err == nil {
		ascii, err = idna.Lookup.ToASCII(ascii) // what is in its xn-- form already must mean something, too
	}
	if err != nil || ascii == "" || len(local)+1+len(ascii) > maxAddress || !isDomain(ascii) {
		return "", CodeAddressInvalid
	}
	if foreign {
		return "", CodeAddressUnsupported
	}
	return local + "@" + ascii, ""
}

// isAtom tells whether a character may stand in an atom (RFC 5322 section 3.2.3).
func isAtom(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

func isDomain(ascii string) bool {
	for label := range strings.SplitSeq(ascii, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}

// isLink tells whether s is an absolute URL of one of the schemes.
func isLink(s string, schemes ...string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || strings.IndexFunc(s, hidden) >= 0 || strings.ContainsAny(s, " <>\"") {
		return false
	}
	for _, scheme := range schemes {
		if u.Scheme == scheme {
			return true
		}
	}
	return false
}

// hidden tells whether a character is not shown, or turns the direction of writing
// around: none of them may reach a header or stand in a name.
func hidden(r rune) bool {
	return unicode.IsControl(r) || r == unicode.ReplacementChar || r == '\u2028' || r == '\u2029' ||
		r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\u200e' || r == '\u200f'
}

// oneLine gives text without line breaks and hidden characters.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool { return unicode.IsSpace(r) || hidden(r) }), " ")
}

// manyLines gives text without hidden characters but for its line breaks.
func manyLines(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, l := range lines {
		lines[i] = oneLine(l)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// clip cuts text to a number of characters.
func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// plainName gives a name that may be greeted and written into a header, or nothing.
// A visitor can claim any name and anybody's address: what could pass for a link or
// an address is not repeated to whoever has that address.
func plainName(name string) string {
	name = oneLine(name)
	lower := strings.ToLower(name)
	if len([]rune(name)) > 60 || strings.ContainsAny(name, "@/\\<>\"") || strings.Contains(lower, "www.") {
		return ""
	}
	for i, r := range lower {
		if r == '.' && i+1 < len(lower) && lower[i+1] != ' ' && lower[i+1] != '.' {
			return "" // example.org, but not "J. R. Hartley"
		}
	}
	return name
}
