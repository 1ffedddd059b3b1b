package vault

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// What Deps leaves at zero.
const (
	DefaultCacheFor     = time.Minute
	DefaultCacheEntries = 50_000
)

// checkText is what a check value holds.
const checkText = "botimum vault check"

// Deps is what a vault is made of.
type Deps struct {
	DB    *storage.DB // the vault's own, migrated with Migrations
	Root  *Root
	Clock clock.Clock

	// CacheFor bounds how long a key is served from memory: the longest time
	// that an erasure on another node can go unnoticed here if the message about
	// it is lost. Zero means DefaultCacheFor.
	CacheFor time.Duration
	// CacheEntries bounds how many keys are held in memory, at about 1.5 KB
	// each. Zero means DefaultCacheEntries.
	CacheEntries int
	// Logger receives what an administrator should know. Nil means slog.Default.
	Logger *slog.Logger
}

// Vault keeps the keys of all subjects. It is safe for concurrent use.
type Vault struct {
	db    *storage.DB
	root  *Root
	clock clock.Clock
	log   *slog.Logger
	cache *cache

	mu      sync.Mutex // guards the fields below
	secrets map[string][]byte
	hooks   []func(context.Context, Subject)

	rotating sync.Mutex // one rotation at a time
	scrubs   scrubber
	own      bool // the database is closed with the vault
}

//go:embed all:migrations
var migrations embed.FS

// Migrations is the vault's schema, with the directories sqlite and postgres.
func Migrations() fs.FS {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic("vault: " + err.Error()) // the path is a valid constant
	}
	return sub
}

// Open connects to the database at url, brings its schema up to date and opens
// the vault in it; Close then also closes the database. d.DB is not looked at.
// Besides the errors of storage it fails with [ErrRootMissing], [ErrRootWrong] or
// [ErrRootBroken], each one plain line.
func Open(ctx context.Context, url string, d Deps) (*Vault, error) {
	db, err := storage.Open(ctx, storage.Options{
		URL: url, Migrations: Migrations(), MigrationTable: "vault_migrations",
		Logger: d.Logger, SecureDelete: true,
	})
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	d.DB = db
	v, err := New(ctx, d)
	if err != nil {
		db.Close()
		return nil, err
	}
	v.own = true
	return v, nil
}

// New opens the vault in a database that is open and migrated. It proves that
// the root key opens the vault, and on an empty vault takes it into use, making
// it first if the Root was loaded with CreateIfVaultEmpty and has no file yet.
func New(ctx context.Context, d Deps) (*Vault, error) {
	if d.CacheFor <= 0 {
		d.CacheFor = DefaultCacheFor
	}
	if d.CacheEntries <= 0 {
		d.CacheEntries = DefaultCacheEntries
	}
	if d.Logger == nil {
		d.Logger = slog.Default()
	}
	v := &Vault{
		db: d.DB, root: d.Root, clock: d.Clock, log: d.Logger,
		cache:   newCache(d.CacheEntries, d.CacheFor),
		secrets: make(map[string][]byte),
	}
	if err := v.unlock(ctx); err != nil {
		return nil, err
	}
	return v, nil
}

// unlock proves the root key, or takes a first one into use.
func (v *Vault) unlock(ctx context.Context) error {
	known, err := v.rootKeys(ctx)
	if err != nil {
		return fault.Wrap("vault.Open", err)
	}
	if v.root.empty() {
		if len(known) > 0 {
			return missing(v.root.path)
		}
		if err := v.root.create(); err != nil {
			return fmt.Errorf("vault: the root key cannot be made: %w", err)
		}
		v.log.InfoContext(ctx, "a root key was made; keep a copy of it apart from the backups", "file", v.root.path)
	}
	for _, k := range known {
		if err := v.prove(k); err != nil {
			return err
		}
	}
	return v.registerPrimary(ctx, known)
}

// rootKey is a row of root_keys.
type rootKey struct {
	id      string
	check   []byte
	primary bool
}

func (v *Vault) rootKeys(ctx context.Context) ([]rootKey, error) {
	const query = `SELECT root_key_id, check_value, coalesce(primary_slot, 0) FROM root_keys ORDER BY created_at, root_key_id`
	var all []rootKey
	err := v.db.Read(ctx, func(tx *storage.Tx) error {
		all = nil
		rows, err := tx.Query(query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var k rootKey
			var slot int
			if err := rows.Scan(&k.id, &k.check, &slot); err != nil {
				return err
			}
			k.primary = slot == 1
			all = append(all, k)
		}
		return rows.Err()
	})
	return all, err
}

// prove fails unless the root opens the check value.
func (v *Vault) prove(k rootKey) error {
	text, err := v.root.unwrap(k.check, checkData(k.id))
	if err != nil || string(text) != checkText {
		source := v.root.path
		if source == "" {
			source = "the environment"
		}
		return fmt.Errorf("%w: the one from %s does not open this vault; put back the one that was made with it (a new one could open nothing)", ErrRootWrong, source)
	}
	return nil
}

// registerPrimary notes the keyset's primary key in the vault, if it is new
// there: on an empty vault, or when a rotation was interrupted.
func (v *Vault) registerPrimary(ctx context.Context, known []rootKey) error {
	primary := v.root.ring.Load().primary
	for _, k := range known {
		if k.id == primary && k.primary {
			return nil
		}
	}
	check, id, err := v.root.wrap([]byte(checkText), checkData(primary))
	if err != nil {
		return err
	}
	now := clock.Micros(v.clock.Now())
	err = v.db.Write(ctx, func(tx *storage.Tx) error {
		if len(known) > 0 {
			if _, err := tx.Exec(`UPDATE root_keys SET primary_slot = NULL WHERE primary_slot = 1`); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`INSERT INTO root_keys (root_key_id, check_value, primary_slot, created_at) VALUES ($1, $2, 1, $3)
			ON CONFLICT (root_key_id) DO UPDATE SET primary_slot = 1`, id, check, now)
		return err
	})
	if storage.IsUnique(err) {
		return fmt.Errorf("%w: another node took its own root key into use meanwhile; give all nodes the same root key", ErrRootWrong)
	}
	return fault.Wrap("vault.registerPrimary", err)
}

// OnErase has fn called after each erasure that began on this node, before Erase
// returns: it tells the other nodes, which call Forget. Call it before the vault
// is in use.
func (v *Vault) OnErase(fn func(context.Context, Subject)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.hooks = append(v.hooks, fn)
}

// Stats is what the vault holds.
type Stats struct {
	Keys    int64 // subjects that have a key
	Erased  int64 // subjects whose key was erased
	Secrets int64 // secrets of the installation
	Roots   int64 // root keys in use: 1, or 2 while a rotation is under way
	Cached  int   // keys in this node's memory
}

// Stats counts what the vault holds. It reads the whole table.
func (v *Vault) Stats(ctx context.Context) (Stats, error) {
	const query = `SELECT
		(SELECT count(*) FROM subject_keys) - (SELECT count(*) FROM erased_subjects),
		(SELECT count(*) FROM erased_subjects),
		(SELECT count(*) FROM instance_secrets),
		(SELECT count(*) FROM root_keys)`
	s := Stats{Cached: v.cache.len()}
	err := v.db.Read(ctx, func(tx *storage.Tx) error {
		return tx.QueryRow(query).Scan(&s.Keys, &s.Erased, &s.Secrets, &s.Roots)
	})
	return s, fault.Wrap("vault.Stats", err)
}

// Close forgets all keys, overwrites the secrets held in memory, and closes the
// database if Open opened it. Keys given out before do not work any more.
func (v *Vault) Close() error {
	v.cache.clear()
	v.mu.Lock()
	for name, secret := range v.secrets {
		clear(secret)
		delete(v.secrets, name)
	}
	v.mu.Unlock()
	if v.own {
		return v.db.Close()
	}
	return nil
}
