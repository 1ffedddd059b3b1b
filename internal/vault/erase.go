package vault

import (
	"context"
	"sync"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// scrubWait bounds how long an erasure waits for the engine to clean up.
const scrubWait = 10 * time.Second

// Erase destroys the subject's key for good and leaves a tombstone of ids and
// times, also where there was no key yet. Erasing a workspace's own subject
// destroys the keys of all its contacts, and of its blind index, with it.
//
// When Erase returns nil, the key is gone from the database file (SQLite; for
// PostgreSQL see the package documentation) and from this node's memory, a Key
// that a running request holds works no more unless the cache had to drop it for
// want of room, and the OnErase hooks have been called.
// Erasing twice does nothing the second time but to scrub and tell again.
func (v *Vault) Erase(ctx context.Context, s Subject) error {
	return v.EraseMany(ctx, []Subject{s})
}

// EraseMany is Erase for several subjects in one transaction.
func (v *Vault) EraseMany(ctx context.Context, subjects []Subject) error {
	for _, s := range subjects {
		if !s.valid() {
			return errNobody
		}
	}
	if err := v.bury(ctx, subjects); err != nil {
		return fault.Wrap("vault.Erase", err)
	}
	for _, s := range subjects {
		v.Forget(s)
	}
	if err := v.buryLate(ctx, subjects); err != nil {
		return fault.Wrap("vault.Erase", err)
	}
	v.mu.Lock()
	hooks := v.hooks
	v.mu.Unlock()
	for _, s := range subjects {
		for _, tell := range hooks {
			tell(ctx, s)
		}
	}
	v.scrub(ctx)
	return nil
}

// Forget drops the subject's key from this node's memory, and for a workspace the
// keys of all in it. Other nodes call it when they hear of an erasure.
func (v *Vault) Forget(s Subject) { v.cache.forget(s) }

const (
	// buryKey overwrites the key in its own row, so that making and erasing a key
	// cannot pass each other by.
	buryKey = `INSERT INTO subject_keys (workspace_id, subject_id, wrapped_key, root_key_id, created_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (workspace_id, subject_id) DO UPDATE SET wrapped_key = excluded.wrapped_key
		WHERE subject_keys.wrapped_key <> excluded.wrapped_key`
	noteErased = `INSERT INTO erased_subjects (workspace_id, subject_id, erased_at) VALUES ($1, $2, $3)
		ON CONFLICT (workspace_id, subject_id) DO NOTHING`
	buryAll       = `UPDATE subject_keys SET wrapped_key = $1 WHERE workspace_id = $2 AND wrapped_key <> $3`
	noteErasedAll = `INSERT INTO erased_subjects (workspace_id, subject_id, erased_at)
		SELECT workspace_id, subject_id, CAST($1 AS BIGINT) FROM subject_keys WHERE workspace_id = $2
		ON CONFLICT (workspace_id, subject_id) DO NOTHING`
)

// bury puts the tombstones in the place of the keys.
func (v *Vault) bury(ctx context.Context, subjects []Subject) error {
	now := clock.Micros(v.clock.Now())
	root := v.root.ring.Load().primary
	return v.db.Write(ctx, func(tx *storage.Tx) error {
		for _, s := range subjects {
			if _, err := tx.Exec(buryKey, s.Workspace, s.ID, tombstone, root, now); err != nil {
				return err
			}
			if _, err := tx.Exec(noteErased, s.Workspace, s.ID, now); err != nil {
				return err
			}
			if err := buryMembers(tx, s, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// buryMembers erases all keys of a workspace, if the subject is one.
func buryMembers(tx *storage.Tx, s Subject, now int64) error {
	if s.ID != "" {
		return nil
	}
	if _, err := tx.Exec(buryAll, tombstone, s.Workspace, tombstone); err != nil {
		return err
	}
	_, err := tx.Exec(noteErasedAll, now, s.Workspace)
	return err
}

// buryLate goes over erased workspaces again on PostgreSQL, where a key of a
// contact can be made by a transaction that did not see the tombstone yet.
func (v *Vault) buryLate(ctx context.Context, subjects []Subject) error {
	if v.db.Engine() != storage.Postgres {
		return nil
	}
	now := clock.Micros(v.clock.Now())
	for _, s := range subjects {
		if s.ID != "" {
			continue
		}
		if err := v.db.Write(ctx, func(tx *storage.Tx) error { return buryMembers(tx, s, now) }); err != nil {
			return err
		}
		v.Forget(s)
	}
	return nil
}

// scrubber lets erasures that come at once share one cleaning.
type scrubber struct {
	mu   sync.Mutex
	done uint64 // cleanings that have begun
	gate sync.Mutex
}

// scrub removes what the engine keeps of rows that are gone. It is best effort
// and logged: the erasure itself is committed.
func (v *Vault) scrub(ctx context.Context) {
	v.scrubs.mu.Lock()
	seen := v.scrubs.done
	v.scrubs.mu.Unlock()
	v.scrubs.gate.Lock()
	defer v.scrubs.gate.Unlock()
	v.scrubs.mu.Lock()
	covered := v.scrubs.done > seen // one began after this erasure had committed, and has ended
	if !covered {
		v.scrubs.done++
	}
	v.scrubs.mu.Unlock()
	if covered {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), scrubWait)
	defer cancel()
	err := v.db.Scrub(ctx)
	if v.db.Engine() == storage.Postgres {
		_, err = v.db.SQL().ExecContext(ctx, "VACUUM subject_keys")
	}
	if err != nil {
		v.log.WarnContext(ctx, "an erased key may still be in the vault's log; the next erasure cleans it", "error", err)
	}
}

// WasErased tells whether the subject was erased: there is a tombstone.
func (v *Vault) WasErased(ctx context.Context, s Subject) (bool, error) {
	err := v.db.Read(ctx, func(tx *storage.Tx) error { return refuseErased(tx, s) })
	if fault.Is(err, fault.KindGone) {
		return true, nil
	}
	return false, fault.Wrap("vault.WasErased", err)
}
