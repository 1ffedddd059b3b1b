package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/client"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
)

// bySeen walks the list by last seen, two a page.
func (w *world) bySeen(t *testing.T) (names []string) {
	t.Helper()
	for cursor := ""; ; {
		var page struct {
			Data       []struct{ Name string }
			NextCursor string `json:"next_cursor"`
		}
		w.api(t, "GET", "/contacts?sort=last_seen&limit=2&cursor="+cursor, "", http.StatusOK).json(t, &page)
		for _, c := range page.Data {
			names = append(names, c.Name)
		}
		if cursor = page.NextCursor; cursor == "" {
			return names
		}
	}
}

func TestListByLastSeen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids := map[string]string{}
		for _, name := range []string{"Ada", "Bea", "Cleo", "Dora", "Eve", "Fay"} {
			ids[name] = w.someone(t, `"name":"`+name+`"`)
		}
		seen := time.Now().Add(time.Hour)
		err := w.DB.Write(t.Context(), func(tx *storage.Tx) error {
			for i, name := range []string{"Cleo", "Ada", "Dora"} { // Ada and Dora at the same moment
				_, err := tx.Exec(`UPDATE contacts SET last_seen_at = $1 WHERE id = $2`, clock.Micros(seen.Add(time.Duration(min(i, 1))*time.Hour)), ids[name])
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		w.api(t, "DELETE", "/contacts/"+ids["Eve"], "", http.StatusNoContent)
		w.merge(t, ids["Bea"], ids["Fay"], "")
		if got, want := w.bySeen(t), []string{"Dora", "Ada", "Cleo", "Bea"}; !slices.Equal(got, want) {
			t.Errorf("by last seen %v, want %v", got, want)
		}
		for _, other := range []string{"bin=true", "restricted=true", "segment_id=seg_1"} {
			w.api(t, "GET", "/contacts?sort=last_seen&"+other, "", http.StatusUnprocessableEntity)
		}
		w.api(t, "GET", "/contacts?sort=name", "", http.StatusUnprocessableEntity)
		w.api(t, "GET", "/contacts?sort=last_seen&cursor=zzz", "", http.StatusBadRequest)
	})
}

// Who was merged brings their tags along, and takes them back when it is undone.
func TestTagsOfThePersonAsAWhole(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		one, other := w.someone(t, `"name":"Ada"`), w.someone(t, `"name":"A. L."`)
		for id, tags := range map[string][]string{one: {"vip", "both"}, other: {"beta", "both"}} {
			for _, tag := range tags {
				w.api(t, "PUT", "/contacts/"+id+"/tags/"+tag, "", http.StatusOK)
			}
		}
		tagsOf := func(id string) []string {
			var c struct{ Tags []string }
			w.api(t, "GET", "/contacts/"+id, "", http.StatusOK).json(t, &c)
			return c.Tags
		}
		merge := w.merge(t, one, other, "").Merge.ID
		if got := tagsOf(one); !slices.Equal(got, []string{"beta", "both", "vip"}) {
			t.Errorf("together they have %q", got)
		}
		w.api(t, "POST", "/merges/"+merge+"/undo", "", http.StatusOK)
		if a, b := tagsOf(one), tagsOf(other); !slices.Equal(a, []string{"both", "vip"}) || !slices.Equal(b, []string{"beta", "both"}) {
			t.Errorf("apart they have %q and %q", a, b)
		}
		w.merge(t, one, other, "")
		w.api(t, "DELETE", "/contacts/"+one+"/tags/both", "", http.StatusOK)
		if got := tagsOf(one); !slices.Equal(got, []string{"beta", "vip"}) {
			t.Errorf("without a tag that both had: %q", got)
		}
	})
}

// A server that is killed while it acts on many people goes on when it is back: each
// of them once.
func TestKillInTheMiddleOfABulkJob(t *testing.T) {
	const people = 400
	data := t.TempDir()
	password := writeFile(t, "password", ownerPassword)
	var made struct {
		APIKey string `json:"api_key"`
	}
	out := shipped(t, "setup", "--data", data, "--workspace", "Acme", "--email", ownerEmail, "--password-file", password)
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		t.Fatalf("setup printed %q: %v", out, err)
	}
	p, err := startServer(data, "--data", data, "--rate-limit", "0")
	if err != nil {
		t.Fatal(err)
	}
	c := client.New(p.url, made.APIKey)
	ids := make([]string, people)
	for i := range ids {
		one, err := c.CreateContact(t.Context(), client.ContactChange{Name: client.String(fmt.Sprintf("Person %d", i)), Basis: &client.Basis{Purpose: "support", LawfulBasis: "contract"}})
		if err != nil {
			t.Fatal(err)
		}
		ids[i] = one.ID
	}
	var job bulkJob
	callServer(t, p.url, made.APIKey, "POST", "/api/v1/contacts/bulk", `{"action":"tag","tag":"spring","contact_ids":`+listOfIDs(ids)+`}`, &job)
	for job.Done == 0 {
		callServer(t, p.url, made.APIKey, "GET", "/api/v1/bulk-jobs/"+job.ID, "", &job)
	}
	p.kill()
	if job.State != "running" {
		t.Fatalf("it was over before the server was killed: %+v", job)
	}
	if p, err = startServer(data, "--data", data, "--rate-limit", "0"); err != nil {
		t.Fatal(err)
	}
	callServer(t, p.url, made.APIKey, "GET", "/api/v1/bulk-jobs/"+job.ID, "", &job)
	t.Logf("killed at %d of %d", job.Done, job.Total)
	deadline := time.Now().Add(time.Minute) // a lease of who was killed runs out first
	for job.State == "running" && time.Now().Before(deadline) {
		time.Sleep(200 * time.Millisecond)
		callServer(t, p.url, made.APIKey, "GET", "/api/v1/bulk-jobs/"+job.ID, "", &job)
	}
	if job.State != "done" || job.Total != people || job.Done != people || job.Outcomes["done"] != people {
		t.Errorf("the job came out as %+v", job)
	}
	var tags struct {
		Data []struct {
			Tag   string
			Count int
		}
	}
	callServer(t, p.url, made.APIKey, "GET", "/api/v1/contact-tags", "", &tags)
	if len(tags.Data) != 1 || tags.Data[0].Count != people {
		t.Errorf("tags: %+v, want %d people with one", tags.Data, people)
	}
	if err := p.stop(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
	if verdict := shipped(t, "audit", "verify", "--data", data); verdict == "" {
		t.Error("audit verify said nothing")
	}
}

// callServer asks a server that runs as a process of its own.
func callServer(t *testing.T, url, key, method, path, body string, into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		t.Fatalf("%s %s: %s", method, path, res.Status)
	}
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}
