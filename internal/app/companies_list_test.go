package app_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/clock"
)

// inOrder gives the names of all companies in an order, read in pages.
func (w *world) inOrder(t *testing.T, sort string, limit int) (names []string) {
	t.Helper()
	cursor := ""
	for range 100 {
		var page struct {
			Data       []struct{ Name string }
			NextCursor *string `json:"next_cursor"`
		}
		w.api(t, "GET", fmt.Sprintf("/companies?sort=%s&limit=%d&cursor=%s", sort, limit, url.QueryEscape(cursor)), "", http.StatusOK).json(t, &page)
		for _, c := range page.Data {
			names = append(names, c.Name)
		}
		if page.NextCursor == nil {
			return names
		}
		cursor = *page.NextCursor
		if raw, err := base64.RawURLEncoding.DecodeString(cursor); err != nil || strings.Contains(string(raw), "zulu") || strings.Contains(string(raw), "enVsd") {
			t.Errorf("a cursor tells a name: %q (%v)", raw, err)
		}
	}
	t.Fatalf("the order %s has no end: %v", sort, names)
	return nil
}

func TestCompaniesInOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, name := range []string{"Zulu", "écluse", "Delta", "Ábaco", "delta"} {
			w.company(t, `"name":"`+name+`"`)
		}
		few, many := w.company(t, `"name":"Few"`), w.company(t, `"name":"Many"`)
		gone := w.someone(t, `"name":"Gone","company_id":"`+few+`"`)
		for i := range 3 {
			w.someone(t, fmt.Sprintf(`"name":"P%d","company_id":"%s"`, i, many))
		}
		w.someone(t, `"name":"One","company_id":"`+few+`"`)
		w.api(t, "DELETE", "/contacts/"+gone, "", http.StatusNoContent) // who is in the bin does not count
		for sort, want := range map[string][]string{
			"newest": {"Many", "Few", "delta", "Ábaco", "Delta", "écluse", "Zulu"},
			"name":   {"Ábaco", "Delta", "delta", "écluse", "Few", "Many", "Zulu"},
			"people": {"Many", "Few", "delta", "Ábaco", "Delta", "écluse", "Zulu"},
		} {
			for _, limit := range []int{1, 2, 50} {
				if got := w.inOrder(t, sort, limit); !slices.Equal(got, want) {
					t.Errorf("%s, %d on a page: %v, want %v", sort, limit, got, want)
				}
			}
		}
		w.api(t, "GET", "/companies?sort=size", "", http.StatusUnprocessableEntity)
		var page struct {
			NextCursor string `json:"next_cursor"`
		}
		w.api(t, "GET", "/companies?sort=people&limit=1", "", http.StatusOK).json(t, &page)
		w.api(t, "GET", "/companies?sort=name&limit=1&cursor="+url.QueryEscape(page.NextCursor), "", http.StatusBadRequest) // of another order
	})
}

func TestCompaniesByWhenTheirPeopleWereThere(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		early, never, late := w.company(t, `"name":"Early"`), w.company(t, `"name":"Never"`), w.company(t, `"name":"Late"`)
		for _, companyID := range []string{early, late} {
			_, contactID := w.visit(t, w.made.Workspace.Key).write(t, "hello")
			w.api(t, "PATCH", "/contacts/"+contactID, `{"company_id":"`+companyID+`",`+contract+`}`, http.StatusOK)
			clk.Advance(time.Hour)
		}
		w.someone(t, `"name":"Unseen","company_id":"`+never+`"`)
		for _, limit := range []int{1, 50} {
			if got := w.inOrder(t, "last_active", limit); !slices.Equal(got, []string{"Late", "Early", "Never"}) {
				t.Errorf("%d on a page: %v", limit, got)
			}
		}
	})
}

// conversationsOf gives what a company's people talked about, read in pages.
func (w *world) conversationsOf(t *testing.T, companyID string) (ids []string) {
	t.Helper()
	for cursor := ""; ; {
		var page struct {
			Data       []struct{ ID string }
			NextCursor *string `json:"next_cursor"`
		}
		w.api(t, "GET", "/companies/"+companyID+"/conversations?limit=2&cursor="+url.QueryEscape(cursor), "", http.StatusOK).json(t, &page)
		for _, c := range page.Data {
			ids = append(ids, c.ID)
		}
		if page.NextCursor == nil {
			return ids
		}
		cursor = *page.NextCursor
	}
}

// A company shows what its people talked about, those who were merged into one of
// them included, and nobody else.
func TestConversationsOfACompany(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		acme, other := w.company(t, `"name":"Acme"`), w.company(t, `"name":"Other"`)
		join := func(contactID, companyID string) {
			w.api(t, "PATCH", "/contacts/"+contactID, `{"company_id":"`+companyID+`",`+contract+`}`, http.StatusOK)
		}
		talk := func(words string) (conversationID, contactID string) {
			clk.Advance(time.Minute)
			return w.visit(t, w.made.Workspace.Key).write(t, words)
		}
		one, ada := talk("one")
		two, bob := talk("two")
		three, cleo := talk("three")
		_, stranger := talk("four")
		five, binned := talk("five")
		for _, id := range []string{ada, bob, binned} {
			join(id, acme)
		}
		join(stranger, other)
		w.merge(t, ada, cleo, "")
		if got := w.conversationsOf(t, acme); !slices.Equal(got, []string{five, three, two, one}) {
			t.Errorf("conversations %v, want %v", got, []string{five, three, two, one})
		}
		w.api(t, "DELETE", "/contacts/"+binned, "", http.StatusNoContent)
		w.api(t, "PUT", "/contacts/"+bob+"/restriction", `{"restricted":true,"reason":"asked"}`, http.StatusOK)
		if got := w.conversationsOf(t, acme); !slices.Equal(got, []string{three, two, one}) {
			t.Errorf("without the bin: %v", got)
		}
		if a := w.api(t, "GET", "/companies/"+acme+"/conversations", "", http.StatusOK); strings.Contains(a.body, `"two"`) || !strings.Contains(a.body, `"three"`) {
			t.Errorf("a restricted person's words are told, or nobody's: %s", a.body)
		}
		if got := w.accessed(t, ada); !slices.Contains(got, "conversations") {
			t.Errorf("the look is not logged: %v", got)
		}
		var key struct{ Secret string }
		w.api(t, "POST", "/api-keys", `{"name":"inbox","scopes":["inbox:read"]}`, http.StatusCreated).json(t, &key)
		if a := w.do(t, call{method: "GET", path: "/api/v1/companies/" + acme + "/conversations", header: bearer(key.Secret)}); a.status != http.StatusForbidden {
			t.Errorf("without the right to see who belongs to it: %d", a.status)
		}
	})
}
