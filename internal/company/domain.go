package company

import (
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// Domain gives a domain in its one form, lower case and ASCII (RFC 5891); false for
// what is no organisation's: a single word, a number, or a name such as co.uk under
// which anybody registers.
func Domain(s string) (string, bool) {
	s = strings.TrimSuffix(strings.TrimSpace(s), ".")
	if s == "" || len(s) > 1000 {
		return "", false
	}
	ascii, err := idna.Lookup.ToASCII(s)
	if err == nil {
		ascii, err = idna.Lookup.ToASCII(ascii) // what is in its xn-- form already must mean something, too
	}
	if err != nil || len(ascii) > 253 || !strings.Contains(ascii, ".") {
		return "", false
	}
	for label := range strings.SplitSeq(ascii, ".") {
		if label == "" || len(label) > 63 {
			return "", false
		}
	}
	if _, err := netip.ParseAddr(ascii); err == nil {
		return "", false
	}
	last := ascii[strings.LastIndexByte(ascii, '.')+1:]
	if strings.Trim(last, "0123456789") == "" {
		return "", false
	}
	suffix, listed := publicsuffix.PublicSuffix(ascii)
	if suffix == ascii || !listed && !strings.Contains(suffix, ".") && isReserved(last) {
		return "", false
	}
	return ascii, true
}

// isReserved tells whether nobody on the internet has names under a word (RFC 6761).
func isReserved(word string) bool {
	switch word {
	case "localhost", "local", "invalid", "onion", "internal", "lan", "home", "arpa":
		return true
	}
	return false
}
