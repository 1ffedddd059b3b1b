package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/clock"
)

// Whatever is new in a person's timeline is told on the stream with whose it is, so
// that a timeline that is open reads it at once: no kind waits for the page to be
// loaded again.
func TestEverythingInATimelineIsToldOnTheStream(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		w.lookUp(t)
		s := speak(t)
		w.preset(t, s, "hunter")
		ada := w.someone(t, `"name":"Ada","email":"`+adaMail+`"`)
		twin := w.someone(t, `"name":"Ada L."`)
		board := w.board(t, `{"name":"Ideas"}`)
		other := w.wish(t, board, `{"title":"Of others"}`).ID
		mark := w.someone(t, `"name":"Somebody else"`)
		frames := w.follow(t, "/api/v1/stream", w.made.APIKey, "")
		next(t, frames)
		var talk struct{ ID string }
		var joined struct{ Merge struct{ ID string } }
		at := "/contacts/" + ada
		for _, step := range []struct {
			want string
			do   func()
		}{
			{"event order placed", func() { w.track(t, `{"contact_id":"`+ada+`","name":"order placed",`+stated+`}`, http.StatusCreated) }},
			{"edit phone", func() { w.api(t, "PATCH", at, `{"phone":"+4930123456",`+stated+`}`, http.StatusOK) }},
			{"note written", func() { w.api(t, "POST", at+"/notes", `{"body":"likes tea"}`, http.StatusCreated) }},
			{"consent grant", func() { w.api(t, "POST", at+"/consents", `{"purpose":"marketing"}`, http.StatusCreated) }},
			{"conversation started", func() {
				w.api(t, "POST", "/conversations", `{"contact_id":"`+ada+`","body":"hello"}`, http.StatusCreated).json(t, &talk)
			}},
			{"conversation resolved", func() { w.api(t, "PATCH", "/conversations/"+talk.ID, `{"state":"resolved"}`, http.StatusOK) }},
			{"post posted", func() { w.wish(t, board, `{"title":"Tea","contact_id":"`+ada+`"}`) }},
			{"vote voted", func() { w.api(t, "PUT", "/posts/"+other+"/votes/"+ada, `{}`, http.StatusOK) }},
			{"comment commented", func() {
				w.api(t, "POST", "/posts/"+other+"/comments", `{"body":"me too","contact_id":"`+ada+`"}`, http.StatusCreated)
			}},
			{"enrichment found hunter", func() { w.asking(t, ada); w.work(t) }},
			{"enrichment refreshed hunter", func() { w.asking(t, ada); w.work(t) }},
			{"enrichment forgotten hunter", func() { w.api(t, "DELETE", at+"/enrichment", "", http.StatusNoContent) }},
			{"merge merged", func() { w.api(t, "POST", at+"/merge", `{"contact_id":"`+twin+`"}`, http.StatusOK).json(t, &joined) }},
			{"objection object", func() { w.api(t, "POST", at+"/objections", `{"purpose":"profiling"}`, http.StatusCreated) }},
			{"request access", func() {
				w.api(t, "POST", "/privacy/requests", `{"contact_id":"`+ada+`","kind":"access"}`, http.StatusCreated)
			}},
			{"restriction restrict", func() { w.api(t, "PUT", at+"/restriction", `{"restricted":true,"reason":"contested"}`, http.StatusOK) }},
		} {
			clk.Advance(time.Minute)
			step.do()
			w.track(t, `{"contact_id":"`+mark+`","name":"mark",`+stated+`}`, http.StatusCreated)
			told := false
			for isMark := false; !isMark; {
				f := next(t, frames)
				data, _ := f.data["data"].(map[string]any)
				isMark = data["contact_id"] == mark
				told = told || data["contact_id"] == ada && !strings.HasPrefix(f.event, "message.")
				if in, is := data["conversation"].(map[string]any); is {
					told = told || in["contact_id"] == ada
				}
			}
			if !told {
				t.Errorf("the stream told nothing of %q", step.want)
			}
			all := whats(w.timeline(t, ada, ""))
			if !strings.HasPrefix(all[0], step.want) && all[0] != step.want && !strings.Contains(strings.Join(all[:min(3, len(all))], ";"), step.want) {
				t.Errorf("after %q the timeline begins with %q", step.want, all[:min(3, len(all))])
			}
		}
	})
}
