package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// prepare finishes what was unpacked while it is still aside: SQLite databases
// are brought to this release, the vault forgets who is erased in the present
// one, and the data whom the vault does not know any more.
func (r *restore) prepare(ctx context.Context) error {
	if r.vault != nil {
		if err := r.prepareVault(ctx); err != nil {
			return err
		}
	}
	if r.data.engine == storage.Postgres {
		return r.data.empty(ctx, r.report.Data, r.Logger)
	}
	return r.after(ctx, r.data.unpacked())
}

func (r *restore) prepareVault(ctx context.Context) error {
	if r.vault.engine == storage.Postgres {
		return r.vault.empty(ctx, r.report.Vault, r.Logger)
	}
	restored, err := r.vault.openMigrated(ctx, r.vault.unpacked(), r.Logger)
	if err != nil {
		return err
	}
	defer restored.Close()
	if !r.vault.there() {
		return nil
	}
	present, err := r.vault.openMigrated(ctx, r.vault.url, r.Logger)
	if err != nil {
		return fmt.Errorf("the vault that is there cannot be asked who was erased: %w", err)
	}
	defer present.Close() // which also moves its log into its file
	_, err = vault.CarryErasures(ctx, present, restored)
	return err
}

// after removes from the data at url what is left of erased subjects.
func (r *restore) after(ctx context.Context, url string) error {
	data, err := r.data.openMigrated(ctx, url, r.Logger)
	if err != nil {
		return err
	}
	defer data.Close()
	keys, err := r.openVault(ctx)
	if err != nil {
		return err
	}
	if keys == nil {
		r.report.NoVault = true
		return nil
	}
	defer keys.Close()
	r.report.Purged, err = AfterRestore(ctx, data, keys, r.Purge)
	return err
}

// openVault opens the vault as it will be: where it was unpacked, or the one that
// is there. It gives nil if there is none.
func (r *restore) openVault(ctx context.Context) (*storage.DB, error) {
	t, err := newTarget(Vault, r.VaultURL)
	if err != nil {
		return nil, err
	}
	url := t.url
	if t.engine == storage.Postgres {
		version, err := t.version(ctx, r.Logger)
		if err != nil || version == 0 {
			return nil, err
		}
	} else if r.vault != nil && exists(filepath.Join(r.vault.dir, sqliteName)) {
		url = r.vault.unpacked() // not in place yet
	} else if !t.there() {
		return nil, nil
	}
	return t.openMigrated(ctx, url, r.Logger)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// put moves everything into place, the database last, or nothing.
func (r *restore) put(ctx context.Context) (err error) {
	defer func() {
		if err == nil {
			return
		}
		for _, undo := range slices.Backward(r.undo) {
			err = errors.Join(err, undo())
		}
	}()
	if r.vault != nil {
		if err := r.putVault(ctx); err != nil {
			return err
		}
	}
	if r.data.engine == storage.Postgres {
		return r.data.fill(ctx, r.report.Data, r.Logger, r.putFiles)
	}
	if err := r.putFiles(); err != nil {
		return err
	}
	return r.move(filepath.Join(r.data.dir, sqliteName), r.data.path)
}

func (r *restore) putVault(ctx context.Context) error {
	t := r.vault
	if t.engine == storage.Postgres {
		return t.fill(ctx, r.report.Vault, r.Logger, func() error { return nil })
	}
	if t.there() {
		if err := r.move(t.path, filepath.Join(t.dir, "replaced")); err != nil {
			return err
		}
	}
	return r.move(filepath.Join(t.dir, sqliteName), t.path)
}

func (r *restore) putFiles() error {
	if r.report.Files == 0 {
		return nil
	}
	if exists(r.Files) { // empty, as was checked
		if err := os.Remove(r.Files); err != nil {
			return err
		}
	}
	return r.move(r.data.unpackedFiles, r.Files)
}

// move renames durably, and remembers how to undo it. A SQLite database moves
// without a log beside it, as it was closed.
func (r *restore) move(from, to string) error {
	if exists(from + "-wal") {
		return fmt.Errorf("%s was not closed as it should be", from)
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	r.undo = append(r.undo, func() error { return os.Rename(to, from) })
	return errors.Join(syncDir(filepath.Dir(from)), syncDir(filepath.Dir(to)))
}

// finish does for PostgreSQL what was done for SQLite aside.
func (r *restore) finish(ctx context.Context) error {
	if r.data.engine != storage.Postgres {
		return nil
	}
	if err := r.after(ctx, r.data.url); err != nil {
		return fmt.Errorf("the data is restored, but what is left of erased people could not be removed (nobody can read it); empty the database and try again: %w", err)
	}
	return nil
}
