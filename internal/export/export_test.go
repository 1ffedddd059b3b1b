package export_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/export"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/inbox"
	"github.com/botimum/botimum/internal/inbox/inboxtest"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
	"github.com/botimum/botimum/internal/vault"
)

// world is an inbox with the exports of its people.
type world struct {
	*inboxtest.World
	export *export.Service
	dir    string
}

func newWorld(t *testing.T, db *storage.DB) *world {
	t.Helper()
	w := &world{World: inboxtest.New(t, db), dir: t.TempDir()}
	w.export = export.New(export.Deps{DB: db, Privacy: w.Privacy, Audit: w.Audit, Clock: w.Clock, Logger: slog.New(slog.DiscardHandler), Dir: w.dir,
		Controller: func(context.Context, string) (export.Controller, error) {
			return export.Controller{ID: w.Workspace.ID, Name: "Acme & Söhne", Privacy: "https://acme.example/privacy/acme", Locale: "en"}, nil
		}})
	return w
}

func (w *world) subject(contactID string) privacy.Subject {
	return privacy.Subject{WorkspaceID: w.Workspace.ID, ContactID: contactID}
}

const formula = `=HYPERLINK("http://x.example";"a,b")`

// person adds somebody who wrote, was answered, and was looked at.
func (w *world) person(t *testing.T) contacts.Contact {
	t.Helper()
	c := w.Add(t, "Ada Lovelace", "ada@example.org")
	name, phone := "Ada L.", "+49 30 5550"
	if _, err := w.Contacts.Update(w.As(t, c.ID), c.ID, contacts.Change{Name: &name, Phone: &phone, Basis: &privacy.Basis{
		Purpose: privacy.PurposeSupport, LawfulBasis: "consent", Evidence: "pre-chat form"}}, nil); err != nil {
		t.Fatal(err)
	}
	conversation := w.Started(t, c.ID, "<script>alert(1)</script>\nsecond line, \"quoted\"")
	w.Post(t, w.As(t, c.ID), conversation.ID, formula)
	w.Post(t, w.Ctx(t), conversation.ID, "We look into it.")
	if _, _, err := w.Inbox.Post(w.Ctx(t), conversation.ID, inbox.NewMessage{Body: "angry customer", Type: inbox.TypeNote}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Privacy.Decide(w.As(t, c.ID), c.ID, privacy.PurposeMarketing, privacy.Grant, "widget", 0); err != nil {
		t.Fatal(err)
	}
	w.Audit.Access(w.Ctx(t), []string{c.ID}, "contact")
	return c
}

// unpacked gives an archive's files.
func (w *world) unpacked(t *testing.T, contactID string, o export.Options) map[string]string {
	t.Helper()
	var b bytes.Buffer
	if err := w.export.Write(w.Ctx(t), w.subject(contactID), o, &b); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(raw)
	}
	return files
}

type document struct {
	Kind     string
	Sections map[string][]map[string]any
}

func documentOf(t *testing.T, files map[string]string) document {
	t.Helper()
	var d document
	if err := json.Unmarshal([]byte(files["data.json"]), &d); err != nil {
		t.Fatalf("%v in %s", err, files["data.json"])
	}
	return d
}

// values gives one field of a section's records.
func (d document) values(section, field string) []any {
	out := []any{}
	for _, r := range d.Sections[section] {
		out = append(out, r[field])
	}
	return out
}

func TestAccessHoldsEverything(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		c := w.person(t)
		files := w.unpacked(t, c.ID, export.Options{})
		d := documentOf(t, files)
		for _, tt := range []struct {
			section, field string
			want           []any
		}{
			{"contact", "id", []any{c.ID}},
			{"profile", "field", []any{"email", "name", "phone"}},
			{"profile", "source", []any{"dashboard", "widget", "widget"}},
			{"messages", "author", []any{"contact", "contact", "operator", "operator"}},
			{"messages", "type", []any{"reply", "reply", "reply", "note"}},
			{"consents", "action", []any{"grant"}},
			{"lawful_bases", "evidence", []any{"order form v2", "pre-chat form"}},
			{"objections", "purpose", []any{}},
		} {
			if diff := cmp.Diff(tt.want, d.values(tt.section, tt.field)); diff != "" {
				t.Errorf("%s.%s (-want +got):\n%s", tt.section, tt.field, diff)
			}
		}
		for section, want := range map[string]string{"access_log": "contact.export", "change_log": "contact.exported", "events": "conversation.created"} {
			if raw, _ := json.Marshal(d.Sections[section]); !strings.Contains(string(raw), want) {
				t.Errorf("%s lacks %s: %s", section, want, raw)
			}
		}
		for name, content := range files {
			if strings.Contains(content, w.Workspace.OwnerID) {
				t.Errorf("%s names an operator", name)
			}
		}
		schema, err := export.Schema(w.Privacy.Sections()...)
		if err != nil {
			t.Fatal(err)
		}
		for _, wrong := range conforms(t, schema, files["data.json"]) {
			t.Error(wrong)
		}
	})
}

func TestPortabilityHoldsWhatThePersonGave(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		d := documentOf(t, w.unpacked(t, w.person(t).ID, export.Options{Kind: export.Portability}))
		got := map[string][]any{}
		for section := range d.Sections {
			got[section] = d.values(section, map[string]string{"profile": "value", "messages": "body", "consents": "purpose"}[section])
		}
		want := map[string][]any{"profile": {"Ada L.", "+49 30 5550"}, "consents": {"marketing"}, "objections": {},
			"messages": {"<script>alert(1)</script>\nsecond line, \"quoted\"", formula}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// What CSV's guard adds can be taken away, and nothing else is changed.
func TestCSVIsGuardedAndTrue(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t))
	files := w.unpacked(t, w.person(t).ID, export.Options{})
	d := documentOf(t, files)
	raw := files["csv/messages.csv"]
	if !strings.HasSuffix(raw, "\"\r\n") || strings.Contains(raw, `"=`) {
		t.Errorf("no RFC 4180, or a formula: %q", raw)
	}
	rows, err := csv.NewReader(strings.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range d.values("messages", "body") {
		if got := strings.TrimPrefix(rows[i+1][4], "'"); rows[0][4] != "body" || got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if !strings.Contains(files["csv/profile.csv"], `"'+49 30 5550"`) {
		t.Errorf("a number begins like a formula: %s", files["csv/profile.csv"])
	}
}

func TestPage(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t))
	c := w.person(t)
	for _, language := range export.Languages {
		page := w.unpacked(t, c.ID, export.Options{Locale: language + "-XX"})["index.html"]
		for _, want := range []string{`lang="` + language + `"`, "Acme &amp; Söhne", "&lt;script&gt;alert(1)&lt;/script&gt;", "https://acme.example/privacy/acme", `id="access_log"`} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: the page lacks %q", language, want)
			}
		}
		for _, never := range []string{"<script", "src=", "@import", "url("} {
			if strings.Contains(page, never) {
				t.Errorf("%s: the page has %q", language, never)
			}
		}
	}
}

// meddler is a holder that does something in the middle of an export.
type meddler struct {
	privacy.Holder
	walks int
	do    func(walk int, out privacy.Export) error
}

func (m *meddler) Name() string            { return "meddler" }
func (m *meddler) Fields() []privacy.Field { return nil }
func (m *meddler) Export(_ context.Context, _ *storage.Tx, _ privacy.Subject, out privacy.Export) error {
	m.walks++
	return m.do(m.walks, out)
}
func (m *meddler) Erase(context.Context, *storage.Tx, privacy.Subject) (privacy.Counts, error) {
	return privacy.Counts{}, nil
}

// An export never outlives the person: erased at whichever moment, nothing is
// handed out.
func TestErasureDuringAnExport(t *testing.T) {
	for _, during := range []int{1, 2, 3} {
		t.Run(fmt.Sprintf("walk %d", during), func(t *testing.T) {
			storagetest.Each(t, func(t *testing.T, db *storage.DB) {
				w := newWorld(t, db)
				c := w.person(t)
				m := &meddler{do: func(walk int, _ privacy.Export) error {
					if walk != during {
						return nil
					}
					_, err := w.Privacy.Erase(w.Ctx(t), c.ID)
					return err
				}}
				if err := w.Privacy.Hold(w.Contacts, w.Inbox, m); err != nil {
					t.Fatal(err)
				}
				var b bytes.Buffer
				err := w.export.Write(w.Ctx(t), w.subject(c.ID), export.Options{}, &b)
				if !fault.Is(err, fault.KindGone) && !fault.Is(err, fault.KindNotFound) || b.Len() > 0 || m.walks < during {
					t.Errorf("%v, %d bytes, %d walks", err, b.Len(), m.walks)
				}
				w.nothingLeft(t)
			})
		})
	}
}

// nothingLeft checks that no file of an archive stayed.
func (w *world) nothingLeft(t *testing.T) {
	t.Helper()
	if left, err := os.ReadDir(w.dir); err != nil || len(left) > 0 {
		t.Errorf("files stayed: %v, %v", left, err)
	}
}

func TestWhoCannotBeExported(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		keyless, erased := w.person(t), w.person(t)
		if err := w.Vault.Erase(t.Context(), vault.Subject{Workspace: w.Workspace.ID, ID: keyless.ID}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Privacy.Erase(w.Ctx(t), erased.ID); err != nil {
			t.Fatal(err)
		}
		for name, tt := range map[string]struct {
			id, kind string
			want     fault.Kind
		}{
			"nobody": {"con_x", "", fault.KindNotFound}, "erased": {erased.ID, "", fault.KindNotFound},
			"a key that is gone": {keyless.ID, "", fault.KindGone}, "no kind": {keyless.ID, "all", fault.KindInvalid},
		} {
			var b bytes.Buffer
			err := w.export.Write(w.Ctx(t), w.subject(tt.id), export.Options{Kind: tt.kind}, &b)
			if !fault.Is(err, tt.want) || b.Len() > 0 {
				t.Errorf("%s: %v, %d bytes", name, err, b.Len())
			}
		}
	})
}

// A client that leaves ends the work, and one that breaks off leaves nothing.
func TestClientsThatLeave(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t))
	c := w.person(t)
	ctx, leave := context.WithCancel(w.Ctx(t))
	m := &meddler{do: func(walk int, _ privacy.Export) error {
		if walk == 2 {
			leave()
		}
		return nil
	}}
	if err := w.Privacy.Hold(w.Contacts, w.Inbox, m); err != nil {
		t.Fatal(err)
	}
	if err := w.export.Write(ctx, w.subject(c.ID), export.Options{}, io.Discard); !errors.Is(err, context.Canceled) || m.walks != 2 {
		t.Errorf("after %d walks: %v", m.walks, err)
	}
	if err := w.export.Write(w.Ctx(t), w.subject(c.ID), export.Options{}, broken{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a broken connection: %v", err)
	}
	w.nothingLeft(t)
	if len(w.unpacked(t, c.ID, export.Options{})) == 0 {
		t.Error("the next export fails")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// A holder that mixes its sections is found out, instead of making a broken file.
func TestSectionsComeOneAfterTheOther(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t))
	type record struct {
		X string `json:"x"`
	}
	for name, sections := range map[string][]string{"mixed": {"a", "b", "a"}, "in order": {"a", "a", "b"}} {
		m := &meddler{do: func(_ int, out privacy.Export) error {
			for _, s := range sections {
				if err := out(s, record{s}); err != nil {
					return err
				}
			}
			return nil
		}}
		if err := w.Privacy.Hold(w.Contacts, w.Inbox, m); err != nil {
			t.Fatal(err)
		}
		err := w.export.Write(w.Ctx(t), w.subject(w.person(t).ID), export.Options{}, io.Discard)
		if (err != nil) != (name == "mixed") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
