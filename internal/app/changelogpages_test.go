package app_test

import (
	"context"
	"encoding/xml"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/clock"
)

var newsMail = regexp.MustCompile(`http://[^\s"<>]*?(/b/acme/ideas/changelog/chg_[a-z0-9-]+)`)

func TestChangelogPages(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		at := "/b/acme/ideas"
		board := w.board(t, publicBoard)
		done := w.wish(t, board, `{"title":"Dark mode"}`)
		same := w.wish(t, board, `{"title":"Night theme"}`)
		hidden := w.wish(t, board, `{"title":"Not let through"}`)
		w.api(t, "PATCH", "/posts/"+hidden.ID, `{"state":"pending"}`, http.StatusOK)
		draft := w.entry(t, `{"title":"Only a draft"}`)
		later := w.entry(t, `{"title":"Comes later","publish_at":"2026-11-02T10:00:00Z"}`)
		now := w.entry(t, `{"title":"Dark <mode>","body":"It is **there**. <script>alert(1)</script>","categories":["new"],"publish_at":"2026-11-02T09:00:00Z",
			"post_ids":["`+done.ID+`","`+hidden.ID+`"]}`)
		w.api(t, "POST", "/posts/"+done.ID+"/merge", `{"post_id":"`+same.ID+`"}`, http.StatusOK) // it still leads to what stands for it

		a := w.page(t, at+"/changelog", http.StatusOK)
		for _, want := range []string{"Dark &lt;mode&gt;", "<strong>there</strong>", at + "/changelog/" + now.ID + "-dark-mode", "Night theme", at + "/changelog?category=new"} {
			if !strings.Contains(a.body, want) {
				t.Errorf("the changelog lacks %s", want)
			}
		}
		for _, never := range []string{"Only a draft", "Comes later", "<script", "Not let through"} {
			if strings.Contains(a.body, never) {
				t.Errorf("the changelog shows %s", never)
			}
		}
		if one := w.page(t, at+"/changelog/"+now.ID+"-dark-mode", http.StatusOK); !strings.Contains(one.body, "<h1 dir=\"auto\">Dark &lt;mode&gt;</h1>") {
			t.Errorf("the entry: %s", one.body)
		}
		if a := w.page(t, at+"/changelog/"+now.ID, http.StatusMovedPermanently); a.header.Get("Location") != at+"/changelog/"+now.ID+"-dark-mode" {
			t.Errorf("a shortened address leads to %s", a.header.Get("Location"))
		}
		for _, missing := range []string{draft.ID, later.ID, "chg_x", "%20"} {
			w.page(t, at+"/changelog/"+missing, http.StatusNotFound)
		}
		w.page(t, at+"/changelog?cursor=x", http.StatusBadRequest)
		if a := w.page(t, at+"/changelog?category=fixed", http.StatusOK); strings.Contains(a.body, "Dark &lt;mode&gt;") {
			t.Error("an entry of another category is shown")
		}
		var feed struct {
			Entries []struct {
				Title string `xml:"title"`
			} `xml:"entry"`
		}
		if err := xml.Unmarshal([]byte(w.page(t, at+"/changelog.atom", http.StatusOK).body), &feed); err != nil || len(feed.Entries) != 1 || feed.Entries[0].Title != "Dark <mode>" {
			t.Errorf("the feed: %+v, %v", feed, err)
		}
		clk.Advance(time.Hour)
		w.page(t, at+"/changelog/"+later.ID+"-comes-later", http.StatusOK)
		other := w.board(t, `{"name":"Bugs","slug":"bugs","visibility":"public"}`)
		w.page(t, "/b/acme/bugs/changelog/"+now.ID+"-dark-mode", http.StatusNotFound)
		w.api(t, "PATCH", "/boards/"+other, `{"visibility":"private"}`, http.StatusOK)
		for _, path := range []string{"/changelog", "/changelog.atom"} {
			w.page(t, "/b/acme/bugs"+path, http.StatusNotFound)
		}
	})
}

func TestChangelogsArePaged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		board := w.board(t, publicBoard)
		for i := range 12 {
			w.entry(t, `{"board_id":"`+board+`","title":"Entry `+string(rune('A'+i))+`","publish_at":"2026-01-02T03:04:05Z"}`) // all at one moment
		}
		next := regexp.MustCompile(`rel="next" href="([^"]+)"`)
		first := w.page(t, "/b/acme/ideas/changelog", http.StatusOK).body
		found := next.FindStringSubmatch(first)
		if found == nil {
			t.Fatal("no way to the second page")
		}
		second := w.page(t, strings.ReplaceAll(found[1], "&amp;", "&"), http.StatusOK).body
		for i := range 12 {
			title := "Entry " + string(rune('A'+i)) + "</a>"
			if strings.Contains(first, title) == strings.Contains(second, title) {
				t.Errorf("%s is on both pages, or on none", title)
			}
		}
	})
}

// The mail to followers leads to a page that is there.
func TestWhatIsShippedLeadsToItsPage(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		g := v.signInTo(t, "bea@example.org")
		if err := v.vote(t, g); err != nil {
			t.Fatal(err)
		}
		err := v.Boards.Act(t.Context(), g, func(ctx context.Context) error { return v.Boards.Follow(ctx, v.post) })
		if err != nil {
			t.Fatal(err)
		}
		before := len(v.mails.Mails())
		v.entry(t, `{"title":"The bench stands","publish_at":"2026-11-02T09:00:00Z","post_ids":["`+v.post+`"]}`)
		v.clk.Advance(2 * time.Minute)
		if err := v.Boards.SendNotices(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
		v.deliver(t)
		v.page(t, v.newest(t, before, newsMail), http.StatusOK)
	})
}

// A page and its styles travel in 30 KB, packed, and need nothing else.
func TestBoardPagesAreLight(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		for range 20 {
			v.wish(t, v.board, `{"title":"`+strings.Repeat("A long wish ", 8)+`","body":"`+strings.Repeat("with reasons and more ", 20)+`","category":"Some area"}`)
		}
		for range 10 {
			v.api(t, "POST", "/posts/"+v.post+"/comments", `{"body":"`+strings.Repeat("Said at length. ", 20)+`"}`, http.StatusCreated)
		}
		for _, lang := range []string{"en", "ar"} {
			for _, path := range []string{boardAt, boardAt + "/p/1-a-bench-by-the-pond", boardAt + "/roadmap", boardAt + "/sign-in"} {
				page := v.page(t, path+"?lang="+lang, http.StatusOK)
				size := v.travels(t, path+"?lang="+lang)
				sheets := regexp.MustCompile(`rel="stylesheet" href="([^"]+)"`).FindAllStringSubmatch(page.body, -1)
				for _, s := range sheets {
					size += v.travels(t, s[1])
				}
				if len(sheets) != 1 || strings.Contains(page.body, "<script") || strings.Contains(page.body, "<img") || size > 30<<10 {
					t.Errorf("%s in %s: %d bytes travel, with %d sheets", path, lang, size, len(sheets))
				}
			}
		}
	})
}

// travels gives how many bytes of an answer go over the wire to a browser.
func (w *world) travels(t *testing.T, path string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip") // asked for by hand, it stays packed
	a := w.pageFor(t, req, http.StatusOK)
	if a.header.Get("Content-Encoding") != "gzip" {
		t.Errorf("%s comes unpacked", path)
	}
	return len(a.body)
}
