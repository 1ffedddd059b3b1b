package app_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestTagsSortPeople(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada, bob := w.someone(t, `"name":"Ada"`), w.someone(t, `"name":"Bob"`)
		tag := func(id, tag string) []string {
			var got struct{ Tags []string }
			w.api(t, "PUT", "/contacts/"+id+"/tags/"+url.PathEscape(tag), "", http.StatusOK).json(t, &got)
			return got.Tags
		}
		tag(ada, "VIP")
		if got := tag(ada, "Größte  Kunden"); !slices.Equal(got, []string{"größte kunden", "vip"}) {
			t.Errorf("tags %q", got)
		}
		tag(ada, "vip")
		tag(bob, "vip")
		tag(bob, "مهم")
		var c struct{ Tags []string }
		w.api(t, "GET", "/contacts/"+bob, "", http.StatusOK).json(t, &c)
		if !slices.Equal(c.Tags, []string{"vip", "مهم"}) {
			t.Errorf("the contact has %q", c.Tags)
		}
		if got := w.in(t, `{"field":"tags.contact","op":"contains","value":"VIP"}`); !slices.Equal(got, []string{"Bob", "Ada"}) {
			t.Errorf("tagged vip: %v", got)
		}
		if got := w.in(t, `{"field":"tags.contact","op":"not_contains","value":"größte kunden"}`); !slices.Equal(got, []string{"Bob"}) {
			t.Errorf("not tagged: %v", got)
		}
		w.api(t, "PUT", "/contacts/"+ada+"/restriction", `{"restricted":true,"reason":"asked"}`, http.StatusOK)
		w.api(t, "PUT", "/contacts/"+ada+"/tags/late", "", http.StatusConflict)
		var page struct {
			Data []struct {
				Tag   string
				Count int
			}
		}
		w.api(t, "GET", "/contact-tags", "", http.StatusOK).json(t, &page)
		if len(page.Data) != 3 || page.Data[0].Count != 0 || page.Data[1].Tag != "vip" || page.Data[1].Count != 1 {
			t.Errorf("tags and counts: %+v", page.Data)
		}
		w.api(t, "DELETE", "/contacts/"+bob+"/tags/vip", "", http.StatusOK)
		w.api(t, "DELETE", "/contacts/"+bob+"/tags/vip", "", http.StatusOK)
		w.api(t, "DELETE", "/contacts/"+bob+"?erase=true", "", http.StatusOK)
		if left := rowCounts(t, w.DB)["contact_tags"]; left != 2 {
			t.Errorf("%d rows of tags are left, want Ada's two", left)
		}
	})
}

func TestTagsRefuseWhatIsNoTag(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.someone(t, `"name":"Ada"`)
		for _, bad := range []string{"ada@example.com", strings.Repeat("x", 51), strings.Repeat("x", 10_000), "a\u0000b", "a\nb", "🙂", "a\u202eb", "---", " ", "a,b", "<b>", "\xff"} {
			a := w.do(t, call{method: "PUT", path: "/api/v1/contacts/" + id + "/tags/" + url.PathEscape(bad), header: bearer(w.made.APIKey)})
			if a.status != http.StatusUnprocessableEntity && a.status != http.StatusBadRequest {
				t.Errorf("%.20q: %d %s", bad, a.status, a.body)
			}
			if len(bad) > 3 && strings.Contains(a.body, bad) {
				t.Errorf("%.20q is repeated", bad)
			}
		}
		for n := range 100 {
			w.api(t, "PUT", "/contacts/"+id+"/tags/t"+strconv.Itoa(n), "", http.StatusOK)
		}
		w.api(t, "PUT", "/contacts/"+id+"/tags/t7", "", http.StatusOK)
		if a := w.api(t, "PUT", "/contacts/"+id+"/tags/more", "", http.StatusConflict); a.code() != "too_many_tags" {
			t.Errorf("code %s", a.code())
		}
	})
}
