package app_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/botimum/botimum/internal/boards"
)

// reader is somebody who uses a board without JavaScript.
type reader struct {
	v       *voicesWorld
	cookies map[string]string
	header  http.Header // sent along
}

func (v *voicesWorld) reader() *reader {
	return &reader{v: v, cookies: map[string]string{}, header: http.Header{}}
}

const boardAt = "/b/acme/ideas"

func (b *reader) do(t *testing.T, method, path string, form url.Values, want int) answer {
	t.Helper()
	a := b.any(t, method, path, form)
	if a.status != want {
		t.Fatalf("%s %s: %d, want %d: %.3000s", method, path, a.status, want, a.body)
	}
	return a
}

// any asks, whatever the answer is.
func (b *reader) any(t *testing.T, method, path string, form url.Values) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, b.v.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range b.header {
		r.Header[name] = values
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	followNone := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := followNone.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: got.StatusCode, body: string(raw), header: got.Header}
	for _, set := range a.header.Values("Set-Cookie") {
		c, err := http.ParseSetCookie(set)
		if err != nil || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/b/acme" {
			t.Errorf("a cookie that is not kept to the boards: %s", set)
			continue
		}
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return a
}

func (b *reader) get(t *testing.T, path string, want int) answer {
	t.Helper()
	return b.do(t, "GET", path, nil, want)
}

func (b *reader) post(t *testing.T, path string, form url.Values, want int) answer {
	t.Helper()
	return b.do(t, "POST", path, form, want)
}

// press sends a form with the token of a page.
func (b *reader) press(t *testing.T, path string, want int, fields ...string) answer {
	t.Helper()
	form := url.Values{}
	if token := formField.FindStringSubmatch(b.get(t, boardAt+"/new", http.StatusOK).body); token != nil {
		form.Set("form", token[1])
	}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.post(t, path, form, want)
}

// open asks for a link with a form, and opens the one that comes.
func (b *reader) open(t *testing.T, form url.Values) answer {
	t.Helper()
	before := len(b.v.mails.Mails())
	if a := b.post(t, boardAt+"/sign-in", form, http.StatusSeeOther); a.header.Get("Location") != boardAt+"/sign-in/asked" {
		t.Errorf("asking leads to %s", a.header.Get("Location"))
	}
	b.get(t, boardAt+"/sign-in/asked", http.StatusOK)
	b.v.deliver(t)
	link := boardAt + "/sign-in/" + b.v.newest(t, before, signInLink)
	b.get(t, link, http.StatusOK)
	b.get(t, link, http.StatusOK) // looking uses nothing up
	return b.post(t, link, url.Values{}, http.StatusSeeOther)
}

func (v *voicesWorld) consents(t *testing.T, contactID string) string {
	t.Helper()
	return v.api(t, "GET", "/contacts/"+contactID+"/consents", "", http.StatusOK).body
}

// Pressing vote leads to signing in and back, and votes then; what was ticked is done,
// and nothing else.
func TestVotingLeadsToSignInAndBack(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		b := v.reader()
		home := b.get(t, boardAt, http.StatusOK)
		if len(b.cookies) != 0 || !strings.Contains(home.body, `aria-pressed="false"`) {
			t.Fatalf("looking sets %v", b.cookies)
		}
		a := b.post(t, boardAt+"/p/1/vote", url.Values{"do": {"vote"}, "next": {"/?sort=top&evil=1"}}, http.StatusSeeOther)
		to, err := url.Parse(a.header.Get("Location"))
		if err != nil || to.Path != boardAt+"/sign-in" || to.Query().Get("next") != "/?sort=top" {
			t.Fatalf("leads to %s", a.header.Get("Location"))
		}
		form := b.get(t, a.header.Get("Location"), http.StatusOK)
		for _, want := range []string{"A bench by the pond", `href="http://127.0.0.1:8080/privacy/acme"`, "Send me news about the product", `name="follow"`, `for="email"`} {
			if !strings.Contains(form.body, want) && !strings.Contains(form.body, strings.ReplaceAll(want, "http://127.0.0.1:8080", "")) {
				t.Errorf("the form lacks %q", want)
			}
		}
		if strings.Contains(form.body, "checked") || strings.Contains(form.body, "Replies by e-mail") {
			t.Error("something is ticked already, or offered that is not marketing")
		}
		for _, wrong := range []string{"", "not an address", "a@b.example\r\nBcc: eve@example.org"} {
			page := b.post(t, boardAt+"/sign-in", url.Values{"email": {wrong}}, http.StatusUnprocessableEntity)
			if !strings.Contains(page.body, `role="alert"`) {
				t.Errorf("%q is not told", wrong)
			}
		}
		a = b.open(t, url.Values{"email": {"bea@example.org"}, "next": {"/?sort=top"}, "for": {"vote"}, "post": {"1"}, "follow": {"yes"}})
		if a.header.Get("Location") != boardAt+"?sort=top" || v.votes(t) != 1 {
			t.Errorf("back to %s, %d votes", a.header.Get("Location"), v.votes(t))
		}
		if page := b.get(t, boardAt+"/p/1-a-bench-by-the-pond", http.StatusOK); !strings.Contains(page.body, `aria-pressed="true"`) || !strings.Contains(page.body, "You are told by mail") {
			t.Error("the page does not show the vote and the subscription")
		}
		g, err := v.Boards.Guest(t.Context(), v.made.Workspace.ID, b.cookies["botimum_board"])
		if err != nil {
			t.Fatal(err)
		}
		if got := v.consents(t, g.ContactID); strings.Contains(got, "marketing") {
			t.Errorf("a consent that nobody gave: %s", got)
		}
		b.press(t, boardAt+"/p/1/vote", http.StatusSeeOther, "do", "importance", "importance", "essential")
		b.press(t, boardAt+"/p/1/vote", http.StatusSeeOther, "do", "vote") // a double click
		v.has(t, "/posts/"+v.post+"/votes", `"importance":"essential"`)
		b.press(t, boardAt+"/p/1/vote", http.StatusUnprocessableEntity, "do", "importance", "importance", "vital")
		b.press(t, boardAt+"/p/1/vote", http.StatusSeeOther, "do", "unvote")
		b.press(t, boardAt+"/p/1/vote", http.StatusSeeOther, "do", "unvote")
		if v.votes(t) != 0 {
			t.Errorf("%d votes are left", v.votes(t))
		}
	})
}

// A board's address enters a marketing export only with that consent, in the wording
// that was shown.
func TestBoardAddressesInMarketing(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		vote := func(address string, more ...string) {
			t.Helper()
			form := url.Values{"email": {address}, "for": {"vote"}, "post": {"1"}}
			for i := 0; i < len(more); i += 2 {
				form.Set(more[i], more[i+1])
			}
			v.reader().open(t, form)
		}
		vote("silent@example.org", "follow", "yes")
		vote("willing@example.org", "purpose_marketing", "yes", "version_marketing", "1")
		vote("late@example.org", "purpose_marketing", "yes", "version_marketing", "7") // another wording than this
		vote("sneaky@example.org", "purpose_email_replies", "yes", "version_email_replies", "1", "purpose_support", "yes")
		out := v.api(t, "POST", "/contacts/export", `{"format":"csv","purpose":"marketing","reason":"news"}`, http.StatusOK).body
		for address, in := range map[string]bool{"willing@": true, "silent@": false, "late@": false, "sneaky@": false} {
			if strings.Contains(out, address) != in {
				t.Errorf("%s is in the export: %v\n%s", address, !in, out)
			}
		}
		var found struct{ Data []struct{ ID string } }
		v.api(t, "POST", "/contacts/search", `{"email":"willing@example.org"}`, http.StatusOK).json(t, &found)
		got := v.consents(t, found.Data[0].ID)
		for _, want := range []string{`"source":"board"`, `"version":1`, `"locale":"en"`, `Send me news about the product by e-mail.`} {
			if !strings.Contains(got, want) {
				t.Errorf("the consent lacks %s: %s", want, got)
			}
		}
		v.api(t, "POST", "/privacy/purposes", `{"key":"tips","name":"Tips","lawful_basis":"consent","wording":"Send me tips.","marketing":true}`, http.StatusCreated)
		v.api(t, "POST", "/privacy/purposes", `{"key":"research","name":"Research","lawful_basis":"consent","wording":"Ask me questions."}`, http.StatusCreated)
		v.api(t, "POST", "/privacy/purposes", `{"key":"ads","name":"Ads","lawful_basis":"legitimate_interests","wording":"Show me ads.","marketing":true}`, http.StatusCreated)
		page := v.reader().get(t, boardAt+"/sign-in", http.StatusOK).body
		if !strings.Contains(page, "Send me tips.") || strings.Contains(page, "Ask me questions.") || strings.Contains(page, "Show me ads.") {
			t.Error("other purposes are offered than those of marketing that rest on consent")
		}
	})
}

// Everything that people write, over the wire.
func TestWritingOnTheBoard(t *testing.T) {
	voices(t, `{"name":"Ideas","slug":"ideas","visibility":"public","approval":true}`, func(t *testing.T, v *voicesWorld) {
		b := v.reader()
		if a := b.get(t, boardAt+"/new", http.StatusSeeOther); a.header.Get("Location") != boardAt+"/sign-in?next=%2Fnew" {
			t.Errorf("a new post leads to %s", a.header.Get("Location"))
		}
		if a := b.open(t, url.Values{"email": {"bea@example.org"}, "next": {"/new"}}); a.header.Get("Location") != boardAt+"/new" {
			t.Errorf("signing in leads to %s", a.header.Get("Location"))
		}
		b.press(t, boardAt+"/new", http.StatusUnprocessableEntity, "title", "", "body", "x")
		long := b.press(t, boardAt+"/new", http.StatusUnprocessableEntity, "title", "A lamp", "body", strings.Repeat("x", 20001))
		if !strings.Contains(long.body, `value="A lamp"`) || !strings.Contains(long.body, `aria-invalid="true"`) {
			t.Error("what was written is lost, or what is wrong is not told")
		}
		if a := b.press(t, boardAt+"/new", http.StatusSeeOther, "title", `A lamp <script>alert(1)</script>`, "body", "By the *door*\r\nplease", "follow", "yes"); a.header.Get("Location") != boardAt+"/me?said=waits" {
			t.Errorf("leads to %s", a.header.Get("Location"))
		}
		me := b.get(t, boardAt+"/me?said=waits", http.StatusOK).body
		if !strings.Contains(me, "A lamp &lt;script&gt;") || !strings.Contains(me, "Waits") || strings.Contains(me, "<script>") {
			t.Error("their own page does not show what waits")
		}
		other := v.reader()
		other.get(t, boardAt+"/p/2", http.StatusNotFound)
		other.get(t, boardAt+"/p/2/edit", http.StatusUnauthorized)
		b.get(t, boardAt+"/p/2/edit", http.StatusOK)
		b.press(t, boardAt+"/p/2/edit", http.StatusSeeOther, "title", "A brighter lamp", "body", "")
		b.press(t, boardAt+"/p/1/comments", http.StatusUnprocessableEntity, "body", "  ")
		said := b.press(t, boardAt+"/p/1/comments", http.StatusSeeOther, "body", "I would sit there")
		id := said.header.Get("Location")[strings.Index(said.header.Get("Location"), "#")+1:]
		if page := b.get(t, boardAt+"/p/1-a-bench-by-the-pond", http.StatusOK).body; !strings.Contains(page, "I would sit there") {
			t.Error("who wrote a comment does not see that it waits")
		}
		if page := other.get(t, boardAt+"/p/1-a-bench-by-the-pond", http.StatusOK).body; strings.Contains(page, "I would sit there") {
			t.Error("what waits is shown")
		}
		carl := v.reader()
		carl.open(t, url.Values{"email": {"carl@example.org"}})
		carl.get(t, boardAt+"/c/"+id+"/edit", http.StatusNotFound)
		carl.press(t, boardAt+"/c/"+id+"/edit", http.StatusNotFound, "body", "Hijacked")
		carl.press(t, boardAt+"/c/"+id+"/delete", http.StatusNotFound)
		carl.press(t, boardAt+"/p/2/delete", http.StatusNotFound)
		b.press(t, boardAt+"/c/"+id+"/edit", http.StatusSeeOther, "body", "I would sleep there")
		v.api(t, "PATCH", "/comments/"+id, `{"state":"published"}`, http.StatusOK)
		page := carl.get(t, boardAt+"/p/1-a-bench-by-the-pond?reply="+id, http.StatusOK).body
		if !strings.Contains(page, "I would sleep there") || !strings.Contains(page, `name="parent" value="`+id) {
			t.Error("a comment cannot be answered")
		}
		carl.press(t, boardAt+"/p/1/comments", http.StatusSeeOther, "body", "Me too", "parent", id)
		carl.press(t, boardAt+"/p/1/comments", http.StatusUnprocessableEntity, "body", "Me too", "parent", "cmt_unknown")
		b.press(t, boardAt+"/c/"+id+"/delete", http.StatusSeeOther)
		b.press(t, boardAt+"/p/2/delete", http.StatusSeeOther)
		b.press(t, boardAt+"/me", http.StatusSeeOther, "do", "always", "always", "yes")
		if page := b.get(t, boardAt+"/me", http.StatusOK).body; !strings.Contains(page, "checked") {
			t.Error("what they decided is not shown")
		}
	})
}

// Forms of other websites, out of date forms, ways out of the board, and guesses.
func TestBoardFormsHoldOut(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		b := v.reader()
		b.open(t, url.Values{"email": {"bea@example.org"}, "for": {"vote"}, "post": {"1"}})
		for name, header := range map[string]http.Header{
			"another site":  {"Sec-Fetch-Site": {"cross-site"}},
			"another host":  {"Sec-Fetch-Site": {"same-site"}},
			"another place": {"Origin": {"https://evil.example"}},
		} {
			b.header = header
			for _, path := range []string{"/p/1/vote", "/p/1/comments", "/p/1/follow", "/new", "/sign-out", "/sign-in", "/me"} {
				if a := b.post(t, boardAt+path, url.Values{"do": {"unvote"}, "body": {"x"}, "title": {"x"}, "email": {"a@example.org"}}, http.StatusForbidden); !strings.Contains(a.body, "was open for a while") {
					t.Errorf("%s: %s answers %.200s", name, path, a.body)
				}
			}
		}
		b.header = http.Header{}
		other := v.reader()
		other.open(t, url.Values{"email": {"carl@example.org"}})
		theirs := formField.FindStringSubmatch(other.get(t, boardAt+"/new", http.StatusOK).body)[1]
		for _, token := range []string{"", "x", theirs, boards.NewBallot()} {
			b.post(t, boardAt+"/p/1/vote", url.Values{"do": {"unvote"}, "form": {token}}, http.StatusForbidden)
		}
		if v.votes(t) != 1 {
			t.Error("a form of elsewhere was taken")
		}
		for _, next := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, `\\evil.example`, "/p/1/../../../etc", "javascript:alert(1)", "/p/1%0d%0aX-Evil: 1",
			"/p/1\r\nX-Evil: 1", "/\t/evil.example", "///evil.example", "http:evil.example", "/@evil.example", strings.Repeat("/p/1", 400)} {
			a := b.press(t, boardAt+"/p/1/vote", http.StatusSeeOther, "do", "vote", "next", next)
			if to := a.header.Get("Location"); to != boardAt+"/p/1-a-bench-by-the-pond" || a.header.Get("X-Evil") != "" {
				t.Errorf("%q leads to %s", next, to)
			}
			a = v.reader().get(t, boardAt+"/sign-in?next="+url.QueryEscape(next), http.StatusOK)
			if found := regexp.MustCompile(`name="next" value="([^"]*)"`).FindStringSubmatch(a.body); found == nil || found[1] != "" {
				t.Errorf("%q is kept", next)
			}
		}
		for _, path := range []string{"/sign-in/" + boards.NewBallot(), "/sign-in/x", "/sign-in/" + strings.Repeat("a", 5000)} {
			v.reader().get(t, boardAt+path, http.StatusGone)
			v.reader().post(t, boardAt+path, url.Values{}, http.StatusGone)
		}
		for _, cookie := range []string{"x", boards.NewBallot(), b.cookies["botimum_board"][:40] + "AAA"} {
			forged := v.reader()
			forged.cookies["botimum_board"] = cookie
			forged.get(t, boardAt+"/me", http.StatusSeeOther)
			forged.get(t, boardAt, http.StatusOK)
		}
		b.post(t, boardAt+"/p/1/comments", url.Values{"body": {strings.Repeat("x", 300_000)}}, http.StatusBadRequest)
		b.post(t, boardAt+"/p/999999999999999999999/vote", url.Values{}, http.StatusForbidden)
		v.reader().post(t, boardAt+"/p/7/vote", url.Values{}, http.StatusNotFound)
		private := v.world.board(t, `{"name":"Within","slug":"within"}`)
		v.wish(t, private, `{"title":"Ours"}`)
		for _, path := range []string{"", "/p/1", "/sign-in", "/new"} {
			v.reader().get(t, "/b/acme/within"+path, http.StatusNotFound)
		}
		v.reader().post(t, "/b/acme/within/p/1/vote", url.Values{}, http.StatusNotFound)
	})
}

// Clicks in a hurry count once, a flood is slowed down, and signing out ends it.
func TestBoardFloods(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		b := v.reader()
		b.open(t, url.Values{"email": {"bea@example.org"}})
		token := formField.FindStringSubmatch(b.get(t, boardAt+"/new", http.StatusOK).body)[1]
		click := func() int {
			r, err := http.NewRequestWithContext(t.Context(), "POST", v.server.URL+boardAt+"/p/1/vote", strings.NewReader(url.Values{"do": {"vote"}, "form": {token}}.Encode()))
			if err != nil {
				t.Error(err)
				return 0
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.AddCookie(&http.Cookie{Name: "botimum_board", Value: b.cookies["botimum_board"]})
			got, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
			if err != nil {
				t.Error(err)
				return 0
			}
			defer got.Body.Close()
			return got.StatusCode
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		statuses := map[int]int{}
		for range 80 {
			all.Go(func() {
				status := click()
				mu.Lock()
				defer mu.Unlock()
				statuses[status]++
			})
		}
		all.Wait()
		if statuses[http.StatusTooManyRequests] == 0 || statuses[http.StatusSeeOther]+statuses[http.StatusTooManyRequests] != 80 || v.votes(t) != 1 {
			t.Errorf("%v, %d votes", statuses, v.votes(t))
		}
		v.clk.Advance(time.Hour)
		kept := b.cookies["botimum_board"]
		b.press(t, boardAt+"/sign-out", http.StatusSeeOther)
		if b.cookies["botimum_board"] != "" {
			t.Error("the cookie stays")
		}
		b.cookies["botimum_board"] = kept
		b.get(t, boardAt+"/me", http.StatusSeeOther)
	})
}

// Where the board takes votes without a name, a cookie is set with the vote and not
// before, and signing in makes the vote one's own.
func TestVotingWithoutAName(t *testing.T) {
	voices(t, `{"name":"Ideas","slug":"ideas","visibility":"public","anonymous_votes":true}`, func(t *testing.T, v *voicesWorld) {
		b := v.reader()
		b.get(t, boardAt, http.StatusOK)
		if len(b.cookies) != 0 {
			t.Fatalf("looking sets %v", b.cookies)
		}
		for range 2 {
			b.post(t, boardAt+"/p/1/vote", url.Values{"do": {"vote"}, "next": {"/"}}, http.StatusSeeOther)
		}
		if b.cookies["botimum_ballot"] == "" || v.votes(t) != 1 || !strings.Contains(b.get(t, boardAt, http.StatusOK).body, `aria-pressed="true"`) {
			t.Errorf("cookies %v, %d votes", b.cookies, v.votes(t))
		}
		b.post(t, boardAt+"/p/1/vote", url.Values{"do": {"unvote"}}, http.StatusSeeOther)
		b.post(t, boardAt+"/p/1/vote", url.Values{"do": {"vote"}}, http.StatusSeeOther)
		b.open(t, url.Values{"email": {"bea@example.org"}})
		if v.votes(t) != 1 || b.cookies["botimum_ballot"] != "" || v.count(t, `SELECT COUNT(*) FROM post_votes`) != 1 {
			t.Errorf("%d votes, cookies %v", v.votes(t), b.cookies)
		}
		v.api(t, "PATCH", "/workspace", `{"settings":{"age_gate":true}}`, http.StatusOK)
		if a := v.reader().post(t, boardAt+"/p/1/vote", url.Values{"do": {"vote"}}, http.StatusSeeOther); !strings.Contains(a.header.Get("Location"), "/sign-in?") {
			t.Error("a vote of unknown age is taken")
		}
		if a := b.press(t, boardAt+"/p/1/vote", http.StatusForbidden, "do", "unvote"); !strings.Contains(a.body, "/sign-in") {
			t.Error("a sign-in from before ages were asked writes")
		}
		young := v.reader()
		form := url.Values{"email": {"kid@example.org"}, "born": {"2015-05"}}
		before := v.count(t, `SELECT COUNT(*) FROM board_links`)
		if a := young.post(t, boardAt+"/sign-in", form, http.StatusForbidden); !strings.Contains(a.body, "A parent has to agree") || v.count(t, `SELECT COUNT(*) FROM board_links`) != before {
			t.Errorf("a child is let in: %.300s", a.body)
		}
		young.post(t, boardAt+"/sign-in", url.Values{"email": {"kid@example.org"}, "born": {"soon"}}, http.StatusUnprocessableEntity)
		young.open(t, url.Values{"email": {"old@example.org"}, "born": {"1990-05"}, "for": {"vote"}, "post": {"1"}})
		if v.votes(t) != 2 {
			t.Errorf("%d votes", v.votes(t))
		}
	})
}

// An identity token signs in once: signed by the workspace, from a site that it
// allows, and for a day at most.
func TestIdentityTokensOnBoards(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		v.api(t, "PATCH", "/workspace", `{"settings":{"allowed_origins":["https://shop.example"]}}`, http.StatusOK)
		var secret struct {
			IdentitySecret string `json:"identity_secret"`
		}
		v.api(t, "GET", "/workspace/identity-secret", "", http.StatusOK).json(t, &secret)
		sign := func(key string, life time.Duration, sub string) string {
			token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": sub, "email": sub + "@example.org", "name": "Una Fox", "exp": v.clk.Now().Add(life).Unix()}).SignedString([]byte(key))
			if err != nil {
				t.Fatal(err)
			}
			return token
		}
		send := func(origin, token string, want int) *reader {
			b := v.reader()
			if origin != "" {
				b.header = http.Header{"Origin": {origin}, "Sec-Fetch-Site": {"cross-site"}}
			}
			b.post(t, boardAt+"/sign-in/identity", url.Values{"token": {token}, "next": {"/new"}}, want)
			b.header = http.Header{}
			return b
		}
		good := sign(secret.IdentitySecret, time.Hour, "una")
		send("https://evil.example", good, http.StatusForbidden)
		b := send("https://shop.example", good, http.StatusSeeOther)
		send("https://shop.example", good, http.StatusUnauthorized) // replayed
		send("", good[:len(good)-1]+otherEnd(good), http.StatusUnauthorized)
		send("", sign("another secret", time.Hour, "una"), http.StatusUnauthorized)
		send("", sign(secret.IdentitySecret, -time.Minute, "una"), http.StatusUnauthorized)
		send("", sign(secret.IdentitySecret, 30*24*time.Hour, "una"), http.StatusUnauthorized)
		send("", "", http.StatusUnauthorized)
		send("", strings.Repeat("x", 9000), http.StatusUnauthorized)
		b.press(t, boardAt+"/p/1/vote", http.StatusSeeOther, "do", "vote")
		if v.votes(t) != 1 {
			t.Errorf("%d votes", v.votes(t))
		}
		if page := b.get(t, boardAt+"/me", http.StatusOK).body; !strings.Contains(page, "una@example.org") || !strings.Contains(page, "From the website") {
			t.Error("their page does not know them")
		}
		if page := v.reader().get(t, boardAt+"/sign-in/from", http.StatusOK); !strings.Contains(page.body, "/identity.js") || strings.Contains(page.header.Get("Content-Security-Policy"), "unsafe") {
			t.Error("the page for tokens behind the # lacks its script")
		}
		v.reader().get(t, boardAt+"/identity.js", http.StatusOK)
		again := send("https://shop.example", sign(secret.IdentitySecret, 2*time.Hour, "una"), http.StatusSeeOther)
		page := again.get(t, boardAt+"/me", http.StatusOK).body
		session := regexp.MustCompile(`name="session" value="([^"]+)"`).FindStringSubmatch(page)
		if session == nil {
			t.Fatal("the other sign-in is not listed")
		}
		again.press(t, boardAt+"/me", http.StatusSeeOther, "do", "revoke", "session", session[1])
		b.get(t, boardAt+"/me", http.StatusSeeOther)
		again.press(t, boardAt+"/me", http.StatusNotFound, "do", "revoke", "session", session[1])
	})
}

// otherEnd gives a last digit that says the same of the signature to who reads
// base64 loosely.
func otherEnd(token string) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	at := strings.IndexByte(digits, token[len(token)-1])
	return string(digits[at^1])
}

// One click ends it, as mail programs send it: without a cookie, from elsewhere.
func TestOneClickUnsubscribe(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		b := v.reader()
		b.open(t, url.Values{"email": {"bea@example.org"}, "for": {"follow"}, "post": {"1"}})
		before := len(v.mails.Mails())
		v.api(t, "PATCH", "/posts/"+v.post, `{"status":"planned"}`, http.StatusOK)
		v.clk.Advance(2 * time.Minute)
		if err := v.Boards.SendNotices(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
		v.deliver(t)
		path := boardAt + "/unsubscribe/" + v.newest(t, before, stopLink)
		v.reader().get(t, path, http.StatusOK)
		if n := v.count(t, `SELECT COUNT(*) FROM post_subscriptions`); n != 1 {
			t.Fatal("looking unsubscribes")
		}
		program := v.reader()
		program.header = http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://mail.example"}}
		for range 2 {
			program.post(t, path, url.Values{"List-Unsubscribe": {"One-Click"}}, http.StatusOK)
		}
		if n := v.count(t, `SELECT COUNT(*) FROM post_subscriptions`); n != 0 {
			t.Error("one click does not unsubscribe")
		}
		program.post(t, boardAt+"/unsubscribe/"+strings.Repeat("x", 3000), url.Values{}, http.StatusOK)
	})
}
