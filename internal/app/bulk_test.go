package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

type bulkJob struct {
	ID, State   string
	Total, Done int
	Outcomes    map[string]int
}

// bulk begins a job and has all of it done.
func (w *world) bulk(t *testing.T, body string) (job bulkJob) {
	t.Helper()
	w.api(t, "POST", "/contacts/bulk", body, http.StatusAccepted).json(t, &job)
	w.finishBulk(t)
	w.api(t, "GET", "/bulk-jobs/"+job.ID, "", http.StatusOK).json(t, &job)
	return job
}

func (w *world) finishBulk(t *testing.T) {
	t.Helper()
	for more := true; more; {
		var err error
		if more, err = w.Contacts.RunBulk(t.Context(), 100); err != nil {
			t.Fatal(err)
		}
	}
}

func listOfIDs(ids []string) string { return `["` + strings.Join(ids, `","`) + `"]` }

func TestBulkActsOnManyPeople(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var ids []string
		for n := range 60 { // more than a batch
			ids = append(ids, w.someone(t, fmt.Sprintf(`"name":"Person %d"`, n)))
		}
		w.api(t, "PUT", "/contacts/"+ids[0]+"/restriction", `{"restricted":true,"reason":"asked"}`, http.StatusOK)
		hold := `{"reason":"court","ends_at":"` + time.Now().Add(99*24*time.Hour).UTC().Format(time.RFC3339) + `"}`
		w.api(t, "PUT", "/contacts/"+ids[1]+"/legal-hold", hold, http.StatusOK)

		asked := append(slices.Clone(ids), ids[5], "con_01jdb2k8q5e6r7s8t9v0w1x2y3", "nobody")
		job := w.bulk(t, `{"action":"tag","tag":"Spring","contact_ids":`+listOfIDs(asked)+`}`)
		if job.State != "done" || job.Total != 62 || job.Done != 62 || job.Outcomes["done"] != 59 || job.Outcomes["restricted"] != 1 || job.Outcomes["not_found"] != 2 {
			t.Errorf("tagged: %+v", job)
		}
		if got := w.in(t, `{"field":"tags.contact","op":"contains","value":"spring"}`); len(got) != 59 {
			t.Errorf("%d are tagged", len(got))
		}
		job = w.bulk(t, `{"action":"bin","filter":{"field":"tags.contact","op":"contains","value":"spring"},"expect":59}`)
		if job.Outcomes["done"] != 59 {
			t.Errorf("binned: %+v", job)
		}
		job = w.bulk(t, `{"action":"restore","contact_ids":`+listOfIDs(ids[1:11])+`}`)
		if job.Outcomes["done"] != 10 {
			t.Errorf("restored: %+v", job)
		}
		if a := w.api(t, "POST", "/contacts/bulk", `{"action":"erase","all":true,"expect":11}`, http.StatusConflict); a.code() != "count_changed" {
			t.Errorf("another number: %s", a.body)
		}
		w.api(t, "POST", "/contacts/bulk", `{"action":"erase","all":true}`, http.StatusUnprocessableEntity)
		job = w.bulk(t, `{"action":"erase","all":true,"expect":10}`)
		if job.Outcomes["done"] != 9 || job.Outcomes["held"] != 1 {
			t.Errorf("erased: %+v", job)
		}
		w.api(t, "GET", "/contacts/"+ids[2], "", http.StatusNotFound)
		if left := rowCounts(t, w.DB)["bulk_items"]; left != 0 {
			t.Errorf("%d rows say still whom it was about", left)
		}
	})
}

// Two jobs on the same people come to the same end in any order, and one goes on
// where it stopped.
func TestBulkJobsGoOnAndStop(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var ids []string
		for n := range 60 {
			ids = append(ids, w.someone(t, fmt.Sprintf(`"name":"Person %d"`, n)))
		}
		var first, second, third bulkJob
		w.api(t, "POST", "/contacts/bulk", `{"action":"tag","tag":"one","contact_ids":`+listOfIDs(ids)+`}`, http.StatusAccepted).json(t, &first)
		w.api(t, "POST", "/contacts/bulk", `{"action":"erase","contact_ids":`+listOfIDs(ids)+`,"expect":60}`, http.StatusAccepted).json(t, &second)
		if more, err := w.Contacts.RunBulk(t.Context(), 1); err != nil || !more {
			t.Fatal(more, err)
		}
		w.api(t, "GET", "/bulk-jobs/"+first.ID, "", http.StatusOK).json(t, &first)
		if first.State != "running" || first.Done == 0 || first.Done >= first.Total {
			t.Errorf("half way: %+v", first)
		}
		w.api(t, "POST", "/contacts/bulk", `{"action":"untag","tag":"one","all":true}`, http.StatusAccepted).json(t, &third)
		w.api(t, "POST", "/bulk-jobs/"+third.ID+"/cancel", "", http.StatusOK).json(t, &third)
		if third.State != "cancelled" {
			t.Errorf("cancelled: %+v", third)
		}
		w.finishBulk(t)
		w.api(t, "GET", "/bulk-jobs/"+second.ID, "", http.StatusOK).json(t, &second)
		if second.Outcomes["done"] != 60 {
			t.Errorf("erased: %+v", second)
		}
		w.api(t, "GET", "/bulk-jobs/"+first.ID, "", http.StatusOK).json(t, &first)
		if first.State != "done" {
			t.Errorf("the job whose people went: %+v", first)
		}
		w.api(t, "POST", "/bulk-jobs/"+second.ID+"/cancel", "", http.StatusOK).json(t, &second)
		if second.State != "done" {
			t.Error("one that ended was cancelled")
		}
	})
}

func TestBulkRefusesWhatIsTooMuch(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.someone(t, `"name":"Ada"`)
		many := make([]string, 100_000)
		for n := range many {
			many[n] = "con_01jdb2k8q5e6r7s8t9v0w1x2y3"
		}
		for name, body := range map[string]string{
			"100,000 ids":      `{"action":"bin","contact_ids":` + listOfIDs(many) + `}`,
			"nobody":           `{"action":"bin"}`,
			"two ways":         `{"action":"bin","all":true,"contact_ids":["` + id + `"]}`,
			"no such act":      `{"action":"sell","all":true}`,
			"no tag":           `{"action":"tag","all":true}`,
			"an address":       `{"action":"tag","tag":"a@b.example","all":true}`,
			"a foreign action": `{"action":"erase","all":true,"expect":-1}`,
		} {
			a := w.do(t, call{method: "POST", path: "/api/v1/contacts/bulk", body: body, header: bearer(w.made.APIKey)})
			if a.status != http.StatusUnprocessableEntity && a.status != http.StatusRequestEntityTooLarge {
				t.Errorf("%s: %d %.200s", name, a.status, a.body)
			}
		}
		var key struct{ Secret string }
		w.api(t, "POST", "/api-keys", `{"name":"crm","scopes":["contacts:read","contacts:write"]}`, http.StatusCreated).json(t, &key)
		for _, action := range []string{`"erase","expect":1`, `"restrict"`} {
			a := w.do(t, call{method: "POST", path: "/api/v1/contacts/bulk", body: `{"action":` + action + `,"all":true}`, header: bearer(key.Secret)})
			if a.status != http.StatusForbidden {
				t.Errorf("%s without its permission: %d %s", action, a.status, a.body)
			}
		}
	})
}
