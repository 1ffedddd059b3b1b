package app_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"
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
		for _, want := range []string{"<h1>Dark mode, please</h1>", "<em>eyes</em>", "Rosa B.", "Soon <strong>enough</strong>", "The Acme team"} {
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
