package app_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/enrich"
	"github.com/botimum/botimum/internal/mail/mailtest"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// asking asks to look somebody up.
func (w *world) asking(t *testing.T, contactID string) {
	t.Helper()
	w.api(t, "POST", "/contacts/"+contactID+"/enrich", "", http.StatusAccepted)
}

// lookups counts the rows that looking people up keeps of somebody.
func (w *world) lookups(t *testing.T, contactID string) (n int) {
	t.Helper()
	err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
		n = 0
		for _, table := range []string{"enrich_lookups", "enrich_recipients", "enrich_refused", "enrich_avatars"} {
			var one int
			if err := tx.QueryRow(`SELECT COUNT(*) FROM `+table+` WHERE contact_id = $1`, contactID).Scan(&one); err != nil {
				return err
			}
			n += one
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// What was found is handed out, sealed on disk, and erased to the last backup.
func TestEnrichmentIsExportedAndErased(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.lookUp(t)
		s := speak(t)
		w.Enrich.Bases = enrich.Bases{GravatarAPI: s.URL, Gravatar: s.URL}
		w.api(t, "POST", "/enrichment/providers", `{"kind":"gravatar","state":"on"}`, http.StatusCreated)
		c := newCanaries()
		s.say(func(rw http.ResponseWriter, r *http.Request) bool {
			if !strings.HasPrefix(r.URL.Path, "/profiles/") {
				return false
			}
			rw.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(rw, `{"first_name":%q,"company":%q,"profile_url":"https://gravatar.com/%s"}`, c.name, c.attribute, c.root)
			return true
		})
		ada := w.someone(t, `"email":"`+c.email+`"`)
		sub := privacy.Subject{WorkspaceID: w.made.Workspace.ID, ContactID: ada}
		w.asking(t, ada)
		w.work(t)
		exported := w.export(t, sub)
		for _, want := range []string{c.name, c.attribute, `"host":"gravatar.com"`, `"kinds":["email_sha256"]`, `"outcome":"found"`, "found_picture {"} {
			if !strings.Contains(exported, want) {
				t.Errorf("the export lacks %s: %s", want, exported)
			}
		}
		w.settle(t)
		backups := w.backup(t)
		for _, where := range c.in(t, w.raw(t, backups)) {
			t.Errorf("what was found is in clear in %s", where)
		}
		var receipt privacy.Receipt
		w.api(t, "DELETE", "/contacts/"+ada+"?erase=true", "", http.StatusOK).json(t, &receipt)
		if receipt.Rows["enrich_avatars"] != 1 || receipt.Rows["enrich_lookups"] != 1 || receipt.Rows["enrich_recipients"] != 1 || w.lookups(t, ada) != 0 {
			t.Errorf("erased %+v", receipt.Rows)
		}
		for _, there := range []*world{w, w.restore(t, backups)} {
			if left := there.export(t, sub); left != "" {
				t.Errorf("still handed out: %s", left)
			}
			there.api(t, "GET", "/contacts/"+ada+"/enrichment", "", http.StatusNotFound)
			there.api(t, "GET", "/contacts/"+ada+"/avatar", "", http.StatusNotFound)
			there.api(t, "POST", "/contacts/"+ada+"/enrich", "", http.StatusNotFound)
		}
	})
}

// What a person says while a provider is being asked holds for its answer.
func TestEnrichmentHearsWhatHappensMeanwhile(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, _ *clock.Fake) {
		w.lookUp(t)
		s := speak(t)
		provider := w.preset(t, s, "hunter")
		for want, meanwhile := range map[string]func(id string){
			"objected": func(id string) {
				w.api(t, "POST", "/contacts/"+id+"/objections", `{"purpose":"profiling"}`, http.StatusCreated)
			},
			"processing_restricted": func(id string) {
				w.api(t, "PUT", "/contacts/"+id+"/restriction", `{"restricted":true,"reason":"asked"}`, http.StatusOK)
			},
			"contact_in_bin": func(id string) { w.api(t, "DELETE", "/contacts/"+id, "", http.StatusNoContent) },
			"no_verified_address": func(id string) {
				w.api(t, "PATCH", "/contacts/"+id, `{"email":"","basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusOK)
			},
			"enrichment_off": func(string) { w.api(t, "PATCH", "/enrichment", `{"enabled":false}`, http.StatusOK) },
			"forgotten":      func(id string) { w.api(t, "DELETE", "/contacts/"+id+"/enrichment", "", http.StatusNoContent) },
			"all forgotten":  func(string) { w.api(t, "DELETE", "/enrichment", "", http.StatusAccepted) },
			"erased":         func(id string) { w.api(t, "DELETE", "/contacts/"+id+"?erase=true", "", http.StatusOK) },
		} {
			w.api(t, "PATCH", "/enrichment", `{"enabled":true}`, http.StatusOK)
			ada := w.someone(t, `"email":"`+adaMail+`"`)
			asked := 0
			s.say(func(http.ResponseWriter, *http.Request) bool {
				if asked++; asked == 1 {
					meanwhile(ada)
				}
				return false
			})
			w.asking(t, ada)
			w.work(t)
			if asked != 1 {
				t.Errorf("%s: asked %d times", want, asked)
			}
			if want == "erased" {
				w.api(t, "GET", "/contacts/"+ada, "", http.StatusNotFound)
				if n := w.lookups(t, ada); n != 0 {
					t.Errorf("erased meanwhile: %d rows came back", n)
				}
				continue
			}
			st := w.standing(t, ada)
			if len(st.Found) != 0 {
				t.Errorf("%s: kept all the same: %+v", want, st)
			}
			if forgot := strings.Contains(want, "forgotten"); forgot && len(st.Lookups) != 0 || !forgot && st.outcome() != want {
				t.Errorf("%s: %+v", want, st)
			}
		}
		// Who has another address now is asked about by that.
		w.api(t, "PATCH", "/enrichment", `{"enabled":true}`, http.StatusOK)
		ada := w.someone(t, `"email":"`+adaMail+`"`)
		s.take()
		s.say(func(_ http.ResponseWriter, r *http.Request) bool {
			if r.URL.Query().Get("email") == adaMail {
				w.api(t, "PATCH", "/contacts/"+ada, `{"email":"new@engine.example","basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusOK)
			}
			return false
		})
		w.asking(t, ada)
		w.work(t)
		if asked := s.take(); len(asked) != 2 || !strings.Contains(asked[1], "new%40engine.example") || w.standing(t, ada).value("first_name") != "Ada" {
			t.Errorf("asked %v, then %+v", asked, w.standing(t, ada))
		}
		// So does the removal of the provider.
		bob := w.someone(t, `"email":"bob@engine.example"`)
		s.say(func(http.ResponseWriter, *http.Request) bool {
			w.api(t, "DELETE", "/enrichment/providers/"+provider, "", http.StatusNoContent)
			return false
		})
		w.asking(t, bob)
		w.work(t)
		if st := w.standing(t, bob); len(st.Found) != 0 || len(st.Lookups) != 0 {
			t.Errorf("the provider was removed meanwhile: %+v", st)
		}
	})
}

// A child whom the gate knows is never looked up, whatever address they have.
func TestEnrichmentLeavesChildrenAlone(t *testing.T) {
	gate(t, func(t *testing.T, w *world, mails *mailtest.Server) {
		w.lookUp(t)
		s := speak(t)
		w.preset(t, s, "hunter")
		w.api(t, "PATCH", "/enrichment", `{"automatic":true}`, http.StatusOK)
		v := w.visit(t, w.made.Workspace.Key)
		v.tell(t, time.Now().AddDate(-10, 0, 0).Format("2006-01"))
		v.call(t, "POST", "/parental-consents", `{"parent_email":"`+parentAddress+`"}`, http.StatusAccepted)
		link := w.asked(t, mails)
		hash := regexp.MustCompile(`name="agree" value="([0-9a-f]{64})"`).FindStringSubmatch(w.do(t, call{method: "GET", path: link}).body)
		w.answer(t, link, url.Values{"answer": {"agree"}, "agree": {hash[1]}}, http.StatusOK)
		_, child := v.write(t, "hello")
		for _, gated := range []string{"true", "false"} { // who is known to be a child stays one when the gate is taken down
			w.api(t, "PATCH", "/workspace", `{"settings":{"age_gate":`+gated+`}}`, http.StatusOK)
			w.api(t, "PATCH", "/contacts/"+child, `{"email":"kid`+gated+`@engine.example","basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusOK)
			w.work(t)
			if a := w.api(t, "POST", "/contacts/"+child+"/enrich", "", http.StatusConflict); a.code() != "child" && a.code() != "no_verified_address" {
				t.Error(a.body)
			}
		}
		into := w.someone(t, `"email":"parent@engine.example"`)
		w.api(t, "POST", "/contacts/"+into+"/merge", `{"contact_id":"`+child+`"}`, http.StatusOK)
		w.work(t)
		if a := w.api(t, "POST", "/contacts/"+into+"/enrich", "", http.StatusConflict); a.code() != "child" {
			t.Errorf("who was a child as another contact: %s", a.body)
		}
		for _, asked := range s.take() {
			if strings.Contains(asked, "kid") {
				t.Errorf("a child was looked up: %s", asked)
			}
		}
	})
}

// node is another process on the same databases.
func (w *world) node() *enrich.Service { return enrich.New(w.Enrich.Deps) }

// A question that a dying node left is made by another, once its lease is over; the
// answer that comes late after all changes nothing.
func TestEnrichmentOutlivesItsNode(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		w.lookUp(t)
		s := speak(t)
		w.preset(t, s, "hunter")
		dying, stuck := w.node(), w.node()
		die := func(n *enrich.Service) (asked chan struct{}, kill context.CancelFunc, wait func()) {
			asked = make(chan struct{})
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			s.say(func(_ http.ResponseWriter, r *http.Request) bool {
				close(asked)
				<-r.Context().Done()
				return true
			})
			go func() { _ = n.Work(ctx); close(done) }()
			return asked, cancel, func() { <-done }
		}
		ada := w.someone(t, `"email":"`+adaMail+`"`)
		w.asking(t, ada)
		asked, kill, wait := die(dying)
		<-asked
		kill()
		wait()
		s.say(nil)
		s.take()
		w.work(t)
		if asked := s.take(); len(asked) != 0 {
			t.Errorf("asked again while the lease holds: %v", asked)
		}
		clk.Advance(2*time.Minute + time.Second)
		w.work(t)
		if asked := s.take(); len(asked) != 1 || w.standing(t, ada).value("first_name") != "Ada" {
			t.Errorf("not taken over: %v %+v", asked, w.standing(t, ada))
		}

		bob := w.someone(t, `"email":"bob@engine.example"`)
		w.asking(t, bob)
		begun, release := make(chan struct{}), make(chan struct{})
		first := sync.OnceFunc(func() { close(begun); <-release })
		s.say(func(http.ResponseWriter, *http.Request) bool { first(); return false })
		done := make(chan error)
		go func() { done <- stuck.Work(context.WithoutCancel(t.Context())) }()
		<-begun
		s.say(nil)
		clk.Advance(2*time.Minute + time.Second)
		w.work(t)
		if st := w.standing(t, bob); st.value("first_name") != "Ada" {
			t.Errorf("not taken over from a node that hangs: %+v", st)
		}
		w.api(t, "DELETE", "/contacts/"+bob+"/enrichment", "", http.StatusNoContent)
		close(release)
		if err := <-done; err != nil {
			t.Error(err)
		}
		if st := w.standing(t, bob); len(st.Found) != 0 || len(st.Lookups) != 0 {
			t.Errorf("a late answer brought back what was forgotten: %+v", st)
		}
	})
}

// Budgets hold for all nodes together, also where they ask at the same moment.
func TestEnrichmentBudgetOfManyNodes(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		w.lookUp(t)
		s := speak(t)
		id := w.preset(t, s, "hunter")
		w.api(t, "PATCH", "/enrichment/providers/"+id, `{"per_minute":5,"per_day":8}`, http.StatusOK)
		for i := range 20 {
			w.asking(t, w.someone(t, fmt.Sprintf(`"email":"p%d@engine.example"`, i)))
		}
		nodes := []*enrich.Service{w.Enrich, w.node(), w.node()}
		for _, want := range []int{5, 3, 0} {
			var wg sync.WaitGroup
			for _, n := range nodes {
				wg.Go(func() {
					if err := n.Work(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			asked := s.take()
			if len(asked) != want {
				t.Errorf("asked %d, want %d", len(asked), want)
			}
			clk.Advance(time.Minute)
		}
		// A provider that asks to be left alone is left alone by all.
		clk.Advance(24 * time.Hour)
		s.say(func(rw http.ResponseWriter, _ *http.Request) bool {
			rw.Header().Set("Retry-After", "3600")
			rw.WriteHeader(http.StatusTooManyRequests)
			return true
		})
		w.work(t)
		s.say(nil)
		s.take()
		for _, n := range nodes {
			if err := n.Work(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if asked := s.take(); len(asked) != 0 {
			t.Errorf("asked although it is busy: %v", asked)
		}
	})
}

// A slow provider holds up nobody but those who wait for itself.
func TestEnrichmentIsNotHeldUpByASlowProvider(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, _ *clock.Fake) {
		w.lookUp(t)
		slow, fast := speak(t), speak(t)
		release, most, now := make(chan struct{}), 0, 0
		var mu sync.Mutex
		slow.say(func(http.ResponseWriter, *http.Request) bool {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			<-release
			mu.Lock()
			now--
			mu.Unlock()
			return false
		})
		slow.URL = strings.Replace(slow.URL, "127.0.0.1", "localhost", 1) // another host
		served := make(chan struct{}, 100)
		fast.say(func(http.ResponseWriter, *http.Request) bool { served <- struct{}{}; return false })
		w.preset(t, slow, "hunter")
		w.preset(t, fast, "peopledatalabs")
		const people = 20
		for i := range people {
			w.asking(t, w.someone(t, fmt.Sprintf(`"email":"p%d@engine.example"`, i)))
		}
		done := make(chan error)
		go func() { done <- w.Enrich.Work(context.WithoutCancel(t.Context())) }()
		for range people {
			<-served
		}
		close(release)
		if err := <-done; err != nil {
			t.Error(err)
		}
		if most > 4 {
			t.Errorf("%d questions to the slow one at the same time", most)
		}
	})
}

// What never ends is cut, and tried again later.
func TestEnrichmentTimesOut(t *testing.T) {
	w := start(t, configs(t)["sqlite"](t))
	w.lookUp(t)
	s := speak(t)
	w.declare(t, enrich.Definition{URL: s.URL + "/slow?e={email}", Mapping: map[string]string{"first_name": "n"}, TimeoutSeconds: 1}, "slow")
	for name, answer := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"no answer": func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true },
		"drop by drop": func(rw http.ResponseWriter, r *http.Request) bool {
			rw.Header().Set("Content-Type", "application/json")
			fmt.Fprint(rw, `{"n":"`)
			_ = http.NewResponseController(rw).Flush()
			<-r.Context().Done()
			return true
		},
	} {
		s.say(answer)
		ada := w.someone(t, `"email":"`+adaMail+`"`)
		w.asking(t, ada)
		w.work(t)
		if st := w.standing(t, ada); st.State != "waiting" || st.outcome() != "provider_slow" {
			t.Errorf("%s: %+v", name, st)
		}
	}
}

// What a source says no more is not kept; what it could not say this time is.
func TestEnrichmentFollowsItsSource(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		w.lookUp(t)
		s := speak(t)
		w.Enrich.Bases = enrich.Bases{GravatarAPI: s.URL, Gravatar: s.URL}
		w.api(t, "POST", "/enrichment/providers", `{"kind":"gravatar","state":"on"}`, http.StatusCreated)
		ada := w.someone(t, `"email":"`+adaMail+`","last_name":"Byron"`)
		look := func(profile string, picture int) looked {
			s.say(func(rw http.ResponseWriter, r *http.Request) bool {
				isPicture := strings.HasPrefix(r.URL.Path, "/avatar/")
				switch {
				case isPicture && picture == http.StatusOK:
					return false
				case isPicture:
					rw.WriteHeader(picture)
				case profile == "451":
					rw.WriteHeader(http.StatusUnavailableForLegalReasons)
				default:
					rw.Header().Set("Content-Type", "application/json")
					fmt.Fprint(rw, profile)
				}
				return true
			})
			clk.Advance(time.Minute)
			w.asking(t, ada)
			w.work(t)
			return w.standing(t, ada)
		}
		has := func(st looked, fields ...string) {
			t.Helper()
			var got []string
			for _, f := range st.Found {
				got = append(got, f.Field)
			}
			if strings.Join(got, " ") != strings.Join(fields, " ") {
				t.Errorf("found %v, want %v", got, fields)
			}
		}
		has(look(`{"first_name":"Ada","last_name":"Lovelace","company":"Engine Works","job_title":"Analyst"}`, 200), "attributes.company", "attributes.job_title", "avatar_url", "first_name")
		has(look(`{"first_name":"Ada","company":"Engine Works"}`, 500), "attributes.company", "avatar_url", "first_name")
		has(look(`{"company":"Other Works"}`, 404), "attributes.company")
		w.api(t, "GET", "/contacts/"+ada+"/avatar", "", http.StatusNotFound)
		has(look("451", 200))
		var c struct {
			LastName   string `json:"last_name"`
			Attributes map[string]any
		}
		w.api(t, "GET", "/contacts/"+ada, "", http.StatusOK).json(t, &c)
		if c.LastName != "Byron" || len(c.Attributes) != 0 {
			t.Errorf("%+v", c)
		}
	})
}

// The rule and hands forget; a restriction and a legal hold make it wait.
func TestEnrichmentForgetsByRule(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		w.lookUp(t)
		s := speak(t)
		w.preset(t, s, "hunter")
		ada, bob := w.someone(t, `"email":"`+adaMail+`"`), w.someone(t, `"email":"bob@engine.example"`)
		w.asking(t, ada)
		w.asking(t, bob)
		w.work(t)
		found := func(id string, want bool) {
			t.Helper()
			if st := w.standing(t, id); (len(st.Found) > 0) != want {
				t.Errorf("%s: %+v", id, st)
			}
		}
		clk.Advance(29 * 24 * time.Hour)
		w.api(t, "PATCH", "/enrichment", `{"keep_days":30}`, http.StatusOK)
		w.work(t)
		found(ada, true)
		w.api(t, "PUT", "/contacts/"+bob+"/restriction", `{"restricted":true,"reason":"asked"}`, http.StatusOK)
		clk.Advance(25 * time.Hour)
		w.work(t)
		found(ada, false)
		found(bob, true) // storage alone may happen to his data
		w.api(t, "PUT", "/contacts/"+bob+"/restriction", `{"restricted":false,"reason":"settled"}`, http.StatusOK)
		w.work(t)
		found(bob, false)
		w.api(t, "PATCH", "/enrichment", `{"keep_days":0}`, http.StatusOK)
		w.asking(t, ada)
		w.work(t)
		clk.Advance(3 * 365 * 24 * time.Hour / 10)
		w.work(t)
		found(ada, true) // until a hand does it
		w.api(t, "DELETE", "/contacts/"+ada+"/enrichment", "", http.StatusNoContent)
		found(ada, false)
		if n := w.lookups(t, ada); n != 1 { // whom was told what stays on record
			t.Errorf("%d rows are left", n)
		}
	})
}
