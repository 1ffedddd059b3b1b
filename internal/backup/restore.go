package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// Plan is what to restore, and to where.
type Plan struct {
	From      string // file with the data
	VaultFrom string // file with the vault; empty: the vault that is there stays

	Dir         string   // data directory; made if it is not there
	DatabaseURL string   // where the data goes: nothing may be there yet
	VaultURL    string   // where the vault is, or goes
	Files       string   // directory for uploaded files: empty, or not there
	Keep        []string // files in Dir that may be there besides the vault, such as the root key

	// Purge removes what is left of an erased subject.
	Purge  Purge
	Logger *slog.Logger // nil means slog.Default
}

// Report is what Restore did.
type Report struct {
	Data    *Manifest
	Vault   *Manifest // nil: it was not restored
	NoVault bool      // there is no vault: put it back before the server starts
	Files   int       // uploaded files
	Purged  int       // erased subjects whose rows were removed
}

// Restore puts a backup back, and brings the schema to that of this release. See
// the package documentation for what it guarantees. Its errors are one plain line.
//
// On PostgreSQL both databases must be empty, or migrated and without rows; a
// vault that is there is kept by leaving VaultFrom out.
func Restore(ctx context.Context, p Plan) (*Report, error) {
	if p.Purge == nil {
		return nil, errors.New("restore: nobody removes what is left of erased people")
	}
	if p.Logger == nil {
		p.Logger = slog.Default()
	}
	r := &restore{Plan: p, report: &Report{}}
	defer r.close()
	for _, step := range []func(context.Context) error{r.begin, r.unpack, r.prepare, r.put, r.finish} {
		if err := step(ctx); err != nil {
			return nil, fault.Wrap("restore", err)
		}
	}
	return r.report, nil
}

// restore is a restoring that is under way.
type restore struct {
	Plan
	report *Report
	data   *target
	vault  *target // nil: it stays
	undo   []func() error
	last   []func() // what to do at the end, however it ends
}

func (r *restore) close() {
	for _, fn := range slices.Backward(r.last) {
		fn()
	}
}

// begin takes the directory and looks whether it is as empty as it should be.
func (r *restore) begin(context.Context) error {
	if err := os.MkdirAll(r.Dir, 0o700); err != nil {
		return fmt.Errorf("%s cannot be made: %w", r.Dir, err)
	}
	unlock, err := storage.LockDir(r.Dir)
	if err != nil {
		return err
	}
	r.last = append(r.last, unlock)
	if r.data, err = newTarget(Data, r.DatabaseURL); err != nil {
		return err
	}
	vault, err := newTarget(Vault, r.VaultURL)
	if err != nil {
		return err
	}
	if r.VaultFrom != "" {
		r.vault = vault
	}
	if err := r.refuseFilled(vault); err != nil {
		return err
	}
	return r.data.refuseThere()
}

// refuseFilled fails if the directory holds anything but the vault.
func (r *restore) refuseFilled(vault *target) error {
	allowed := append(vault.files(), filepath.Join(r.Dir, "keys"), filepath.Join(r.Dir, "botimum.lock"), filepath.Join(r.Dir, "lost+found"))
	allowed = append(allowed, r.Keep...)
	found, err := os.ReadDir(r.Dir)
	if err != nil {
		return err
	}
	for _, e := range found {
		path := filepath.Join(r.Dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), ".restore-"): // of one that was killed: nobody else is here
			os.RemoveAll(path)
		case strings.HasPrefix(e.Name(), "."), slices.Contains(allowed, path), path == filepath.Clean(r.Files) && emptyDir(path):
		default:
			return fmt.Errorf("%s is not empty (it holds %s); restore into a directory that is empty but for the vault", r.Dir, e.Name())
		}
	}
	if r.Files != "" && !emptyDir(r.Files) {
		return fmt.Errorf("%s holds files already; move them away first", r.Files)
	}
	return nil
}

// emptyDir tells whether a directory is empty or not there.
func emptyDir(path string) bool {
	found, err := os.ReadDir(path)
	return errors.Is(err, fs.ErrNotExist) || err == nil && len(found) == 0
}

// unpack reads both files to their end and proves them, beside where they go.
func (r *restore) unpack(ctx context.Context) (err error) {
	if r.report.Data, err = r.unpackTo(ctx, r.From, r.data); err != nil {
		return err
	}
	for _, e := range r.report.Data.Entries {
		if strings.HasPrefix(e.Name, filesDir) {
			r.report.Files++
		}
	}
	if r.report.Files > 0 && r.Files == "" {
		return fmt.Errorf("%s holds uploaded files, and there is no directory for them", r.From)
	}
	if r.vault != nil {
		r.report.Vault, err = r.unpackTo(ctx, r.VaultFrom, r.vault)
	}
	return err
}

func (r *restore) unpackTo(ctx context.Context, path string, t *target) (*Manifest, error) {
	a, err := openArchive(path)
	if err != nil {
		return nil, fmt.Errorf("%s %w", path, err)
	}
	defer a.close()
	if err := a.check(t.kind, t.engine); err != nil {
		return nil, fmt.Errorf("%s %w", path, err)
	}
	if t.dir, err = r.stage(t.home(r.Dir)); err != nil {
		return nil, err
	}
	filesAt := t.dir
	if r.Files != "" && t.kind == Data {
		if filesAt, err = r.stage(filepath.Dir(filepath.Clean(r.Files))); err != nil {
			return nil, err
		}
	}
	t.unpackedFiles = filepath.Join(filesAt, "files")
	err = a.unpack(ctx, func(name string) string {
		if strings.HasPrefix(name, filesDir) {
			return filesAt
		}
		return t.dir
	})
	if err != nil {
		return nil, fmt.Errorf("%s %w", path, err)
	}
	return a.Manifest, nil
}

// stage makes a directory that is gone at the end, on the disk that holds dir.
func (r *restore) stage(dir string) (string, error) {
	made, err := os.MkdirTemp(dir, ".restore-*") // 0700
	if err != nil {
		return "", fmt.Errorf("%s cannot be written: %w", dir, err)
	}
	r.last = append(r.last, func() { os.RemoveAll(made) })
	return made, nil
}
