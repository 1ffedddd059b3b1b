package request

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

const tokenLen = 43 // base64 digits that hold 256 bits

// newToken gives 256 random bits in letters that may stand in an address, and the
// hash under which they are stored.
func newToken() (token string, hash []byte) {
	raw := make([]byte, 32)
	rand.Read(raw) // never fails: the process ends if the random source does
	token = base64.RawURLEncoding.EncodeToString(raw)
	return token, hashOf(token)
}

func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// looksLikeToken refuses noise without a query.
func looksLikeToken(s string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	return len(s) == tokenLen && err == nil && len(raw) == 32
}
