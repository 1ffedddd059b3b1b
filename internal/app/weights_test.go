package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// weighed is a post with what its votes weigh.
type weighed struct {
	ID         string
	Votes      int64
	Weight     *float64
	Importance *struct{ Nice, Important, Essential int64 }
}

func (w *world) weight(t *testing.T, postID string) float64 {
	t.Helper()
	var p weighed
	w.api(t, "GET", "/posts/"+postID, "", http.StatusOK).json(t, &p)
	if p.Weight == nil {
		t.Fatal("the post has no weight")
	}
	return *p.Weight
}

// worth adds somebody of whom a number is known.
func (w *world) worth(t *testing.T, name, attributes string) (id string) {
	t.Helper()
	var c struct{ ID string }
	w.api(t, "POST", "/contacts", `{"name":"`+name+`","attributes":`+attributes+`,"basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusCreated).json(t, &c)
	return c.ID
}

// plain declares an attribute that is not personal.
func (w *world) plain(t *testing.T, key, kind string) {
	t.Helper()
	w.api(t, "POST", "/attributes", `{"key":"`+key+`","label":"`+key+`","kind":"`+kind+`","personal":false,"purpose":"support"}`, http.StatusCreated)
}

// weigh has all that waits weighed.
func (w *world) weigh(t *testing.T, clk *clock.Fake) {
	t.Helper()
	clk.Advance(6 * time.Second)
	if err := w.Boards.WeighVotes(t.Context(), 1000); err != nil {
		t.Fatal(err)
	}
}

func (w *world) segment(t *testing.T, name, filter string) string {
	t.Helper()
	var s struct{ ID string }
	w.api(t, "POST", "/segments", `{"name":"`+name+`","filter":`+filter+`}`, http.StatusCreated).json(t, &s)
	return s.ID
}

func TestWeightRules(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		w.plain(t, "revenue", "number")
		w.plain(t, "plan", "string")
		w.api(t, "POST", "/attributes", `{"key":"salary","label":"Salary","kind":"number","purpose":"support"}`, http.StatusCreated)
		seg := w.segment(t, "Pro", `{"field":"attributes.plan","op":"is","value":"pro"}`)
		id := w.board(t, `{"name":"Ideas"}`)
		var b struct {
			Weight struct {
				By, Attribute, State, Problem string
				Segments                      []struct {
					SegmentID string `json:"segment_id"`
					Weight    float64
				}
				Default    float64
				Importance bool
			}
		}
		w.api(t, "GET", "/boards/"+id, "", http.StatusOK).json(t, &b)
		if b.Weight.By != "votes" || b.Weight.Default != 1 || b.Weight.State != "ready" || b.Weight.Segments == nil {
			t.Errorf("a new board weighs %+v", b.Weight)
		}
		for rule, want := range map[string]string{
			`"lots"`:                         "weight",
			`5`:                              "weight",
			`"segments"`:                     "weight",
			`"attribute:"`:                   "weight.attribute",
			`"attribute:nothing"`:            "weight.attribute",
			`{"by":"attribute"}`:             "weight.attribute",
			`{"by":"money"}`:                 "weight",
			`{}`:                             "weight.by",
			`{"by":"votes","extra":1}`:       "weight.extra",
			`{"by":"segments"}`:              "weight.segments",
			`{"by":"segments","segments":1}`: "weight.segments",
			`{"by":"attribute","attribute":"salary"}`:                                                                        "weight.attribute",
			`{"by":"attribute","attribute":"plan"}`:                                                                          "weight.attribute",
			`{"by":"attribute","attribute":"unknown"}`:                                                                       "weight.attribute",
			`{"by":"segments","segments":[{"segment_id":"seg_unknown","weight":2}]}`:                                         "weight.segments[0].segment_id",
			`{"by":"segments","segments":[{"segment_id":"` + seg + `","weight":-1}]}`:                                        "weight.segments[0].weight",
			`{"by":"segments","segments":[{"segment_id":"` + seg + `","weight":1},{"segment_id":"` + seg + `","weight":2}]}`: "weight.segments[1].segment_id",
			`{"by":"segments","default":-1,"segments":[{"segment_id":"` + seg + `","weight":1}]}`:                            "weight.default",
		} {
			a := w.api(t, "PATCH", "/boards/"+id, `{"weight":`+rule+`}`, http.StatusUnprocessableEntity)
			if a.code() != "invalid" || !strings.Contains(a.body, `"field":"`+want+`"`) {
				t.Errorf("%s: %s", rule, a.body)
			}
		}
		w.api(t, "PATCH", "/boards/"+id, `{"weight":"attribute:revenue"}`, http.StatusOK).json(t, &b)
		if b.Weight.By != "attribute" || b.Weight.Attribute != "revenue" || b.Weight.Default != 0 || b.Weight.State != "weighing" {
			t.Errorf("the short form gave %+v", b.Weight)
		}
		w.api(t, "PATCH", "/boards/"+id, `{"weight":{"by":"segments","default":0.5,"importance":true,"segments":[{"segment_id":"`+seg+`","weight":10}]}}`, http.StatusOK)
		w.weigh(t, clk)
		w.api(t, "GET", "/boards/"+id, "", http.StatusOK).json(t, &b)
		if b.Weight.By != "segments" || b.Weight.Attribute != "" || b.Weight.Default != 0.5 || !b.Weight.Importance || b.Weight.State != "ready" ||
			len(b.Weight.Segments) != 1 || b.Weight.Segments[0].SegmentID != seg || b.Weight.Segments[0].Weight != 10 {
			t.Errorf("the rule is %+v", b.Weight)
		}
		if a := w.api(t, "DELETE", "/segments/"+seg, "", http.StatusConflict); a.code() != "segment_in_use" {
			t.Errorf("a segment that weighs went: %s", a.body)
		}
		w.api(t, "PATCH", "/boards/"+id, `{"weight":{"by":"votes","attribute":"","segments":[],"default":1,"importance":false}}`, http.StatusOK)
		w.weigh(t, clk)
		w.api(t, "DELETE", "/segments/"+seg, "", http.StatusNoContent)
		if n := w.count(t, `SELECT COUNT(*) FROM board_weighings`); n != 0 {
			t.Errorf("%d boards are weighed without a rule", n)
		}
	})
}

func TestWeightsFollowPeople(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		w.plain(t, "revenue", "number")
		w.plain(t, "plan", "string")
		ada, bo, cy := w.worth(t, "Ada", `{"revenue":1200.5,"plan":"pro"}`), w.worth(t, "Bo", `{"revenue":-40}`), w.worth(t, "Cy", `{}`)
		board := w.board(t, `{"name":"Ideas"}`)
		dark, light := w.wish(t, board, `{"title":"Dark"}`).ID, w.wish(t, board, `{"title":"Light"}`).ID
		vote := func(post, who, importance string) {
			t.Helper()
			w.api(t, "PUT", "/posts/"+post+"/votes/"+who, `{"importance":"`+importance+`"}`, http.StatusOK)
		}
		vote(dark, ada, "essential")
		vote(light, bo, "nice")
		vote(light, cy, "important")
		if w.weight(t, dark) != 1 || w.weight(t, light) != 2 {
			t.Error("without a rule, votes do not weigh one each")
		}
		if got := w.titles(t, board, "sort=weight"); fmt.Sprint(got) != "[Light Dark]" {
			t.Errorf("without a rule, by weight: %v", got)
		}
		is := func(when string, wantDark, wantLight float64) {
			t.Helper()
			if d, l := w.weight(t, dark), w.weight(t, light); d != wantDark || l != wantLight {
				t.Errorf("%s: %v and %v, want %v and %v", when, d, l, wantDark, wantLight)
			}
		}
		rule := func(body string) {
			t.Helper()
			w.api(t, "PATCH", "/boards/"+board, `{"weight":`+body+`}`, http.StatusOK)
			w.weigh(t, clk)
		}
		change := func(who, body string) {
			t.Helper()
			w.api(t, "PATCH", "/contacts/"+who, `{`+body+`,"basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusOK)
			w.weigh(t, clk)
		}
		rule(`{"by":"attribute","attribute":"revenue"}`)
		is("by revenue", 1200.5, 0)
		if got := w.titles(t, board, "sort=weight"); fmt.Sprint(got) != "[Dark Light]" {
			t.Errorf("by revenue: %v", got)
		}
		change(cy, `"attributes":{"revenue":3e12}`)
		is("a revenue came", 1200.5, 1e9)
		change(cy, `"attributes":{"revenue":10}`)
		rule(`{"by":"attribute","attribute":"revenue","importance":true}`)
		is("times importance", 3601.5, 20)
		vote(light, cy, "essential")
		is("it matters more", 3601.5, 30)
		w.api(t, "PUT", "/contacts/"+ada+"/restriction", `{"restricted":true,"reason":"disputed"}`, http.StatusOK)
		w.weigh(t, clk)
		is("restricted", 0, 30)
		w.api(t, "PUT", "/contacts/"+ada+"/restriction", `{"restricted":false,"reason":"settled"}`, http.StatusOK)
		w.weigh(t, clk)
		is("lifted", 3601.5, 30)
		w.api(t, "POST", "/contacts/"+ada+"/merge", `{"contact_id":"`+cy+`"}`, http.StatusOK)
		w.weigh(t, clk)
		is("who was merged weighs as who stands for them", 3601.5, 3601.5)
		change(ada, `"attributes":{"revenue":100}`)
		is("both follow who stands for them", 300, 300)
		var votes struct {
			Data []struct {
				Name, Importance string
				Weight           *float64
			}
		}
		w.api(t, "GET", "/posts/"+light+"/votes?importance=essential", "", http.StatusOK).json(t, &votes)
		if len(votes.Data) != 1 || votes.Data[0].Name != "Ada" || votes.Data[0].Weight == nil || *votes.Data[0].Weight != 300 {
			t.Errorf("to whom it is essential: %+v", votes.Data)
		}
		pro := w.segment(t, "Pro", `{"field":"attributes.plan","op":"is","value":"pro"}`)
		named := w.segment(t, "Named", `{"field":"profile.name","op":"is_set"}`)
		rule(`{"by":"segments","default":1,"segments":[{"segment_id":"` + named + `","weight":2},{"segment_id":"` + pro + `","weight":50}]}`)
		is("by segments, the highest", 50, 52)
		change(bo, `"attributes":{"plan":"pro"}`)
		is("somebody came into a segment", 50, 100)
		w.api(t, "PATCH", "/segments/"+pro, `{"filter":{"field":"attributes.plan","op":"is","value":"gold"}}`, http.StatusOK)
		clk.Advance(10 * time.Minute)
		w.weigh(t, clk)
		is("the segment is another one, after the walk", 2, 4)
		w.api(t, "DELETE", "/contacts/"+bo+"?erase=true", "", http.StatusOK)
		is("erased", 2, 2)
		rule(`{"by":"votes"}`)
		is("one each again", 1, 1)
		if n := w.count(t, `SELECT COUNT(*) FROM post_votes WHERE weight IS NOT NULL`); n != 0 {
			t.Errorf("what %d people weigh is still stored", n)
		}
	})
}

// What votes weigh tells what is known of people: who may not read them is not told.
func TestWeightsAreForWhoReadsContacts(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		w.plain(t, "revenue", "number")
		board := w.board(t, `{"name":"Ideas","visibility":"public","weight":{"by":"attribute","attribute":"revenue"}}`)
		dark := w.wish(t, board, `{"title":"Dark"}`).ID
		w.api(t, "PUT", "/posts/"+dark+"/votes/"+w.worth(t, "Ada", `{"revenue":98765}`), "", http.StatusOK)
		w.weigh(t, clk)
		var key struct{ Secret string }
		w.api(t, "POST", "/api-keys", `{"name":"boards","scopes":["boards:read"]}`, http.StatusCreated).json(t, &key)
		for _, path := range []string{"/posts/" + dark, "/posts/" + dark + "/votes", "/boards/" + board + "/posts"} {
			a := w.do(t, call{method: "GET", path: "/api/v1" + path, header: bearer(key.Secret)})
			if a.status != http.StatusOK || strings.Contains(a.body, "98765") || !strings.Contains(a.body, `"weight":null`) {
				t.Errorf("%s: %d %s", path, a.status, a.body)
			}
		}
		if a := w.do(t, call{method: "GET", path: "/api/v1/boards/" + board + "/posts?sort=weight", header: bearer(key.Secret)}); a.status != http.StatusForbidden {
			t.Errorf("by weight: %d %s", a.status, a.body)
		}
		for _, path := range []string{"", "?sort=weight", "/p/1-dark", "/feed.atom", "/roadmap"} {
			if body := w.page(t, "/b/acme/ideas"+path, http.StatusOK).body; strings.Contains(body, "98765") || path == "" && strings.Contains(body, "sort=weight") {
				t.Errorf("%s tells what votes weigh", path)
			}
		}
	})
}

// Whatever happens, the stored weight of a post is the sum of what its votes weigh.
func TestWeightsAreTheSum(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		w.plain(t, "revenue", "number")
		pro := w.segment(t, "Pro", `{"field":"attributes.revenue","op":"at_least","value":50}`)
		board := w.board(t, `{"name":"Ideas","visibility":"public","on_erasure":"anonymise","anonymous_votes":true}`)
		rules := []string{`{"by":"attribute","attribute":"revenue"}`, `{"by":"attribute","attribute":"revenue","importance":true}`, `{"by":"votes","importance":true}`,
			`{"by":"segments","default":0.25,"segments":[{"segment_id":"` + pro + `","weight":7}]}`, `{"by":"votes"}`}
		rounds := 0
		rapid.Check(t, func(rt *rapid.T) {
			if rounds++; rounds > 10 { // rapid asks for a hundred; ten of some thirty acts are enough on two engines
				return
			}
			posts, people := make([]string, 3), make([]string, 4)
			for i := range posts {
				posts[i] = w.wish(t, board, fmt.Sprintf(`{"title":"Wish %d"}`, i)).ID
			}
			for i := range people {
				people[i] = w.worth(t, "P", fmt.Sprintf(`{"revenue":%d}`, i*40))
			}
			do := func(method, path, body string) {
				a := w.do(t, call{method: method, path: "/api/v1" + path, body: body, header: bearer(w.made.APIKey)})
				if a.status >= http.StatusInternalServerError {
					rt.Fatalf("%s %s: %d %s", method, path, a.status, a.body)
				}
			}
			do("PATCH", "/boards/"+board, `{"weight":`+rapid.SampledFrom(rules[:4]).Draw(rt, "rule")+`}`)
			w.weigh(t, clk)
			const basis = `,"basis":{"purpose":"support","lawful_basis":"contract"}}`
			n := rapid.IntRange(20, 35).Draw(rt, "acts")
			for range n {
				post, other := rapid.SampledFrom(posts).Draw(rt, "post"), rapid.SampledFrom(posts).Draw(rt, "other")
				who, twin := rapid.SampledFrom(people).Draw(rt, "who"), rapid.SampledFrom(people).Draw(rt, "twin")
				switch rapid.SampledFrom([]string{"vote", "vote", "vote", "ballot", "unvote", "change", "merge", "merge", "unmerge", "join", "erase", "restrict", "rule", "weigh"}).Draw(rt, "act") {
				case "vote":
					do("PUT", "/posts/"+post+"/votes/"+who, rapid.SampledFrom([]string{"", `{"importance":"nice"}`, `{"importance":"important"}`, `{"importance":"essential"}`}).Draw(rt, "importance"))
				case "ballot":
					w.ballot(t, post)
				case "unvote":
					do("DELETE", "/posts/"+post+"/votes/"+who, "")
				case "change":
					do("PATCH", "/contacts/"+who, fmt.Sprintf(`{"attributes":{"revenue":%d}`, rapid.IntRange(-10, 100).Draw(rt, "revenue"))+basis)
				case "merge":
					do("POST", "/posts/"+post+"/merge", `{"post_id":"`+other+`"}`)
				case "unmerge":
					do("POST", "/posts/"+post+"/unmerge", "")
				case "join":
					if who != twin {
						do("POST", "/contacts/"+who+"/merge", `{"contact_id":"`+twin+`"}`)
					}
				case "erase":
					do("DELETE", "/contacts/"+who+"?erase=true", "")
				case "restrict":
					do("PUT", "/contacts/"+who+"/restriction", `{"restricted":true,"reason":"disputed"}`)
				case "rule":
					do("PATCH", "/boards/"+board, `{"weight":`+rapid.SampledFrom(rules).Draw(rt, "rule")+`}`)
					w.weigh(t, clk)
				case "weigh":
					w.weigh(t, clk)
				}
				if wrong := w.wrongSums(t, board); wrong != "" {
					rt.Fatal(wrong)
				}
			}
			w.weigh(t, clk)
			before := w.everyWeight(t)
			clk.Advance(10 * time.Minute) // the walk, which weighs everything anew, finds nothing to change
			w.weigh(t, clk)
			if after := w.everyWeight(t); before != after {
				rt.Fatalf("the walk changed\n%s\nto\n%s", before, after)
			}
		})
	})
}

// wrongSums tells which post's weight is not what its votes weigh together.
func (w *world) wrongSums(t *testing.T, boardID string) (wrong string) {
	t.Helper()
	err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
		rows, err := tx.Query(`
			SELECT p.id, COALESCE(p.weight, -1), CASE WHEN b.weight = '' AND b.weight_importance = 0 THEN -1 ELSE
				(SELECT COALESCE(SUM(v.weight * CASE WHEN b.weight_importance = 0 THEN 1 WHEN v.importance = 'important' THEN 2 WHEN v.importance = 'essential' THEN 3 ELSE 1 END), 0)
					FROM post_votes v WHERE v.workspace_id = p.workspace_id AND v.post_id = p.id)
				+ (p.anonymous_votes + (SELECT COUNT(*) FROM anonymous_ballots n WHERE n.workspace_id = p.workspace_id AND n.post_id = p.id))
					* (CASE b.weight WHEN '' THEN 1000 WHEN 'segments' THEN b.weight_default ELSE 0 END) END
			FROM posts p JOIN boards b ON b.workspace_id = p.workspace_id AND b.id = p.board_id WHERE p.board_id = $1`, boardID)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			var stored, sum int64
			if err := rows.Scan(&id, &stored, &sum); err != nil {
				return err
			}
			if stored != sum {
				wrong += fmt.Sprintf("%s weighs %d, its votes %d; ", id, stored, sum)
			}
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return wrong
}

func (w *world) everyWeight(t *testing.T) (all string) {
	t.Helper()
	err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
		all = ""
		rows, err := tx.Query(`SELECT post_id, contact_id, COALESCE(weight, -1) FROM post_votes ORDER BY post_id, contact_id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var post, who string
			var weight int64
			if err := rows.Scan(&post, &who, &weight); err != nil {
				return err
			}
			all += fmt.Sprintln(post, who, weight)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// ballot votes for a post without a name, from a network of its own.
func (w *world) ballot(t *testing.T, postID string) {
	t.Helper()
	cookie := boards.NewBallot()
	v := boards.Ballot{Cookie: cookie, Network: fmt.Sprintf("10.%d.%d.0", cookie[0], cookie[1])}
	if err := w.Boards.VoteAnonymously(boards.Unnamed(t.Context(), w.made.Workspace.ID), postID, v); fault.Is(err, fault.KindInternal) {
		t.Fatal(err)
	}
}
