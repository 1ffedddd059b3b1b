package audit

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/botimum/botimum/internal/clock"
)

// keyName is the name of the signing key in notes.
const keyName = "botimum/audit"

// SeedSize is how many secret bytes the signing key is made from.
const SeedSize = ed25519.SeedSize

const algEd25519 = 1 // of signed notes

// signer signs heads and checkpoints with the installation's key.
type signer struct {
	key      ed25519.PrivateKey
	note     note.Signer
	public   note.Verifier
	verifier string // public, in the form of signed notes
}

func newSigner(seed []byte) (*signer, error) {
	verifier, err := VerifierKey(seed)
	if err != nil {
		return nil, err
	}
	hash := strings.Split(verifier, "+")[1]
	secret := base64.StdEncoding.EncodeToString(append([]byte{algEd25519}, seed...))
	s, err := note.NewSigner("PRIVATE+KEY+" + keyName + "+" + hash + "+" + secret)
	if err != nil {
		return nil, err
	}
	public, err := note.NewVerifier(verifier)
	if err != nil {
		return nil, err
	}
	return &signer{key: ed25519.NewKeyFromSeed(seed), note: s, public: public, verifier: verifier}, nil
}

// VerifierKey gives the public key of a seed of [SeedSize] bytes, in the form of
// signed notes: what note.NewVerifier takes.
func VerifierKey(seed []byte) (string, error) {
	if len(seed) != SeedSize {
		return "", fmt.Errorf("audit: the signing seed has %d bytes and must have %d", len(seed), SeedSize)
	}
	return note.NewEd25519VerifierKey(keyName, ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey))
}

const headVersion = "botimum audit head v1\x00" // no note can begin so: notes hold no NUL

func headMessage(workspaceID string, size int64, root tlog.Hash) []byte {
	b := appendText([]byte(headVersion), workspaceID)
	b = binary.BigEndian.AppendUint64(b, uint64(size))
	return append(b, root[:]...)
}

func (s *signer) head(workspaceID string, e *edge) []byte {
	return ed25519.Sign(s.key, headMessage(workspaceID, e.size, e.root()))
}

func (s *signer) isHead(workspaceID string, e *edge, signature []byte) bool {
	return s.public.Verify(headMessage(workspaceID, e.size, e.root()), signature)
}

// point is what a checkpoint says.
type point struct {
	WorkspaceID string
	Size        int64
	Root        tlog.Hash
	At          time.Time
}

// origin names a log in its checkpoints.
func origin(workspaceID string) string {
	if workspaceID == "" {
		return keyName + "/installation"
	}
	return keyName + "/" + workspaceID
}

// text gives the checkpoint's body: origin, size, root, and as an extension the time.
func (p point) text() string {
	return origin(p.WorkspaceID) + "\n" + strconv.FormatInt(p.Size, 10) + "\n" + p.Root.String() + "\n" +
		"time " + strconv.FormatInt(clock.Micros(p.At), 10) + "\n"
}

var errPoint = errors.New("audit: this is not a checkpoint of an audit log")

// parsePoint reads a checkpoint's body.
func parsePoint(text string) (point, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 5 || lines[4] != "" {
		return point{}, errPoint
	}
	name, ok1 := strings.CutPrefix(lines[0], keyName+"/")
	size, err1 := strconv.ParseInt(lines[1], 10, 64)
	root, err2 := tlog.ParseHash(lines[2])
	micros, ok2 := strings.CutPrefix(lines[3], "time ")
	at, err3 := strconv.ParseInt(micros, 10, 64)
	if name == "installation" {
		name = ""
	}
	if !ok1 || !ok2 || size < 0 || errors.Join(err1, err2, err3) != nil {
		return point{}, errPoint
	}
	return point{WorkspaceID: name, Size: size, Root: root, At: clock.FromMicros(at)}, nil
}

func (s *signer) checkpoint(p point) (string, error) {
	signed, err := note.Sign(&note.Note{Text: p.text()}, s.note)
	return string(signed), err
}

// openPoint checks a signed checkpoint and reads it.
func openPoint(signed string, verifier note.Verifier) (point, error) {
	n, err := note.Open([]byte(signed), note.VerifierList(verifier))
	if err != nil {
		return point{}, err
	}
	return parsePoint(n.Text)
}
