package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/privacy"
)

type contribution struct {
	ID, Kind, Importance string
	Post                 wish
	Comment              *struct{ Body string }
	OnBehalf             *struct{ Type string } `json:"on_behalf"`
	Agreement            *agreement
}

type agreement struct {
	ContactID      string `json:"contact_id"`
	PostID         string `json:"post_id"`
	Kind, How      string
	ConversationID *string                   `json:"conversation_id"`
	MessageID      *string                   `json:"message_id"`
	NotedBy        struct{ Type, ID string } `json:"noted_by"`
	Post           wish
}

// contributions gives what a contact did on boards, a few a page.
func (w *world) contributions(t *testing.T, contactID string) (out []contribution) {
	t.Helper()
	cursor := ""
	for {
		var page struct {
			Data       []contribution
			NextCursor *string `json:"next_cursor"`
		}
		w.api(t, "GET", "/contacts/"+contactID+"/contributions?limit=2&cursor="+cursor, "", http.StatusOK).json(t, &page)
		out = append(out, page.Data...)
		if page.NextCursor == nil {
			return out
		}
		cursor = *page.NextCursor
	}
}

func (w *world) agreements(t *testing.T, query string) (out []agreement) {
	t.Helper()
	var page struct{ Data []agreement }
	w.api(t, "GET", "/board-agreements?"+query, "", http.StatusOK).json(t, &page)
	return page.Data
}

func kindsOf(all []contribution) (out []string) {
	for _, c := range all {
		out = append(out, c.Kind+" "+c.Post.Title)
	}
	return out
}

// saidIn gives the first message of a conversation.
func (w *world) saidIn(t *testing.T, conversationID string) string {
	t.Helper()
	var page struct{ Data []struct{ ID string } }
	w.api(t, "GET", "/conversations/"+conversationID+"/messages", "", http.StatusOK).json(t, &page)
	if len(page.Data) == 0 {
		t.Fatal("no message")
	}
	return page.Data[0].ID
}

// What somebody said in a chat becomes a post or a vote of theirs, and that they agreed
// is on record: where, how, and who wrote it down.
func TestAMessageBecomesAPost(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		conversation, contact := w.visit(t, w.made.Workspace.Key).write(t, "Could you add a dark mode?")
		message := w.saidIn(t, conversation)
		board := w.board(t, `{"name":"Ideas"}`)
		other := w.wish(t, board, `{"title":"An app"}`)
		note := fmt.Sprintf(`"agreement":{"how":"conversation","conversation_id":%q,"message_id":%q}`, conversation, message)
		made := w.wish(t, board, `{"title":"A dark mode","contact_id":"`+contact+`",`+note+`}`)
		w.api(t, "PUT", "/posts/"+other.ID+"/votes/"+contact, `{"importance":"essential",`+note+`}`, http.StatusOK)
		w.api(t, "PUT", "/posts/"+other.ID+"/votes/"+contact, `{"importance":"nice",`+note+`}`, http.StatusOK)

		came := w.agreements(t, "conversation_id="+conversation)
		if len(came) != 2 || came[0].Kind != "post" || came[0].PostID != made.ID || came[0].Post.Title != "A dark mode" || came[0].MessageID == nil || *came[0].MessageID != message ||
			came[0].NotedBy.Type != "api_key" || came[1].Kind != "vote" || came[1].PostID != other.ID {
			t.Errorf("what came of the conversation: %+v", came)
		}
		if to := w.agreements(t, "post_id="+other.ID); len(to) != 1 || to[0].ContactID != contact || to[0].How != "conversation" {
			t.Errorf("who agreed to the vote: %+v", to)
		}
		did := w.contributions(t, contact)
		if got := kindsOf(did); !slices.Equal(got, []string{"vote An app", "post A dark mode"}) {
			t.Fatalf("contributions: %q", got)
		}
		if did[0].Agreement == nil || did[0].Importance != "nice" || did[0].OnBehalf == nil || did[1].Agreement == nil {
			t.Errorf("contributions lack how they came about: %+v", did)
		}
		if export := w.export(t, privacy.Subject{WorkspaceID: w.made.Workspace.ID, ContactID: contact}); !strings.Contains(export, `"how":"conversation"`) && !strings.Contains(export, `"how": "conversation"`) {
			t.Errorf("the export says nothing of what they agreed to")
		}
		w.api(t, "DELETE", "/posts/"+other.ID+"/votes/"+contact, "", http.StatusNoContent)
		if to := w.agreements(t, "post_id="+other.ID); len(to) != 0 {
			t.Errorf("the vote is taken back, and still agreed to: %+v", to)
		}
		w.api(t, "DELETE", "/contacts/"+contact+"?erase=true", "", http.StatusOK)
		if n := w.count(t, `SELECT COUNT(*) FROM board_agreements`); n != 0 {
			t.Errorf("%d agreements of an erased person", n)
		}
	})
}

// An agreement that cannot be is refused, and nothing is made of it.
func TestAnAgreementIsOfThePerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		conversation, ada := w.visit(t, w.made.Workspace.Key).write(t, "A dark mode, please")
		message := w.saidIn(t, conversation)
		theirs, bob := w.visit(t, w.made.Workspace.Key).write(t, "hello")
		w.api(t, "POST", "/conversations/"+conversation+"/messages", `{"body":"Shall I put it on the board?"}`, http.StatusCreated)
		board := w.board(t, `{"name":"Ideas"}`)
		post := w.wish(t, board, `{"title":"An app"}`)
		var answer struct{ Data []struct{ ID, Body string } }
		w.api(t, "GET", "/conversations/"+conversation+"/messages", "", http.StatusOK).json(t, &answer)
		ours := answer.Data[slices.IndexFunc(answer.Data, func(m struct{ ID, Body string }) bool { return m.ID != message })].ID
		for name, note := range map[string]string{
			"another person's conversation": `{"how":"conversation","conversation_id":"` + theirs + `"}`,
			"an answer of the team's":       `{"how":"conversation","conversation_id":"` + conversation + `","message_id":"` + ours + `"}`,
			"no conversation":               `{"how":"conversation"}`,
			"a message of nowhere":          `{"how":"phone","message_id":"` + message + `"}`,
			"a way that is none":            `{"how":"telepathy"}`,
			"nothing":                       `{}`,
			"an unknown field":              `{"how":"phone","when":"today"}`,
		} {
			t.Log(name)
			w.api(t, "POST", "/boards/"+board+"/posts", `{"title":"x","contact_id":"`+ada+`","agreement":`+note+`}`, http.StatusUnprocessableEntity)
			w.api(t, "PUT", "/posts/"+post.ID+"/votes/"+ada, `{"agreement":`+note+`}`, http.StatusUnprocessableEntity)
		}
		w.api(t, "POST", "/boards/"+board+"/posts", `{"title":"x","agreement":{"how":"phone"}}`, http.StatusUnprocessableEntity)
		if got := w.titles(t, board, ""); len(got) != 1 {
			t.Errorf("a refused agreement left a post: %q", got)
		}
		if n := w.count(t, `SELECT COUNT(*) FROM board_agreements`) + w.count(t, `SELECT COUNT(*) FROM post_votes`); n != 0 {
			t.Errorf("%d rows of refused agreements", n)
		}
		for _, query := range []string{"", "conversation_id=" + conversation + "&post_id=" + post.ID} {
			w.api(t, "GET", "/board-agreements?"+query, "", http.StatusUnprocessableEntity)
		}
		w.api(t, "PUT", "/contacts/"+bob+"/restriction", `{"restricted":true,"reason":"they asked"}`, http.StatusOK)
		a := w.api(t, "PUT", "/posts/"+post.ID+"/votes/"+bob, `{"agreement":{"how":"conversation","conversation_id":"`+theirs+`"}}`, http.StatusConflict)
		if a.code() != "processing_restricted" {
			t.Errorf("voting for a restricted person: %s", a.body)
		}
	})
}

// All of a person is there, also what they did as a contact who was merged, and what a
// merge of posts moved; of what was removed nothing is.
func TestContributionsAreOfThePerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		board := w.board(t, `{"name":"Ideas"}`)
		ada, old := w.add(t, `"name":"Ada"`), w.add(t, `"name":"Ada L"`)
		one := w.wish(t, board, `{"title":"One","contact_id":"`+old+`"}`)
		two, three := w.wish(t, board, `{"title":"Two"}`), w.wish(t, board, `{"title":"Three"}`)
		w.api(t, "PUT", "/posts/"+two.ID+"/votes/"+old, "", http.StatusOK)
		w.api(t, "POST", "/posts/"+three.ID+"/comments", `{"body":"Yes, please","contact_id":"`+ada+`"}`, http.StatusCreated)
		var gone struct{ ID string }
		w.api(t, "POST", "/posts/"+three.ID+"/comments", `{"body":"Removed","contact_id":"`+ada+`"}`, http.StatusCreated).json(t, &gone)
		w.api(t, "DELETE", "/comments/"+gone.ID, "", http.StatusNoContent)
		w.merge(t, ada, old, "")
		w.api(t, "POST", "/posts/"+two.ID+"/merge", `{"post_id":"`+three.ID+`"}`, http.StatusOK)
		for _, contact := range []string{ada, old} {
			did := w.contributions(t, contact)
			if got := kindsOf(did); !slices.Equal(got, []string{"comment Three", "vote Three", "post One"}) {
				t.Errorf("contributions: %q", got)
			} else if did[0].Comment == nil || did[0].Comment.Body != "Yes, please" {
				t.Errorf("the comment: %+v", did[0].Comment)
			}
		}
		w.api(t, "DELETE", "/posts/"+one.ID, "", http.StatusNoContent)
		if got := kindsOf(w.contributions(t, ada)); len(got) != 2 {
			t.Errorf("contributions after a post was removed: %q", got)
		}
		a := w.api(t, "GET", "/contacts/"+ada+"/contributions?cursor=nonsense", "", http.StatusBadRequest)
		if a.code() != "malformed" {
			t.Errorf("a broken cursor: %s", a.body)
		}
	})
}

// Whoever reads what somebody agreed to has looked at them, also where the post is the
// team's own.
func TestReadingAgreementsIsOnRecord(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada := w.add(t, `"name":"Ada"`)
		post := w.wish(t, w.board(t, `{"name":"Ideas"}`), `{"title":"An app"}`)
		w.api(t, "PUT", "/posts/"+post.ID+"/votes/"+ada, `{"agreement":{"how":"phone"}}`, http.StatusOK)
		throughBoard := func() int {
			a := w.api(t, "GET", "/access-events?contact_id="+ada, "", http.StatusOK)
			return strings.Count(a.body, `"through":"board"`)
		}
		if n := throughBoard(); n != 0 {
			t.Fatalf("%d looks before anybody looked", n)
		}
		w.agreements(t, "post_id="+post.ID)
		if n := throughBoard(); n != 1 {
			t.Errorf("%d looks are on record, want 1", n)
		}
	})
}
