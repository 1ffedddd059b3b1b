package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
	"github.com/botimum/botimum/internal/vault"
)

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Every value of every table, and every file, comes back as it was.
func TestRoundTrip(t *testing.T) {
	each(t, func(t *testing.T, fresh func() site) {
		old, root := fresh(), filepath.Join(t.TempDir(), "root.json")
		db := old.open(t, Data)
		fillTables(t, db)
		want := contentOf(t, db)
		big := strings.Repeat("0123456789abcdef", 70_000)
		writeFile(t, old.dir+"/files/wsp_1/att_1", big)
		writeFile(t, old.dir+"/files/wsp_1/att 2 ü", "")
		writeFile(t, old.dir+"/files/.upload-3", "half of it")
		v := old.openVault(t, root)
		if err := v.CreateMany(t.Context(), []vault.Subject{anna, ben}); err != nil {
			t.Fatal(err)
		}
		dataFile, vaultFile := old.backup(t, Data), old.backup(t, Vault)

		restored := fresh()
		plan := restored.plan(dataFile)
		plan.VaultFrom = vaultFile
		report, err := Restore(t.Context(), plan)
		if err != nil {
			t.Fatal(err)
		}
		if report.Files != 2 || report.Purged != 0 || report.NoVault || report.Vault == nil || report.Data.CreatedAt != start || report.Data.Engine != db.Engine() {
			t.Errorf("the report: %+v", report)
		}
		again := restored.open(t, Data)
		if diff := cmp.Diff(want, contentOf(t, again)); diff != "" {
			t.Error(diff)
		}
		if again.Engine() == storage.SQLite {
			if n := count(t, again, `SELECT count(*) FROM search_words WHERE search_words MATCH 'bbbb' AND rowid = 7`); n != 1 {
				t.Errorf("the word index answers %d", n)
			}
		} else if n := count(t, again, `SELECT count(*) FROM search_docs WHERE tokens @@ 't1'::tsquery`); n != 1 {
			t.Errorf("the word index answers %d", n)
		}
		content, err := os.ReadFile(restored.dir + "/files/wsp_1/att_1")
		if err != nil || string(content) != big {
			t.Errorf("the file has %d bytes, %v", len(content), err)
		}
		if _, err := restored.openVault(t, root).Key(t.Context(), anna); err != nil {
			t.Errorf("the restored vault: %v", err)
		}
		left, err := filepath.Glob(restored.dir + "/.*")
		if err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})
}

// A backup is one moment: of what is written together, it holds both or neither,
// and it does not make writers wait for its end.
func TestWhileWriting(t *testing.T) {
	each(t, func(t *testing.T, fresh func() site) {
		old := fresh()
		db := old.open(t, Data)
		var written atomic.Int64
		ctx, stop := context.WithCancel(t.Context())
		var writers sync.WaitGroup
		writing := make(chan struct{})
		for w := range 4 {
			writers.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					id := fmt.Sprintf("%d_%06d", w, i)
					err := db.Write(ctx, func(tx *storage.Tx) error {
						if _, err := tx.Exec(`INSERT INTO conversation_tags (workspace_id, conversation_id, tag) VALUES ('wsp_1', $1, 'a')`, id); err != nil {
							return err
						}
						_, err := tx.Exec(`INSERT INTO memberships (workspace_id, operator_id, role, created_at) VALUES ('wsp_1', $1, 'agent', 1)`, id)
						return err
					})
					if err != nil && !errors.Is(err, context.Canceled) {
						t.Error(err)
						return
					}
					if written.Add(1) == 100 {
						close(writing)
					}
				}
			})
		}
		<-writing
		// As another process would: with a connection of its own.
		file := old.backup(t, Data)
		before := written.Load()
		for written.Load() < before+50 && !t.Failed() { // writers are at work still
			runtime.Gosched()
		}
		stop()
		writers.Wait()

		restored := fresh()
		if _, err := Restore(t.Context(), restored.plan(file)); err != nil {
			t.Fatal(err)
		}
		again := restored.open(t, Data)
		tags, members := count(t, again, `SELECT count(*) FROM conversation_tags`), count(t, again, `SELECT count(*) FROM memberships`)
		if tags != members || tags < 100-4 {
			t.Errorf("%d and %d rows of what was written together", tags, members)
		}
	})
}

func TestToFile(t *testing.T) {
	old := site{dir: t.TempDir()}
	old.data = "sqlite://" + old.dir + "/botimum.db"
	db := old.open(t, Data)
	src := Source{Kind: Data, DB: db, Temp: old.dir, Clock: clock.NewFake(start)}
	path := filepath.Join(t.TempDir(), "backup.tar.gz")
	writeFile(t, path, "an older one")
	if _, err := ToFile(t.Context(), src, path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() < 1000 {
		t.Errorf("%v, %v", info, err)
	}
	if _, err := ToFile(t.Context(), src, filepath.Join(t.TempDir(), "no/such/dir")); err == nil {
		t.Error("wrote into a directory that is not there")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	writeFile(t, path, "an older one")
	if _, err := ToFile(ended, src, path); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted backup: %v", err)
	}
	if content, _ := os.ReadFile(path); string(content) != "an older one" {
		t.Error("an interrupted backup replaced the file")
	}
	for _, dir := range []string{old.dir, filepath.Dir(path)} {
		if left, err := filepath.Glob(dir + "/.*"); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	}
}

func TestNothingThere(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(t.Context(), Data, "sqlite://"+dir+"/botimum.db", quiet); err == nil || !strings.Contains(err.Error(), "there is no database at") {
		t.Errorf("got %v", err)
	}
	if made := treeOf(t, dir); len(made) > 0 {
		t.Errorf("looking made %v", made)
	}
}

func TestNothingToBackUp(t *testing.T) {
	each(t, func(t *testing.T, fresh func() site) {
		s := fresh()
		db, err := storage.Open(t.Context(), storage.Options{URL: s.data, Logger: quiet})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		_, err = Backup(t.Context(), Source{Kind: Data, DB: db, Temp: s.dir, Clock: clock.System{}}, &bytes.Buffer{})
		if err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v", err)
		}
	})
}

// A column that numbers itself goes on where it was, and tables that refer to
// others are filled after them.
func TestSequencesAndReferences(t *testing.T) {
	schema := fstest.MapFS{"postgres/0001_x.sql": {Data: []byte(`-- +goose Up
		CREATE TABLE a_child (id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, parent BIGINT NOT NULL);
		CREATE TABLE z_parent (id BIGSERIAL PRIMARY KEY, name TEXT, twice TEXT GENERATED ALWAYS AS (name || name) STORED);
		CREATE TABLE unused (id BIGSERIAL PRIMARY KEY);
		ALTER TABLE a_child ADD FOREIGN KEY (parent) REFERENCES z_parent (id);`)}}
	from, to := storagetest.PostgresWith(t, schema), storagetest.PostgresWith(t, schema)
	exec(t, from, `INSERT INTO z_parent (name) VALUES ('x'), ('y'), ('z')`)
	exec(t, from, `INSERT INTO a_child (parent) VALUES (3)`)
	s := &stage{dir: t.TempDir()}
	defer s.close()
	m := &Manifest{Kind: Data}
	if err := s.postgres(t.Context(), from, m); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := pack(t.Context(), &file, m, s.pieces); err != nil {
		t.Fatal(err)
	}
	dir, path := t.TempDir(), filepath.Join(t.TempDir(), "x")
	writeFile(t, path, file.String())
	a, err := openArchive(path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	if err := a.unpack(t.Context(), func(string) string { return dir }); err != nil {
		t.Fatal(err)
	}
	if err := fill(t.Context(), to, a.Manifest, dir, func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	if n := count(t, to, `INSERT INTO z_parent (name) VALUES ('next') RETURNING id`); n != 4 {
		t.Errorf("the next number is %d", n)
	}
	if n := count(t, to, `SELECT count(*) FROM a_child JOIN z_parent ON parent = z_parent.id WHERE twice = 'zz'`); n != 1 {
		t.Errorf("%d children have their parent", n)
	}
	if n := count(t, to, `INSERT INTO unused DEFAULT VALUES RETURNING id`); n != 1 {
		t.Errorf("the first number of an unused sequence is %d", n)
	}
	if err := fill(t.Context(), to, a.Manifest, dir, func() error { return nil }); !errors.Is(err, errFilled) {
		t.Errorf("filling it twice: %v", err)
	}
	_, err = inOrder([]Table{{Name: "a"}, {Name: "b"}}, [][2]string{{"a", "b"}, {"b", "a"}})
	if err == nil {
		t.Error("a circle was put in order")
	}
}

// An older backup is restored with the schema that it was made with.
func TestOlderSchema(t *testing.T) {
	schema := fstest.MapFS{}
	for _, engine := range []string{"sqlite", "postgres"} {
		schema[engine+"/0001_x.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE x (id BIGINT);")}
		schema[engine+"/0002_y.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nALTER TABLE x ADD COLUMN y TEXT;")}
	}
	storagetest.EachWith(t, upTo{schema, 1}, func(t *testing.T, db *storage.DB) {
		if version, err := db.Version(t.Context()); version != 1 || err != nil {
			t.Errorf("version %d, %v", version, err)
		}
	})
}
