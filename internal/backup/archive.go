package backup

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"
)

// piece is an entry on its way into a backup.
type piece struct {
	Entry
	open func() (io.ReadCloser, error)
}

// held is a piece in a file that has no name any more: it is gone when the
// process is, however that ends.
func held(name string, f *os.File, size int64, sum hash.Hash) piece {
	return piece{
		Entry: Entry{Name: name, Size: size, SHA256: hex.EncodeToString(sum.Sum(nil))},
		open: func() (io.ReadCloser, error) {
			_, err := f.Seek(0, io.SeekStart)
			return f, err
		},
	}
}

// pack writes the manifest and the pieces. It fails if a piece is no longer what
// the manifest says.
func pack(ctx context.Context, w io.Writer, m *Manifest, pieces []piece) error {
	for _, p := range pieces {
		m.Entries = append(m.Entries, p.Entry)
	}
	head, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	// What is sealed looks random: more effort would hardly make it smaller.
	gz, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	out := tar.NewWriter(gz)
	if err := out.WriteHeader(header(manifestName, int64(len(head)), m.CreatedAt)); err != nil {
		return err
	}
	if _, err := out.Write(head); err != nil {
		return err
	}
	for _, p := range pieces {
		if err := packOne(ctx, out, p, m.CreatedAt); err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	return errors.Join(out.Close(), gz.Close())
}

func header(name string, size int64, at time.Time) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: at.Truncate(time.Second), Format: tar.FormatPAX}
}

func packOne(ctx context.Context, out *tar.Writer, p piece, at time.Time) error {
	r, err := p.open()
	if err != nil {
		return err
	}
	defer r.Close()
	if err := out.WriteHeader(header(p.Name, p.Size, at)); err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(out, sum), io.LimitReader(reader{ctx, r}, p.Size))
	if err != nil {
		return err
	}
	if n != p.Size || hex.EncodeToString(sum.Sum(nil)) != p.SHA256 {
		return errors.New("changed while it was being backed up; try again")
	}
	return nil
}

// reader stops when its context ends.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// archive is a backup that is being read.
type archive struct {
	file *os.File
	gz   *gzip.Reader
	tar  *tar.Reader
	*Manifest
}

// openArchive reads as far as the manifest. Its errors complete "FILE …".
func openArchive(path string) (*archive, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	a := &archive{file: f}
	if err := a.begin(); err != nil {
		f.Close()
		return nil, err
	}
	return a, nil
}

func (a *archive) begin() error {
	var err error
	if a.gz, err = gzip.NewReader(a.file); err != nil {
		return errors.New("is not a backup of botimum, or is damaged")
	}
	a.tar = tar.NewReader(a.gz)
	first, err := a.tar.Next()
	if err != nil || first.Name != manifestName {
		return errors.New("is not a backup of botimum, or is damaged")
	}
	a.Manifest, err = readManifest(a.tar)
	return err
}

func (a *archive) close() { a.file.Close() }

// unpack reads the entries into a directory for each of them, and proves them to
// be what the manifest says, and all of it.
func (a *archive) unpack(ctx context.Context, dirOf func(name string) string) error {
	for _, want := range a.Entries {
		head, err := a.tar.Next()
		if err != nil || head.Name != want.Name || head.Typeflag != tar.TypeReg || head.Size != want.Size {
			return errDamaged
		}
		path := filepath.Join(dirOf(want.Name), filepath.FromSlash(want.Name))
		if err := a.unpackOne(ctx, path, want); err != nil {
			return err
		}
	}
	if _, err := a.tar.Next(); !errors.Is(err, io.EOF) {
		return errDamaged
	}
	// What follows the last entry carries the check value of the compression.
	if _, err := io.Copy(io.Discard, io.LimitReader(a.gz, 1<<20)); err != nil {
		return errDamaged
	}
	return nil
}

func (a *archive) unpackOne(ctx context.Context, path string, want Entry) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("cannot be unpacked: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("cannot be unpacked: %w", err)
	}
	sum := sha256.New()
	from := &source{r: reader{ctx, a.tar}}
	_, err = io.Copy(io.MultiWriter(f, sum), from)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case from.err != nil, err == nil && hex.EncodeToString(sum.Sum(nil)) != want.SHA256:
		return errDamaged
	case err != nil:
		return fmt.Errorf("cannot be unpacked: %w", err)
	}
	return nil
}

// source remembers whether it was the reading that failed.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}
