package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// signInAs gives a browser in which somebody is signed in.
func (w *world) signInAs(t *testing.T, email, password string) *operator {
	t.Helper()
	a := w.do(t, call{method: "POST", path: "/api/v1/session", body: `{"email":"` + email + `","password":"` + password + `"}`})
	if a.status != http.StatusOK {
		t.Fatalf("sign-in: %d %s", a.status, a.body)
	}
	var s struct {
		CSRF string `json:"csrf_token"`
	}
	a.json(t, &s)
	cookie, _, _ := strings.Cut(a.header.Get("Set-Cookie"), ";")
	return &operator{w, cookie, s.CSRF}
}

// hire adds an operator whose name and address are canaries, and gives their id.
func (c canaries) hire(t *testing.T, w *world) (operatorID string) {
	t.Helper()
	h := bearer(w.made.APIKey)
	h.Set("Idempotency-Key", "hire "+c.root)
	a := w.do(t, call{method: "POST", path: "/api/v1/operators", header: h,
		body: `{"name":"` + c.name + `","email":"` + c.email + `","role":"agent","password":"` + ownerPassword + `"}`})
	if a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	again := w.do(t, call{method: "POST", path: "/api/v1/operators", header: h,
		body: `{"name":"` + c.name + `","email":"` + c.email + `","role":"agent","password":"` + ownerPassword + `"}`})
	if again.header.Get("Idempotency-Replayed") != "true" || again.body != a.body {
		t.Errorf("repeated: %d %s", again.status, again.body)
	}
	var made struct{ ID string }
	a.json(t, &made)
	return made.ID
}

// Operators are people too: what is held about them is exported, sealed, and erased
// so that backups cannot be read either.
func TestAnOperatorErasesTheirAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := newCanaries()
		operatorID := c.hire(t, w)
		conversationID, contactID := w.visit(t, w.made.Workspace.Key).write(t, "hello")
		o := w.signInAs(t, c.email, ownerPassword)
		o.call(t, "POST", "/conversations/"+conversationID+"/messages", `{"body":"good morning"}`, http.StatusCreated)
		o.call(t, "PATCH", "/account", `{"name":"`+c.name+` the second"}`, http.StatusOK)
		o.call(t, "GET", "/contacts/"+contactID, "", http.StatusOK)

		files := unzip(t, o.call(t, "GET", "/account/export?locale=ar", "", http.StatusOK).body)
		for _, want := range []string{operatorID, c.name + " the second", c.email, `"role":"agent"`, `"action":"operator.renamed"`, `"through":"contact"`, `"kind":"account"`} {
			if !strings.Contains(files["data.json"], want) {
				t.Errorf("data.json lacks %s: %s", want, files["data.json"])
			}
		}
		if strings.Contains(files["data.json"], contactID) {
			t.Error("the export names a contact")
		}
		w.settle(t)
		backups := w.backup(t)
		before := w.raw(t, backups)
		for _, where := range c.in(t, before) {
			t.Errorf("sealed, but in clear in %s", where)
		}

		o.call(t, "DELETE", "/account", `{"current_password":"not this"}`, http.StatusUnprocessableEntity)
		var r privacy.Receipt
		o.call(t, "DELETE", "/account", `{"current_password":"`+ownerPassword+`"}`, http.StatusOK).json(t, &r)
		if !privacy.VerifyReceipt(r) || r.OperatorID != operatorID || r.ContactID != "" || r.Rows["operators"] != 1 || r.Rows["idempotency_keys"] != 1 || strings.Contains(r.Statement, c.root) {
			t.Errorf("receipt %+v", r)
		}
		o.call(t, "GET", "/session", "", http.StatusUnauthorized)
		w.settle(t)
		for _, where := range c.in(t, w.raw(t)) {
			t.Errorf("erased, but in clear in %s", where)
		}
		w.nobody(t, operatorID, conversationID, c)
		t.Run("a restored backup", func(t *testing.T) { w.restore(t, backups).nobody(t, operatorID, conversationID, c) })
		t.Run("an old copy of the data with today's vault", func(t *testing.T) {
			if w.DB.Engine() == storage.SQLite { // see oldCopy
				old := w.oldCopy(t, before)
				if a := old.api(t, "GET", "/operators", "", http.StatusOK); strings.Contains(a.body, c.root) {
					t.Errorf("the operator can be read: %s", a.body)
				}
			}
		})
	})
}

// nobody checks that nothing is left of an operator but an id.
func (w *world) nobody(t *testing.T, operatorID, conversationID string, c canaries) {
	t.Helper()
	for _, path := range []string{"/operators", "/audit-events", "/access-events", "/conversations/" + conversationID + "/messages"} {
		if a := w.api(t, "GET", path, "", http.StatusOK); strings.Contains(a.body, c.root) {
			t.Errorf("GET %s shows the operator: %s", path, a.body)
		}
	}
	if a := w.api(t, "GET", "/conversations/"+conversationID+"/messages", "", http.StatusOK); !strings.Contains(a.body, operatorID) || !strings.Contains(a.body, "good morning") {
		t.Errorf("what they wrote is gone: %s", a.body)
	}
	err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
		var n int
		err := tx.QueryRow(`SELECT (SELECT COUNT(*) FROM operators WHERE id = $1) + (SELECT COUNT(*) FROM memberships WHERE operator_id = $2)
			+ (SELECT COUNT(*) FROM sessions WHERE operator_id = $3)`, operatorID, operatorID, operatorID).Scan(&n)
		if n > 0 {
			t.Errorf("%d rows are left", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The only owner of a workspace is told what to do first, over the wire.
func TestTheOnlyOwnerIsNotErased(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.signIn(t).call(t, "DELETE", "/account", `{"current_password":"`+ownerPassword+`"}`, http.StatusConflict)
		if a.code() != "last_owner" || !strings.Contains(a.body, "Acme") {
			t.Errorf("%s", a.body)
		}
		a = w.signIn(t).call(t, "DELETE", "/account", `{}`, http.StatusUnprocessableEntity)
		if a.code() != "invalid" {
			t.Errorf("%s", a.body)
		}
	})
}
