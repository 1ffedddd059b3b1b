package app_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/boards"
)

// A search forgives typos, takes a beginning for the last word, and gives what fits best
// first, then what most want; in any script.
func TestSearchOnBoardsForgivesTypos(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.board(t, `{"name":"Ideas","visibility":"public"}`)
		ada, bob := w.add(t, `"name":"Ada"`), w.add(t, `"name":"Bob"`)
		posts := map[string]string{}
		for _, p := range []struct{ title, more string }{
			{"Export as spreadsheet", `,"body":"for the accountant"`},
			{"Export to the calendar", ""},
			{"Notifications on the phone", ""},
			{"Café à la carte", ""},
			{"夜间模式支持", ""},
			{"ダークモードを追加", ""},
			{"الوضع الليلي", ""},
			{"Waits: export everything", `,"state":"pending"`},
		} {
			posts[p.title] = w.wish(t, id, `{"title":"`+p.title+`"`+strings.ReplaceAll(p.more, `,"state":"pending"`, "")+`,"contact_id":"`+ada+`"}`).ID
		}
		w.api(t, "PATCH", "/posts/"+posts["Waits: export everything"], `{"state":"pending"}`, http.StatusOK)
		w.api(t, "PUT", "/posts/"+posts["Export to the calendar"]+"/votes/"+bob, "", http.StatusOK)
		for q, want := range map[string][]string{
			"export":            {"Export to the calendar", "Export as spreadsheet"},
			"exprot":            {"Export to the calendar", "Export as spreadsheet"},
			"spredsheet export": {"Export as spreadsheet"},
			"expo":              {"Export to the calendar", "Export as spreadsheet"},
			"notificatoin":      {"Notifications on the phone"},
			"phone notif":       {"Notifications on the phone"},
			"cafe":              {"Café à la carte"},
			"CARTE":             {"Café à la carte"},
			"accountant":        {"Export as spreadsheet"}, // in its text
			"夜间":                {"夜间模式支持"},
			"ダークモード":            {"ダークモードを追加"},
			"الليلي":            {"الوضع الليلي"},
			"xyzzy":             nil,
			"export calendar x": nil,
		} {
			if got := w.titles(t, id, "state=published&sort=new&q="+url.QueryEscape(q)); !slices.Equal(got, want) {
				t.Errorf("%q finds %q, want %q", q, got, want)
			}
			page := w.page(t, "/b/acme/ideas?q="+url.QueryEscape(q), http.StatusOK).body
			for title := range posts {
				if strings.Contains(page, ">"+title+"</a>") != slices.Contains(want, title) {
					t.Errorf("%q on the page: that %q is there is wrong", q, title)
				}
			}
		}
		if got := w.titles(t, id, "q=export"); len(got) != 3 {
			t.Errorf("operators find %q, also what waits", got)
		}
	})
}

// What may not be read is not found by its words: at once, on a node that hears of
// nothing, too.
func TestSearchFindsNobodysHiddenWords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id, other := w.board(t, `{"name":"Ideas","visibility":"public"}`), w.board(t, `{"name":"Inner"}`)
		ada, bob := w.add(t, `"name":"Ada"`), w.add(t, `"name":"Bob"`)
		deps := w.Boards.Deps
		deps.Outbox = nil
		node := boards.New(deps)
		ctx := boards.Unnamed(t.Context(), w.made.Workspace.ID)
		finds := func(what, q string, want int) {
			t.Helper()
			got, _, err := node.Listing(ctx, id, boards.Filter{Q: q}, boards.ByAge, nil, 20)
			if err != nil || len(got) != want {
				t.Errorf("%s: another node finds %+v for %s %v", what, got, q, err)
			}
			similar, err := node.Similar(ctx, id, q)
			if err != nil || len(similar) != want {
				t.Errorf("%s: another node offers %+v for %s %v", what, similar, q, err)
			}
			if got := w.titles(t, id, "state=published&q="+url.QueryEscape(q)); len(got) != want {
				t.Errorf("%s: the API finds %q for %s", what, got, q)
			}
			var offered struct{ Data []wish }
			w.api(t, "POST", "/boards/"+id+"/similar", `{"title":"`+q+`"}`, http.StatusOK).json(t, &offered)
			if len(offered.Data) != want {
				t.Errorf("%s: the API offers %+v for %s", what, offered.Data, q)
			}
		}
		p := w.wish(t, id, `{"title":"Marigold","contact_id":"`+ada+`"}`)
		w.wish(t, other, `{"title":"Marigold inside","contact_id":"`+bob+`"}`)
		finds("at first", "marigold", 1)
		finds("with a typo", "marigodl", 1)
		w.api(t, "PATCH", "/posts/"+p.ID, `{"title":"Cornflower"}`, http.StatusOK)
		finds("called otherwise", "marigold", 0)
		finds("called otherwise", "cornflowr", 1)
		w.api(t, "PATCH", "/posts/"+p.ID, `{"state":"pending"}`, http.StatusOK)
		finds("not published", "cornflower", 0)
		w.api(t, "PATCH", "/posts/"+p.ID, `{"state":"published"}`, http.StatusOK)
		w.api(t, "PUT", "/contacts/"+ada+"/restriction", `{"restricted":true,"reason":"they asked"}`, http.StatusOK)
		finds("of a restricted person", "cornflower", 0)
		w.api(t, "PUT", "/contacts/"+ada+"/restriction", `{"restricted":false,"reason":"done"}`, http.StatusOK)
		finds("no longer restricted", "cornflower", 1)
		into := w.wish(t, id, `{"title":"Everything else","contact_id":"`+bob+`"}`)
		w.api(t, "POST", "/posts/"+p.ID+"/merge", `{"post_id":"`+into.ID+`"}`, http.StatusOK)
		finds("merged", "cornflower", 0)
		w.api(t, "POST", "/posts/"+p.ID+"/unmerge", "", http.StatusOK)
		finds("taken apart", "cornflower", 1)
		w.api(t, "DELETE", "/contacts/"+ada+"?erase=true", "", http.StatusOK)
		finds("of an erased person", "cornflower", 0)
		finds("another one's", "everythin else", 1)
	})
}

func TestSimilarPosts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.board(t, `{"name":"Ideas"}`)
		for _, title := range []string{"Dark mode for the app", "Dark chocolate in the kitchen", "A calendar for the team", "Export of the calendar", "Faster search in the app", "Sign in with a passkey", "Keyboard shortcuts"} {
			w.wish(t, id, `{"title":"`+title+`"}`)
		}
		for title, want := range map[string]string{
			"Please add a drak mode":      "Dark mode for the app",
			"calender export":             "Export of the calendar",
			"passkey sign in":             "Sign in with a passkey",
			"More shortcuts for keyboard": "Keyboard shortcuts",
		} {
			var got struct{ Data []wish }
			w.api(t, "POST", "/boards/"+id+"/similar", `{"title":"`+title+`"}`, http.StatusOK).json(t, &got)
			if len(got.Data) == 0 || got.Data[0].Title != want {
				t.Errorf("%q is like %+v, want %q first", title, got.Data, want)
			}
		}
		few := w.board(t, `{"name":"Few"}`) // where small words are as rare as others
		for _, title := range []string{"A lighthouse with a café", "A café on the pier", "Benches by the lighthouse"} {
			w.wish(t, few, `{"title":"`+title+`"}`)
		}
		var alike struct{ Data []wish }
		w.api(t, "POST", "/boards/"+few+"/similar", `{"title":"Cafe in the lighthuose"}`, http.StatusOK).json(t, &alike)
		if len(alike.Data) == 0 || alike.Data[0].Title != "A lighthouse with a café" {
			t.Errorf("small words count: %+v", alike.Data)
		}
		for _, title := range []string{"Teleportation", "the", "!!!", strings.Repeat("x ", 99)} {
			var got struct{ Data []wish }
			w.api(t, "POST", "/boards/"+id+"/similar", `{"title":"`+title+`"}`, http.StatusOK).json(t, &got)
			if len(got.Data) != 0 && title != "the" {
				t.Errorf("%q is like %+v", title, got.Data)
			}
		}
		w.api(t, "POST", "/boards/"+id+"/similar", `{"title":""}`, http.StatusUnprocessableEntity)
		w.api(t, "POST", "/boards/"+id+"/similar", `{"title":"`+strings.Repeat("x", 201)+`"}`, http.StatusUnprocessableEntity)
	})
}

// Who is about to write what is there already is shown it once, and has their own post
// all the same if they go on; the words that they wrote are kept meanwhile.
func TestSimilarPostsAreOfferedOnce(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		b := v.reader()
		b.open(t, url.Values{"email": {"rosa@example.com"}})
		a := b.press(t, boardAt+"/new", http.StatusOK, "title", "A bench at the pnod", "body", "To sit on.")
		for _, want := range []string{"This may be here already", ">A bench by the pond</a>", `value="A bench at the pnod"`, ">To sit on.</textarea>", `name="seen" value="yes"`} {
			if !strings.Contains(a.body, want) {
				t.Errorf("what is offered lacks %s", want)
			}
		}
		if got := v.titles(t, v.board, ""); len(got) != 1 {
			t.Errorf("offering made a post: %q", got)
		}
		b.press(t, boardAt+"/new", http.StatusSeeOther, "title", "A bench at the pnod", "seen", "yes")
		b.press(t, boardAt+"/new", http.StatusSeeOther, "title", "Something else entirely")
		if got := v.titles(t, v.board, ""); len(got) != 3 {
			t.Errorf("there are %q", got)
		}
		part := b.press(t, boardAt+"/similar", http.StatusOK, "title", "bnech")
		if !strings.Contains(part.body, "A bench by the pond") || strings.Contains(part.body, "<html") || part.header.Get("Cache-Control") != "no-store" || part.header.Get("ETag") != "" {
			t.Errorf("while typing: %v %s", part.header, part.body)
		}
		for _, title := range []string{"", "zzzz", strings.Repeat("x", 300)} {
			if part := b.press(t, boardAt+"/similar", http.StatusOK, "title", title); strings.TrimSpace(part.body) != "" {
				t.Errorf("%q is like %s", title, part.body)
			}
		}
		b.post(t, boardAt+"/similar", url.Values{"title": {"bench"}}, http.StatusForbidden) // without the form's token
		size := len(b.get(t, boardAt+"/similar.js", http.StatusOK).body) + len(b.get(t, boardAt+"/new", http.StatusOK).body)
		if size > 12<<10 {
			t.Errorf("the form and its script are %d bytes", size)
		}
		v.api(t, "PATCH", "/boards/"+v.board, `{"visibility":"private"}`, http.StatusOK)
		b.post(t, boardAt+"/similar", url.Values{"title": {"bench"}}, http.StatusNotFound)
	})
}
