package app_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/imports"
)

type belonging struct {
	ID        string   `json:"id"`
	CompanyID string   `json:"company_id"`
	Tags      []string `json:"tags"`
}

// belongs gives somebody's company and tags.
func (w *world) belongs(t *testing.T, email string) (out belonging) {
	t.Helper()
	w.api(t, "GET", "/contacts/"+w.byEmail(t, email).ID, "", http.StatusOK).json(t, &out)
	return out
}

// companyNames gives the workspace's companies by id.
func (w *world) companyNames(t *testing.T) map[string]string {
	t.Helper()
	var page struct {
		Data []struct{ ID, Name string }
	}
	w.api(t, "GET", "/companies?limit=100", "", http.StatusOK).json(t, &page)
	out := map[string]string{}
	for _, c := range page.Data {
		out[c.ID] = c.Name
	}
	return out
}

const joinFile = "email,company,company domain,labels\n" +
	"old@x.example,Acme GmbH,,VIP; newsletter\n" + // there, of another company
	"tagged@x.example,,,vip\n" + // there, and nothing is new
	"a@x.example,acme  gmbh,,vip;west coast;#!\n" +
	"b@x.example,Globex,https://www.globex-corp.com/about,\n" +
	"c@x.example,Globex Corporation,globex-corp.com,\n" + // the domain says it
	"d@x.example,,mail@initech-corp.com,\n" +
	"e@x.example,X,,\n" +
	"f@x.example,x,,\n" +
	"g@x.example,Hers,gmail.com,\n" + // nobody's
	"h@x.example,Globex,,\n" // there is one of this name

func TestImportsPutPeopleIntoCompaniesAndTagThem(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		var acme, former struct{ ID string }
		w.api(t, "POST", "/companies", `{"name":"Acme GmbH"}`, http.StatusCreated).json(t, &acme)
		w.api(t, "POST", "/companies", `{"name":"Former"}`, http.StatusCreated).json(t, &former)
		w.someone(t, `"email":"old@x.example","company_id":"`+former.ID+`"`)
		tagged := w.someone(t, `"email":"tagged@x.example"`)
		w.api(t, "PUT", "/contacts/"+tagged+"/tags/vip", "", http.StatusOK)
		clk.Advance(time.Minute)
		up := w.upload(t, joinFile)
		if got := []string{up.Columns[1].Target, up.Columns[2].Target, up.Columns[3].Target}; !slices.Equal(got, []string{"company", "company_domain", "tags"}) {
			t.Fatalf("guessed %q", got)
		}
		w.api(t, "PATCH", "/imports/"+up.ID, `{`+importBasis+`}`, http.StatusOK)
		w.api(t, "POST", "/imports/"+up.ID+"/preview", "", http.StatusAccepted)
		if err := w.Imports.Work(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := imports.ImportTally{Rows: 10, Created: 7, Updated: 1, Unchanged: 1, Failed: 1, Warned: 1, Companies: 3}
		if checked := w.imported(t, up.ID); *checked.Checked != want || len(w.companyNames(t)) != 2 {
			t.Errorf("dry run: %+v, %v", checked.Checked, w.companyNames(t))
		}
		if done := w.ran(t, up.ID, importBasis); done.Imported != want {
			t.Fatalf("imported: %+v", done.Imported)
		}
		names := w.companyNames(t)
		of := map[string]string{"old": "Acme GmbH", "tagged": "", "a": "Acme GmbH", "b": "Globex", "c": "Globex", "d": "initech-corp.com", "e": "X", "f": "X", "h": "Globex"}
		for who, name := range of {
			if got := names[w.belongs(t, who+"@x.example").CompanyID]; got != name {
				t.Errorf("%s is of %q, not of %q", who, got, name)
			}
		}
		if got := w.belongs(t, "a@x.example").Tags; !slices.Equal(got, []string{"vip", "west coast"}) {
			t.Errorf("tags of the new one: %q", got)
		}
		if got := w.belongs(t, "old@x.example"); !slices.Equal(got.Tags, []string{"newsletter", "vip"}) {
			t.Errorf("tags of who was there: %q", got.Tags)
		}
		if a := w.api(t, "GET", "/imports/"+up.ID+"/errors", "", http.StatusOK).body; !strings.Contains(a, "no company") || !strings.Contains(a, "no tag") {
			t.Errorf("problems: %s", a)
		}
		// undone: what nobody changed since
		clk.Advance(time.Minute)
		w.api(t, "PUT", "/contacts/"+w.belongs(t, "h@x.example").ID+"/restriction", `{"restricted":true,"reason":"disputed"}`, http.StatusOK)
		w.api(t, "DELETE", "/contacts/"+w.belongs(t, "old@x.example").ID+"/tags/newsletter", "", http.StatusOK)
		w.api(t, "POST", "/imports/"+up.ID+"/undo", "", http.StatusAccepted)
		if err := w.Imports.Work(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := w.imported(t, up.ID); got.State != "undone" || *got.Undone != (imports.UndoTally{Total: 8, Erased: 6, Kept: 1, Reverted: 1, Companies: 2}) {
			t.Errorf("undone: %s %+v", got.State, got.Undone)
		}
		if old := w.belongs(t, "old@x.example"); old.CompanyID != former.ID || len(old.Tags) != 0 {
			t.Errorf("taken back: %+v", old)
		}
		left := []string{}
		for _, name := range w.companyNames(t) {
			left = append(left, name)
		}
		if slices.Sort(left); !slices.Equal(left, []string{"Acme GmbH", "Former", "Globex"}) {
			t.Errorf("companies that stay: %q", left)
		}
		if n := rowCounts(t, w.DB)["import_companies"]; n != 0 {
			t.Errorf("%d companies are remembered as made", n)
		}
	})
}

// Filling adds tags, and leaves a company that is there.
func TestImportsFillCompanies(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var acme struct{ ID string }
		w.api(t, "POST", "/companies", `{"name":"Acme GmbH"}`, http.StatusCreated).json(t, &acme)
		w.someone(t, `"email":"has@x.example","company_id":"`+acme.ID+`"`)
		w.someone(t, `"email":"none@x.example"`)
		up := w.upload(t, "email,company,tags\nhas@x.example,Other Ltd,\"a, b\"\nnone@x.example,Other Ltd,\n")
		if done := w.ran(t, up.ID, importBasis+`,"on_match":"fill"`); done.Imported.Updated != 2 || done.Imported.Companies != 1 {
			t.Errorf("%+v", done.Imported)
		}
		has, none := w.belongs(t, "has@x.example"), w.belongs(t, "none@x.example")
		if has.CompanyID != acme.ID || !slices.Equal(has.Tags, []string{"a", "b"}) || w.companyNames(t)[none.CompanyID] != "Other Ltd" {
			t.Errorf("%+v %+v", has, none)
		}
	})
}
