package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/mail/mailtest"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// audited gives the details that the audit log has of an action, as JSON.
func (w *world) audited(t *testing.T, action string) (found []string) {
	t.Helper()
	var log struct {
		Data []struct {
			Action  string
			Details map[string]string
		}
	}
	w.api(t, "GET", "/audit-events?limit=100", "", http.StatusOK).json(t, &log)
	for _, e := range log.Data {
		if e.Action == action {
			found = append(found, e.Details["reason"]+e.Details["not_told"]+e.Details["mail"])
		}
	}
	return found
}

func (w *world) count(t *testing.T, query string, args ...any) (n int) {
	t.Helper()
	err := w.DB.Read(t.Context(), func(tx *storage.Tx) error { return tx.QueryRow(query, args...).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Whom an operator or key erases hears of it, and then nothing is left: neither the
// row, nor its key, nor a word in the raw files.
func TestWhoIsErasedByOthersIsTold(t *testing.T) {
	withMail(t, func(t *testing.T, w *world, smtp *mailtest.Server) {
		c := newCanaries()
		person := c.plant(t, w)
		w.api(t, "PATCH", "/contacts/"+person, `{"locale":"de-AT","basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusOK)
		w.api(t, "POST", "/privacy/requests", `{"contact_id":"`+person+`","kind":"erasure"}`, http.StatusCreated)
		mails := w.audited(t, "contact.erased")
		if len(mails) != 1 || !strings.HasPrefix(mails[0], "mai_") {
			t.Fatalf("the log names the mail %v", mails)
		}
		own := vault.Subject{Workspace: w.made.Workspace.ID, ID: mails[0]}
		if _, err := w.Vault.Key(t.Context(), own); err != nil {
			t.Fatalf("the mail has no key of its own: %v", err)
		}
		if found := c.in(t, w.raw(t)); len(found) > 0 {
			t.Errorf("while it waits: %v", found)
		}
		if n := w.deliver(t); n != 1 {
			t.Fatalf("%d mails went out, want the one", n)
		}
		got := smtp.Mails()
		if last := got[len(got)-1]; last.To != c.email || !strings.Contains(string(last.Raw), "gel=C3=B6scht") {
			t.Errorf("told: %s %s", last.To, last.Raw)
		}
		if n := w.count(t, `SELECT COUNT(*) FROM mails WHERE own_key = 1`); n != 0 {
			t.Errorf("%d rows are left", n)
		}
		if erased, err := w.Vault.WasErased(t.Context(), own); !erased || err != nil {
			t.Errorf("the key is still there (%v)", err)
		}
		if told := w.audited(t, "contact.erasure_told"); len(told) != 1 {
			t.Errorf("the log says it was told %d times", len(told))
		}
		if found := c.in(t, w.raw(t)); len(found) > 0 {
			t.Errorf("afterwards: %v", found)
		}
	})
}

// Without a server, or without an address that is proven, nobody is told; the log
// says so, and key and row go all the same.
func TestWhatCannotBeToldLapses(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		known := w.person(t, "ada@example.org")
		w.api(t, "POST", "/privacy/requests", `{"contact_id":"`+known+`","kind":"erasure"}`, http.StatusCreated)
		if n := w.count(t, `SELECT COUNT(*) FROM mails WHERE own_key = 1`); n != 1 {
			t.Fatalf("%d mails wait", n)
		}
		clk.Advance(71 * time.Hour)
		lapse(t, w)
		if n := w.count(t, `SELECT COUNT(*) FROM mails WHERE own_key = 1`); n != 1 {
			t.Errorf("it lapsed after 71 hours")
		}
		clk.Advance(time.Hour)
		lapse(t, w)
		if n := w.count(t, `SELECT COUNT(*) FROM mails WHERE own_key = 1`); n != 0 {
			t.Errorf("it waits still after 72 hours")
		}
		if why := w.audited(t, "contact.erasure_not_told"); len(why) != 1 || why[0] != "no_server" {
			t.Errorf("the log says %v", why)
		}

		v := w.visit(t, w.made.Workspace.Key)
		_, claimed := v.write(t, "hello")
		w.api(t, "POST", "/privacy/requests", `{"contact_id":"`+claimed+`","kind":"erasure"}`, http.StatusCreated)
		if n := w.count(t, `SELECT COUNT(*) FROM mails WHERE own_key = 1`); n != 0 {
			t.Error("a mail waits for somebody without a proven address")
		}
		if told := w.audited(t, "contact.erased"); len(told) != 2 || told[0] != "no_verified_address" && told[1] != "no_verified_address" {
			t.Errorf("the log says %v", told)
		}
	})
}

func lapse(t *testing.T, w *world) {
	t.Helper()
	if err := w.Mail.EndOwn(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
}

// An extension is told once, moves the reminders, and keeps to the law's bounds.
func TestExtensionOfARequest(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		id := w.person(t, "ada@example.org")
		w.set(t, `{"reviewed_kinds":["access"]}`)
		r := w.ask(t, id, "access", "")
		path := "/privacy/requests/" + r.ID + "/extension"
		clk.Advance(4 * 24 * time.Hour)
		remind(t, w)
		for body, field := range map[string]string{`{"days":10,"reason":" "}`: "reason", `{"reason":"x"}`: "until", `{"days":3,"until":"2030-01-01T00:00:00Z","reason":"x"}`: "until",
			`{"days":90,"reason":"x"}`: "until", `{"until":"2020-01-01T00:00:00Z","reason":"x"}`: "until", `{"days":-1,"reason":"x"}`: "days"} {
			if a := w.api(t, "POST", path, body, http.StatusUnprocessableEntity); !strings.Contains(a.body, `"`+field) && !strings.Contains(a.body, "."+field) {
				t.Errorf("%s: %s", body, a.body)
			}
		}
		a := w.api(t, "POST", path, `{"days":21,"reason":"Zebrafish take time."}`, http.StatusOK).body
		if !strings.Contains(a, `"extension":{`) || !strings.Contains(a, "Zebrafish") || !strings.Contains(a, `"what":"extended"`) {
			t.Errorf("the request: %s", a)
		}
		if a := w.api(t, "POST", path, `{"days":1,"reason":"again"}`, http.StatusConflict); a.code() != "extended_already" {
			t.Errorf("twice: %s", a.body)
		}
		if n := w.templates(t)["request_extended"]; n != 1 {
			t.Errorf("told %d times", n)
		}
		if entries := w.audited(t, "privacy_request.extended"); len(entries) != 1 {
			t.Errorf("%d entries in the log", len(entries))
		}
		clk.Advance(3 * 24 * time.Hour) // day 7: overdue, were it not extended
		remind(t, w)
		clk.Advance(6 * 24 * time.Hour) // day 13: three sevenths of 28 are 12
		remind(t, w)
		if got := strings.Join(w.told(t, "privacy_request.due", "level"), " "); got != "1 1" {
			t.Errorf("told levels %q, want 1 before and 1 after the extension", got)
		}
		late := w.ask(t, w.person(t, "bob@example.org"), "access", "")
		clk.Advance(32 * 24 * time.Hour)
		if a := w.api(t, "POST", "/privacy/requests/"+late.ID+"/extension", `{"days":40,"reason":"x"}`, http.StatusConflict); a.code() != "too_late_to_extend" {
			t.Errorf("too late: %s", a.body)
		}
	})
}

func remind(t *testing.T, w *world) {
	t.Helper()
	if err := w.Requests.Remind(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
}

// Each reminder is a step with the time at which it was told.
func TestRemindersAreSteps(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		r := w.ask(t, w.person(t, "ada@example.org"), "access", `,"verified":false`)
		received := clk.Now()
		var want []string
		for _, hours := range []int{3*24 + 2, 6*24 + 5, 8 * 24} { // away on the fifth day
			clk.Advance(received.Add(time.Duration(hours) * time.Hour).Sub(clk.Now()))
			remind(t, w)
			want = append(want, clk.Now().Format(time.RFC3339))
		}
		var got struct {
			Steps []struct {
				What  string
				At    time.Time
				Level int
			}
		}
		w.api(t, "GET", "/privacy/requests/"+r.ID, "", http.StatusOK).json(t, &got)
		levels, at := []int{}, []string{}
		for _, s := range got.Steps {
			if s.Level > 0 {
				levels, at = append(levels, s.Level), append(at, s.At.Format(time.RFC3339))
			}
		}
		if len(levels) != 3 || levels[0] != 1 || levels[1] != 3 || levels[2] != 4 || strings.Join(at, " ") != strings.Join(want, " ") {
			t.Errorf("levels %v at %v, want %v", levels, at, want)
		}
	})
}

// A correction that an operator carries out is told with the fields.
func TestACorrectionByAnOperatorIsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.person(t, "ada@example.org")
		w.set(t, `{"reviewed_kinds":["rectification"]}`)
		r := w.ask(t, id, "rectification", `,"changes":{"name":"Ada King"}`)
		w.api(t, "PATCH", "/privacy/requests/"+r.ID, `{"state":"completed"}`, http.StatusOK)
		if got := w.templates(t); got["rectified"] != 1 || got["request_completed"] != 0 {
			t.Errorf("mails: %v", got)
		}
	})
}
