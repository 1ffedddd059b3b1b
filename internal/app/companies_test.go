package app_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/privacy"
)

// company adds a company and gives its id.
func (w *world) company(t *testing.T, fields string) string {
	t.Helper()
	var made struct{ ID string }
	w.api(t, "POST", "/companies", `{`+fields+`}`, http.StatusCreated).json(t, &made)
	return made.ID
}

// companyOf gives the company that a contact is shown with.
func (w *world) companyOf(t *testing.T, contactID string) string {
	t.Helper()
	var c struct {
		CompanyID *string `json:"company_id"`
	}
	w.api(t, "GET", "/contacts/"+contactID, "", http.StatusOK).json(t, &c)
	if c.CompanyID == nil {
		return ""
	}
	return *c.CompanyID
}

const contract = `"basis":{"purpose":"support","lawful_basis":"contract"}`

func namesAt(t *testing.T, w *world, method, path, body string) []string {
	t.Helper()
	var page struct{ Data []struct{ Name string } }
	w.api(t, method, path, body, http.StatusOK).json(t, &page)
	out := []string{}
	for _, one := range page.Data {
		out = append(out, one.Name)
	}
	return out
}

func TestCompaniesHavePeople(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		acme := w.company(t, `"name":"Acme Rockets","domains":["Acme.example","bücher.example"],"website":"https://acme.example","attributes":{"size":12,"plan":"pro","vip":true}`)
		other := w.company(t, `"name":"Other"`)
		for body, want := range map[string][]string{`{"q":"roc"}`: {"Acme Rockets"}, `{"q":"ACME rock"}`: {"Acme Rockets"}, `{"domain":"ACME.example"}`: {"Acme Rockets"},
			`{"domain":"xn--bcher-kva.example"}`: {"Acme Rockets"}, `{"q":"zz"}`: {}, `{"domain":"me.example"}`: {}} {
			if got := namesAt(t, w, "POST", "/companies/search", body); !slices.Equal(got, want) {
				t.Errorf("%s finds %v", body, got)
			}
		}
		ada, bob := w.someone(t, `"name":"Ada","company_id":"`+acme+`"`), w.someone(t, `"name":"Bob"`)
		w.api(t, "PATCH", "/contacts/"+bob, `{"company_id":"`+acme+`",`+contract+`}`, http.StatusOK)
		if got := namesAt(t, w, "GET", "/companies/"+acme+"/contacts", ""); !slices.Equal(got, []string{"Bob", "Ada"}) {
			t.Errorf("people %v", got)
		}
		if w.companyOf(t, ada) != acme || w.companyOf(t, bob) != acme {
			t.Error("the contacts do not show their company")
		}
		if got := w.in(t, `{"field":"company.id","op":"is","value":"`+acme+`"}`); len(got) != 2 {
			t.Errorf("segment: %v", got)
		}
		w.api(t, "PATCH", "/contacts/"+bob, `{"company_id":"",`+contract+`}`, http.StatusOK)
		if got := w.in(t, `{"field":"company.id","op":"is_not_set"}`); !slices.Equal(got, []string{"Bob"}) {
			t.Errorf("without a company: %v", got)
		}
		w.api(t, "PATCH", "/companies/"+acme, `{"domains":["acme.example"],"attributes":{"plan":null}}`, http.StatusOK)
		var c struct {
			Domains    []string
			Attributes map[string]any
		}
		w.api(t, "GET", "/companies/"+acme, "", http.StatusOK).json(t, &c)
		if !slices.Equal(c.Domains, []string{"acme.example"}) || len(c.Attributes) != 2 {
			t.Errorf("after the change: %+v", c)
		}
		w.api(t, "PATCH", "/companies/"+other, `{"domains":["bücher.example"]}`, http.StatusOK) // it is free again
		w.api(t, "DELETE", "/companies/"+acme, "", http.StatusNoContent)
		w.api(t, "GET", "/companies/"+acme, "", http.StatusNotFound)
		if w.companyOf(t, ada) != "" {
			t.Error("Ada belongs to a company that is gone")
		}
		if left := rowCounts(t, w.DB); left["companies"] != 1 || left["company_domains"] != 1 {
			t.Errorf("left: %d companies, %d domains", left["companies"], left["company_domains"])
		}
	})
}

func TestCompaniesRefuseBadInput(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.company(t, `"name":"Acme","domains":["acme.example"]`)
		for _, bad := range []string{`{}`, `{"name":" "}`, `{"name":"a\u0000b"}`, `{"name":"` + strings.Repeat("x", 201) + `"}`, `{"name":"x","domains":["localhost"]}`, `{"name":"x","domains":["co.uk"]}`,
			`{"name":"x","domains":["exa\u0000mple.com"]}`, `{"name":"x","domains":["` + strings.Repeat("a", 70) + `.com"]}`, `{"name":"x","domains":["10.0.0.1"]}`,
			`{"name":"x","domains":[` + strings.Repeat(`"a.example",`, 30) + `"b.example"]}`, `{"name":"x","website":"javascript:alert(1)"}`, `{"name":"x","website":"https://a:b@c.example"}`,
			`{"name":"x","attributes":{"a":{"b":1}}}`, `{"name":"x","attributes":{"a":"\u0000"}}`, `{"name":"x","attributes":{"":1}}`} {
			if a := w.do(t, call{method: "POST", path: "/api/v1/companies", body: bad, header: bearer(w.made.APIKey)}); a.status != http.StatusUnprocessableEntity {
				t.Errorf("%.60s: %d %s", bad, a.status, a.body)
			}
		}
		if a := w.api(t, "POST", "/companies", `{"name":"Two","domains":["ACME.example"]}`, http.StatusConflict); a.code() != "domain_taken" {
			t.Errorf("one domain for two: %s", a.code())
		}
		for _, bad := range []string{`{}`, `{"q":"a","domain":"b.example"}`, `{"domain":"localhost"}`, `{"q":"a"}`} {
			w.api(t, "POST", "/companies/search", bad, http.StatusUnprocessableEntity)
		}
		theirs := w.setup(t, "Other", "owner@other.example")
		a := w.do(t, call{method: "POST", path: "/api/v1/companies", body: `{"name":"Theirs","domains":["acme.example"]}`, header: bearer(theirs.APIKey)})
		var foreign struct{ ID string }
		a.json(t, &foreign) // a domain is one company's in each workspace
		ada := w.someone(t, `"name":"Ada"`)
		for _, id := range []string{foreign.ID, "cmp_x", "x", `\u0000`} {
			w.api(t, "PATCH", "/contacts/"+ada, `{"company_id":"`+id+`",`+contract+`}`, http.StatusUnprocessableEntity)
			w.api(t, "POST", "/contacts", `{"name":"x","company_id":"`+id+`",`+contract+`}`, http.StatusUnprocessableEntity)
		}
		w.api(t, "PUT", "/contacts/"+ada+"/restriction", `{"restricted":true,"reason":"asked"}`, http.StatusOK)
		w.api(t, "PATCH", "/contacts/"+ada, `{"company_id":"",`+contract+`}`, http.StatusConflict)
	})
}

// A merge brings the survivor the other's company, and its undoing takes it back.
func TestMergesCarryCompanies(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		acme := w.company(t, `"name":"Acme"`)
		ada, bob := w.someone(t, `"name":"Ada"`), w.someone(t, `"name":"Bob","company_id":"`+acme+`"`)
		w.api(t, "POST", "/contacts/"+ada+"/merge", `{"contact_id":"`+bob+`"}`, http.StatusOK)
		if w.companyOf(t, ada) != acme {
			t.Error("the survivor has no company")
		}
		if got := namesAt(t, w, "GET", "/companies/"+acme+"/contacts", ""); !slices.Equal(got, []string{"Ada"}) {
			t.Errorf("people %v", got)
		}
		w.api(t, "POST", "/merges/"+firstID(t, w, "/contacts/"+ada+"/merges")+"/undo", "", http.StatusOK)
		if w.companyOf(t, ada) != "" || w.companyOf(t, bob) != acme {
			t.Errorf("after the undoing Ada has %q, Bob %q", w.companyOf(t, ada), w.companyOf(t, bob))
		}
	})
}

// What a company is called is in no file, and is handed out to its people.
func TestCompaniesAreSealed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := newCanaries()
		acme := w.company(t, `"name":"`+c.root+` Rockets","domains":["`+c.root+`.example"],"website":"https://`+c.root+`.example","attributes":{"a":"`+c.attribute+`"}`)
		ada := w.someone(t, `"name":"x","company_id":"`+acme+`"`)
		w.api(t, "POST", "/companies/search", `{"q":"`+c.root+`"}`, http.StatusOK)
		if handed := w.export(t, privacy.Subject{WorkspaceID: w.made.Workspace.ID, ContactID: ada}); !strings.Contains(handed, c.root+" Rockets") {
			t.Error("the person does not hear of their company")
		}
		w.settle(t)
		if found := c.in(t, w.raw(t)); len(found) > 0 {
			t.Errorf("in clear: %v", found)
		}
	})
}
