package blob

import (
	"context"
	"crypto/rand"
	"errors"
	"io"

	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"

	"github.com/botimum/botimum/internal/fault"
)

const (
	keySize     = 32
	segmentSize = 64 << 10 // of ciphertext
)

// ErrBroken says that a file's bytes do not open: they were changed, cut short, moved
// to another name, or sealed with another key.
var ErrBroken = errors.New("blob: the file does not open with this key")

// NewKey makes the key of a file.
func NewKey() []byte {
	key := make([]byte, keySize)
	rand.Read(key) // never fails: the process ends if the random source does
	return key
}

func cipherOf(key []byte) (*subtle.AESGCMHKDF, error) {
	return subtle.NewAESGCMHKDF(key, "SHA256", keySize, segmentSize, 0)
}

// Sealed is a store whose files are sealed.
type Sealed struct{ Store }

// Put seals what comes from a reader with a key and keeps it. It gives how many bytes
// came.
func (s Sealed) Put(ctx context.Context, name string, key []byte, from io.Reader) (size int64, err error) {
	scheme, err := cipherOf(key)
	if err != nil {
		return 0, err
	}
	read, write := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		var failed error
		size, failed = seal(scheme, write, name, from)
		write.CloseWithError(failed)
	}()
	err = s.Store.Put(ctx, name, read)
	read.CloseWithError(errors.New("blob: the store took no more"))
	<-done
	return size, err
}

func seal(scheme *subtle.AESGCMHKDF, to io.Writer, name string, from io.Reader) (int64, error) {
	w, err := scheme.NewEncryptingWriter(to, []byte(name))
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(w, from)
	if err != nil {
		return n, err
	}
	return n, w.Close()
}

// Open gives a file of a known size for reading; close it. Nothing is asked of the
// store until something is read.
func (s Sealed) Open(ctx context.Context, name string, key []byte, size int64) *File {
	return &File{ctx: ctx, store: s.Store, name: name, key: key, size: size}
}

// File is a sealed file that is being read, from any place on. It is not safe for
// concurrent use.
type File struct {
	ctx   context.Context
	store Store
	name  string
	key   []byte
	size  int64

	at   int64 // where the next byte is read
	from int64 // where plain is
	body io.ReadCloser
	open io.Reader
}

// Begin asks the store for the file, so that one that is not there is told of before
// anything is read.
func (f *File) Begin() error { return f.begin() }

// Read reads on, after it opened the file if it must. Going back begins anew; going
// ahead opens what is between and drops it.
func (f *File) Read(p []byte) (int, error) {
	if f.at >= f.size {
		return 0, io.EOF
	}
	if f.body == nil || f.from > f.at {
		if err := f.begin(); err != nil {
			return 0, err
		}
	}
	if f.from < f.at {
		n, err := io.CopyN(io.Discard, f.open, f.at-f.from)
		if f.from += n; err != nil {
			return 0, f.broken(err)
		}
	}
	n, err := f.open.Read(p)
	f.at, f.from = f.at+int64(n), f.from+int64(n)
	if errors.Is(err, io.EOF) && f.at == f.size {
		return n, io.EOF
	}
	return n, f.broken(err)
}

func (f *File) begin() error {
	if err := f.Close(); err != nil {
		return err
	}
	scheme, err := cipherOf(f.key)
	if err != nil {
		return err
	}
	if f.body, err = f.store.Get(f.ctx, f.name); err != nil {
		return err
	}
	if f.open, err = scheme.NewDecryptingReader(f.body, []byte(f.name)); err != nil {
		return f.broken(err)
	}
	f.from = 0
	return nil
}

// broken tells what cannot be opened from what could not be fetched.
func (f *File) broken(err error) error {
	switch {
	case err == nil:
		return nil
	case fault.As(err) != nil:
		return err
	case f.ctx.Err() != nil:
		return f.ctx.Err()
	}
	return fault.Wrap("blob.Read", errors.Join(ErrBroken, err))
}

// Seek goes to a place; see [io.Seeker].
func (f *File) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += f.size
	}
	if offset < 0 {
		return 0, errors.New("blob: a place before the beginning")
	}
	f.at = offset
	return offset, nil
}

// Close lets go of the store.
func (f *File) Close() error {
	if f.body == nil {
		return nil
	}
	body := f.body
	f.body, f.open = nil, nil
	return body.Close()
}
