package logx

import (
	"net/netip"
	"regexp"
	"strings"
)

// Redacted stands where something was taken out.
const Redacted = "[redacted]"

var (
	email = regexp.MustCompile(`[\p{L}\p{N}._%+\-']+(?:@|%40)[\p{L}\p{N}\-]+(?:\.[\p{L}\p{N}\-]+)*`)
	// token finds keys of the API, what follows Bearer, and JSON web tokens.
	token = regexp.MustCompile(`\bbtm_[A-Za-z0-9_\-]+|(?i:\bbearer)\s+[A-Za-z0-9._~+/=\-]+|\beyJ[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]*`)
	// phone finds +49 30 1234567, 030/1234567, (415) 555-0123 and 415-555-0123.
	phone = regexp.MustCompile(`(?:\+|\b00)\d(?:[ ()./\-]{0,2}\d){6,14}\b|\b0\d(?:[ ()/\-]{0,2}\d){7,12}\b|\(\d{3}\) ?\d{3}[\-. ]\d{4}\b|\b\d{3}[\-. ]\d{3}[\-. ]\d{4}\b`)
	ipv4  = regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}\b`)
	ipv6  = regexp.MustCompile(`[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*`)
)

// Redact replaces what looks personal or secret in a text.
func Redact(s string) string {
	has := look(s)
	if has.at {
		s = email.ReplaceAllString(s, Redacted)
	}
	if has.token {
		s = token.ReplaceAllString(s, Redacted)
	}
	if has.colons >= 2 {
		s = whole(s, ipv6, "_", address)
	}
	if has.dots >= 3 {
		s = ipv4.ReplaceAllStringFunc(s, address)
	}
	if has.digits >= 7 {
		s = whole(s, phone, "_-:", func(string) string { return Redacted })
	}
	return s
}

// traits tell which expressions can match at all: most texts need none.
type traits struct {
	at, token            bool
	colons, dots, digits int
}

func look(s string) traits {
	var has traits
	for i := range len(s) {
		switch c := s[i]; {
		case c == '@' || c == '%':
			has.at = true
		case c == ':':
			has.colons++
		case c == '.':
			has.dots++
		case c >= '0' && c <= '9':
			has.digits++
		}
	}
	has.token = strings.Contains(s, "btm_") || strings.Contains(s, "eyJ") || strings.Contains(strings.ToLower(s), "bearer")
	return has
}

// address takes out an IP address, unless it is the machine's own.
func address(s string) string {
	bare := strings.TrimRight(s, ":.")
	if strings.HasSuffix(s, "::") {
		bare = s
	}
	a, err := netip.ParseAddr(bare)
	if err != nil || a.IsLoopback() || a.IsUnspecified() {
		return s
	}
	return Redacted + s[len(bare):]
}

// whole replaces what an expression finds, unless it is part of a longer word,
// such as an id, that goes on with one of the joints.
func whole(s string, re *regexp.Regexp, joints string, replace func(string) string) string {
	glued := func(c byte) bool {
		return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte(joints, c) >= 0
	}
	var b strings.Builder
	last := 0
	for _, m := range re.FindAllStringIndex(s, -1) {
		if m[0] > 0 && glued(s[m[0]-1]) || m[1] < len(s) && glued(s[m[1]]) {
			continue
		}
		b.WriteString(s[last:m[0]] + replace(s[m[0]:m[1]]))
		last = m[1]
	}
	return b.String() + s[last:]
}
