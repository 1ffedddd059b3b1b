package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/boards"
)

// Pages, lists and the words in memory behind them say at once what became of somebody:
// on the node where it happened, and on one that hears of nothing.
func TestNoWordsStayInMemory(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		deps := v.Boards.Deps
		deps.Outbox = nil
		other := boards.New(deps)
		ctx := boards.Unnamed(t.Context(), v.made.Workspace.ID)
		shown := func(what, word string, want bool) {
			t.Helper()
			posts, _, err := other.Listing(ctx, v.board, boards.Filter{}, boards.ByAge, nil, 50)
			if err != nil {
				t.Fatal(err)
			}
			there := false
			for _, p := range posts {
				there = there || strings.Contains(p.Title+p.Body+p.Author.Name, word)
			}
			if there != want {
				t.Errorf("%s: that %q is shown on another node is %t", what, word, there)
			}
			for _, path := range []string{boardAt + "?sort=new", boardAt + "/feed.atom", boardAt + "/roadmap"} {
				if got := v.page(t, path, http.StatusOK).body; strings.Contains(got, word) != want {
					t.Errorf("%s: that %q is on %s is %t", what, word, path, !want)
				}
			}
			if got := v.api(t, "GET", "/boards/"+v.board+"/posts", "", http.StatusOK).body; strings.Contains(got, word) != want {
				t.Errorf("%s: that %q is in the list by API is %t", what, word, !want)
			}
		}
		ada, eve := v.add(t, `"name":"Ada Quill"`), v.add(t, `"name":"Eve"`)
		p := v.wish(t, v.board, `{"title":"Marigold","body":"and saffron","status":"planned","contact_id":"`+ada+`"}`)
		v.wish(t, v.board, `{"title":"Larkspur","status":"planned","contact_id":"`+eve+`"}`)
		shown("at first", "Marigold", true)
		v.api(t, "PATCH", "/posts/"+p.ID, `{"title":"Cornflower"}`, http.StatusOK)
		shown("changed", "Marigold", false)
		shown("changed", "Cornflower", true)
		v.api(t, "PUT", "/contacts/"+ada+"/restriction", `{"restricted":true,"reason":"they asked"}`, http.StatusOK)
		shown("restricted", "Cornflower", false)
		v.api(t, "PUT", "/contacts/"+ada+"/restriction", `{"restricted":false,"reason":"done"}`, http.StatusOK)
		shown("no longer restricted", "Cornflower", true)
		v.api(t, "DELETE", "/contacts/"+ada+"?erase=true", "", http.StatusOK)
		shown("erased", "Cornflower", false)
		shown("another one's", "Larkspur", true)
	})
}

// The name beside a post follows the person's profile.
func TestNamesInMemoryFollowTheProfile(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.board(t, `{"name":"Ideas","visibility":"public"}`)
		ada := w.add(t, `"name":"Ada"`)
		w.wish(t, id, `{"title":"Marigold","contact_id":"`+ada+`"}`)
		for _, name := range []string{"Ada", "Beatrix"} {
			w.api(t, "PATCH", "/contacts/"+ada, `{"name":"`+name+`",`+basisField+`}`, http.StatusOK)
			if got := w.api(t, "GET", "/boards/"+id+"/posts", "", http.StatusOK).body; !strings.Contains(got, `"name":"`+name+`"`) {
				t.Errorf("the author is not called %s: %s", name, got)
			}
		}
	})
}

// A browser that has a page is told that it is as it was, and only then; a page of
// somebody who signed in is theirs.
func TestPagesAreAskedForAgain(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		tag := v.page(t, boardAt, http.StatusOK).header.Get("ETag")
		again := func(b *reader, want int) string {
			t.Helper()
			b.header.Set("If-None-Match", `"other", `+tag)
			a := b.get(t, boardAt, want)
			b.header.Del("If-None-Match")
			if want == http.StatusNotModified && a.body != "" || a.header.Get("Cache-Control") != "private, no-cache" {
				t.Errorf("%d with %q: %s", want, a.header.Get("Cache-Control"), a.body)
			}
			return a.header.Get("ETag")
		}
		anybody := v.reader()
		again(anybody, http.StatusNotModified)
		v.api(t, "PUT", "/posts/"+v.post+"/votes/"+v.known, "", http.StatusOK)
		tag = again(anybody, http.StatusOK)
		again(anybody, http.StatusNotModified)
		known := v.reader()
		known.open(t, url.Values{"email": {"rosa@example.com"}})
		if mine := again(known, http.StatusOK); mine == tag {
			t.Error("a reader who signed in gets everybody's page")
		}
		again(anybody, http.StatusNotModified)
		v.api(t, "PATCH", "/boards/"+v.board, `{"color":"#7c3aed"}`, http.StatusOK)
		again(anybody, http.StatusOK) // with another stylesheet
		anybody.header.Set("If-None-Match", "*")
		if a := anybody.get(t, boardAt+"/p/999", http.StatusNotFound); a.header.Get("ETag") != "" {
			t.Error("a page that is not there has a tag")
		}
	})
}

// What a board's posts are counted by is counted anew when a post moves, and only then.
func TestFacetsFollowPosts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.board(t, `{"name":"Ideas","visibility":"public"}`)
		ada := w.add(t, `"name":"Ada"`)
		deps := w.Boards.Deps
		deps.Outbox = nil
		other := boards.New(deps)
		ctx := boards.Unnamed(t.Context(), w.made.Workspace.ID)
		holds := func(what string, posts, planned int64, categories string) {
			t.Helper()
			for name, s := range map[string]*boards.Service{"here": w.Boards, "elsewhere": other} {
				f, err := s.Facets(ctx, id)
				if err != nil || f.Posts != posts || f.Status["planned"] != planned || strings.Join(f.Categories, " ") != categories {
					t.Errorf("%s, %s: %+v %v", what, name, f, err)
				}
			}
		}
		holds("empty", 0, 0, "")
		first := w.wish(t, id, `{"title":"One","category":"Data"}`)
		second := w.wish(t, id, `{"title":"Two","contact_id":"`+ada+`"}`)
		holds("made", 2, 0, "Data")
		w.api(t, "PUT", "/posts/"+first.ID+"/votes/"+ada, "", http.StatusOK)
		holds("voted for", 2, 0, "Data")
		w.api(t, "PATCH", "/posts/"+first.ID, `{"status":"planned"}`, http.StatusOK)
		holds("planned", 2, 1, "Data")
		w.api(t, "PATCH", "/posts/"+second.ID, `{"category":"App"}`, http.StatusOK)
		holds("of another category", 2, 1, "App Data")
		w.api(t, "POST", "/posts/"+first.ID+"/merge", `{"post_id":"`+second.ID+`"}`, http.StatusOK)
		holds("merged", 1, 0, "App")
		w.api(t, "POST", "/posts/"+first.ID+"/unmerge", "", http.StatusOK)
		holds("taken apart", 2, 1, "App Data")
		w.api(t, "DELETE", "/contacts/"+ada+"?erase=true", "", http.StatusOK)
		holds("with somebody erased", 1, 1, "Data")
		w.api(t, "DELETE", "/posts/"+first.ID, "", http.StatusNoContent)
		holds("deleted", 0, 0, "")
	})
}
