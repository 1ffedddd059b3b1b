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
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// What was done by and with whoever was merged into somebody picks that one: once, with
// all of it counted together, and in the count and the export as in the list.
func TestSegmentsSeeWholePeople(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		board := w.board(t, `{"name":"Ideas"}`)
		dark, fast := w.wish(t, board, `{"title":"Dark mode"}`).ID, w.wish(t, board, `{"title":"Faster"}`).ID
		ada, twin, bob := w.someone(t, `"name":"Ada","external_id":"a-1"`), w.someone(t, `"name":"Twin","external_id":"a-2"`), w.someone(t, `"name":"Bob"`)
		for _, one := range []string{ada, twin} {
			w.track(t, `{"contact_id":"`+one+`","name":"order",`+stated+`}`, http.StatusCreated)
			w.api(t, "PUT", "/posts/"+dark+"/votes/"+one, `{}`, http.StatusOK)
			w.api(t, "PUT", "/contacts/"+one+"/tags/both", "", http.StatusOK)
		}
		w.api(t, "PUT", "/posts/"+fast+"/votes/"+twin, `{}`, http.StatusOK)
		w.api(t, "PUT", "/contacts/"+twin+"/tags/vip", "", http.StatusOK)
		var talk struct{ ID string }
		w.api(t, "POST", "/conversations", `{"contact_id":"`+twin+`","body":"hello"}`, http.StatusCreated).json(t, &talk)
		w.api(t, "PATCH", "/conversations/"+talk.ID, `{"state":"resolved","tags":["late"]}`, http.StatusOK)
		clk.Advance(time.Second)
		w.api(t, "POST", "/conversations", `{"contact_id":"`+ada+`","body":"hi"}`, http.StatusCreated)
		w.api(t, "POST", "/contacts/"+twin+"/consents", `{"purpose":"marketing"}`, http.StatusCreated)
		clk.Advance(time.Second)
		merge := w.merge(t, ada, twin, "").Merge.ID
		c := func(field, op, more string) string {
			return `{"field":"` + field + `","op":"` + op + `"` + more + `}`
		}
		check := func(when string, wants map[string]string) {
			t.Helper()
			for filter, want := range wants {
				got := w.in(t, filter)
				slices.Sort(got)
				if strings.Join(got, " ") != want {
					t.Errorf("%s: %s: %v, want %s", when, filter, got, want)
				}
			}
		}
		check("merged", map[string]string{
			c("tags.contact", "contains", `,"value":"vip"`):                    "Ada",
			c("tags.contact", "contains", `,"value":"both"`):                   "Ada",
			c("tags.contact", "not_contains", `,"value":"vip"`):                "Bob",
			c("tags.contact", "is_not_set", ``):                                "Bob",
			c("events.order", "at_least", `,"value":2`):                        "Ada",
			c("events.order", "exactly", `,"value":1`):                         "",
			c("events.order", "exactly", `,"value":2,"days":1`):                "Ada",
			c("events.order", "never", ``):                                     "Bob",
			c("votes."+dark, "exactly", `,"value":1`):                          "Ada", // one person's one vote
			c("votes."+board, "exactly", `,"value":2`):                         "Ada",
			c("votes.count", "at_least", `,"value":3`):                         "",
			c("votes."+fast, "never", ``):                                      "Bob",
			c("conversations.count", "exactly", `,"value":2`):                  "Ada",
			c("conversations.state", "is", `,"value":"resolved"`):              "Ada",
			c("conversations.tag", "is", `,"value":"late"`):                    "Ada",
			c("conversations.last_message", "before", `,"value":"2026-11-01"`): "",
			c("conversations.last_message", "is_not_set", ``):                  "Bob",
			c("consents.marketing", "is", `,"value":"granted"`):                "Ada",
			c("consents.marketing", "is_not_set", ``):                          "Bob",
			c("profile.external_id", "is", `,"value":"a-2"`):                   "Ada",
			`{"all":[` + c("tags.contact", "contains", `,"value":"vip"`) + `,` + c("events.order", "at_least", `,"value":2`) + `]}`: "Ada",
			`{"any":[` + c("tags.contact", "contains", `,"value":"vip"`) + `,` + c("events.order", "never", ``) + `]}`:              "Ada Bob",
		})
		var tags struct {
			Data []struct {
				Tag   string
				Count int
			}
		}
		w.api(t, "GET", "/contact-tags", "", http.StatusOK).json(t, &tags)
		if fmt.Sprint(tags.Data) != "[{both 1} {vip 1}]" {
			t.Errorf("tags and how many have them: %v", tags.Data)
		}
		export := w.api(t, "POST", "/contacts/export", `{"format":"json","reason":"test","filter":`+c("tags.contact", "contains", `,"value":"vip"`)+`}`, http.StatusOK).body
		if strings.Count(export, ada) != 1 || strings.Contains(export, twin) || strings.Contains(export, bob) {
			t.Errorf("the export is %s", export)
		}
		segmentsFollowTheStricterConsent(t, w, clk, ada, twin, check)
		w.api(t, "POST", "/merges/"+merge+"/undo", "", http.StatusOK)
		check("parted", map[string]string{
			c("tags.contact", "contains", `,"value":"vip"`):   "Twin",
			c("tags.contact", "contains", `,"value":"both"`):  "Ada Twin",
			c("events.order", "at_least", `,"value":2`):       "",
			c("votes."+fast, "never", ``):                     "Ada Bob",
			c("conversations.count", "exactly", `,"value":1`): "Ada Twin",
		})
	})
}

// segmentsFollowTheStricterConsent has somebody who consented as one of their contacts
// withdraw as the other, and consent anew as the whole person.
func segmentsFollowTheStricterConsent(t *testing.T, w *world, clk *clock.Fake, ada, twin string, check func(string, map[string]string)) {
	t.Helper()
	const granted, withdrawn = `{"field":"consents.marketing","op":"is","value":"granted"}`, `{"field":"consents.marketing","op":"is","value":"withdrawn"}`
	set := func(when, contactID, action string, at time.Time, is, isNot string) {
		t.Helper()
		actOf(t, w, contactID, action, at)
		check(when, map[string]string{is: "Ada", isNot: ""})
	}
	set("the other withdrew later", twin, "withdraw", clk.Now().Add(time.Second), withdrawn, granted)
	set("the survivor had granted before", ada, "grant", clk.Now().Add(-time.Hour), withdrawn, granted)
	set("the survivor grants for the whole person", ada, "grant", clk.Now().Add(2*time.Second), granted, withdrawn)
	set("the other withdraws again", twin, "withdraw", clk.Now().Add(3*time.Second), withdrawn, granted)
}

// actOf writes an act of one of a person's contacts, at a moment.
func actOf(t *testing.T, w *world, contactID, action string, at time.Time) {
	t.Helper()
	err := w.DB.Write(t.Context(), func(tx *storage.Tx) error {
		_, err := tx.Exec(`INSERT INTO consents (workspace_id, contact_id, id, purpose, action, wording, wording_hash, purpose_version, source, actor_type, actor_id, created_at)
			VALUES ($1, $2, $3, 'marketing', $4, '', '', 1, 'api', 'system', 'test', $5)`, w.made.Workspace.ID, contactID, fmt.Sprint("cns_", action, at.UnixMicro()), action, clock.Micros(at))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Whoever was merged is looked for along indexes.
func TestSegmentsOfWholePeopleUseIndexes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, f := range []segment.Filter{
			{Field: "tags.contact", Op: segment.Contains, Value: "vip"}, {Field: "events.order", Op: segment.AtLeast, Value: 2.0, Days: 30},
			{Field: "conversations.tag", Op: segment.Is, Value: "vip"}, {Field: "consents.marketing", Op: segment.Is, Value: "granted"},
			{Field: "consents.marketing", Op: segment.Is, Value: "withdrawn"},
		} {
			p, err := w.Segments.Compile(t.Context(), w.made.Workspace.ID, f)
			if err != nil {
				t.Fatal(err)
			}
			storagetest.UsesIndex(t, w.DB, `SELECT c.id FROM contacts c WHERE c.workspace_id = $1 AND `+p.SQL+` AND c.id < $`+fmt.Sprint(len(p.Args)+1)+` ORDER BY c.id DESC LIMIT 10`, append(p.Args, "~")...)
		}
	})
}
