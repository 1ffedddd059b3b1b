package app_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// planted are addresses that a masked role must not find anywhere.
var planted = []string{"planted@secret.example", "second@secret.example", "claimed@secret.example", "former@secret.example", "+49 30 9988776", "030 5566778"}

// plant makes somebody with them all, and gives the ids of what there is of them.
func (w *world) plant(t *testing.T) map[string]string {
	t.Helper()
	v := w.visit(t, w.made.Workspace.Key)
	conversationID, claimant := v.write(t, "good morning")
	v.call(t, "POST", "/identify", `{"email":"claimed@secret.example","attributes":{"reach":"claimed@secret.example"},"basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusOK)
	var c struct{ ID string }
	basis := `"basis":{"purpose":"support","lawful_basis":"contract"}`
	w.api(t, "POST", "/contacts", `{"name":"Ada","email":"former@secret.example",`+basis+`}`, http.StatusCreated).json(t, &c)
	w.api(t, "PATCH", "/contacts/"+c.ID, `{"emails":[{"address":"planted@secret.example"},{"address":"second@secret.example","verified":false}],
		"phones":[{"address":"+49 30 9988776"},{"address":"030 5566778"}],"attributes":{"mail":"planted@secret.example"},`+basis+`}`, http.StatusOK)
	w.api(t, "POST", "/conversations", `{"contact_id":"`+c.ID+`","body":"hello there"}`, http.StatusCreated)
	acme := w.company(t, `"name":"Acme"`)
	w.api(t, "PATCH", "/contacts/"+c.ID, `{"company_id":"`+acme+`",`+basis+`}`, http.StatusOK)
	var asked struct{ ID string }
	w.api(t, "POST", "/privacy/requests", `{"contact_id":"`+c.ID+`","kind":"rectification","changes":{"email":"planted@secret.example"}}`, http.StatusCreated).json(t, &asked)
	return map[string]string{"contacts": c.ID, "claimant": claimant, "conversations": conversationID, "privacy/requests": asked.ID, "companies": acme, "key": w.made.Workspace.ID}
}

func TestMaskedRolesFindNoAddressAnywhere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids := w.plant(t)
		w.api(t, "POST", "/operators", `{"name":"Agnes","email":"agnes@acme.example","role":"agent","password":"`+ownerPassword+`"}`, http.StatusCreated)
		agent := w.signInAs(t, "agnes@acme.example", ownerPassword)
		if a := agent.call(t, "GET", "/contacts/"+ids["contacts"], "", http.StatusOK); !strings.Contains(a.body, planted[0]) {
			t.Fatalf("before it was masked: %s", a.body)
		}
		w.api(t, "PATCH", "/workspace", `{"settings":{"masked_roles":["agent","viewer"]}}`, http.StatusOK)
		var key struct{ Secret string }
		w.api(t, "POST", "/api-keys", `{"name":"masked","scopes":["contacts:read","contacts:write","inbox:read","privacy:read","audit:read","workspace:read","events:read","contacts:masked"]}`, http.StatusCreated).json(t, &key)
		frames := w.follow(t, "/api/v1/stream", key.Secret, "")
		next(t, frames) // hello
		looked := 0
		for _, rt := range w.Router.Routes() {
			if rt.Public || rt.Visitor || rt.SignedIn || strings.HasPrefix(rt.Path, "/api/v1/operators") || rt.Path == "/api/v1/stream" {
				continue
			}
			body := map[string]string{"searchContacts": `{"q":"ada"}`, "search": `{"q":"hello"}`, "exportContacts": `{"format":"csv","reason":"x"}`}[rt.ID]
			if rt.Method != http.MethodGet && body == "" {
				continue
			}
			for _, id := range ids {
				path := pathParameter.ReplaceAllString(rt.Path, id)
				for who, header := range map[string]http.Header{"agent": {"Cookie": {agent.cookie}, "X-Csrf-Token": {agent.csrf}}, "key": bearer(key.Secret)} {
					a := w.do(t, call{method: rt.Method, path: path, body: body, header: header})
					for _, one := range planted {
						if strings.Contains(a.body, one) {
							t.Errorf("%s %s shows %s to the masked %s", rt.Method, path, one, who)
						}
					}
					if a.status == http.StatusOK {
						looked++
					}
				}
				if !strings.Contains(rt.Path, "{") {
					break
				}
			}
		}
		if looked < 40 {
			t.Errorf("only %d answers were looked at", looked)
		}
		w.api(t, "PATCH", "/contacts/"+ids["contacts"], `{"name":"Ada Quill","basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusOK)
		f := next(t, frames)
		told, _ := json.Marshal(f.data)
		if !strings.Contains(string(told), "Ada Quill") || !strings.Contains(string(told), "p•••@s•••.example") {
			t.Errorf("the stream: %s %s", f.event, told)
		}
		for _, one := range planted {
			if strings.Contains(string(told), one) {
				t.Errorf("the stream shows %s", one)
			}
		}
	})
}

func TestMaskedRolesDoNotWriteOverWhatTheyDoNotSee(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids := w.plant(t)
		w.api(t, "POST", "/operators", `{"name":"Agnes","email":"agnes@acme.example","role":"agent","password":"`+ownerPassword+`"}`, http.StatusCreated)
		w.api(t, "PATCH", "/workspace", `{"settings":{"masked_roles":["agent"]}}`, http.StatusOK)
		agent := w.signInAs(t, "agnes@acme.example", ownerPassword)
		basis := `"basis":{"purpose":"support","lawful_basis":"contract"}`
		agent.call(t, "PATCH", "/contacts/"+ids["contacts"], `{"email":"p•••@s•••.example",`+basis+`}`, http.StatusForbidden)
		agent.call(t, "PATCH", "/contacts/"+ids["contacts"], `{"email":"other@example.org",`+basis+`}`, http.StatusForbidden)
		agent.call(t, "PATCH", "/contacts/"+ids["contacts"], `{"name":"Ada Quill",`+basis+`}`, http.StatusOK)
		agent.call(t, "POST", "/contacts/export", `{"format":"csv","reason":"x"}`, http.StatusForbidden)
		if a := w.api(t, "GET", "/contacts/"+ids["contacts"], "", http.StatusOK); !strings.Contains(a.body, planted[0]) {
			t.Errorf("the owner's key: %s", a.body)
		}
		w.api(t, "PATCH", "/workspace", `{"settings":{"masked_roles":["owner"]}}`, http.StatusUnprocessableEntity)
		w.api(t, "PATCH", "/workspace", `{"settings":{"masked_roles":[]}}`, http.StatusOK)
		if a := agent.call(t, "GET", "/contacts/"+ids["contacts"], "", http.StatusOK); !strings.Contains(a.body, planted[0]) {
			t.Error("unmasked again, and still hidden")
		}
	})
}
