package boards

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
	"github.com/botimum/botimum/internal/vault"
)

func openVault(t *testing.T, clk clock.Clock) *vault.Vault {
	t.Helper()
	dir := t.TempDir()
	root, err := vault.LoadRoot(vault.RootOptions{Path: filepath.Join(dir, "root.json"), CreateIfVaultEmpty: true})
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.Context(), "sqlite://"+filepath.Join(dir, "vault.db"), vault.Deps{Root: root, Clock: clk, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	return v
}

// solve does what a browser does.
func solve(c Challenge) string {
	for n := 0; ; n++ {
		proof := c.Text + ":" + strconv.Itoa(n)
		if sum := sha256.Sum256([]byte(proof)); zeroBits(sum[:]) >= c.Bits {
			return proof
		}
	}
}

func TestAProofIsGoodOnce(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		clk := clock.NewFake(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))
		s := New(Deps{DB: db, Vault: openVault(t, clk), Clock: clk})
		challenge := func(workspaceID string) Challenge {
			t.Helper()
			c, err := s.NewChallenge(t.Context(), workspaceID)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		proven := func(proof string) (done bool) {
			t.Helper()
			ix, err := s.Vault.Index(t.Context(), "wsp_1")
			if err != nil {
				t.Fatal(err)
			}
			err = db.Write(context.Background(), func(tx *storage.Tx) (err error) {
				done, err = s.proven(tx, ix, "wsp_1", proof)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return done
		}
		proof := solve(challenge("wsp_1"))
		text, number, _ := strings.Cut(proof, ":")
		forged := "A" + text[1:]
		if text[0] == 'A' {
			forged = "B" + text[1:]
		}
		easier := Challenge{Text: text[:len(text)-24] + "A" + text[len(text)-23:]}
		for name, bad := range map[string]string{
			"nothing": "", "no number": text, "another number": text + ":x", "forged": solve(Challenge{Text: forged, Bits: challengeBits}),
			"another workspace's": solve(challenge("wsp_2")), "long": text + ":" + strings.Repeat("0", 21) + number, "easier": solve(easier),
		} {
			if proven(bad) {
				t.Errorf("%s: taken", name)
			}
		}
		if !proven(proof) {
			t.Error("a solved challenge is refused")
		}
		if proven(proof) {
			t.Error("a proof is good twice")
		}
		late := solve(challenge("wsp_1"))
		clk.Advance(challengeFor)
		if proven(late) {
			t.Error("a proof is good after its end")
		}
		if err := s.ForgetChallenges(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
		var left int
		if err := db.Read(t.Context(), func(tx *storage.Tx) error { return tx.QueryRow(`SELECT COUNT(*) FROM spent_challenges`).Scan(&left) }); err != nil || left != 0 {
			t.Errorf("%d used challenges are kept, %v", left, err)
		}
	})
}
