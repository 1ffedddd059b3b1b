package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/botimum/botimum/client"
	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// An answer that is kept for Idempotency-Key goes with the person it is about, on
// every route that is about one.
func TestEveryKeptAnswerGoesWithThePerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, contactID := w.visit(t, w.made.Workspace.Key).write(t, "hello")
		w.api(t, "DELETE", "/contacts/"+contactID, "", http.StatusNoContent)
		for path, body := range map[string]string{
			"/contacts/" + contactID + "/restore":  "",
			"/contacts/" + contactID + "/consents": `{"purpose":"marketing"}`,
			"/conversations":                       `{"contact_id":"` + contactID + `","body":"hello"}`,
		} {
			if a := w.once(t, "key "+path, path, body); a.status >= 300 {
				t.Fatalf("%s: %d %s", path, a.status, a.body)
			}
		}
		if n := rowCounts(t, w.DB)["idempotency_keys"]; n != 3 {
			t.Fatalf("%d answers are kept, want 3", n)
		}
		w.once(t, "key /contacts/"+contactID+"/restore", "/contacts/"+contactID+"/restore", "")
		if got := w.accessed(t, contactID); !slices.Contains(got, "kept_answer") {
			t.Errorf("a kept answer was shown and not logged: %v", got)
		}
		w.api(t, "DELETE", "/contacts/"+contactID+"?erase=true", "", http.StatusOK)
		if n := rowCounts(t, w.DB)["idempotency_keys"]; n != 0 {
			t.Errorf("%d kept answers outlived the person", n)
		}
	})
}

func (w *world) accessed(t *testing.T, contactID string) []string {
	t.Helper()
	var page struct{ Data []struct{ Through string } }
	w.api(t, "GET", "/access-events?limit=100&contact_id="+contactID, "", http.StatusOK).json(t, &page)
	var out []string
	for _, e := range page.Data {
		out = append(out, e.Through)
	}
	return out
}

// Whatever others write at that moment, an erasure leaves no row of the person.
func TestErasureAmongWriters(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for round := range 6 {
			person, err := w.client.CreateContact(t.Context(), client.ContactChange{Name: client.String("Ada"), Basis: &client.Basis{Purpose: "support", LawfulBasis: "contract"}})
			if err != nil {
				t.Fatal(err)
			}
			c, err := w.client.StartConversation(t.Context(), client.NewConversation{ContactID: person.ID, Body: "hello"})
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			begin := make(chan struct{})
			for worker := range 6 {
				wg.Go(func() {
					<-begin
					for i := range 8 {
						if worker%2 == 0 {
							_, _ = w.client.PostMessage(t.Context(), c.ID, client.NewMessage{Body: "still there?"}) // 404 once they are gone
						} else {
							_, _ = w.client.UpdateContact(t.Context(), person.ID, client.ContactChange{Name: client.String(fmt.Sprintf("Ada %d %d", worker, i)),
								Basis: &client.Basis{Purpose: "support", LawfulBasis: "contract"}})
						}
					}
				})
			}
			wg.Go(func() {
				<-begin
				if _, err := w.client.EraseContact(t.Context(), person.ID); err != nil {
					t.Errorf("round %d: %v", round, err)
				}
			})
			close(begin)
			wg.Wait()
			for _, table := range []string{"contacts", "contact_tokens", "processing_bases", "conversations", "messages", "search_docs"} {
				column := "contact_id"
				if table == "contacts" {
					column = "id"
				}
				var n int
				err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
					return tx.QueryRow(`SELECT COUNT(*) FROM `+table+` WHERE `+column+` = $1`, person.ID).Scan(&n)
				})
				if err != nil || n != 0 {
					t.Errorf("round %d: %d rows of an erased person are left in %s (%v)", round, n, table, err)
				}
			}
		}
	})
}

// A retry is known by its author: nobody is answered with what another wrote.
func TestClientIDsBelongToTheirAuthor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.visit(t, w.made.Workspace.Key)
		first, _ := v.write(t, "hello")
		second, _ := v.write(t, "another matter")
		w.api(t, "POST", "/conversations/"+first+"/messages", `{"body":"between us","type":"note","client_id":"n-1"}`, http.StatusCreated)
		a := v.call(t, "POST", "/conversations/"+first+"/messages", `{"body":"mine","client_id":"n-1"}`, http.StatusCreated)
		if strings.Contains(a.body, "between us") || !strings.Contains(a.body, "mine") {
			t.Errorf("a visitor who used a note's client_id got %s", a.body)
		}
		if a := v.call(t, "POST", "/conversations/"+second+"/messages", `{"body":"lost?","client_id":"n-1"}`, http.StatusConflict); a.code() != "client_id_taken" {
			t.Errorf("the same client_id in another conversation: %s", a.body)
		}
	})
}

// Erasing is a permission of its own.
func TestErasingNeedsItsPermission(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, contactID := w.visit(t, w.made.Workspace.Key).write(t, "hello")
		var key struct{ Secret string }
		w.api(t, "POST", "/api-keys", `{"name":"writer","scopes":["contacts:read","contacts:write"]}`, http.StatusCreated).json(t, &key)
		if a := w.do(t, call{method: "DELETE", path: "/api/v1/contacts/" + contactID + "?erase=true", header: bearer(key.Secret)}); a.status != http.StatusForbidden {
			t.Errorf("a key without contacts:erase: %d %s", a.status, a.body)
		}
		if a := w.do(t, call{method: "DELETE", path: "/api/v1/contacts/" + contactID, header: bearer(key.Secret)}); a.status != http.StatusNoContent {
			t.Errorf("the bin: %d %s", a.status, a.body)
		}
	})
}

// visitorWith gives a visitor with the identity token of an external id, continuing
// a session if there is one.
func (w *world) signInVisitor(t *testing.T, before *visitor, externalID string) (*visitor, string) {
	t.Helper()
	secret, err := w.Workspaces.IdentitySecret(t.Context(), w.made.Workspace.ID)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": externalID, "exp": time.Now().Add(time.Hour).Unix()}).SignedString(secret)
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{}
	if before != nil {
		h = bearer(before.token)
	}
	a := w.do(t, call{method: "POST", path: "/widget/v1/sessions", header: h, body: `{"workspace_key":"` + w.made.Workspace.Key + `","token":"` + token + `"}`})
	if a.status != http.StatusOK {
		t.Fatalf("sign-in: %d %s", a.status, a.body)
	}
	var s struct {
		SessionToken string `json:"session_token"`
		Contact      struct{ ID string }
	}
	a.json(t, &s)
	return &visitor{w, s.SessionToken}, s.Contact.ID
}

// A session from before somebody signed in ends with it: whoever kept its token,
// on a browser that many use, does not read on.
func TestAnAnonymousSessionEndsWhenItsPersonSignsIn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		anonymous := w.visit(t, w.made.Workspace.Key)
		_, contactID := anonymous.write(t, "hello")
		signedIn, same := w.signInVisitor(t, anonymous, "user-7")
		if same != contactID {
			t.Fatalf("signing in made somebody else: %s, not %s", same, contactID)
		}
		signedIn.call(t, "GET", "/conversations", "", http.StatusOK)
		anonymous.call(t, "GET", "/conversations", "", http.StatusUnauthorized)
		anonymous.call(t, "GET", "/stream", "", http.StatusUnauthorized)
		renewed := w.do(t, call{method: "POST", path: "/widget/v1/sessions", body: `{"workspace_key":"` + w.made.Workspace.Key + `"}`, header: bearer(anonymous.token)})
		if renewed.status != http.StatusOK || !strings.Contains(renewed.body, `"contact":null`) {
			t.Errorf("renewing the old session gives %d %s", renewed.status, renewed.body)
		}
	})
}

// A claim does not become a fact because the person signed in.
func TestClaimsDoNotBecomeFacts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		anonymous := w.visit(t, w.made.Workspace.Key)
		_, contactID := anonymous.write(t, "hello")
		anonymous.call(t, "POST", "/identify", `{"email":"ceo@corp.example","name":"The CEO","basis":{"purpose":"email_replies","lawful_basis":"consent"}}`, http.StatusOK)
		w.signInVisitor(t, anonymous, "user-7")
		var c struct {
			Email, Name string
			Verified    bool
		}
		w.api(t, "GET", "/contacts/"+contactID, "", http.StatusOK).json(t, &c)
		if !c.Verified || c.Email != "" || c.Name != "" {
			t.Errorf("verified %v with %q, %q, which nobody vouched for", c.Verified, c.Email, c.Name)
		}
		if a := w.api(t, "POST", "/contacts/search", `{"email":"ceo@corp.example"}`, http.StatusOK); strings.Contains(a.body, contactID) {
			t.Error("the claim still finds them")
		}
	})
}

// Somebody erased begins anew, also with a token of before and an identity.
func TestAnErasedVisitorBeginsAnew(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.visit(t, w.made.Workspace.Key)
		_, contactID := v.write(t, "hello")
		w.api(t, "DELETE", "/contacts/"+contactID+"?erase=true", "", http.StatusOK)
		again, newID := w.signInVisitor(t, v, "user-7")
		if newID == contactID || newID == "" {
			t.Errorf("they are %q again", newID)
		}
		again.write(t, "I am new here")
		// Data that was put back from before the erasure has no receipt of it.
		err := w.DB.Write(t.Context(), func(tx *storage.Tx) error { _, err := tx.Exec(`DELETE FROM erasures`); return err })
		if err != nil {
			t.Fatal(err)
		}
		v.call(t, "GET", "/conversations", "", http.StatusUnauthorized)
	})
}

// The bin is emptied of those who are still in it.
func TestTheBinErasesOnlyWhoIsInIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, gone := w.visit(t, w.made.Workspace.Key).write(t, "erase me")
		_, back := w.visit(t, w.made.Workspace.Key).write(t, "keep me")
		for _, contactID := range []string{gone, back} {
			w.api(t, "DELETE", "/contacts/"+contactID, "", http.StatusNoContent)
		}
		w.api(t, "POST", "/contacts/"+back+"/restore", "", http.StatusOK)
		if err := w.EmptyBin(t.Context(), time.Now().Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
		w.api(t, "GET", "/contacts/"+gone, "", http.StatusOK) // their time has not come
		if err := w.EmptyBin(t.Context(), time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		w.api(t, "GET", "/contacts/"+gone, "", http.StatusNotFound)
		w.api(t, "GET", "/contacts/"+back, "", http.StatusOK)
		as := actor.With(t.Context(), actor.Actor{Type: actor.System, ID: "bin", WorkspaceID: w.made.Workspace.ID})
		err := w.Privacy.EraseIf(as, back, func(*storage.Tx) (bool, error) { return false, nil })
		if err != nil {
			t.Error(err)
		}
		w.api(t, "GET", "/contacts/"+back, "", http.StatusOK)
	})
}

// Attachments are documented; an empty list of them is no mistake.
func TestAnEmptyListOfAttachments(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		conversationID, _ := w.visit(t, w.made.Workspace.Key).write(t, "hello")
		w.api(t, "POST", "/conversations/"+conversationID+"/messages", `{"body":"x","attachments":[]}`, http.StatusCreated)
		w.api(t, "POST", "/conversations/"+conversationID+"/messages", `{"body":"x","attachments":["att_1"]}`, http.StatusUnprocessableEntity)
		forged := httpx.EncodeCursor("conversations "+w.made.Workspace.ID, "not a number", conversationID)
		w.api(t, "GET", "/conversations?cursor="+forged, "", http.StatusBadRequest)
	})
}

// A row that nobody can read any more, as after an old copy of the data was put
// back, does not end a list before its end.
func TestUnreadableRowsDoNotEndLists(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var ids []string
		for range 5 {
			_, contactID := w.visit(t, w.made.Workspace.Key).write(t, "hello")
			ids = append(ids, contactID)
		}
		if err := w.Vault.Erase(t.Context(), vault.Subject{Workspace: w.made.Workspace.ID, ID: ids[3]}); err != nil {
			t.Fatal(err)
		}
		for _, list := range []string{"/contacts", "/conversations"} {
			seen, cursor := 0, ""
			for pages := 0; pages < 9; pages++ {
				var page struct {
					Data       []any
					NextCursor *string `json:"next_cursor"`
				}
				w.api(t, "GET", list+"?limit=1&cursor="+cursor, "", http.StatusOK).json(t, &page)
				seen += len(page.Data)
				if page.NextCursor == nil {
					break
				}
				cursor = *page.NextCursor
			}
			if seen != 4 {
				t.Errorf("%s shows %d of the 4 who can be read", list, seen)
			}
		}
	})
}

// One network cannot do without end what one visitor cannot, by taking new sessions.
func TestANetworkHasItsLimitToo(t *testing.T) {
	cfg := configs(t)["sqlite"](t)
	cfg.RateLimit = 5
	w := start(t, cfg)
	visitors := make([]*visitor, 10) // as many as one network may begin at once
	for i := range visitors {
		visitors[i] = w.visit(t, w.made.Workspace.Key)
	}
	refused := 0
	for range 9 { // each stays below a visitor's own limit, of 10 at once
		for _, v := range visitors {
			if a := w.do(t, call{method: "GET", path: "/widget/v1/conversations", header: bearer(v.token)}); a.status == http.StatusTooManyRequests {
				refused++
			}
		}
	}
	if refused == 0 {
		t.Error("90 requests at once of 10 sessions were all served, where a network may make 40")
	}
}

// Two first messages at once are two messages of one person.
func TestTwoFirstMessagesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.visit(t, w.made.Workspace.Key)
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				body := fmt.Sprintf(`{"body":"hello","client_id":"c%d"}`, i%2)
				if a := w.do(t, call{method: "POST", path: "/widget/v1/conversations", body: body, header: bearer(v.token)}); a.status >= 300 {
					t.Errorf("%d %s", a.status, a.body)
				}
			})
		}
		wg.Wait()
		if n := rowCounts(t, w.DB); n["contacts"] != 1 || n["messages"] != 2 {
			t.Errorf("%d contacts and %d messages, want 1 and 2", n["contacts"], n["messages"])
		}
	})
}

// A profile stays small enough to be opened by every list that shows it.
func TestAProfileHasASize(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		items := `"` + strings.Repeat("x", 900) + `"` + strings.Repeat(`,"`+strings.Repeat("x", 900)+`"`, 90)
		body := `{"attributes":{"list":[` + items + `]},"basis":{"purpose":"support","lawful_basis":"contract"}}`
		if a := w.api(t, "POST", "/contacts", body, http.StatusUnprocessableEntity); !strings.Contains(a.body, "64 KB") {
			t.Errorf("a profile of 80 KB: %s", a.body)
		}
	})
}

// A visitor's list of conversations pages like every other.
func TestAVisitorsListPages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.visit(t, w.made.Workspace.Key)
		for range 3 {
			v.write(t, "hello")
		}
		var page struct {
			Data       []struct{ ID string }
			NextCursor *string `json:"next_cursor"`
		}
		seen := map[string]bool{}
		cursor := ""
		for range 3 {
			v.call(t, "GET", "/conversations?limit=1&cursor="+cursor, "", http.StatusOK).json(t, &page)
			seen[page.Data[0].ID] = true
			if page.NextCursor != nil {
				cursor = *page.NextCursor
			}
		}
		if len(seen) != 3 || page.NextCursor != nil {
			t.Errorf("three pages of one show %v, and then %v", seen, page.NextCursor)
		}
		other := w.visit(t, w.made.Workspace.Key)
		other.call(t, "GET", "/conversations?cursor="+cursor, "", http.StatusBadRequest)
	})
}
