package app_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/clock"
)

const stated = `"basis":{"purpose":"support","lawful_basis":"contract"}`

// entry is one of a timeline.
type entry struct {
	Kind, What string
	At         time.Time
	RefID      *string `json:"ref_id"`
	Data       map[string]any
}

// timeline gives all of a person's, through every page.
func (w *world) timeline(t *testing.T, contactID, query string) []entry {
	t.Helper()
	var out []entry
	cursor := ""
	for {
		var page struct {
			Data       []entry
			NextCursor *string `json:"next_cursor"`
		}
		w.api(t, "GET", "/contacts/"+contactID+"/timeline?limit=3"+query+cursor, "", http.StatusOK).json(t, &page)
		out = append(out, page.Data...)
		if page.NextCursor == nil {
			return out
		}
		cursor = "&cursor=" + *page.NextCursor
	}
}

func whats(all []entry) []string {
	out := make([]string, len(all))
	for i, e := range all {
		out[i] = e.Kind + " " + e.What
	}
	return out
}

func (w *world) track(t *testing.T, body string, want int) answer {
	t.Helper()
	return w.api(t, "POST", "/events", body, want)
}

func TestWhatPeopleDidIsInTheirTimeline(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		ada := w.someone(t, `"name":"Ada","external_id":"a-1"`)
		bob := w.someone(t, `"name":"Bob"`)
		clk.Advance(time.Hour)
		w.track(t, `{"external_id":"a-1","name":"order placed","properties":{"sum":12.5,"items":["tea","cups"],"gift":true},`+stated+`}`, http.StatusCreated)
		w.track(t, `{"events":[{"contact_id":"`+ada+`","name":"order:sent","occurred_at":"2026-11-01T09:00:00Z",`+stated+`},{"contact_id":"`+bob+`","name":"signed up",`+stated+`}]}`, http.StatusCreated)
		clk.Advance(time.Hour)
		w.api(t, "PATCH", "/contacts/"+ada, `{"phone":"+4930123456",`+stated+`}`, http.StatusOK)
		w.api(t, "POST", "/contacts/"+ada+"/consents", `{"purpose":"marketing"}`, http.StatusCreated)
		var made struct{ ID string }
		w.api(t, "POST", "/conversations", `{"contact_id":"`+ada+`","body":"hello"}`, http.StatusCreated).json(t, &made)
		clk.Advance(time.Hour)
		w.api(t, "PATCH", "/conversations/"+made.ID, `{"state":"resolved"}`, http.StatusOK)
		clk.Advance(time.Hour)
		w.api(t, "POST", "/privacy/requests", `{"contact_id":"`+ada+`","kind":"access"}`, http.StatusCreated)

		all := w.timeline(t, ada, "")
		want := []string{"request access", "conversation resolved", "edit phone", "conversation started", "consent grant", "event order placed", "event order:sent"}
		got := whats(all)
		sorted, sortedWant := slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
		if !slices.Equal(sorted, sortedWant) {
			t.Errorf("the timeline is %q, want %q", got, want)
		}
		if !slices.IsSortedFunc(all, func(a, b entry) int { return b.At.Compare(a.At) }) {
			t.Errorf("the newest is not first: %q", got)
		}
		if events := w.timeline(t, ada, "&kinds=event"); len(events) != 2 || events[0].Data["sum"] != 12.5 || fmt.Sprint(events[0].Data["items"]) != "[tea cups]" {
			t.Errorf("events are %+v", events)
		}
		if some := whats(w.timeline(t, ada, "&kinds=consent,request")); !slices.Equal(some, []string{"request access", "consent grant"}) {
			t.Errorf("two kinds are %q", some)
		}
		w.api(t, "GET", "/contacts/"+ada+"/timeline?kinds=fun", "", http.StatusUnprocessableEntity)
		w.api(t, "GET", "/contacts/"+ada+"/timeline?cursor=xyz", "", http.StatusBadRequest)
		w.api(t, "PUT", "/contacts/"+ada+"/restriction", `{"restricted":true,"reason":"contested"}`, http.StatusOK)
		if events := w.timeline(t, ada, "&kinds=event"); len(events) != 2 || events[0].Data != nil {
			t.Errorf("of somebody restricted, properties are shown: %+v", events)
		}
		if a := w.track(t, `{"contact_id":"`+ada+`","name":"x",`+stated+`}`, http.StatusConflict); a.code() != "processing_restricted" {
			t.Errorf("an event of somebody restricted: %s", a.body)
		}
	})
}

// What a caller may not see is left out.
func TestTimelineKeepsToPermissions(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada := w.someone(t, `"name":"Ada"`)
		w.track(t, `{"contact_id":"`+ada+`","name":"order placed",`+stated+`}`, http.StatusCreated)
		w.api(t, "POST", "/contacts/"+ada+"/consents", `{"purpose":"marketing"}`, http.StatusCreated)
		w.api(t, "POST", "/conversations", `{"contact_id":"`+ada+`","body":"hello"}`, http.StatusCreated)
		var key struct{ Secret string }
		w.api(t, "POST", "/api-keys", `{"name":"weak","scopes":["contacts:read","events:read"]}`, http.StatusCreated).json(t, &key)
		a := w.do(t, call{method: "GET", path: "/api/v1/contacts/" + ada + "/timeline", header: bearer(key.Secret)})
		var page struct{ Data []entry }
		a.json(t, &page)
		if got := whats(page.Data); !slices.Equal(got, []string{"event order placed"}) {
			t.Errorf("a key without inbox and privacy sees %q", got)
		}
	})
}

func TestEventsThatAreRefused(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		ada := w.someone(t, `"name":"Ada"`)
		gone := w.someone(t, `"name":"Gone"`)
		w.api(t, "DELETE", "/contacts/"+gone+"?erase=true", "", http.StatusOK)
		binned := w.someone(t, `"name":"Binned"`)
		w.api(t, "DELETE", "/contacts/"+binned, "", http.StatusNoContent)
		other := w.setup(t, "Other", "owner@other.example")
		deep := strings.Repeat(`[`, 200) + strings.Repeat(`]`, 200)
		many := strings.TrimSuffix(strings.Repeat(`{"contact_id":"`+ada+`","name":"x"},`, 10_000), ",")
		fifty := ""
		for i := range 51 {
			fifty += fmt.Sprintf(`"p%d":1,`, i)
		}
		of := func(rest string) string { return `{"contact_id":"` + ada + `",` + stated + rest + `}` }
		for name, tt := range map[string]struct {
			body   string
			status int
			code   string
		}{
			"no name":                 {of(``), 422, "invalid"},
			"a name in capitals":      {of(`,"name":"Order"`), 422, "invalid"},
			"a long name":             {of(`,"name":"` + strings.Repeat("x", 65) + `"`), 422, "invalid"},
			"a name of spaces":        {of(`,"name":"  "`), 422, "invalid"},
			"100 KB of properties":    {of(`,"name":"x","properties":{"p":"` + strings.Repeat("x", 100_000) + `"}`), 422, "invalid"},
			"51 properties":           {of(`,"name":"x","properties":{` + strings.TrimSuffix(fifty, ",") + `}`), 422, "invalid"},
			"deep properties":         {of(`,"name":"x","properties":{"p":` + deep + `}`), 422, "invalid"},
			"an object":               {of(`,"name":"x","properties":{"p":{"q":1}}`), 422, "invalid"},
			"null":                    {of(`,"name":"x","properties":{"p":null}`), 422, "invalid"},
			"NUL":                     {of(`,"name":"x","properties":{"p":"a\u0000b"}`), 422, "invalid"},
			"NUL in a property name":  {of(`,"name":"x","properties":{"a\u0000b":1}`), 422, "invalid"},
			"tomorrow":                {of(`,"name":"x","occurred_at":"2026-11-03T09:00:00Z"`), 422, "invalid"},
			"long ago":                {of(`,"name":"x","occurred_at":"2020-11-03T09:00:00Z"`), 422, "invalid"},
			"no basis":                {`{"contact_id":"` + ada + `","name":"x"}`, 422, "basis_required"},
			"nobody":                  {`{"name":"x",` + stated + `}`, 422, "invalid"},
			"two people":              {of(`,"name":"x","external_id":"a-1"`), 422, "invalid"},
			"somebody unknown":        {`{"external_id":"nobody","name":"x",` + stated + `}`, 404, "not_found"},
			"somebody erased":         {`{"contact_id":"` + gone + `","name":"x",` + stated + `}`, 404, "not_found"},
			"somebody in the bin":     {`{"contact_id":"` + binned + `","name":"x",` + stated + `}`, 409, "contact_in_bin"},
			"10,000 events":           {`{"events":[` + many + `]}`, 422, "invalid"},
			"5 MB":                    {of(`,"name":"x","properties":{"p":"` + strings.Repeat("x", 5<<20) + `"}`), 413, "too_large"},
			"no events":               {`{"events":[]}`, 422, "invalid"},
			"one and a batch":         {of(`,"name":"x","events":[{"contact_id":"` + ada + `","name":"x"}]`), 422, "invalid"},
			"a batch with a stranger": {`{"events":[{"contact_id":"` + ada + `","name":"x",` + stated + `},{"contact_id":"con_x","name":"x",` + stated + `}]}`, 422, "invalid"},
		} {
			if a := w.track(t, tt.body, tt.status); a.code() != tt.code {
				t.Errorf("%s: %s, want %s", name, a.body[:min(300, len(a.body))], tt.code)
			}
		}
		if a := w.do(t, call{method: "POST", path: "/api/v1/events", body: of(`,"name":"x"`), header: bearer(other.APIKey)}); a.status != http.StatusNotFound {
			t.Errorf("another workspace's key told of somebody: %d %s", a.status, a.body)
		}
		if all := w.timeline(t, ada, "&kinds=event"); len(all) != 0 {
			t.Errorf("refused events were stored: %+v", all)
		}
	})
}

// A page cannot follow a visitor who did nothing on purpose.
func TestTrackingMakesNobodyKnown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.visit(t, w.made.Workspace.Key)
		before := rowCounts(t, w.DB)
		if a := v.call(t, "POST", "/events", `{"name":"page seen",`+stated+`}`, http.StatusConflict); a.code() != "nothing_held" {
			t.Errorf("a visitor of whom nothing is held: %s", a.body)
		}
		if after := rowCounts(t, w.DB); after["contacts"] != before["contacts"] || after["contact_events"] != 0 {
			t.Error("tracking stored something of a visitor who did nothing")
		}
		_, contactID := v.write(t, "hello")
		v.call(t, "POST", "/events", `{"name":"page seen","properties":{"where":"prices"},`+stated+`}`, http.StatusNoContent)
		if all := w.timeline(t, contactID, "&kinds=event"); len(all) != 1 || all[0].Data["where"] != "prices" {
			t.Errorf("the event is not there: %+v", all)
		}
	})
}

// Properties are sealed: no copy of the database has them.
func TestPropertiesAreSealed(t *testing.T) {
	w := start(t, configs(t)["sqlite"](t))
	ada := w.someone(t, `"name":"Ada"`)
	w.track(t, `{"contact_id":"`+ada+`","name":"order placed","properties":{"canary-name":"canary-value"},`+stated+`}`, http.StatusCreated)
	for _, file := range []string{"botimum.db", "botimum.db-wal", "vault.db", "vault.db-wal"} {
		raw, err := os.ReadFile(w.cfg.Data + "/" + file)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), "canary-") {
			t.Errorf("%s has a property in the clear", file)
		}
	}
}
