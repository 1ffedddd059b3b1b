package app_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/storage"
)

// Every right is exercised over the wire, is said in the audit log, and bad input
// is answered by its field.
func TestRightsOverTheWire(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, contactID := w.visit(t, w.made.Workspace.Key).write(t, "hello")
		at := "/contacts/" + contactID
		soon := time.Now().Add(48 * time.Hour).UTC().Format(time.RFC3339)
		for _, c := range []struct {
			method, path, body string
			status             int
			code               string
		}{
			{"POST", "/objections", `{"purpose":"astrology"}`, 422, "invalid"},
			{"POST", "/objections", `{"purpose":"marketing","source":"telepathy"}`, 422, "invalid"},
			{"DELETE", "/objections/marketing", "", 409, "not_objected"},
			{"POST", "/objections", `{"purpose":"marketing","source":"form"}`, 201, ""},
			{"POST", "/objections", `{"purpose":"marketing"}`, 201, ""},
			{"GET", "/objections", "", 200, ""},
			{"DELETE", "/objections/marketing", "", 200, ""},
			{"PUT", "/restriction", `{"restricted":true}`, 422, "invalid"},
			{"PUT", "/restriction", `{"restricted":true,"reason":"` + strings.Repeat("x", 1001) + `"}`, 422, "invalid"},
			{"PUT", "/restriction", `{"restricted":true,"reason":"accuracy is contested"}`, 200, ""},
			{"PATCH", "", `{"name":"Eve","basis":{"purpose":"support","lawful_basis":"contract"}}`, 409, "processing_restricted"},
			{"DELETE", "", "", 409, "processing_restricted"},
			{"PUT", "/restriction", `{"restricted":false,"reason":"it was right"}`, 200, ""},
			{"PUT", "/legal-hold", `{"reason":"claim","ends_at":"2020-01-01T00:00:00Z"}`, 422, "invalid"},
			{"PUT", "/legal-hold", `{"reason":"claim","ends_at":"tomorrow"}`, 422, "invalid"},
			{"PUT", "/legal-hold", `{"reason":" ","ends_at":"` + soon + `"}`, 422, "invalid"},
			{"DELETE", "/legal-hold", "", 409, "not_held"},
			{"PUT", "/legal-hold", `{"reason":"claim","ends_at":"` + soon + `"}`, 200, ""},
			{"DELETE", "?erase=true", "", 409, "legal_hold"},
			{"DELETE", "/consents/email_replies", "", 200, ""}, // a no is always taken
			{"DELETE", "/consents/astrology", "", 422, "invalid"},
			{"DELETE", "/legal-hold", "", 200, ""},
			{"DELETE", "?erase=true", "", 200, ""},
			{"GET", "/legal-hold", "", 404, "not_found"},
			{"PUT", "/restriction", `{"restricted":true,"reason":"too late"}`, 404, "not_found"},
			{"GET", "/changes", "", 404, "not_found"},
		} {
			a := w.do(t, call{method: c.method, path: "/api/v1" + at + c.path, body: c.body, header: bearer(w.made.APIKey)})
			if a.status != c.status || a.code() != c.code {
				t.Errorf("%s %s %s: %d %s, want %d %s", c.method, c.path, c.body, a.status, a.body, c.status, c.code)
			}
			if c.code == "legal_hold" && !strings.Contains(a.body, soon) {
				t.Errorf("the refusal does not say until when: %s", a.body)
			}
		}
		log := w.api(t, "GET", "/audit-events?limit=100", "", http.StatusOK).body
		for _, action := range []string{"contact.objection_made", "contact.objection_withdrawn", "contact.restricted", "contact.restriction_lifted", "contact.hold_set", "contact.hold_lifted", "contact.erased"} {
			if !strings.Contains(log, `"`+action+`"`) {
				t.Errorf("the audit log lacks %s", action)
			}
		}
	})
}

// Lifting a restriction queues the mail that tells the person, in the same
// transaction; what else would be sent to them while they are restricted waits.
func TestLiftingARestrictionTellsThePerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.visit(t, w.made.Workspace.Key)
		_, contactID := v.write(t, "hello")
		v.call(t, "POST", "/identify", `{"email":"ada@example.org","basis":{"purpose":"support","lawful_basis":"consent"}}`, http.StatusOK)
		w.api(t, "PUT", "/contacts/"+contactID+"/restriction", `{"restricted":true,"reason":"accuracy is contested"}`, http.StatusOK)
		if n := w.mails(t, contactID); n != 0 {
			t.Errorf("%d mails before", n)
		}
		w.api(t, "PUT", "/contacts/"+contactID+"/restriction", `{"restricted":false,"reason":"it was right"}`, http.StatusOK)
		if n := w.mails(t, contactID); n != 1 {
			t.Errorf("%d mails after lifting, want 1", n)
		}
	})
}

func (w *world) mails(t *testing.T, contactID string) (n int) {
	t.Helper()
	err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
		return tx.QueryRow(`SELECT COUNT(*) FROM mails WHERE contact_id = $1 AND template = 'restriction_lifted'`, contactID).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Data that comes in by API carries its basis, on every route that takes some.
func TestEveryRouteThatTakesPersonalDataWantsABasis(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.visit(t, w.made.Workspace.Key)
		_, contactID := v.write(t, "hello")
		for _, c := range []call{
			{method: "POST", path: "/api/v1/contacts", body: `{"name":"Ada"}`},
			{method: "PATCH", path: "/api/v1/contacts/" + contactID, body: `{"name":"Ada"}`},
			{method: "PATCH", path: "/api/v1/contacts/" + contactID, body: `{"attributes":{"plan":"gold"}}`},
			{method: "PUT", path: "/api/v1/contacts/by-external-id/crm-7", body: `{"name":"Ada"}`},
			{method: "PUT", path: "/api/v1/contacts/by-external-id/restriction", body: `{"name":"Ada"}`},
			{method: "POST", path: "/widget/v1/identify", body: `{"email":"ada@example.org"}`},
		} {
			c.header = bearer(w.made.APIKey)
			if strings.HasPrefix(c.path, "/widget") {
				c.header = bearer(v.token)
			}
			if a := w.do(t, c); a.status != http.StatusUnprocessableEntity || a.code() != "basis_required" {
				t.Errorf("%s %s: %d %s", c.method, c.path, a.status, a.body)
			}
		}
	})
}

// Streams show operators nothing of what a restricted person writes, and the person
// all of it.
func TestAVisitorsMessagesAreVeiledInTheInbox(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.visit(t, w.made.Workspace.Key)
		conversationID, contactID := v.write(t, "the first secretword")
		w.api(t, "PUT", "/contacts/"+contactID+"/restriction", `{"restricted":true,"reason":"accuracy is contested"}`, http.StatusOK)
		v.call(t, "POST", "/conversations/"+conversationID+"/messages", `{"body":"the second secretword"}`, http.StatusCreated)
		for _, path := range []string{"/conversations", "/conversations/" + conversationID, "/conversations/" + conversationID + "/messages"} {
			if a := w.api(t, "GET", path, "", http.StatusOK); strings.Contains(a.body, "secretword") || !strings.Contains(a.body, `"restricted":true`) {
				t.Errorf("%s shows %s", path, a.body)
			}
		}
		var thread struct{ Data []struct{ Body string } }
		v.call(t, "GET", "/conversations/"+conversationID+"/messages", "", http.StatusOK).json(t, &thread)
		if len(thread.Data) != 2 || thread.Data[0].Body != "the second secretword" {
			t.Errorf("the person sees %+v", thread)
		}
		var people struct{ Data []json.RawMessage }
		w.api(t, "GET", "/contacts?restricted=true", "", http.StatusOK).json(t, &people)
		if len(people.Data) != 1 {
			t.Errorf("restricted people: %s", people.Data)
		}
	})
}

// The export by API says what it holds before its rows, needs both permissions, and
// stands in the audit log with its purpose and reason.
func TestMarketingExportOverTheWire(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.visit(t, w.made.Workspace.Key)
		_, contactID := v.write(t, "hello")
		w.visit(t, w.made.Workspace.Key).write(t, "somebody who was never asked")
		v.call(t, "POST", "/consents", `{"purpose":"marketing","action":"grant","version":1,"source":"javascript"}`, http.StatusOK)
		v.call(t, "POST", "/consents", `{"purpose":"marketing","action":"grant","version":1,"source":"portal"}`, http.StatusUnprocessableEntity)
		if a := w.api(t, "GET", "/contacts/"+contactID+"/consents", "", http.StatusOK); !strings.Contains(a.body, `"source":"javascript"`) {
			t.Errorf("the source: %s", a.body)
		}
		const order = `{"format":"csv","purpose":"marketing","reason":"october_newsletter"}`
		a := w.api(t, "POST", "/contacts/export", order, http.StatusOK)
		if lines := strings.Split(strings.TrimSpace(a.body), "\r\n"); len(lines) != 3 || !strings.HasPrefix(lines[0], "# Only contacts with a live consent") ||
			!strings.HasPrefix(lines[2], contactID) || a.header.Get("Botimum-Export-Basis") != "consent" || !strings.HasPrefix(a.header.Get("Content-Type"), "text/csv") {
			t.Errorf("%v %q", a.header, lines)
		}
		v.call(t, "POST", "/consents", `{"purpose":"marketing","action":"withdraw"}`, http.StatusOK)
		if a := w.api(t, "POST", "/contacts/export", strings.Replace(order, "csv", "json", 1), http.StatusOK); !strings.Contains(a.body, `"data":[],"count":0`) {
			t.Errorf("after withdrawing: %s", a.body)
		}
		for _, bad := range []string{`{"format":"csv"}`, `{"format":"csv","reason":"for Ada"}`, `{"format":"xml","reason":"x"}`, `{"format":"csv","reason":"x","purpose":"astrology"}`} {
			w.api(t, "POST", "/contacts/export", bad, http.StatusUnprocessableEntity)
		}
		var weak struct{ Secret string }
		w.api(t, "POST", "/api-keys", `{"name":"half","scopes":["contacts:read"]}`, http.StatusCreated).json(t, &weak)
		if a := w.do(t, call{method: "POST", path: "/api/v1/contacts/export", body: order, header: bearer(weak.Secret)}); a.status != http.StatusForbidden {
			t.Errorf("without privacy:read: %d %s", a.status, a.body)
		}
		if log := w.api(t, "GET", "/audit-events?limit=100", "", http.StatusOK).body; !strings.Contains(log, "contact.list_exported") || !strings.Contains(log, "october_newsletter") {
			t.Errorf("the audit log: %s", log)
		}
	})
}
