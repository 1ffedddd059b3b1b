package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
)

type belongs struct {
	CompanyID     *string `json:"company_id"`
	CompanySource *string `json:"company_source"`
}

// belongsTo gives a contact's company by name, and where that is from.
func (w *world) belongsTo(t *testing.T, contactID string) string {
	t.Helper()
	var b belongs
	w.api(t, "GET", "/contacts/"+contactID, "", http.StatusOK).json(t, &b)
	name, source := "none", "nothing"
	if b.CompanyID != nil {
		var c struct{ Name string }
		w.api(t, "GET", "/companies/"+*b.CompanyID, "", http.StatusOK).json(t, &c)
		name = c.Name
	}
	if b.CompanySource != nil {
		source = *b.CompanySource
	}
	return name + " by " + source
}

type followingState struct {
	FromDomains bool  `json:"from_domains"`
	Following   int64 `json:"following"`
	Pass        struct {
		Kind, State          string
		Total, Done, Changed int64
	}
}

// following changes whether companies follow, and carries it out.
func (w *world) following(t *testing.T, body string) (st followingState) {
	t.Helper()
	w.api(t, "PUT", "/companies/settings", body, http.StatusOK)
	for more := true; more; {
		var err error
		if more, err = w.Companies.Work(t.Context(), 100); err != nil {
			t.Fatal(err)
		}
	}
	w.api(t, "GET", "/companies/settings", "", http.StatusOK).json(t, &st)
	return st
}

// lastEvent gives where the outbox is.
func (w *world) lastEvent(t *testing.T) (last int64) {
	t.Helper()
	if err := w.DB.Read(t.Context(), func(tx *storage.Tx) (err error) {
		last, err = live.Last(tx, w.made.Workspace.ID)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return last
}

// companyEvents gives whose company an event told of, since another.
func (w *world) companyEvents(t *testing.T, from int64) (out []string) {
	t.Helper()
	var events []live.Event
	if err := w.DB.Read(t.Context(), func(tx *storage.Tx) (err error) {
		events, err = live.After(tx, w.made.Workspace.ID, from, 1000)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Type == "contact.updated" && strings.Contains(e.Details["fields"], "company_id") {
			out = append(out, e.ContactID)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestCompaniesFollowFromAddresses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		before := w.someone(t, `"name":"Before","email":"a@early.example"`)
		if got := w.belongsTo(t, before); got != "none by nothing" {
			t.Errorf("switched off, %s", got)
		}
		if st := w.following(t, `{"from_domains":true}`); !st.FromDomains || st.Following != 0 {
			t.Errorf("%+v", st)
		}
		ada := w.someone(t, `"name":"Ada","email":"ada@Acme.example"`)
		bob := w.someone(t, `"name":"Bob","email":"bob@acme.example"`)
		other := w.company(t, `"name":"Other","domains":["other.example"]`)
		for id, want := range map[string]string{ada: "acme.example by domain", bob: "acme.example by domain", before: "none by nothing",
			w.someone(t, `"name":"Public","email":"x@gmail.com"`):                                                                "none by nothing",
			w.someone(t, `"name":"Theirs","email":"x@other.example"`):                                                            "Other by domain",
			w.someone(t, `"name":"Chosen","email":"x@acme.example","company_id":"`+other+`"`):                                    "Other by set",
			w.someone(t, `"name":"Second","emails":[{"address":"p@gmail.com"},{"address":"s@bücher.example"}]`):                  "bücher.example by domain",
			w.someone(t, `"name":"Unproven","emails":[{"address":"p@gmail.com"},{"address":"s@liar.example","verified":false}]`): "none by nothing"} {
			if got := w.belongsTo(t, id); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
		w.api(t, "PATCH", "/contacts/"+bob, `{"email":"bob@other.example",`+contract+`}`, http.StatusOK)
		if got := w.belongsTo(t, bob); got != "Other by domain" {
			t.Errorf("after the change of the address: %s", got)
		}
		w.api(t, "PATCH", "/contacts/"+bob, `{"email":"bob@gmail.com",`+contract+`}`, http.StatusOK)
		if got := w.belongsTo(t, bob); got != "none by nothing" {
			t.Errorf("with an address of everybody's: %s", got)
		}
		w.api(t, "PATCH", "/contacts/"+ada, `{"company_id":"",`+contract+`}`, http.StatusOK)
		w.api(t, "PATCH", "/contacts/"+ada, `{"email":"ada@new.example",`+contract+`}`, http.StatusOK)
		if got := w.belongsTo(t, ada); got != "none by set" {
			t.Errorf("somebody chose none, and %s", got)
		}
	})
}

// A company that came by itself goes with the last whom it was for; one that somebody
// changed stays.
func TestDerivedCompaniesGoWithTheirPeople(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.following(t, `{"from_domains":true}`)
		one, two := w.someone(t, `"email":"one@lonely.example"`), w.someone(t, `"email":"two@kept.example"`)
		w.api(t, "PATCH", "/companies/"+w.companyOf(t, two), `{"name":"Kept"}`, http.StatusOK)
		moves := w.someone(t, `"email":"m@left.example"`)
		w.api(t, "PATCH", "/contacts/"+moves, `{"email":"m@kept.example",`+contract+`}`, http.StatusOK)
		w.api(t, "DELETE", "/contacts/"+one+"?erase=true", "", http.StatusOK)
		w.api(t, "DELETE", "/contacts/"+two+"?erase=true", "", http.StatusOK)
		if got := namesAt(t, w, "GET", "/companies", ""); !slices.Equal(got, []string{"Kept"}) {
			t.Errorf("left: %v", got)
		}
		if left := rowCounts(t, w.DB); left["company_domains"] != 1 {
			t.Errorf("%d domains are left", left["company_domains"])
		}
	})
}

func TestCompaniesFollowForThoseWhoAreThere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var people []string
		for i := range 250 {
			people = append(people, w.someone(t, fmt.Sprintf(`"name":"P%d","email":"p%d@c%d.example"`, i, i, i%7)))
		}
		acme := w.company(t, `"name":"Acme","domains":["c0.example"]`)
		chosen := w.someone(t, `"name":"Chosen","email":"x@c1.example","company_id":"`+acme+`"`)
		restricted := w.someone(t, `"name":"R","email":"r@c1.example"`)
		w.api(t, "PUT", "/contacts/"+restricted+"/restriction", `{"restricted":true,"reason":"asked"}`, http.StatusOK)
		objecting := w.someone(t, `"name":"O","email":"o@c1.example"`)
		w.api(t, "POST", "/contacts/"+objecting+"/objections", `{"purpose":"support"}`, http.StatusCreated)
		mark := w.lastEvent(t)
		st := w.following(t, `{"from_domains":true,"apply":true}`)
		if st.Pass.Kind != "apply" || st.Pass.State != "done" || st.Pass.Done != 253 || st.Pass.Changed != 250 || st.Following != 250 {
			t.Errorf("%+v", st)
		}
		if got := w.companyEvents(t, mark); !slices.Equal(got, slices.Sorted(slices.Values(people))) {
			t.Errorf("%d events", len(got))
		}
		for id, want := range map[string]string{people[0]: "Acme by domain", people[1]: "c1.example by domain", chosen: "Acme by set",
			restricted: "none by nothing", objecting: "none by nothing"} {
			if got := w.belongsTo(t, id); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
		held := people[8]
		w.api(t, "PUT", "/contacts/"+held+"/restriction", `{"restricted":true,"reason":"asked"}`, http.StatusOK)
		st = w.following(t, `{"from_domains":false,"undo":true}`)
		if st.FromDomains || st.Pass.Kind != "undo" || st.Pass.Changed != 249 || st.Following != 1 {
			t.Errorf("undone: %+v", st)
		}
		if got := w.belongsTo(t, chosen); got != "Acme by set" {
			t.Errorf("what somebody chose: %s", got)
		}
		if got := namesAt(t, w, "GET", "/companies", ""); !slices.Equal(got, []string{"c1.example", "Acme"}) {
			t.Errorf("left: %v", got)
		}
		for _, bad := range []string{`{"from_domains":true,"undo":true}`, `{"from_domains":false,"apply":true}`, `{}`, `{"from_domains":"yes"}`} {
			w.api(t, "PUT", "/companies/settings", bad, http.StatusUnprocessableEntity)
		}
	})
}

// Whoever comes first of a new domain makes its company; the others find it.
func TestOneCompanyForADomainWhoeverIsFirst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.following(t, `{"from_domains":true}`)
		for round := range 5 {
			var all sync.WaitGroup
			ids := make([]string, 12)
			for i := range ids {
				all.Go(func() {
					a := w.do(t, call{method: "POST", path: "/api/v1/contacts", header: bearer(w.made.APIKey),
						body: fmt.Sprintf(`{"email":"p%d@race%d.example",%s}`, i, round, contract)})
					var made struct{ ID string }
					a.json(t, &made)
					ids[i] = made.ID
				})
			}
			all.Wait()
			first := w.companyOf(t, ids[0])
			for _, id := range ids {
				if got := w.companyOf(t, id); got == "" || got != first {
					t.Fatalf("round %d: %s and %s", round, first, got)
				}
			}
		}
		if got := namesAt(t, w, "GET", "/companies", ""); len(got) != 5 {
			t.Errorf("%v", got)
		}
	})
}

// People join and leave companies while these are removed: nobody is left in one that
// is gone.
func TestNobodyStaysInACompanyThatIsGone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.following(t, `{"from_domains":true}`)
		var all sync.WaitGroup
		all.Go(func() {
			for range 10 {
				var page struct{ Data []struct{ ID string } }
				w.do(t, call{method: "GET", path: "/api/v1/companies", header: bearer(w.made.APIKey)}).json(t, &page)
				for _, c := range page.Data {
					if a := w.do(t, call{method: "DELETE", path: "/api/v1/companies/" + c.ID, header: bearer(w.made.APIKey)}); a.status != http.StatusNoContent && a.status != http.StatusNotFound {
						t.Errorf("remove: %d %s", a.status, a.body)
					}
				}
			}
		})
		var ids [4][]string
		for g := range ids {
			all.Go(func() {
				for i := range 15 {
					a := w.do(t, call{method: "POST", path: "/api/v1/contacts", header: bearer(w.made.APIKey), body: fmt.Sprintf(`{"email":"p%d-%d@d%d.example",%s}`, g, i, i%2, contract)})
					if a.status != http.StatusCreated {
						t.Errorf("add: %d %s", a.status, a.body)
						continue
					}
					var made struct{ ID string }
					a.json(t, &made)
					ids[g] = append(ids[g], made.ID)
				}
			})
		}
		all.Wait()
		for _, some := range ids {
			for _, id := range some {
				w.belongsTo(t, id) // fails if the company is not there
			}
		}
	})
}

// Removing a company tells of each of its people, however many.
func TestRemovingACompanyTellsOfItsPeople(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		acme := w.company(t, `"name":"Acme"`)
		var people []string
		for i := range 120 {
			people = append(people, w.someone(t, fmt.Sprintf(`"name":"P%d","company_id":"%s"`, i, acme)))
		}
		mark := w.lastEvent(t)
		w.api(t, "DELETE", "/companies/"+acme, "", http.StatusNoContent)
		slices.Sort(people)
		if got := w.companyEvents(t, mark); !slices.Equal(got, people) {
			t.Errorf("%d events for %d people", len(got), len(people))
		}
		w.api(t, "DELETE", "/companies/"+acme, "", http.StatusNotFound)
		if left := rowCounts(t, w.DB); left["companies"] != 0 {
			t.Errorf("%d companies are left", left["companies"])
		}
	})
}

func TestCompaniesFollowThroughImportAndSignIn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.following(t, `{"from_domains":true}`)
		up := w.upload(t, "email,name\nada@acme.example,Ada\nbob@acme.example,Bob\nkim@gmail.com,Kim\n")
		w.ran(t, up.ID, importBasis)
		ada := w.byEmail(t, "ada@acme.example").ID
		if got := w.belongsTo(t, ada); got != "acme.example by domain" {
			t.Errorf("imported: %s", got)
		}
		if w.companyOf(t, ada) != w.companyOf(t, w.byEmail(t, "bob@acme.example").ID) || w.companyOf(t, w.byEmail(t, "kim@gmail.com").ID) != "" {
			t.Error("the import made two companies of one, or one of a public provider")
		}
		again := w.upload(t, "email,name\nada@acme.example,Ada L\nnew@acme.example,New\n")
		if w.ran(t, again.ID, importBasis+`,"on_match":"update"`); len(namesAt(t, w, "GET", "/companies", "")) != 1 {
			t.Error("several companies")
		}
		v := w.visit(t, w.made.Workspace.Key)
		v.call(t, "POST", "/identify", `{"email":"liar@acme.example",`+contract+`}`, http.StatusOK)
		v.write(t, "hello")
		liar := w.byEmail(t, "liar@acme.example").ID
		if liar == "" || w.companyOf(t, liar) != "" {
			t.Error("a claim makes a member")
		}
		secret, err := w.Workspaces.IdentitySecret(t.Context(), w.made.Workspace.ID)
		if err != nil {
			t.Fatal(err)
		}
		token := identityToken(t, secret, jwt.MapClaims{"sub": "u1", "email": "eve@acme.example"})
		a := w.do(t, call{method: "POST", path: "/widget/v1/sessions", body: `{"workspace_key":"` + w.made.Workspace.Key + `","token":"` + token + `"}`})
		if a.status >= 300 {
			t.Fatalf("sign-in: %d %s", a.status, a.body)
		}
		if got := w.belongsTo(t, w.byEmail(t, "eve@acme.example").ID); got != "acme.example by domain" {
			t.Errorf("signed in: %s", got)
		}
	})
}

// Who has no address of an organisation is of the one that a public source names, until
// that is forgotten.
func TestFoundCompaniesAreForgotten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.following(t, `{"from_domains":true}`)
		w.lookUp(t)
		s := speak(t)
		w.preset(t, s, "hunter-combined")
		ada := w.someone(t, `"email":"ada@gmail.com"`)
		w.api(t, "POST", "/contacts/"+ada+"/enrich", "", http.StatusAccepted)
		w.work(t)
		if got := w.belongsTo(t, ada); got != "Engine Works by enrichment" {
			t.Errorf("found: %s", got)
		}
		w.following(t, `{"from_domains":false}`)
		w.api(t, "DELETE", "/contacts/"+ada+"/enrichment", "", http.StatusNoContent)
		w.work(t)
		if got := w.belongsTo(t, ada); got != "none by nothing" {
			t.Errorf("forgotten: %s", got)
		}
		if left := namesAt(t, w, "GET", "/companies", ""); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
	})
}
