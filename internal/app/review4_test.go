package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/mail/mailtest"
	"github.com/botimum/botimum/internal/storage"
)

func claimZ(t *testing.T, w *world, email string) *visitor {
	v := w.visit(t, w.made.Workspace.Key)
	a := w.do(t, call{method: "POST", path: "/widget/v1/identify", body: `{"email":"` + email + `","basis":{"purpose":"email_replies","lawful_basis":"consent"}}`, header: bearer(v.token)})
	if a.status >= 300 {
		t.Fatalf("claim %d %s", a.status, a.body)
	}
	return v
}

func TestALookalikeAddressSilencesNoLink(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		claimZ(t, w, "ｖictim@example.org")
		claimZ(t, w, "victim@example.org")
		if err := w.Requests.AskLink(t.Context(), w.made.Workspace.ID, "victim@example.org", "en"); err != nil {
			t.Fatal(err)
		}
		if err := w.Requests.SendLinks(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
		var state, code string
		_ = w.DB.Read(t.Context(), func(tx *storage.Tx) error {
			return tx.QueryRow(`SELECT state, COALESCE(code,'') FROM mails ORDER BY id DESC LIMIT 1`).Scan(&state, &code)
		})
		if state != "queued" {
			t.Errorf("the victim's link: %q %q", state, code)
		}
	})
}

func TestARestrictionForgetsKeptAnswers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.visit(t, w.made.Workspace.Key)
		_, id := v.write(t, "hi")
		body := `{"contact_id":"` + id + `","body":"zebrafish"}`
		w.once(t, "k1", "/conversations", body)
		w.api(t, "PUT", "/contacts/"+id+"/restriction", `{"restricted":true,"reason":"x"}`, 200)
		a := w.once(t, "k1", "/conversations", body)
		t.Logf("%d", a.status)
		if strings.Contains(a.body, "zebrafish") {
			t.Errorf("replayed after restriction")
		}
	})
}

func TestStepsTellNoReminderThatWasNot(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		id := w.person(t, "ada@example.org")
		r := w.ask(t, id, "access", `,"verified":false`)
		clk.Advance(5*24*time.Hour + time.Hour)
		if err := w.Requests.Remind(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
		got := w.request(t, r.ID)
		n := 0
		for _, s := range got.Steps {
			if s.What == "reminded" {
				n++
			}
		}
		told := len(w.told(t, "privacy_request.due", "level"))
		if n != told {
			t.Errorf("steps say %d reminders, %d were told", n, told)
		}
	})
}

func TestLookingAtParentalConsentsIsLogged(t *testing.T) {
	gate(t, func(t *testing.T, w *world, mails *mailtest.Server) {
		v, _ := consented(t, w, mails)
		_, id := v.write(t, "hello")
		w.api(t, "GET", "/privacy/parental-consents?contact_id="+id, "", 200)
		if got := w.accessed(t, id); len(got) == 0 {
			t.Errorf("nobody looked: %v", got)
		}
	})
}

func TestAClaimedAddressIsNotFlooded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := claimZ(t, w, "stranger@example.org")
		n := 0
		for _, k := range []string{"access", "portability"} {
			for range 10 {
				a := w.do(t, call{method: "POST", path: "/widget/v1/privacy-requests", body: fmt.Sprintf(`{"kind":%q}`, k), header: bearer(v.token)})
				if a.status == http.StatusCreated {
					n++
				}
			}
		}
		if got := len(w.letters(t)); got > 6 {
			t.Errorf("%d requests by a session that only claims the address: %d mails to a stranger", n, got)
		}
	})
}
