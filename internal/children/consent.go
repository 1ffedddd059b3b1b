package children

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"

	"github.com/botimum/botimum/internal/fault"
)

// idPrefix begins the ids of parental consents.
const idPrefix = "pcs"

// The states of a parental consent. One that was refused or not answered is gone
// with everything about the child, so it has no state; nor has one that was
// withdrawn, unless a legal hold keeps what there is for now.
const (
	StateAsked     = "asked"
	StateGiven     = "given"
	StateWithdrawn = "withdrawn"
)

// AnswerWithin is how long a parent has to answer. Then what was kept to ask them
// is erased.
const AnswerWithin = 7 * 24 * time.Hour

// ParentalConsent is a parent's consent for a child (GDPR article 8(2)), without the
// parent's address.
type ParentalConsent struct {
	ID        string     `json:"id" example:"pcs_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	ContactID string     `json:"contact_id"`
	State     string     `json:"state" enum:"asked,given,withdrawn"`
	Country   string     `json:"country"`
	AgeLimit  int        `json:"age_limit" doc:"From which age somebody there consents alone."`
	Wording   string     `json:"wording" doc:"Exactly what the parent is shown, and agrees to."`
	Hash      string     `json:"wording_hash" doc:"SHA-256 of the wording, in hexadecimal."`
	Locale    string     `json:"locale"`
	AskedAt   time.Time  `json:"asked_at"`
	DecidedAt *time.Time `json:"decided_at"`
	ExpiresAt time.Time  `json:"expires_at" doc:"Until when the parent may answer; then it is erased."`
}

func hashOf(wording string) string {
	sum := sha256.Sum256([]byte(wording))
	return hex.EncodeToString(sum[:])
}

// newToken gives a parent's link: 256 random bits, of which only the hash is kept.
func newToken() (token string, hash []byte) {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails
	sum := sha256.Sum256(raw[:])
	return base64.RawURLEncoding.EncodeToString(raw[:]), sum[:]
}

// linkInvalid answers a link that is forged, expired, or of a consent that is gone.
func linkInvalid() error {
	return &fault.Error{Kind: fault.KindGone, Code: "link_invalid", Detail: "This link is not valid, or not valid any more."}
}

func hashToken(token string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != 32 {
		return nil, linkInvalid()
	}
	sum := sha256.Sum256(raw)
	return sum[:], nil
}
