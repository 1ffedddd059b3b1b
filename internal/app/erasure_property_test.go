package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/botimum/botimum/internal/privacy"
)

// After any sequence of what a person and the customer can do, and an erasure, no
// holder gives anything of the person and no raw byte holds what was planted.
func TestNothingOutlivesAnErasureAfterAnything(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := newCanaries()
		type person struct {
			conversation, contact string
			visitor               *visitor
		}
		var people []person
		rapid.Check(t, func(rt *rapid.T) {
			if len(people) >= 12 { // rapid asks for a hundred; twelve people of some ten acts are enough on two engines
				return
			}
			p := person{visitor: w.visit(t, w.made.Workspace.Key)}
			p.conversation, p.contact = p.visitor.write(t, c.body+" at first")
			at, soon := "/api/v1/contacts/"+p.contact, time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
			acts := map[string]call{
				"consent":  {method: "POST", path: at + "/consents", body: `{"purpose":"marketing","evidence":"` + c.why + `"}`},
				"withdraw": {method: "DELETE", path: at + "/consents/marketing"},
				"object":   {method: "POST", path: at + "/objections", body: `{"purpose":"marketing"}`},
				"unobject": {method: "DELETE", path: at + "/objections/marketing"},
				"restrict": {method: "PUT", path: at + "/restriction", body: `{"restricted":true,"reason":"` + c.why + `"}`},
				"lift":     {method: "PUT", path: at + "/restriction", body: `{"restricted":false,"reason":"` + c.why + `"}`},
				"hold":     {method: "PUT", path: at + "/legal-hold", body: `{"reason":"` + c.why + `","ends_at":"` + soon + `"}`},
				"unhold":   {method: "DELETE", path: at + "/legal-hold"},
				"edit":     {method: "PATCH", path: at, body: `{"name":"` + c.name + `","email":"` + c.email + `","basis":{"purpose":"support","lawful_basis":"contract","evidence":"` + c.why + `"}}`},
				"clear":    {method: "PATCH", path: at, body: `{"name":"","email":"","basis":{"purpose":"support","lawful_basis":"contract"}}`},
				"reply":    {method: "POST", path: "/api/v1/conversations/" + p.conversation + "/messages", body: `{"body":"` + c.body + `"}`},
				"note":     {method: "POST", path: "/api/v1/conversations/" + p.conversation + "/messages", body: `{"type":"note","body":"` + c.note + `"}`},
				"write":    {method: "POST", path: "/widget/v1/conversations/" + p.conversation + "/messages", body: `{"body":"` + c.body + `"}`},
				"bin":      {method: "DELETE", path: at},
				"restore":  {method: "POST", path: at + "/restore"},
				"merge":    {method: "POST", path: at + "/merge", body: `{"contact_id":"%s","fields":{"name":"other"}}`},
				"unmerge":  {method: "POST", path: "/api/v1/merges/%s/undo"},
				"export":   {method: "POST", path: "/api/v1/contacts/export", body: `{"format":"csv","reason":"test"}`},
			}
			lastMerge, members := "mrg_none", []string{p.contact}
			names := []string{"bin", "clear", "consent", "edit", "export", "hold", "lift", "merge", "note", "object", "reply", "restore", "restrict", "unhold", "unmerge", "unobject", "withdraw", "write"}
			for _, name := range rapid.SliceOfN(rapid.SampledFrom(names), 3, 14).Draw(rt, "acts") {
				act := acts[name]
				switch name { // whoever was merged belongs to the person, until that is undone
				case "merge":
					_, other := w.visit(t, w.made.Workspace.Key).write(t, c.body+" elsewhere")
					act.body = fmt.Sprintf(act.body, other)
					members = append(members, other)
				case "unmerge":
					act.path = fmt.Sprintf(act.path, lastMerge)
				}
				act.header = bearer(w.made.APIKey)
				if strings.HasPrefix(act.path, "/widget") {
					act.header = bearer(p.visitor.token)
				}
				a := w.do(t, act)
				if a.status >= http.StatusInternalServerError || a.status == http.StatusUnprocessableEntity {
					rt.Fatalf("%s: %d %s", name, a.status, a.body)
				}
				if name == "merge" && a.status == http.StatusOK {
					var m mergedContact
					a.json(t, &m)
					lastMerge = m.Merge.ID
				}
			}
			w.do(t, call{method: "DELETE", path: at + "/legal-hold", header: bearer(w.made.APIKey)})
			if a := w.do(t, call{method: "DELETE", path: at + "?erase=true", header: bearer(w.made.APIKey)}); a.status != http.StatusOK {
				rt.Fatalf("erasing: %d %s", a.status, a.body)
			}
			for _, member := range members { // those who were not merged, or left again, go by themselves
				w.do(t, call{method: "DELETE", path: "/api/v1/contacts/" + member + "/legal-hold", header: bearer(w.made.APIKey)})
				if a := w.do(t, call{method: "DELETE", path: "/api/v1/contacts/" + member + "?erase=true", header: bearer(w.made.APIKey)}); a.status != http.StatusOK {
					rt.Fatalf("erasing %s: %d %s", member, a.status, a.body)
				}
				if left := w.export(t, privacy.Subject{WorkspaceID: w.made.Workspace.ID, ContactID: member}); left != "" {
					rt.Fatalf("the holders still give %s", left)
				}
			}
			people = append(people, p)
		})
		if len(people) < 5 {
			t.Fatalf("only %d people were tried", len(people))
		}
		w.settle(t)
		for _, where := range c.in(t, w.raw(t)) {
			t.Errorf("in clear in %s", where)
		}
		for table, n := range rowCounts(t, w.DB) {
			switch table {
			case "contacts", "contact_tokens", "contact_changes", "contact_merges", "contact_distinctions", "consents", "objections", "restrictions", "legal_holds", "processing_bases", "messages", "conversations", "search_docs":
				if n != 0 {
					t.Error(fmt.Sprint(n, " rows are left in ", table))
				}
			}
		}
	})
}
