package boards

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"math/bits"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// A challenge has the browser find a number whose hash, together with the challenge,
// begins with so many zero bits: about a second of work for one post, and days for a
// hundred thousand. It asks no third party, needs no cookie, and tells nothing of who
// solved it (the idea: C. Dwork, M. Naor, Pricing via Processing, 1992).
const (
	challengeBits  = 17 // 131,072 hashes on average
	challengeFor   = 30 * time.Minute
	nonceSize      = 16
	challengeSize  = nonceSize + 8 + 1 // nonce, end in microseconds, bits
	challengeMAC   = 16
	maxProofDigits = 20
)

// Challenge is work for a browser that wants to write.
type Challenge struct {
	Text string `json:"challenge" doc:"The proof is this, a colon and a decimal number, where the SHA-256 of the whole begins with so many zero bits."`
	Bits int    `json:"bits"`
}

// NewChallenge gives work that is good for half an hour, and for one contribution.
// Nothing is stored.
func (s *Service) NewChallenge(ctx context.Context, workspaceID string) (Challenge, error) {
	ix, err := s.Vault.Index(ctx, workspaceID)
	if err != nil {
		return Challenge{}, fault.Wrap("boards.NewChallenge", err)
	}
	raw := make([]byte, nonceSize, challengeSize+challengeMAC)
	_, _ = rand.Read(raw)
	raw = binary.BigEndian.AppendUint64(raw, uint64(clock.Micros(s.Clock.Now().Add(challengeFor))))
	raw = append(raw, challengeBits)
	raw = append(raw, challengeSeal(ix, raw)...)
	return Challenge{Text: base64.RawURLEncoding.EncodeToString(raw), Bits: challengeBits}, nil
}

func challengeSeal(ix *vault.Index, raw []byte) []byte {
	return ix.Equal("board challenge", string(raw))[:challengeMAC]
}

// proven spends a proof, and tells whether it is one: of this workspace, solved, not
// over and not used before.
func (s *Service) proven(tx *storage.Tx, ix *vault.Index, workspaceID, proof string) (bool, error) {
	text, number, found := strings.Cut(proof, ":")
	raw, _ := base64.RawURLEncoding.DecodeString(text) // what is none has another length
	if !found || len(raw) != challengeSize+challengeMAC || len(number) > maxProofDigits {
		return false, nil
	}
	head, seal := raw[:challengeSize], raw[challengeSize:]
	ends := int64(binary.BigEndian.Uint64(head[nonceSize:]))
	sum := sha256.Sum256([]byte(proof))
	if string(challengeSeal(ix, head)) != string(seal) || ends <= clock.Micros(s.Clock.Now()) || zeroBits(sum[:]) < int(head[challengeSize-1]) {
		return false, nil
	}
	n, err := tx.Exec(`INSERT INTO spent_challenges (workspace_id, nonce, expires_at) VALUES ($1, $2, $3) ON CONFLICT (workspace_id, nonce) DO NOTHING`,
		workspaceID, head[:nonceSize], ends)
	return n == 1, err
}

func zeroBits(sum []byte) (n int) {
	for _, b := range sum {
		n += bits.LeadingZeros8(b)
		if b != 0 {
			break
		}
	}
	return n
}

// ForgetChallenges removes what is kept of used challenges that are over, at most
// limit.
func (s *Service) ForgetChallenges(ctx context.Context, limit int) error {
	return fault.Wrap("boards.ForgetChallenges", s.DB.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.Exec(`DELETE FROM spent_challenges WHERE (workspace_id, nonce) IN (
			SELECT workspace_id, nonce FROM spent_challenges WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)`, clock.Micros(s.Clock.Now()), limit)
		return err
	}))
}
