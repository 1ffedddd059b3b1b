package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/clock"
)

// Tags, owner and category tell posts apart, and the list by status goes through the
// statuses in their order, page by page.
func TestPostsAreSorted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.board(t, `{"name":"Ideas"}`)
		for i, fields := range []string{`"status":"done"`, `"status":"planned","tags":["Mobile","mobile"," big  one "]`, `"category":"App"`, `"status":"planned","tags":["web"]`, `"status":"open"`} {
			w.wish(t, id, fmt.Sprintf(`{"title":"P%d",%s}`, i, fields))
		}
		for query, want := range map[string][]string{
			"sort=status":                {"P4", "P2", "P3", "P1", "P0"},
			"sort=status&status=planned": {"P3", "P1"},
			"sort=new&tag=mobile":        {"P1"},
			"sort=status&tag=big%20one":  {"P1"},
			"sort=top&category=App":      {"P2"},
			"sort=new&tag=none":          nil,
			"sort=new&owner_id=opr_1":    nil,
		} {
			if diff := cmp.Diff(want, w.titles(t, id, query)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", query, diff)
			}
		}
		var tags struct {
			Data []struct {
				Tag   string
				Posts int
			}
		}
		w.api(t, "GET", "/boards/"+id+"/tags", "", http.StatusOK).json(t, &tags)
		if fmt.Sprint(tags.Data) != "[{big one 1} {mobile 1} {web 1}]" {
			t.Errorf("the board's tags are %v", tags.Data)
		}
		for _, bad := range []string{`{"title":"x","tags":["a@example.org"]}`, `{"title":"x","tags":[""]}`, `{"title":"x","tags":["a,b"]}`} {
			w.api(t, "POST", "/boards/"+id+"/posts", bad, http.StatusUnprocessableEntity)
		}
	})
}

type column struct {
	Status struct{ Key string }
	Posts  int
	Data   []wish
}

func (w *world) column(t *testing.T, boardID, status string, limit int) (titles string, posts int) {
	t.Helper()
	var got struct{ Columns []column }
	w.api(t, "GET", fmt.Sprintf("/boards/%s/roadmap?limit=%d", boardID, limit), "", http.StatusOK).json(t, &got)
	for _, c := range got.Columns {
		if c.Status.Key == status {
			for _, p := range c.Data {
				titles += p.Title
			}
			return titles, c.Posts
		}
	}
	t.Fatalf("no column %s in %+v", status, got)
	return "", 0
}

// Posts are put where operators drag them, however often that was between the same two.
func TestRoadmapKeepsItsOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.board(t, `{"name":"Ideas"}`)
		posts := map[string]string{}
		for _, title := range strings.Split("abcde", "") {
			posts[title] = w.wish(t, id, `{"title":"`+title+`","status":"planned"}`).ID
		}
		drag := func(title, after string) {
			t.Helper()
			w.api(t, "PATCH", "/posts/"+posts[title], `{"after_id":"`+posts[after]+`"}`, http.StatusOK)
		}
		expect := func(want string) {
			t.Helper()
			if got, n := w.column(t, id, "planned", 20); got != want || n != len(want) {
				t.Errorf("the column is %s of %d, want %s", got, n, want)
			}
		}
		expect("edcba")
		drag("a", "")
		expect("aedcb")
		drag("a", "d")
		expect("edacb")
		drag("e", "b")
		expect("dacbe")
		for i := range 120 { // more often than numbers can be halved
			drag([]string{"b", "e"}[i%2], "d")
		}
		expect("debac")
		if got, n := w.column(t, id, "planned", 2); got != "de" || n != 5 {
			t.Errorf("the first two are %s of %d", got, n)
		}
		w.api(t, "PATCH", "/posts/"+posts["a"], `{"status":"done"}`, http.StatusOK)
		w.api(t, "PATCH", "/posts/"+posts["b"], `{"status":"done"}`, http.StatusOK)
		if got, _ := w.column(t, id, "done", 20); got != "ba" {
			t.Errorf("done is %s, the latest on top", got)
		}
		w.api(t, "PATCH", "/posts/"+posts["c"], `{"status":"done","after_id":"`+posts["b"]+`"}`, http.StatusOK)
		if got, _ := w.column(t, id, "done", 20); got != "bca" {
			t.Errorf("done is %s", got)
		}
		for name, after := range map[string]string{"itself": posts["d"], "of another status": posts["a"], "unknown": "pst_nobody"} {
			if a := w.api(t, "PATCH", "/posts/"+posts["d"], `{"after_id":"`+after+`"}`, http.StatusUnprocessableEntity); a.code() != "invalid" {
				t.Errorf("after %s: %s", name, a.body)
			}
		}
		w.api(t, "POST", "/posts/"+posts["e"]+"/merge", `{"post_id":"`+posts["d"]+`"}`, http.StatusOK)
		expect("d")
	})
}

type edit struct {
	Author struct{ Type, ID, Name string }
	Fields map[string]struct{ Was, Now string }
	Words  *struct{ Title, Body string }
}

func (w *world) history(t *testing.T, postID string) []edit {
	t.Helper()
	var got struct{ Data []edit }
	w.api(t, "GET", "/posts/"+postID+"/history", "", http.StatusOK).json(t, &got)
	return got.Data
}

// What was changed of a post is kept, with who did it; former words are the author's and
// go with them.
func TestHistory(t *testing.T) {
	for _, rule := range []string{"anonymise", "remove"} {
		t.Run(rule, func(t *testing.T) { testHistory(t, rule) })
	}
}

func testHistory(t *testing.T, rule string) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		id := w.board(t, `{"name":"Ideas","on_erasure":"`+rule+`"}`)
		ada := w.add(t, `"email":"ada@example.org","name":"Ada"`)
		p := w.wish(t, id, `{"title":"Dork mode","body":"My phone number is secret","contact_id":"`+ada+`"}`)
		clk.Advance(time.Minute)
		w.api(t, "PATCH", "/posts/"+p.ID, `{"title":"Dark mode","tags":["ui"]}`, http.StatusOK)
		clk.Advance(time.Minute)
		w.api(t, "PATCH", "/posts/"+p.ID, `{"status":"planned","owner_id":"`+w.made.OperatorID+`"}`, http.StatusOK)
		w.api(t, "PATCH", "/posts/"+p.ID, `{"status":"planned"}`, http.StatusOK)
		got := w.history(t, p.ID)
		if len(got) != 2 || got[0].Fields["status"].Was != "open" || got[0].Fields["owner_id"].Now != w.made.OperatorID || got[0].Words != nil {
			t.Fatalf("the history is %+v", got)
		}
		if got[1].Words == nil || got[1].Words.Title != "Dork mode" || got[1].Fields["tags"].Now != "ui" || got[1].Author.Type != "api_key" {
			t.Errorf("the first change is %+v", got[1])
		}
		w.api(t, "PUT", "/contacts/"+ada+"/restriction", `{"restricted":true,"reason":"contested"}`, http.StatusOK)
		if got := w.history(t, p.ID); got[1].Words != nil {
			t.Errorf("the former words of somebody restricted are shown: %+v", got[1])
		}
		w.api(t, "PUT", "/contacts/"+ada+"/restriction", `{"restricted":false,"reason":"settled"}`, http.StatusOK)
		w.api(t, "DELETE", "/contacts/"+ada+"?erase=true", "", http.StatusOK)
		if rule == "remove" {
			w.api(t, "GET", "/posts/"+p.ID+"/history", "", http.StatusNotFound)
			return
		}
		if got := w.history(t, p.ID); len(got) != 2 || got[1].Words != nil || got[0].Fields["status"].Now != "planned" {
			t.Errorf("after erasure the history is %+v", got)
		}
	})
}

// Of several posts, those that may be are changed, and each has its answer.
func TestBulkChangesOfPosts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id, other := w.board(t, `{"name":"Ideas"}`), w.board(t, `{"name":"Other"}`)
		a, b, elsewhere := w.wish(t, id, `{"title":"A","tags":["x","y"]}`), w.wish(t, id, `{"title":"B"}`), w.wish(t, other, `{"title":"C"}`)
		var got struct {
			Results []struct {
				ID, Code, Detail string
				Done             bool
			}
		}
		body := fmt.Sprintf(`{"post_ids":[%q,%q,%q,"pst_nobody",%q],"status":"planned","add_tags":["Z"],"remove_tags":["x"]}`, a.ID, b.ID, elsewhere.ID, a.ID)
		w.api(t, "POST", "/boards/"+id+"/posts/bulk", body, http.StatusOK).json(t, &got)
		if len(got.Results) != 4 || !got.Results[0].Done || !got.Results[1].Done || got.Results[2].Code != "not_found" || got.Results[3].Code != "not_found" {
			t.Errorf("%+v", got.Results)
		}
		var p struct {
			Status string
			Tags   []string
		}
		w.api(t, "GET", "/posts/"+a.ID, "", http.StatusOK).json(t, &p)
		if p.Status != "planned" || !slices.Equal(p.Tags, []string{"y", "z"}) {
			t.Errorf("the post is %+v", p)
		}
		w.api(t, "POST", "/boards/"+id+"/posts/bulk", `{"post_ids":["`+a.ID+`"],"status":"nowhere"}`, http.StatusOK).json(t, &got)
		if got.Results[0].Code != "invalid" || !strings.Contains(got.Results[0].Detail, "status must be one of") {
			t.Errorf("a status that is none: %+v", got.Results)
		}
		w.api(t, "POST", "/boards/"+id+"/posts/bulk", `{"post_ids":[]}`, http.StatusUnprocessableEntity)
		w.api(t, "POST", "/boards/brd_nobody/posts/bulk", `{"post_ids":["`+a.ID+`"]}`, http.StatusNotFound)
	})
}
