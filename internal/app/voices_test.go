package app_test

import (
	"context"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/mail/mailtest"
	"github.com/botimum/botimum/internal/workspace"
)

// voices runs a test against a server on each engine that sends mail, with a public
// board and a clock that stands still.
func voices(t *testing.T, fields string, fn func(t *testing.T, v *voicesWorld)) {
	t.Helper()
	clk := clock.NewFake(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))
	portalBy(t, clk, func(t *testing.T, w *world, mails *mailtest.Server, known string) {
		v := &voicesWorld{world: w, mails: mails, clk: clk, known: known}
		v.board = w.board(t, fields)
		v.post = w.wish(t, v.board, `{"title":"A bench by the pond"}`).ID
		fn(t, v)
	})
}

const publicBoard = `{"name":"Ideas","slug":"ideas","visibility":"public"}`

type voicesWorld struct {
	*world
	mails              *mailtest.Server
	clk                *clock.Fake
	known, board, post string
}

var signInLink = regexp.MustCompile(`/sign-in/([A-Za-z0-9_-]{43})`)

// linkFor asks for a link to sign in and gives its token from the mail.
func (v *voicesWorld) linkFor(t *testing.T, address string, wish boards.Wish) string {
	t.Helper()
	before := len(v.mails.Mails())
	ctx := workspace.WithNetwork(t.Context(), "192.0.2.7")
	err := v.Boards.AskSignIn(ctx, v.made.Workspace.ID, boards.SignIn{BoardID: v.board, Address: address, Locale: "en", Browser: "b", Wish: wish,
		URL: func(token string) string { return "http://127.0.0.1/b/acme/ideas/sign-in/" + token }})
	if err != nil {
		t.Fatal(err)
	}
	v.deliver(t)
	return v.newest(t, before, signInLink)
}

// newest finds something in the mails that came since.
func (v *voicesWorld) newest(t *testing.T, before int, what *regexp.Regexp) string {
	t.Helper()
	for _, m := range v.mails.Mails()[before:] {
		text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(string(m.Raw))))
		if err != nil {
			t.Fatal(err)
		}
		if found := what.FindSubmatch(text); found != nil {
			return string(found[1])
		}
	}
	t.Fatalf("no mail with %s came; there are %d", what, len(v.mails.Mails())-before)
	return ""
}

func (v *voicesWorld) signInTo(t *testing.T, address string) boards.Guest {
	t.Helper()
	_, g, _, err := v.Boards.OpenSignIn(t.Context(), v.made.Workspace.ID, v.linkFor(t, address, boards.Wish{}))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// vote has a guest vote as the pages do.
func (v *voicesWorld) vote(t *testing.T, g boards.Guest) error {
	t.Helper()
	return v.Boards.Act(t.Context(), g, func(ctx context.Context) error {
		_, err := v.Boards.Vote(ctx, v.post, g.ContactID, "")
		return err
	})
}

func (v *voicesWorld) votes(t *testing.T) int64 {
	t.Helper()
	var p wish
	v.api(t, "GET", "/posts/"+v.post, "", http.StatusOK).json(t, &p)
	return p.Votes
}

func isCode(err error, code string) bool {
	e := fault.As(err)
	return e != nil && e.Code == code
}

// A link signs in once, within a quarter of an hour, in its own workspace; and until
// something is done nobody comes to be.
func TestBoardLinksSignInOnce(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		ctx, ws := t.Context(), v.made.Workspace.ID
		contacts := func() int { return v.count(t, `SELECT COUNT(*) FROM contacts`) }
		before := contacts()
		token := v.linkFor(t, "bea@example.org", boards.Wish{Next: "/p/1"})
		for range 2 { // looking uses nothing up
			l, err := v.Boards.LookSignIn(ctx, ws, token, "b")
			if err != nil || !l.Same || l.Address != "b…@example.org" {
				t.Fatalf("looking: %+v %v", l, err)
			}
		}
		if l, err := v.Boards.LookSignIn(ctx, ws, token, "another"); err != nil || l.Same {
			t.Errorf("another browser passes for the same: %+v %v", l, err)
		}
		for name, forged := range map[string]string{"forged": token[:42] + "A", "short": "abc", "none": "", "another": boards.NewBallot()} {
			if forged == token {
				continue
			}
			if _, _, _, err := v.Boards.OpenSignIn(ctx, ws, forged); !isCode(err, "link_invalid") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, _, _, err := v.Boards.OpenSignIn(ctx, "wsp_other", token); !isCode(err, "link_invalid") {
			t.Errorf("another workspace: %v", err)
		}
		session, g, wish, err := v.Boards.OpenSignIn(ctx, ws, token)
		if err != nil || !g.Promised || wish.Next != "/p/1" || contacts() != before {
			t.Fatalf("opened: %+v %+v %v, %d contacts", g, wish, err, contacts()-before)
		}
		if _, _, _, err := v.Boards.OpenSignIn(ctx, ws, token); !isCode(err, "link_invalid") {
			t.Errorf("a second time: %v", err)
		}
		late := v.linkFor(t, "bea@example.org", boards.Wish{})
		v.clk.Advance(15 * time.Minute)
		if _, _, _, err := v.Boards.OpenSignIn(ctx, ws, late); !isCode(err, "link_invalid") {
			t.Errorf("too late: %v", err)
		}
		if got, err := v.Boards.Guest(ctx, ws, session); err != nil || got.ContactID != g.ContactID || !got.Promised {
			t.Errorf("the session: %+v %v", got, err)
		}
		if err := v.vote(t, g); err != nil || contacts() != before+1 || v.votes(t) != 1 {
			t.Errorf("the first vote: %v, %d contacts, %d votes", err, contacts()-before, v.votes(t))
		}
		var c struct {
			Email    string
			Verified bool
		}
		v.api(t, "GET", "/contacts/"+g.ContactID, "", http.StatusOK).json(t, &c)
		if c.Email != "bea@example.org" || !c.Verified {
			t.Errorf("who came to be: %+v", c)
		}
		if again := v.signInTo(t, "BEA@example.org"); again.ContactID != g.ContactID || again.Promised {
			t.Errorf("signing in again gives %+v", again)
		}
		if strings.Contains(v.logs.String(), token) || strings.Contains(v.logs.String(), "bea@") {
			t.Error("the log holds a token or an address")
		}
	})
}

// What was promised to somebody who did nothing goes without a trace.
func TestPromisesOfBoardsAreForgotten(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		g := v.signInTo(t, "shy@example.org")
		v.linkFor(t, "shyer@example.org", boards.Wish{})
		v.clk.Advance(25 * time.Hour)
		if err := v.Boards.SweepSessions(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"board_links", "board_sessions", "mails"} {
			if n := v.count(t, `SELECT COUNT(*) FROM `+table); n != 0 {
				t.Errorf("%d rows are left in %s", n, table)
			}
		}
		if err := v.vote(t, g); fault.KindOf(err) != fault.KindUnauthorized {
			t.Errorf("an ended session votes: %v", err)
		}
	})
}

// Asking says nothing of who is known, and an address is not flooded.
func TestBoardSignInIsQuiet(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		ask := func(address string) error {
			return v.Boards.AskSignIn(t.Context(), v.made.Workspace.ID, boards.SignIn{BoardID: v.board, Address: address,
				URL: func(token string) string { return "http://127.0.0.1/sign-in/" + token }})
		}
		for range 8 {
			for _, address := range []string{"ada@example.org", "nobody@example.org"} {
				if err := ask(address); err != nil {
					t.Fatalf("%s: %v", address, err)
				}
			}
		}
		v.deliver(t)
		to := map[string]int{}
		for _, m := range v.mails.Mails() {
			to[m.To]++
		}
		if to["ada@example.org"] != 3 || to["nobody@example.org"] != 3 {
			t.Errorf("mails: %v", to)
		}
		for _, wrong := range []string{"", "nobody", "a@b\r\nBcc: eve@example.org", strings.Repeat("x", 300) + "@example.org"} {
			if err := ask(wrong); !isCode(err, "invalid") {
				t.Errorf("%q: %v", wrong, err)
			}
		}
	})
}

// A person votes once, however they come: twice at once, as a contact that was merged,
// and from two browsers in which nobody knew them.
func TestPeopleVoteOnce(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		g := v.signInTo(t, "bea@example.org")
		other := v.signInTo(t, "bea@example.org") // promised apart: nobody is known yet
		var all sync.WaitGroup
		errs := make([]error, 12)
		for i := range errs {
			all.Go(func() {
				who := g
				if i%2 == 1 {
					who = other
				}
				errs[i] = v.Boards.Act(t.Context(), who, func(ctx context.Context) error {
					_, err := v.Boards.Vote(ctx, v.post, boards.Voter(ctx), "")
					return err
				})
			})
		}
		all.Wait()
		for _, err := range errs {
			if err != nil {
				t.Errorf("voting: %v", err)
			}
		}
		if n := v.votes(t); n != 1 {
			t.Errorf("%d votes", n)
		}
		if n := v.count(t, `SELECT COUNT(*) FROM contacts WHERE source = 'board'`); n != 1 {
			t.Errorf("%d people came to be", n)
		}
		ada := v.signInTo(t, "ada@example.org")
		if ada.ContactID != v.known {
			t.Fatalf("ada is %+v", ada)
		}
		v.merge(t, ada.ContactID, v.signInTo(t, "bea@example.org").ContactID, "")
		if err := v.vote(t, ada); err != nil {
			t.Error(err)
		}
		if n := v.votes(t); n != 1 {
			t.Errorf("%d votes after merging", n)
		}
	})
}

// Who may not take part does not, and says why.
func TestWhoMayNotTakePart(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		ctx := t.Context()
		g := v.signInTo(t, "ada@example.org")
		if err := v.vote(t, g); err != nil {
			t.Fatal(err)
		}
		v.api(t, "PUT", "/contacts/"+v.known+"/restriction", `{"restricted":true,"reason":"asked"}`, http.StatusOK)
		if err := v.vote(t, g); !isCode(err, "processing_restricted") {
			t.Errorf("restricted: %v", err)
		}
		v.api(t, "PUT", "/contacts/"+v.known+"/restriction", `{"restricted":false,"reason":"done"}`, http.StatusOK)
		if _, err := v.Boards.Vote(g.As(ctx), v.post, v.add(t, `"email":"carl@example.org"`), ""); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("voting for another person: %v", err)
		}
		hidden := v.wish(t, v.board, `{"title":"Not yet"}`).ID
		v.api(t, "PATCH", "/posts/"+hidden, `{"state":"pending"}`, http.StatusOK)
		if _, err := v.Boards.Vote(g.As(ctx), hidden, g.ContactID, ""); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a post that waits: %v", err)
		}
		private := v.wish(t, v.world.board(t, `{"name":"Within"}`), `{"title":"Ours"}`).ID
		if _, err := v.Boards.Vote(g.As(ctx), private, g.ContactID, ""); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a private board: %v", err)
		}
		if _, err := v.Boards.AddComment(g.As(ctx), v.post, boards.NewComment{Body: "x", Official: true}); err != nil {
			t.Errorf("a comment: %v", err)
		} else if n := v.count(t, `SELECT COUNT(*) FROM post_comments WHERE internal = 1 OR official = 1`); n != 0 {
			t.Error("a contact wrote as the team")
		}
		v.api(t, "DELETE", "/contacts/"+v.known, "", http.StatusNoContent)
		if err := v.vote(t, g); !isCode(err, "contact_in_bin") {
			t.Errorf("in the bin: %v", err)
		}
		session, _, _, err := v.Boards.OpenSignIn(ctx, v.made.Workspace.ID, v.linkFor(t, "dora@example.org", boards.Wish{}))
		if err != nil {
			t.Fatal(err)
		}
		dora, err := v.Boards.Guest(ctx, v.made.Workspace.ID, session)
		if err != nil || v.vote(t, dora) != nil {
			t.Fatalf("dora: %v", err)
		}
		v.api(t, "DELETE", "/contacts/"+dora.ContactID+"?erase=true", "", http.StatusOK)
		if _, err := v.Boards.Guest(ctx, v.made.Workspace.ID, session); fault.KindOf(err) != fault.KindUnauthorized {
			t.Errorf("an erased person's session: %v", err)
		}
		if err := v.vote(t, dora); err == nil {
			t.Error("an erased person votes")
		}
		v.api(t, "PATCH", "/boards/"+v.board, `{"archived":true}`, http.StatusOK)
		eve := v.signInTo(t, "eve@example.org")
		before := v.count(t, `SELECT COUNT(*) FROM contacts`)
		if err := v.vote(t, eve); !isCode(err, "board_archived") || v.count(t, `SELECT COUNT(*) FROM contacts`) != before {
			t.Errorf("an archived board: %v", err)
		}
	})
}

// What contacts write waits where the board says so, and is theirs to change until
// then; others do not touch it.
func TestContactsWriteForThemselves(t *testing.T) {
	voices(t, `{"name":"Ideas","slug":"ideas","visibility":"public","approval":true}`, func(t *testing.T, v *voicesWorld) {
		ada, bea := v.signInTo(t, "ada@example.org"), v.signInTo(t, "bea@example.org")
		var p boards.Post
		err := v.Boards.Act(t.Context(), bea, func(ctx context.Context) (err error) {
			p, err = v.Boards.CreatePost(ctx, v.board, boards.NewPost{Title: "A lamp", Status: "done", ContactID: v.known})
			return err
		})
		if err != nil || p.State != boards.Pending || p.Status != "open" || p.Author.ID != bea.ContactID {
			t.Fatalf("%+v %v", p, err)
		}
		as, other := bea.As(t.Context()), ada.As(t.Context())
		title, state := "A brighter lamp", boards.Published
		if p, err = v.Boards.UpdatePost(as, p.ID, boards.PostChange{Title: &title, State: &state}, nil); err != nil || p.Title != title || p.State != boards.Pending {
			t.Errorf("%+v %v", p, err)
		}
		if _, err := v.Boards.UpdatePost(other, p.ID, boards.PostChange{Title: &title}, nil); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("another person's: %v", err)
		}
		if err := v.Boards.DeletePost(other, p.ID); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("removing another person's: %v", err)
		}
		v.api(t, "PATCH", "/posts/"+p.ID, `{"state":"published"}`, http.StatusOK)
		if _, err := v.Boards.UpdatePost(as, p.ID, boards.PostChange{Title: &title}, nil); !isCode(err, "already_approved") {
			t.Errorf("what was let through: %v", err)
		}
		c, err := v.Boards.AddComment(other, p.ID, boards.NewComment{Body: "Yes"})
		if err != nil || c.State != boards.Pending {
			t.Fatalf("%+v %v", c, err)
		}
		if _, err := v.Boards.AddComment(as, p.ID, boards.NewComment{Body: "Hm", ParentID: c.ID}); !isCode(err, "invalid") {
			t.Errorf("an answer to what nobody sees: %v", err)
		}
		if err := v.Boards.RemoveComment(as, c.ID); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("removing another person's comment: %v", err)
		}
		if err := v.Boards.DeletePost(as, p.ID); !isCode(err, "others_took_part") {
			t.Errorf("removing what others answered: %v", err)
		}
		if err := v.Boards.RemoveComment(other, c.ID); err != nil {
			t.Error(err)
		}
		if err := v.Boards.DeletePost(as, p.ID); err != nil {
			t.Error(err)
		}
	})
}

// Votes without a name count once a cookie, are bounded by network, follow a merge and
// its undoing, and become their person's when they sign in.
func TestAnonymousBallots(t *testing.T) {
	voices(t, `{"name":"Ideas","slug":"ideas","visibility":"public","anonymous_votes":true}`, func(t *testing.T, v *voicesWorld) {
		ctx := boards.Unnamed(t.Context(), v.made.Workspace.ID)
		cookie := boards.NewBallot()
		at := func(last int) string { return fmt.Sprintf("203.0.113.%d", last) }
		for range 3 {
			if err := v.Boards.VoteAnonymously(ctx, v.post, boards.Ballot{Cookie: cookie, Network: at(1)}); err != nil {
				t.Fatal(err)
			}
		}
		if v.votes(t) != 1 {
			t.Fatalf("%d votes of one cookie", v.votes(t))
		}
		var refused error
		for i := range 30 {
			if err := v.Boards.VoteAnonymously(ctx, v.post, boards.Ballot{Cookie: boards.NewBallot(), Network: at(i)}); err != nil {
				refused = err
			}
		}
		if !isCode(refused, "too_many_ballots") || v.votes(t) != 20 {
			t.Errorf("a street votes %d times: %v", v.votes(t), refused)
		}
		v.clk.Advance(24 * time.Hour) // another day, another token
		if err := v.Boards.VoteAnonymously(ctx, v.post, boards.Ballot{Cookie: boards.NewBallot(), Network: at(1)}); err != nil {
			t.Error(err)
		}
		if err := v.Boards.VoteAnonymously(ctx, v.post, boards.Ballot{Cookie: "x", Network: at(1)}); !isCode(err, "invalid") {
			t.Errorf("a cookie that is not ours: %v", err)
		}
		other := v.wish(t, v.board, `{"title":"Benches"}`).ID
		if err := v.Boards.VoteAnonymously(ctx, other, boards.Ballot{Cookie: cookie, Network: at(1)}); err != nil {
			t.Fatal(err)
		}
		v.api(t, "POST", "/posts/"+other+"/merge", `{"post_id":"`+v.post+`"}`, http.StatusOK)
		if v.votes(t) != 21 {
			t.Errorf("%d votes after merging", v.votes(t))
		}
		v.api(t, "POST", "/posts/"+other+"/unmerge", ``, http.StatusOK)
		g := v.signInTo(t, "bea@example.org")
		for range 2 {
			err := v.Boards.Act(t.Context(), g, func(ctx context.Context) error { return v.Boards.ClaimBallots(ctx, cookie) })
			if err != nil {
				t.Fatal(err)
			}
		}
		if n := v.count(t, `SELECT COUNT(*) FROM post_votes WHERE contact_id = $1`, g.ContactID); n != 2 || v.votes(t) != 21 {
			t.Errorf("%d votes became theirs, %d count", n, v.votes(t))
		}
		if err := v.Boards.UnvoteAnonymously(ctx, v.post, cookie); err != nil || v.votes(t) != 21 {
			t.Errorf("what became theirs is taken back: %v", err)
		}
		v.clk.Advance(72 * time.Hour)
		if err := v.Boards.SweepSessions(t.Context(), 1000); err != nil || v.count(t, `SELECT COUNT(*) FROM anonymous_ballots WHERE network_token IS NOT NULL`) != 0 {
			t.Errorf("ballots remember their network: %v", err)
		}
		for name, raw := range v.raw(t) {
			if strings.Contains(string(raw), "203.0.113.") {
				t.Errorf("%s holds an address", name)
			}
		}
	})
}

var stopLink = regexp.MustCompile(`/unsubscribe/([A-Za-z0-9_-]{22})`)

// Followers are told once a person; who may not be told is not; and a mail's link ends
// it.
func TestFollowersAreTold(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		ctx := t.Context()
		follow := func(g boards.Guest) {
			t.Helper()
			if err := v.Boards.Act(ctx, g, func(ctx context.Context) error { return v.Boards.Follow(ctx, v.post) }); err != nil {
				t.Fatal(err)
			}
		}
		ada, bea, carl := v.signInTo(t, "ada@example.org"), v.signInTo(t, "bea@example.org"), v.signInTo(t, "carl@example.org")
		follow(ada)
		follow(bea)
		follow(bea)
		follow(carl)
		v.api(t, "PUT", "/contacts/"+carl.ContactID+"/restriction", `{"restricted":true,"reason":"asked"}`, http.StatusOK)
		told := func() (to []string) {
			t.Helper()
			before := len(v.mails.Mails())
			v.clk.Advance(2 * time.Minute)
			if err := v.Boards.SendNotices(ctx, 10); err != nil {
				t.Fatal(err)
			}
			v.deliver(t)
			for _, m := range v.mails.Mails()[before:] {
				to = append(to, m.To)
			}
			return to
		}
		v.api(t, "PATCH", "/posts/"+v.post, `{"status":"done"}`, http.StatusOK)
		v.api(t, "PATCH", "/posts/"+v.post, `{"status":"planned"}`, http.StatusOK) // what was set and set again is told once
		if got := told(); len(got) != 2 {
			t.Errorf("of the status: %v", got)
		}
		v.api(t, "POST", "/posts/"+v.post+"/comments", `{"body":"In March","official":true}`, http.StatusCreated)
		before := len(v.mails.Mails())
		if got := told(); len(got) != 2 {
			t.Errorf("of the answer: %v", got)
		}
		stop := v.newest(t, before, stopLink)
		for range 2 {
			if err := v.Boards.Unsubscribe(ctx, v.made.Workspace.ID, stop); err != nil {
				t.Error(err)
			}
		}
		if err := v.Boards.Unsubscribe(ctx, v.made.Workspace.ID, "nonsense"); err != nil {
			t.Error(err)
		}
		other := v.wish(t, v.board, `{"title":"Benches"}`).ID
		v.api(t, "POST", "/posts/"+v.post+"/merge", `{"post_id":"`+other+`"}`, http.StatusOK)
		if got := told(); len(got) != 1 {
			t.Errorf("of the merge: %v", got)
		}
		if n := v.count(t, `SELECT COUNT(*) FROM post_subscriptions WHERE post_id = $1`, other); n != 2 {
			t.Errorf("%d followers went along", n)
		}
		v.entry(t, `{"board_id":"`+v.board+`","title":"Benches are here","publish_at":"2026-01-01T00:00:00Z","post_ids":["`+other+`"]}`)
		if got := told(); len(got) != 1 {
			t.Errorf("of the changelog: %v", got)
		}
		if n := v.count(t, `SELECT COUNT(*) FROM post_notices`); n != 0 {
			t.Errorf("%d notices are left", n)
		}
	})
}

// Who signed in and reads what others wrote is on record, as every reader is who has a
// name; one's own words are not, and a page that is read without a name cannot be.
func TestReadersOfBoardsAreOnRecord(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		author, reader := v.signInTo(t, "ada@example.org"), v.signInTo(t, "bea@example.org")
		p, err := v.say(t, author, "Swans", "")
		if err != nil {
			t.Fatal(err)
		}
		if err := v.vote(t, reader); err != nil { // a contact from here on
			t.Fatal(err)
		}
		for _, g := range []boards.Guest{author, reader} {
			if _, err := v.Boards.Post(g.As(t.Context()), p.ID); err != nil {
				t.Fatal(err)
			}
		}
		v.reader().get(t, "/b/acme/ideas", http.StatusOK)
		var page struct {
			Data []struct {
				Actor struct{ Type, ID string }
			}
		}
		v.api(t, "GET", "/access-events?contact_id="+author.ContactID, "", http.StatusOK).json(t, &page)
		var by []string
		for _, e := range page.Data {
			if e.Actor.Type != "api_key" && e.Actor.Type != "operator" {
				by = append(by, e.Actor.Type+" "+e.Actor.ID)
			}
		}
		if len(by) != 1 || by[0] != "contact "+reader.ContactID {
			t.Errorf("on record are %q, want the reader alone", by)
		}
	})
}
