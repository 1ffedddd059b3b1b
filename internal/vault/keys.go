package vault

import (
	"bytes"
	"context"
	"database/sql"
	"errors"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

const (
	maxReads  = 256 // subjects asked for by one statement
	loadTries = 4   // readings of a key while others are being erased
)

var errNobody = fault.Malformed("A key needs a workspace or a subject.")

// keyData is the associated data of a subject's wrapped key.
func keyData(s Subject) []byte {
	return appendField(appendField([]byte("subject key\x01"), s.Workspace), s.ID)
}

// Create makes the subject's key, durably. It does nothing where there is one,
// and fails with fault.Gone("subject_erased") where it, or its workspace, was
// erased: a key never comes back.
func (v *Vault) Create(ctx context.Context, s Subject) error {
	return v.CreateMany(ctx, []Subject{s})
}

// CreateMany makes the keys of several subjects in one transaction: all of them,
// or none.
func (v *Vault) CreateMany(ctx context.Context, subjects []Subject) error {
	made, err := v.makeKeys(subjects)
	if err != nil {
		return fault.Wrap("vault.Create", err)
	}
	began := v.clock.Now()
	gens := make([]uint64, len(made))
	for i := range made {
		gens[i] = v.cache.generation(made[i].subject)
	}
	var inserted map[Subject]bool
	err = v.db.Write(ctx, func(tx *storage.Tx) error {
		var err error
		inserted, err = insertKeys(tx, made, clock.Micros(began))
		return err
	})
	if err != nil {
		return fault.Wrap("vault.Create", err)
	}
	for i, m := range made {
		if inserted[m.subject] {
			v.cache.put(m.key, began, gens[i])
		}
	}
	return nil
}

// madeKey is a new key on its way into the table.
type madeKey struct {
	subject Subject
	wrapped []byte
	root    string
	key     *Key
}

func (v *Vault) makeKeys(subjects []Subject) ([]madeKey, error) {
	made := make([]madeKey, 0, len(subjects))
	seen := make(map[Subject]bool, len(subjects))
	for _, s := range subjects {
		if !s.valid() {
			return nil, errNobody
		}
		if seen[s] {
			continue
		}
		seen[s] = true
		m, err := v.makeKey(s)
		if err != nil {
			return nil, err
		}
		made = append(made, m)
	}
	return made, nil
}

func (v *Vault) makeKey(s Subject) (madeKey, error) {
	raw := randomKey()
	defer clear(raw)
	wrapped, root, err := v.root.wrap(raw, keyData(s))
	if err != nil {
		return madeKey{}, err
	}
	key, err := newKey(s, raw)
	return madeKey{s, wrapped, root, key}, err
}

// insertKeys tells which of the keys were new. A key that exists is left alone,
// a tombstone is an error.
func insertKeys(tx *storage.Tx, made []madeKey, now int64) (map[Subject]bool, error) {
	inserted := make(map[Subject]bool, len(made))
	workspaces := make(map[string]bool)
	for from, to := range storage.Chunks(len(made), 5) {
		if err := insertChunk(tx, made[from:to], now, inserted); err != nil {
			return nil, err
		}
	}
	for _, m := range made {
		if m.subject.Workspace != "" {
			workspaces[m.subject.Workspace] = true
		}
		if !inserted[m.subject] {
			if err := refuseErased(tx, m.subject); err != nil {
				return nil, err
			}
		}
	}
	for workspace := range workspaces {
		if err := refuseErased(tx, Subject{Workspace: workspace}); err != nil {
			return nil, err
		}
	}
	return inserted, nil
}

func insertChunk(tx *storage.Tx, made []madeKey, now int64, inserted map[Subject]bool) error {
	args := make([]any, 0, 5*len(made))
	for _, m := range made {
		args = append(args, m.subject.Workspace, m.subject.ID, m.wrapped, m.root, now)
	}
	rows, err := tx.Query(`INSERT INTO subject_keys (workspace_id, subject_id, wrapped_key, root_key_id, created_at) VALUES `+
		storage.Values(len(made), 5)+` ON CONFLICT (workspace_id, subject_id) DO NOTHING RETURNING workspace_id, subject_id`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var s Subject
		if err := rows.Scan(&s.Workspace, &s.ID); err != nil {
			return err
		}
		inserted[s] = true
	}
	return rows.Err()
}

// refuseErased fails where the subject has a tombstone.
func refuseErased(tx *storage.Tx, s Subject) error {
	var wrapped []byte
	err := tx.QueryRow(`SELECT wrapped_key FROM subject_keys WHERE workspace_id = $1 AND subject_id = $2`, s.Workspace, s.ID).Scan(&wrapped)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err == nil && isTombstone(wrapped):
		return erased()
	}
	return err
}

// tombstone stands where an erased key was: as many bytes, all zero.
var tombstone = make([]byte, wrappedSize)

func isTombstone(wrapped []byte) bool { return bytes.Equal(wrapped, tombstone) }

// Key gives the subject's key, or fault.Gone("subject_erased") where there is
// none. From memory it allocates nothing.
func (v *Vault) Key(ctx context.Context, s Subject) (*Key, error) {
	if k := v.cache.get(s, v.clock.Now()); k != nil {
		return k, nil
	}
	if !s.valid() {
		return nil, errNobody
	}
	var k *Key
	for range loadTries {
		began, gen := v.clock.Now(), v.cache.generation(s)
		loaded, err := v.load(ctx, []Subject{s})
		if err != nil {
			return nil, fault.Wrap("vault.Key", err)
		}
		if k = loaded[s]; k == nil {
			v.cache.gone(s)
			return nil, erased()
		}
		var held bool
		if k, held = v.cache.put(k, began, gen); held {
			break
		} // something was erased meanwhile, perhaps this: look again
	}
	return k, nil
}

// Keys gives the keys of several subjects, of which those without a key are
// absent. It reads what is not in memory with one statement.
func (v *Vault) Keys(ctx context.Context, subjects []Subject) (map[Subject]*Key, error) {
	keys := make(map[Subject]*Key, len(subjects))
	missing := v.cached(subjects, keys)
	for try := 0; len(missing) > 0; try++ {
		began := v.clock.Now()
		gens := make(map[Subject]uint64, len(missing))
		for _, s := range missing {
			gens[s] = v.cache.generation(s)
		}
		loaded, err := v.load(ctx, missing)
		if err != nil {
			return nil, fault.Wrap("vault.Keys", err)
		}
		for _, s := range missing {
			if loaded[s] == nil {
				v.cache.gone(s)
			}
		}
		missing = missing[:0]
		for s, k := range loaded {
			held, ok := v.cache.put(k, began, gens[s])
			if !ok && try < loadTries {
				missing = append(missing, s)
				continue
			}
			keys[s] = held
		}
	}
	return keys, nil
}

// cached fills keys from memory and gives the subjects that it did not find.
func (v *Vault) cached(subjects []Subject, keys map[Subject]*Key) []Subject {
	var missing []Subject
	now := v.clock.Now()
	seen := make(map[Subject]bool)
	for _, s := range subjects {
		if k := v.cache.get(s, now); k != nil {
			keys[s] = k
		} else if s.valid() && !seen[s] {
			seen[s] = true
			missing = append(missing, s)
		}
	}
	return missing
}

// load reads keys from the database, past the cache.
func (v *Vault) load(ctx context.Context, subjects []Subject) (map[Subject]*Key, error) {
	wrapped := make(map[Subject][]byte, len(subjects))
	err := v.db.Read(ctx, func(tx *storage.Tx) error {
		clear(wrapped)
		for start := 0; start < len(subjects); start += maxReads {
			if err := selectKeys(tx, subjects[start:min(start+maxReads, len(subjects))], wrapped); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	keys := make(map[Subject]*Key, len(wrapped))
	for s, w := range wrapped {
		if keys[s], err = v.unwrapKey(s, w); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// selectKeys reads up to maxReads wrapped keys. The number of placeholders is
// rounded up to a power of two, so that few texts are prepared.
func selectKeys(tx *storage.Tx, subjects []Subject, wrapped map[Subject][]byte) error {
	room := 1
	for room < len(subjects) {
		room *= 2
	}
	args := make([]any, 0, 2*room)
	for i := range room {
		s := subjects[min(i, len(subjects)-1)]
		args = append(args, s.Workspace, s.ID)
	}
	rows, err := tx.Query(`SELECT workspace_id, subject_id, wrapped_key FROM subject_keys
		WHERE (workspace_id, subject_id) IN (VALUES `+storage.Values(room, 2)+`)`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var s Subject
		var w []byte
		if err := rows.Scan(&s.Workspace, &s.ID, &w); err != nil {
			return err
		}
		if !isTombstone(w) {
			wrapped[s] = w
		}
	}
	return rows.Err()
}

func (v *Vault) unwrapKey(s Subject, wrapped []byte) (*Key, error) {
	raw, err := v.root.unwrap(wrapped, keyData(s))
	if err != nil {
		return nil, err
	}
	defer clear(raw)
	return newKey(s, raw)
}
