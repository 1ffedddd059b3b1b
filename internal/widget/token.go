package widget

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/botimum/botimum/internal/fault"
)

// SessionLife is for how long a visitor's session lasts unless it is renewed.
const SessionLife = 30 * 24 * time.Hour

// session is what a visitor's token holds. It is sealed, so that it can be kept
// by the browser alone.
type session struct {
	WorkspaceID string `json:"w"`
	ContactID   string `json:"c"`           // promised until the contact exists
	Verified    bool   `json:"v,omitempty"` // came with an identity token
	Locale      string `json:"l,omitempty"`
	Age         string `json:"a,omitempty"` // what the age gate found: of_age, child, or not asked yet
	Blocked     bool   `json:"b,omitempty"` // came with an identity token that names a blocked address
	Expires     int64  `json:"e"`           // seconds since the epoch
}

// sealer makes and reads session tokens.
type sealer struct {
	aead cipher.AEAD
}

var tokenData = []byte("botimum widget session v1")

func newSealer(secret []byte) (sealer, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return sealer{}, fault.Wrap("widget.newSealer", err)
	}
	aead, err := cipher.NewGCM(block)
	return sealer{aead}, fault.Wrap("widget.newSealer", err)
}

func (s sealer) seal(v session) (string, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return "", fault.Wrap("widget.seal", err)
	}
	nonce := make([]byte, s.aead.NonceSize(), s.aead.NonceSize()+len(plain)+s.aead.Overhead())
	rand.Read(nonce)
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nonce, nonce, plain, tokenData)), nil
}

// open reads a token that has not expired.
func (s sealer) open(token string, now time.Time) (session, error) {
	bad := fault.Unauthorized("The session has ended. Start a new one with POST /widget/v1/sessions.")
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token) // one text a token
	if err != nil || len(raw) < s.aead.NonceSize() {
		return session{}, bad
	}
	plain, err := s.aead.Open(nil, raw[:s.aead.NonceSize()], raw[s.aead.NonceSize():], tokenData)
	if err != nil {
		return session{}, bad
	}
	var v session
	if json.Unmarshal(plain, &v) != nil || now.Unix() >= v.Expires {
		return session{}, bad
	}
	return v, nil
}
