package storage

import (
	"errors"
	"io/fs"
	"log/slog"
	"runtime"
	"strings"

	"github.com/botimum/botimum/internal/storage/migrations"
)

// Engine names the database behind a [DB].
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Options say which database to open and how.
type Options struct {
	// URL is sqlite:///path/to/file.db, or postgres://user@host/database.
	URL string
	// Migrations has the directories sqlite and postgres with goose files of
	// the same numbers. Nil means the product's own schema.
	Migrations fs.FS
	// MigrationTable is where applied numbers are kept: letters, digits and
	// underscores. Empty means schema_migrations.
	MigrationTable string
	// Readers is the most connections used for reading at once (on PostgreSQL:
	// for everything). Zero means a number that suits the engine and the machine.
	Readers int
	// Logger receives what an administrator should know. Nil means slog.Default.
	Logger *slog.Logger
	// SecureDelete overwrites all deleted content with zeros (SQLite only). The
	// vault asks for it, so that an erased key is gone from the file. Without it,
	// what is deleted inside of a page is overwritten, which costs nothing
	// measurable, and pages that become free are not: see [Tx.OverwriteDeleted].
	SecureDelete bool
}

const defaultMigrationTable = "schema_migrations"

// withDefaults fills in what was left out and refuses what cannot be.
func (o Options) withDefaults() (Options, error) {
	if o.Migrations == nil {
		o.Migrations = migrations.Migrations
	}
	if o.MigrationTable == "" {
		o.MigrationTable = defaultMigrationTable
	}
	if strings.Trim(o.MigrationTable, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return o, errors.New("storage: a migration table's name is made of lower-case letters, digits and underscores")
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o, nil
}

// engineOf tells the engine from the URL's scheme.
func engineOf(url string) (Engine, error) {
	switch scheme, _, _ := strings.Cut(url, ":"); scheme {
	case "sqlite":
		return SQLite, nil
	case "postgres", "postgresql":
		return Postgres, nil
	}
	return "", errors.New("storage: the database URL must begin with sqlite:// or postgres://")
}

// connections is how many SQLite readers, or PostgreSQL connections, there may
// be. Three nodes with two databases each stay below PostgreSQL's usual 100.
func (o Options) connections() int {
	switch {
	case o.Readers > 0:
		return o.Readers
	case strings.HasPrefix(o.URL, "postgres"):
		return 16
	}
	return max(8, 4*runtime.GOMAXPROCS(0))
}
