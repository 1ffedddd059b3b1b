package app_test

import (
	"io"
	"mime/quotedprintable"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/botimum/botimum/internal/config"
	"github.com/botimum/botimum/internal/mail/mailtest"
	"github.com/botimum/botimum/internal/storage"
)

// gate runs a test against a server on each engine that asks for ages and sends mail.
func gate(t *testing.T, fn func(t *testing.T, w *world, mails *mailtest.Server)) {
	t.Helper()
	for engine, cfg := range configs(t) {
		t.Run(engine, func(t *testing.T) {
			mails := mailtest.New(t)
			c := cfg(t)
			to := mails.Settings()
			c.SMTP = &config.SMTP{Host: to.Host, Port: to.Port, Username: to.Username, Password: to.Password, TLS: to.TLS}
			c.MailFrom.Address = "hello@acme.example"
			w := start(t, c)
			w.api(t, "PATCH", "/workspace", `{"settings":{"age_gate":true,"country":"AT"}}`, http.StatusOK)
			fn(t, w, mails)
		})
	}
}

// tell says when the visitor was born and gives what stands before writing.
func (v *visitor) tell(t *testing.T, born string) string {
	t.Helper()
	var out struct {
		SessionToken string `json:"session_token"`
		Age          string
	}
	v.call(t, "POST", "/age", `{"born":"`+born+`"}`, http.StatusOK).json(t, &out)
	v.token = out.SessionToken
	return out.Age
}

var parentLink = regexp.MustCompile(`http://\S+(/privacy/[^/]+/parent/[A-Za-z0-9_-]+)`)

// asked sends what waits and gives the path of the newest parent's link.
func (w *world) asked(t *testing.T, mails *mailtest.Server) string {
	t.Helper()
	if _, err := w.Mail.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := mails.Mails()
	if len(got) == 0 {
		t.Fatal("no mail came")
	}
	text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(string(got[len(got)-1].Raw))))
	if err != nil {
		t.Fatal(err)
	}
	link := parentLink.FindSubmatch(text)
	if link == nil {
		t.Fatalf("no link in %s", text)
	}
	return string(link[1])
}

// answer posts a parent's form and gives the page.
func (w *world) answer(t *testing.T, path string, form url.Values, want int) string {
	t.Helper()
	a := w.do(t, call{method: "POST", path: path, body: form.Encode(), header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}})
	if a.status != want {
		t.Fatalf("POST %s: %d, want %d: %s", path, a.status, want, a.body)
	}
	return a.body
}

// rows counts the rows of tables that could hold something of a visitor.
func (w *world) rows(t *testing.T) (n int) {
	t.Helper()
	err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
		n = 0
		for _, table := range []string{"contacts", "conversations", "messages", "consents", "parental_consents", "mails", "events", "processing_bases", "contact_tokens"} {
			var one int
			if err := tx.QueryRow(`SELECT COUNT(*) FROM ` + table).Scan(&one); err != nil {
				return err
			}
			n += one
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

const parentAddress = "vera.gruber@example.org"

func TestAgeGateStoresNothingBeforeTheAnswer(t *testing.T) {
	gate(t, func(t *testing.T, w *world, _ *mailtest.Server) {
		before := w.rows(t)
		v := w.visit(t, w.made.Workspace.Key)
		for path, body := range map[string]string{
			"/conversations": `{"body":"hi"}`,
			"/identify":      `{"email":"x@example.org","basis":{"purpose":"email_replies","lawful_basis":"consent"}}`,
			"/consents":      `{"purpose":"marketing","action":"grant","version":1}`,
		} {
			if a := v.call(t, "POST", path, body, http.StatusForbidden); a.code() != "age_check_needed" {
				t.Errorf("POST %s: %s", path, a.body)
			}
		}
		for _, born := range []string{"", "2012", "2012-13", "1800-01", "3000-01"} {
			v.call(t, "POST", "/age", `{"born":"`+born+`"}`, http.StatusUnprocessableEntity)
		}
		if a := v.call(t, "POST", "/parental-consents", `{"parent_email":"`+parentAddress+`"}`, http.StatusConflict); a.code() != "no_parent_needed" {
			t.Errorf("asking a parent before the age: %s", a.body)
		}
		if got := v.tell(t, time.Now().AddDate(-10, 0, 0).Format("2006-01")); got != "child" {
			t.Fatalf("ten years: %q, want child", got)
		}
		if got := v.tell(t, "1980-01"); got != "child" {
			t.Errorf("who said to be a child is of age a moment later: %q", got)
		}
		if a := v.call(t, "POST", "/conversations", `{"body":"hi"}`, http.StatusForbidden); a.code() != "parental_consent_needed" {
			t.Errorf("a child writes: %s", a.body)
		}
		if got := w.rows(t); got != before {
			t.Errorf("%d rows, want %d: something of the child was stored", got, before)
		}
		adult := w.visit(t, w.made.Workspace.Key)
		if got := adult.tell(t, "1980-01"); got != "" {
			t.Errorf("of age: %q, want nothing to stand before writing", got)
		}
		adult.write(t, "hello")
	})
}

func TestParentAgreesAndWithdraws(t *testing.T) {
	gate(t, func(t *testing.T, w *world, mails *mailtest.Server) {
		v := w.visit(t, w.made.Workspace.Key)
		v.tell(t, time.Now().AddDate(-10, 0, 0).Format("2006-01"))
		v.call(t, "POST", "/parental-consents", `{"parent_email":"not an address"}`, http.StatusUnprocessableEntity)
		v.call(t, "POST", "/parental-consents", `{"parent_email":"`+parentAddress+`"}`, http.StatusAccepted)
		first := w.asked(t, mails)
		v.call(t, "POST", "/parental-consents", `{"parent_email":"`+parentAddress+`"}`, http.StatusAccepted)
		link := w.asked(t, mails)
		if first == link {
			t.Fatal("asking again made no new link")
		}
		w.answer(t, first, url.Values{"answer": {"agree"}}, http.StatusGone)                   // replaced
		w.answer(t, link[:len(link)-2]+"AA", url.Values{"answer": {"agree"}}, http.StatusGone) // forged
		w.answer(t, link, url.Values{"answer": {"agree"}}, http.StatusUnprocessableEntity)     // not ticked
		v.call(t, "POST", "/conversations", `{"body":"hi"}`, http.StatusForbidden)

		page := w.do(t, call{method: "GET", path: link})
		if strings.Contains(page.body, "checked") {
			t.Error("the box is ticked already")
		}
		hash := regexp.MustCompile(`name="agree" value="([0-9a-f]{64})"`).FindStringSubmatch(page.body)
		if hash == nil {
			t.Fatalf("no box in %s", page.body)
		}
		w.answer(t, link, url.Values{"answer": {"agree"}, "agree": {hash[1]}}, http.StatusOK)
		_, contactID := v.write(t, "hello, it is me")

		var list struct {
			Data []struct {
				State, Wording string
				Hash           string `json:"wording_hash"`
				ContactID      string `json:"contact_id"`
			}
		}
		w.api(t, "GET", "/privacy/parental-consents?contact_id="+contactID, "", http.StatusOK).json(t, &list)
		if len(list.Data) != 1 || list.Data[0].State != "given" || list.Data[0].Hash != hash[1] || !strings.Contains(list.Data[0].Wording, "Acme") {
			t.Fatalf("on record: %+v", list.Data)
		}

		w.answer(t, link, url.Values{"answer": {"refuse"}}, http.StatusOK) // withdrawn
		w.api(t, "GET", "/contacts/"+contactID, "", http.StatusNotFound)
		v.call(t, "GET", "/conversations", "", http.StatusUnauthorized)
		w.answer(t, link, url.Values{"answer": {"agree"}, "agree": {hash[1]}}, http.StatusGone) // replayed
	})
}

func TestRefusedOrUnansweredParentalConsentLeavesNothing(t *testing.T) {
	gate(t, func(t *testing.T, w *world, mails *mailtest.Server) {
		before := w.rows(t)
		v := w.visit(t, w.made.Workspace.Key)
		v.tell(t, time.Now().AddDate(-10, 0, 0).Format("2006-01"))
		v.call(t, "POST", "/parental-consents", `{"parent_email":"`+parentAddress+`"}`, http.StatusAccepted)
		w.answer(t, w.asked(t, mails), url.Values{"answer": {"refuse"}}, http.StatusOK)
		if got := w.rows(t); got != before {
			t.Errorf("refused: %d rows, want %d", got, before)
		}
		if a := v.call(t, "POST", "/conversations", `{"body":"hi"}`, http.StatusUnauthorized); a.code() != "unauthorized" {
			t.Errorf("after the refusal: %s", a.body)
		}

		late := w.visit(t, w.made.Workspace.Key)
		late.tell(t, time.Now().AddDate(-10, 0, 0).Format("2006-01"))
		late.call(t, "POST", "/parental-consents", `{"parent_email":"late@example.org"}`, http.StatusAccepted)
		link := w.asked(t, mails)
		err := w.DB.Write(t.Context(), func(tx *storage.Tx) error {
			_, err := tx.Exec(`UPDATE parental_consents SET expires_at = $1`, time.Now().Add(-time.Minute).UnixMicro())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		w.answer(t, link, url.Values{"answer": {"agree"}}, http.StatusGone)
		if n, err := w.Children.Sweep(t.Context(), 100); n != 1 || err != nil {
			t.Fatalf("Sweep: %d, %v", n, err)
		}
		if got := w.rows(t); got != before {
			t.Errorf("not answered: %d rows, want %d", got, before)
		}
	})
}

func TestOneParentIsNotAskedWithoutEnd(t *testing.T) {
	gate(t, func(t *testing.T, w *world, _ *mailtest.Server) {
		var keys int64
		for i := range 4 {
			before, err := w.Vault.Stats(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			keys = before.Keys
			v := w.visit(t, w.made.Workspace.Key)
			v.tell(t, time.Now().AddDate(-10, 0, 0).Format("2006-01"))
			want := http.StatusAccepted
			if i == 3 {
				want = http.StatusTooManyRequests
			}
			v.call(t, "POST", "/parental-consents", `{"parent_email":"`+parentAddress+`"}`, want)
		}
		if after, err := w.Vault.Stats(t.Context()); err != nil || after.Keys != keys {
			t.Errorf("refusing left a key: %d, before %d (%v)", after.Keys, keys, err)
		}
	})
}

// An identity token that tells the birthdate is held to the gate; one that tells
// none is the customer's word.
func TestIdentityTokenTellsTheAge(t *testing.T) {
	gate(t, func(t *testing.T, w *world, _ *mailtest.Server) {
		secret, err := w.Workspaces.IdentitySecret(t.Context(), w.made.Workspace.ID)
		if err != nil {
			t.Fatal(err)
		}
		child := identityToken(t, secret, jwt.MapClaims{"sub": "u-1", "birthdate": time.Now().AddDate(-10, 0, 0).Format(time.DateOnly)})
		v := w.visit(t, w.made.Workspace.Key)
		if a := v.call(t, "POST", "/identify", `{"token":"`+child+`"}`, http.StatusForbidden); a.code() != "parental_consent_needed" {
			t.Errorf("a child signs in: %s", a.body)
		}
		a := w.do(t, call{method: "POST", path: "/widget/v1/sessions", body: `{"workspace_key":"` + w.made.Workspace.Key + `","token":"` + child + `"}`})
		var s struct {
			Contact  *struct{}
			Settings struct{ Age string }
		}
		a.json(t, &s)
		if s.Contact != nil || s.Settings.Age != "child" {
			t.Errorf("the child's session: %s", a.body)
		}
		grown := identityToken(t, secret, jwt.MapClaims{"sub": "u-2", "birthdate": "1980-05-01"})
		v.call(t, "POST", "/identify", `{"token":"`+grown+`"}`, http.StatusOK)
	})
}

func identityToken(t *testing.T, secret []byte, claims jwt.MapClaims) string {
	t.Helper()
	claims["exp"] = time.Now().Add(time.Hour).Unix()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(secret)
	if err != nil {
		t.Fatal(err)
	}
	return token
}
