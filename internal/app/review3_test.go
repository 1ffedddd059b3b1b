package app_test

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/botimum/botimum/internal/mail/mailtest"
	"github.com/botimum/botimum/internal/storage"
)

func unzipZ(t *testing.T, raw string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader([]byte(raw)), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range z.File {
		r, _ := f.Open()
		x, _ := io.ReadAll(r)
		b.Write(x)
	}
	return b.String()
}

func TestAskingAParentAgainCounts(t *testing.T) {
	gate(t, func(t *testing.T, w *world, _ *mailtest.Server) {
		v := w.visit(t, w.made.Workspace.Key)
		v.tell(t, time.Now().AddDate(-10, 0, 0).Format("2006-01"))
		for i := range 10 {
			a := w.do(t, call{method: "POST", path: "/widget/v1/parental-consents", body: `{"parent_email":"victim@example.org"}`, header: bearer(v.token)})
			if i > 2 && a.status != http.StatusTooManyRequests {
				t.Errorf("ask %d: %d", i+1, a.status)
			}
		}
		t.Logf("mails: %v", len(w.letters(t)))
	})
}

var boxed = regexp.MustCompile(`name="agree" value="([0-9a-f]{64})"`)

func consented(t *testing.T, w *world, mails *mailtest.Server) (*visitor, string) {
	v := w.visit(t, w.made.Workspace.Key)
	v.tell(t, time.Now().AddDate(-10, 0, 0).Format("2006-01"))
	v.call(t, "POST", "/parental-consents", `{"parent_email":"`+parentAddress+`"}`, http.StatusAccepted)
	link := w.asked(t, mails)
	hash := boxed.FindStringSubmatch(w.do(t, call{method: "GET", path: link}).body)
	w.answer(t, link, url.Values{"answer": {"agree"}, "agree": {hash[1]}}, http.StatusOK)
	return v, link
}

func TestALegalHoldDoesNotUndoAParentsWithdrawal(t *testing.T) {
	gate(t, func(t *testing.T, w *world, mails *mailtest.Server) {
		v, link := consented(t, w, mails)
		_, id := v.write(t, "hello")
		w.api(t, "PUT", "/contacts/"+id+"/legal-hold", `{"reason":"x","ends_at":"`+time.Now().Add(time.Hour*24*365).UTC().Format(time.RFC3339)+`"}`, 200)
		a := w.do(t, call{method: "POST", path: link, body: "answer=refuse", header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}})
		t.Logf("refusal: %d", a.status)
		b := w.do(t, call{method: "POST", path: "/widget/v1/conversations", body: `{"body":"still here"}`, header: bearer(v.token)})
		if b.status == http.StatusCreated {
			t.Errorf("the child writes after the parent withdrew: %d", b.status)
		}
		l := w.api(t, "GET", "/privacy/parental-consents?contact_id="+id, "", 200)
		t.Logf("%s", l.body)
		t.Logf("restriction %s", w.api(t, "GET", "/contacts/"+id+"/restriction", "", 200).body)
	})
}

func TestARequestNeedsThePermissionForWhatItDoes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.person(t, "ada@example.org")
		var key struct{ Secret string }
		w.api(t, "POST", "/api-keys", `{"name":"half","scopes":["privacy:write"]}`, http.StatusCreated).json(t, &key)
		d := w.do(t, call{method: "DELETE", path: "/api/v1/contacts/" + id + "?erase=true", header: bearer(key.Secret)})
		r := w.do(t, call{method: "POST", path: "/api/v1/privacy/requests", body: `{"contact_id":"` + id + `","kind":"rectification","changes":{"email":"evil@example.org"}}`, header: bearer(key.Secret)})
		t.Logf("delete %d; rectification %d %s", d.status, r.status, r.body)
		a := w.do(t, call{method: "POST", path: "/api/v1/privacy/requests", body: `{"contact_id":"` + id + `","kind":"erasure"}`, header: bearer(key.Secret)})
		g := w.do(t, call{method: "GET", path: "/api/v1/contacts/" + id, header: bearer(w.made.APIKey)})
		if g.status == 404 {
			t.Errorf("erased with privacy:write alone: %d %s", a.status, a.body)
		}
	})
}

func TestAnExportNeedsTheInboxAndNoRestriction(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.visit(t, w.made.Workspace.Key)
		cnv, id := v.write(t, "zebrafish")
		var key struct{ Secret string }
		w.api(t, "POST", "/api-keys", `{"name":"half","scopes":["privacy:read","contacts:read"]}`, http.StatusCreated).json(t, &key)
		n := w.do(t, call{method: "GET", path: "/api/v1/conversations/" + cnv + "/messages", header: bearer(key.Secret)})
		e := w.do(t, call{method: "GET", path: "/api/v1/contacts/" + id + "/export", header: bearer(key.Secret)})
		if e.status == 200 && strings.Contains(unzipZ(t, e.body), "zebrafish") {
			t.Errorf("messages %d, but the export shows the chat", n.status)
		}
		w.api(t, "PUT", "/contacts/"+id+"/restriction", `{"restricted":true,"reason":"x"}`, 200)
		m := w.api(t, "GET", "/conversations/"+cnv+"/messages", "", 200)
		e = w.do(t, call{method: "GET", path: "/api/v1/contacts/" + id + "/export", header: bearer(w.made.APIKey)})
		if strings.Contains(m.body, "zebrafish") {
			t.Error("messages show")
		}
		if e.status == 200 && strings.Contains(unzipZ(t, e.body), "zebrafish") {
			t.Errorf("export of a restricted person by an operator shows the chat")
		}
	})
}

func TestAnExportKeepsTheParentsAddress(t *testing.T) {
	gate(t, func(t *testing.T, w *world, mails *mailtest.Server) {
		v, _ := consented(t, w, mails)
		_, id := v.write(t, "hello")
		e := w.do(t, call{method: "GET", path: "/api/v1/contacts/" + id + "/export", header: bearer(w.made.APIKey)})
		if strings.Contains(unzipZ(t, e.body), parentAddress) {
			t.Errorf("parent's address is in the child's export")
		}
	})
}

func TestALookalikeAddress(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		evil := w.visit(t, w.made.Workspace.Key)
		a := w.do(t, call{method: "POST", path: "/widget/v1/identify", body: `{"email":"ｖictim@example.org","basis":{"purpose":"email_replies","lawful_basis":"consent"}}`, header: bearer(evil.token)})
		t.Logf("claim: %d %s", a.status, a.body)
		w.person(t, "victim@example.org")
		before := w.templates(t)
		if err := w.Requests.AskLink(t.Context(), w.made.Workspace.ID, "victim@example.org", "en"); err != nil {
			t.Fatal(err)
		}
		if err := w.Requests.SendLinks(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
		t.Logf("%v %+v", before, w.letters(t))
		var state, code string
		_ = w.DB.Read(t.Context(), func(tx *storage.Tx) error {
			return tx.QueryRow(`SELECT state, COALESCE(code,'') FROM mails ORDER BY id DESC LIMIT 1`).Scan(&state, &code)
		})
		if state != "queued" {
			t.Errorf("the victim's link: %q %q", state, code)
		}
	})
}

func TestARedactedSubjectIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.person(t, "ada@example.org")
		var c struct{ ID string }
		w.api(t, "POST", "/conversations", `{"contact_id":"`+id+`","subject":"zebrafish","body":"hello"}`, 201).json(t, &c)
		var m struct{ ID string }
		w.api(t, "POST", "/conversations/"+c.ID+"/messages", `{"type":"reply","body":"zebrafish"}`, 201).json(t, &m)
		r := w.api(t, "POST", "/conversations/"+c.ID+"/messages/"+m.ID+"/redact", `{"whole":true}`, 200)
		_ = r
		w.Search.Close()
		s := w.api(t, "POST", "/search", `{"q":"zebrafish"}`, 200)
		t.Logf("%s", w.api(t, "GET", "/conversations/"+c.ID, "", 200).body)
		if strings.Contains(s.body, "msg_") {
			t.Errorf("still found: %s", s.body)
		}
	})
}

func TestALanguageMakesNoChildOfAge(t *testing.T) {
	gate(t, func(t *testing.T, w *world, _ *mailtest.Server) {
		a := w.do(t, call{method: "POST", path: "/widget/v1/sessions", body: `{"workspace_key":"` + w.made.Workspace.Key + `","locale":"en-US"}`})
		var s struct {
			SessionToken string `json:"session_token"`
		}
		a.json(t, &s)
		v := &visitor{w, s.SessionToken}
		if got := v.tell(t, time.Now().AddDate(-13, -6, 0).Format("2006-01")); got != "child" {
			t.Errorf("13 and a half in an Austrian workspace, browser en-US: %q", got)
		}
	})
}

func TestHeldErasuresHoldUpNoOthers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		held, other := w.person(t, "a@example.org"), w.person(t, "b@example.org")
		w.api(t, "PUT", "/contacts/"+held+"/legal-hold", `{"reason":"x","ends_at":"`+time.Now().Add(time.Hour*24*365).UTC().Format(time.RFC3339)+`"}`, 200)
		t.Logf("%+v", w.ask(t, held, "erasure", "").Hold)
		r := w.ask(t, other, "access", "")
		err := w.DB.Write(t.Context(), func(tx *storage.Tx) error {
			_, err := tx.Exec(`UPDATE privacy_requests SET state = 'verified', automatic = 1, closed_at = NULL WHERE id = $1`, r.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			if err := w.Requests.Resume(t.Context(), time.Now().Add(time.Hour), 1); err != nil {
				t.Fatal(err)
			}
		}
		if got := w.request(t, r.ID); got.State != "completed" {
			t.Errorf("after five rounds: %s", got.State)
		}
	})
}

func TestAParentsConsentFollowsTheChild(t *testing.T) {
	gate(t, func(t *testing.T, w *world, mails *mailtest.Server) {
		w.api(t, "PUT", "/contacts/by-external-id/u-1", `{"name":"Kid","basis":{"purpose":"support","lawful_basis":"contract"}}`, 201)
		v, link := consented(t, w, mails)
		secret, _ := w.Workspaces.IdentitySecret(t.Context(), w.made.Workspace.ID)
		child := identityToken(t, secret, jwt.MapClaims{"sub": "u-1", "birthdate": time.Now().AddDate(-10, 0, 0).Format(time.DateOnly)})
		a := w.do(t, call{method: "POST", path: "/widget/v1/identify", body: `{"token":"` + child + `"}`, header: bearer(v.token)})
		var s struct {
			SessionToken string `json:"session_token"`
		}
		a.json(t, &s)
		t.Logf("identify %d %s", a.status, a.body)
		b := w.do(t, call{method: "POST", path: "/widget/v1/conversations", body: `{"body":"hi"}`, header: bearer(s.SessionToken)})
		if b.status != 201 {
			t.Errorf("child with consent: %d %s", b.status, b.body)
		}
		c := w.do(t, call{method: "POST", path: link, body: "answer=refuse", header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}})
		g := w.api(t, "POST", "/contacts/search", `{"external_id":"u-1"}`, 200)
		t.Logf("refuse %d; contact: %s", c.status, g.body)
	})
}
