package app_test

import (
	"bytes"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/privacy"
)

// blockOf adds an entry to the blocklist and gives its id.
func (w *world) blockOf(t *testing.T, fields string) string {
	t.Helper()
	var e struct{ ID string }
	w.api(t, "POST", "/blocks", `{`+fields+`}`, http.StatusCreated).json(t, &e)
	return e.ID
}

// refused tells whether a visitor hears that they are blocked, and nothing more.
func (v *visitor) refused(t *testing.T, what, method, path, body string) {
	t.Helper()
	a := v.w.do(t, call{method: method, path: "/widget/v1" + path, body: body, header: bearer(v.token)})
	if a.status != http.StatusForbidden || a.code() != "blocked" {
		t.Errorf("%s by somebody blocked: %d %s", what, a.status, a.body)
	}
	for _, word := range []string{"spam", "abuse", "fraud", "until"} {
		if strings.Contains(a.body, word) {
			t.Errorf("%s tells more than needed: %s", what, a.body)
		}
	}
}

// Somebody blocked takes part in nothing, stores nothing, and keeps every right.
func TestWhoIsBlockedTakesPartInNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.visit(t, w.made.Workspace.Key)
		conversationID, contactID := v.write(t, "buy this")
		a := w.api(t, "PUT", "/contacts/"+contactID+"/block", `{"reason":"spam"}`, http.StatusOK)
		if !strings.Contains(a.body, `"reason":"spam"`) || !strings.Contains(a.body, `"until":null`) {
			t.Errorf("block %s", a.body)
		}
		before := rowCounts(t, w.DB)
		v.refused(t, "a message", "POST", "/conversations/"+conversationID+"/messages", `{"body":"again"}`)
		v.refused(t, "a conversation", "POST", "/conversations", `{"body":"again"}`)
		v.refused(t, "a claim", "POST", "/identify", `{"email":"x@example.org"}`)
		v.refused(t, "an event", "POST", "/events", `{"name":"clicked"}`)
		v.call(t, "POST", "/typing", `{"conversation_id":"`+conversationID+`"}`, http.StatusNoContent) // told to nobody
		v.refused(t, "asking a parent", "POST", "/parental-consents", `{"parent_email":"p@example.org"}`)
		after := rowCounts(t, w.DB)
		for _, table := range []string{"messages", "conversations", "contacts", "custom_events", "mails"} {
			if after[table] != before[table] {
				t.Errorf("%s has %d rows, before %d", table, after[table], before[table])
			}
		}
		// what was told them, and their rights, stay
		v.call(t, "GET", "/conversations/"+conversationID+"/messages", "", http.StatusOK)
		v.call(t, "POST", "/consents", `{"purpose":"marketing","action":"grant","version":1}`, http.StatusOK)
		v.call(t, "POST", "/consents", `{"purpose":"marketing","action":"withdraw"}`, http.StatusOK)
		v.call(t, "POST", "/privacy-requests", `{"kind":"access"}`, http.StatusCreated)
		w.api(t, "POST", "/conversations/"+conversationID+"/messages", `{"body":"goodbye"}`, http.StatusCreated) // the team may write
		if got := w.export(t, privacy.Subject{WorkspaceID: w.made.Workspace.ID, ContactID: contactID}); !strings.Contains(got, `blocks {"about":"person","reason":"spam"`) {
			t.Errorf("the export does not say that they are blocked: %s", got)
		}
		list := w.api(t, "GET", "/contacts?blocked=true", "", http.StatusOK)
		if !strings.Contains(list.body, contactID) || !strings.Contains(list.body, `"blocked":{"reason":"spam"`) {
			t.Errorf("the list %s", list.body)
		}
		w.api(t, "DELETE", "/contacts/"+contactID+"/block", "", http.StatusNoContent)
		w.api(t, "DELETE", "/contacts/"+contactID+"/block", "", http.StatusNoContent)
		v.call(t, "POST", "/conversations/"+conversationID+"/messages", `{"body":"sorry"}`, http.StatusCreated)
		if list := w.api(t, "GET", "/contacts?blocked=true", "", http.StatusOK); strings.Contains(list.body, contactID) {
			t.Errorf("the list after %s", list.body)
		}
	})
}

// A block ends by itself.
func TestABlockEnds(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		v := w.visit(t, w.made.Workspace.Key)
		conversationID, contactID := v.write(t, "hello")
		until := clk.Now().Add(time.Hour).Format(time.RFC3339)
		w.api(t, "PUT", "/contacts/"+contactID+"/block", `{"reason":"abuse","until":"`+until+`"}`, http.StatusOK)
		w.blockOf(t, `"domain":"spam.example","reason":"spam","until":"`+until+`"`)
		v.refused(t, "a message", "POST", "/conversations/"+conversationID+"/messages", `{"body":"again"}`)
		clk.Advance(2 * time.Hour)
		v.call(t, "POST", "/conversations/"+conversationID+"/messages", `{"body":"again"}`, http.StatusCreated)
		if a := w.api(t, "GET", "/contacts/"+contactID, "", http.StatusOK); !strings.Contains(a.body, `"blocked":null`) {
			t.Errorf("the contact still says blocked: %s", a.body)
		}
		if err := w.Contacts.SweepBlocks(t.Context(), 100); err != nil {
			t.Fatal(err)
		}
		if n := rowCounts(t, w.DB); n["contact_blocks"] != 0 || n["blocks"] != 0 {
			t.Errorf("%d and %d blocks are left", n["contact_blocks"], n["blocks"])
		}
		w.api(t, "PUT", "/contacts/"+contactID+"/block", `{"reason":"abuse","until":"2020-01-01T00:00:00Z"}`, http.StatusUnprocessableEntity)
	})
}

// A person is blocked if any of their contacts is; and each stays so when they part.
func TestOneOfThePersonIsBlockedAllAre(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.visit(t, w.made.Workspace.Key)
		conversationID, member := v.write(t, "hello")
		survivor := w.add(t, `"name":"Ada","external_id":"ada"`)
		w.api(t, "PUT", "/contacts/"+member+"/block", `{"reason":"abuse"}`, http.StatusOK)
		m := w.merge(t, survivor, member, "")
		if a := w.api(t, "GET", "/contacts/"+survivor, "", http.StatusOK); !strings.Contains(a.body, `"blocked":{"reason":"abuse"`) {
			t.Errorf("the survivor of somebody blocked: %s", a.body)
		}
		if a := w.api(t, "GET", "/contacts?blocked=true", "", http.StatusOK); !strings.Contains(a.body, survivor) {
			t.Errorf("the list of the blocked: %s", a.body)
		}
		signedIn := w.visit(t, w.made.Workspace.Key)
		signedIn.identify(t, "ada") // in as who they are, so that their rights are at hand
		signedIn.refused(t, "a conversation of the survivor", "POST", "/conversations", `{"body":"x"}`)
		w.api(t, "POST", "/merges/"+m.Merge.ID+"/undo", "", http.StatusOK)
		signedIn = w.visit(t, w.made.Workspace.Key)
		signedIn.identify(t, "ada")
		signedIn.write(t, "I am somebody else")
		v.refused(t, "a message of the other", "POST", "/conversations/"+conversationID+"/messages", `{"body":"x"}`)
	})
}

// Addresses, domains and networks keep out who comes with them; none of the first and
// the last is on disk in clear.
func TestAddressesDomainsAndNetworksAreBlocked(t *testing.T) {
	for engine, config := range configs(t) {
		t.Run(engine, func(t *testing.T) {
			cfg := config(t)
			cfg.TrustProxy = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
			addressesDomainsAndNetworks(t, start(t, cfg))
		})
	}
}

func addressesDomainsAndNetworks(t *testing.T, w *world) {
	t.Helper()
	ada := w.add(t, `"name":"Ada","external_id":"ada","email":"ada@gone.example"`)
	eve := w.add(t, `"name":"Eve","external_id":"eve","email":"eve@mail.spam.example"`)
	w.add(t, `"name":"Bob","external_id":"bob","email":"bob@good.example"`)
	address := w.blockOf(t, `"email":"ADA@gone.example","reason":"abuse"`)
	if again := w.blockOf(t, `"email":"ada@gone.example","reason":"fraud","outlives":true`); again != address {
		t.Errorf("the same address is there twice: %s, %s", address, again)
	}
	domain := w.blockOf(t, `"domain":"Spam.example.","reason":"spam"`)
	for id, email := range map[string]string{"ada": "ada@gone.example", "eve": "eve@mail.spam.example", "new": "new@spam.example"} {
		v := w.visit(t, w.made.Workspace.Key)
		v.signIn(t, id, email)
		v.refused(t, "a conversation of "+id, "POST", "/conversations", `{"body":"x"}`)
	}
	v := w.visit(t, w.made.Workspace.Key)
	v.signIn(t, "bob", "bob@good.example")
	v.write(t, "hello")
	claims := w.visit(t, w.made.Workspace.Key)
	claims.refused(t, "a claim of a blocked address", "POST", "/identify", `{"email":"ada@gone.example"}`)
	claims.refused(t, "a claim under a blocked domain", "POST", "/identify", `{"email":"x@a.b.spam.example"}`)
	claims.call(t, "POST", "/identify", `{"email":"x@notspam.example","basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusOK)
	for _, c := range []string{ada, eve} {
		if a := w.api(t, "GET", "/contacts/"+c, "", http.StatusOK); !strings.Contains(a.body, `"blocked":null`) {
			t.Errorf("the contact themselves is not blocked: %s", a.body)
		}
	}
	if a := w.api(t, "POST", "/blocks/search", `{"email":"eve@mail.spam.example"}`, http.StatusOK); !strings.Contains(a.body, domain) {
		t.Errorf("search %s", a.body)
	}
	w.api(t, "DELETE", "/blocks/"+domain, "", http.StatusNoContent)
	again := w.visit(t, w.made.Workspace.Key)
	again.signIn(t, "eve", "eve@mail.spam.example")
	again.write(t, "back")
	w.blockOf(t, `"network":"203.0.113.77","reason":"abuse"`)
	there := call{method: "POST", path: "/widget/v1/conversations", body: `{"body":"x"}`, header: bearer(w.visit(t, w.made.Workspace.Key).token)}
	there.header.Set("X-Forwarded-For", "203.0.113.9")
	if a := w.do(t, there); a.status != http.StatusForbidden || a.code() != "blocked" {
		t.Errorf("from a blocked network: %d %s", a.status, a.body)
	}
	for name, content := range files(t, w.cfg.Data) {
		for _, canary := range []string{"ada@gone", "203.0.113"} {
			if bytes.Contains(bytes.ToLower(content), []byte(canary)) {
				t.Errorf("%s holds %s", name, canary)
			}
		}
	}
	if strings.Contains(w.logs.String(), "203.0.113") || strings.Contains(w.logs.String(), "gone.example") {
		t.Error("the log holds what is personal")
	}
}

// signIn identifies a browser with an address.
func (v *visitor) signIn(t *testing.T, sub, email string) {
	t.Helper()
	secret, err := v.w.Workspaces.IdentitySecret(t.Context(), v.w.made.Workspace.ID)
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		SessionToken string `json:"session_token"`
	}
	v.call(t, "POST", "/identify", `{"token":"`+identityToken(t, secret, jwt.MapClaims{"sub": sub, "email": email})+`"}`, http.StatusOK).json(t, &out)
	v.token = out.SessionToken
}

// A block may bring the person's addresses; which of them outlive an erasure is chosen.
func TestBlocksAfterErasure(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, tt := range []struct {
			name, email, more string
			left              int
		}{
			{"alone", "a@x.example", ``, 0},
			{"with addresses", "b@x.example", `,"addresses":true`, 0},
			{"kept", "c@x.example", `,"addresses":true,"outlives":true`, 1},
		} {
			ada := w.add(t, `"name":"Ada","email":"`+tt.email+`"`)
			w.api(t, "PUT", "/contacts/"+ada+"/block", `{"reason":"fraud"`+tt.more+`}`, http.StatusOK)
			got := w.export(t, privacy.Subject{WorkspaceID: w.made.Workspace.ID, ContactID: ada})
			if want := `"outlives":true`; strings.Contains(got, want) != (tt.left == 1) {
				t.Errorf("%s: the export does not say what stays: %s", tt.name, got)
			}
			a := w.api(t, "DELETE", "/contacts/"+ada+"?erase=true", "", http.StatusOK)
			if !strings.Contains(a.body, `"contact_blocks":1`) {
				t.Errorf("%s: receipt %s", tt.name, a.body)
			}
			found := w.api(t, "POST", "/blocks/search", `{"email":"`+tt.email+`"}`, http.StatusOK)
			if n := strings.Count(found.body, `"kind":`); n != tt.left || strings.Contains(found.body, ada) {
				t.Errorf("%s: after the erasure %s", tt.name, found.body)
			}
		}
		// an entry that somebody typed goes with whose address it is, unless it is to stay
		bob := w.add(t, `"name":"Bob","email":"bob@x.example"`)
		w.blockOf(t, `"email":"bob@x.example","reason":"spam"`)
		w.api(t, "DELETE", "/contacts/"+bob+"?erase=true", "", http.StatusOK)
		if found := w.api(t, "POST", "/blocks/search", `{"email":"bob@x.example"}`, http.StatusOK); strings.Contains(found.body, `"kind":`) {
			t.Errorf("after the erasure %s", found.body)
		}
		// lifting a block lifts what it brought
		eve := w.add(t, `"name":"Eve","email":"eve@x.example"`)
		w.api(t, "PUT", "/contacts/"+eve+"/block", `{"reason":"spam","addresses":true}`, http.StatusOK)
		w.api(t, "DELETE", "/contacts/"+eve+"/block", "", http.StatusNoContent)
		if found := w.api(t, "POST", "/blocks/search", `{"email":"eve@x.example"}`, http.StatusOK); strings.Contains(found.body, `"kind":`) {
			t.Errorf("after the lifting %s", found.body)
		}
	})
}

func TestBlocksRefuseWhatIsNone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada := w.add(t, `"name":"Ada"`)
		for _, body := range []string{`{}`, `{"reason":"because"}`, `{"reason":""}`, `{"reason":"spam","until":"soon"}`, `{"reason":"spam","until":"9999-01-01T00:00:00Z"}`, `{"reason":"spam","note":"x"}`} {
			w.api(t, "PUT", "/contacts/"+ada+"/block", body, http.StatusUnprocessableEntity)
		}
		for _, body := range []string{`"email":"x"`, `"email":"a@b.example","domain":"b.example"`, `"domain":"com"`, `"domain":"127.0.0.1"`, `"domain":"a b.example"`, `"domain":"..a"`,
			`"network":"10.0.0.1"`, `"network":"127.0.0.1"`, `"network":"0.0.0.0/0"`, `"network":"::/0"`, `"network":"203.0.0.0/8"`, `"network":"x"`, `"network":"fe80::1"`, ``} {
			w.api(t, "POST", "/blocks", `{`+strings.TrimPrefix(body+`,"reason":"spam"`, ",")+`}`, http.StatusUnprocessableEntity)
		}
		for _, body := range []string{`"domain":"bücher.example"`, `"domain":"@b.example"`, `"network":"203.0.113.0/24"`, `"network":"2001:db8::1"`, `"network":"203.0.113.128/25"`} {
			w.blockOf(t, body+`,"reason":"spam"`)
		}
		var page struct {
			Data []struct{ Kind, Domain, Until string }
		}
		w.api(t, "GET", "/blocks", "", http.StatusOK).json(t, &page)
		if len(page.Data) != 4 { // both networks are one
			t.Errorf("%d entries: %+v", len(page.Data), page.Data)
		}
		if !slices.ContainsFunc(page.Data, func(e struct{ Kind, Domain, Until string }) bool { return e.Domain == "xn--bcher-kva.example" }) {
			t.Errorf("entries %+v", page.Data)
		}
		for _, e := range page.Data {
			if e.Kind == "network" && e.Until == "" {
				t.Error("a network is blocked for ever")
			}
		}
		masked := w.api(t, "POST", "/api-keys", `{"name":"m","scopes":["contacts:read","contacts:write","contacts:masked"]}`, http.StatusCreated)
		var key struct{ Secret string }
		masked.json(t, &key)
		for _, c := range []call{{method: "POST", path: "/api/v1/blocks", body: `{"email":"a@b.example","reason":"spam"}`}, {method: "POST", path: "/api/v1/blocks/search", body: `{"email":"a@b.example"}`}} {
			c.header = bearer(key.Secret)
			if a := w.do(t, c); a.status != http.StatusForbidden {
				t.Errorf("%s by who sees no addresses: %d %s", c.path, a.status, a.body)
			}
		}
	})
}

// Whoever sees no addresses cannot find one out letter by letter, nor have a whole guess
// confirmed, where an attribute or a profile holds it; a segment that somebody else
// wrote is of use to them as before.
func TestMaskedRolesDoNotGuess(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.api(t, "POST", "/attributes", `{"key":"lists","label":"Lists","kind":"list","personal":true,"purpose":"support"}`, http.StatusCreated)
		w.add(t, `"name":"Ada","email":"ada@canary.example","phone":"+49 30 1234567","attributes":{"second_mail":"ada@canary.example","lists":["ada@canary.example"],"age":41}`)
		c := func(field, op, value string) string {
			return `{"field":"` + field + `","op":"` + op + `","value":` + value + `}`
		}
		var s, key struct{ ID, Secret string }
		w.api(t, "POST", "/segments", `{"name":"A","filter":`+c("attributes.second_mail", "starts_with", `"ad"`)+`}`, http.StatusCreated).json(t, &s)
		w.api(t, "POST", "/api-keys", `{"name":"m","scopes":["contacts:read","contacts:write","contacts:masked"]}`, http.StatusCreated).json(t, &key)
		ask := func(method, path, body string) answer {
			return w.do(t, call{method: method, path: "/api/v1" + path, body: body, header: bearer(key.Secret)})
		}
		whole := `"ada@canary.example"`
		for _, f := range []string{
			c("attributes.second_mail", "starts_with", `"ad"`), c("attributes.second_mail", "not_starts_with", `"ad"`), c("attributes.second_mail", "is", whole), c("attributes.second_mail", "is_not", `"wrong@canary.example"`),
			c("attributes.second_mail", "is", `"  ADA@canary.example "`), c("attributes.lists", "contains", whole), c("attributes.lists", "not_contains", whole), c("profile.email", "is", whole), c("profile.email", "is_not", whole),
			c("profile.phone", "is", `"+49301234567"`), `{"any":[` + c("profile.name", "starts_with", `"ad"`) + `,{"all":[` + c("profile.email", "is", whole) + `]}]}`,
		} {
			for path, body := range map[string]string{"/contacts/search": `{"filter":` + f + `}`, "/segments": `{"name":"B","filter":` + f + `}`, "/segments/count": `{"filter":` + f + `}`,
				"/contacts/bulk": `{"action":"tag","tag":"x","filter":{"all":[` + f + `]}}`} {
				if a := ask("POST", path, body); a.status != http.StatusForbidden || a.code() != "forbidden" || !strings.Contains(a.body, "contacts:addresses") || strings.Contains(a.body, "canary") {
					t.Errorf("%s with %s: %d %s", path, f, a.status, a.body)
				}
			}
			w.api(t, "POST", "/contacts/search", `{"filter":`+f+`}`, http.StatusOK)
		}
		for _, f := range []string{`{"field":"profile.email","op":"is_set"}`, `{"field":"attributes.second_mail","op":"is_set"}`, c("attributes.age", "is", `"41"`)} {
			want := http.StatusOK
			if strings.Contains(f, "age") { // nobody declared it, so it may hold anything
				want = http.StatusForbidden
			}
			if a := ask("POST", "/contacts/search", `{"filter":`+f+`}`); a.status != want || want == http.StatusOK && !strings.Contains(a.body, "Ada") {
				t.Errorf("%s: %d %s", f, a.status, a.body)
			}
		}
		if a := ask("GET", "/contacts?segment_id="+s.ID, ""); a.status != http.StatusOK || !strings.Contains(a.body, "Ada") || strings.Contains(a.body, "canary.example") {
			t.Errorf("a segment of somebody else: %d %s", a.status, a.body)
		}
		if a := ask("GET", "/segments", ""); a.status != http.StatusOK {
			t.Errorf("the list: %d %s", a.status, a.body)
		}
	})
}
