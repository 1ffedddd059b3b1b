package app_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/clock"
)

// From whom addresses are hidden, an import hides them: they cannot make a column of
// addresses something that they read.
func TestMaskedRolesMoveNoAddressThroughAnImport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		up := w.upload(t, "email,name\nplanted@secret.example,Ada\n")
		var key struct{ Secret string }
		w.api(t, "POST", "/api-keys", `{"name":"masked","scopes":["contacts:read","contacts:write","contacts:masked"]}`, http.StatusCreated).json(t, &key)
		for _, c := range []call{
			{method: "PATCH", path: "", body: `{"targets":["","first_name"]}`},
			{method: "PATCH", path: "", body: `{"header":false}`},
			{method: "POST", path: "/preview"},
			{method: "POST", path: "/start"},
			{method: "GET", path: "/errors.csv"},
		} {
			c.path, c.header = "/api/v1/imports/"+up.ID+c.path, bearer(key.Secret)
			if a := w.do(t, c); a.status != http.StatusForbidden {
				t.Errorf("%s %s: %d %s", c.method, c.path, a.status, a.body)
			}
		}
		if got := w.imported(t, up.ID); got.Columns[0].Target != "email" || !got.Settings.Header || got.State != "ready" {
			t.Errorf("it was changed: %+v", got.Import)
		}
		if a := w.do(t, call{method: "GET", path: "/api/v1/imports/" + up.ID, header: bearer(key.Secret)}); strings.Contains(a.body, "planted") {
			t.Errorf("it shows %s", a.body)
		}
	})
}

// A person's timeline says when they came in or were changed by an import, also when
// it cannot be undone any more.
func TestImportsAreInTheTimeline(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		ada := w.someone(t, `"name":"Ada","email":"ada@x.example"`)
		clk.Advance(time.Minute)
		up := w.upload(t, "email,name,plan\nada@x.example,Ada Quill,pro\nbob@x.example,Bob,pro\n")
		w.ran(t, up.ID, importBasis)
		look := func() {
			t.Helper()
			for contactID, what := range map[string]string{ada: "import changed", w.byEmail(t, "bob@x.example").ID: "import came"} {
				all := w.timeline(t, contactID, "&kinds=import")
				if got := whats(all); !slices.Equal(got, []string{what}) || all[0].RefID == nil || *all[0].RefID != up.ID {
					t.Errorf("%s: %q %+v", what, got, all)
				}
			}
		}
		look()
		clk.Advance(31 * 24 * time.Hour)
		if err := w.Imports.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		look()
		w.api(t, "POST", "/imports/"+up.ID+"/undo", "", http.StatusConflict)
		w.api(t, "DELETE", "/contacts/"+ada+"?erase=true", "", http.StatusOK)
		if n := rowCounts(t, w.DB)["import_updates"]; n != 0 {
			t.Errorf("of who was erased %d marks are left", n)
		}
	})
}
