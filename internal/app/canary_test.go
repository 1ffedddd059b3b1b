package app_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/botimum/botimum/client"
	"github.com/botimum/botimum/internal/app"
	"github.com/botimum/botimum/internal/config"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// canaries are made-up words, planted as every sort of personal data. Each is
// found by a search for its first letters.
type canaries struct {
	root                                                                      string
	name, email, phone, attribute, subject, body, note, external, why, remark string
}

func newCanaries() canaries {
	root := "zq" + strings.TrimPrefix(id.New("c"), "c_")[18:]
	return canaries{root: root, name: root + "name", email: root + "mail@example.org", phone: "+49 30 5550199 7", attribute: root + "attribute",
		subject: root + "subject", body: root + "body", note: root + "note", external: root + "external", why: root + "evidence", remark: root + "remark"}
}

// in tells where any canary stands in clear, as it was planted or in capitals.
func (c canaries) in(t *testing.T, raw map[string][]byte) []string {
	t.Helper()
	var found []string
	for path, b := range raw {
		if strings.HasSuffix(path, ".gz") {
			b = gunzip(t, b)
		}
		for _, word := range []string{c.root, strings.ToUpper(c.root), "5550199"} {
			if i := bytes.Index(b, []byte(word)); i >= 0 {
				found = append(found, fmt.Sprintf("%s at %d: %q", path, i, b[max(0, i-20):min(len(b), i+40)]))
			}
		}
	}
	return found
}

func gunzip(t *testing.T, b []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// plant does everything that a person and the customer can do with personal data,
// and gives the contact's id.
func (c canaries) plant(t *testing.T, w *world) string {
	t.Helper()
	ctx := t.Context()
	person, err := w.client.CreateContact(ctx, client.ContactChange{Name: &c.name, Email: &c.email, Phone: &c.phone, ExternalID: &c.external,
		Attributes: map[string]any{"plan": c.attribute}, Basis: &client.Basis{Purpose: "support", LawfulBasis: "contract", Evidence: c.why}})
	if err != nil {
		t.Fatal(err)
	}
	conversation, err := w.client.StartConversation(ctx, client.NewConversation{ContactID: person.ID, Subject: c.subject, Body: c.body + " is the word"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.PostMessage(ctx, conversation.ID, client.NewMessage{Body: c.note, Type: "note"}); err != nil {
		t.Fatal(err)
	}
	w.api(t, "POST", "/contacts/"+person.ID+"/consents", `{"purpose":"marketing"}`, http.StatusCreated)
	w.api(t, "POST", "/contacts/"+person.ID+"/notes", `{"body":"`+c.remark+`"}`, http.StatusCreated)
	// What people ask for, with its mails, and an address that waits for a link.
	w.ask(t, person.ID, "rectification", `,"note":"`+c.note+`","changes":{"name":"`+c.name+`"}`)
	refused := w.ask(t, person.ID, "rectification", `,"note":"`+c.body+`"`)
	w.api(t, "PATCH", "/privacy/requests/"+refused.ID, `{"state":"refused","reason":"other","text":"`+c.why+`"}`, http.StatusOK)
	if err := w.Requests.AskLink(ctx, w.made.Workspace.ID, c.email, "en"); err != nil {
		t.Fatal(err)
	}
	if err := w.Requests.SendLinks(ctx, 10); err != nil {
		t.Fatal(err)
	}
	found, err := w.client.Search(ctx, c.body, client.Page{})
	if err != nil || len(found.Data) != 1 || !strings.Contains(found.Data[0].Snippet, c.body) {
		t.Fatalf("the planted word is not found: %+v, %v", found, err)
	}
	for _, q := range []client.ContactQuery{{Email: c.email}, {Phone: c.phone}, {ExternalID: c.external}, {Q: c.root}} {
		if found, err := w.client.SearchContacts(ctx, q, client.Page{}); err != nil || len(found.Data) != 1 {
			t.Fatalf("the planted person is not found by %+v: %v, %v", q, found, err)
		}
	}
	// What is refused must not reach the logs either.
	w.api(t, "POST", "/contacts", `{"email":"`+c.root+` is no address","basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusUnprocessableEntity)
	w.api(t, "POST", "/contacts", `{"`+c.root+`":1}`, http.StatusUnprocessableEntity)
	w.api(t, "GET", "/"+c.root, "", http.StatusNotFound)
	return person.ID
}

// settle has everything that waits in memory written.
func (w *world) settle(t *testing.T) {
	t.Helper()
	if err := w.Audit.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.Workspaces.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// raw gives every byte that the server left on disk, and its log.
func (w *world) raw(t *testing.T, more ...string) map[string][]byte {
	t.Helper()
	dirs := append([]string{w.cfg.Data}, more...)
	if w.DB.Engine() == storage.Postgres {
		dir, database, vault := w.places(t)
		if err := w.DB.Write(t.Context(), func(tx *storage.Tx) error { _, err := tx.Exec(`CHECKPOINT`); return err }); err != nil {
			t.Logf("no checkpoint: %v", err)
		}
		dirs = append(dirs, filepath.Join(dir, "base", database), filepath.Join(dir, "base", vault), filepath.Join(dir, "pg_wal"))
	}
	out := files(t, dirs...)
	out["the log"] = []byte(w.logs.String())
	return out
}

// places gives PostgreSQL's data directory, and the folders of both databases in it.
func (w *world) places(t *testing.T) (dir, database, vault string) {
	t.Helper()
	err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
		return tx.QueryRow(`SELECT current_setting('data_directory'),
			(SELECT oid::text FROM pg_database WHERE datname = current_database()),
			(SELECT oid::text FROM pg_database WHERE datname = current_database() || '_vault')`).Scan(&dir, &database, &vault)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir, database, vault
}

// backup writes both backups into a directory, as the command does.
func (w *world) backup(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	var stderr bytes.Buffer
	code := app.Run(t.Context(), app.Process{Args: []string{"backup", "--data", w.cfg.Data, "--database-url", w.cfg.DatabaseURL, "--vault-url", w.cfg.VaultURL,
		"--to", filepath.Join(dir, "data.tar.gz"), "--vault-to", filepath.Join(dir, "vault.tar.gz")}, Stdout: io.Discard, Stderr: &stderr})
	if code != 0 {
		t.Fatalf("backup: %d %s", code, &stderr)
	}
	return dir
}

// Invariants 3, 8 and 14: sealed at rest, nothing personal in the log, and erasure
// that reaches the backups.
func TestCanariesAreNowhereAndErasureReachesTheBackups(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		control := newCanaries()
		w.setup(t, control.root+" Works", "control@example.org") // a workspace's name is not personal: it shows that the search finds
		c := newCanaries()
		contactID := c.plant(t, w)
		w.settle(t)
		backups := w.backup(t)
		before := w.raw(t, backups)
		if len(control.in(t, before)) == 0 {
			t.Error("the search for canaries finds nothing, not even what stands in clear")
		}
		for _, where := range c.in(t, before) {
			t.Errorf("sealed, but in clear in %s", where)
		}
		receipt, err := w.client.EraseContact(t.Context(), contactID)
		if err != nil {
			t.Fatal(err)
		}
		if !receipt.KeyDestroyed || receipt.Rows["messages"] != 2 || receipt.Rows["contacts"] != 1 || receipt.Rows["consents"] != 1 || receipt.Rows["processing_bases"] != 1 {
			t.Errorf("receipt %+v", receipt)
		}
		w.settle(t)
		for _, where := range c.in(t, w.raw(t)) {
			t.Errorf("erased, but in clear in %s", where)
		}
		w.gone(t, contactID, c)
		t.Run("a restored backup", func(t *testing.T) {
			restored := w.restore(t, backups)
			if removed := restored.gone(t, contactID, c); removed {
				t.Error("rows of the erased person came back")
			}
		})
		t.Run("an old copy of the data with today's vault", func(t *testing.T) { w.oldCopy(t, before).gone(t, contactID, c) })
	})
}

// gone checks that nothing of the person can be read, and tells whether rows are left.
func (w *world) gone(t *testing.T, contactID string, c canaries) (rowsLeft bool) {
	t.Helper()
	w.api(t, "GET", "/contacts/"+contactID, "", http.StatusNotFound)
	for path, body := range map[string]string{"/search": `{"q":"` + c.body + `"}`, "/contacts/search": `{"q":"` + c.root + `"}`} {
		var page struct{ Data []any }
		w.api(t, "POST", path, body, http.StatusOK).json(t, &page)
		if len(page.Data) != 0 {
			t.Errorf("POST %s still finds %v", path, page.Data)
		}
	}
	for _, list := range []string{"/contacts", "/conversations", "/access-events?contact_id=" + contactID} {
		if a := w.api(t, "GET", list, "", http.StatusOK); strings.Contains(a.body, c.root) {
			t.Errorf("GET %s still shows the person: %s", list, a.body)
		}
	}
	err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
		var n int
		err := tx.QueryRow(`SELECT COUNT(*) FROM contacts WHERE id = $1`, contactID).Scan(&n)
		rowsLeft = n > 0
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return rowsLeft
}

// restore puts the data's backup into a new place beside the vault of today.
func (w *world) restore(t *testing.T, backups string) *world {
	t.Helper()
	cfg := w.elsewhere(t)
	w.copyVault(t, cfg)
	var stderr bytes.Buffer
	code := app.Run(t.Context(), app.Process{Args: []string{"restore", "--data", cfg.Data, "--database-url", cfg.DatabaseURL, "--vault-url", cfg.VaultURL,
		"--from", filepath.Join(backups, "data.tar.gz")}, Stdout: io.Discard, Stderr: &stderr})
	if code != 0 {
		t.Fatalf("restore: %d %s", code, &stderr)
	}
	return w.reopen(t, cfg)
}

// elsewhere gives a configuration on the same engine in another place.
func (w *world) elsewhere(t *testing.T) *config.Config {
	t.Helper()
	return configs(t)[string(w.DB.Engine())](t)
}

// copyVault copies today's vault and root key, while the server runs.
func (w *world) copyVault(t *testing.T, cfg *config.Config) {
	t.Helper()
	raw, err := os.ReadFile(w.cfg.RootKeyFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(cfg.RootKeyFile), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cfg.RootKeyFile, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if w.DB.Engine() == storage.Postgres {
		cfg.VaultURL = w.cfg.VaultURL // the vault is a database of its own: it stays where it is
		return
	}
	for suffix, content := range map[string][]byte{"": w.cfgFile(t, "vault.db"), "-wal": w.cfgFile(t, "vault.db-wal")} {
		if content != nil {
			if err := os.WriteFile(filepath.Join(cfg.Data, "vault.db"+suffix), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func (w *world) cfgFile(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(w.cfg.Data, name))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return b
}

// reopen starts a server on a place that has data, with the same key.
func (w *world) reopen(t *testing.T, cfg *config.Config) *world {
	t.Helper()
	again := &world{cfg: cfg, logs: &lockedBuffer{}, made: w.made}
	again.open(t)
	return again
}

// oldCopy starts a server on the data as it was before the erasure, with the vault
// of today: as if somebody had put an old disk back by hand.
func (w *world) oldCopy(t *testing.T, before map[string][]byte) *world {
	t.Helper()
	if w.DB.Engine() == storage.Postgres {
		return w.restoreRows(t)
	}
	cfg := w.elsewhere(t)
	w.copyVault(t, cfg)
	for _, suffix := range []string{"", "-wal"} {
		if b, ok := before[filepath.Join(w.cfg.Data, "botimum.db"+suffix)]; ok {
			if err := os.WriteFile(filepath.Join(cfg.Data, "botimum.db"+suffix), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return w.reopen(t, cfg)
}

// restoreRows has PostgreSQL stand in for an old disk: there, the raw files of one
// moment are not a database. The restored backup of the test above covers it.
func (w *world) restoreRows(t *testing.T) *world {
	t.Helper()
	return w.restore(t, w.backup(t))
}

// No holder returns anything of an erased person, and every holder counts what it removes.
func TestNoHolderReturnsAnErasedPerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := newCanaries()
		contactID := c.plant(t, w)
		sub := privacy.Subject{WorkspaceID: w.made.Workspace.ID, ContactID: contactID}
		sections := w.export(t, sub)
		for _, want := range []string{c.name, c.email, c.attribute, c.subject, c.body, c.note, c.external, c.why, c.remark} {
			if !strings.Contains(sections, want) {
				t.Errorf("the export lacks %q", want)
			}
		}
		if _, err := w.client.EraseContact(t.Context(), contactID); err != nil {
			t.Fatal(err)
		}
		if left := w.export(t, sub); left != "" {
			t.Errorf("after erasure the holders still give %s", left)
		}
	})
}

func (w *world) export(t *testing.T, sub privacy.Subject) string {
	t.Helper()
	var b strings.Builder
	err := w.Privacy.Export(t.Context(), sub, func(section string, record any) error {
		raw, err := json.Marshal(record)
		fmt.Fprintf(&b, "%s %s\n", section, raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
