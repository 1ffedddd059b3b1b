package app_test

import (
	"archive/zip"
	"bytes"
	"flag"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/export"
)

var update = flag.Bool("update", false, "write golden files")

// docs/export-schema.json describes what the holders hand out today.
func TestExportSchema(t *testing.T) {
	w := start(t, configs(t)["sqlite"](t))
	const path = "../../docs/export-schema.json"
	got, err := export.Schema(append(w.Privacy.Sections(), w.Privacy.OperatorSections()...)...)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, append(got, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.TrimSpace(string(want)), string(got)); diff != "" {
		t.Errorf("go test ./internal/app -run TestExportSchema -update writes it anew (-file +now):\n%s", diff)
	}
}

// unzip gives an archive's files.
func unzip(t *testing.T, archive string) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader([]byte(archive)), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(raw)
	}
	return out
}

// An operator, or the customer's code, exports on the person's behalf; the route
// asks for both permissions, and is on record.
func TestExportRoute(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := newCanaries()
		contactID := c.plant(t, w)
		a := w.api(t, "GET", "/contacts/"+contactID+"/export?locale=de", "", http.StatusOK)
		if a.header.Get("Content-Type") != "application/zip" || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("headers %v", a.header)
		}
		files := unzip(t, a.body)
		for _, want := range []string{c.name, c.email, c.attribute, c.subject, c.body, c.note, c.external, c.why} {
			if !strings.Contains(files["data.json"], want) || !strings.Contains(files["index.html"], want) {
				t.Errorf("data.json or index.html lacks %q", want)
			}
		}
		if narrow := unzip(t, w.api(t, "GET", "/contacts/"+contactID+"/export?kind=portability", "", http.StatusOK).body); strings.Contains(narrow["data.json"], c.note) {
			t.Error("a note of the operators is taken along")
		}
		w.settle(t)
		if left, err := os.ReadDir(w.cfg.Data); err != nil || strings.Contains(strings.Join(names(left), " "), "export-") {
			t.Errorf("files stayed: %v %v", names(left), err)
		}
		if log := w.api(t, "GET", "/audit-events?action=contact.exported", "", http.StatusOK); strings.Count(log.body, contactID) != 2 {
			t.Errorf("the audit log says %s", log.body)
		}
		if log := w.api(t, "GET", "/access-events?contact_id="+contactID, "", http.StatusOK); !strings.Contains(log.body, "contact.export") {
			t.Errorf("the access log says %s", log.body)
		}
		w.exportRefusals(t, contactID)
	})
}

func names(entries []os.DirEntry) (out []string) {
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func (w *world) exportRefusals(t *testing.T, contactID string) {
	t.Helper()
	var key struct{ Secret string }
	w.api(t, "POST", "/api-keys", `{"name":"half","scopes":["privacy:read"]}`, http.StatusCreated).json(t, &key)
	half := w.do(t, call{method: "GET", path: "/api/v1/contacts/" + contactID + "/export", header: bearer(key.Secret)})
	if half.status != http.StatusForbidden || half.code() != "forbidden" {
		t.Errorf("without contacts:read: %d %s", half.status, half.body)
	}
	w.api(t, "GET", "/contacts/"+contactID+"/export?kind=all", "", http.StatusUnprocessableEntity)
	w.api(t, "GET", "/contacts/"+contactID+"/export?name=x", "", http.StatusUnprocessableEntity)
	w.api(t, "GET", "/contacts/con_x/export", "", http.StatusNotFound)
	w.api(t, "DELETE", "/contacts/"+contactID+"?erase=true", "", http.StatusOK)
	w.api(t, "GET", "/contacts/"+contactID+"/export", "", http.StatusNotFound)
}
