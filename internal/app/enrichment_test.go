package app_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/enrich"
)

// sources is a server that speaks the formats of the providers, as they document them.
type sources struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []string // method, path, query and body
	answer func(rw http.ResponseWriter, r *http.Request) bool
}

const secretOfTest = "key-2f9c-secret"

// formats are answers in the providers' wire formats, by path.
var formats = map[string]string{
	"/v2/people/find": `{"data":{"id":"2a3b","name":{"fullName":"Ada Lovelace","givenName":"Ada","familyName":"Lovelace"},"email":"ada@engine.example","location":null,
		"avatar":null,"employment":{"domain":"engine.example","name":"Engine Works","title":"Analyst","role":"engineering","seniority":"senior"},"fuzzy":false},"meta":{"email":"ada@engine.example"}}`,
	"/v2/combined/find": `{"data":{"person":{"name":{"fullName":"Ada Lovelace","givenName":"Ada","familyName":"Lovelace"},"employment":{"title":"Analyst"}},
		"company":{"name":"Engine Works","domain":"engine.example"}},"meta":{}}`,
	"/v5/person/enrich": `{"status":200,"likelihood":9,"data":{"id":"qEnOZ5","full_name":"Ada Lovelace","first_name":"Ada","last_name":"Lovelace",
		"job_title":"Analyst","job_company_name":"Engine Works","job_company_website":"engine.example"}}`,
	"/api/v1/people/match": `{"person":{"id":"64a7","first_name":"Ada","last_name":"Lovelace","name":"Ada Lovelace","title":"Analyst","photo_url":null,
		"organization":{"id":"5e66","name":"Engine Works","primary_domain":"engine.example"}},"request_id":1}`,
	"/v3/person.enrich": `{"fullName":"Ada Lovelace","ageRange":"37-47","title":"Analyst","organization":"Engine Works","bio":null,"avatar":null,"website":null,
		"details":{"name":{"given":"Ada","family":"Lovelace","full":"Ada Lovelace"},"employment":[{"name":"Engine Works","domain":"engine.example","current":true,"title":"Analyst"}],"emails":[],"urls":[]},
		"updated":"2026-10-01"}`,
	"hashed":     `{"fullName":null,"title":"Analyst","organization":"Engine Works","avatar":null,"details":{"employment":[{"name":"Engine Works","domain":"engine.example","current":true,"title":"Analyst"}]}}`,
	"/profiles/": `{"hash":"h","display_name":"Ada L.","first_name":"Ada","last_name":"Lovelace","profile_url":"https://gravatar.com/ada","company":"Engine Works","job_title":"Analyst"}`,
}

// authorised tells whether a request carries the key where the provider wants it.
func authorised(r *http.Request) bool {
	switch {
	case r.URL.Path == "/v3/person.enrich":
		return r.Header.Get("Authorization") == "Bearer "+secretOfTest && r.Method == http.MethodPost
	case strings.HasPrefix(r.URL.Path, "/v"), strings.HasPrefix(r.URL.Path, "/api"):
		return r.Header.Get("X-Api-Key") == secretOfTest
	}
	return true
}

func speak(t *testing.T) *sources {
	t.Helper()
	s := &sources{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		s.mu.Lock()
		s.asked = append(s.asked, r.Method+" "+r.URL.RequestURI()+" "+body.String())
		custom := s.answer
		s.mu.Unlock()
		if custom != nil && custom(rw, r) {
			return
		}
		if !authorised(r) {
			http.Error(rw, `{"errors":[{"id":"authentication_failed","code":401}]}`, http.StatusUnauthorized)
			return
		}
		if strings.HasPrefix(r.URL.Path, "/avatar/") {
			rw.Header().Set("Content-Type", "image/png")
			_, _ = rw.Write(portrait(300, 200))
			return
		}
		path := r.URL.Path
		if strings.HasPrefix(path, "/profiles/") {
			path = "/profiles/"
		}
		if path == "/v3/person.enrich" && !strings.Contains(body.String(), "@") { // by a hash it gives no names
			path = "hashed"
		}
		text, known := formats[path]
		if !known {
			http.NotFound(rw, r)
			return
		}
		rw.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = rw.Write([]byte(text))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *sources) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.asked
	s.asked = nil
	return all
}

func (s *sources) say(answer func(rw http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

func portrait(w, h int) []byte {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for x := range w {
		img.SetNRGBA(x, h/2, color.NRGBA{R: uint8(x), A: 255}) //nolint:gosec // any colour
	}
	var out bytes.Buffer
	_ = png.Encode(&out, img)
	return out.Bytes()
}

func assessmentFor(t *testing.T, w *world) string {
	t.Helper()
	var made struct{ ID string }
	w.api(t, "POST", "/privacy/assessments", `{"feature":"enrichment"}`, http.StatusCreated).json(t, &made)
	return made.ID
}

// answered is what the template asks for.
const answered = `"necessity":"Operators have to know whom they answer.","risks":"A provider learns an address.","measures":"Off by default; told on the notice."`

func providerFor(t *testing.T, w *world) string {
	t.Helper()
	var made struct{ ID string }
	w.api(t, "POST", "/enrichment/providers", `{"kind":"gravatar"}`, http.StatusCreated).json(t, &made)
	return made.ID
}

// lookUp switches looking people up on, with everything that it needs.
func (w *world) lookUp(t *testing.T) {
	t.Helper()
	w.api(t, "PATCH", "/privacy/assessments/"+assessmentFor(t, w), `{"state":"approved",`+answered+`}`, http.StatusOK)
	w.api(t, "POST", "/privacy/purposes", `{"key":"profiling","name":"Knowing customers","lawful_basis":"legitimate_interests","wording":"We look up who you work for.","locale":"en"}`, http.StatusCreated)
	w.api(t, "PATCH", "/enrichment", `{"enabled":true,"purpose":"profiling"}`, http.StatusOK)
}

// preset adds a ready definition that leads to the test's server, switched on.
func (w *world) preset(t *testing.T, s *sources, key string) (id string) {
	t.Helper()
	for _, p := range enrich.Presets() {
		if p.Key != key {
			continue
		}
		_, rest, _ := strings.Cut(strings.TrimPrefix(p.Definition.URL, "https://"), "/")
		p.Definition.URL = s.URL + "/" + rest
		return w.declare(t, p.Definition, key)
	}
	t.Fatalf("no preset %s", key)
	return ""
}

func (w *world) declare(t *testing.T, d enrich.Definition, name string) (id string) {
	t.Helper()
	body := jsonText(t, map[string]any{"name": name, "definition": d, "secret": secretOfTest, "state": "on"})
	var made struct{ ID string }
	a := w.api(t, "POST", "/enrichment/providers", body, http.StatusCreated)
	if strings.Contains(a.body, secretOfTest) {
		t.Error("the secret was shown")
	}
	a.json(t, &made)
	return made.ID
}

func (w *world) work(t *testing.T) {
	t.Helper()
	if err := w.Enrich.Work(t.Context()); err != nil {
		t.Fatal(err)
	}
}

type looked struct {
	State  string
	May    bool
	WhyNot *string `json:"why_not"`
	Found  []struct {
		Field, Value, Source string
		Confidence           float64
	}
	Lookups []struct {
		Name, State string
		Outcome     *string
	}
	Refused []string
}

func (w *world) standing(t *testing.T, contactID string) (st looked) {
	t.Helper()
	w.api(t, "GET", "/contacts/"+contactID+"/enrichment", "", http.StatusOK).json(t, &st)
	return st
}

func (st looked) outcome() string {
	if len(st.Lookups) == 0 || st.Lookups[0].Outcome == nil {
		return ""
	}
	return *st.Lookups[0].Outcome
}

func (st looked) value(field string) string {
	for _, f := range st.Found {
		if f.Field == field {
			return f.Value
		}
	}
	return ""
}

const adaMail = "ada@engine.example"

func TestEnrichmentNeedsAssessmentAndPurpose(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		ada := w.someone(t, `"email":"`+adaMail+`"`)
		if a := w.api(t, "POST", "/contacts/"+ada+"/enrich", "", http.StatusConflict); a.code() != "enrichment_off" {
			t.Error(a.body)
		}
		if a := w.api(t, "PATCH", "/enrichment", `{"enabled":true,"purpose":"support"}`, http.StatusConflict); a.code() != "assessment_missing" {
			t.Error(a.body)
		}
		id := assessmentFor(t, w)
		var draft struct{ Description, State string }
		w.api(t, "GET", "/privacy/assessments/"+id, "", http.StatusOK).json(t, &draft)
		if draft.State != "draft" || !strings.Contains(draft.Description, "which public source was asked about you") {
			t.Errorf("the draft is not filled in from the catalogue: %+v", draft)
		}
		if a := w.api(t, "PATCH", "/privacy/assessments/"+id, `{"state":"approved"}`, http.StatusUnprocessableEntity); !strings.Contains(a.body, `"field":"necessity"`) {
			t.Errorf("a template whose questions nobody answered: %s", a.body)
		}
		w.api(t, "PATCH", "/privacy/assessments/"+id, `{"state":"approved","residual_risk":"high",`+answered+`}`, http.StatusUnprocessableEntity)
		w.api(t, "PATCH", "/privacy/assessments/"+id, `{"state":"approved","dpo_consulted":true,"dpo_opinion":"Fine.",`+answered+`}`, http.StatusOK)
		w.api(t, "PATCH", "/enrichment", `{"enabled":true}`, http.StatusUnprocessableEntity)
		w.api(t, "PATCH", "/enrichment", `{"enabled":true,"purpose":"support"}`, http.StatusOK)
		if a := w.api(t, "POST", "/contacts/"+ada+"/enrich", "", http.StatusConflict); a.code() != "no_provider" {
			t.Error(a.body)
		}
		clk.Advance(366 * 24 * time.Hour)
		if a := w.api(t, "POST", "/contacts/"+ada+"/enrich", "", http.StatusConflict); a.code() != "assessment_missing" {
			t.Error("an approval of last year still holds: " + a.body)
		}
		var key struct{ Secret string }
		w.api(t, "POST", "/api-keys", `{"name":"reader","scopes":["privacy:read"]}`, http.StatusCreated).json(t, &key)
		if a := w.do(t, call{method: "PATCH", path: "/api/v1/privacy/assessments/" + id, body: `{"state":"approved"}`, header: bearer(key.Secret)}); a.status != http.StatusForbidden {
			t.Errorf("a key without privacy:write approved: %d", a.status)
		}
	})
}

// Each ready definition asks in its provider's format, and reads the answer.
func TestEnrichmentSpeaksEachFormat(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.lookUp(t)
		s := speak(t)
		for _, p := range enrich.Presets() {
			ada := w.someone(t, `"email":"`+adaMail+`"`)
			id := w.preset(t, s, p.Key)
			w.api(t, "POST", "/contacts/"+ada+"/enrich", "", http.StatusAccepted)
			w.work(t)
			st := w.standing(t, ada)
			named := st.value("first_name") == "Ada" && st.value("last_name") == "Lovelace"
			if named == (p.Key == "fullcontact") || st.value("attributes.company") != "Engine Works" ||
				st.value("attributes.company_domain") != "engine.example" || st.value("attributes.job_title") != "Analyst" {
				t.Errorf("%s: %+v", p.Key, st)
			}
			asked, hashed := strings.Join(s.take(), "\n"), p.Key == "fullcontact" || p.Key == "apollo-hashed"
			if strings.Contains(asked, secretOfTest) || hashed == strings.Contains(asked, "engine") {
				t.Errorf("%s: too much left: %s", p.Key, asked)
			}
			w.api(t, "DELETE", "/enrichment/providers/"+id, "", http.StatusNoContent)
			w.work(t)
			if st := w.standing(t, ada); len(st.Found) != 0 || len(st.Lookups) != 0 {
				t.Errorf("%s: what a removed provider found is still there: %+v", p.Key, st)
			}
		}
		if logs := w.logs.String(); strings.Contains(logs, adaMail) || strings.Contains(logs, secretOfTest) || strings.Contains(logs, "Lovelace") {
			t.Error("the log holds what was asked or answered")
		}
	})
}

// Gravatar is told a hash alone; the picture is drawn anew, sealed and served here.
func TestEnrichmentByHash(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.lookUp(t)
		s := speak(t)
		w.Enrich.Bases = enrich.Bases{GravatarAPI: s.URL, Gravatar: s.URL, Libravatar: s.URL, Website: func(string) []string { return []string{s.URL + "/site"} }}
		for _, kind := range []string{"gravatar", "website"} {
			w.api(t, "POST", "/enrichment/providers", `{"kind":"`+kind+`","state":"on"}`, http.StatusCreated)
		}
		w.api(t, "POST", "/enrichment/providers", `{"kind":"gravatar"}`, http.StatusConflict)
		s.say(func(rw http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/site" {
				return false
			}
			rw.Header().Set("Content-Type", "text/html")
			fmt.Fprint(rw, `<html><head><title>Engine Works | Home</title><meta property="og:site_name" content="Engine Works Ltd"></head><body><svg onload=x>`)
			return true
		})
		ada := w.someone(t, `"email":" Ada@Engine.example","last_name":"Byron"`)
		w.api(t, "POST", "/contacts/"+ada+"/enrich", "", http.StatusAccepted)
		w.work(t)
		sum := sha256.Sum256([]byte(adaMail))
		asked := s.take()
		if !slices.ContainsFunc(asked, func(a string) bool { return strings.HasPrefix(a, "GET /profiles/"+hex.EncodeToString(sum[:])+" ") }) ||
			strings.Contains(strings.ToLower(strings.Join(asked, " ")), "ada@") {
			t.Errorf("asked %v", asked)
		}
		var c struct {
			FirstName  string `json:"first_name"`
			LastName   string `json:"last_name"`
			AvatarURL  string `json:"avatar_url"`
			Provenance map[string]struct{ Source, URL string }
		}
		w.api(t, "GET", "/contacts/"+ada, "", http.StatusOK).json(t, &c)
		if c.FirstName != "Ada" || c.LastName != "Byron" || c.Provenance["first_name"].Source != "Gravatar" || c.Provenance["first_name"].URL != "https://gravatar.com/ada" {
			t.Errorf("%+v", c)
		}
		path, is := strings.CutPrefix(c.AvatarURL, w.cfg.PublicURL+"/api/v1")
		if !is {
			t.Fatalf("the picture is elsewhere: %s", c.AvatarURL)
		}
		pic := w.api(t, "GET", path, "", http.StatusOK)
		size, format, err := image.DecodeConfig(strings.NewReader(pic.body))
		if err != nil || format != "png" || size.Width != 128 || size.Height != 128 || !strings.HasPrefix(pic.header.Get("Cache-Control"), "private") {
			t.Errorf("%v %s %+v %v", err, format, size, pic.header)
		}
		if a := w.do(t, call{method: "GET", path: "/api/v1" + path}); a.status != http.StatusUnauthorized {
			t.Errorf("a stranger got the picture: %d", a.status)
		}
		var exported bytes.Buffer
		a := w.api(t, "GET", "/contacts/"+ada+"/enrichment", "", http.StatusOK)
		exported.WriteString(a.body)
		w.api(t, "DELETE", "/contacts/"+ada+"/enrichment/first_name", "", http.StatusNoContent)
		w.api(t, "POST", "/contacts/"+ada+"/enrich", "", http.StatusAccepted)
		w.work(t)
		if st := w.standing(t, ada); st.value("first_name") != "" || st.value("attributes.company") == "" || !slices.Contains(st.Refused, "first_name") {
			t.Errorf("a field that was taken out came back: %+v", st)
		}
		w.api(t, "DELETE", "/contacts/"+ada+"/enrichment", "", http.StatusNoContent)
		w.api(t, "GET", path, "", http.StatusNotFound)
		if st := w.standing(t, ada); len(st.Found) != 0 || st.State != "idle" {
			t.Errorf("%+v", st)
		}
		var history struct {
			Data []struct{ Former map[string]any }
		}
		w.api(t, "GET", "/contacts/"+ada+"/changes", "", http.StatusOK).json(t, &history)
		for _, h := range history.Data {
			if h.Former["first_name"] == "Ada" {
				t.Error("the history keeps what was to be forgotten")
			}
		}
	})
}

func TestEnrichmentLeavesThoseAloneWhoMayNot(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.lookUp(t)
		s := speak(t)
		w.preset(t, s, "hunter")
		objecting, held, gone := w.someone(t, `"email":"a@engine.example"`), w.someone(t, `"email":"b@engine.example"`), w.someone(t, `"email":"c@engine.example"`)
		for _, id := range []string{objecting, held, gone} { // asked while they still may
			w.api(t, "POST", "/contacts/"+id+"/enrich", "", http.StatusAccepted)
		}
		w.api(t, "POST", "/contacts/"+objecting+"/objections", `{"purpose":"profiling"}`, http.StatusCreated)
		w.api(t, "PUT", "/contacts/"+held+"/restriction", `{"restricted":true,"reason":"asked"}`, http.StatusOK)
		w.api(t, "DELETE", "/contacts/"+gone, "", http.StatusNoContent)
		w.work(t)
		for id, want := range map[string]string{objecting: "objected", held: "processing_restricted", gone: "contact_in_bin"} {
			if st := w.standing(t, id); st.outcome() != want || st.May || *st.WhyNot != want {
				t.Errorf("want %s: %+v", want, st)
			}
			if a := w.api(t, "POST", "/contacts/"+id+"/enrich", "", http.StatusConflict); a.code() != want {
				t.Error(a.body)
			}
		}
		_, claimed := w.visit(t, w.made.Workspace.Key).write(t, "hello")
		nobody := w.someone(t, `"name":"No address"`)
		for _, id := range []string{claimed, nobody} {
			if a := w.api(t, "POST", "/contacts/"+id+"/enrich", "", http.StatusConflict); a.code() != "no_verified_address" {
				t.Error(a.body)
			}
		}
		w.api(t, "PATCH", "/workspace", `{"settings":{"age_gate":true}}`, http.StatusOK)
		old := w.someone(t, `"email":"d@engine.example"`)
		if a := w.api(t, "POST", "/contacts/"+old+"/enrich", "", http.StatusConflict); a.code() != "age_unknown" {
			t.Error(a.body)
		}
		if asked := s.take(); len(asked) != 0 {
			t.Errorf("asked all the same: %v", asked)
		}
	})
}

func TestEnrichmentIsForgotten(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		w.lookUp(t)
		s := speak(t)
		w.preset(t, s, "peopledatalabs")
		w.api(t, "PATCH", "/enrichment", `{"automatic":true}`, http.StatusOK)
		ada, bob := w.someone(t, `"email":"`+adaMail+`"`), w.someone(t, `"email":"bob@engine.example"`)
		w.work(t)
		if st := w.standing(t, ada); st.value("first_name") != "Ada" || st.Found[0].Confidence != 0.9 {
			t.Fatalf("a new verified address was not looked up: %+v", st)
		}
		clk.Advance(time.Minute)
		w.api(t, "POST", "/contacts/"+ada+"/objections", `{"purpose":"profiling"}`, http.StatusCreated)
		w.work(t)
		if st := w.standing(t, ada); len(st.Found) != 0 {
			t.Errorf("an objection did not take it out: %+v", st)
		}
		w.api(t, "PATCH", "/enrichment", `{"keep_days":30,"refresh_days":10}`, http.StatusOK)
		clk.Advance(11 * 24 * time.Hour)
		s.take()
		w.work(t)
		if asked := s.take(); len(asked) != 1 {
			t.Errorf("not refreshed once: %v", asked)
		}
		w.api(t, "PATCH", "/enrichment", `{"refresh_days":0}`, http.StatusOK)
		clk.Advance(31 * 24 * time.Hour)
		w.work(t)
		if st := w.standing(t, bob); len(st.Found) != 0 {
			t.Errorf("kept beyond the rule: %+v", st)
		}
		cleo := w.someone(t, `"email":"cleo@engine.example"`)
		w.work(t)
		w.api(t, "DELETE", "/enrichment", "", http.StatusAccepted)
		w.work(t)
		if st := w.standing(t, cleo); len(st.Found) != 0 {
			t.Errorf("all was to be forgotten: %+v", st)
		}
	})
}

func TestEnrichmentBearsErrors(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		w.lookUp(t)
		s := speak(t)
		id := w.preset(t, s, "hunter")
		ask := func() string { return w.someone(t, `"email":"`+adaMail+`"`) }
		status := func(code int, header string) func(http.ResponseWriter, *http.Request) bool {
			return func(rw http.ResponseWriter, _ *http.Request) bool {
				rw.Header().Set("Retry-After", header)
				rw.Header().Set("Content-Type", "application/json")
				rw.WriteHeader(code)
				fmt.Fprint(rw, `{"errors":[{"code":0}]}`)
				return true
			}
		}
		for _, c := range []struct {
			code   int
			retry  string
			want   string
			state  string
			blocks bool
		}{{404, "", "unknown", "done", false}, {401, "", "provider_key_refused", "waiting", true}, {402, "", "provider_payment_required", "waiting", true},
			{422, "", "provider_refused", "done", false}, {429, "120", "provider_busy", "waiting", true}, {202, "", "provider_pending", "waiting", false},
			{503, "", "provider_down", "waiting", false}, {451, "", "provider_may_not_say", "done", false}} {
			ada := ask()
			s.say(status(c.code, c.retry))
			w.api(t, "POST", "/contacts/"+ada+"/enrich", "", http.StatusAccepted)
			w.work(t)
			st := w.standing(t, ada)
			if st.outcome() != c.want || st.State != c.state {
				t.Errorf("%d: %+v", c.code, st)
			}
			var p struct {
				BlockedUntil *time.Time `json:"blocked_until"`
			}
			w.api(t, "GET", "/enrichment/providers/"+id, "", http.StatusOK).json(t, &p)
			if (p.BlockedUntil != nil) != c.blocks || c.retry != "" && !p.BlockedUntil.Equal(clk.Now().Add(2*time.Minute)) {
				t.Errorf("%d: blocked until %v", c.code, p.BlockedUntil)
			}
			if s.take(); c.blocks {
				w.api(t, "POST", "/contacts/"+ask()+"/enrich", "", http.StatusAccepted)
				w.work(t)
				if asked := s.take(); len(asked) != 0 {
					t.Errorf("%d: it was not left alone: %v", c.code, asked)
				}
			}
			s.say(nil)
			clk.Advance(2 * time.Hour)
			w.work(t)
			if st := w.standing(t, ada); c.state == "waiting" && st.value("first_name") != "Ada" {
				t.Errorf("%d: not asked again: %+v", c.code, st)
			}
			w.api(t, "DELETE", "/contacts/"+ada, "", http.StatusNoContent)
			clk.Advance(time.Minute)
			s.take()
		}
		s.say(status(503, ""))
		ada := ask()
		w.api(t, "POST", "/contacts/"+ada+"/enrich", "", http.StatusAccepted)
		for range 12 {
			w.work(t)
			clk.Advance(7 * time.Hour)
		}
		if n := len(s.take()); n != 6 || w.standing(t, ada).State != "done" {
			t.Errorf("asked %d times, then %+v", n, w.standing(t, ada))
		}
	})
}

func TestEnrichmentKeepsWithinBudget(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		w.lookUp(t)
		s := speak(t)
		id := w.preset(t, s, "hunter")
		w.api(t, "PATCH", "/enrichment/providers/"+id, `{"per_minute":2,"per_day":3}`, http.StatusOK)
		for i := range 5 {
			w.api(t, "POST", "/contacts/"+w.someone(t, fmt.Sprintf(`"email":"p%d@engine.example"`, i))+"/enrich", "", http.StatusAccepted)
		}
		for _, want := range []int{2, 1, 0} {
			w.work(t)
			if asked := s.take(); len(asked) != want {
				t.Errorf("asked %d, want %d", len(asked), want)
			}
			clk.Advance(time.Minute)
		}
		clk.Advance(24 * time.Hour)
		w.work(t)
		if asked := s.take(); len(asked) != 2 {
			t.Errorf("the next day: %d", len(asked))
		}
	})
}

func TestEnrichmentTakesNothingBad(t *testing.T) {
	w := start(t, configs(t)["sqlite"](t))
	w.lookUp(t)
	s := speak(t)
	provider := w.preset(t, s, "hunter")
	put := func(mediaType, body string) func(http.ResponseWriter, *http.Request) bool {
		return func(rw http.ResponseWriter, _ *http.Request) bool {
			rw.Header().Set("Content-Type", mediaType)
			fmt.Fprint(rw, body)
			return true
		}
	}
	bomb := func(rw http.ResponseWriter, r *http.Request) bool {
		rw.Header().Set("Content-Type", "application/json")
		rw.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(rw)
		zeros := bytes.Repeat([]byte(" "), 1<<20)
		for range 1024 {
			if _, err := z.Write(zeros); err != nil || r.Context().Err() != nil {
				return true
			}
		}
		_ = z.Close()
		return true
	}
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request) bool
		want   string
	}{
		"1 GB":          {bomb, "egress_too_large"},
		"HTML for JSON": {put("text/html", "<html>"), "answer_wrong_type"},
		"HTML as JSON":  {put("application/json", "<html>"), "answer_not_json"},
		"deep":          {put("application/json", strings.Repeat("[", 5000)+strings.Repeat("]", 5000)), "answer_broken"},
		"not UTF-8":     {put("application/json", "{\"data\":{\"name\":{\"givenName\":\"\xff\xfe\"}}}"), "answer_broken"},
		"wrong types":   {put("application/json", `{"data":{"name":["Ada"],"employment":{"name":{"a":1},"title":7}}}`), "unknown"},
		"nothing":       {put("application/json", `null`), "unknown"},
		"too long":      {put("application/json", `{"data":{"name":{"givenName":"`+strings.Repeat("a", 101)+`"}}}`), "unknown"},
		"private redirect": {func(rw http.ResponseWriter, r *http.Request) bool {
			http.Redirect(rw, r, "http://169.254.169.254/latest", http.StatusFound)
			return true
		}, "egress_redirect"},
		"any script": {put("application/json", `{"data":{"name":{"givenName":"ада\u202e","familyName":"مريم\u0000 李"}}}`), "found"},
	} {
		s.say(c.answer)
		ada := w.someone(t, `"email":"`+adaMail+`"`)
		w.api(t, "POST", "/contacts/"+ada+"/enrich", "", http.StatusAccepted)
		w.work(t)
		st := w.standing(t, ada)
		if st.outcome() != c.want {
			t.Errorf("%s: %s, want %s", name, st.outcome(), c.want)
		}
		if c.want == "found" && (st.value("first_name") != "ада" || st.value("last_name") != "مريم 李") {
			t.Errorf("%s: %+v", name, st.Found)
		}
		if c.want != "found" && len(st.Found) != 0 {
			t.Errorf("%s: %+v", name, st.Found)
		}
	}
	w.api(t, "DELETE", "/enrichment/providers/"+provider, "", http.StatusNoContent)
	for _, bad := range []string{`{"url":"http://api.example.org/?e={email}","mapping":{"name":"n"}}`, `{"url":"https://10.0.0.1/?e={email}","mapping":{"name":"n"}}`,
		`{"url":"https://{domain}/","mapping":{"name":"n"}}`, `{"url":"https://api.example.org/{email}?key={secret}","mapping":{"name":"n"}}`, `{"url":"https://api.example.org/","mapping":{"name":"n"}}`,
		`{"url":"https://api.example.org/{email}","mapping":{"salary":"n"}}`, `{"url":"https://api.example.org/{email}","mapping":{"name":"n..x"}}`,
		`{"url":"https://api.example.org/{email}","mapping":{"name":"n"},"headers":[{"name":"Host","value":"x"}]}`,
		`{"url":"https://api.example.org/{email}","mapping":{"name":"n"},"headers":[{"name":"X-A","value":"a\r\nb"}]}`} {
		w.api(t, "POST", "/enrichment/providers", `{"name":"x","definition":`+bad+`}`, http.StatusUnprocessableEntity)
	}
	w.Enrich.Bases = enrich.Bases{Libravatar: s.URL}
	w.api(t, "POST", "/enrichment/providers", `{"kind":"libravatar","state":"on"}`, http.StatusCreated)
	for name, c := range map[string]struct{ mediaType, body, want string }{
		"an SVG":           {"image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "picture_unreadable"},
		"a bomb":           {"image/png", string(pngHeader(20000, 20000)), "picture_too_large"},
		"HTML as a PNG":    {"image/png", "<html>", "picture_unreadable"},
		"a large file":     {"image/png", strings.Repeat("x", 600<<10), "egress_too_large"},
		"a page":           {"text/html", "<html>", "answer_wrong_type"},
		"a small portrait": {"image/png", string(portrait(3, 5)), "found"},
	} {
		s.say(put(c.mediaType, c.body))
		ada := w.someone(t, `"email":"`+adaMail+`"`)
		w.api(t, "POST", "/contacts/"+ada+"/enrich", "", http.StatusAccepted)
		w.work(t)
		if st := w.standing(t, ada); st.outcome() != c.want {
			t.Errorf("%s: %s, want %s", name, st.outcome(), c.want)
		}
	}
}

// pngHeader begins a picture that claims a size.
func pngHeader(w, h uint32) []byte {
	whole := portrait(1, 1)
	be := func(n uint32) []byte { return []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)} } //nolint:gosec // bytes
	ihdr := append([]byte("IHDR"), be(w)...)
	ihdr = append(append(ihdr, be(h)...), 8, 6, 0, 0, 0)
	out := append(slices.Clone(whole[:8]), be(13)...)
	out = append(out, ihdr...)
	return append(out, be(crc(ihdr))...)
}

func crc(b []byte) uint32 { return crc32.ChecksumIEEE(b) }

func jsonText(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
