package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// signer signs identity tokens of a workspace.
func (w *world) signer(t *testing.T, workspaceID string) func(sub, email string) string {
	t.Helper()
	secret, err := w.Workspaces.IdentitySecret(t.Context(), workspaceID)
	if err != nil {
		t.Fatal(err)
	}
	return func(sub, email string) string {
		claims := jwt.MapClaims{"sub": sub}
		if email != "" {
			claims["email"] = email
		}
		return identityToken(t, secret, claims)
	}
}

func signed(t *testing.T, method jwt.SigningMethod, claims jwt.MapClaims, key any, header map[string]any) string {
	t.Helper()
	token := jwt.NewWithClaims(method, claims)
	for name, value := range header {
		token.Header[name] = value
	}
	text, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// What does not prove who somebody is proves nothing, whatever it says of itself, and
// leaves nothing behind.
func TestForgedIdentityTokens(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		secret, err := w.Workspaces.IdentitySecret(t.Context(), w.made.Workspace.ID)
		if err != nil {
			t.Fatal(err)
		}
		other := w.setup(t, "Other", "owner@other.example")
		theirs, err := w.Workspaces.IdentitySecret(t.Context(), other.Workspace.ID)
		if err != nil {
			t.Fatal(err)
		}
		rs, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		es, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		with := func(more jwt.MapClaims) jwt.MapClaims {
			c := jwt.MapClaims{"sub": "user-7", "email": "ada@example.org", "exp": now.Add(time.Hour).Unix()}
			for k, v := range more {
				if c[k] = v; v == nil {
					delete(c, k)
				}
			}
			return c
		}
		hs := jwt.SigningMethodHS256
		good := signed(t, hs, with(nil), secret, nil)
		parts := strings.Split(good, ".")
		raw := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
		before := w.rows(t)
		for name, bad := range map[string]string{
			"alg none":                   signed(t, jwt.SigningMethodNone, with(nil), jwt.UnsafeAllowNoneSignatureType, nil),
			"alg none, signature kept":   raw(`{"alg":"none","typ":"JWT"}`) + "." + parts[1] + "." + parts[2],
			"alg NoNe":                   raw(`{"alg":"NoNe"}`) + "." + parts[1] + ".",
			"no alg":                     raw(`{"typ":"JWT"}`) + "." + parts[1] + "." + parts[2],
			"HS384":                      signed(t, jwt.SigningMethodHS384, with(nil), secret, nil),
			"HS512":                      signed(t, jwt.SigningMethodHS512, with(nil), secret, nil),
			"RS256":                      signed(t, jwt.SigningMethodRS256, with(nil), rs, nil),
			"ES256":                      signed(t, jwt.SigningMethodES256, with(nil), es, nil),
			"RS256 said, HS256 signed":   raw(`{"alg":"RS256"}`) + "." + parts[1] + "." + parts[2],
			"a key of its own":           signed(t, hs, with(nil), []byte("mine"), map[string]any{"jwk": map[string]string{"kty": "oct", "k": raw("mine")}, "kid": "../../dev/null", "jku": "https://evil.example/keys"}),
			"an empty key":               signed(t, hs, with(nil), []byte(""), nil),
			"another workspace's":        signed(t, hs, with(nil), theirs, nil),
			"no signature":               parts[0] + "." + parts[1] + ".",
			"another's claims":           parts[0] + "." + raw(`{"sub":"user-8","exp":99999999999}`) + "." + parts[2],
			"expired":                    signed(t, hs, with(jwt.MapClaims{"exp": now.Add(-time.Second).Unix()}), secret, nil),
			"not yet":                    signed(t, hs, with(jwt.MapClaims{"nbf": now.Add(time.Hour).Unix()}), secret, nil),
			"without an end":             signed(t, hs, with(jwt.MapClaims{"exp": nil}), secret, nil),
			"an end in words":            signed(t, hs, with(jwt.MapClaims{"exp": "tomorrow"}), secret, nil),
			"of nobody":                  signed(t, hs, with(jwt.MapClaims{"sub": nil}), secret, nil),
			"of blanks":                  signed(t, hs, with(jwt.MapClaims{"sub": "  \t"}), secret, nil),
			"sub is a number":            signed(t, hs, with(jwt.MapClaims{"sub": 7}), secret, nil),
			"two dots too many":          good + "..",
			"noise":                      "a.b.c",
			"an address that is a list":  signed(t, hs, with(jwt.MapClaims{"email": []string{"a@example.org"}}), secret, nil),
			"encrypted, not signed":      raw(`{"alg":"dir","enc":"A256GCM"}`) + "....",
			"signed over another header": raw(`{"alg":"HS256","typ":"JWT","x":1}`) + "." + parts[1] + "." + parts[2],
		} {
			body, err := json.Marshal(map[string]string{"workspace_key": w.made.Workspace.Key, "token": bad})
			if err != nil {
				t.Fatal(err)
			}
			start := w.do(t, call{method: "POST", path: "/widget/v1/sessions", body: string(body)})
			v := w.visit(t, w.made.Workspace.Key)
			body, _ = json.Marshal(map[string]string{"token": bad})
			identify := w.do(t, call{method: "POST", path: "/widget/v1/identify", body: string(body), header: bearer(v.token)})
			for _, a := range []answer{start, identify} {
				if a.status != http.StatusUnauthorized || a.code() != "identity_token_refused" || strings.Contains(a.body, "ada@") {
					t.Errorf("%s: %d %s", name, a.status, a.body)
				}
			}
		}
		for name, bad := range map[string]string{
			"a long sub":      signed(t, hs, with(jwt.MapClaims{"sub": strings.Repeat("x", 5000)}), secret, nil),
			"no address":      signed(t, hs, with(jwt.MapClaims{"email": "not an address"}), secret, nil),
			"a name with \\0": signed(t, hs, with(jwt.MapClaims{"name": "A\x00"}), secret, nil),
		} {
			v := w.visit(t, w.made.Workspace.Key)
			body, _ := json.Marshal(map[string]string{"token": bad})
			if a := w.do(t, call{method: "POST", path: "/widget/v1/identify", body: string(body), header: bearer(v.token)}); a.status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d %s", name, a.status, a.body)
			}
		}
		if after := w.rows(t); after != before {
			t.Errorf("refused tokens left %d rows", after-before)
		}
		// A good one holds in its own workspace alone, and its session too.
		v := w.visit(t, w.made.Workspace.Key)
		v.signInBy(t, good)
		elsewhere := w.do(t, call{method: "POST", path: "/widget/v1/sessions", body: `{"workspace_key":"` + other.Workspace.Key + `"}`, header: bearer(v.token)})
		if elsewhere.status != http.StatusOK || strings.Contains(elsewhere.body, "ada@") {
			t.Errorf("the session of one workspace in another: %d %s", elsewhere.status, elsewhere.body)
		}
	})
}

// signInBy identifies the visitor by a token, and gives their contact's id.
func (v *visitor) signInBy(t *testing.T, token string) (contactID string) {
	t.Helper()
	var out struct {
		SessionToken string `json:"session_token"`
		Contact      struct{ ID string }
	}
	v.call(t, "POST", "/identify", `{"token":"`+token+`"}`, http.StatusOK).json(t, &out)
	v.token = out.SessionToken
	return out.Contact.ID
}

// chats gives the ids of the conversations that the visitor sees.
func (v *visitor) chats(t *testing.T) (ids []string) {
	t.Helper()
	var list struct{ Data []struct{ ID string } }
	v.call(t, "GET", "/conversations", "", http.StatusOK).json(t, &list)
	for _, c := range list.Data {
		ids = append(ids, c.ID)
	}
	return ids
}

// In a browser that people share, nobody sees the chats of whoever had it before.
func TestSharedBrowser(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		sign := w.signer(t, w.made.Workspace.ID)
		browser := w.visit(t, w.made.Workspace.Key)
		before := browser.token
		secret, _ := browser.write(t, "something that only Ada may read")
		ada := browser.signInBy(t, sign("ada", "ada@example.org"))
		if got := browser.chats(t); len(got) != 1 || got[0] != secret {
			t.Fatalf("Ada sees %v", got)
		}
		asAda := browser.token

		// The page signs Bob in without a word of Ada's leaving; or starts a session for him.
		bob := w.someone(t, `"external_id":"bob","email":"bob@example.org"`)
		if got := browser.signInBy(t, sign("bob", "bob@example.org")); got != bob || got == ada {
			t.Errorf("Bob is %s, want %s", got, bob)
		}
		start := func(token, identity string) *visitor {
			t.Helper()
			var s struct {
				SessionToken string `json:"session_token"`
			}
			a := w.do(t, call{method: "POST", path: "/widget/v1/sessions", header: bearer(token),
				body: `{"workspace_key":"` + w.made.Workspace.Key + `","token":"` + identity + `"}`})
			if a.status != http.StatusOK {
				t.Fatalf("%d %s", a.status, a.body)
			}
			a.json(t, &s)
			return &visitor{w, s.SessionToken}
		}
		for name, v := range map[string]*visitor{"identified": browser, "with Ada's session": start(asAda, sign("bob", "bob@example.org")), "with the session from before": start(before, sign("bob", "bob@example.org")),
			"nobody, with the session from before": start(before, "")} {
			if got := v.chats(t); len(got) != 0 {
				t.Errorf("%s sees %v", name, got)
			}
			v.call(t, "GET", "/conversations/"+secret+"/messages", "", http.StatusNotFound)
			v.call(t, "POST", "/conversations/"+secret+"/messages", `{"body":"x"}`, http.StatusNotFound)
		}
		(&visitor{w, before}).call(t, "GET", "/conversations", "", http.StatusUnauthorized)
		// Somebody who is new to the workspace does not become Ada either.
		a := w.do(t, call{method: "POST", path: "/widget/v1/identify", body: `{"token":"` + sign("cleo", "cleo@example.org") + `"}`, header: bearer(asAda)})
		if a.status != http.StatusConflict || a.code() != "signed_in_as_another" {
			t.Errorf("somebody new in Ada's session: %d %s", a.status, a.body)
		}

		// Who gave another address than whoever signs in then was somebody else.
		shared := w.visit(t, w.made.Workspace.Key)
		theirs, _ := shared.write(t, "I am Dora, call me")
		shared.call(t, "POST", "/identify", `{"email":"dora@example.org","basis":{"purpose":"email_replies","lawful_basis":"consent"}}`, http.StatusOK)
		shared.signInBy(t, sign("bob", "bob@example.org"))
		if got := shared.chats(t); len(got) != 0 {
			t.Errorf("Bob sees Dora's %v: %s", got, theirs)
		}
		own := w.visit(t, w.made.Workspace.Key)
		mine, _ := own.write(t, "I am Bob")
		own.call(t, "POST", "/identify", `{"email":" BOB@example.org","basis":{"purpose":"email_replies","lawful_basis":"consent"}}`, http.StatusOK)
		own.signInBy(t, sign("bob", "bob@example.org"))
		if got := own.chats(t); len(got) != 1 || got[0] != mine {
			t.Errorf("Bob sees %v, want his own %s", got, mine)
		}
	})
}

// A token that is played again signs the same person in, and brings nobody back who
// was erased.
func TestReplayedIdentityToken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		token := w.signer(t, w.made.Workspace.ID)("ada", "ada@example.org")
		v := w.visit(t, w.made.Workspace.Key)
		ada := v.signInBy(t, token)
		conversation, _ := v.write(t, "hello")
		again := w.visit(t, w.made.Workspace.Key)
		if got := again.signInBy(t, token); got != ada {
			t.Errorf("the same token gives %s, then %s", ada, got)
		}
		w.api(t, "DELETE", "/contacts/"+ada+"?erase=true", "", http.StatusOK)
		for _, old := range []*visitor{v, again} {
			old.call(t, "GET", "/conversations", "", http.StatusUnauthorized)
			old.call(t, "POST", "/identify", `{"token":"`+token+`"}`, http.StatusUnauthorized)
		}
		fresh := w.visit(t, w.made.Workspace.Key)
		if got := fresh.signInBy(t, token); got == ada || len(fresh.chats(t)) != 0 {
			t.Errorf("an erased person came back as %s", got)
		}
		fresh.call(t, "GET", "/conversations/"+conversation+"/messages", "", http.StatusNotFound)
	})
}

// ends reads a stream to its end.
func ends(t *testing.T, frames <-chan frame) {
	t.Helper()
	for {
		select {
		case _, open := <-frames:
			if !open {
				return
			}
		case <-time.After(10 * time.Second):
			t.Fatal("the stream goes on")
		}
	}
}

// Who is signed in hears what happens in a conversation that joined them, on every
// device, at once and after a break; and no more once it was parted again.
func TestJoinedConversationsAreFollowed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		sign := w.signer(t, w.made.Workspace.ID)
		phone := w.visit(t, w.made.Workspace.Key)
		ada := phone.signInBy(t, sign("ada", "ada@example.org"))
		first := w.follow(t, "/widget/v1/stream", phone.token, "")
		hello := next(t, first)

		laptop := w.visit(t, w.made.Workspace.Key)
		conversation, earlier := laptop.write(t, "I have not signed in yet")
		if got := laptop.signInBy(t, sign("ada", "ada@example.org")); got != ada || earlier == ada {
			t.Fatalf("%s %s %s", got, earlier, ada)
		}
		ends(t, first) // it comes back as the whole person
		onPhone := w.follow(t, "/widget/v1/stream", phone.token, hello.id)
		onLaptop := w.follow(t, "/widget/v1/stream", laptop.token, "")
		if next(t, onPhone).event != "hello" || next(t, onLaptop).event != "hello" {
			t.Fatal("no greeting")
		}
		messages := "/conversations/" + conversation + "/messages"
		w.api(t, "POST", messages, `{"body":"an answer"}`, http.StatusCreated)
		hear := func(frames <-chan frame, want string) frame {
			t.Helper()
			for {
				if f := next(t, frames); f.event == "message.created" && body(f) != "I have not signed in yet" {
					if body(f) != want {
						t.Errorf("heard %q, want %q", body(f), want)
					}
					return f
				}
			}
		}
		heard := hear(onPhone, "an answer")
		hear(onLaptop, "an answer")
		w.api(t, "POST", messages, `{"body":"a note","type":"note"}`, http.StatusCreated)
		w.api(t, "POST", messages, `{"body":"another answer"}`, http.StatusCreated)
		hear(onPhone, "another answer") // and never the note
		hear(w.follow(t, "/widget/v1/stream", phone.token, heard.id), "another answer")

		stranger := w.visit(t, w.made.Workspace.Key)
		stranger.signInBy(t, sign("bob", "bob@example.org"))
		strangers := w.follow(t, "/widget/v1/stream", stranger.token, "")
		next(t, strangers)

		var merges struct{ Data []struct{ ID string } }
		w.api(t, "GET", "/contacts/"+ada+"/merges", "", http.StatusOK).json(t, &merges)
		if len(merges.Data) != 1 {
			t.Fatalf("%+v", merges)
		}
		w.api(t, "POST", "/merges/"+merges.Data[0].ID+"/undo", "", http.StatusOK)
		ends(t, onPhone)
		after := w.follow(t, "/widget/v1/stream", phone.token, "")
		next(t, after)
		w.api(t, "POST", messages, `{"body":"not for Ada any more"}`, http.StatusCreated)
		own, _ := phone.write(t, "mine")
		w.api(t, "POST", "/conversations/"+own+"/messages", `{"body":"for Ada"}`, http.StatusCreated)
		for f := next(t, after); body(f) != "for Ada"; f = next(t, after) {
			if body(f) == "not for Ada any more" {
				t.Error("heard what was parted")
			}
		}
		mine, _ := stranger.write(t, "Bob's")
		w.api(t, "POST", "/conversations/"+mine+"/messages", `{"body":"for Bob"}`, http.StatusCreated)
		for f := next(t, strangers); body(f) != "for Bob"; f = next(t, strangers) {
			if strings.Contains(body(f), "answer") || strings.Contains(body(f), "Ada") {
				t.Errorf("a stranger heard %+v", f)
			}
		}
	})
}
