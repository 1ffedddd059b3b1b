package app_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/clock"
)

type newsEntry struct {
	ID, Slug, Title, State string
	BoardID                string `json:"board_id"`
	Categories             []string
	PostIDs                []string   `json:"post_ids"`
	PublishAt              *time.Time `json:"publish_at"`
	AnnouncedAt            *time.Time `json:"announced_at"`
}

func (w *world) entry(t *testing.T, fields string) (e newsEntry) {
	t.Helper()
	w.api(t, "POST", "/changelog", fields, http.StatusCreated).json(t, &e)
	return e
}

// entryID adds an entry to a board's changelog.
func entryID(t *testing.T, w *world, boardID string) string {
	t.Helper()
	return w.entry(t, `{"board_id":"`+boardID+`","title":"x"}`).ID
}

// readable gives the titles that everybody may read on a board's changelog, in pages of two.
func (w *world) readable(t *testing.T, boardID, category string) (titles []string) {
	t.Helper()
	var after *boards.At
	for {
		page, err := w.Boards.Published(t.Context(), w.made.Workspace.ID, boardID, category, after, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page {
			titles = append(titles, e.Title)
			after = &boards.At{Value: float64(clock.Micros(*e.PublishAt)), ID: e.ID}
		}
		if len(page) < 2 {
			return titles
		}
	}
}

func TestChangelogIsPublishedWhenItsTimeComes(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		board := w.board(t, `{"name":"Ideas"}`)
		wished := w.wish(t, board, `{"title":"Dark mode"}`)
		done := w.wish(t, board, `{"title":"Old one","status":"done"}`)
		w.entry(t, `{"title":"Only a draft"}`) // the workspace has one board, so it need not be named
		now := w.entry(t, `{"board_id":"`+board+`","title":"Faster","categories":["New "," new","fixed"],"publish_at":"2026-11-02T09:00:00Z"}`)
		if now.State != "published" || now.AnnouncedAt == nil || !slices.Equal(now.Categories, []string{"new", "fixed"}) || now.Slug != "faster" {
			t.Errorf("published at once: %+v", now)
		}
		later := w.entry(t, `{"title":"Dark mode is here","publish_at":"2026-11-02T10:00:00Z","categories":["new"],"post_ids":["`+wished.ID+`","`+done.ID+`"]}`)
		if later.State != "scheduled" || later.AnnouncedAt != nil || !slices.Equal(later.PostIDs, []string{wished.ID, done.ID}) {
			t.Errorf("scheduled: %+v", later)
		}
		if got := w.readable(t, board, ""); !slices.Equal(got, []string{"Faster"}) {
			t.Errorf("before its time %v can be read", got)
		}
		announce := func() {
			t.Helper()
			if err := w.Boards.Announce(t.Context(), 10); err != nil {
				t.Fatal(err)
			}
		}
		announce()
		clk.Advance(time.Hour)
		if got := w.readable(t, board, ""); !slices.Equal(got, []string{"Dark mode is here", "Faster"}) {
			t.Errorf("after its time, before it was announced, %v can be read", got)
		}
		if got := w.readable(t, board, "fixed"); !slices.Equal(got, []string{"Faster"}) {
			t.Errorf("of the category fixed %v", got)
		}
		statusOf := func() string {
			var p wish
			w.api(t, "GET", "/posts/"+wished.ID, "", http.StatusOK).json(t, &p)
			return p.Status
		}
		before := statusOf()
		announce()
		announce() // once is enough
		after := statusOf()
		if before != "open" || after != "done" {
			t.Errorf("its post went from %v to %v, want from open to done", before, after)
		}
		var got newsEntry
		w.api(t, "GET", "/changelog/"+later.ID, "", http.StatusOK).json(t, &got)
		if got.State != "published" || got.AnnouncedAt == nil || !got.AnnouncedAt.Equal(clk.Now()) {
			t.Errorf("announced: %+v", got)
		}
		if n := w.count(t, `SELECT COUNT(*) FROM events WHERE type = 'changelog.published'`); n != 2 {
			t.Errorf("%d were told of, want 2", n)
		}
		// Who moves a post elsewhere afterwards is not overruled by an edit.
		w.api(t, "PATCH", "/posts/"+wished.ID, `{"status":"planned"}`, http.StatusOK)
		w.api(t, "PATCH", "/changelog/"+later.ID, `{"title":"Dark mode!"}`, http.StatusOK)
		if got := statusOf(); got != "planned" {
			t.Errorf("the post is at %v again", got)
		}
		w.api(t, "PATCH", "/changelog/"+later.ID, `{"withdraw":true}`, http.StatusOK)
		if got := w.readable(t, board, ""); !slices.Equal(got, []string{"Faster"}) {
			t.Errorf("after it was withdrawn %v can be read", got)
		}
		w.api(t, "DELETE", "/posts/"+wished.ID, "", http.StatusNoContent)
		w.api(t, "DELETE", "/changelog/"+now.ID, "", http.StatusNoContent)
		w.api(t, "GET", "/changelog/"+now.ID, "", http.StatusNotFound)
		var list struct{ Data []newsEntry }
		w.api(t, "GET", "/changelog?board_id="+board, "", http.StatusOK).json(t, &list)
		if len(list.Data) != 2 || list.Data[0].Title != "Dark mode!" || list.Data[0].State != "draft" || !slices.Equal(list.Data[0].PostIDs, []string{done.ID}) {
			t.Errorf("left: %+v", list.Data)
		}
	})
}

func TestWhatAChangelogRefuses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		board := w.board(t, `{"name":"Ideas"}`)
		other := w.board(t, `{"name":"Bugs"}`)
		foreign := w.wish(t, other, `{"title":"x"}`)
		for name, c := range map[string]struct{ body, field string }{
			"no board of two":    {`{"title":"x"}`, "board_id"},
			"no title":           {`{"board_id":"` + board + `","title":"  "}`, "title"},
			"a title of lines":   {`{"board_id":"` + board + `","title":"a\nb"}`, "title"},
			"a long body":        {`{"board_id":"` + board + `","title":"x","body":"` + strings.Repeat("x", 50001) + `"}`, "body"},
			"a post of another":  {`{"board_id":"` + board + `","title":"x","post_ids":["` + foreign.ID + `"]}`, "post_ids"},
			"no such post":       {`{"board_id":"` + board + `","title":"x","post_ids":["pst_x"]}`, "post_ids"},
			"a year out of time": {`{"board_id":"` + board + `","title":"x","publish_at":"9999-01-01T00:00:00Z"}`, "publish_at"},
			"six categories":     {`{"board_id":"` + board + `","title":"x","categories":["a","b","c","d","e","f"]}`, "categories"},
			"an empty category":  {`{"board_id":"` + board + `","title":"x","categories":[" "]}`, "categories"},
		} {
			a := w.api(t, "POST", "/changelog", c.body, http.StatusUnprocessableEntity)
			if !strings.Contains(a.body, `"`+c.field) {
				t.Errorf("%s: %s, want it to name %s", name, a.body, c.field)
			}
		}
		w.api(t, "POST", "/changelog", `{"board_id":"brd_x","title":"x"}`, http.StatusNotFound)
		e := w.entry(t, `{"board_id":"`+board+`","title":"x"}`)
		w.api(t, "PATCH", "/changelog/"+e.ID, `{"withdraw":true,"publish_at":"2026-11-02T09:00:00Z"}`, http.StatusUnprocessableEntity)
		w.api(t, "PATCH", "/boards/"+board, `{"archived":true}`, http.StatusOK)
		if a := w.api(t, "POST", "/changelog", `{"board_id":"`+board+`","title":"x"}`, http.StatusConflict); a.code() != "board_archived" {
			t.Errorf("on an archived board: %s", a.body)
		}
	})
}
