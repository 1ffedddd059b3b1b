package webhook

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const (
	secretPrefix = "whsec_"
	secretBytes  = 32 // Standard Webhooks allows 24 to 64
)

// newSecret gives a signing secret in its written form.
func newSecret() string {
	raw := make([]byte, secretBytes)
	rand.Read(raw) // never fails: the process ends if the random source does
	return secretPrefix + base64.StdEncoding.EncodeToString(raw)
}

// sign gives the header webhook-signature: a signature by each secret, so that a
// receiver can change over whenever it likes during a rotation.
func sign(secrets []string, id string, at time.Time, body []byte) (string, error) {
	signatures := make([]string, len(secrets))
	for i, secret := range secrets {
		wh, err := standard.NewWebhook(secret)
		if err == nil {
			signatures[i], err = wh.Sign(id, at, body)
		}
		if err != nil {
			return "", err
		}
	}
	return strings.Join(signatures, " "), nil
}
