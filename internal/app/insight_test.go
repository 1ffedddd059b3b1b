package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/clock"
)

type insightPost struct {
	ID, Title string
	Votes     int64
	Weight    *float64
}

type insight struct {
	Segments []struct {
		SegmentID    string `json:"segment_id"`
		Posts, Votes int64
		Weight       float64
		Most         []insightPost
	}
	Importance []struct {
		Importance   string
		Posts, Votes int64
		Most         []insightPost
	}
	Statuses, Categories []struct {
		Key          string
		Posts, Votes int64
		Weight       *float64
	}
	Recent []insightPost
}

func mostOf(all []insightPost) (out string) {
	for _, p := range all {
		out += fmt.Sprintf("%s %d;", p.Title, p.Votes)
	}
	return out
}

func TestBoardInsight(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		w.plain(t, "revenue", "number")
		w.plain(t, "plan", "string")
		pro := w.segment(t, "Pro", `{"field":"attributes.plan","op":"is","value":"pro"}`)
		ada, bo, cy := w.worth(t, "Ada", `{"revenue":100,"plan":"pro"}`), w.worth(t, "Bo", `{"revenue":20,"plan":"pro"}`), w.worth(t, "Cy", `{"revenue":5}`)
		board := w.board(t, `{"name":"Ideas","visibility":"public","anonymous_votes":true,"weight":{"by":"attribute","attribute":"revenue","importance":true}}`)
		dark := w.wish(t, board, `{"title":"Dark","category":"Shop"}`).ID
		light := w.wish(t, board, `{"title":"Light"}`).ID
		gone := w.wish(t, board, `{"title":"Gone"}`).ID
		for _, v := range [][3]string{{light, ada, "essential"}, {dark, ada, ""}, {dark, bo, "nice"}, {light, cy, "essential"}, {gone, cy, "nice"}} {
			body := ""
			if v[2] != "" {
				body = `{"importance":"` + v[2] + `"}`
			}
			w.api(t, "PUT", "/posts/"+v[0]+"/votes/"+v[1], body, http.StatusOK)
		}
		w.ballot(t, dark)
		w.api(t, "POST", "/posts/"+gone+"/merge", `{"post_id":"`+light+`"}`, http.StatusOK)
		w.weigh(t, clk)
		look := func(query string) (in insight) {
			t.Helper()
			w.api(t, "GET", "/boards/"+board+"/insight?"+query, "", http.StatusOK).json(t, &in)
			return in
		}
		in := look("segments=" + pro)
		if len(in.Segments) != 1 || in.Segments[0].Posts != 2 || in.Segments[0].Votes != 3 || in.Segments[0].Weight != 420 || mostOf(in.Segments[0].Most) != "Light 1;Dark 2;" {
			t.Errorf("the segment wants %+v", in.Segments)
		}
		if got := in.Importance; len(got) != 3 || got[0].Importance != "essential" || mostOf(got[0].Most) != "Light 2;" || mostOf(got[2].Most) != "Dark 1;" {
			t.Errorf("by importance: %+v", in.Importance)
		}
		if in.Statuses[0].Key != "open" || in.Statuses[0].Posts != 2 || in.Statuses[0].Votes != 5 || len(in.Statuses) != 5 {
			t.Errorf("by status: %+v", in.Statuses)
		}
		if len(in.Categories) != 2 || in.Categories[0].Key != "Shop" || in.Categories[0].Votes != 3 || in.Categories[0].Weight == nil || *in.Categories[0].Weight != 120 {
			t.Errorf("by category: %+v", in.Categories)
		}
		if got := mostOf(in.Recent); got != "Light 2;Dark 2;" && got != "Dark 2;Light 2;" {
			t.Errorf("lately: %s", got)
		}
		clk.Advance(40 * 24 * time.Hour)
		if got := look("days=30"); len(got.Recent) != 0 || len(got.Segments) != 0 {
			t.Errorf("a month later: %+v", got)
		}
		w.api(t, "POST", "/contacts/"+bo+"/merge", `{"contact_id":"`+ada+`"}`, http.StatusOK)
		if in := look("segments=" + pro); in.Segments[0].Votes != 2 || mostOf(in.Segments[0].Most) == "" {
			t.Errorf("who was merged is one person: %+v", in.Segments)
		}
		w.api(t, "PUT", "/contacts/"+bo+"/restriction", `{"restricted":true,"reason":"disputed"}`, http.StatusOK)
		if in := look("segments=" + pro); in.Segments[0].Votes != 0 {
			t.Errorf("restricted people are told of: %+v", in.Segments)
		}
		for query, want := range map[string]string{"segments=seg_unknown": "segments[0]", "top=0": "top", "days=1000": "days", "segments=a,b,c,d,e,f,g": "segments"} {
			if a := w.api(t, "GET", "/boards/"+board+"/insight?"+query, "", http.StatusUnprocessableEntity); !strings.Contains(a.body, `"`+want+`"`) {
				t.Errorf("%s: %s", query, a.body)
			}
		}
		var key struct{ Secret string }
		w.api(t, "POST", "/api-keys", `{"name":"boards","scopes":["boards:read"]}`, http.StatusCreated).json(t, &key)
		for query, want := range map[string]int{"segments=" + pro: http.StatusForbidden, "": http.StatusOK} {
			a := w.do(t, call{method: "GET", path: "/api/v1/boards/" + board + "/insight?" + query, header: bearer(key.Secret)})
			if a.status != want || strings.Contains(a.body, `"weight":1`) {
				t.Errorf("who may not read contacts, %q: %d %s", query, a.status, a.body)
			}
		}
	})
}

func TestBoardTrend(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) { // it is Monday, 2 November 2026
		board := w.board(t, `{"name":"Ideas","visibility":"public","anonymous_votes":true}`)
		dark, light := w.wish(t, board, `{"title":"Dark"}`).ID, w.wish(t, board, `{"title":"Light"}`).ID
		ada := w.worth(t, "Ada", `{}`)
		w.api(t, "PUT", "/posts/"+dark+"/votes/"+ada, "", http.StatusOK)
		w.api(t, "POST", "/posts/"+dark+"/comments", `{"body":"Soon."}`, http.StatusCreated)
		w.api(t, "POST", "/posts/"+dark+"/comments", `{"body":"Not before May.","internal":true}`, http.StatusCreated)
		clk.Advance(8 * 24 * time.Hour)
		w.ballot(t, light)
		w.api(t, "PUT", "/posts/"+light+"/votes/"+ada, "", http.StatusOK)
		var tr struct {
			By, From, To string
			Data         []struct {
				On                     string
				Votes, Posts, Comments int64
			}
		}
		count := func(query string) string {
			t.Helper()
			tr.Data = nil
			w.api(t, "GET", "/boards/"+board+"/insight/trend?"+query, "", http.StatusOK).json(t, &tr)
			out := ""
			for _, p := range tr.Data {
				if p.Votes+p.Posts+p.Comments > 0 {
					out += fmt.Sprintf("%s %d %d %d; ", p.On, p.Votes, p.Posts, p.Comments)
				}
			}
			return out
		}
		if got := count(""); got != "2026-11-02 1 2 1; 2026-11-10 2 0 0; " || tr.By != "day" || len(tr.Data) != 91 || tr.To != "2026-11-10" {
			t.Errorf("by day: %s of %d", got, len(tr.Data))
		}
		if got := count("by=week&from=2026-11-04"); got != "2026-11-09 2 0 0; " || tr.Data[0].On != "2026-11-02" {
			t.Errorf("by week from a Wednesday on: %s %+v", got, tr.Data)
		}
		if got := count("from=2026-01-01"); got != "2026-11-02 1 2 1; 2026-11-09 2 0 0; " || tr.By != "week" {
			t.Errorf("a long span: %s", got)
		}
		if got := count("post_id=" + dark); got != "2026-11-02 1 0 1; " {
			t.Errorf("of one post: %s", got)
		}
		w.api(t, "POST", "/posts/"+light+"/merge", `{"post_id":"`+dark+`"}`, http.StatusOK)
		if got := count(""); got != "2026-11-02 1 2 1; 2026-11-10 2 0 0; " {
			t.Errorf("after a merge: %s", got)
		}
		w.api(t, "PUT", "/contacts/"+ada+"/restriction", `{"restricted":true,"reason":"disputed"}`, http.StatusOK)
		if got := count(""); got != "2026-11-02 0 2 1; 2026-11-10 1 0 0; " {
			t.Errorf("restricted: %s", got)
		}
		for query, want := range map[string]string{"from=yesterday": "from", "from=2026-11-12": "from", "from=2020-01-01": "from", "to=1800-01-01": "to", "by=year": "by", "post_id=pst_1": "post_id"} {
			if a := w.api(t, "GET", "/boards/"+board+"/insight/trend?"+query, "", http.StatusUnprocessableEntity); !strings.Contains(a.body, `"`+want+`"`) {
				t.Errorf("%s: %s", query, a.body)
			}
		}
	})
}
