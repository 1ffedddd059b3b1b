package workspace

import (
	"crypto/rand"
	"crypto/sha256"
	"math/big"
	"strings"
)

const (
	keyPrefix       = "btm_"
	widgetPrefix    = "wk_"
	secretLen       = 43 // base62 digits that hold 256 bits
	shownLen        = len(keyPrefix) + 8
	widgetLen       = 24 // base32 digits: 120 bits
	base62Alphabet  = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	base32Alphabet  = "0123456789abcdefghjkmnpqrstvwxyz"
	slugSuffixLen   = 5
	maxSlugBase     = 40
	maxSlugOrdinals = 9
)

// hashed is the SHA-256 of a secret. The secrets are random and 256 bits long,
// so that a fast hash is enough and looking one up tells nothing by its time.
type hashed [sha256.Size]byte

func hashSecret(secret string) hashed { return sha256.Sum256([]byte(secret)) }

// newSecret gives 256 random bits in letters and digits.
func newSecret() string {
	raw := make([]byte, 32)
	rand.Read(raw) // never fails: the process ends if the random source does
	digits := new(big.Int).SetBytes(raw).Text(62)
	clear(raw)
	return strings.Repeat("0", secretLen-len(digits)) + digits
}

// looksLikeSecret tells whether s could be one of newSecret's, so that noise is
// refused without a query.
func looksLikeSecret(s string) bool { return len(s) == secretLen && madeOf(s, base62Alphabet) }

// newWidgetKey gives the public key that stands in a page's script tag.
func newWidgetKey() string { return widgetPrefix + randomText(widgetLen) }

func looksLikeWidgetKey(s string) bool {
	body, ok := strings.CutPrefix(s, widgetPrefix)
	return ok && len(body) == widgetLen && madeOf(body, base32Alphabet)
}

// randomText gives n random base32 digits.
func randomText(n int) string {
	raw := make([]byte, n)
	rand.Read(raw)
	for i, b := range raw {
		raw[i] = base32Alphabet[b&31]
	}
	return string(raw)
}

func madeOf(s, alphabet string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !strings.ContainsRune(alphabet, r) }) < 0
}
