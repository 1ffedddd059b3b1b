package app_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/clock"
)

// page gets a public page, as a browser that follows no redirect.
func (w *world) page(t *testing.T, path string, status int) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return w.pageFor(t, req, status)
}

func (w *world) pageFor(t *testing.T, req *http.Request, status int) answer {
	t.Helper()
	browser := *w.server.Client()
	browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(res.Body); err != nil {
		t.Fatal(err)
	}
	a := answer{res.StatusCode, res.Header, body.String()}
	if a.status != status {
		t.Fatalf("GET %s: %d, want %d: %s", req.URL.Path, a.status, status, a.body)
	}
	return a
}

func TestBoardPages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		at := "/b/acme/ideas"
		id := w.board(t, `{"name":"Ideas","intro":"What do **you** wish for?","visibility":"public"}`)
		var person struct{ ID string }
		w.api(t, "POST", "/contacts", `{"name":"Rosa Brandt",`+basisField+`}`, http.StatusCreated).json(t, &person)
		rosa := person.ID
		first := w.wish(t, id, `{"title":"Dark mode, please","body":"My *eyes*. <script>alert(1)</script>","contact_id":"`+rosa+`"}`)
		w.wish(t, id, `{"title":"Export as CSV","status":"planned","category":"Data"}`)
		w.api(t, "PUT", "/posts/"+first.ID+"/votes/"+rosa, "", http.StatusOK)
		w.api(t, "POST", "/posts/"+first.ID+"/comments", `{"body":"Soon **enough**.","official":true}`, http.StatusCreated)
		w.api(t, "POST", "/posts/"+first.ID+"/comments", `{"body":"Rosa again.","internal":true}`, http.StatusCreated)

		a := w.page(t, at, http.StatusOK)
		for _, want := range []string{"<strong>you</strong>", "Dark mode, please", at + "/p/1-dark-mode-please", "Export as CSV", ">Planned</span>", `name="robots" content="noindex"`} {
			if !strings.Contains(a.body, want) {
				t.Errorf("the list lacks %s", want)
			}
		}
		if got := w.page(t, at+"?status=planned", http.StatusOK).body; strings.Contains(got, "Dark mode") || !strings.Contains(got, "Export as CSV") {
			t.Error("the filter by status does not hold")
		}
		a = w.page(t, at+"/p/1-dark-mode-please", http.StatusOK)
		for _, want := range []string{">Dark mode, please</h1>", "<em>eyes</em>", "Rosa B.", "Soon <strong>enough</strong>", "The Acme team"} {
			if !strings.Contains(a.body, want) {
				t.Errorf("the post lacks %s", want)
			}
		}
		for _, never := range []string{"<script", "Brandt", "Rosa again"} {
			if strings.Contains(a.body, never) {
				t.Errorf("the post shows %s", never)
			}
		}
		if to := w.page(t, at+"/p/1", http.StatusMovedPermanently).header.Get("Location"); to != at+"/p/1-dark-mode-please" {
			t.Errorf("a shortened address leads to %s", to)
		}
		if got := w.page(t, at+"/roadmap", http.StatusOK).body; !strings.Contains(got, "Export as CSV") || strings.Contains(got, "Dark mode") {
			t.Error("the roadmap shows other than what is on it")
		}
		for _, missing := range []string{at + "/p/3", at + "/p/x", at + "/p/0", at + "/nothing", "/b/acme/none", "/b/none/ideas", "/b/", at + "/p/99999999999999999999"} {
			w.page(t, missing, http.StatusNotFound)
		}
	})
}

// Who may read a board is asked before each of its pages.
func TestBoardPagesAreForItsReaders(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.board(t, `{"name":"Ideas","visibility":"public"}`)
		w.wish(t, id, `{"title":"Dark mode"}`)
		for _, visibility := range []string{"private", "contacts"} {
			w.api(t, "PATCH", "/boards/"+id, `{"visibility":"`+visibility+`"}`, http.StatusOK)
			for _, path := range []string{"", "/p/1-dark-mode", "/roadmap", "/feed.atom"} {
				status := map[string]int{"private": http.StatusNotFound, "contacts": http.StatusUnauthorized}[visibility]
				if path == "/feed.atom" && visibility == "contacts" {
					continue
				}
				a := w.page(t, "/b/acme/ideas"+path, status)
				if strings.Contains(a.body, "Dark mode") || visibility == "private" && strings.Contains(a.body, "Ideas") {
					t.Errorf("%s %s tells of it: %s", visibility, path, a.body)
				}
			}
		}
	})
}

func TestBoardSettings(t *testing.T) {

	each(t, func(t *testing.T, w *world) {
		id := w.board(t, `{"name":"Ideas"}`)
		other := w.board(t, `{"name":"Others","domain":"Feedback.Example.ORG."}`)
		var b struct{ Domain, URL, Language, CSS, Logo string }
		w.api(t, "GET", "/boards/"+other, "", http.StatusOK).json(t, &b)
		if b.Domain != "feedback.example.org" || b.URL != "http://feedback.example.org" {
			t.Errorf("the board is at %+v", b)
		}
		if a := w.api(t, "PATCH", "/boards/"+id, `{"domain":"feedback.example.org"}`, http.StatusConflict); a.code() != "domain_taken" {
			t.Errorf("a second board of a domain: %s", a.body)
		}
		for name, body := range map[string]string{"a segment without one": `{"visibility":"segment"}`, "a segment for nothing": `{"segment_id":"seg_1"}`,
			"a foreign segment": `{"visibility":"segment","segment_id":"seg_1"}`, "a language": `{"language":"xx"}`, "a weight": `{"weight":"lots"}`,
			"a host with a port": `{"domain":"example.org:80"}`, "an address": `{"domain":"127.0.0.1"}`, "a URL": `{"domain":"https://example.org/x"}`} {
			if a := w.api(t, "PATCH", "/boards/"+id, body, http.StatusUnprocessableEntity); a.code() != "invalid" {
				t.Errorf("%s: %s", name, a.body)
			}
		}
		var file bytes.Buffer
		if err := png.Encode(&file, image.NewNRGBA(image.Rect(0, 0, 600, 300))); err != nil {
			t.Fatal(err)
		}
		w.api(t, "PUT", "/boards/"+id+"/logo", file.String(), http.StatusOK).json(t, &b)
		if b.Logo == "" {
			t.Fatal("the board has no picture")
		}
		w.api(t, "PATCH", "/boards/"+id, `{"visibility":"public"}`, http.StatusOK)
		a := w.page(t, "/b/acme/ideas/logo/"+b.Logo, http.StatusOK)
		size, _, err := image.DecodeConfig(strings.NewReader(a.body))
		if err != nil || size.Width != 256 || size.Height != 128 {
			t.Errorf("the picture is %+v, %v", size, err)
		}
		for name, bad := range map[string]string{"no picture": "hello", "SVG": `<svg xmlns="http://www.w3.org/2000/svg"/>`, "a broken one": file.String()[:40]} {
			if a := w.api(t, "PUT", "/boards/"+id+"/logo", bad, http.StatusUnprocessableEntity); a.code() != "invalid" {
				t.Errorf("%s: %s", name, a.body)
			}
		}
		w.api(t, "DELETE", "/boards/"+id+"/logo", "", http.StatusOK)
		w.page(t, "/b/acme/ideas/logo/"+b.Logo, http.StatusNotFound)
	})
}

// at gets a page under a host.
func (w *world) at(t *testing.T, host, path string, status int) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = host
	return w.pageFor(t, req, status)
}

// A board's own domain shows the same pages at its root, and no other host does.
func TestBoardsUnderTheirOwnDomain(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		const host = "ideas.acme.example"
		w.at(t, host, "/p/1", http.StatusOK) // the dashboard, as under any host; and that none is there is remembered for a moment
		clk.Advance(time.Minute)
		id := w.board(t, `{"name":"Ideas","visibility":"public","indexable":true,"domain":"`+host+`"}`)
		w.wish(t, id, `{"title":"Dark mode"}`)
		a := w.at(t, host+":8443", "/", http.StatusOK)
		for _, want := range []string{`href="/p/1-dark-mode"`, `rel="canonical" href="http://` + host + `"`, `href="http://127.0.0.1:8080/privacy/acme"`, `hreflang="de"`, `property="og:title"`} {
			if !strings.Contains(a.body, want) {
				t.Errorf("the page lacks %s", want)
			}
		}
		if strings.Contains(a.body, "noindex") || strings.Contains(a.body, `"/b/acme`) {
			t.Error("the page is of another place")
		}
		w.at(t, host, "/p/1-dark-mode", http.StatusOK)
		if a := w.at(t, host, "/robots.txt", http.StatusOK); !strings.Contains(a.body, "Sitemap: http://"+host+"/sitemap.xml") {
			t.Errorf("robots are told %s", a.body)
		}
		if a := w.at(t, host, "/sitemap.xml", http.StatusOK); !strings.Contains(a.body, "<loc>http://"+host+"/p/1-dark-mode</loc>") {
			t.Errorf("the sitemap is %s", a.body)
		}
		if a := w.at(t, host, "/feed.atom", http.StatusOK); !strings.Contains(a.body, "<title>Dark mode</title>") {
			t.Errorf("the feed is %s", a.body)
		}
		w.at(t, host, "/api/v1/boards", http.StatusNotFound)
		if a := w.at(t, "other.example", "/p/1-dark-mode", http.StatusOK); strings.Contains(a.body, "Dark mode") {
			t.Error("a foreign host shows the board")
		}
		w.api(t, "PATCH", "/boards/"+id, `{"domain":"","indexable":false}`, http.StatusOK)
		clk.Advance(time.Minute)
		if a := w.at(t, host, "/", http.StatusOK); strings.Contains(a.body, "Dark mode") {
			t.Error("the domain was taken away, and shows the board")
		}
		w.page(t, "/b/acme/ideas/sitemap.xml", http.StatusNotFound)
		if a := w.page(t, "/b/acme/ideas/robots.txt", http.StatusOK); !strings.Contains(a.body, "Disallow: /\n") {
			t.Errorf("robots are told %s", a.body)
		}
	})
}

// What nobody published is on no page, and merged posts lead to what stands for them.
func TestBoardPagesShowWhatWasPublished(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		at := "/b/acme/ideas"
		id := w.board(t, `{"name":"Ideas","visibility":"public"}`)
		one, two, three := w.wish(t, id, `{"title":"One"}`), w.wish(t, id, `{"title":"Two"}`), w.wish(t, id, `{"title":"Three","category":"Secret"}`)
		w.api(t, "PATCH", "/posts/"+three.ID, `{"state":"pending"}`, http.StatusOK)
		w.page(t, at+"/p/3-three", http.StatusNotFound)
		for _, path := range []string{"", "?sort=new", "?q=three", "/feed.atom", "/roadmap", "?category=Secret"} {
			if a := w.page(t, at+path, http.StatusOK); strings.Contains(a.body, "Three") || strings.Contains(a.body, ">Secret<") {
				t.Errorf("%s shows what waits", path)
			}
		}
		w.api(t, "POST", "/posts/"+one.ID+"/merge", `{"post_id":"`+two.ID+`"}`, http.StatusOK)
		if to := w.page(t, at+"/p/1-one", http.StatusMovedPermanently).header.Get("Location"); to != at+"/p/2-two" {
			t.Errorf("a merged post leads to %s", to)
		}
		if a := w.api(t, "POST", "/posts/"+two.ID+"/merge", `{"post_id":"`+one.ID+`"}`, http.StatusConflict); a.code() != "merge_circle" {
			t.Errorf("a circle: %s", a.body)
		}
		w.api(t, "POST", "/posts/"+two.ID+"/merge", `{"post_id":"`+three.ID+`"}`, http.StatusOK)
		w.page(t, at+"/p/1-one", http.StatusNotFound) // what stands for it waits
	})
}

// A hundred thousand characters are refused, and told so.
func TestBoardsRefuseVeryLongTexts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.board(t, `{"name":"Ideas"}`)
		long := strings.Repeat("x", 100_000)
		post := w.wish(t, id, `{"title":"One"}`).ID
		for path, body := range map[string]string{"/boards/" + id + "/posts": `{"title":"x","body":"` + long + `"}`, "/posts/" + post + "/comments": `{"body":"` + long + `"}`} {
			if a := w.api(t, "POST", path, body, http.StatusUnprocessableEntity); a.code() != "invalid" || strings.Contains(a.body, "xxxx") {
				t.Errorf("%s: %s", path, a.body)
			}
		}
		if a := w.api(t, "PATCH", "/boards/"+id, `{"css":"`+long+`"}`, http.StatusUnprocessableEntity); a.code() != "invalid" {
			t.Errorf("a stylesheet: %s", a.body)
		}
		w.page(t, "/b/acme/ideas?q="+strings.Repeat("x", 5000), http.StatusNotFound)
	})
}
