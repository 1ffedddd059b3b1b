package blob

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
)

// partial begins the name of a file that is being written. Backups leave it out.
const partial = ".upload-"

// keepPartial is how long what an interrupted upload left behind stays.
const keepPartial = 24 * time.Hour

// dir keeps files in a directory, out of which no name leads, symbolic links
// included.
type dir struct {
	root  *os.Root
	clock clock.Clock
}

func openDir(at string, c clock.Clock) (*dir, error) {
	if err := os.MkdirAll(at, 0o700); err != nil {
		return nil, fault.Wrap("the directory for files cannot be made", err)
	}
	root, err := os.OpenRoot(filepath.Clean(at))
	return &dir{root, c}, fault.Wrap("the directory for files cannot be opened", err)
}

func (d *dir) Put(ctx context.Context, name string, from io.Reader) error {
	if err := checkName(name); err != nil {
		return err
	}
	folder := path.Dir(name)
	if err := d.root.MkdirAll(folder, 0o700); err != nil {
		return unavailable(err)
	}
	temp := path.Join(folder, partial+rand.Text())
	if err := d.write(ctx, temp, from); err != nil {
		return errors.Join(err, d.remove(temp))
	}
	if err := d.root.Rename(temp, name); err != nil {
		return errors.Join(unavailable(err), d.remove(temp))
	}
	for ; ; folder = path.Dir(folder) { // a new folder's own name has to last, too
		if err := d.syncFolder(folder); err != nil {
			return unavailable(err)
		}
		if folder == "." {
			return nil
		}
	}
}

// write fills a new file and has it on disk. What fails to be read is the reader's
// own error.
func (d *dir) write(ctx context.Context, name string, from io.Reader) error {
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return unavailable(err)
	}
	in := &source{ctx: ctx, r: from}
	_, err = io.Copy(f, in)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); in.err != nil {
		return in.err
	}
	if err != nil {
		return unavailable(err)
	}
	return nil
}

func (d *dir) syncFolder(name string) error {
	f, err := d.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (d *dir) remove(name string) error {
	if err := d.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unavailable(err)
	}
	return nil
}

func (d *dir) Get(_ context.Context, name string) (io.ReadCloser, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	f, err := d.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.NotFound("file")
	}
	if err != nil {
		return nil, unavailable(err)
	}
	return f, nil
}

func (d *dir) Delete(_ context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	return d.remove(name)
}

// List also removes what interrupted uploads left behind a day ago.
func (d *dir) List(ctx context.Context, each func(Entry) error) error {
	return fs.WalkDir(d.root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || !e.Type().IsRegular() {
			return ignoreMissing(err)
		}
		info, err := e.Info()
		if err != nil {
			return ignoreMissing(err)
		}
		if strings.HasPrefix(e.Name(), partial) {
			if d.clock.Now().Sub(info.ModTime()) > keepPartial {
				return d.remove(name)
			}
			return nil
		}
		return each(Entry{name, info.ModTime()})
	})
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// source ends with its context, and remembers whether it was the reading that failed.
type source struct {
	ctx context.Context
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	if s.err = s.ctx.Err(); s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}
