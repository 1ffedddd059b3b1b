package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// add adds a contact by API and gives its id.
func (w *world) add(t *testing.T, fields string) string {
	t.Helper()
	var c struct{ ID string }
	w.api(t, "POST", "/contacts", `{`+fields+`,"basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusCreated).json(t, &c)
	return c.ID
}

type mergedContact struct {
	ID, Email, Phone, Name string
	ExternalID             string   `json:"external_id"`
	MergedIDs              []string `json:"merged_ids"`
	Attributes             map[string]any
	Merge                  struct {
		ID       string
		MergedID string `json:"merged_id"`
		Fields   []string
	}
}

func (w *world) merge(t *testing.T, survivor, other, more string) mergedContact {
	t.Helper()
	var m mergedContact
	w.api(t, "POST", "/contacts/"+survivor+"/merge", `{"contact_id":"`+other+`"`+more+`}`, http.StatusOK).json(t, &m)
	return m
}

// Two contacts become one person: found, listed, shown and counted as one.
func TestMergedContactsAreOnePerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		one := w.add(t, `"name":"Ada Lovelace","email":"ada@example.org","external_id":"a-1","attributes":{"plan":"pro"}`)
		other := w.add(t, `"name":"A. Lovelace","email":"ADA@example.org","phone":"+49 30 1234567","external_id":"a-2","attributes":{"plan":"free","city":"Berlin"}`)
		w.api(t, "POST", "/conversations", `{"contact_id":"`+one+`","body":"to the first"}`, http.StatusCreated)
		w.api(t, "POST", "/conversations", `{"contact_id":"`+other+`","body":"to the second"}`, http.StatusCreated)

		var pairs struct {
			Data []struct {
				Contact, Other struct{ ID string }
				Why            []string
			}
		}
		w.api(t, "GET", "/contacts/duplicates", "", http.StatusOK).json(t, &pairs)
		if len(pairs.Data) != 1 || pairs.Data[0].Contact.ID != one || pairs.Data[0].Other.ID != other || fmt.Sprint(pairs.Data[0].Why) != "[email]" {
			t.Fatalf("duplicates %+v", pairs)
		}
		var preview struct {
			Result mergedContact
			Fields []struct {
				Field, From string
				Differs     bool
			}
		}
		w.api(t, "POST", "/contacts/"+one+"/merge/preview", `{"contact_id":"`+other+`","fields":{"name":"other"}}`, http.StatusOK).json(t, &preview)
		if preview.Result.Name != "A. Lovelace" || preview.Result.Phone != "+49 30 1234567" || preview.Result.Attributes["plan"] != "pro" {
			t.Errorf("preview %+v", preview)
		}
		if got := w.api(t, "GET", "/contacts/"+one, "", http.StatusOK).body; strings.Contains(got, "A. Lovelace") {
			t.Error("a preview changed something")
		}
		m := w.merge(t, one, other, `,"fields":{"name":"other"}`)
		if m.ID != one || m.Name != "A. Lovelace" || m.Phone != "+49 30 1234567" || m.ExternalID != "a-1" || m.Attributes["plan"] != "pro" || m.Attributes["city"] != "Berlin" ||
			fmt.Sprint(m.MergedIDs) != "["+other+"]" || fmt.Sprint(m.Merge.Fields) != "[attributes name phone]" {
			t.Errorf("merged %+v", m)
		}
		var got mergedContact
		w.api(t, "GET", "/contacts/"+other, "", http.StatusOK).json(t, &got)
		if got.ID != one {
			t.Errorf("a merged id gives %s", got.ID)
		}
		for path, body := range map[string]string{"/contacts/search": `{"email":"ada@example.org"}`, "/contacts/search ": `{"external_id":"a-2"}`} {
			var page struct{ Data []mergedContact }
			w.api(t, "POST", strings.TrimSpace(path), body, http.StatusOK).json(t, &page)
			if len(page.Data) != 1 || page.Data[0].ID != one {
				t.Errorf("%s finds %+v", body, page.Data)
			}
		}
		var list struct{ Data []mergedContact }
		w.api(t, "GET", "/contacts", "", http.StatusOK).json(t, &list)
		if len(list.Data) != 1 {
			t.Errorf("listed %+v", list.Data)
		}
		for _, id := range []string{one, other} {
			var conversations struct {
				Data []struct{ Contact struct{ ID, Name string } }
			}
			w.api(t, "GET", "/conversations?contact_id="+id, "", http.StatusOK).json(t, &conversations)
			if len(conversations.Data) != 2 || conversations.Data[0].Contact.Name != "A. Lovelace" || conversations.Data[1].Contact.ID != one {
				t.Errorf("conversations of %s: %+v", id, conversations)
			}
		}
		var upserted mergedContact
		w.api(t, "PUT", "/contacts/by-external-id/a-2", `{"attributes":{"seen":"yes"},"basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusOK).json(t, &upserted)
		if upserted.ID != one || upserted.ExternalID != "a-1" {
			t.Errorf("written under the merged external id: %+v", upserted)
		}
		w.api(t, "GET", "/contacts/duplicates", "", http.StatusOK).json(t, &pairs)
		if len(pairs.Data) != 0 {
			t.Errorf("still duplicates: %+v", pairs)
		}
		for _, id := range []string{one, other} {
			for _, path := range []string{"/access-events?contact_id=", "/audit-events?target_id="} {
				if a := w.api(t, "GET", path+id, "", http.StatusOK); !strings.Contains(a.body, `"data":[{`) || path[1] == 'u' && !strings.Contains(a.body, "contact.merged") {
					t.Errorf("%s%s: %s", path, id, a.body)
				}
			}
		}
	})
}

// An undo puts back what nobody changed since, and leaves the rest.
func TestUndoPutsBackWhatNobodyChanged(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		one := w.add(t, `"name":"Ada","external_id":"a-1"`)
		other := w.add(t, `"name":"Bea","email":"bea@example.org","phone":"+49 30 1234567","external_id":"b-1"`)
		m := w.merge(t, one, other, `,"fields":{"name":"other","external_id":"other"}`)
		if m.ExternalID != "b-1" {
			t.Fatalf("merged %+v", m)
		}
		w.api(t, "PATCH", "/contacts/"+one, `{"phone":"+49 30 7654321","basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusOK)
		clk.Advance(29 * 24 * time.Hour)
		w.api(t, "POST", "/merges/"+m.Merge.ID+"/undo", "", http.StatusOK)
		var a, b mergedContact
		w.api(t, "GET", "/contacts/"+one, "", http.StatusOK).json(t, &a)
		w.api(t, "GET", "/contacts/"+other, "", http.StatusOK).json(t, &b)
		if a.Name != "Ada" || a.Email != "" || a.Phone != "+49 30 7654321" || a.ExternalID != "a-1" || len(a.MergedIDs) != 0 {
			t.Errorf("the survivor: %+v", a)
		}
		if b.ID != other || b.Name != "Bea" || b.Email != "bea@example.org" || b.ExternalID != "b-1" {
			t.Errorf("the other: %+v", b)
		}
		for external, want := range map[string]string{"a-1": one, "b-1": other} {
			var page struct{ Data []mergedContact }
			w.api(t, "POST", "/contacts/search", `{"external_id":"`+external+`"}`, http.StatusOK).json(t, &page)
			if len(page.Data) != 1 || page.Data[0].ID != want {
				t.Errorf("%s finds %+v", external, page.Data)
			}
		}
		if a := w.api(t, "POST", "/merges/"+m.Merge.ID+"/undo", "", http.StatusConflict); a.code() != "merge_undone" {
			t.Error(a.body)
		}
		again := w.merge(t, one, other, "")
		clk.Advance(30*24*time.Hour + time.Second)
		if a := w.api(t, "POST", "/merges/"+again.Merge.ID+"/undo", "", http.StatusConflict); a.code() != "merge_final" {
			t.Error(a.body)
		}
		if err := w.ForgetMerged(t.Context(), clk.Now()); err != nil {
			t.Fatal(err)
		}
		var list struct {
			Data []struct {
				Forgotten  bool
				MergedName string `json:"merged_name"`
			}
		}
		w.api(t, "GET", "/contacts/"+one+"/merges", "", http.StatusOK).json(t, &list)
		if len(list.Data) != 2 || !list.Data[0].Forgotten || list.Data[0].MergedName != "" {
			t.Errorf("after 30 days: %+v", list)
		}
		if left := w.export(t, privacy.Subject{WorkspaceID: w.made.Workspace.ID, ContactID: one}); strings.Contains(left, `"Bea"`) {
			t.Errorf("the former profile is still there: %s", left)
		}
	})
}

// A merge unites the addresses, and an undo parts them again.
func TestAMergeUnitesAddresses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		one := w.add(t, `"name":"Ada","email":"ada@work.example"`)
		other := w.add(t, `"name":"Ada","emails":[{"address":"ada@home.example"},{"address":"old@home.example","verified":false},{"address":"ADA@work.example"}]`)
		addresses := func(id string) string {
			var c struct {
				Email  string
				Emails []struct {
					Address           string
					Primary, Verified bool
				}
			}
			w.api(t, "GET", "/contacts/"+id, "", http.StatusOK).json(t, &c)
			return fmt.Sprint(c.Email, c.Emails)
		}
		before, theirs := addresses(one), addresses(other)
		m := w.merge(t, one, other, `,"fields":{"email":"other"}`)
		if got := addresses(one); got != "ada@home.example[{ada@home.example true true} {ada@work.example false true}]" {
			t.Errorf("united: %s", got)
		}
		for _, address := range []string{"ada@work.example", "ada@home.example"} {
			var page struct{ Data []mergedContact }
			w.api(t, "POST", "/contacts/search", `{"email":"`+address+`"}`, http.StatusOK).json(t, &page)
			if len(page.Data) != 1 || page.Data[0].ID != one {
				t.Errorf("%s finds %+v", address, page.Data)
			}
		}
		w.api(t, "POST", "/merges/"+m.Merge.ID+"/undo", "", http.StatusOK)
		if got := addresses(one); got != before {
			t.Errorf("the survivor after the undo: %s, before %s", got, before)
		}
		if got := addresses(other); got != theirs {
			t.Errorf("the other after the undo: %s, before %s", got, theirs)
		}
	})
}

// What cannot be merged is refused with a clear word.
func TestWhatCannotBeMerged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, b, c := w.add(t, `"name":"Ada"`), w.add(t, `"name":"Bea"`), w.add(t, `"name":"Cleo"`)
		soon := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
		refused := func(survivor, body string, status int, code string) {
			t.Helper()
			for _, route := range []string{"/merge", "/merge/preview"} {
				if got := w.api(t, "POST", "/contacts/"+survivor+route, body, status); got.code() != code {
					t.Errorf("%s: %s, want %s", route, got.body, code)
				}
			}
		}
		with := func(id string) string { return `{"contact_id":"` + id + `"}` }
		refused(a, with(a), 422, "invalid")
		refused(a, with("con_01jdb2k8q5e6r7s8t9v0w1x2y3"), 422, "invalid")
		refused(a, `{"contact_id":"`+b+`","fields":{"email":"both"}}`, 422, "invalid")
		refused(a, `{"contact_id":"`+b+`","fields":{"verified":"other"}}`, 422, "invalid")
		refused("con_01jdb2k8q5e6r7s8t9v0w1x2y3", with(a), 404, "not_found")
		w.api(t, "PUT", "/contacts/"+b+"/legal-hold", `{"reason":"court","ends_at":"`+soon+`"}`, http.StatusOK)
		refused(a, with(b), 409, "legal_hold")
		w.api(t, "DELETE", "/contacts/"+b+"/legal-hold", "", http.StatusOK)
		w.api(t, "PUT", "/contacts/"+a+"/restriction", `{"restricted":true,"reason":"x"}`, http.StatusOK)
		refused(a, with(b), 409, "processing_restricted")
		refused(b, with(a), 409, "processing_restricted")
		w.api(t, "PUT", "/contacts/"+a+"/restriction", `{"restricted":false,"reason":"x"}`, http.StatusOK)
		w.api(t, "DELETE", "/contacts/"+b, "", http.StatusNoContent)
		refused(a, with(b), 409, "contact_in_bin")
		w.api(t, "POST", "/contacts/"+b+"/restore", "", http.StatusOK)
		w.merge(t, a, b, "")
		refused(b, with(a), 409, "already_merged") // a circle
		refused(c, with(b), 409, "already_merged")
		refused(b, with(c), 409, "already_merged")
		second := w.merge(t, c, a, "")
		if fmt.Sprint(second.MergedIDs) != fmt.Sprint([]string{a, b}) && fmt.Sprint(second.MergedIDs) != fmt.Sprint([]string{b, a}) {
			t.Errorf("who was merged into one who is merged comes along: %+v", second)
		}
		var first struct{ Data []struct{ ID string } }
		w.api(t, "GET", "/contacts/"+c+"/merges", "", http.StatusOK).json(t, &first)
		if got := w.api(t, "POST", "/merges/"+first.Data[1].ID+"/undo", "", http.StatusConflict); got.code() != "merged_further" {
			t.Error(got.body)
		}
		w.api(t, "POST", "/merges/"+second.Merge.ID+"/undo", "", http.StatusOK)
		var back mergedContact
		w.api(t, "GET", "/contacts/"+b, "", http.StatusOK).json(t, &back)
		if back.ID != a || fmt.Sprint(back.MergedIDs) != "["+b+"]" {
			t.Errorf("those who came along go back with theirs: %+v", back)
		}
		w.api(t, "DELETE", "/contacts/"+c+"?erase=true", "", http.StatusOK)
		refused(a, with(c), 422, "invalid")
		refused(c, with(a), 404, "not_found")
	})
}

// Two merges at once, in both directions: one happens, the other is told.
func TestTwoMergesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 5 {
			a, b := w.add(t, `"name":"Ada"`), w.add(t, `"name":"Bea"`)
			done := make(chan answer, 2)
			for _, pair := range [][2]string{{a, b}, {b, a}} {
				go func() {
					done <- w.do(t, call{method: "POST", path: "/api/v1/contacts/" + pair[0] + "/merge", body: `{"contact_id":"` + pair[1] + `"}`, header: bearer(w.made.APIKey)})
				}()
			}
			first, second := <-done, <-done
			if first.status+second.status != http.StatusOK+http.StatusConflict {
				t.Fatalf("%d %s and %d %s", first.status, first.body, second.status, second.body)
			}
			var got mergedContact
			w.api(t, "GET", "/contacts/"+a, "", http.StatusOK).json(t, &got)
			if len(got.MergedIDs) != 1 {
				t.Errorf("one person of two: %+v", got)
			}
		}
	})
}

// Rights hold for the whole person, and of consents the stricter.
func TestRightsHoldForTheWholePerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ws := w.made.Workspace.ID
		a, b := w.add(t, `"name":"Ada"`), w.add(t, `"name":"Bea"`)
		subs := []privacy.Subject{{WorkspaceID: ws, ContactID: a}, {WorkspaceID: ws, ContactID: b}}
		may := func(want bool, when string) {
			t.Helper()
			for _, sub := range subs {
				if got := w.mayUse(t, sub, "marketing"); got != want {
					t.Errorf("%s: may %s be written to: %v, want %v", when, sub.ContactID, got, want)
				}
			}
		}
		w.api(t, "POST", "/contacts/"+b+"/consents", `{"purpose":"marketing"}`, http.StatusCreated)
		w.api(t, "DELETE", "/contacts/"+b+"/consents/marketing", "", http.StatusOK)
		w.api(t, "POST", "/contacts/"+a+"/consents", `{"purpose":"marketing"}`, http.StatusCreated)
		m := w.merge(t, a, b, "")
		may(false, "the other withdrew before")
		w.api(t, "POST", "/contacts/"+b+"/consents", `{"purpose":"marketing"}`, http.StatusCreated)
		may(true, "the person gave it since")
		w.api(t, "POST", "/contacts/"+b+"/objections", `{"purpose":"marketing"}`, http.StatusCreated)
		may(false, "the person objected")
		w.api(t, "DELETE", "/contacts/"+a+"/objections/marketing", "", http.StatusOK)
		may(true, "and took it back")
		w.api(t, "DELETE", "/contacts/"+a+"/consents/marketing", "", http.StatusOK)
		w.api(t, "PUT", "/contacts/"+b+"/restriction", `{"restricted":true,"reason":"x"}`, http.StatusOK)
		for _, id := range []string{a, b} {
			if got := w.api(t, "PATCH", "/contacts/"+id, `{"name":"X","basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusConflict); got.code() != "processing_restricted" {
				t.Error(got.body)
			}
		}
		w.api(t, "POST", "/merges/"+m.Merge.ID+"/undo", "", http.StatusOK)
		for _, id := range []string{a, b} {
			var states struct {
				Data []struct{ Purpose, Action string }
			}
			w.api(t, "GET", "/contacts/"+id+"/consents", "", http.StatusOK).json(t, &states)
			if len(states.Data) == 0 || states.Data[0].Action != "withdraw" {
				t.Errorf("the stricter applies to both: %s %+v", id, states)
			}
			if got := w.api(t, "GET", "/contacts/"+id+"/restriction", "", http.StatusOK).body; !strings.Contains(got, `"restrict"`) {
				t.Errorf("the restriction applies to both: %s", got)
			}
			w.api(t, "PUT", "/contacts/"+id+"/restriction", `{"restricted":false,"reason":"x"}`, http.StatusOK)
		}
	})
}

// identity signs an identity token as the customer's server does.
func (w *world) identity(t *testing.T, sub string) string {
	t.Helper()
	secret, err := w.Workspaces.IdentitySecret(t.Context(), w.made.Workspace.ID)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": sub, "email": sub + "@example.org", "exp": time.Now().Add(time.Hour).Unix()}).SignedString(secret)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// signIn identifies a browser; the session from before goes with it.
func (v *visitor) identify(t *testing.T, sub string) {
	t.Helper()
	var out struct {
		SessionToken string `json:"session_token"`
	}
	v.call(t, "POST", "/identify", `{"token":"`+v.w.identity(t, sub)+`"}`, http.StatusOK).json(t, &out)
	v.token = out.SessionToken
}

func (v *visitor) conversations(t *testing.T) []string {
	t.Helper()
	var page struct{ Data []struct{ ID string } }
	v.call(t, "GET", "/conversations", "", http.StatusOK).json(t, &page)
	var out []string
	for _, c := range page.Data {
		out = append(out, c.ID)
	}
	return out
}

// A verified sign-in joins what the same browser did before, and nothing else.
func TestSigningInJoinsWhatTheBrowserDidBefore(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		home := w.visit(t, w.made.Workspace.Key)
		home.identify(t, "ada")
		known, ada := home.write(t, "from home")
		phone := w.visit(t, w.made.Workspace.Key)
		earlier, anonymous := phone.write(t, "not signed in yet")
		old := phone.token
		phone.identify(t, "ada")
		if got := phone.conversations(t); len(got) != 2 {
			t.Fatalf("after signing in: %v, want %s and %s", got, known, earlier)
		}
		phone.call(t, "GET", "/conversations/"+earlier+"/messages", "", http.StatusOK)
		phone.call(t, "POST", "/conversations/"+earlier+"/messages", `{"body":"and on"}`, http.StatusCreated)
		if got := home.conversations(t); len(got) != 2 {
			t.Errorf("the other signed-in browser sees %v", got)
		}
		before := &visitor{w, old}
		before.call(t, "GET", "/conversations", "", http.StatusUnauthorized)
		var got mergedContact
		w.api(t, "GET", "/contacts/"+anonymous, "", http.StatusOK).json(t, &got)
		if got.ID != ada {
			t.Errorf("the visitor is %+v, want %s", got, ada)
		}
		var merges struct{ Data []struct{ ID, Source string } }
		w.api(t, "GET", "/contacts/"+ada+"/merges", "", http.StatusOK).json(t, &merges)
		if len(merges.Data) != 1 || merges.Data[0].Source != "identity" {
			t.Fatalf("merges %+v", merges)
		}
		// Somebody else at the same browser: verified as another already, so nothing joins.
		w.add(t, `"name":"Bob","external_id":"bob"`)
		phone.identify(t, "bob")
		if got := phone.conversations(t); len(got) != 0 {
			t.Errorf("somebody else sees %v", got)
		}
		// After a reset the session is a new one.
		shared := w.visit(t, w.made.Workspace.Key)
		left, _ := shared.write(t, "from whoever was here")
		shared.token = w.visit(t, w.made.Workspace.Key).token
		shared.identify(t, "cleo")
		if got := shared.conversations(t); len(got) != 0 {
			t.Errorf("after a reset %v joined, of %s", got, left)
		}
		w.api(t, "POST", "/merges/"+merges.Data[0].ID+"/undo", "", http.StatusOK)
		if got := home.conversations(t); len(got) != 1 || got[0] != known {
			t.Errorf("after the undo: %v", got)
		}
	})
}

// A browser that nobody vouched for gains nothing by a merge that an operator makes.
func TestAMergeOpensNothingToAnAnonymousBrowser(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		home := w.visit(t, w.made.Workspace.Key)
		home.identify(t, "ada")
		secret, ada := home.write(t, "mine alone")
		stranger := w.visit(t, w.made.Workspace.Key)
		own, anonymous := stranger.write(t, "who am I")
		var asked struct{ ID string }
		stranger.call(t, "POST", "/privacy-requests", `{"kind":"access"}`, http.StatusCreated).json(t, &asked)
		stranger.call(t, "GET", "/privacy-requests/"+asked.ID+"/export", "", http.StatusOK)
		w.merge(t, ada, anonymous, "")
		if got := stranger.conversations(t); len(got) != 1 || got[0] != own {
			t.Errorf("the anonymous browser sees %v", got)
		}
		stranger.call(t, "POST", "/conversations/"+own+"/messages", `{"body":"it goes on"}`, http.StatusCreated)
		stranger.call(t, "GET", "/conversations/"+secret+"/messages", "", http.StatusNotFound)
		stranger.call(t, "GET", "/privacy-requests/"+asked.ID+"/export", "", http.StatusConflict)
		stranger.call(t, "POST", "/identify", `{"name":"Mallory","basis":{"purpose":"support","lawful_basis":"consent"}}`, http.StatusOK)
		if got := w.api(t, "GET", "/contacts/"+ada, "", http.StatusOK).body; strings.Contains(got, "Mallory") {
			t.Errorf("an anonymous browser changed the person: %s", got)
		}
		var r struct{ State string }
		stranger.call(t, "POST", "/privacy-requests", `{"kind":"erasure"}`, http.StatusCreated).json(t, &r)
		if r.State != "received" {
			t.Errorf("an anonymous browser had the person erased: %+v", r)
		}
		w.api(t, "GET", "/contacts/"+ada, "", http.StatusOK)
	})
}

// mayUse tells whether a contact's data may be used for a purpose.
func (w *world) mayUse(t *testing.T, sub privacy.Subject, purpose string) bool {
	t.Helper()
	var may error
	err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
		may = w.Privacy.MayUse(tx, sub, purpose)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return may == nil
}
