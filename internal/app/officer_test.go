package app_test

import (
	"net/http"
	"testing"
)

// A privacy officer sets what is theirs, and nothing else; a key with the same
// permissions neither.
func TestAnOfficerSetsWhatIsTheirsAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.api(t, "POST", "/operators", `{"name":"Olga","email":"olga@acme.example","role":"privacy_officer","password":"`+ownerPassword+`"}`, http.StatusCreated)
		olga := w.signInAs(t, "olga@acme.example", ownerPassword)
		for _, mine := range []string{`{"request_days":3}`, `{"reviewed_kinds":["erasure"]}`, `{"authority_name":"CNIL","authority_url":"https://www.cnil.fr"}`,
			`{"officer_name":"Olga","officer_address":"olga@acme.example"}`, `{"sensitive":{"iban":"mask"}}`} {
			olga.call(t, "PATCH", "/workspace", `{"settings":`+mine+`}`, http.StatusOK)
		}
		for _, others := range []string{`{"name":"Mine now"}`, `{}`, `{"settings":{"greeting":"Hi"}}`, `{"settings":{"allowed_origins":[]}}`,
			`{"settings":{"request_days":4,"color":"#000000"}}`, `{"settings":{"age_gate":false}}`, `{"settings":{"masked_roles":[]}}`, `{"settings":{"undeclared_attributes":"refuse"}}`} {
			olga.call(t, "PATCH", "/workspace", others, http.StatusForbidden)
		}
		var got struct {
			Name     string
			Settings struct {
				RequestDays int `json:"request_days"`
				Greeting    string
			}
		}
		w.api(t, "GET", "/workspace", "", http.StatusOK).json(t, &got)
		if got.Name == "Mine now" || got.Settings.RequestDays != 3 || got.Settings.Greeting != "" {
			t.Errorf("%+v", got)
		}
		w.api(t, "POST", "/operators", `{"name":"Vera","email":"vera@acme.example","role":"viewer","password":"`+ownerPassword+`"}`, http.StatusCreated)
		w.signInAs(t, "vera@acme.example", ownerPassword).call(t, "PATCH", "/workspace", `{"settings":{"request_days":2}}`, http.StatusForbidden)
	})
}
