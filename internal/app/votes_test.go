package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// People are found by what they voted for: anywhere, on a board, for a post, so often,
// and lately; and by what they did not.
func TestSegmentsByVotes(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		ideas, bugs := w.board(t, `{"name":"Ideas"}`), w.board(t, `{"name":"Bugs"}`)
		dark, fast, crash := w.wish(t, ideas, `{"title":"Dark mode"}`).ID, w.wish(t, ideas, `{"title":"Faster"}`).ID, w.wish(t, bugs, `{"title":"Crash"}`).ID
		ada, bob, cleo := w.someone(t, `"name":"Ada"`), w.someone(t, `"name":"Bob"`), w.someone(t, `"name":"Cleo"`)
		w.someone(t, `"name":"Dora"`)
		vote := func(post, person string) {
			w.api(t, "PUT", "/posts/"+post+"/votes/"+person, `{}`, http.StatusOK)
		}
		vote(dark, ada)
		clk.Advance(10 * 24 * time.Hour)
		vote(fast, ada)
		vote(dark, bob)
		vote(crash, cleo)
		clk.Advance(24 * time.Hour)
		c := func(what, op string, more string) string {
			return `{"field":"votes.` + what + `","op":"` + op + `"` + more + `}`
		}
		for filter, want := range map[string]string{
			c("count", "at_least", `,"value":1`):                                                  "Ada Bob Cleo",
			c("count", "at_least", `,"value":2`):                                                  "Ada",
			c("count", "never", ``):                                                               "Dora",
			c("count", "at_most", `,"value":1`):                                                   "Bob Cleo Dora",
			c("count", "exactly", `,"value":0`):                                                   "Dora",
			c("count", "exactly", `,"value":1`):                                                   "Bob Cleo",
			c("count", "at_least", `,"value":0`):                                                  "Ada Bob Cleo Dora",
			c("count", "at_least", `,"value":2,"days":3`):                                         "",
			c("count", "at_least", `,"value":1,"days":3`):                                         "Ada Bob Cleo",
			c("count", "at_least", `,"value":2,"days":11`):                                        "Ada", // to the moment
			c("count", "at_least", `,"value":2,"days":10`):                                        "",
			c("count", "at_most", `,"value":1,"days":3`):                                          "Ada Bob Cleo Dora",
			c(ideas, "at_least", `,"value":1`):                                                    "Ada Bob",
			c(ideas, "at_least", `,"value":2`):                                                    "Ada",
			c(ideas, "never", ``):                                                                 "Cleo Dora",
			c(ideas, "never", `,"days":3`):                                                        "Cleo Dora",
			c(bugs, "at_least", `,"value":1`):                                                     "Cleo",
			c(dark, "at_least", `,"value":1`):                                                     "Ada Bob",
			c(dark, "at_least", `,"value":1,"days":3`):                                            "Bob",
			c(dark, "never", ``):                                                                  "Cleo Dora",
			c(dark, "never", `,"days":3`):                                                         "Ada Cleo Dora",
			`{"all":[` + c(ideas, "at_least", `,"value":1`) + `,` + c(fast, "never", ``) + `]}`:   "Bob",
			`{"any":[` + c(bugs, "at_least", `,"value":1`) + `,` + c("count", "never", ``) + `]}`: "Cleo Dora",
		} {
			got := w.in(t, filter)
			slices.Sort(got)
			if strings.Join(got, " ") != want {
				t.Errorf("%s: %v, want %s", filter, got, want)
			}
		}
		// A vote that is taken back, a post that is merged, and somebody who leaves.
		w.api(t, "DELETE", "/posts/"+fast+"/votes/"+ada, "", http.StatusNoContent)
		if got := w.in(t, c(ideas, "at_least", `,"value":2`)); len(got) != 0 {
			t.Errorf("a vote that was taken back counts: %v", got)
		}
		w.api(t, "DELETE", "/contacts/"+bob+"?erase=true", "", http.StatusOK)
		if got := w.in(t, c(dark, "at_least", `,"value":1`)); len(got) != 1 || got[0] != "Ada" {
			t.Errorf("who was erased counts: %v", got)
		}
		var fields struct {
			Data []struct{ Key, Label, Group, Kind string }
		}
		w.api(t, "GET", "/segments/fields", "", http.StatusOK).json(t, &fields)
		labels := map[string]string{}
		for _, f := range fields.Data {
			if f.Group == "votes" {
				labels[f.Key] = f.Label
			}
		}
		want := map[string]string{"votes.count": "Votes", "votes." + ideas: "Votes on Ideas", "votes." + bugs: "Votes on Bugs", "votes." + dark: "Votes for Ideas #1", "votes." + crash: "Votes for Bugs #1"}
		if fmt.Sprint(labels) != fmt.Sprint(want) {
			t.Errorf("offered %v, want %v", labels, want)
		}
		other := w.setup(t, "Other", "owner@other.example")
		for _, bad := range []string{c("brd_00000000000000000000000000", "never", ""), c("everything", "never", ""), c("", "never", ""), c(ideas, "is", `,"value":"x"`), c(ideas, "at_least", ""),
			c(ideas, "at_least", `,"value":-1`), c(ideas, "at_least", `,"value":1.5`), c(ideas, "at_least", `,"value":1,"days":99999`), c(ideas, "never", `,"value":1`)} {
			w.api(t, "POST", "/segments/count", `{"filter":`+bad+`}`, http.StatusUnprocessableEntity)
		}
		foreign := w.do(t, call{method: "POST", path: "/api/v1/segments/count", body: `{"filter":` + c(ideas, "never", "") + `}`, header: bearer(other.APIKey)})
		if foreign.status != http.StatusUnprocessableEntity {
			t.Errorf("another workspace's board: %d %s", foreign.status, foreign.body)
		}
	})
}

// What somebody did at least so often in so many days: to the moment, and not once
// more for being told twice.
func TestSegmentsByEventsAtTheirEdges(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		ada, bob := w.someone(t, `"name":"Ada"`), w.someone(t, `"name":"Bob"`)
		now := clk.Now()
		did := func(person, name string, ago time.Duration) {
			w.track(t, `{"contact_id":"`+person+`","name":"`+name+`","occurred_at":"`+now.Add(-ago).Format(time.RFC3339Nano)+`",`+stated+`}`, http.StatusCreated)
		}
		const day = 24 * time.Hour
		did(ada, "order", 7*day)
		did(ada, "order", 7*day+time.Microsecond)
		did(ada, "order", 0)
		did(bob, "order", 8*day)
		did(bob, "order:sent", 0)
		c := func(name, op, more string) string {
			return `{"field":"events.` + name + `","op":"` + op + `"` + more + `}`
		}
		for filter, want := range map[string]string{
			c("order", "at_least", `,"value":2,"days":7`):                                                     "Ada", // the one seven days ago to the moment counts
			c("order", "at_least", `,"value":3,"days":7`):                                                     "",    // the one a microsecond before does not
			c("order", "at_least", `,"value":3`):                                                              "Ada",
			c("order", "exactly", `,"value":2,"days":7`):                                                      "Ada",
			c("order", "exactly", `,"value":3,"days":8`):                                                      "Ada",
			c("order", "at_least", `,"value":1,"days":8`):                                                     "Ada Bob",
			c("order", "never", `,"days":7`):                                                                  "Bob",
			c("order", "at_most", `,"value":2,"days":7`):                                                      "Ada Bob",
			c("order", "at_most", `,"value":0,"days":7`):                                                      "Bob",
			c("order:sent", "at_least", `,"value":1`):                                                         "Bob",
			c("never told", "at_least", `,"value":1`):                                                         "",
			c("never told", "never", ``):                                                                      "Ada Bob",
			c("order", "at_least", `,"value":1000000`):                                                        "",
			c("order", "at_least", `,"value":0,"days":1`):                                                     "Ada Bob",
			`{"all":[` + c("order", "never", `,"days":7`) + `,` + c("order", "at_least", `,"value":1`) + `]}`: "Bob", // came back no more
		} {
			got := w.in(t, filter)
			slices.Sort(got)
			if strings.Join(got, " ") != want {
				t.Errorf("%s: %v, want %s", filter, got, want)
			}
		}
		clk.Advance(time.Microsecond)
		if got := w.in(t, c("order", "at_least", `,"value":2,"days":7`)); len(got) != 0 {
			t.Errorf("a microsecond later: %v", got)
		}
		for _, bad := range []string{c("Order", "never", ""), c("", "never", ""), c("order", "at_least", `,"value":"2"`), c("order", "at_least", `,"value":1,"days":-1`), c("order", "at_least", `,"value":1,"days":0.5`)} {
			if a := w.do(t, call{method: "POST", path: "/api/v1/segments/count", body: `{"filter":` + bad + `}`, header: bearer(w.made.APIKey)}); a.status != http.StatusUnprocessableEntity && a.status != http.StatusBadRequest {
				t.Errorf("%s: %d %s", bad, a.status, a.body)
			}
		}
	})
}

// Votes are counted along indexes, whichever way a segment is asked for.
func TestSegmentsByVotesUseIndexes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		board := w.board(t, `{"name":"Ideas"}`)
		post := w.wish(t, board, `{"title":"One"}`).ID
		for _, what := range []string{"count", board, post} {
			p, err := w.Segments.Compile(t.Context(), w.made.Workspace.ID, segment.Filter{Field: "votes." + what, Op: segment.AtLeast, Value: 2.0, Days: 30})
			if err != nil {
				t.Fatal(err)
			}
			storagetest.UsesIndex(t, w.DB, `SELECT c.id FROM contacts c WHERE c.workspace_id = $1 AND `+p.SQL+` AND c.id < $`+fmt.Sprint(len(p.Args)+1)+` ORDER BY c.id DESC LIMIT 10`, append(p.Args, "~")...)
		}
	})
}
