package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
)

type shownCompany struct {
	Name, Website string
	Domains       []string
	Attributes    map[string]any
	People        int64
	LastActiveAt  *string `json:"last_active_at"`
}

func (w *world) shown(t *testing.T, companyID string) (c shownCompany) {
	t.Helper()
	w.api(t, "GET", "/companies/"+companyID, "", http.StatusOK).json(t, &c)
	return c
}

// A company becomes a part of another: people, domains and what only it has go over.
func TestCompaniesMerge(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		one := w.company(t, `"name":"One","domains":["one.example"],"attributes":{"size":1,"plan":"pro"}`)
		two := w.company(t, `"name":"Two","domains":["two.example"],"website":"https://two.example","attributes":{"size":2,"city":"Rome"}`)
		var people []string
		for i := range 105 {
			people = append(people, w.someone(t, fmt.Sprintf(`"name":"P%d","company_id":"%s"`, i, two)))
		}
		mark := w.lastEvent(t)
		w.api(t, "POST", "/companies/"+one+"/merge", `{"company_id":"`+two+`"}`, http.StatusOK)
		c := w.shown(t, one)
		if c.Name != "One" || c.Website != "https://two.example" || !slices.Equal(c.Domains, []string{"one.example", "two.example"}) ||
			fmt.Sprint(c.Attributes) != "map[city:Rome plan:pro size:1]" || c.People != 105 {
			t.Errorf("%+v", c)
		}
		slices.Sort(people)
		if got := w.companyEvents(t, mark); !slices.Equal(got, people) {
			t.Errorf("%d events", len(got))
		}
		w.api(t, "GET", "/companies/"+two, "", http.StatusNotFound)
		if got := namesAt(t, w, "POST", "/companies/search", `{"domain":"two.example"}`); !slices.Equal(got, []string{"One"}) {
			t.Errorf("by the domain: %v", got)
		}
		for _, bad := range []string{`{"company_id":"` + one + `"}`, `{"company_id":"` + two + `"}`, `{"company_id":"x"}`, `{}`} {
			w.api(t, "POST", "/companies/"+one+"/merge", bad, http.StatusUnprocessableEntity)
		}
		w.api(t, "POST", "/companies/"+two+"/merge", `{"company_id":"`+one+`"}`, http.StatusNotFound)
	})
}

// Who breaks off leaves nothing in between: the rest is done in the background.
func TestCompaniesGoOnGoing(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		one, two, three := w.company(t, `"name":"One"`), w.company(t, `"name":"Two"`), w.company(t, `"name":"Three"`)
		ada := w.someone(t, `"name":"Ada","company_id":"`+one+`"`)
		// as a server that stopped between two batches leaves it
		if err := w.DB.Write(t.Context(), func(tx *storage.Tx) error {
			_, err := tx.Exec(`UPDATE companies SET removed_at = $1, into_id = $2 WHERE id = $3`, clock.Micros(clk.Now()), two, one)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		w.api(t, "POST", "/companies/"+three+"/merge", `{"company_id":"`+two+`"}`, http.StatusOK)
		clk.Advance(2 * time.Minute)
		if _, err := w.Companies.Work(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
		if got := w.belongsTo(t, ada); got != "Three by set" {
			t.Errorf("Ada is with %s", got)
		}
		if left := rowCounts(t, w.DB); left["companies"] != 1 {
			t.Errorf("%d companies", left["companies"])
		}
	})
}

func TestCompaniesTellTheirHistoryAndFigures(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		acme := w.company(t, `"name":"Acme","domains":["acme.example"],"attributes":{"plan":"pro"}`)
		w.someone(t, `"name":"Ada","company_id":"`+acme+`"`)
		gone := w.someone(t, `"name":"Gone","company_id":"`+acme+`"`)
		w.api(t, "DELETE", "/contacts/"+gone, "", http.StatusNoContent)
		if c := w.shown(t, acme); c.People != 1 || c.LastActiveAt != nil {
			t.Errorf("%+v", c)
		}
		w.api(t, "PATCH", "/companies/"+acme, `{"name":"Acme"}`, http.StatusOK) // nothing new
		w.api(t, "PATCH", "/companies/"+acme, `{"name":"Acme Ltd","attributes":{"plan":null,"seats":3}}`, http.StatusOK)
		w.api(t, "PATCH", "/companies/"+acme, `{"domains":[]}`, http.StatusOK)
		var page struct {
			Data []struct {
				Fields []string
				Former map[string]any
				Source string
			}
		}
		w.api(t, "GET", "/companies/"+acme+"/changes", "", http.StatusOK).json(t, &page)
		got := fmt.Sprint(page.Data)
		if want := "[{[domains] map[domains:[acme.example]] api} {[attributes name] map[attributes.plan:pro attributes.seats:<nil> name:Acme] api}]"; got != want {
			t.Errorf("%s", got)
		}
		w.api(t, "DELETE", "/companies/"+acme, "", http.StatusNoContent)
		if left := rowCounts(t, w.DB); left["company_changes"] != 0 {
			t.Error("its history is left")
		}
	})
}
