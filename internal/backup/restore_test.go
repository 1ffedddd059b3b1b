package backup

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Whoever was erased after the backup is not in what is restored from it, and
// whoever was not is.
func TestErasureReachesBackups(t *testing.T) {
	each(t, func(t *testing.T, fresh func() site) {
		s, root := fresh(), filepath.Join(t.TempDir(), "keys", "root.json")
		v := s.openVault(t, root)
		db := s.open(t, Data)
		for _, who := range []vault.Subject{anna, ben, {Workspace: "wsp_2", ID: "con_anna"}} {
			addContact(t, db, who)
		}
		if err := v.CreateMany(t.Context(), []vault.Subject{anna, ben}); err != nil {
			t.Fatal(err)
		}
		dataFile, vaultFile := s.backup(t, Data), s.backup(t, Vault)
		if err := v.Erase(t.Context(), anna); err != nil {
			t.Fatal(err)
		}
		v.Close()
		db.Close()

		// The data is lost and the vault is there: it stays.
		again := fresh()
		moveVault(t, s, &again)
		report, err := Restore(t.Context(), again.plan(dataFile))
		if err != nil {
			t.Fatal(err)
		}
		if report.Purged != 1 || report.Vault != nil || report.NoVault {
			t.Errorf("the report: %+v", report)
		}
		wantContacts(t, again, "con_ben", "con_anna")
		keys := again.openVault(t, root)
		if _, err := keys.Key(t.Context(), anna); err == nil {
			t.Error("anna's key is back")
		}
		if _, err := keys.Key(t.Context(), ben); err != nil {
			t.Errorf("ben's key: %v", err)
		}
		keys.Close()

		// The older vault is asked for, though a newer one is there.
		over := fresh()
		moveVault(t, again, &over)
		plan := over.plan(dataFile)
		plan.VaultFrom = vaultFile
		report, err = Restore(t.Context(), plan)
		if strings.HasPrefix(over.vault, "postgres") {
			if err == nil || !strings.Contains(err.Error(), "already holds data") {
				t.Errorf("a vault with keys was written over: %v", err)
			}
			return
		}
		if err != nil || report.Purged != 1 || report.Vault == nil {
			t.Fatalf("the report: %+v, %v", report, err)
		}
		wantContacts(t, over, "con_ben", "con_anna")
		if _, err := over.openVault(t, root).Key(t.Context(), anna); err == nil {
			t.Error("anna's key is back from the older vault")
		}
	})
}

// moveVault gives another site the vault of this one.
func moveVault(t *testing.T, from site, to *site) {
	t.Helper()
	path, isFile := strings.CutPrefix(from.vault, "sqlite://")
	if !isFile {
		to.vault = from.vault
		return
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		content, err := os.ReadFile(path + suffix)
		if err == nil {
			writeFile(t, strings.TrimPrefix(to.vault, "sqlite://")+suffix, string(content))
		}
	}
	writeFile(t, to.dir+"/keys/root.json", "a root key may lie here")
}

func wantContacts(t *testing.T, s site, ids ...string) {
	t.Helper()
	db := s.open(t, Data)
	defer db.Close()
	for i, workspace := range []string{"wsp_1", "wsp_2"} {
		var got string
		query := `SELECT id FROM contacts WHERE workspace_id = $1`
		if err := db.SQL().QueryRowContext(t.Context(), query, workspace).Scan(&got); err != nil || got != ids[i] {
			t.Errorf("in %s there is %q, want %q (%v)", workspace, got, ids[i], err)
		}
		if n := count(t, db, `SELECT count(*) FROM contacts WHERE workspace_id = $1`, workspace); n != 1 {
			t.Errorf("in %s there are %d contacts", workspace, n)
		}
	}
}

func TestWithoutVault(t *testing.T) {
	each(t, func(t *testing.T, fresh func() site) {
		s := fresh()
		addContact(t, s.open(t, Data), ben)
		restored := fresh()
		report, err := Restore(t.Context(), restored.plan(s.backup(t, Data)))
		if err != nil || !report.NoVault {
			t.Errorf("%+v, %v", report, err)
		}
	})
}

// A file that is cut short or changed anywhere is refused, and nothing is changed
// where it was to be restored.
func TestDamaged(t *testing.T) {
	each(t, func(t *testing.T, fresh func() site) {
		s := fresh()
		db := s.open(t, Data)
		fillTables(t, db)
		writeFile(t, s.dir+"/files/a", strings.Repeat("some text ", 100))
		whole, err := os.ReadFile(s.backup(t, Data))
		if err != nil {
			t.Fatal(err)
		}
		restored := fresh()
		writeFile(t, restored.dir+"/keys/root.json", "k")
		before := treeOf(t, restored.dir)
		path := filepath.Join(t.TempDir(), "damaged.tar.gz")
		try := func(what string, content []byte) {
			writeFile(t, path, string(content))
			_, err := Restore(t.Context(), restored.plan(path))
			if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "damaged") {
				t.Errorf("%s: %v", what, err)
			}
			if diff := cmp.Diff(before, treeOf(t, restored.dir)); diff != "" {
				t.Errorf("%s: %s", what, diff)
			}
		}
		for i := range 12 {
			try("cut short", whole[:len(whole)*i/12])
			changed := bytes.Clone(whole)
			changed[10+(len(whole)-11)*i/12] ^= 0x10
			try("changed", changed)
		}
		try("without its last byte", whole[:len(whole)-1])
		// And the whole one is still good for that place.
		writeFile(t, path, string(whole))
		if _, err := Restore(t.Context(), restored.plan(path)); err != nil {
			t.Error(err)
		}
	})
}

// forge writes a backup whose manifest was changed.
func forge(t *testing.T, path string, change func(*Manifest)) string {
	t.Helper()
	a, err := openArchive(path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	change(a.Manifest)
	var out bytes.Buffer
	gz := gzip.NewWriter(&out)
	w := tar.NewWriter(gz)
	head, err := json.Marshal(a.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	put := func(name string, size int64, content io.Reader) {
		if err := w.WriteHeader(header(name, size, start)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(w, content); err != nil {
			t.Fatal(err)
		}
	}
	put(manifestName, int64(len(head)), bytes.NewReader(head))
	for i := 0; ; i++ {
		h, err := a.tar.Next()
		if err != nil {
			break
		}
		if i < len(a.Entries) {
			h.Name = a.Entries[i].Name
		}
		put(h.Name, h.Size, a.tar)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := gz.Close(); err != nil {
		t.Fatal(err)
	}
	forged := filepath.Join(t.TempDir(), "forged.tar.gz")
	writeFile(t, forged, out.String())
	return forged
}

func TestRefusals(t *testing.T) {
	each(t, func(t *testing.T, fresh func() site) {
		s := fresh()
		db := s.open(t, Data)
		addContact(t, db, ben)
		writeFile(t, s.dir+"/files/a", "content")
		file := s.backup(t, Data)
		other := storage.Postgres
		if db.Engine() == storage.Postgres {
			other = storage.SQLite
		}
		tests := []struct {
			name    string
			arrange func(s site, p *Plan)
			want    string
		}{
			{"another file in the way", func(s site, _ *Plan) { writeFile(t, s.dir+"/notes.txt", "x") }, "is not empty (it holds notes.txt); restore into a directory that is empty but for the vault"},
			{"files in the way", func(s site, _ *Plan) { writeFile(t, s.dir+"/files/b", "x") }, "is not empty (it holds files); restore into"},
			{"no such backup", func(_ site, p *Plan) { p.From = "/no/such/file" }, "/no/such/file cannot be read: open /no/such/file: no such file or directory"},
			{"something else", func(_ site, p *Plan) { p.From = writeTemp(t, "hello") }, "is not a backup of botimum, or is damaged"},
			{"newer schema", func(_ site, p *Plan) { p.From = forge(t, file, func(m *Manifest) { m.Schema = 9999 }) }, "was made by a newer release of botimum (schema 9999, this one knows"},
			{"newer format", func(_ site, p *Plan) { p.From = forge(t, file, func(m *Manifest) { m.Format = 2 }) }, "was made by a newer release of botimum (format 2, this one knows 1); restore it with that release"},
			{"other engine", func(_ site, p *Plan) { p.From = forge(t, file, func(m *Manifest) { m.Engine = other }) }, "restore to the same engine"},
			{"the vault's", func(_ site, p *Plan) { p.From = forge(t, file, func(m *Manifest) { m.Kind = Vault }) }, "is a backup of the vault, not of the data; the data goes to --from and the vault to --vault-from"},
			{"the data's", func(_ site, p *Plan) { p.VaultFrom = file }, "is a backup of the data, not of the vault"},
			{"way out", func(_ site, p *Plan) {
				p.From = forge(t, file, func(m *Manifest) { m.Entries[len(m.Entries)-1].Name = "files/../../out" })
			}, "is damaged or cut short"},
			{"absolute", func(_ site, p *Plan) {
				p.From = forge(t, file, func(m *Manifest) { m.Entries[len(m.Entries)-1].Name = "/etc/out" })
			}, "is damaged or cut short"},
			{"twice", func(_ site, p *Plan) {
				p.From = forge(t, file, func(m *Manifest) { m.Entries = append(m.Entries[:1:1], m.Entries[0]) })
			}, "is damaged or cut short"},
			{"wrong sum", func(_ site, p *Plan) {
				p.From = forge(t, file, func(m *Manifest) { m.Entries[0].SHA256 = strings.Repeat("0", 64) })
			}, "is damaged or cut short"},
			{"one entry less", func(_ site, p *Plan) {
				p.From = forge(t, file, func(m *Manifest) { m.Entries = m.Entries[:len(m.Entries)-1] })
			}, "is damaged or cut short"},
			{"nobody purges", func(_ site, p *Plan) { p.Purge = nil }, "nobody removes what is left of erased people"},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				restored := fresh()
				plan := restored.plan(file)
				test.arrange(restored, &plan)
				before := treeOf(t, restored.dir)
				_, err := Restore(t.Context(), plan)
				if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
					t.Errorf("got %v\nwant %s", err, test.want)
				}
				if diff := cmp.Diff(before, treeOf(t, restored.dir)); diff != "" {
					t.Error(diff)
				}
			})
		}
	})
}

func writeTemp(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	writeFile(t, path, content)
	return path
}

// A database that holds something, or a server that is running, is left alone.
func TestNeverOver(t *testing.T) {
	each(t, func(t *testing.T, fresh func() site) {
		s := fresh()
		db := s.open(t, Data)
		addContact(t, db, ben)
		file := s.backup(t, Data)
		exec(t, s.open(t, Data), `UPDATE contacts SET source = 'later'`)
		before := contentOf(t, s.open(t, Data))
		plan := s.plan(file)
		_, err := Restore(t.Context(), plan)
		if err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("over a filled place: %v", err)
		}
		if diff := cmp.Diff(before, contentOf(t, s.open(t, Data))); diff != "" {
			t.Error(diff)
		}
		running := fresh()
		unlock, err := storage.LockDir(running.dir)
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		_, err = Restore(t.Context(), running.plan(file))
		if err == nil || !strings.Contains(err.Error(), "another botimum is using") {
			t.Errorf("under a running server: %v", err)
		}
	})
}

// What cannot be purged is told, and on SQLite nothing is put in place.
func TestPurgeFails(t *testing.T) {
	each(t, func(t *testing.T, fresh func() site) {
		s := fresh()
		v := s.openVault(t, filepath.Join(t.TempDir(), "root.json"))
		addContact(t, s.open(t, Data), anna)
		file := s.backup(t, Data)
		if err := v.Erase(t.Context(), anna); err != nil {
			t.Fatal(err)
		}
		v.Close()
		restored := fresh()
		moveVault(t, s, &restored)
		plan := restored.plan(file)
		plan.Purge = nothingPurges
		_, err := Restore(t.Context(), plan)
		if err == nil || !strings.Contains(err.Error(), "EOF") {
			t.Errorf("got %v", err)
		}
		if strings.HasPrefix(restored.data, "sqlite") && exists(restored.dir+"/botimum.db") {
			t.Error("the database is in place all the same")
		}
	})
}
