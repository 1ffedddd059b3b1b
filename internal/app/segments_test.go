package app_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
)

// segmentID adds a segment of everybody who is called something.
func segmentID(t *testing.T, w *world) string {
	t.Helper()
	var made struct{ ID string }
	w.api(t, "POST", "/segments", `{"name":"Named","filter":{"field":"profile.name","op":"is_set"}}`, http.StatusCreated).json(t, &made)
	return made.ID
}

// someone adds a contact and gives their id.
func (w *world) someone(t *testing.T, fields string) string {
	t.Helper()
	var made struct{ ID string }
	w.api(t, "POST", "/contacts", `{`+fields+`,"basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusCreated).json(t, &made)
	return made.ID
}

// in gives the names of those in a filter, through every page of the search, and
// checks that the count says as many.
func (w *world) in(t *testing.T, filter string) []string {
	t.Helper()
	var names []string
	cursor := ""
	for {
		var page struct {
			Data       []struct{ Name string }
			NextCursor *string `json:"next_cursor"`
		}
		w.api(t, "POST", "/contacts/search?limit=2"+cursor, `{"filter":`+filter+`}`, http.StatusOK).json(t, &page)
		for _, c := range page.Data {
			names = append(names, c.Name)
		}
		if page.NextCursor == nil {
			break
		}
		cursor = "&cursor=" + *page.NextCursor
	}
	var counted struct{ Count int }
	w.api(t, "POST", "/segments/count", `{"filter":`+filter+`}`, http.StatusOK).json(t, &counted)
	if counted.Count != len(names) {
		t.Errorf("%s: counted %d, listed %v", filter, counted.Count, names)
	}
	return names
}

func TestSegmentsPickPeople(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		ada := w.someone(t, `"name":"Ada","email":"ada@x.example","external_id":"a-1"`)
		clk.Advance(40 * 24 * time.Hour)
		bob := w.someone(t, `"name":"Bob","email":"Bob@X.example"`)
		w.someone(t, `"name":"Cleo Byron"`)
		gone, held := w.someone(t, `"name":"Binned","email":"bob@x.example"`), w.someone(t, `"name":"Restricted"`)
		w.api(t, "DELETE", "/contacts/"+gone, "", http.StatusNoContent)
		w.api(t, "PUT", "/contacts/"+held+"/restriction", `{"restricted":true,"reason":"asked"}`, http.StatusOK)
		w.api(t, "POST", "/conversations", `{"contact_id":"`+ada+`","body":"one"}`, http.StatusCreated)
		w.api(t, "POST", "/conversations", `{"contact_id":"`+ada+`","body":"two"}`, http.StatusCreated)
		var thread struct{ ID string }
		w.api(t, "POST", "/conversations", `{"contact_id":"`+bob+`","body":"three"}`, http.StatusCreated).json(t, &thread)
		w.api(t, "PATCH", "/conversations/"+thread.ID, `{"state":"resolved","tags":["vip"]}`, http.StatusOK)
		consent := `{"purpose":"marketing"}`
		w.api(t, "POST", "/contacts/"+ada+"/consents", consent, http.StatusCreated)
		w.api(t, "POST", "/contacts/"+bob+"/consents", consent, http.StatusCreated)
		clk.Advance(time.Second)
		w.api(t, "DELETE", "/contacts/"+bob+"/consents/marketing", "", http.StatusOK)
		clk.Advance(3 * 24 * time.Hour)
		for _, c := range []struct{ filter, want string }{
			{`{"field":"profile.email","op":"is","value":"BOB@x.example"}`, "Bob"},
			{`{"field":"profile.email","op":"is_not","value":"bob@x.example"}`, "Cleo Byron,Ada"},
			{`{"field":"profile.email","op":"is_not_set"}`, "Cleo Byron"},
			{`{"field":"profile.external_id","op":"is","value":"a-1"}`, "Ada"},
			{`{"field":"profile.name","op":"starts_with","value":"by"}`, "Cleo Byron"},
			{`{"field":"profile.name","op":"starts_with","value":"cleo byr"}`, "Cleo Byron"},
			{`{"field":"profile.name","op":"not_starts_with","value":"cleo"}`, "Bob,Ada"},
			{`{"field":"profile.verified","op":"is","value":true}`, "Cleo Byron,Bob,Ada"},
			{`{"field":"profile.verified","op":"is_not","value":true}`, ""},
			{`{"field":"profile.source","op":"is","value":"api"}`, "Cleo Byron,Bob,Ada"},
			{`{"field":"profile.created_at","op":"in_last_days","value":7}`, "Cleo Byron,Bob"},
			{`{"field":"profile.created_at","op":"before","value":"2026-11-20"}`, "Ada"},
			{`{"field":"profile.last_seen_at","op":"not_in_last_days","value":7}`, "Cleo Byron,Bob,Ada"},
			{`{"field":"profile.last_seen_at","op":"is_set"}`, ""},
			{`{"field":"conversations.count","op":"at_least","value":2}`, "Ada"},
			{`{"field":"conversations.count","op":"exactly","value":1,"days":5}`, "Bob"},
			{`{"field":"conversations.count","op":"at_most","value":1}`, "Cleo Byron,Bob"},
			{`{"field":"conversations.count","op":"at_least","value":0}`, "Cleo Byron,Bob,Ada"},
			{`{"field":"conversations.count","op":"never"}`, "Cleo Byron"},
			{`{"field":"conversations.count","op":"never","days":2}`, "Cleo Byron,Bob,Ada"},
			{`{"field":"conversations.state","op":"is","value":"open"}`, "Ada"},
			{`{"field":"conversations.tag","op":"is","value":"vip"}`, "Bob"},
			{`{"field":"conversations.last_message","op":"in_last_days","value":2}`, ""},
			{`{"field":"conversations.last_message","op":"before","value":"2026-12-30"}`, "Bob,Ada"},
			{`{"field":"consents.marketing","op":"is","value":"granted"}`, "Ada"},
			{`{"field":"consents.marketing","op":"is","value":"withdrawn"}`, "Bob"},
			{`{"field":"consents.marketing","op":"is_not","value":"granted"}`, "Cleo Byron,Bob"},
			{`{"field":"consents.marketing","op":"is_set"}`, "Bob,Ada"},
			{`{"any":[{"field":"consents.marketing","op":"is","value":"granted"},{"all":[{"field":"profile.email","op":"is_not_set"},{"field":"conversations.count","op":"never"}]}]}`, "Cleo Byron,Ada"},
			{`{"field":"profile.email","op":"is","value":"' OR 1=1 --"}`, ""},
			{`{"field":"conversations.tag","op":"is","value":"$1; DROP TABLE contacts"}`, ""},
		} {
			if got := strings.Join(w.in(t, c.filter), ","); got != c.want {
				t.Errorf("%s: %q, want %q", c.filter, got, c.want)
			}
		}
		sameSegmentEverywhere(t, w, ada)
	})
}

// A saved segment means the same in the list and in an export, and its personal
// value lies nowhere in plain text.
func sameSegmentEverywhere(t *testing.T, w *world, ada string) {
	t.Helper()
	var made struct{ ID string }
	w.api(t, "POST", "/segments", `{"name":"zqname","filter":{"field":"profile.email","op":"is","value":"ada@x.example"}}`, http.StatusCreated).json(t, &made)
	list := w.api(t, "GET", "/contacts?segment_id="+made.ID, "", http.StatusOK).body
	export := w.api(t, "POST", "/contacts/export", `{"format":"json","reason":"test","segment_id":"`+made.ID+`"}`, http.StatusOK).body
	for what, body := range map[string]string{"list": list, "export": export} {
		if !strings.Contains(body, ada) || strings.Contains(body, "Bob") {
			t.Errorf("the %s of the segment is %s", what, body)
		}
	}
	if count := w.api(t, "POST", "/segments/count", `{"segment_id":"`+made.ID+`"}`, http.StatusOK).body; !strings.Contains(count, `"count":1`) {
		t.Errorf("the count is %s", count)
	}
	_ = w.DB.Read(t.Context(), func(tx *storage.Tx) error {
		var sealed []byte
		if err := tx.QueryRow(`SELECT definition_sealed FROM segments WHERE id = $1`, made.ID).Scan(&sealed); err != nil {
			t.Error(err)
		}
		if s := string(sealed); strings.Contains(s, "ada@") || strings.Contains(s, "zqname") {
			t.Error("the segment's definition is readable")
		}
		return nil
	})
	log := w.api(t, "GET", "/audit-events?limit=100", "", http.StatusOK).body
	if !strings.Contains(log, "segment.created") || strings.Contains(log, "ada@x") || strings.Contains(log, "zqname") {
		t.Errorf("the audit log says %s", log)
	}
	w.api(t, "DELETE", "/contacts/"+ada+"?erase=true", "", http.StatusOK)
	if count := w.api(t, "POST", "/segments/count", `{"segment_id":"`+made.ID+`"}`, http.StatusOK).body; !strings.Contains(count, `"count":0`) {
		t.Errorf("after the erasure the count is %s", count)
	}
}

func TestSegmentsAreEditedByOneAtATime(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := segmentID(t, w)
		seen := w.api(t, "GET", "/segments/"+id, "", http.StatusOK)
		change := func(name, tag string) answer {
			h := bearer(w.made.APIKey)
			h["If-Match"] = []string{tag}
			return w.do(t, call{method: "PATCH", path: "/api/v1/segments/" + id, body: `{"name":"` + name + `"}`, header: h})
		}
		if a := change("First", seen.header.Get("ETag")); a.status != http.StatusOK || !strings.Contains(a.body, "First") {
			t.Fatalf("the first change: %d %s", a.status, a.body)
		}
		if a := change("Second", seen.header.Get("ETag")); a.status != http.StatusPreconditionFailed {
			t.Errorf("the second change of the same version: %d %s", a.status, a.body)
		}
		if got := w.api(t, "GET", "/segments", "", http.StatusOK).body; !strings.Contains(got, `"First"`) {
			t.Errorf("the list is %s", got)
		}
		w.api(t, "DELETE", "/segments/"+id, "", http.StatusNoContent)
		w.api(t, "GET", "/segments/"+id, "", http.StatusNotFound)
		w.api(t, "GET", "/contacts?segment_id="+id, "", http.StatusNotFound)
	})
}

func TestSegmentsInUseStay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id, used := segmentID(t, w), true
		w.Segments.UsedBy("a view", func(_ *storage.Tx, _, segmentID string) (bool, error) { return used && segmentID == id, nil })
		if a := w.api(t, "DELETE", "/segments/"+id, "", http.StatusConflict); a.code() != "segment_in_use" {
			t.Errorf("deleting a segment in use: %s", a.body)
		}
		used = false
		w.api(t, "DELETE", "/segments/"+id, "", http.StatusNoContent)
	})
}

func TestSegmentsRefuseBadFilters(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		leaf := `{"field":"profile.email","op":"is_set"}`
		deep := strings.Repeat(`{"all":[`, 50) + leaf + strings.Repeat(`]}`, 50)
		other := w.setup(t, "Other", "owner@other.example")
		foreign := w.do(t, call{method: "POST", path: "/api/v1/segments", body: `{"name":"x","filter":` + leaf + `}`, header: bearer(other.APIKey)})
		var theirs struct{ ID string }
		foreign.json(t, &theirs)
		for name, filter := range map[string]string{
			"depth 50": deep, "depth 4": strings.Repeat(`{"any":[`, 4) + leaf + strings.Repeat(`]}`, 4),
			"21 conditions": `{"all":[` + strings.Join(slices.Repeat([]string{leaf}, 21), ",") + `]}`,
			"10,000":        `{"all":[` + strings.Join(slices.Repeat([]string{leaf}, 10_000), ",") + `]}`,
			"empty":         `{}`, "empty group": `{"all":[]}`, "both groups": `{"all":[` + leaf + `],"any":[` + leaf + `]}`,
			"group and condition": `{"all":[` + leaf + `],"field":"profile.email"}`, "unknown key": `{"feild":"x"}`,
			"unknown field": `{"field":"profile.shoe","op":"is","value":"x"}`, "unknown family": `{"field":"x.y","op":"is","value":"x"}`,
			"column": `{"field":"profile.id = id OR c.id","op":"is","value":"x"}`, "a family alone": `{"field":"events","op":"never"}`, "no name": `{"field":"events.","op":"never"}`, "no dot": `{"field":"contacts","op":"is","value":"x"}`,
			"unknown op": `{"field":"profile.email","op":"LIKE","value":"x"}`, "op of others": `{"field":"profile.email","op":"above","value":"x"}`,
			"number for text": `{"field":"profile.email","op":"is","value":3}`, "object": `{"field":"profile.email","op":"is","value":{"a":1}}`,
			"no value": `{"field":"profile.email","op":"is"}`, "value too much": `{"field":"profile.email","op":"is_set","value":"x"}`,
			"empty text": `{"field":"profile.email","op":"is","value":"  "}`, "long": `{"field":"profile.email","op":"is","value":"` + strings.Repeat("x", 100_000) + `"}`,
			"null character": `{"field":"profile.email","op":"is","value":"a\u0000b"}`,
			"text for yes":   `{"field":"profile.verified","op":"is","value":"true"}`, "option": `{"field":"conversations.state","op":"is","value":"x' OR 1=1"}`,
			"NaN": `{"field":"conversations.count","op":"at_least","value":"NaN"}`, "fraction": `{"field":"conversations.count","op":"at_least","value":1.5}`,
			"negative": `{"field":"conversations.count","op":"at_least","value":-1}`, "huge": `{"field":"conversations.count","op":"at_least","value":1e308}`,
			"days": `{"field":"profile.email","op":"is_set","days":3}`, "too many days": `{"field":"conversations.count","op":"never","days":99999}`,
			"no date": `{"field":"profile.created_at","op":"after","value":"yesterday"}`, "far date": `{"field":"profile.created_at","op":"after","value":"9999-01-01"}`,
			"days as text": `{"field":"profile.created_at","op":"in_last_days","value":"3"}`, "purpose": `{"field":"consents.nothing","op":"is_set"}`,
		} {
			for path, body := range map[string]string{"/segments": `{"name":"x","filter":` + filter + `}`, "/segments/count": `{"filter":` + filter + `}`, "/contacts/search": `{"filter":` + filter + `}`} {
				a := w.do(t, call{method: "POST", path: "/api/v1" + path, body: body, header: bearer(w.made.APIKey)})
				if a.status != http.StatusUnprocessableEntity && !(a.status == http.StatusBadRequest && name == "depth 50") {
					t.Errorf("%s: POST %s gives %d %.300s", name, path, a.status, a.body)
				}
			}
		}
		for path, body := range map[string]string{"/segments/count": `{"segment_id":"` + theirs.ID + `"}`,
			"/contacts/export": `{"format":"csv","reason":"x","segment_id":"` + theirs.ID + `"}`} {
			w.api(t, "POST", path, body, http.StatusNotFound)
		}
		w.api(t, "GET", "/contacts?segment_id="+theirs.ID, "", http.StatusNotFound)
		w.api(t, "GET", "/contacts?bin=true&segment_id="+segmentID(t, w), "", http.StatusUnprocessableEntity)
		w.api(t, "POST", "/segments/count", `{}`, http.StatusUnprocessableEntity)
		w.api(t, "POST", "/segments", `{"name":" ","filter":`+leaf+`}`, http.StatusUnprocessableEntity)
		w.api(t, "POST", "/contacts/search", `{"q":"ada","filter":`+leaf+`}`, http.StatusUnprocessableEntity)
	})
}

// A segment whose purpose is not there any more says so, and is not used.
func TestBrokenSegmentsSaySo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var made struct{ ID string }
		purpose := func(text string, args ...any) {
			err := w.DB.Write(t.Context(), func(tx *storage.Tx) error {
				_, err := tx.Exec(text, append([]any{w.made.Workspace.ID}, args...)...)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		purpose(`INSERT INTO purposes (workspace_id, key, version, name, lawful_basis, wording, created_at) VALUES ($1, 'club', 1, 'Club', 'consent', 'Join', $2)`, 1)
		w.api(t, "POST", "/segments", `{"name":"x","filter":{"field":"consents.club","op":"is_set"}}`, http.StatusCreated).json(t, &made)
		purpose(`DELETE FROM purposes WHERE workspace_id = $1 AND key = 'club'`)
		if got := w.api(t, "GET", "/segments/"+made.ID, "", http.StatusOK).body; !strings.Contains(got, `"problem":"filter.field is not known`) {
			t.Errorf("the broken segment is %s", got)
		}
		if a := w.api(t, "GET", "/contacts?segment_id="+made.ID, "", http.StatusConflict); a.code() != "segment_broken" {
			t.Errorf("its list: %s", a.body)
		}
	})
}

func TestSegmentsAskWhatPeopleDid(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		ada, bob := w.someone(t, `"name":"Ada"`), w.someone(t, `"name":"Bob"`)
		w.someone(t, `"name":"Cleo"`)
		did := func(who, name string) {
			w.api(t, "POST", "/events", `{"contact_id":"`+who+`","name":"`+name+`","basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusCreated)
		}
		did(ada, "order_placed")
		did(ada, "order_placed")
		did(bob, "order_placed")
		clk.Advance(20 * 24 * time.Hour)
		did(ada, "order_placed")
		did(bob, "signed_up")
		for _, c := range []struct{ filter, want string }{
			{`{"field":"events.order_placed","op":"at_least","value":3}`, "Ada"},
			{`{"field":"events.order_placed","op":"at_least","value":1,"days":7}`, "Ada"},
			{`{"field":"events.order_placed","op":"exactly","value":1}`, "Bob"},
			{`{"field":"events.order_placed","op":"exactly","value":1,"days":7}`, "Ada"},
			{`{"field":"events.order_placed","op":"exactly","value":0}`, "Cleo"},
			{`{"field":"events.order_placed","op":"at_most","value":2}`, "Cleo,Bob"},
			{`{"field":"events.order_placed","op":"never"}`, "Cleo"},
			{`{"field":"events.order_placed","op":"never","days":7}`, "Cleo,Bob"},
			{`{"field":"events.nobody did","op":"never"}`, "Cleo,Bob,Ada"},
		} {
			if got := strings.Join(w.in(t, c.filter), ","); got != c.want {
				t.Errorf("%s: %q, want %q", c.filter, got, c.want)
			}
		}
		if fields := w.api(t, "GET", "/segments/fields", "", http.StatusOK).body; !strings.Contains(fields, `"events.order_placed"`) || !strings.Contains(fields, `"events.signed_up"`) {
			t.Errorf("the fields are %s", fields)
		}
	})
}
