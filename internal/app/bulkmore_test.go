package app_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/storage"
)

// sealedValues counts the bulk jobs that keep a value.
func (w *world) sealedValues(t *testing.T) (n int) {
	t.Helper()
	err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
		return tx.QueryRow(`SELECT COUNT(*) FROM bulk_jobs WHERE value_sealed IS NOT NULL`).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Attributes, companies and blocks are given to many and taken away; the value is kept
// sealed, and only while the job runs.
func TestBulkGivesValues(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var ids []string
		for n := range 30 {
			ids = append(ids, w.add(t, fmt.Sprintf(`"name":"Person %d"`, n)))
		}
		w.api(t, "PUT", "/contacts/"+ids[0]+"/restriction", `{"restricted":true,"reason":"asked"}`, http.StatusOK)
		w.api(t, "POST", "/attributes", `{"key":"plan","label":"Plan","kind":"string","personal":true,"purpose":"support"}`, http.StatusCreated)
		company := w.company(t, `"name":"Acme"`)
		basis := `,"basis":{"purpose":"support","lawful_basis":"contract"}`
		var job bulkJob
		w.api(t, "POST", "/contacts/bulk", `{"action":"attribute","attribute":"plan","value":"canary gold","contact_ids":`+listOfIDs(ids)+basis+`}`, http.StatusAccepted).json(t, &job)
		if w.sealedValues(t) != 1 {
			t.Error("the value is not kept")
		}
		for name, content := range files(t, w.cfg.Data) {
			if bytes.Contains(content, []byte("canary gold")) {
				t.Errorf("%s holds the value", name)
			}
		}
		w.finishBulk(t)
		a := w.api(t, "GET", "/bulk-jobs/"+job.ID, "", http.StatusOK)
		a.json(t, &job)
		if job.State != "done" || job.Outcomes["done"] != 29 || job.Outcomes["restricted"] != 1 || !strings.Contains(a.body, `"attribute":"plan"`) || strings.Contains(a.body, "canary") {
			t.Errorf("attribute: %s", a.body)
		}
		if n := w.sealedValues(t); n != 0 {
			t.Errorf("%d values are kept of jobs that ended", n)
		}
		if got := w.in(t, `{"field":"attributes.plan","op":"is","value":"canary gold"}`); len(got) != 29 {
			t.Errorf("%d have the attribute", len(got))
		}
		if job = w.bulk(t, `{"action":"attribute","attribute":"plan","contact_ids":`+listOfIDs(ids[1:11])+basis+`}`); job.Outcomes["done"] != 10 {
			t.Errorf("taken away: %+v", job)
		}
		if got := w.in(t, `{"field":"attributes.plan","op":"is_set"}`); len(got) != 19 {
			t.Errorf("%d have the attribute still", len(got))
		}
		if job = w.bulk(t, `{"action":"company","company_id":"`+company+`","contact_ids":`+listOfIDs(ids)+basis+`}`); job.Outcomes["done"] != 29 || job.Outcomes["restricted"] != 1 {
			t.Errorf("company: %+v", job)
		}
		if a := w.api(t, "GET", "/contacts/"+ids[1], "", http.StatusOK); !strings.Contains(a.body, company) {
			t.Errorf("contact %s", a.body)
		}
		if job = w.bulk(t, `{"action":"company","company_id":"","contact_ids":`+listOfIDs(ids[1:3])+basis+`}`); job.Outcomes["done"] != 2 {
			t.Errorf("no company: %+v", job)
		}
		if a := w.api(t, "GET", "/contacts/"+ids[1], "", http.StatusOK); !strings.Contains(a.body, `"company_id":null`) {
			t.Errorf("contact %s", a.body)
		}
		if job = w.bulk(t, `{"action":"block","block":{"reason":"spam"},"contact_ids":`+listOfIDs(ids)+`}`); job.Outcomes["done"] != 30 {
			t.Errorf("block: %+v", job)
		}
		if n := rowCounts(t, w.DB)["contact_blocks"]; n != 30 {
			t.Errorf("%d are blocked", n)
		}
		if job = w.bulk(t, `{"action":"unblock","contact_ids":`+listOfIDs(ids)+`}`); job.Outcomes["done"] != 30 || rowCounts(t, w.DB)["contact_blocks"] != 0 {
			t.Errorf("unblock: %+v", job)
		}
	})
}

func TestBulkRefusesValuesThatNobodyCouldBeGiven(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada := w.add(t, `"name":"Ada"`)
		other := w.setup(t, "Other", "owner@other.example")
		foreign := w.do(t, call{method: "POST", path: "/api/v1/companies", body: `{"name":"Theirs"}`, header: bearer(other.APIKey)})
		var theirs struct{ ID string }
		foreign.json(t, &theirs)
		w.api(t, "POST", "/attributes", `{"key":"seats","label":"Seats","kind":"number","personal":false,"purpose":"support"}`, http.StatusCreated)
		basis := `,"basis":{"purpose":"support","lawful_basis":"contract"}`
		before := rowCounts(t, w.DB)
		for name, body := range map[string]string{
			"no attribute": `"action":"attribute","value":1` + basis, "a wrong kind": `"action":"attribute","attribute":"seats","value":"many"` + basis, "no key": `"action":"attribute","attribute":"a b","value":1` + basis,
			"an object": `"action":"attribute","attribute":"x","value":{"a":1}` + basis, "no basis": `"action":"attribute","attribute":"seats","value":1`,
			"no company": `"action":"company"` + basis, "a foreign company": `"action":"company","company_id":"` + theirs.ID + `"` + basis,
			"no reason": `"action":"block"`, "a wrong reason": `"action":"block","block":{"reason":"because"}`, "a past end": `"action":"block","block":{"reason":"spam","until":"2001-01-01T00:00:00Z"}`,
		} {
			a := w.do(t, call{method: "POST", path: "/api/v1/contacts/bulk", body: `{` + body + `,"contact_ids":["` + ada + `"]}`, header: bearer(w.made.APIKey)})
			if a.status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d %s", name, a.status, a.body)
			}
		}
		if after := rowCounts(t, w.DB); after["bulk_jobs"] != before["bulk_jobs"] {
			t.Error("a refused job is stored")
		}
	})
}

// A job ends when who began it may not do that any more: their key is revoked, their
// role is lowered, they are removed.
func TestBulkStopsWithTheRight(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var ids []string
		for n := range 60 {
			ids = append(ids, w.someone(t, fmt.Sprintf(`"name":"Person %d"`, n)))
		}
		var key struct{ ID, Secret string }
		w.api(t, "POST", "/api-keys", `{"name":"crm","scopes":["contacts:*"]}`, http.StatusCreated).json(t, &key)
		byKey := func(body string) (job bulkJob) {
			w.do(t, call{method: "POST", path: "/api/v1/contacts/bulk", body: body, header: bearer(key.Secret)}).json(t, &job)
			return job
		}
		stopped := byKey(`{"action":"erase","expect":60,"contact_ids":` + listOfIDs(ids) + `}`)
		if more, err := w.Contacts.RunBulk(t.Context(), 1); err != nil || !more {
			t.Fatal(more, err)
		}
		w.api(t, "DELETE", "/api-keys/"+key.ID, "", http.StatusNoContent)
		w.finishBulk(t)
		w.api(t, "GET", "/bulk-jobs/"+stopped.ID, "", http.StatusOK).json(t, &stopped)
		if stopped.State != "stopped" || stopped.Done != 32 || stopped.Outcomes["done"] != 32 {
			t.Errorf("after the key was revoked: %+v", stopped)
		}
		if n := rowCounts(t, w.DB); n["bulk_items"] != 0 || n["contacts"] < 28 {
			t.Errorf("%d rows say whom it was about, %d contacts are left", n["bulk_items"], n["contacts"])
		}
		if a := w.api(t, "GET", "/audit-events?action=contact.bulk_stopped", "", http.StatusOK); !strings.Contains(a.body, stopped.ID) {
			t.Errorf("the log does not say so: %s", a.body)
		}
		o := w.signIn(t)
		var mate struct{ ID string }
		o.call(t, "POST", "/operators", `{"name":"Mate","email":"mate@acme.example","role":"agent","password":"a long quiet password"}`, http.StatusCreated).json(t, &mate)
		left := listOfIDs(ids[32:])
		for _, tt := range []struct {
			name string
			take func()
		}{
			{"lowered", func() { o.call(t, "PATCH", "/operators/"+mate.ID, `{"role":"viewer"}`, http.StatusOK) }},
			{"removed", func() { o.call(t, "DELETE", "/operators/"+mate.ID, "", http.StatusNoContent) }},
		} {
			o.call(t, "PATCH", "/operators/"+mate.ID, `{"role":"agent"}`, http.StatusOK)
			m := w.signInAs(t, "mate@acme.example", "a long quiet password") // a changed role ends sessions
			var job bulkJob
			m.call(t, "POST", "/contacts/bulk", `{"action":"tag","tag":"x","contact_ids":`+left+`}`, http.StatusAccepted).json(t, &job)
			tt.take()
			w.finishBulk(t)
			w.api(t, "GET", "/bulk-jobs/"+job.ID, "", http.StatusOK).json(t, &job)
			if job.State != "stopped" || job.Done != 0 {
				t.Errorf("%s: %+v", tt.name, job)
			}
		}
	})
}

// The stream tells how far a job is.
func TestBulkTellsHowFarItIs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada := w.add(t, `"name":"Ada"`)
		job := w.bulk(t, `{"action":"tag","tag":"x","contact_ids":["`+ada+`"]}`)
		var n int
		err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
			return tx.QueryRow(`SELECT COUNT(*) FROM events WHERE type = 'bulk.progress' AND object_id = $1`, job.ID).Scan(&n)
		})
		if err != nil || n != 2 { // one under way, one at its end
			t.Errorf("%d events (%v)", n, err)
		}
	})
}
