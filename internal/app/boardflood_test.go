package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What a program fills is answered as if all had gone well, and stored nowhere.
func TestProgramsFallIntoTheTrap(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		robot := v.reader()
		form := robot.get(t, boardAt+"/sign-in", http.StatusOK).body
		if !strings.Contains(form, `aria-hidden="true"><label for="homepage">`) || !strings.Contains(form, `tabindex="-1" autocomplete="off"`) || strings.Contains(form, "style=") {
			t.Error("the trap is there for people, too")
		}
		before := rowCounts(t, v.DB)
		a := robot.post(t, boardAt+"/sign-in", url.Values{"email": {"robot@example.org"}, "homepage": {"https://buy.example"}}, http.StatusSeeOther)
		if a.header.Get("Location") != boardAt+"/sign-in/asked" || robot.cookies["botimum_board_asks"] == "" {
			t.Errorf("the trap gives itself away: %v", a.header)
		}
		if diff := cmp.Diff(before, rowCounts(t, v.DB)); diff != "" {
			t.Errorf("something was stored (-before +after):\n%s", diff)
		}
		b := v.reader()
		b.open(t, url.Values{"email": {"bea@example.org"}})
		before = rowCounts(t, v.DB)
		post := boardAt + "/p/1-a-bench-by-the-pond"
		for path, want := range map[string]string{boardAt + "/new": boardAt + "/me?said=waits", post + "/comments": post, post + "/vote": post} {
			a := b.press(t, path, http.StatusSeeOther, "title", "Buy", "body", "now", "do", "vote", "homepage", "https://buy.example")
			if got := a.header.Get("Location"); got != want {
				t.Errorf("%s leads to %s, want %s", path, got, want)
			}
		}
		if diff := cmp.Diff(before, rowCounts(t, v.DB)); diff != "" {
			t.Errorf("something was stored (-before +after):\n%s", diff)
		}
		b.press(t, boardAt+"/new", http.StatusSeeOther, "title", "Swans", "homepage", "")
		if n := rowCounts(t, v.DB)["posts"]; n != 2 {
			t.Errorf("a person's post is lost: %d", n)
		}
	})
}

// Votes come no faster than people click, by person and by network.
func TestVoteFloodsAreSlowedDown(t *testing.T) {
	voices(t, `{"name":"Ideas","slug":"ideas","visibility":"public","anonymous_votes":true}`, func(t *testing.T, v *voicesWorld) {
		b := v.reader()
		b.open(t, url.Values{"email": {"bea@example.org"}})
		path := boardAt + "/p/1-a-bench-by-the-pond/vote"
		token := formField.FindStringSubmatch(b.get(t, boardAt+"/new", http.StatusOK).body)[1]
		click := func(who *reader, want int) answer {
			return who.post(t, path, url.Values{"form": {token}, "do": {"vote"}}, want)
		}
		for range 60 {
			click(b, http.StatusSeeOther)
		}
		if a := click(b, http.StatusTooManyRequests); a.header.Get("Retry-After") != "1" {
			t.Errorf("told to come back after %q s", a.header.Get("Retry-After"))
		}
		var p wish
		if v.api(t, "GET", "/posts/"+v.post, "", http.StatusOK).json(t, &p); p.Votes != 1 {
			t.Errorf("sixty clicks are %d votes", p.Votes)
		}
		v.clk.Advance(time.Second)
		click(b, http.StatusSeeOther)

		// Without a name and with a new cookie each time: the network is what is counted.
		var last answer
		taken := 0
		for range 70 {
			if last = v.reader().any(t, "POST", path, url.Values{"do": {"vote"}}); last.status == http.StatusSeeOther {
				taken++
			}
		}
		if last.status != http.StatusTooManyRequests || last.header.Get("Retry-After") == "" || taken > 60 {
			t.Errorf("%d of a flood were let through; in the end %d", taken, last.status)
		}
		v.api(t, "GET", "/posts/"+v.post, "", http.StatusOK).json(t, &p)
		if p.Votes > 21 {
			t.Errorf("a flood from one network counts as %d votes", p.Votes)
		}
		// Whatever it is that comes from one network.
		v.clk.Advance(time.Minute)
		floods := 0
		for range 620 {
			if a := v.reader().any(t, "POST", boardAt+"/p/1-a-bench-by-the-pond/comments", url.Values{}); a.status == http.StatusTooManyRequests && a.header.Get("Retry-After") != "" {
				floods++
			}
		}
		if floods == 0 {
			t.Error("a flood from one network is not slowed down")
		}
		v.clk.Advance(time.Minute)
		v.reader().post(t, path, url.Values{"do": {"unvote"}}, http.StatusSeeOther)
	})
}

// The list narrows by tag, keeps the tag through its links and forms, and a post leads
// there.
func TestPagesNarrowByTag(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		p := v.wish(t, v.board, `{"title":"A raft","tags":["on water"]}`)
		v.api(t, "PUT", "/posts/"+p.ID+"/votes/"+v.known, "", http.StatusOK)
		b := v.reader()
		list := b.get(t, boardAt+"?tag=On+Water", http.StatusOK).body
		if !strings.Contains(list, "A raft") || strings.Contains(list, "A bench") {
			t.Error("the list is not narrowed")
		}
		for _, want := range []string{"?sort=top&amp;tag=on+water", `<input type="hidden" name="tag" value="on water">`, `href="` + boardAt + `" aria-current="true">#on water`} {
			if !strings.Contains(strings.Join(strings.Fields(list), " "), want) {
				t.Errorf("the list lacks %q", want)
			}
		}
		if page := b.get(t, boardAt+"/p/2-a-raft", http.StatusOK).body; !strings.Contains(page, `href="`+boardAt+`?tag=on+water"`) {
			t.Error("the post does not lead to its tag")
		}
		a := b.post(t, boardAt+"/p/2-a-raft/vote", url.Values{"do": {"vote"}, "next": {"/?tag=on+water"}}, http.StatusSeeOther)
		if !strings.Contains(a.header.Get("Location"), url.QueryEscape("/?tag=on+water")) {
			t.Errorf("the way back forgets the tag: %s", a.header.Get("Location"))
		}
		if none := b.get(t, boardAt+"?tag=%27--%3Cscript%3E", http.StatusOK).body; strings.Contains(none, "<script>") || strings.Contains(none, "A raft") {
			t.Error("a tag that is none")
		}
		b.get(t, boardAt+"?tag="+strings.Repeat("x", 300), http.StatusBadRequest)
	})
}
