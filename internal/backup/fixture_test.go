package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/migrations"
	"github.com/botimum/botimum/internal/storage/storagetest"
	"github.com/botimum/botimum/internal/vault"
)

var (
	start = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	quiet = slog.New(slog.DiscardHandler)
	anna  = vault.Subject{Workspace: "wsp_1", ID: "con_anna"}
	ben   = vault.Subject{Workspace: "wsp_1", ID: "con_ben"}
)

// site is one installation: a directory and two databases.
type site struct {
	dir, data, vault string
}

// each runs fn on both engines, with a function that makes empty installations.
func each(t *testing.T, fn func(t *testing.T, fresh func() site)) {
	t.Run("sqlite", func(t *testing.T) {
		fn(t, func() site {
			dir := t.TempDir()
			return site{dir, "sqlite://" + dir + "/botimum.db", "sqlite://" + dir + "/vault.db"}
		})
	})
	t.Run("postgres", func(t *testing.T) {
		nothing := fstest.MapFS{}
		fn(t, func() site {
			return site{t.TempDir(), storagetest.PostgresURL(t, nothing), storagetest.PostgresURL(t, nothing)}
		})
	})
}

func (s site) open(t *testing.T, kind Kind) *storage.DB {
	t.Helper()
	url := s.data
	if kind == Vault {
		url = s.vault
	}
	db, err := (&target{kind: kind}).openMigrated(t.Context(), url, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// openVault opens the vault with the root key that all sites of a test share.
func (s site) openVault(t *testing.T, rootPath string) *vault.Vault {
	t.Helper()
	root, err := vault.LoadRoot(vault.RootOptions{Path: rootPath, CreateIfVaultEmpty: true})
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.Context(), s.vault, vault.Deps{Root: root, Clock: clock.NewFake(start), Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v
}

func (s site) backup(t *testing.T, kind Kind) string {
	t.Helper()
	url := s.data
	if kind == Vault {
		url = s.vault
	}
	db, err := Open(t.Context(), kind, url, quiet)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), string(kind)+".tar.gz")
	src := Source{Kind: kind, DB: db, Temp: s.dir, Clock: clock.NewFake(start)}
	if kind == Data {
		src.Files = s.dir + "/files"
	}
	if _, err := ToFile(t.Context(), src, path); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func (s site) plan(from string) Plan {
	return Plan{From: from, Dir: s.dir, DatabaseURL: s.data, VaultURL: s.vault, Files: s.dir + "/files", Purge: purgeContact, Logger: quiet}
}

// purgeContact stands for the holders of the product.
func purgeContact(_ context.Context, tx *storage.Tx, s vault.Subject) error {
	_, err := tx.Exec(`DELETE FROM contacts WHERE workspace_id = $1 AND id = $2`, s.Workspace, s.ID)
	return err
}

// odd is text that COPY has to take care of.
const odd = "tab\tnew\nline \\. \\N back\\slash \"quoted\" 'too' €\U0001F512 \x01"

// fill puts a few rows into every table there is, whatever its columns.
func fillTables(t *testing.T, db *storage.DB) {
	t.Helper()
	for _, table := range tablesIn(t, db) {
		for row := range 3 {
			fillRow(t, db, table, row)
		}
	}
	if db.Engine() == storage.SQLite {
		exec(t, db, `INSERT INTO search_words (rowid, words) VALUES (7, 'aaaa bbbb')`)
	}
}

func fillRow(t *testing.T, db *storage.DB, table tableShape, row int) {
	t.Helper()
	var names, places []string
	var args []any
	for i, c := range table.columns {
		names = append(names, c.name)
		places = append(places, fmt.Sprintf("$%d", i+1))
		args = append(args, c.value(row))
		if c.kind == "tsvector" {
			places[i] = "CAST(CAST($" + fmt.Sprint(i+1) + " AS TEXT) AS tsvector)"
		}
	}
	exec(t, db, "INSERT INTO "+table.name+" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(places, ", ")+")", args...)
}

type column struct {
	name, kind string
	nullable   bool
}

func (c column) value(row int) any {
	switch {
	case row == 2 && c.nullable:
		return nil
	case c.kind == "tsvector":
		return fmt.Sprintf("t%d u", row)
	case c.kind == "text":
		return fmt.Sprint(row, c.name, odd)
	case c.kind == "blob", c.kind == "bytea":
		sum := sha256.Sum256([]byte(fmt.Sprint(row, c.name)))
		return append(sum[:], 0, '\\', '\n', 0xff)
	}
	return int64(row)*1_000_003 + 1
}

type tableShape struct {
	name    string
	columns []column
}

// tablesIn reads the shapes of the product's own tables.
func tablesIn(t *testing.T, db *storage.DB) []tableShape {
	t.Helper()
	query := `SELECT table_name, column_name, data_type, CASE is_nullable WHEN 'YES' THEN 1 ELSE 0 END FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position`
	if db.Engine() == storage.SQLite {
		query = `SELECT m.name, c.name, c.type, 1 - c."notnull" FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY m.name, c.cid`
	}
	var shapes []tableShape
	err := db.Read(t.Context(), func(tx *storage.Tx) error {
		shapes = nil
		rows, err := tx.Query(query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var table string
			var c column
			if err := rows.Scan(&table, &c.name, &c.kind, &c.nullable); err != nil {
				return err
			}
			if strings.HasPrefix(table, "schema_migrations") || strings.HasPrefix(table, "search_words_") || strings.HasPrefix(table, "sqlite_") {
				continue
			}
			c.kind = strings.ToLower(c.kind)
			if len(shapes) == 0 || shapes[len(shapes)-1].name != table {
				shapes = append(shapes, tableShape{name: table})
			}
			last := &shapes[len(shapes)-1]
			last.columns = append(last.columns, c)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(shapes) < 15 {
		t.Fatalf("saw only %d tables", len(shapes))
	}
	return shapes
}

// contentOf gives every value of every table, a table's rows in one order.
func contentOf(t *testing.T, db *storage.DB) map[string][]string {
	t.Helper()
	content := make(map[string][]string)
	for _, table := range tablesIn(t, db) {
		rows, err := db.SQL().QueryContext(t.Context(), "SELECT * FROM "+table.name)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values, places := make([]any, len(table.columns)), make([]any, len(table.columns))
			for i := range values {
				places[i] = &values[i]
			}
			if err := rows.Scan(places...); err != nil {
				t.Fatal(err)
			}
			content[table.name] = append(content[table.name], fmt.Sprintf("%#v", values))
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		rows.Close()
		slices.Sort(content[table.name])
	}
	return content
}

func exec(t *testing.T, db *storage.DB, query string, args ...any) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *storage.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func count(t *testing.T, db *storage.DB, query string, args ...any) (n int) {
	t.Helper()
	if err := db.SQL().QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func addContact(t *testing.T, db *storage.DB, s vault.Subject) {
	t.Helper()
	exec(t, db, `INSERT INTO contacts (workspace_id, id, profile_sealed, source, created_at, updated_at) VALUES ($1, $2, $3, 'api', 1, 1)`, s.Workspace, s.ID, []byte("sealed"))
}

// treeOf gives the sums of all files in a directory, but for locks.
func treeOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	tree := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == "botimum.lock" {
			return err
		}
		content, err := os.ReadFile(path)
		sum := sha256.Sum256(content)
		tree[strings.TrimPrefix(path, dir)] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// Every migration of the product has a number, by which backups are told apart.
func TestNewest(t *testing.T) {
	for _, engine := range []storage.Engine{storage.SQLite, storage.Postgres} {
		names, err := fs.Glob(migrations.Migrations, string(engine)+"/*.sql")
		if err != nil {
			t.Fatal(err)
		}
		newest, err := Data.newest(engine)
		if err != nil || newest < int64(len(names)) {
			t.Errorf("%s: %d of %d files, %v", engine, newest, len(names), err)
		}
	}
}

func nothingPurges(context.Context, *storage.Tx, vault.Subject) error { return io.ErrUnexpectedEOF }
