package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/privacy"
)

type wish struct {
	ID, Title, Body, Slug, Status, State string
	Number, Votes, Comments              int64
	Author                               struct{ Type, ID, Name string }
	Restricted                           bool
	MergedInto                           *string `json:"merged_into"`
}

// board adds one.
func (w *world) board(t *testing.T, fields string) (id string) {
	t.Helper()
	var b struct{ ID string }
	w.api(t, "POST", "/boards", fields, http.StatusCreated).json(t, &b)
	return b.ID
}

func (w *world) wish(t *testing.T, boardID, fields string) (p wish) {
	t.Helper()
	w.api(t, "POST", "/boards/"+boardID+"/posts", fields, http.StatusCreated).json(t, &p)
	return p
}

// titles gives the titles of a list of posts, page by page.
func (w *world) titles(t *testing.T, boardID, query string) (out []string) {
	t.Helper()
	cursor := ""
	for {
		var page struct {
			Data       []wish
			NextCursor *string `json:"next_cursor"`
		}
		w.api(t, "GET", "/boards/"+boardID+"/posts?limit=2&"+query+"&cursor="+cursor, "", http.StatusOK).json(t, &page)
		for _, p := range page.Data {
			out = append(out, p.Title)
		}
		if page.NextCursor == nil {
			return out
		}
		cursor = *page.NextCursor
	}
}

// boardIDs gives a board, a post and a comment.
func boardIDs(t *testing.T, w *world) (board, post, comment string) {
	t.Helper()
	board = w.board(t, `{"name":"Ideas"}`)
	post = w.wish(t, board, `{"title":"Dark mode"}`).ID
	var c struct{ ID string }
	w.api(t, "POST", "/posts/"+post+"/comments", `{"body":"Soon."}`, http.StatusCreated).json(t, &c)
	return board, post, c.ID
}

func TestBoards(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.board(t, `{"name":"Ideas & wishes"}`)
		var b struct {
			Slug, Visibility string
			OnErasure        string `json:"on_erasure"`
			Statuses         []struct{ Key, Kind string }
		}
		a := w.api(t, "GET", "/boards/"+id, "", http.StatusOK)
		a.json(t, &b)
		if b.Slug != "ideas-wishes" || b.Visibility != "private" || b.OnErasure != "remove" || len(b.Statuses) != 5 {
			t.Errorf("a new board is %+v; nothing may be public by mistake", b)
		}
		if a := w.api(t, "POST", "/boards", `{"name":"x","slug":"ideas-wishes"}`, http.StatusConflict); a.code() != "slug_taken" {
			t.Errorf("a second board of that slug: %s", a.body)
		}
		for name, body := range map[string]string{
			"no name": `{"name":" "}`, "a slug with spaces": `{"name":"x","slug":"a b"}`, "a colour that is none": `{"name":"x","color":"red"}`,
			"no open status": `{"name":"x","statuses":[{"key":"done","name":"Done","color":"#112233","kind":"done"}]}`,
			"two of a key":   `{"name":"x","statuses":[{"key":"a","name":"A","color":"#112233","kind":"open"},{"key":"a","name":"B","color":"#112233","kind":"done"}]}`,
			"too long":       `{"name":"` + strings.Repeat("x", 101) + `"}`, "unknown": `{"name":"x","colour":"#112233"}`,
			"a name without latin letters, which gives no slug": `{"name":"الأفكار"}`,
		} {
			if a := w.api(t, "POST", "/boards", body, http.StatusUnprocessableEntity); a.code() != "invalid" {
				t.Errorf("%s: %s", name, a.body)
			}
		}
		w.wish(t, id, `{"title":"One","status":"planned"}`)
		if a := w.api(t, "PATCH", "/boards/"+id, `{"statuses":[{"key":"open","name":"Open","color":"#112233","kind":"open"}]}`, http.StatusConflict); a.code() != "status_in_use" {
			t.Errorf("a status that posts are at went: %s", a.body)
		}
		stale := call{method: "PATCH", path: "/api/v1/boards/" + id, body: `{"name":"Other"}`, header: bearer(w.made.APIKey)}
		stale.header.Set("If-Match", a.header.Get("ETag"))
		if a := w.do(t, stale); a.status != http.StatusOK {
			t.Errorf("changing it as it was read: %d %s", a.status, a.body)
		}
		if a := w.do(t, stale); a.status != http.StatusPreconditionFailed {
			t.Errorf("changing it again with the old version: %d", a.status)
		}
		w.api(t, "PATCH", "/boards/"+id, `{"archived":true}`, http.StatusOK)
		if a := w.api(t, "POST", "/boards/"+id+"/posts", `{"title":"Two"}`, http.StatusConflict); a.code() != "board_archived" {
			t.Errorf("posting to an archived board: %s", a.body)
		}
	})
}

func TestPostsAreListedInTheirOrders(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		id := w.board(t, `{"name":"Ideas"}`)
		posts := map[string]string{}
		for _, title := range []string{"old and loved", "old", "new", "newest"} {
			if title == "new" {
				clk.Advance(8 * 7 * 24 * time.Hour)
			}
			clk.Advance(time.Hour)
			p := w.wish(t, id, `{"title":"`+title+`","status":"`+map[bool]string{true: "planned", false: "open"}[title == "old"]+`"}`)
			posts[title] = p.ID
			if want := int64(len(posts)); p.Number != want {
				t.Errorf("%s is number %d, want %d", title, p.Number, want)
			}
			if title == "old and loved" {
				for i := range 3 {
					w.api(t, "PUT", "/posts/"+p.ID+"/votes/"+w.add(t, fmt.Sprintf(`"name":"Voter %d"`, i)), "", http.StatusOK)
				}
			}
		}
		w.api(t, "PUT", "/posts/"+posts["new"]+"/votes/"+w.add(t, `"name":"Ada"`), `{"importance":"essential"}`, http.StatusOK)
		for query, want := range map[string][]string{
			"sort=new":                {"newest", "new", "old", "old and loved"},
			"sort=top":                {"old and loved", "new", "newest", "old"},
			"sort=trending":           {"new", "newest", "old and loved", "old"},
			"sort=new&status=planned": {"old"},
			"q=old":                   {"old and loved", "old"}, // as alike as each other: the more wanted first
			"q=old&status=open":       {"old and loved"},
			"q=loved%20old":           {"old and loved"},
		} {
			if diff := cmp.Diff(want, w.titles(t, id, query)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", query, diff)
			}
		}
		w.api(t, "GET", "/boards/"+id+"/posts?sort=top&cursor=nonsense", "", http.StatusBadRequest)
		w.api(t, "GET", "/boards/"+id+"/posts?sort=best", "", http.StatusUnprocessableEntity)
		w.api(t, "GET", "/boards/"+id+"/posts?q=%2E%2E", "", http.StatusUnprocessableEntity)
	})
}

// One person has one vote, however often and as whom they vote, and the count says
// exactly how many people did.
func TestBoardsAreCounted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.board(t, `{"name":"Ideas"}`)
		ada := w.add(t, `"name":"Ada"`)
		first := w.wish(t, id, `{"title":"Dark mode","status":"planned"}`)
		w.api(t, "PUT", "/posts/"+first.ID+"/votes/"+ada, "", http.StatusOK)
		waits := w.wish(t, id, `{"title":"Waits"}`)
		w.api(t, "PATCH", "/posts/"+waits.ID, `{"state":"pending"}`, http.StatusOK)
		merged := w.wish(t, id, `{"title":"Night mode","status":"done"}`)
		w.api(t, "POST", "/posts/"+merged.ID+"/merge", `{"post_id":"`+first.ID+`"}`, http.StatusOK)
		var got struct {
			Posts, Pending, Votes int
			Statuses              []struct {
				Status       string
				Posts, Votes int
			}
		}
		w.api(t, "GET", "/boards/"+id+"/counts", "", http.StatusOK).json(t, &got)
		if got.Posts != 1 || got.Pending != 1 || got.Votes != 1 || len(got.Statuses) != 5 {
			t.Fatalf("got %+v", got)
		}
		for _, st := range got.Statuses {
			if want := st.Status == "planned"; (st.Posts == 1) != want || (st.Votes == 1) != want {
				t.Errorf("got %+v", st)
			}
		}
	})
}

func TestVotes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.board(t, `{"name":"Ideas"}`)
		p := w.wish(t, id, `{"title":"Dark mode"}`)
		voters := make([]string, 8)
		for i := range voters {
			voters[i] = w.add(t, fmt.Sprintf(`"name":"Voter %d"`, i))
		}
		var wait sync.WaitGroup
		for i := range 32 {
			wait.Go(func() {
				a := w.do(t, call{method: "PUT", path: "/api/v1/posts/" + p.ID + "/votes/" + voters[i%8], header: bearer(w.made.APIKey)})
				if a.status != http.StatusOK {
					t.Errorf("voting: %d %s", a.status, a.body)
				}
			})
		}
		wait.Wait()
		count := func() (n int64) {
			var got wish
			w.api(t, "GET", "/posts/"+p.ID, "", http.StatusOK).json(t, &got)
			return got.Votes
		}
		if n := count(); n != 8 {
			t.Errorf("%d votes of 8 people", n)
		}
		w.api(t, "DELETE", "/posts/"+p.ID+"/votes/"+voters[0], "", http.StatusNoContent)
		w.api(t, "DELETE", "/posts/"+p.ID+"/votes/"+voters[0], "", http.StatusNoContent)
		if n := count(); n != 7 {
			t.Errorf("%d votes after one was taken back twice", n)
		}
		w.merge(t, voters[1], voters[0], "")
		w.api(t, "PUT", "/posts/"+p.ID+"/votes/"+voters[0], "", http.StatusOK)
		if n := count(); n != 7 {
			t.Errorf("%d votes after somebody voted as the contact who was merged into them", n)
		}
		var list struct {
			Data []struct {
				ContactID string `json:"contact_id"`
				Name      string
				OnBehalf  *struct{ Type string } `json:"on_behalf"`
			}
		}
		w.api(t, "GET", "/posts/"+p.ID+"/votes", "", http.StatusOK).json(t, &list)
		if len(list.Data) != 7 || list.Data[0].Name == "" || list.Data[0].OnBehalf == nil || list.Data[0].OnBehalf.Type != "api_key" {
			t.Errorf("voters: %+v", list.Data)
		}
		w.api(t, "PUT", "/posts/"+p.ID+"/votes/con_01jdb2k8q5e6r7s8t9v0w1x2y3", "", http.StatusNotFound)
		w.api(t, "PUT", "/posts/"+p.ID+"/votes/"+voters[2], `{"importance":"enormous"}`, http.StatusUnprocessableEntity)
		w.api(t, "PUT", "/contacts/"+voters[0]+"/restriction", `{"restricted":true,"reason":"they asked"}`, http.StatusOK)
		if a := w.api(t, "DELETE", "/posts/"+p.ID+"/votes/"+voters[1], "", http.StatusConflict); a.code() != "processing_restricted" {
			t.Errorf("a restricted person's vote was taken back for them: %s", a.body)
		}
	})
}

func TestPostsMergeAndComeApart(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.board(t, `{"name":"Ideas"}`)
		night, dark := w.wish(t, id, `{"title":"Night colours"}`), w.wish(t, id, `{"title":"Dark mode"}`)
		other := w.wish(t, w.board(t, `{"name":"Others"}`), `{"title":"Elsewhere"}`)
		if a := w.api(t, "POST", "/posts/"+other.ID+"/merge", `{"post_id":"`+dark.ID+`"}`, http.StatusConflict); a.code() != "other_board" {
			t.Errorf("merging across boards: %s", a.body)
		}
		ada, bob := w.add(t, `"name":"Ada"`), w.add(t, `"name":"Bob"`)
		for _, v := range [][2]string{{night.ID, ada}, {night.ID, bob}, {dark.ID, ada}} {
			w.api(t, "PUT", "/posts/"+v[0]+"/votes/"+v[1], "", http.StatusOK)
		}
		var got wish
		w.api(t, "POST", "/posts/"+night.ID+"/merge", `{"post_id":"`+dark.ID+`"}`, http.StatusOK).json(t, &got)
		if got.ID != dark.ID || got.Votes != 2 {
			t.Errorf("after the merge: %+v, want two people's votes", got)
		}
		if titles := w.titles(t, id, "sort=new"); !slices.Equal(titles, []string{"Dark mode"}) {
			t.Errorf("listed: %v", titles)
		}
		for post, into := range map[string]string{dark.ID: night.ID, other.ID: other.ID} {
			if a := w.api(t, "POST", "/posts/"+post+"/merge", `{"post_id":"`+into+`"}`, http.StatusConflict); a.code() != "merge_circle" {
				t.Errorf("a circle of merges: %s", a.body)
			}
		}
		carol := w.add(t, `"name":"Carol"`)
		w.api(t, "PUT", "/posts/"+night.ID+"/votes/"+carol, "", http.StatusOK).json(t, &got)
		if got.ID != dark.ID || got.Votes != 3 {
			t.Errorf("a vote for the merged one: %+v", got)
		}
		w.api(t, "POST", "/posts/"+night.ID+"/unmerge", "", http.StatusOK).json(t, &got)
		if got.Votes != 2 || got.MergedInto != nil {
			t.Errorf("taken apart: %+v", got)
		}
		w.api(t, "GET", "/posts/"+dark.ID, "", http.StatusOK).json(t, &got)
		if got.Votes != 2 {
			t.Errorf("the other has %d votes, want Ada's and Carol's", got.Votes)
		}
		if a := w.api(t, "POST", "/posts/"+night.ID+"/unmerge", "", http.StatusConflict); a.code() != "not_merged" {
			t.Errorf("taken apart twice: %s", a.body)
		}
	})
}

func TestComments(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.board(t, `{"name":"Ideas"}`)
		p := w.wish(t, id, `{"title":"Dark mode","body":"My card is 4111 1111 1111 1111"}`)
		if strings.Contains(p.Body, "1111 1111 1111") {
			t.Errorf("a card number was not masked: %s", p.Body)
		}
		ada := w.add(t, `"name":"Ada"`)
		say := func(body string, want int) (c struct {
			ID, Body string
			Official bool
			Author   struct{ Type, Name string }
		}) {
			t.Helper()
			a := w.api(t, "POST", "/posts/"+p.ID+"/comments", body, want)
			if want == http.StatusCreated {
				a.json(t, &c)
			}
			return c
		}
		first := say(`{"body":"Please","contact_id":"`+ada+`"}`, http.StatusCreated)
		if first.Author.Name != "Ada" || first.Author.Type != "contact" {
			t.Errorf("on behalf of Ada: %+v", first)
		}
		say(`{"body":"We talked about it","internal":true}`, http.StatusCreated)
		answer := say(`{"body":"Next month","official":true,"parent_id":"`+first.ID+`"}`, http.StatusCreated)
		say(`{"body":"Next week","official":true}`, http.StatusCreated)
		for _, bad := range []string{`{"body":" "}`, `{"body":"` + strings.Repeat("x", 10001) + `"}`, `{"body":"x","parent_id":"cmt_01jdb2k8q5e6r7s8t9v0w1x2y3"}`,
			`{"body":"x","internal":true,"contact_id":"` + ada + `"}`, `{"body":"a\u0000b"}`} {
			say(bad, http.StatusUnprocessableEntity)
		}
		var list struct {
			Data []struct {
				ID, Body          string
				Official, Removed bool
			}
		}
		w.api(t, "DELETE", "/comments/"+first.ID, "", http.StatusNoContent)
		w.api(t, "GET", "/posts/"+p.ID+"/comments", "", http.StatusOK).json(t, &list)
		if len(list.Data) != 4 || !list.Data[0].Removed || list.Data[0].Body != "" {
			t.Errorf("the place of an answered comment is kept, without its words: %+v", list.Data)
		}
		if list.Data[2].ID != answer.ID || list.Data[2].Official || !list.Data[3].Official {
			t.Errorf("the last official answer is the one: %+v", list.Data)
		}
		var got wish
		w.api(t, "GET", "/posts/"+p.ID, "", http.StatusOK).json(t, &got)
		if got.Comments != 2 {
			t.Errorf("%d comments that the public may read, want 2", got.Comments)
		}
		if a := w.api(t, "PATCH", "/comments/"+first.ID, `{"body":"back"}`, http.StatusConflict); a.code() != "comment_removed" {
			t.Errorf("changing a removed comment: %s", a.body)
		}
	})
}

// What becomes of an erased person's contributions is the board's rule; either way
// nothing of it can be read under their name again, from a backup neither.
func TestErasureOnBoards(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		kept, dropped := w.board(t, `{"name":"Kept","on_erasure":"anonymise"}`), w.board(t, `{"name":"Dropped"}`)
		ada, bob := w.add(t, `"name":"Ada"`), w.add(t, `"name":"Bob"`)
		type on struct{ own, others, comment string }
		made := map[string]on{}
		for _, board := range []string{kept, dropped} {
			o := on{own: w.wish(t, board, `{"title":"Marigold","body":"canary marigold","contact_id":"`+ada+`"}`).ID, others: w.wish(t, board, `{"title":"Of Bob","contact_id":"`+bob+`"}`).ID}
			var c struct{ ID string }
			w.api(t, "POST", "/posts/"+o.others+"/comments", `{"body":"canary marigold too","contact_id":"`+ada+`"}`, http.StatusCreated).json(t, &c)
			o.comment = c.ID
			for _, post := range []string{o.own, o.others} {
				w.api(t, "PUT", "/posts/"+post+"/votes/"+ada, "", http.StatusOK)
				w.api(t, "PUT", "/posts/"+post+"/votes/"+bob, "", http.StatusOK)
			}
			made[board] = o
		}
		for _, secret := range []string{"Marigold", "marigold"} {
			for name, content := range w.raw(t) {
				if strings.Contains(string(content), secret) {
					t.Errorf("%q stands in %s in clear", secret, name)
				}
			}
		}
		backups := w.backup(t)
		export := w.export(t, privacy.Subject{WorkspaceID: w.made.Workspace.ID, ContactID: ada})
		for _, want := range []string{"canary marigold", "canary marigold too", "Kept", `"given_by"`} {
			if !strings.Contains(export, want) {
				t.Errorf("the export lacks %s", want)
			}
		}
		w.api(t, "DELETE", "/contacts/"+ada+"?erase=true", "", http.StatusOK)
		var got wish
		w.api(t, "GET", "/posts/"+made[kept].own, "", http.StatusOK).json(t, &got)
		if got.Body != "canary marigold" || got.Author.Type != "anonymous" || got.Author.ID != "" || got.Votes != 2 {
			t.Errorf("made anonymous: %+v", got)
		}
		if titles := w.titles(t, kept, "q=marigold"); len(titles) != 1 {
			t.Errorf("found: %v", titles)
		}
		w.api(t, "GET", "/posts/"+made[dropped].own, "", http.StatusNotFound)
		w.api(t, "GET", "/posts/"+made[dropped].others, "", http.StatusOK).json(t, &got)
		if got.Votes != 1 || got.Comments != 0 {
			t.Errorf("what is left of others' on a board that removes: %+v", got)
		}
		if titles := w.titles(t, dropped, "q=marigold"); len(titles) != 0 {
			t.Errorf("found: %v", titles)
		}
		w.api(t, "DELETE", "/posts/"+made[kept].own+"/votes/"+bob, "", http.StatusNoContent)
		w.api(t, "GET", "/posts/"+made[kept].own, "", http.StatusOK).json(t, &got)
		if got.Votes != 1 {
			t.Errorf("%d votes: the anonymous one stays counted", got.Votes)
		}
		back := w.restore(t, backups)
		for _, board := range []string{kept, dropped} {
			back.api(t, "GET", "/posts/"+made[board].own, "", http.StatusNotFound)
			back.api(t, "GET", "/posts/"+made[board].others, "", http.StatusOK).json(t, &got)
			if got.Comments != 0 {
				t.Errorf("a restored backup counts what an erased person said")
			}
		}
	})
}

func TestRestrictedWordsAreVeiled(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.board(t, `{"name":"Ideas"}`)
		ada := w.add(t, `"name":"Ada"`)
		p := w.wish(t, id, `{"title":"Marigold","contact_id":"`+ada+`"}`)
		w.api(t, "PUT", "/contacts/"+ada+"/restriction", `{"restricted":true,"reason":"they asked"}`, http.StatusOK)
		a := w.api(t, "GET", "/boards/"+id+"/posts", "", http.StatusOK)
		if strings.Contains(a.body, "Marigold") || !strings.Contains(a.body, `"restricted":true`) {
			t.Errorf("a restricted person's words: %s", a.body)
		}
		if a := w.api(t, "PATCH", "/posts/"+p.ID, `{"status":"planned"}`, http.StatusConflict); a.code() != "processing_restricted" {
			t.Errorf("changing it: %s", a.body)
		}
		if a := w.api(t, "POST", "/boards/"+id+"/posts", `{"title":"x","contact_id":"`+ada+`"}`, http.StatusConflict); a.code() != "processing_restricted" {
			t.Errorf("wishing on their behalf: %s", a.body)
		}
	})
}
