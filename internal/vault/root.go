package vault

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Why a vault does not open. The error's text is one plain line for the
// administrator and says what to do.
var (
	ErrRootMissing = errors.New("the root key is missing")
	ErrRootWrong   = errors.New("the root key is the wrong one")
	ErrRootBroken  = errors.New("the root key cannot be read")
)

// RootOptions says where the root key comes from.
type RootOptions struct {
	Path  string // a file with the keyset, 0600; used when Value is empty
	Value string // the keyset itself, as JSON or as base64 of that JSON

	// CreateIfVaultEmpty lets Open make the file at Path, provided that the vault
	// holds nothing yet. Without it a missing file is an error at once.
	CreateIfVaultEmpty bool
}

// Root is the key that wraps all others: a Tink keyset, of which the primary key
// wraps and every key unwraps. It is safe for concurrent use.
type Root struct {
	path string // "" when it came as a value and so cannot be rewritten
	ring atomic.Pointer[ring]
}

// ring is one state of the keyset.
type ring struct {
	handle  *keyset.Handle
	aead    tink.AEAD
	primary string
}

// LoadRoot reads the root key. A file that is not there is an error, or, with
// CreateIfVaultEmpty, a Root that Open fills on an empty vault and refuses on any
// other.
func LoadRoot(o RootOptions) (*Root, error) {
	if o.Value != "" {
		return parseRoot("", "the environment", []byte(o.Value))
	}
	if o.Path == "" {
		return nil, fmt.Errorf("%w: name a file for it, or give it in the environment", ErrRootMissing)
	}
	content, err := os.ReadFile(o.Path)
	switch {
	case err == nil:
		return parseRoot(o.Path, o.Path, content)
	case !errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("%w: %w", ErrRootBroken, err)
	case !o.CreateIfVaultEmpty:
		return nil, missing(o.Path)
	}
	return &Root{path: o.Path}, nil
}

func missing(path string) error {
	return fmt.Errorf("%w: the vault holds keys, but %s does not exist; put that file back from its backup, for a new one could open nothing", ErrRootMissing, path)
}

// parseRoot reads a keyset from content; source names it in an error.
func parseRoot(path, source string, content []byte) (*Root, error) {
	content = bytes.TrimSpace(content)
	if len(content) > 0 && content[0] != '{' {
		decoded, err := base64.StdEncoding.DecodeString(string(content))
		if err != nil {
			return nil, fmt.Errorf("%w: what is in %s is neither a keyset in JSON nor base64 of one", ErrRootBroken, source)
		}
		content = decoded
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(content)))
	if err != nil { // the cause may quote key material
		return nil, fmt.Errorf("%w: what is in %s is not a keyset; put it back from its backup", ErrRootBroken, source)
	}
	r := &Root{path: path}
	if err := r.use(handle); err != nil {
		return nil, fmt.Errorf("%w: the keyset in %s is not one for AES-256-GCM", ErrRootBroken, source)
	}
	return r, nil
}

// use makes the handle the present state.
func (r *Root) use(handle *keyset.Handle) error {
	primitive, err := aead.New(handle)
	if err != nil {
		return err
	}
	primary, err := handle.Primary()
	if err != nil {
		return err
	}
	r.ring.Store(&ring{handle: handle, aead: primitive, primary: rootID(primary.KeyID())})
	return nil
}

// rootID is a root key's id as the vault stores it: always 8 bytes.
func rootID(id uint32) string { return fmt.Sprintf("%08x", id) }

// empty tells whether there is no key yet.
func (r *Root) empty() bool { return r.ring.Load() == nil }

// create makes a first key and its file, which must not exist.
func (r *Root) create() error {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(r.path), 0o700); err != nil {
		return err
	}
	if _, err := os.Lstat(r.path); err == nil {
		return fmt.Errorf("%s appeared meanwhile; start again to use it", r.path)
	}
	if err := writeKeyset(r.path, handle); err != nil {
		return err
	}
	return r.use(handle)
}

// grow adds a fresh primary key, on disk before in memory.
func (r *Root) grow() error {
	return r.change(func(m *keyset.Manager) error {
		added, err := m.Add(aead.AES256GCMKeyTemplate())
		if err != nil {
			return err
		}
		return m.SetPrimary(added)
	})
}

// prune drops all keys but the primary.
func (r *Root) prune() error {
	now := r.ring.Load()
	return r.change(func(m *keyset.Manager) error {
		for i := range now.handle.Len() {
			entry, err := now.handle.Entry(i)
			if err != nil {
				return err
			}
			if rootID(entry.KeyID()) == now.primary {
				continue
			}
			if err := m.Delete(entry.KeyID()); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *Root) change(edit func(*keyset.Manager) error) error {
	m := keyset.NewManagerFromHandle(r.ring.Load().handle)
	if err := edit(m); err != nil {
		return err
	}
	handle, err := m.Handle()
	if err != nil {
		return err
	}
	if err := writeKeyset(r.path, handle); err != nil {
		return err
	}
	return r.use(handle)
}

// size counts the keys.
func (r *Root) size() int { return r.ring.Load().handle.Len() }

// wrap encrypts a key for storage and tells which root key did it.
func (r *Root) wrap(raw, ad []byte) (wrapped []byte, root string, err error) {
	now := r.ring.Load()
	wrapped, err = now.aead.Encrypt(raw, ad)
	return wrapped, now.primary, err
}

// unwrap gives the key back; the caller overwrites it.
func (r *Root) unwrap(wrapped, ad []byte) ([]byte, error) {
	raw, err := r.ring.Load().aead.Decrypt(wrapped, ad)
	if err != nil {
		return nil, ErrBroken
	}
	return raw, nil
}

// writeKeyset replaces the file in one step, readable by its owner alone.
func writeKeyset(path string, handle *keyset.Handle) (err error) {
	var content bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&content)); err != nil {
		return err
	}
	content.WriteByte('\n')
	defer func() { clear(content.Bytes()) }()
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+strings.TrimSuffix(filepath.Base(path), ".json")+"-*") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(content.Bytes()); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir makes a rename in the directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
