package app_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// asked is a request as the wire shows it.
type asked struct {
	ID         string
	ContactID  *string `json:"contact_id"`
	Kind       string
	State      string
	Proof      string
	Source     string
	Reason     string
	Hold       string
	Automatic  bool
	Answer     string
	Changes    map[string]string
	Complaint  *struct{ Authority, URL string }
	ReceiptID  *string    `json:"receipt_id"`
	ReceivedAt time.Time  `json:"received_at"`
	DueAt      time.Time  `json:"due_at"`
	LegalDueAt time.Time  `json:"legal_due_at"`
	ClosedAt   *time.Time `json:"closed_at"`
	Steps      []struct{ What string }
}

// ask files a request by API and gives it.
func (w *world) ask(t *testing.T, contactID, kind, more string) asked {
	t.Helper()
	var r asked
	w.api(t, "POST", "/privacy/requests", `{"contact_id":"`+contactID+`","kind":"`+kind+`"`+more+`}`, http.StatusCreated).json(t, &r)
	return r
}

func (w *world) request(t *testing.T, id string) asked {
	t.Helper()
	var r asked
	w.api(t, "GET", "/privacy/requests/"+id, "", http.StatusOK).json(t, &r)
	return r
}

// person makes a contact that the customer's code vouches for.
func (w *world) person(t *testing.T, email string) string {
	t.Helper()
	var c struct{ ID string }
	w.api(t, "POST", "/contacts", `{"email":"`+email+`","name":"Ada","basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusCreated).json(t, &c)
	return c.ID
}

// set changes the workspace's settings.
func (w *world) set(t *testing.T, settings string) {
	t.Helper()
	w.api(t, "PATCH", "/workspace", `{"settings":`+settings+`}`, http.StatusOK)
}

// letter is a mail that is queued, opened.
type letter struct {
	Template, ContactID, OperatorID string
	Address                         string
	Values                          map[string]string
}

// letters gives all mails that are queued, oldest first.
func (w *world) letters(t *testing.T) []letter {
	t.Helper()
	var out []letter
	var ids []string
	var sealed [][]byte
	err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
		out, ids, sealed = nil, nil, nil
		rows, err := tx.Query(`SELECT id, template, COALESCE(contact_id, ''), COALESCE(operator_id, ''), content_sealed FROM mails WHERE workspace_id = $1 ORDER BY id`, w.made.Workspace.ID)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var l letter
			var id string
			var box []byte
			if err := rows.Scan(&id, &l.Template, &l.ContactID, &l.OperatorID, &box); err != nil {
				return err
			}
			out, ids, sealed = append(out, l), append(ids, id), append(sealed, box)
		}
		return rows.Err()
	})
	for i := range out {
		whose := vault.Subject{Workspace: w.made.Workspace.ID, ID: out[i].ContactID}
		if out[i].OperatorID != "" {
			whose = vault.Subject{ID: out[i].OperatorID}
		}
		key, err := w.Vault.Key(t.Context(), whose)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := key.Open(vault.Place{Table: "mails", Column: "content_sealed", Row: ids[i]}, sealed[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(plain, &out[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// templates counts the mails of each template.
func (w *world) templates(t *testing.T) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, l := range w.letters(t) {
		out[l.Template]++
	}
	return out
}

// told gives the events of a type: what their details say of a field.
func (w *world) told(t *testing.T, eventType, detail string) []string {
	t.Helper()
	out := []string{}
	err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
		out = []string{}
		rows, err := tx.Query(`SELECT details FROM events WHERE workspace_id = $1 AND type = $2 ORDER BY sequence`, w.made.Workspace.ID, eventType)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var text string
			var details map[string]string
			if err := rows.Scan(&text); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(text), &details); err != nil {
				return err
			}
			out = append(out, details[detail])
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A verified request is answered by the machine before the answer to the POST, and
// what is left of it after an erasure names nobody.
func TestVerifiedRequestsAnswerThemselves(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		contactID := w.person(t, "ada@example.org")
		access := w.ask(t, contactID, "access", "")
		if access.State != "completed" || access.Proof != "api_key" || access.Source != "api" {
			t.Errorf("access: %+v", access)
		}
		if week := access.DueAt.Sub(access.ReceivedAt); week != 7*24*time.Hour {
			t.Errorf("due after %s", week)
		}
		if zip := w.api(t, "GET", "/privacy/requests/"+access.ID+"/export", "", http.StatusOK); !strings.HasPrefix(zip.body, "PK") {
			t.Error("the export is no ZIP")
		}
		if r := w.ask(t, contactID, "restriction", ""); r.State != "completed" {
			t.Errorf("restriction: %+v", r)
		}
		var c struct {
			RestrictedAt *time.Time `json:"restricted_at"`
		}
		if w.api(t, "GET", "/contacts/"+contactID, "", http.StatusOK).json(t, &c); c.RestrictedAt == nil {
			t.Error("the contact is not restricted")
		}
		if r := w.ask(t, contactID, "objection", `,"purpose":"marketing"`); r.State != "completed" {
			t.Errorf("objection: %+v", r)
		}
		erased := w.ask(t, contactID, "erasure", `,"note":"please, my canary-note"`)
		if erased.State != "completed" || erased.ContactID != nil || erased.ReceiptID == nil {
			t.Errorf("erasure: %+v", erased)
		}
		w.api(t, "GET", "/contacts/"+contactID, "", http.StatusNotFound)
		if again := w.request(t, erased.ID); again.State != "completed" || again.ReceiptID == nil || *again.ReceiptID != *erased.ReceiptID {
			t.Errorf("what is left of the request: %+v", again)
		}
		if left := w.request(t, access.ID); left.ContactID != nil || left.State != "completed" {
			t.Errorf("an older request still names the person: %+v", left)
		}
		w.api(t, "GET", "/privacy/requests/"+access.ID+"/export", "", http.StatusGone)
		if diff := cmp.Diff([]string{"access", "restriction", "objection", "erasure"}, w.told(t, "privacy_request.completed", "kind")); diff != "" {
			t.Errorf("completed (-want +got):\n%s", diff)
		}
	})
}

// What the workspace wants a person to look at waits for one, and is refused with a
// reason and the way to complain.
func TestReviewedRequestsWaitForAPerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.set(t, `{"reviewed_kinds":["erasure","access"],"request_days":2,"authority_name":"Authority of Elsewhere","authority_url":"https://authority.example"}`)
		contactID := w.person(t, "ada@example.org")
		r := w.ask(t, contactID, "erasure", "")
		if r.State != "verified" || r.Automatic || r.DueAt.Sub(r.ReceivedAt) != 48*time.Hour {
			t.Errorf("filed: %+v", r)
		}
		if same := w.ask(t, contactID, "erasure", ""); same.ID != r.ID {
			t.Error("the same was filed twice")
		}
		path := "/privacy/requests/" + r.ID
		var started asked
		w.api(t, "PATCH", path, `{"state":"in_progress"}`, http.StatusOK).json(t, &started)
		if started.State != "in_progress" {
			t.Errorf("started: %+v", started)
		}
		for body, field := range map[string]string{`{"state":"refused"}`: "reason", `{"state":"refused","reason":"other"}`: "text", `{"state":"withdrawn"}`: "state", `{"state":"completed","reason":"other"}`: "reason"} {
			if a := w.api(t, "PATCH", path, body, http.StatusUnprocessableEntity); !strings.Contains(a.body, `"field":"`+field+`"`) {
				t.Errorf("%s: %s", body, a.body)
			}
		}
		var refused asked
		w.api(t, "PATCH", path, `{"state":"refused","reason":"legal_obligation","text":"We keep invoices for ten years."}`, http.StatusOK).json(t, &refused)
		if refused.State != "refused" || refused.Reason != "legal_obligation" || refused.Answer == "" || refused.Complaint == nil || refused.Complaint.URL != "https://authority.example" {
			t.Errorf("refused: %+v", refused)
		}
		if a := w.api(t, "PATCH", path, `{"state":"completed"}`, http.StatusConflict); a.code() != "request_closed" {
			t.Errorf("a closed request moved: %s", a.body)
		}
		w.api(t, "GET", "/contacts/"+contactID, "", http.StatusOK)
		long := w.ask(t, contactID, "access", "")
		w.api(t, "PATCH", "/privacy/requests/"+long.ID, `{"state":"refused","reason":"other","text":"  "}`, http.StatusUnprocessableEntity)
		w.api(t, "PATCH", "/privacy/requests/"+long.ID, `{"state":"refused","reason":"excessive","text":"`+strings.Repeat("ä", 4000)+`"}`, http.StatusOK)
		sent := w.templates(t)
		if sent["request_received"] != 2 || sent["request_refused"] != 2 {
			t.Errorf("mails: %v", sent)
		}
	})
}

// An erasure under a legal hold waits, says so, and goes on when the hold ends.
func TestErasureWaitsForALegalHold(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		contactID := w.person(t, "ada@example.org")
		ends := clk.Now().Add(48 * time.Hour)
		w.api(t, "PUT", "/contacts/"+contactID+"/legal-hold", `{"reason":"court case","ends_at":"`+ends.Format(time.RFC3339)+`"}`, http.StatusOK)
		r := w.ask(t, contactID, "erasure", "")
		if r.State != "in_progress" || r.Hold != "legal_hold" || !r.Automatic {
			t.Fatalf("under a hold: %+v", r)
		}
		clk.Advance(24 * time.Hour)
		if err := w.Requests.Resume(t.Context(), clk.Now(), 10); err != nil {
			t.Fatal(err)
		}
		if r := w.request(t, r.ID); r.State != "in_progress" {
			t.Errorf("before the hold ends: %+v", r)
		}
		clk.Advance(25 * time.Hour)
		if err := w.Requests.Resume(t.Context(), clk.Now(), 10); err != nil {
			t.Fatal(err)
		}
		if r := w.request(t, r.ID); r.State != "completed" || r.ReceiptID == nil {
			t.Errorf("after the hold: %+v", r)
		}
	})
}

// Reminders after 3, 5 and 6 days and the escalation are told once each, whatever
// number of nodes keeps house; who was away hears the present level only.
func TestRemindersAreToldOnce(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		w.set(t, `{"reviewed_kinds":["access","portability"]}`)
		contactID := w.person(t, "ada@example.org")
		r := w.ask(t, contactID, "access", "")
		round := func() {
			var nodes sync.WaitGroup
			for range 4 {
				nodes.Go(func() {
					if err := w.Requests.Remind(t.Context(), 10); err != nil {
						t.Error(err)
					}
				})
			}
			nodes.Wait()
		}
		round()
		for _, step := range []struct {
			after time.Duration
			want  []string
		}{
			{71 * time.Hour, []string{}}, {time.Hour, []string{"1"}}, {48 * time.Hour, []string{"1", "2"}}, {23 * time.Hour, []string{"1", "2"}},
			{time.Hour, []string{"1", "2", "3"}}, {24 * time.Hour, []string{"1", "2", "3", "overdue"}}, {24 * time.Hour, []string{"1", "2", "3", "overdue"}},
		} {
			clk.Advance(step.after)
			round()
			if diff := cmp.Diff(step.want, w.told(t, "privacy_request.due", "level")); diff != "" {
				t.Fatalf("at %s (-want +got):\n%s", clk.Now().Sub(r.ReceivedAt), diff)
			}
		}
		sent := w.templates(t)
		if sent["request_due"] != 3 || sent["request_escalated"] != 1 {
			t.Errorf("mails: %v", sent)
		}
		var late struct{ Overdue bool }
		if w.api(t, "GET", "/privacy/requests/"+r.ID, "", http.StatusOK).json(t, &late); !late.Overdue {
			t.Error("it is not shown as overdue")
		}
		second := w.ask(t, contactID, "portability", "")
		clk.Advance(6 * 24 * time.Hour) // nobody was there
		round()
		if diff := cmp.Diff([]string{"1", "2", "3", "overdue", "3"}, w.told(t, "privacy_request.due", "level")); diff != "" {
			t.Errorf("after being away (-want +got):\n%s", diff)
		}
		w.api(t, "PATCH", "/privacy/requests/"+second.ID, `{"state":"completed"}`, http.StatusOK)
		clk.Advance(7 * 24 * time.Hour)
		round()
		if n := len(w.told(t, "privacy_request.due", "level")); n != 5 {
			t.Errorf("an answered request was told of: %d", n)
		}
	})
}

// Corrections of what the person typed are made at once; others wait for somebody.
func TestRectificationsOfOwnWordsAreMadeAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.visit(t, w.made.Workspace.Key)
		v.call(t, "POST", "/identify", `{"name":"Adda","basis":{"purpose":"support","lawful_basis":"consent"}}`, http.StatusOK)
		var r asked
		v.call(t, "POST", "/privacy-requests", `{"kind":"rectification","changes":{"name":"Ada Lovelace"}}`, http.StatusCreated).json(t, &r)
		if r.State != "completed" || r.Proof != "session" {
			t.Fatalf("own name: %+v", r)
		}
		var c struct{ Name string }
		if w.api(t, "GET", "/contacts/"+*r.ContactID, "", http.StatusOK).json(t, &c); c.Name != "Ada Lovelace" {
			t.Errorf("the name is %q", c.Name)
		}
		other := w.person(t, "bea@example.org")
		r = w.ask(t, other, "rectification", `,"changes":{"name":"Bea"}`)
		if r.State != "verified" || r.Automatic {
			t.Errorf("what the customer's code entered: %+v", r)
		}
		w.api(t, "PATCH", "/privacy/requests/"+r.ID, `{"state":"completed"}`, http.StatusOK)
		if w.api(t, "GET", "/contacts/"+other, "", http.StatusOK).json(t, &c); c.Name != "Bea" {
			t.Errorf("after a person completed it the name is %q", c.Name)
		}
	})
}

// Two erasures at once end in one, and each caller hears that it is done.
func TestTwoErasuresAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		contactID := w.person(t, "ada@example.org")
		var done sync.WaitGroup
		for range 4 {
			done.Go(func() {
				a := w.do(t, call{method: "POST", path: "/api/v1/privacy/requests", body: `{"contact_id":"` + contactID + `","kind":"erasure"}`, header: bearer(w.made.APIKey)})
				if a.status != http.StatusCreated && a.status != http.StatusUnprocessableEntity {
					t.Errorf("%d %s", a.status, a.body)
				}
			})
		}
		done.Wait()
		if n := rowCounts(t, w.DB)["erasures"]; n != 1 {
			t.Errorf("%d erasures", n)
		}
		if diff := cmp.Diff([]string{"erasure"}, w.told(t, "privacy_request.completed", "kind")); diff != "" {
			t.Errorf("completed (-want +got):\n%s", diff)
		}
	})
}
