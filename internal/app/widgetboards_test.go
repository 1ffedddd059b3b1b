package app_test

import (
	"net/http"
	"testing"
)

type widgetBoard struct {
	Name, URL  string
	TakesPosts bool `json:"takes_posts"`
	Posts      []struct {
		ID, Title, Status string
		Votes             int64
		Voted             bool
	}
	NextCursor *string `json:"next_cursor"`
}

func (v *visitor) board(t *testing.T, path string) (b widgetBoard) {
	t.Helper()
	v.call(t, "GET", "/boards/"+path, "", http.StatusOK).json(t, &b)
	return b
}

func TestVisitorsVoteInTheWidget(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		board := w.board(t, publicBoard)
		swans := w.wish(t, board, `{"title":"Swans"}`)
		ducks := w.wish(t, board, `{"title":"Ducks"}`)
		hidden := w.wish(t, board, `{"title":"Waits"}`)
		w.api(t, "PATCH", "/posts/"+hidden.ID, `{"state":"pending"}`, http.StatusOK)

		v := w.visit(t, w.made.Workspace.Key)
		people := w.count(t, `SELECT COUNT(*) FROM contacts`)
		b := v.board(t, "ideas?limit=1")
		if b.Name != "Ideas" || b.URL == "" || !b.TakesPosts || len(b.Posts) != 1 || b.NextCursor == nil || b.Posts[0].Status != "Open" {
			t.Fatalf("first page: %+v", b)
		}
		if next := v.board(t, "ideas?limit=1&cursor="+*b.NextCursor); len(next.Posts) != 1 || next.Posts[0].ID == b.Posts[0].ID || next.NextCursor != nil {
			t.Errorf("second page: %+v", next)
		}
		if a := v.call(t, "POST", "/posts/"+swans.ID+"/vote", `{"voted":true}`, http.StatusConflict); a.code() != "sign_in_needed" {
			t.Errorf("a stranger's vote: %s", a.body)
		}
		if w.count(t, `SELECT COUNT(*) FROM contacts`) != people {
			t.Error("looking at a board made somebody known")
		}
		v.call(t, "POST", "/posts/"+hidden.ID+"/vote", `{"voted":true}`, http.StatusNotFound)

		v.signIn(t, "u-1", "ada@x.example")
		for range 2 { // a double click
			v.call(t, "POST", "/posts/"+swans.ID+"/vote", `{"voted":true}`, http.StatusOK)
		}
		for _, p := range v.board(t, "ideas").Posts {
			if want := p.ID == swans.ID; p.Voted != want || (p.Votes == 1) != want {
				t.Errorf("after the vote: %+v", p)
			}
		}
		v.call(t, "POST", "/posts/"+swans.ID+"/vote", `{"voted":false}`, http.StatusOK)
		v.call(t, "POST", "/posts/"+ducks.ID+"/vote", `{"voted":false}`, http.StatusOK) // never given
		for _, p := range v.board(t, "ideas").Posts {
			if p.Voted || p.Votes != 0 {
				t.Errorf("taken back: %+v", p)
			}
		}
	})
}

func TestTheWidgetShowsNoBoardThatIsNotForTheVisitor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		private := w.board(t, `{"name":"Team","slug":"team"}`)
		members := w.board(t, `{"name":"Members","slug":"members","visibility":"contacts"}`)
		secret, open := w.wish(t, private, `{"title":"x"}`), w.wish(t, members, `{"title":"y"}`)
		v := w.visit(t, w.made.Workspace.Key)
		for _, slug := range []string{"team", "members", "nothing", "..%2Fx"} {
			v.call(t, "GET", "/boards/"+slug, "", http.StatusNotFound)
		}
		v.call(t, "POST", "/posts/"+open.ID+"/vote", `{"voted":true}`, http.StatusNotFound)
		v.write(t, "hello") // known now, and still not proven
		v.call(t, "GET", "/boards/members", "", http.StatusNotFound)
		v.signIn(t, "u-1", "ada@x.example")
		v.call(t, "GET", "/boards/members", "", http.StatusOK)
		v.call(t, "POST", "/posts/"+open.ID+"/vote", `{"voted":true}`, http.StatusOK)
		v.call(t, "POST", "/posts/"+secret.ID+"/vote", `{"voted":true}`, http.StatusNotFound)
		v.call(t, "GET", "/boards/members?cursor=x", "", http.StatusBadRequest)
	})
}
