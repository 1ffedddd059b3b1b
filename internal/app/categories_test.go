package app_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

type categories struct {
	Categories []struct{ Key, Name, Color string }
}

// A board that declares its categories holds its posts to them, and takes them along
// when one is renamed, also where two swap their names.
func TestCategoriesAreDeclared(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.board(t, `{"name":"Ideas","color":"#123456"}`)
		w.wish(t, id, `{"title":"Free","category":"Anything"}`)
		var b categories
		w.api(t, "PATCH", "/boards/"+id, `{"categories":[{"name":"Shop","color":"#AA0000"},{"name":"Work shop"}]}`, http.StatusOK).json(t, &b)
		if len(b.Categories) != 2 || b.Categories[0].Key != "shop" || b.Categories[0].Color != "#aa0000" || b.Categories[1].Key != "work_shop" || b.Categories[1].Color != "#123456" {
			t.Fatalf("declared: %+v", b)
		}
		p := w.wish(t, id, `{"title":"A bell","category":"sHOP"}`)
		q := w.wish(t, id, `{"title":"A lamp","category":"Work shop"}`)
		for _, bad := range []string{`{"title":"x","category":"Moon"}`, `{"title":"x","category":"Anything"}`} {
			if a := w.api(t, "POST", "/boards/"+id+"/posts", bad, http.StatusUnprocessableEntity); !strings.Contains(a.body, "must be one of the board's, or empty: Shop, Work shop") {
				t.Errorf("%s: %s", bad, a.body)
			}
		}
		w.api(t, "PATCH", "/posts/"+p.ID, `{"category":"Moon"}`, http.StatusUnprocessableEntity)
		before := w.api(t, "GET", "/posts/"+p.ID, "", http.StatusOK).header.Get("ETag")

		w.api(t, "PATCH", "/boards/"+id, `{"categories":[{"key":"work_shop","name":"Shop"},{"key":"shop","name":"Work shop"},{"name":"Online"}]}`, http.StatusOK).json(t, &b)
		for postID, want := range map[string]string{p.ID: `"category":"Work shop"`, q.ID: `"category":"Shop"`} {
			if a := w.api(t, "GET", "/posts/"+postID, "", http.StatusOK); !strings.Contains(a.body, want) || a.header.Get("ETag") == before {
				t.Errorf("after the names were swapped: %s", a.body)
			}
		}
		if got := w.titles(t, id, "category=Shop"); !slices.Equal(got, []string{"A lamp"}) {
			t.Errorf("in Shop are %v", got)
		}
		if a := w.api(t, "PATCH", "/boards/"+id, `{"categories":[{"key":"shop","name":"Work shop"}]}`, http.StatusConflict); a.code() != "category_in_use" {
			t.Errorf("one in use goes: %s", a.body)
		}
		w.api(t, "PATCH", "/boards/"+id, `{"categories":[{"key":"work_shop","name":"Shop"},{"key":"shop","name":"Work shop"}]}`, http.StatusOK)
		w.api(t, "PATCH", "/boards/"+id, `{"categories":[]}`, http.StatusOK).json(t, &b)
		if len(b.Categories) != 0 {
			t.Errorf("none is left: %+v", b)
		}
		w.wish(t, id, `{"title":"x","category":"Moon"}`)
	})
}

func TestCategoriesRefuseNonsense(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.board(t, `{"name":"Ideas","categories":[{"name":"音"},{"name":"声"}]}`)
		var b categories
		w.api(t, "GET", "/boards/"+id, "", http.StatusOK).json(t, &b)
		if len(b.Categories) != 2 || b.Categories[0].Key != "c" || b.Categories[1].Key != "c2" {
			t.Errorf("names without Latin letters: %+v", b)
		}
		many := `{"name":"x"}` + strings.Repeat(`,{"name":"x"}`, 50)
		for _, bad := range []string{`[{"name":""}]`, `[{"name":"a"},{"name":"A"}]`, `[{"name":"a","color":"red"}]`, `[{"key":"A b","name":"a"}]`,
			`[{"key":"a","name":"a"},{"key":"a","name":"b"}]`, `[{"name":"a\u0007"}]`, `[{"name":"` + strings.Repeat("x", 61) + `"}]`, `[` + many + `]`} {
			w.api(t, "PATCH", "/boards/"+id, `{"categories":`+bad+`}`, http.StatusUnprocessableEntity)
		}
	})
}

// The public form offers them, the list narrows by them, and what is none is refused.
func TestPagesOfferCategories(t *testing.T) {
	voices(t, `{"name":"Ideas","slug":"ideas","visibility":"public","categories":[{"name":"Shop <b>"},{"name":"Roads"}]}`, func(t *testing.T, v *voicesWorld) {
		b := v.reader()
		b.open(t, url.Values{"email": {"bea@example.org"}})
		form := b.get(t, boardAt+"/new", http.StatusOK).body
		if !strings.Contains(form, `<option value="Roads">`) || !strings.Contains(form, `Shop &lt;b&gt;`) {
			t.Errorf("the form offers no categories: %s", form)
		}
		again := b.press(t, boardAt+"/new", http.StatusUnprocessableEntity, "title", "x", "category", "Moon")
		if !strings.Contains(again.body, "category-wrong") {
			t.Error("what is wrong is not said at the field")
		}
		b.press(t, boardAt+"/new", http.StatusSeeOther, "title", "Wider lanes", "category", "Roads")
		list := b.get(t, boardAt+"?category=Roads", http.StatusOK).body
		if !strings.Contains(list, "Wider lanes") || strings.Contains(list, "A bench") || !strings.Contains(list, `class="filter c-roads"`) {
			t.Error("the list is not narrowed to a category")
		}
	})
}
