package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// Source is what to back up. Back the data up before the vault, so that whoever
// is in the one has a key in the other.
type Source struct {
	Kind  Kind
	DB    *storage.DB // of that kind
	Files string      // directory of uploaded files, need not exist; only with Data
	Temp  string      // directory with room for another copy of the database
	Clock clock.Clock
}

// Open opens the database of a kind at url for a Source, as it is: it makes
// nothing and migrates nothing, so that another process may be serving it. Nil as
// logger means slog.Default.
func Open(ctx context.Context, kind Kind, url string, log *slog.Logger) (*storage.DB, error) {
	t, err := newTarget(kind, url)
	if err != nil {
		return nil, err
	}
	if t.engine == storage.SQLite && !t.there() {
		return nil, fmt.Errorf("backup: there is no database at %s; name the directory that the server uses", t.path)
	}
	return t.open(ctx, url, log)
}

// Backup writes a backup to w. It fails if the schema is not there, if the disk
// that holds Temp is full, or if w fails; what was written until then is of no
// use.
func Backup(ctx context.Context, src Source, w io.Writer) (*Manifest, error) {
	m := &Manifest{
		Format: format, Kind: src.Kind, Holds: holds[src.Kind], Engine: src.DB.Engine(), CreatedAt: src.Clock.Now(),
	}
	stage := &stage{dir: src.Temp}
	defer stage.close()
	var err error
	if m.Schema, err = src.DB.Version(ctx); err != nil {
		return nil, fault.Wrap("backup", err)
	}
	if m.Schema == 0 {
		return nil, errors.New("backup: the database is empty; there is nothing to back up")
	}
	if m.Engine == storage.SQLite {
		err = stage.sqlite(ctx, src.DB)
	} else {
		err = stage.postgres(ctx, src.DB, m)
	}
	if err == nil && src.Files != "" {
		err = stage.files(ctx, src.Files)
	}
	if err == nil {
		err = pack(ctx, w, m, stage.pieces)
	}
	if err != nil {
		return nil, fault.Wrap("backup", err)
	}
	return m, nil
}

// ToFile is Backup to a file, which only its owner can read. The file appears, or
// is replaced, in one step when all of it is on disk.
func ToFile(ctx context.Context, src Source, path string) (m *Manifest, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".backup-*") // 0600
	if err != nil {
		return nil, fmt.Errorf("backup: %s cannot be written: %w", path, err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if m, err = Backup(ctx, src, f); err != nil {
		return nil, err
	}
	if err = errors.Join(f.Sync(), f.Close()); err != nil {
		return nil, fmt.Errorf("backup: %s cannot be written: %w", path, err)
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return nil, fmt.Errorf("backup: %s cannot be written: %w", path, err)
	}
	return m, syncDir(filepath.Dir(path))
}

// stage gathers the pieces of a backup.
type stage struct {
	dir    string
	pieces []piece
	open   []*os.File
}

func (s *stage) close() {
	for _, f := range s.open {
		f.Close()
	}
}

// scratch opens a new file that already has no name.
func (s *stage) scratch() (*os.File, error) {
	f, err := os.CreateTemp(s.dir, ".backup-*")
	if err != nil {
		return nil, err
	}
	s.open = append(s.open, f)
	return f, os.Remove(f.Name())
}

// files adds the uploaded files. One that is removed while this looks is left
// out: its row is in no snapshot that was taken after.
func (s *stage) files(ctx context.Context, dir string) error {
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case !e.Type().IsRegular(), strings.HasPrefix(e.Name(), "."): // an upload that is under way
			return ctx.Err()
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		entry := Entry{Name: filesDir + filepath.ToSlash(rel)}
		if entry.Size, entry.SHA256, err = sumOf(ctx, path); errors.Is(err, fs.ErrNotExist) {
			return nil
		} else if err != nil {
			return err
		}
		s.pieces = append(s.pieces, piece{entry, func() (io.ReadCloser, error) { return os.Open(path) }})
		return nil
	})
}

func sumOf(ctx context.Context, path string) (size int64, sum string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, reader{ctx, f})
	return size, hex.EncodeToString(h.Sum(nil)), err
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
