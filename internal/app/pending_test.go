package app_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/boards"
)

type pendingPage struct {
	Data []struct {
		ID, Kind, Title, Body string
		HeldFor               string `json:"held_for"`
		BoardID               string `json:"board_id"`
		Author                struct{ ID, Name string }
		Restricted            bool
	}
	NextCursor *string `json:"next_cursor"`
}

// pendingOf gives what waits, page by page.
func (w *world) pendingOf(t *testing.T, path string) (out pendingPage) {
	t.Helper()
	cursor := ""
	for {
		var page pendingPage
		w.api(t, "GET", path+"?limit=2&cursor="+cursor, "", http.StatusOK).json(t, &page)
		out.Data = append(out.Data, page.Data...)
		if page.NextCursor == nil {
			return out
		}
		cursor = *page.NextCursor
	}
}

func (p pendingPage) words() (out []string) {
	for _, one := range p.Data {
		out = append(out, one.Kind+" "+one.HeldFor+": "+one.Title+"/"+one.Body)
	}
	return out
}

type decided struct {
	Results []struct {
		ID, Code string
		Done     bool
	}
}

func (w *world) decide(t *testing.T, path, decision, reason string, ids ...string) (d decided) {
	t.Helper()
	body := fmt.Sprintf(`{"ids":["%s"],"decision":%q`, strings.Join(ids, `","`), decision)
	if reason != "" {
		body += fmt.Sprintf(`,"reason":%q`, reason)
	}
	w.api(t, "POST", path, body+"}", http.StatusOK).json(t, &d)
	return d
}

func (v *voicesWorld) comment(t *testing.T, g boards.Guest, postID, body string) (c boards.Comment) {
	t.Helper()
	err := v.Boards.Act(t.Context(), g, func(ctx context.Context) (err error) {
		c, err = v.Boards.AddComment(ctx, postID, boards.NewComment{Body: body})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const approvedBoard = `{"name":"Ideas","slug":"ideas","visibility":"public","approval":true}`

// What waits stands in one queue, oldest first, of a board or of all; each decision is
// made for itself, and whose words were not published reads why.
func TestWhatWaitsIsDecided(t *testing.T) {
	voices(t, approvedBoard, func(t *testing.T, v *voicesWorld) {
		other := v.world.board(t, `{"name":"Other","slug":"other","visibility":"public","approval":true}`)
		g, spam := v.signInTo(t, "bea@example.org"), v.signInTo(t, "spam@example.org")
		p1, _ := v.say(t, g, "Swans", "")
		v.clk.Advance(time.Second)
		c1 := v.comment(t, g, v.post, "Yes please")
		v.clk.Advance(time.Second)
		p2, _ := v.say(t, spam, "Buy now", "")
		v.clk.Advance(time.Second)
		elsewhere := *v
		elsewhere.board = other
		p3, _ := elsewhere.say(t, g, "Elsewhere", "")

		queue := v.pendingOf(t, "/boards/"+v.board+"/pending")
		want := []string{"post approval: Swans/", "comment approval: A bench by the pond/Yes please", "post approval: Buy now/"}
		if !slices.Equal(queue.words(), want) || queue.Data[0].Author.ID == "" {
			t.Fatalf("the queue is %q", queue.words())
		}
		if all := v.pendingOf(t, "/board-pending"); !slices.Equal(all.words(), append(want, "post approval: Elsewhere/")) || all.Data[3].BoardID != other {
			t.Fatalf("all that waits is %q", all.words())
		}

		path := "/boards/" + v.board + "/pending/bulk"
		d := v.decide(t, path, "approve", "", p1.ID, c1.ID, c1.ID, p3.ID, "pst_01jdb2k8q5e6r7s8t9v0w1x2y3")
		if fmt.Sprint(d.Results) != fmt.Sprintf("[{%s  true} {%s  true} {%s not_found false} {pst_01jdb2k8q5e6r7s8t9v0w1x2y3 not_found false}]", p1.ID, c1.ID, p3.ID) {
			t.Errorf("approved: %+v", d.Results)
		}
		if d := v.decide(t, path, "approve", "", p1.ID); !d.Results[0].Done { // two colleagues at once
			t.Errorf("approved twice: %+v", d)
		}
		if d := v.decide(t, path, "reject", "", p1.ID); d.Results[0].Code != "not_pending" {
			t.Errorf("what is published is rejected: %+v", d)
		}
		v.api(t, "GET", "/posts/"+p1.ID, "", http.StatusOK)

		if d := v.decide(t, path, "block", "", p2.ID); !d.Results[0].Done {
			t.Errorf("blocked: %+v", d)
		}
		v.api(t, "GET", "/posts/"+p2.ID, "", http.StatusNotFound)
		if a := v.api(t, "GET", "/contacts/"+spam.ContactID, "", http.StatusOK); !strings.Contains(a.body, `"reason":"spam"`) {
			t.Errorf("who wrote it is not blocked: %s", a.body)
		}
		if d := v.decide(t, "/board-pending/bulk", "reject", "It is there already: see the swans.", p3.ID); !d.Results[0].Done {
			t.Errorf("rejected: %+v", d)
		}
		if left := v.pendingOf(t, "/board-pending"); len(left.Data) != 0 {
			t.Errorf("still waits: %q", left.words())
		}
		g.Promised = false // they are somebody since their first words
		refusals, err := v.Boards.Refusals(t.Context(), g, other)
		if err != nil || len(refusals) != 1 || refusals[0].Reason != "It is there already: see the swans." || refusals[0].Kind != "post" {
			t.Errorf("its author reads %+v, %v", refusals, err)
		}
		actions := v.api(t, "GET", "/audit-events?limit=100", "", http.StatusOK).body
		if !strings.Contains(actions, "post.rejected") || strings.Contains(actions, "swans") {
			t.Error("the audit log does not tell of it, or tells its words")
		}
		v.clk.Advance(91 * 24 * time.Hour)
		if err := v.Boards.SweepSessions(t.Context(), 100); err != nil {
			t.Fatal(err)
		}
		if n := rowCounts(t, v.DB)["board_refusals"]; n != 0 {
			t.Errorf("%d refusals are kept for more than 90 days", n)
		}
	})
}

// A post for which others voted before an edit of it had to wait is not thrown away
// with their votes; of who is restricted nothing is decided; erasure takes the reasons.
func TestWhatWaitsIsNotLostByMistake(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		g := v.signInTo(t, "bea@example.org")
		p, err := v.say(t, g, "Swans", "")
		if err != nil {
			t.Fatal(err)
		}
		v.api(t, "PUT", "/posts/"+p.ID+"/votes/"+v.known, "", http.StatusOK)
		v.api(t, "PATCH", "/boards/"+v.board+"/moderation", `{"words":["casino"]}`, http.StatusOK)
		body := "casino"
		err = v.Boards.Act(t.Context(), g, func(ctx context.Context) (err error) {
			p, err = v.Boards.UpdatePost(ctx, p.ID, boards.PostChange{Body: &body}, nil)
			return err
		})
		if err != nil || p.State != boards.Pending {
			t.Fatalf("%s, %v", p.State, err)
		}
		path := "/boards/" + v.board + "/pending/bulk"
		if d := v.decide(t, path, "reject", "", p.ID); d.Results[0].Code != "others_took_part" {
			t.Errorf("rejected with the votes of others: %+v", d)
		}
		c := v.comment(t, g, v.post, "casino")
		v.api(t, "PUT", "/contacts/"+g.ContactID+"/restriction", `{"restricted":true,"reason":"x"}`, http.StatusOK)
		if d := v.decide(t, path, "reject", "", c.ID); d.Results[0].Code != "processing_restricted" {
			t.Errorf("of who is restricted: %+v", d)
		}
		for _, one := range v.pendingOf(t, "/board-pending").Data {
			if !one.Restricted || one.Body != "" {
				t.Errorf("of who is restricted is shown: %+v", one)
			}
		}
		v.api(t, "PUT", "/contacts/"+g.ContactID+"/restriction", `{"restricted":false,"reason":"x"}`, http.StatusOK)
		if d := v.decide(t, path, "reject", "No gambling.", c.ID); !d.Results[0].Done {
			t.Errorf("rejected: %+v", d)
		}
		v.api(t, "DELETE", "/contacts/"+g.ContactID+"?erase=true", "", http.StatusOK)
		if n := rowCounts(t, v.DB)["board_refusals"]; n != 0 {
			t.Errorf("%d reasons outlive their person", n)
		}
		weak := v.api(t, "POST", "/api-keys", `{"name":"boards","scopes":["boards:write","boards:read"]}`, http.StatusCreated)
		var key struct{ Secret string }
		weak.json(t, &key)
		a := v.do(t, call{method: "POST", path: "/api/v1" + path, body: `{"ids":["` + p.ID + `"],"decision":"block"}`, header: bearer(key.Secret)})
		if a.status != http.StatusForbidden {
			t.Errorf("who may not block people blocks: %d %s", a.status, a.body)
		}
		v.api(t, "POST", path, `{"ids":["x"],"decision":"approve","reason":"nice"}`, http.StatusUnprocessableEntity)
	})
}
