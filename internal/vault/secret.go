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

func secretData(name string) []byte {
	return appendField([]byte("instance secret\x01"), name)
}

// checkData is the associated data of a root key's check value.
func checkData(root string) []byte {
	return appendField([]byte("root check\x01"), root)
}

// Secret gives the 32-byte secret of this installation that has the name, and
// makes it on first use. All nodes get the same. The caller owns the slice.
func (v *Vault) Secret(ctx context.Context, name string) ([]byte, error) {
	if name == "" {
		return nil, fault.Malformed("A secret needs a name.")
	}
	v.mu.Lock()
	held := bytes.Clone(v.secrets[name])
	v.mu.Unlock()
	if held != nil {
		return held, nil
	}
	wrapped, err := v.readSecret(ctx, name)
	if errors.Is(err, sql.ErrNoRows) {
		if err = v.makeSecret(ctx, name); err == nil {
			wrapped, err = v.readSecret(ctx, name)
		}
	}
	if err != nil {
		return nil, fault.Wrap("vault.Secret", err)
	}
	secret, err := v.root.unwrap(wrapped, secretData(name))
	if err != nil {
		return nil, fault.Wrap("vault.Secret", err)
	}
	v.mu.Lock()
	v.secrets[name] = bytes.Clone(secret)
	v.mu.Unlock()
	return secret, nil
}

func (v *Vault) readSecret(ctx context.Context, name string) (wrapped []byte, err error) {
	err = v.db.Read(ctx, func(tx *storage.Tx) error {
		return tx.QueryRow(`SELECT wrapped FROM instance_secrets WHERE name = $1`, name).Scan(&wrapped)
	})
	return wrapped, err
}

func (v *Vault) makeSecret(ctx context.Context, name string) error {
	raw := randomKey()
	defer clear(raw)
	wrapped, root, err := v.root.wrap(raw, secretData(name))
	if err != nil {
		return err
	}
	now := clock.Micros(v.clock.Now())
	return v.db.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.Exec(`INSERT INTO instance_secrets (name, wrapped, root_key_id, created_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (name) DO NOTHING`, name, wrapped, root, now)
		return err
	})
}
