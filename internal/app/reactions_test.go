package app_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
)

// since gives the types of the events about boards since one, and fails for one that
// does not name its board.
func (w *world) since(t *testing.T, from int64) (out []string) {
	t.Helper()
	var events []live.Event
	err := w.DB.Read(t.Context(), func(tx *storage.Tx) (err error) {
		events, err = live.After(tx, w.made.Workspace.ID, from, 1000)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		kind, _, _ := strings.Cut(e.Type, ".")
		if kind != "post" && kind != "vote" && kind != "comment" && kind != "reaction" {
			continue
		}
		if e.Details["board_id"] == "" || e.ObjectID == "" {
			t.Errorf("%s does not name its board: %v", e.Type, e.Details)
		}
		out = append(out, e.Type)
	}
	return out
}

type shown struct {
	Data []struct {
		ID, Body  string
		Reactions []struct {
			Reaction string
			Count    int
			Mine     bool
		}
		Mentions []struct{ Type, ID, Name string }
	}
}

// Each person shows each sort once, however often they click, whoever they are; it is
// counted, and gone with them.
func TestPeopleReactToComments(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		var c struct{ ID string }
		v.api(t, "POST", "/posts/"+v.post+"/comments", `{"body":"We look into it."}`, http.StatusCreated).json(t, &c)
		path := "/comments/" + c.ID + "/reactions"
		from := v.lastEvent(t)
		o := v.signIn(t)
		for range 2 {
			o.call(t, "PUT", path+"/heart", "", http.StatusNoContent)
		}
		v.api(t, "PUT", path+"/heart", "", http.StatusForbidden) // a key is nobody
		o.call(t, "PUT", path+"/skull", "", http.StatusUnprocessableEntity)

		b := v.reader()
		b.open(t, url.Values{"email": {"bea@example.org"}})
		react := boardAt + "/p/1-a-bench-by-the-pond/react"
		token := formField.FindStringSubmatch(b.get(t, boardAt+"/new", http.StatusOK).body)[1]
		var clicks sync.WaitGroup
		for range 4 { // a double click, and another one
			clicks.Go(func() {
				b := &reader{v: v, cookies: map[string]string{sessionCookie: b.cookies[sessionCookie]}, header: http.Header{}}
				b.post(t, react, url.Values{"form": {token}, "comment": {c.ID}, "do": {"heart"}}, http.StatusSeeOther)
			})
		}
		clicks.Wait()
		b.press(t, react, http.StatusSeeOther, "comment", c.ID, "do", "party")
		b.press(t, react, http.StatusSeeOther, "comment", c.ID, "do", "-party")
		b.press(t, react, http.StatusSeeOther, "comment", c.ID, "do", "-party")
		want := []string{"reaction.added", "reaction.added", "reaction.added", "reaction.removed"}
		if diff := cmp.Diff(want, v.since(t, from)); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}

		var list shown
		o.call(t, "GET", "/posts/"+v.post+"/comments", "", http.StatusOK).json(t, &list)
		if r := list.Data[0].Reactions; len(r) != 1 || r[0].Count != 2 || !r[0].Mine {
			t.Errorf("counted: %+v", r)
		}
		page := b.get(t, boardAt+"/p/1-a-bench-by-the-pond", http.StatusOK).body
		if !strings.Contains(page, `value="-heart" aria-pressed="true"`) || !strings.Contains(page, `<b>2</b>`) {
			t.Error("the page does not show it")
		}
		if stranger := v.reader().get(t, boardAt+"/p/1-a-bench-by-the-pond", http.StatusOK).body; !strings.Contains(stranger, `<b>2</b>`) || strings.Contains(stranger, `value="heart"`) {
			t.Error("strangers see no count, or may click")
		}
		who := v.api(t, "GET", path, "", http.StatusOK).body
		if strings.Count(who, `"reaction":"heart"`) != 2 {
			t.Errorf("who reacted: %s", who)
		}
		person := v.contactOf(t, "bea@example.org")
		// A contact who was merged into another one is the same person.
		v.api(t, "POST", "/contacts/"+v.known+"/merge", `{"contact_id":"`+person+`"}`, http.StatusOK)
		b.press(t, react, http.StatusSeeOther, "comment", c.ID, "do", "heart")
		if n := rowCounts(t, v.DB)["comment_reactions"]; n != 2 {
			t.Errorf("after the merge there are %d", n)
		}
		v.api(t, "DELETE", "/contacts/"+v.known+"?erase=true", "", http.StatusOK)
		v.api(t, "GET", "/posts/"+v.post+"/comments", "", http.StatusOK).json(t, &list)
		if r := list.Data[0].Reactions; len(r) != 1 || r[0].Count != 1 {
			t.Errorf("after erasure: %+v", r)
		}
		o.call(t, "DELETE", path+"/heart", "", http.StatusNoContent)
		o.call(t, "DELETE", path+"/heart", "", http.StatusNoContent)
		if a := b.post(t, react, url.Values{"comment": {c.ID}, "do": {"heart"}}, http.StatusSeeOther); !strings.Contains(a.header.Get("Location"), "/sign-in") {
			t.Error("who was erased is still signed in")
		}
		if n := rowCounts(t, v.DB)["comment_reactions"]; n != 0 {
			t.Errorf("%d are left", n)
		}
	})
}

const sessionCookie = "botimum_board"

// contactOf gives who has an address.
func (v *voicesWorld) contactOf(t *testing.T, address string) string {
	t.Helper()
	var found struct{ Data []struct{ ID string } }
	v.api(t, "POST", "/contacts/search", `{"email":"`+address+`"}`, http.StatusOK).json(t, &found)
	if len(found.Data) != 1 {
		t.Fatalf("%s is %d people", address, len(found.Data))
	}
	return found.Data[0].ID
}

// Nobody reacts to what they may not see.
func TestReactionsNeedToSee(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		var note struct{ ID string }
		v.api(t, "POST", "/posts/"+v.post+"/comments", `{"body":"Between us","internal":true}`, http.StatusCreated).json(t, &note)
		private := v.world.board(t, `{"name":"Private","slug":"private"}`)
		secret := v.wish(t, private, `{"title":"Secret"}`)
		var hidden struct{ ID string }
		v.api(t, "POST", "/posts/"+secret.ID+"/comments", `{"body":"x"}`, http.StatusCreated).json(t, &hidden)
		g := v.signInTo(t, "bea@example.org")
		for _, id := range []string{note.ID, hidden.ID, "cmt_01jdb2k8q5e6r7s8t9v0w1x2y3"} {
			err := v.Boards.Act(t.Context(), g, func(ctx context.Context) error { return v.Boards.React(ctx, "", id, "heart") })
			if !isCode(err, "not_found") {
				t.Errorf("reacting to %s: %v", id, err)
			}
		}
		v.signIn(t).call(t, "PUT", "/comments/"+note.ID+"/reactions/eyes", "", http.StatusNoContent)
		v.api(t, "DELETE", "/comments/"+note.ID, "", http.StatusNoContent)
		if n := rowCounts(t, v.DB)["comment_reactions"]; n != 0 {
			t.Errorf("%d outlive their comment", n)
		}
		v.api(t, "PATCH", "/boards/"+v.board, `{"archived":true}`, http.StatusOK)
	})
}

// The team names colleagues and who took part, by their id: the name is that of today,
// is cut on public pages, and goes with its person.
func TestTheTeamNamesPeople(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		g := v.signInTo(t, "bea@example.org")
		v.comment(t, g, v.post, "A word of @["+v.made.OperatorID+"]")
		bea := g.ContactID
		v.api(t, "PATCH", "/contacts/"+bea, `{"name":"Bea Long","basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusOK)
		var took struct{ Data []struct{ ID, Name string } }
		v.api(t, "GET", "/posts/"+v.post+"/participants", "", http.StatusOK).json(t, &took)
		if len(took.Data) != 1 || took.Data[0].ID != bea || took.Data[0].Name != "Bea Long" {
			t.Fatalf("took part: %+v", took)
		}
		from := v.lastEvent(t)
		var list shown
		body := `{"body":"Thank you @[` + bea + `], @[` + v.made.OperatorID + `] builds it **now**.","official":true}`
		a := v.api(t, "POST", "/posts/"+v.post+"/comments", body, http.StatusCreated)
		if !strings.Contains(a.body, `"name":"Bea Long"`) {
			t.Errorf("named: %s", a.body)
		}
		if got := v.since(t, from); len(got) != 1 || got[0] != "comment.created" {
			t.Errorf("events %v", got)
		}
		page := v.reader().get(t, boardAt+"/p/1-a-bench-by-the-pond", http.StatusOK).body
		if !strings.Contains(page, "<strong>@Bea L.</strong>, <strong>@Acme</strong> builds it <strong>now</strong>") || strings.Contains(page, "Bea Long") {
			t.Error("the page does not name them as everybody may read it")
		}
		if !strings.Contains(page, "A word of @["+v.made.OperatorID+"]") {
			t.Error("what looks so in a contact's words names somebody")
		}
		for what, bad := range map[string]string{
			"somebody who did not take part": `{"body":"@[` + v.known + `]"}`,
			"a stranger":                     `{"body":"@[opr_01jdb2k8q5e6r7s8t9v0w1x2y3]"}`,
		} {
			if a := v.api(t, "POST", "/posts/"+v.post+"/comments", bad, http.StatusUnprocessableEntity); !strings.Contains(a.body, "names somebody") {
				t.Errorf("%s: %s", what, a.body)
			}
		}
		v.api(t, "PUT", "/contacts/"+bea+"/restriction", `{"restricted":true,"reason":"x"}`, http.StatusOK)
		v.api(t, "GET", "/posts/"+v.post+"/comments", "", http.StatusOK).json(t, &list)
		if m := list.Data[1].Mentions; len(m) != 2 || m[0].Name != "" || m[1].Name == "" {
			t.Errorf("while they are restricted: %+v", m)
		}
		v.api(t, "PUT", "/contacts/"+bea+"/restriction", `{"restricted":false,"reason":"x"}`, http.StatusOK)
		v.api(t, "DELETE", "/contacts/"+bea+"?erase=true", "", http.StatusOK)
		if page := v.reader().get(t, boardAt+"/p/1-a-bench-by-the-pond", http.StatusOK).body; strings.Contains(page, "Bea") || strings.Contains(page, bea) {
			t.Error("they are named after their erasure")
		}
	})
}
