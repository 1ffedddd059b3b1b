package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const basisField = `"basis":{"purpose":"support","lawful_basis":"contract"}`

type wireContact struct {
	ID, Email, Phone, Name string
	Verified               bool
	Emails, Phones         []struct {
		Address           string
		Verified, Primary bool
		Source            string
	}
	Attributes map[string]any
	Claims     map[string]struct{ Value any }
}

// Whatever is wrong with attributes and addresses is said by field, and nothing is stored.
func TestBadAttributesAndAddressesAreRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for key, kind := range map[string]string{"seats": "number", "renews": "date", "trial": "boolean", "teams": "list", "plan": "string"} {
			w.api(t, "POST", "/attributes", `{"key":"`+key+`","label":"`+key+`","kind":"`+kind+`","personal":false,"purpose":"support"}`, http.StatusCreated)
		}
		var many strings.Builder
		for i := range 10_000 {
			fmt.Fprintf(&many, `"a%d":1,`, i)
		}
		for name, tt := range map[string]struct {
			body, field string
			status      int
		}{
			"a text for a number":      {`{"attributes":{"seats":"7"},` + basisField + `}`, "attributes.seats", 422},
			"a number for a text":      {`{"attributes":{"plan":7},` + basisField + `}`, "attributes.plan", 422},
			"a day that is none":       {`{"attributes":{"renews":"2026-02-30"},` + basisField + `}`, "attributes.renews", 422},
			"a text for a boolean":     {`{"attributes":{"trial":"true"},` + basisField + `}`, "attributes.trial", 422},
			"numbers in a list":        {`{"attributes":{"teams":[1]},` + basisField + `}`, "attributes.teams", 422},
			"an object":                {`{"attributes":{"free":{"a":1}},` + basisField + `}`, "attributes.free", 422},
			"__proto__":                {`{"attributes":{"__proto__":"x"},` + basisField + `}`, "attributes", 422},
			"a name in another script": {`{"attributes":{"тариф":"x"},` + basisField + `}`, "attributes", 422},
			"10,000":                   {`{"attributes":{` + many.String() + `"z":1},` + basisField + `}`, "attributes", 422},
			"a malformed address":      {`{"emails":[{"address":"ada@example.org"},{"address":"ada@"}],` + basisField + `}`, "emails[1]", 422},
			"the same address twice":   {`{"emails":[{"address":"ada@example.org"},{"address":"ADA@example.org"}],` + basisField + `}`, "emails[1]", 422},
			"the same number twice":    {`{"phones":[{"address":"+49 30 123456"},{"address":"+4930123456"}],` + basisField + `}`, "phones[1]", 422},
			"two primary ones":         {`{"emails":[{"address":"a@example.org","primary":true},{"address":"b@example.org","primary":true}],` + basisField + `}`, "emails", 422},
			"email not among emails":   {`{"email":"c@example.org","emails":[{"address":"a@example.org"}],` + basisField + `}`, "email", 422},
			"5 MB":                     {`{"name":"` + strings.Repeat("x", 5<<20) + `",` + basisField + `}`, "", 413},
		} {
			a := w.do(t, call{method: "POST", path: "/api/v1/contacts", body: tt.body, header: bearer(w.made.APIKey)})
			if a.status != tt.status || tt.field != "" && !strings.Contains(a.body, `"`+tt.field+`"`) {
				t.Errorf("%s: %d %.300s", name, a.status, a.body)
			}
		}
		if n := rowCounts(t, w.DB)["contacts"]; n != 0 {
			t.Errorf("%d contacts came of it", n)
		}
		w.api(t, "PATCH", "/workspace", `{"settings":{"undeclared_attributes":"refuse"}}`, http.StatusOK)
		a := w.api(t, "POST", "/contacts", `{"attributes":{"free":"x"},`+basisField+`}`, http.StatusUnprocessableEntity)
		if !strings.Contains(a.body, "attributes.free") {
			t.Error(a.body)
		}
		w.api(t, "POST", "/contacts", `{"name":"عائشة 🦊","attributes":{"plan":"مجاني"},`+basisField+`}`, http.StatusCreated)
	})
}

func TestPeopleHaveSeveralAddresses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var c wireContact
		w.api(t, "POST", "/contacts", `{"name":"Ada","emails":[{"address":"work@example.org"},{"address":"home@example.org","primary":true},{"address":"old@example.org","verified":false}],
			"phones":[{"address":"+49 30 123456"}],`+basisField+`}`, http.StatusCreated).json(t, &c)
		if c.Email != "home@example.org" || c.Phone != "+49 30 123456" || len(c.Emails) != 3 || !c.Emails[0].Primary || c.Emails[0].Source != "api" || c.Emails[2].Verified {
			t.Errorf("%+v", c)
		}
		for _, one := range []string{"work@example.org", "HOME@example.org", "old@example.org"} {
			if a := w.api(t, "POST", "/contacts/search", `{"email":"`+one+`"}`, http.StatusOK); !strings.Contains(a.body, c.ID) {
				t.Errorf("not found by %s", one)
			}
		}
		w.api(t, "PATCH", "/contacts/"+c.ID, `{"email":"work@example.org",`+basisField+`}`, http.StatusOK).json(t, &c)
		if c.Email != "work@example.org" || len(c.Emails) != 3 {
			t.Errorf("another primary: %+v", c.Emails)
		}
		w.api(t, "PATCH", "/contacts/"+c.ID, `{"email":"new@example.org",`+basisField+`}`, http.StatusOK).json(t, &c)
		if c.Email != "new@example.org" || len(c.Emails) != 3 {
			t.Errorf("in the place of the primary: %+v", c.Emails)
		}
		w.api(t, "PATCH", "/contacts/"+c.ID, `{"emails":[],`+basisField+`}`, http.StatusOK).json(t, &c)
		if c.Email != "" || len(c.Emails) != 0 {
			t.Errorf("none: %+v", c.Emails)
		}
		if a := w.api(t, "POST", "/contacts/search", `{"email":"work@example.org"}`, http.StatusOK); strings.Contains(a.body, c.ID) {
			t.Error("found by an address that was taken away")
		}
		if a := w.api(t, "GET", "/contacts/"+c.ID+"/changes", "", http.StatusOK); !strings.Contains(a.body, "home@example.org") {
			t.Errorf("history: %s", a.body)
		}
	})
}

// What a visitor says stays beside the facts, whatever happens to the contact.
func TestAVisitorsWordsStayClaims(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.api(t, "POST", "/attributes", `{"key":"seats","label":"Seats","kind":"number","personal":false,"purpose":"support"}`, http.StatusCreated)
		v := w.visit(t, w.made.Workspace.Key)
		_, contactID := v.write(t, "hello")
		v.call(t, "POST", "/identify", `{"attributes":{"seats":"many"},`+basisField+`}`, http.StatusUnprocessableEntity)
		v.call(t, "POST", "/identify", `{"email":"said@example.org","attributes":{"seats":900,"plan":"gold"},`+basisField+`}`, http.StatusOK)
		v.call(t, "POST", "/identify", `{"emails":[{"address":"x@example.org"}],`+basisField+`}`, http.StatusUnprocessableEntity)
		read := func() (c wireContact) {
			w.api(t, "GET", "/contacts/"+contactID, "", http.StatusOK).json(t, &c)
			return c
		}
		c := read()
		if c.Email != "said@example.org" || c.Emails[0].Verified || len(c.Attributes) != 0 || c.Claims["attributes.seats"].Value != 900.0 {
			t.Errorf("said: %+v", c)
		}
		w.api(t, "PATCH", "/contacts/"+contactID, `{"email":"known@example.org","attributes":{"seats":3},`+basisField+`}`, http.StatusOK)
		v.call(t, "POST", "/identify", `{"email":"again@example.org","attributes":{"seats":901},`+basisField+`}`, http.StatusOK)
		c = read()
		if c.Email != "known@example.org" || c.Attributes["seats"] != 3.0 || c.Claims["email"].Value != "again@example.org" || c.Claims["attributes.seats"].Value != 901.0 {
			t.Errorf("over a fact: %+v", c)
		}
		w.signInVisitor(t, v, "u-1")
		if c = read(); !c.Verified || c.Claims["attributes.seats"].Value != 901.0 || c.Attributes["seats"] != 3.0 {
			t.Errorf("signed in: %+v", c)
		}
		w.api(t, "PATCH", "/contacts/"+contactID, `{"dismiss_claims":["email"],"attributes":{"seats":901},`+basisField+`}`, http.StatusOK)
		c = read()
		keys := []string{}
		for k := range c.Claims {
			keys = append(keys, k)
		}
		if diff := cmp.Diff([]string{"attributes.plan"}, keys); diff != "" || c.Attributes["seats"] != 901.0 {
			t.Errorf("settled: %s %+v", diff, c)
		}
	})
}
