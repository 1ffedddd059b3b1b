package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/botimum/botimum/internal/fault"
)

// Overhead is how many bytes longer a sealed value is than the plain one.
const Overhead = 1 + nonceSize + tagSize

const (
	version   = 1 // first byte of a sealed value, and of its associated data
	keySize   = 32
	nonceSize = 12
	tagSize   = 16

	// wrappedSize is a key wrapped by Tink: 5 bytes that name the root key, nonce,
	// key and tag.
	wrappedSize = 5 + nonceSize + keySize + tagSize
)

// ErrBroken says that a sealed value does not open: it was changed, cut short,
// moved to another place, or sealed for somebody else.
var ErrBroken = errors.New("vault: the sealed value does not open in this place")

// Subject is whose key it is: a contact {workspace, contact id}, an operator
// {"", operator id}, or a workspace itself {workspace, ""}.
type Subject struct{ Workspace, ID string }

// valid tells whether the subject names anybody.
func (s Subject) valid() bool { return s.Workspace != "" || s.ID != "" }

// Place is where a sealed value lives. A value opens only in the place that it
// was sealed for.
type Place struct{ Table, Column, Row string }

// Key seals and opens the values of one subject. It is safe for concurrent use.
// It serves one request and is not kept longer: the next request asks the vault
// again, which is how an erasure is noticed.
type Key struct {
	subject Subject
	prefix  []byte // associated data up to the place
	box     atomic.Pointer[box]
	index   *Index // of a workspace's own key
}

// box lets the cipher be swapped for nothing when the subject is erased.
type box struct{ aead cipher.AEAD }

// newKey sets the cipher up from raw, which the caller then overwrites.
func newKey(s Subject, raw []byte) (*Key, error) {
	aead, err := newAEAD(raw)
	if err != nil {
		return nil, err
	}
	k := &Key{subject: s, prefix: appendField(appendField([]byte{version}, s.Workspace), s.ID)}
	k.box.Store(&box{aead})
	if s.ID == "" {
		k.index = newIndex(raw)
	}
	return k, nil
}

func newAEAD(raw []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Subject tells whose key it is.
func (k *Key) Subject() Subject { return k.subject }

// Seal gives the plain value sealed for the place. It makes one allocation, the
// result. Once the subject has been erased on this node, the result opens with
// no key at all, which is what becomes of late writes.
func (k *Key) Seal(p Place, plain []byte) []byte {
	ad := k.associated(p)
	defer adBuffers.Put(ad)
	out := make([]byte, 1, Overhead+len(plain))
	out[0] = version
	if b := k.box.Load(); b != nil {
		return b.aead.Seal(out, nil, plain, *ad)
	}
	return throwaway().Seal(out, nil, plain, *ad)
}

// Open gives the plain value back. It fails with [ErrBroken] where the value was
// not sealed by this key for this place, and with fault.Gone("subject_erased")
// once the subject has been erased on this node.
func (k *Key) Open(p Place, sealed []byte) ([]byte, error) {
	b := k.box.Load()
	if b == nil {
		return nil, erased()
	}
	if len(sealed) < Overhead || sealed[0] != version {
		return nil, ErrBroken
	}
	ad := k.associated(p)
	defer adBuffers.Put(ad)
	plain, err := b.aead.Open(make([]byte, 0, len(sealed)-Overhead), nil, sealed[1:], *ad)
	if err != nil {
		return nil, ErrBroken
	}
	return plain, nil
}

// kill makes the key useless for whoever still holds it.
func (k *Key) kill() { k.box.Store(nil) }

// throwaway gives a cipher whose key is forgotten at once.
func throwaway() cipher.AEAD {
	raw := randomKey()
	defer clear(raw)
	aead, err := newAEAD(raw)
	if err != nil {
		panic("vault: " + err.Error()) // a 32-byte key is always accepted
	}
	return aead
}

func randomKey() []byte {
	raw := make([]byte, keySize)
	rand.Read(raw) // never fails: the process ends if the random source does
	return raw
}

func erased() error {
	return fault.Gone("subject_erased", "The person's data has been erased; there is nothing left to read or add to.")
}

// adBuffers holds room for associated data, so that sealing need not allocate it.
var adBuffers = sync.Pool{New: func() any { b := make([]byte, 0, 256); return &b }}

// associated gives the associated data of a place in a buffer from the pool.
func (k *Key) associated(p Place) *[]byte {
	buf := adBuffers.Get().(*[]byte)
	ad := append((*buf)[:0], k.prefix...)
	ad = appendField(ad, p.Table)
	ad = appendField(ad, p.Column)
	*buf = appendField(ad, p.Row)
	return buf
}

// appendField adds a text with its length in front, so that no two lists of
// fields look alike.
func appendField(b []byte, s string) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
	return append(b, s...)
}
