package app_test

import (
	"context"
	"crypto/sha256"
	"math/bits"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/boards"
)

// say has a guest wish for something and comment on it, as the pages do.
func (v *voicesWorld) say(t *testing.T, g boards.Guest, title, proof string) (p boards.Post, err error) {
	t.Helper()
	err = v.Boards.Act(t.Context(), g, func(ctx context.Context) (err error) {
		p, err = v.Boards.CreatePost(ctx, v.board, boards.NewPost{Title: title, Proof: proof})
		return err
	})
	return p, err
}

// work solves a challenge as a browser does.
func (v *voicesWorld) work(t *testing.T) string {
	t.Helper()
	c, err := v.Boards.NewChallenge(t.Context(), v.made.Workspace.ID)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		proof := c.Text + ":" + strconv.Itoa(n)
		sum := sha256.Sum256([]byte(proof))
		if bits.LeadingZeros32(uint32(sum[0])<<24|uint32(sum[1])<<16|uint32(sum[2])<<8|uint32(sum[3])) >= c.Bits {
			return proof
		}
	}
}

func TestBoardsHoldSpamBack(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		g := v.signInTo(t, "bea@example.org")
		path := "/boards/" + v.board + "/moderation"
		v.api(t, "PATCH", path, `{"words":["casino"],"max_links":1}`, http.StatusOK)
		for title, want := range map[string]string{
			"A bigger pond":                   "",
			"The best C\u200bASINO":           "words",
			"https://a.example www.b.example": "links",
		} {
			p, err := v.say(t, g, title, "")
			if err != nil || p.HeldFor != want || (p.State == "published") != (want == "") {
				t.Errorf("%q: %s, held for %q, %v", title, p.State, p.HeldFor, err)
			}
		}
		// Operators and their keys are not asked.
		if p := v.wish(t, v.board, `{"title":"A casino night"}`); p.State != "published" {
			t.Errorf("the team's own words wait: %+v", p)
		}
		v.api(t, "PATCH", path, `{"on_words":"refuse"}`, http.StatusOK)
		if _, err := v.say(t, g, "casino", ""); !isCode(err, "words_refused") {
			t.Errorf("refused words: %v", err)
		}

		// What was published cannot be turned into spam by an edit; approving it again shows it.
		p, err := v.say(t, g, "Swans", "")
		if err != nil {
			t.Fatal(err)
		}
		body := "see https://a.example and https://b.example"
		err = v.Boards.Act(t.Context(), g, func(ctx context.Context) (err error) {
			p, err = v.Boards.UpdatePost(ctx, p.ID, boards.PostChange{Body: &body}, nil)
			return err
		})
		if err != nil || p.State != "pending" || p.HeldFor != "links" {
			t.Errorf("edited into links: %s %q %v", p.State, p.HeldFor, err)
		}
		a := v.api(t, "PATCH", "/posts/"+p.ID, `{"state":"published"}`, http.StatusOK)
		if !strings.Contains(a.body, `"held_for":""`) {
			t.Errorf("approved: %s", a.body)
		}
		var c boards.Comment
		err = v.Boards.Act(t.Context(), g, func(ctx context.Context) (err error) {
			c, err = v.Boards.AddComment(ctx, v.post, boards.NewComment{Body: body})
			return err
		})
		if err != nil || c.State != "pending" || c.HeldFor != "links" {
			t.Errorf("a comment of links: %+v %v", c, err)
		}
		a = v.api(t, "PATCH", "/comments/"+c.ID, `{"state":"published"}`, http.StatusOK)
		if !strings.Contains(a.body, `"held_for":""`) {
			t.Errorf("approved: %s", a.body)
		}
	})
}

func TestNewcomersWorkOrWait(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		v.api(t, "PATCH", "/boards/"+v.board+"/moderation", `{"challenge":"newcomers","first_waits":true}`, http.StatusOK)
		g := v.signInTo(t, "bea@example.org")
		for proof, want := range map[string]string{"": "challenge", "x:1": "challenge", v.work(t): "first"} {
			if p, err := v.say(t, g, "Swans", proof); err != nil || p.HeldFor != want {
				t.Errorf("with %.10q: held for %q, want %q; %v", proof, p.HeldFor, want, err)
			}
		}
		proof := v.work(t)
		first, err := v.say(t, g, "A bench", proof)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := v.say(t, g, "Another", proof); err != nil || p.HeldFor != "challenge" {
			t.Errorf("the same proof again: %q %v", p.HeldFor, err)
		}
		v.clk.Advance(time.Second)
		v.api(t, "PATCH", "/posts/"+first.ID, `{"state":"published"}`, http.StatusOK)
		if p, err := v.say(t, g, "Now known", ""); err != nil || p.HeldFor != "" || p.State != "published" {
			t.Errorf("who is known: %s %q %v", p.State, p.HeldFor, err)
		}
	})
}

func TestModerationRefusesNonsense(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		path := "/boards/" + w.board(t, publicBoard) + "/moderation"
		for _, body := range []string{`{"words":["*"]}`, `{"words":["` + strings.Repeat("x", 61) + `"]}`, `{"max_links":-1}`, `{"on_words":"shrug"}`, `{"challenge":"robots"}`, `{"speed":1}`} {
			w.api(t, "PATCH", path, body, http.StatusUnprocessableEntity)
		}
		a := w.api(t, "GET", path, "", http.StatusOK)
		if !strings.Contains(a.body, `"words":[]`) || !strings.Contains(a.body, `"challenge":"nobody"`) {
			t.Errorf("the usual rules: %s", a.body)
		}
	})
}
