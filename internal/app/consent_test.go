package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// A consent names the exact wording and version that was shown, and is withdrawn
// by one act; a changed wording must be asked anew.
func TestConsents(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.visit(t, w.made.Workspace.Key)
		_, contactID := v.write(t, "hello")
		v.call(t, "POST", "/consents", `{"purpose":"marketing","action":"grant","version":1}`, http.StatusOK)
		w.api(t, "POST", "/privacy/purposes", `{"key":"marketing","name":"News","lawful_basis":"consent","wording":"Send me the letter of the month."}`, http.StatusCreated)
		if a := v.call(t, "POST", "/consents", `{"purpose":"marketing","action":"grant","version":1}`, http.StatusConflict); a.code() != "wording_changed" {
			t.Errorf("an old wording: %s", a.body)
		}
		v.call(t, "POST", "/consents", `{"purpose":"marketing","action":"grant","version":2}`, http.StatusOK)
		v.call(t, "POST", "/consents", `{"purpose":"marketing","action":"withdraw"}`, http.StatusOK)
		if a := v.call(t, "GET", "/consents", "", http.StatusOK); !strings.Contains(a.body, `"state":"withdrawn"`) {
			t.Errorf("in force: %s", a.body)
		}
		var acts struct {
			Data []struct {
				Action, Wording, Source string
				Version                 int
				Actor                   struct{ Type string }
			}
		}
		w.api(t, "GET", "/contacts/"+contactID+"/consents", "", http.StatusOK).json(t, &acts)
		var got []string
		for _, c := range acts.Data {
			got = append(got, fmt.Sprintf("%s v%d %s by %s: %s", c.Action, c.Version, c.Source, c.Actor.Type, c.Wording[:21]))
		}
		want := "withdraw v2 widget by contact: Send me the letter of|grant v2 widget by contact: Send me the letter of|grant v1 widget by contact: Send me news about th"
		if strings.Join(got, "|") != want {
			t.Errorf("acts %q", got)
		}
		if a := v.call(t, "POST", "/consents", `{"purpose":"support","action":"grant","version":1}`, http.StatusUnprocessableEntity); a.code() != "invalid" {
			t.Errorf("consent to what does not rest on it: %s", a.body)
		}
		w.api(t, "DELETE", "/contacts/"+contactID+"/consents/email_replies", "", http.StatusOK) // withdrawing is always taken
	})
}
