package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/migrations"
	"github.com/botimum/botimum/internal/vault"
)

// Kind says what a backup holds.
type Kind string

// The kinds.
const (
	Data  Kind = "data"  // the database and the files
	Vault Kind = "vault" // the people's keys
)

const (
	format       = 1
	manifestName = "manifest.json"
	sqliteName   = "database.sqlite"
	tablesDir    = "tables/"
	filesDir     = "files/"
	maxManifest  = 256 << 20 // bytes; a file takes about 150
)

// Manifest is the first entry of a backup.
type Manifest struct {
	Format    int              `json:"format"`
	Kind      Kind             `json:"kind"`
	Holds     string           `json:"holds"` // in words
	Engine    storage.Engine   `json:"engine"`
	Schema    int64            `json:"schema"` // number of the newest migration
	CreatedAt time.Time        `json:"created_at"`
	Tables    []Table          `json:"tables,omitempty"`    // PostgreSQL, in the order in which they can be filled
	Sequences map[string]int64 `json:"sequences,omitempty"` // PostgreSQL: last values
	Entries   []Entry          `json:"entries"`
}

// Table is a table of a PostgreSQL database.
type Table struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
	Rows    int64    `json:"rows"`
}

// Entry is a file in the backup.
type Entry struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"` // bytes
	SHA256 string `json:"sha256"`
}

// entry is the name of the table's file.
func (t Table) entry() string { return tablesDir + t.Name + ".copy" }

var holds = map[Kind]string{
	Data:  "The database, in which what is personal is sealed, and the uploaded files. The keys are in the vault, which is backed up apart.",
	Vault: "The people's keys, wrapped by the root key. Keep it apart from the data, and only as long as erased people may stay readable in copies.",
}

// schemaOf gives a kind's migrations and the table that they are noted in.
func (k Kind) schemaOf() (files fs.FS, table string) {
	if k == Vault {
		return vault.Migrations(), "vault_migrations"
	}
	return migrations.Migrations, "schema_migrations"
}

// newest gives the number of the newest migration that this release has.
func (k Kind) newest(engine storage.Engine) (int64, error) {
	files, _ := k.schemaOf()
	names, err := fs.Glob(files, string(engine)+"/*.sql")
	if err != nil {
		return 0, err
	}
	var newest int64
	for _, name := range names {
		newest = max(newest, numberOf(name))
	}
	return newest, nil
}

// numberOf reads the number that a migration's file name begins with.
func numberOf(name string) int64 {
	digits, _, _ := strings.Cut(path.Base(name), "_")
	n, _ := strconv.ParseInt(digits, 10, 64) // storage refuses a file without one
	return n
}

// upTo is a schema without the migrations after a number.
type upTo struct {
	fs.FS
	number int64
}

// ReadDir leaves later migrations out.
func (u upTo) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(u.FS, name)
	var kept []fs.DirEntry
	for _, e := range all {
		if e.IsDir() || numberOf(e.Name()) <= u.number {
			kept = append(kept, e)
		}
	}
	return kept, err
}

func readManifest(r io.Reader) (*Manifest, error) {
	var m Manifest
	if err := json.NewDecoder(io.LimitReader(r, maxManifest)).Decode(&m); err != nil {
		return nil, errDamaged
	}
	return &m, nil
}

// check tells whether this release can restore the backup as what is wanted on an
// engine.
func (m *Manifest) check(kind Kind, engine storage.Engine) error {
	if m.Format != format {
		return fmt.Errorf("was made by a newer release of botimum (format %d, this one knows %d); restore it with that release", m.Format, format)
	}
	if m.Kind != kind {
		return fmt.Errorf("is a backup of the %s, not of the %s; the data goes to --from and the vault to --vault-from", m.Kind, kind)
	}
	if m.Engine != engine {
		return fmt.Errorf("was made on %s, and the URL names %s; restore to the same engine", m.Engine, engine)
	}
	newest, err := kind.newest(engine)
	if err != nil {
		return err
	}
	if m.Schema > newest {
		return fmt.Errorf("was made by a newer release of botimum (schema %d, this one knows %d); restore it with that release", m.Schema, newest)
	}
	if m.Schema < 1 {
		return errDamaged
	}
	return m.checkEntries()
}

// checkEntries refuses names that would leave the place they are restored to.
func (m *Manifest) checkEntries() error {
	names := make(map[string]bool, len(m.Entries))
	for _, e := range m.Entries {
		file, isFile := strings.CutPrefix(e.Name, filesDir)
		table, isTable := strings.CutPrefix(e.Name, tablesDir)
		known := e.Name == sqliteName && m.Engine == storage.SQLite || isFile && filepath.IsLocal(file) && path.Clean(file) == file ||
			isTable && m.Engine == storage.Postgres && !strings.ContainsAny(table, "/\\\x00")
		if !known || names[e.Name] || e.Size < 0 {
			return errDamaged
		}
		names[e.Name] = true
	}
	if m.Engine == storage.SQLite && !names[sqliteName] {
		return errDamaged
	}
	for _, t := range m.Tables {
		if !names[t.entry()] {
			return errDamaged
		}
	}
	return nil
}

// errDamaged completes "FILE …".
var errDamaged = errors.New("is damaged or cut short; use another copy of it")
