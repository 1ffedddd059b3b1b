package storage_test

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/migrations"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// perEngine are the tables in which the engines may differ: word search is
// built from what each of them has.
var perEngine = func(table string) bool { return strings.HasPrefix(table, "search_") }

func TestBothSetsOfMigrationsHaveTheSameNumbers(t *testing.T) {
	names := func(engine string) []string {
		files, err := fs.Glob(migrations.Migrations, engine+"/*.sql")
		if err != nil {
			t.Fatal(err)
		}
		for i, file := range files {
			files[i] = path.Base(file)
		}
		return files
	}
	lite, pg := names("sqlite"), names("postgres")
	if len(lite) == 0 {
		t.Fatal("there are no migrations")
	}
	if diff := cmp.Diff(lite, pg); diff != "" {
		t.Errorf("the files differ (-sqlite +postgres):\n%s", diff)
	}
	seen := map[string]string{}
	for _, name := range lite {
		number, _, _ := strings.Cut(name, "_")
		if len(number) != 4 || strings.Trim(number, "0123456789") != "" || seen[number] != "" {
			t.Errorf("%s does not begin with a number of four digits of its own (as %q)", name, seen[number])
		}
		seen[number] = name
	}
}

func TestMigrationsOnlyGoForward(t *testing.T) {
	err := fs.WalkDir(migrations.Migrations, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(migrations.Migrations, file)
		if strings.Contains(string(content), "+goose Down") {
			t.Errorf("%s can be taken back: release another migration instead", file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestBothEnginesHaveTheSameTablesAndColumns(t *testing.T) {
	lite := tables(t, storagetest.SQLite(t), `SELECT m.name, c.name, c."notnull" = 1 OR c.pk > 0
		FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'`)
	pg := tables(t, storagetest.Postgres(t), `SELECT table_name, column_name, is_nullable = 'NO'
		FROM information_schema.columns WHERE table_schema = current_schema()`)
	if diff := cmp.Diff(lite, pg); diff != "" {
		t.Errorf("the schemas differ (-sqlite +postgres):\n%s", diff)
	}
	if len(lite) < 10 {
		t.Errorf("only %d tables were compared", len(lite))
	}
}

// tables gives each table's columns and whether they must have a value.
func tables(t *testing.T, db *storage.DB, query string) map[string]map[string]bool {
	t.Helper()
	rows, err := db.SQL().Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := make(map[string]map[string]bool)
	for rows.Next() {
		var table, column string
		var required bool
		if err := rows.Scan(&table, &column, &required); err != nil {
			t.Fatal(err)
		}
		if perEngine(table) || strings.HasPrefix(table, "schema_migrations") {
			continue
		}
		if found[table] == nil {
			found[table] = make(map[string]bool)
		}
		found[table][column] = required
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// later is the notebook after one more release.
var later = func() fstest.MapFS {
	more := maps.Clone(notebook)
	for _, engine := range []string{"sqlite", "postgres"} {
		more[engine+"/0002_later.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE shelves (id TEXT NOT NULL PRIMARY KEY);\n")}
	}
	return more
}()

// onEachURL runs fn with the URL of a notebook database on each engine.
func onEachURL(t *testing.T, fn func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		url := "sqlite://" + t.TempDir() + "/notes.db"
		db := openNotebook(t, url)
		if err := errors.Join(db.Migrate(t.Context()), db.Close()); err != nil {
			t.Fatal(err)
		}
		fn(t, url)
	})
	t.Run("postgres", func(t *testing.T) { fn(t, storagetest.PostgresURL(t, notebook)) })
}

func TestMigrateGoesForwardAndKeepsRows(t *testing.T) {
	onEachURL(t, func(t *testing.T, url string) {
		db := openNotebook(t, url)
		if err := errors.Join(db.Write(t.Context(), putting("a")), db.Migrate(t.Context()), db.Close()); err != nil {
			t.Fatal(err)
		}
		opts := notebookAt(url)
		opts.Migrations = later
		db, err := storage.Open(t.Context(), opts)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		for step, want := range []int64{1, 2, 2} {
			if got, err := db.Version(t.Context()); err != nil || got != want {
				t.Errorf("step %d: Version() = %d, %v; want %d", step, got, err, want)
			}
			if err := db.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		expect(t, "notes", notes(t, db), "a")
		expect(t, "shelves", column(t, db, "SELECT id FROM shelves"))
	})
}

func TestNewerSchemaIsRefused(t *testing.T) {
	onEachURL(t, func(t *testing.T, url string) {
		opts := notebookAt(url)
		opts.Migrations = later
		db, err := storage.Open(t.Context(), opts)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(db.Migrate(t.Context()), db.Close()); err != nil {
			t.Fatal(err)
		}
		old, err := storage.Open(t.Context(), notebookAt(url))
		if err == nil {
			old.Close()
			t.Fatal("an older release opened it")
		}
		if said := err.Error(); !strings.Contains(said, "newer release") || strings.Contains(said, "\n") {
			t.Errorf("the error is %q", said)
		}
	})
}

func TestNodesThatStartAtOnceMigrateOnce(t *testing.T) {
	slow := fstest.MapFS{"postgres/0001_notebook.sql": {Data: []byte(notebookSchema + "SELECT pg_sleep(0.3);\n")}}
	opts := notebookAt(storagetest.PostgresURL(t, fstest.MapFS{}))
	opts.Migrations = slow
	var nodes sync.WaitGroup
	for range 4 {
		db, err := storage.Open(t.Context(), opts)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		nodes.Go(func() {
			if err := db.Migrate(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	nodes.Wait()
	db := openNotebook(t, opts.URL)
	defer db.Close()
	applied := column(t, db, "SELECT CAST(version_id AS TEXT) FROM schema_migrations ORDER BY version_id")
	if !slices.Equal(applied, []string{"0", "1"}) {
		t.Errorf("applied: %v, want each number once", applied)
	}
}
