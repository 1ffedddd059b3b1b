package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// pairs gives all duplicates that are shown, by name, with the reasons.
func (w *world) pairs(t *testing.T, limit int) (out []string) {
	t.Helper()
	for cursor := ""; ; {
		var page struct {
			Data []struct {
				Contact, Other struct{ Name string }
				Why            []string
			}
			NextCursor *string `json:"next_cursor"`
		}
		w.api(t, "GET", fmt.Sprintf("/contacts/duplicates?limit=%d%s", limit, cursor), "", http.StatusOK).json(t, &page)
		for _, p := range page.Data {
			out = append(out, fmt.Sprintf("%s = %s: %s", p.Contact.Name, p.Other.Name, strings.Join(p.Why, " ")))
		}
		if page.NextCursor == nil {
			slices.Sort(out)
			return out
		}
		cursor = "&cursor=" + *page.NextCursor
	}
}

// Similar names within one company are duplicates, and follow each change of a name or
// of a company.
func TestNamesakesAreFoundWithinACompany(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		acme, other := w.company(t, `"name":"Acme"`), w.company(t, `"name":"Other"`)
		of := func(companyID, name string) string {
			return w.someone(t, `"name":"`+name+`","company_id":"`+companyID+`"`)
		}
		ada, short := of(acme, "Ada Lovelace"), of(acme, "A. Lovelace")
		of(acme, "Andrea Lovelace")
		elsewhere := of(other, "Ada Lovelace")
		w.someone(t, `"name":"Ada Lovelace"`)
		want := []string{"A. Lovelace = Andrea Lovelace: name", "Ada Lovelace = A. Lovelace: name"}
		for _, limit := range []int{1, 50} {
			if got := w.pairs(t, limit); !slices.Equal(got, want) {
				t.Errorf("%d a page: %v", limit, got)
			}
		}
		w.api(t, "PATCH", "/contacts/"+short, `{"name":"Grace Hopper",`+contract+`}`, http.StatusOK)
		if got := w.pairs(t, 50); len(got) != 0 {
			t.Errorf("after the renaming: %v", got)
		}
		w.api(t, "PATCH", "/contacts/"+elsewhere, `{"company_id":"`+acme+`",`+contract+`}`, http.StatusOK)
		if got := w.pairs(t, 50); !slices.Equal(got, []string{"Ada Lovelace = Ada Lovelace: name"}) {
			t.Errorf("after the change of company: %v", got)
		}
		w.api(t, "POST", "/contacts/duplicates/dismiss", `{"contact_id":"`+ada+`","other_id":"`+elsewhere+`"}`, http.StatusNoContent)
		if got := w.pairs(t, 50); len(got) != 0 {
			t.Errorf("told apart: %v", got)
		}
		again := w.someone(t, `"name":"Lovelace, Ada","email":"ada@x.example","company_id":"`+acme+`"`)
		w.api(t, "PATCH", "/contacts/"+ada, `{"email":"ada@x.example",`+contract+`}`, http.StatusOK)
		if got := w.pairs(t, 50); !slices.Contains(got, "Ada Lovelace = Lovelace, Ada: email name") || len(got) != 2 {
			t.Errorf("both reasons: %v", got)
		}
		w.api(t, "PUT", "/contacts/"+again+"/restriction", `{"restricted":true,"reason":"asked"}`, http.StatusOK)
		if got := w.pairs(t, 50); len(got) != 0 {
			t.Errorf("restricted: %v", got)
		}
		w.api(t, "PUT", "/contacts/"+again+"/restriction", `{"restricted":false,"reason":"asked"}`, http.StatusOK)
		w.api(t, "DELETE", "/companies/"+acme, "", http.StatusNoContent)
		if got := w.pairs(t, 50); !slices.Equal(got, []string{"Ada Lovelace = Lovelace, Ada: email"}) {
			t.Errorf("without the company: %v", got)
		}
		for _, id := range []string{ada, again, elsewhere} {
			w.api(t, "DELETE", "/contacts/"+id+"?erase=true", "", http.StatusOK)
		}
		if n := w.count(t, `SELECT COUNT(*) FROM contact_namesakes n WHERE NOT EXISTS (SELECT 1 FROM contacts c WHERE c.id = n.contact_id)`); n != 0 {
			t.Errorf("%d tokens of erased people are left", n)
		}
	})
}

// In a large company many names share a token and are different all the same: each
// page compares a bounded number, and the pages together find every pair.
func TestNamesakesAmongMany(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.following(t, `{"from_domains":true}`)
		var file strings.Builder
		file.WriteString("email,name\n")
		for i := range 80 {
			fmt.Fprintf(&file, "p%d@large.example,Anna M%c%[2]c%[3]c%[3]c\n", i, 'a'+i%9, 'a'+i/9)
		}
		file.WriteString("x@large.example,A. Mzzz\ny@large.example,Anna Mzzz\n")
		w.ran(t, w.upload(t, file.String()).ID, importBasis)
		if got := w.pairs(t, 10); !slices.Equal(got, []string{"A. Mzzz = Anna Mzzz: name"}) {
			t.Errorf("%d: %v", len(got), got[:min(len(got), 5)])
		}
	})
}
