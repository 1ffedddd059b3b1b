package vault

import (
	"context"
	"errors"
	"fmt"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

const rotateBatch = 500 // keys rewrapped by one transaction

// Rotation tells how far a change of the root key has come.
type Rotation struct {
	Done  int64 // keys and secrets rewrapped by this call
	Total int64 // what this call found to rewrap when it began
}

// RotateRoot adds a new primary key to the root keyset, wraps every key and secret
// with it in batches, and then drops the old key, so that what older copies of the
// vault hold opens no more. It needs a root key that lives in a file, which it
// rewrites before it uses the new key and again at the end.
//
// It may be interrupted at any point: the next call finishes what was begun before
// it begins anything new. Reading and writing go on meanwhile on this node; other
// nodes must be stopped, and get the new file before they start again. progress,
// which may be nil, is called after each batch.
func (v *Vault) RotateRoot(ctx context.Context, progress func(Rotation)) (Rotation, error) {
	v.rotating.Lock()
	defer v.rotating.Unlock()
	var r Rotation
	if v.root.path == "" {
		return r, fault.Conflict("root_key_fixed", "The root key comes from the environment and cannot be rewritten there: put it into a file, start with that file, and rotate then.")
	}
	if progress == nil {
		progress = func(Rotation) {}
	}
	done, err := v.beginRotation(ctx)
	if err != nil || done {
		return r, fault.Wrap("vault.RotateRoot", err)
	}
	if r.Total, err = v.countOld(ctx); err != nil {
		return r, fault.Wrap("vault.RotateRoot", err)
	}
	if err := v.rewrapAll(ctx, &r, progress); err != nil {
		return r, fault.Wrap("vault.RotateRoot", err)
	}
	return r, fault.Wrap("vault.RotateRoot", v.endRotation(ctx))
}

// beginRotation brings keyset and vault to where both know the new primary key.
// done says that only the end of an earlier rotation was missing.
func (v *Vault) beginRotation(ctx context.Context) (done bool, err error) {
	known, err := v.rootKeys(ctx)
	if err != nil {
		return false, err
	}
	primary := v.root.ring.Load().primary
	alone := len(known) == 1 && known[0].id == primary
	switch {
	case alone && v.root.size() > 1: // all was rewrapped, the old key was not dropped
		return true, v.root.prune()
	case alone:
		if err := v.root.grow(); err != nil {
			return false, fmt.Errorf("the root key's file cannot be rewritten: %w", err)
		}
	}
	return false, v.registerPrimary(ctx, known)
}

// countOld counts what the primary key does not wrap yet.
func (v *Vault) countOld(ctx context.Context) (n int64, err error) {
	err = v.db.Read(ctx, func(tx *storage.Tx) error {
		n, err = countOld(tx, v.root.ring.Load().primary)
		return err
	})
	return n, err
}

func countOld(tx *storage.Tx, primary string) (n int64, err error) {
	err = tx.QueryRow(`SELECT (SELECT count(*) FROM subject_keys WHERE root_key_id <> $1)
		+ (SELECT count(*) FROM instance_secrets WHERE root_key_id <> $2)`, primary, primary).Scan(&n)
	return n, err
}

// wrapped is a row on its way from one root key to another.
type wrapped struct {
	subject  Subject
	secret   string // set for a secret of the installation
	old, new []byte
}

func (w wrapped) data() []byte {
	if w.secret != "" {
		return secretData(w.secret)
	}
	return keyData(w.subject)
}

// rewrapAll goes over the tables until nothing is left to rewrap.
func (v *Vault) rewrapAll(ctx context.Context, r *Rotation, progress func(Rotation)) error {
	for {
		var last wrapped
		found := false
		for {
			batch, err := v.oldKeys(ctx, last.subject)
			if err != nil {
				return err
			}
			if len(batch) == 0 {
				break
			}
			found, last = true, batch[len(batch)-1]
			if err := v.rewrap(ctx, batch, r, progress); err != nil {
				return err
			}
		}
		secrets, err := v.oldSecrets(ctx)
		if err != nil {
			return err
		}
		if len(secrets) > 0 {
			found = true
			if err := v.rewrap(ctx, secrets, r, progress); err != nil {
				return err
			}
		}
		if !found {
			return nil
		}
	}
}

// oldKeys reads a batch of keys, after the given subject, that the primary root
// key does not wrap.
func (v *Vault) oldKeys(ctx context.Context, after Subject) ([]wrapped, error) {
	const query = `SELECT workspace_id, subject_id, wrapped_key FROM subject_keys
		WHERE root_key_id <> $1 AND (workspace_id, subject_id) > ($2, $3) ORDER BY workspace_id, subject_id LIMIT $4`
	var batch []wrapped
	err := v.db.Read(ctx, func(tx *storage.Tx) error {
		batch = nil
		rows, err := tx.Query(query, v.root.ring.Load().primary, after.Workspace, after.ID, rotateBatch)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var w wrapped
			if err := rows.Scan(&w.subject.Workspace, &w.subject.ID, &w.old); err != nil {
				return err
			}
			batch = append(batch, w)
		}
		return rows.Err()
	})
	return batch, err
}

func (v *Vault) oldSecrets(ctx context.Context) ([]wrapped, error) {
	var batch []wrapped
	err := v.db.Read(ctx, func(tx *storage.Tx) error {
		batch = nil
		rows, err := tx.Query(`SELECT name, wrapped FROM instance_secrets WHERE root_key_id <> $1 ORDER BY name`, v.root.ring.Load().primary)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var w wrapped
			if err := rows.Scan(&w.secret, &w.old); err != nil {
				return err
			}
			batch = append(batch, w)
		}
		return rows.Err()
	})
	return batch, err
}

// rewrap writes a batch. A row that changed since it was read, because it was
// erased, is left for the next round.
func (v *Vault) rewrap(ctx context.Context, batch []wrapped, r *Rotation, progress func(Rotation)) error {
	const (
		updateKey = `UPDATE subject_keys SET wrapped_key = $1, root_key_id = $2
			WHERE workspace_id = $3 AND subject_id = $4 AND wrapped_key = $5`
		updateSecret = `UPDATE instance_secrets SET wrapped = $1, root_key_id = $2 WHERE name = $3 AND wrapped = $4`
	)
	for i := range batch {
		if err := v.rewrapOne(&batch[i]); err != nil {
			return err
		}
	}
	primary := v.root.ring.Load().primary
	var changed int64
	err := v.db.Write(ctx, func(tx *storage.Tx) error {
		changed = 0
		for _, w := range batch {
			var n int64
			var err error
			if w.secret != "" {
				n, err = tx.Exec(updateSecret, w.new, primary, w.secret, w.old)
			} else {
				n, err = tx.Exec(updateKey, w.new, primary, w.subject.Workspace, w.subject.ID, w.old)
			}
			if err != nil {
				return err
			}
			changed += n
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.Done += changed
	progress(*r)
	return ctx.Err()
}

func (v *Vault) rewrapOne(w *wrapped) error {
	if w.secret == "" && isTombstone(w.old) {
		w.new = w.old // only the row's root key changes
		return nil
	}
	raw, err := v.root.unwrap(w.old, w.data())
	if err != nil {
		return err
	}
	defer clear(raw)
	w.new, _, err = v.root.wrap(raw, w.data())
	return err
}

var errMore = errors.New("keys were made under the old root key meanwhile; rotate again to finish")

// endRotation drops the old root keys, from the vault and then from the keyset.
// The foreign keys refuse it while anything depends on them.
func (v *Vault) endRotation(ctx context.Context) error {
	primary := v.root.ring.Load().primary
	err := v.db.Write(ctx, func(tx *storage.Tx) error {
		if n, err := countOld(tx, primary); err != nil {
			return err
		} else if n > 0 {
			return errMore
		}
		_, err := tx.Exec(`DELETE FROM root_keys WHERE root_key_id <> $1`, primary)
		return err
	})
	if err != nil {
		return err
	}
	if err := v.root.prune(); err != nil {
		return err
	}
	v.scrub(ctx)
	return nil
}
