package app_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"
)

type previewed struct {
	HTML       string `json:"html"`
	CSS        string `json:"css"`
	CSSLeftOut []struct {
		Line int
		Text string
		Why  string
	} `json:"css_left_out"`
}

// An operator looks at a private board's pages with changes that nobody has made yet.
func TestBoardPreview(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.board(t, `{"name":"Ideas","visibility":"private"}`)
		w.wish(t, id, `{"title":"Export as CSV","status":"planned"}`)
		w.api(t, "PATCH", "/boards/"+id+"/moderation", `{"challenge":"everybody"}`, http.StatusOK)
		var file bytes.Buffer
		if err := png.Encode(&file, image.NewNRGBA(image.Rect(0, 0, 60, 30))); err != nil {
			t.Fatal(err)
		}
		w.api(t, "PUT", "/boards/"+id+"/logo", file.String(), http.StatusOK)
		events := w.lastEvent(t)

		var p previewed
		w.api(t, "POST", "/boards/"+id+"/preview", `{"board":{"name":"Wishes","intro":"**Say** it","color":"#B00020","css":"h1 { color: red }\n@import 'x';"}}`, http.StatusOK).json(t, &p)
		for _, want := range []string{">Wishes</h1>", "<strong>Say</strong>", "Export as CSV", "<body inert>", `src="data:image/png;base64,`} {
			if !strings.Contains(p.HTML, want) {
				t.Errorf("the preview lacks %s", want)
			}
		}
		for _, never := range []string{"<script", "stylesheet"} {
			if strings.Contains(p.HTML, never) {
				t.Errorf("the preview has %s", never)
			}
		}
		if !strings.Contains(p.CSS, "#board h1{color:red}") || !strings.Contains(p.CSS, "#b00020") {
			t.Error("the stylesheet is not the draft's")
		}
		if len(p.CSSLeftOut) != 1 || p.CSSLeftOut[0].Line != 2 || p.CSSLeftOut[0].Why != "at_rule" {
			t.Errorf("left out: %+v", p.CSSLeftOut)
		}
		for page, want := range map[string]string{"post": ">Export as CSV</h1>", "roadmap": "Planned", "changelog": "<h1>", "sign_in": "<form"} {
			w.api(t, "POST", "/boards/"+id+"/preview", `{"page":"`+page+`"}`, http.StatusOK).json(t, &p)
			if !strings.Contains(p.HTML, want) || strings.Contains(p.HTML, "<script") {
				t.Errorf("the page %s lacks %s, or has a script", page, want)
			}
		}
		for body, field := range map[string]string{`{"board":{"name":""}}`: "name", `{"board":{"color":"red"}}`: "color",
			`{"board":{"css":"` + strings.Repeat("a", 20001) + `"}}`: "css", `{"board":{"domain":"not a host"}}`: "domain", `{"board":{"statuses":[]}}`: "statuses"} {
			if a := w.api(t, "POST", "/boards/"+id+"/preview", body, http.StatusUnprocessableEntity); !strings.Contains(a.body, field+`"`) {
				t.Errorf("%.40s: %s", body, a.body)
			}
		}
		if got := w.api(t, "GET", "/boards/"+id, "", http.StatusOK).body; !strings.Contains(got, `"name":"Ideas"`) {
			t.Errorf("the board was changed: %s", got)
		}
		if after := w.lastEvent(t); after != events {
			t.Errorf("previews made events: %d, were %d", after, events)
		}
		w.page(t, "/b/acme/ideas", http.StatusNotFound)
	})
}

// A server finds out whether a domain leads to it, and tells nobody which board is there.
func TestBoardDomainIsFoundHere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.board(t, `{"name":"Ideas","visibility":"private","domain":"ideas.example.org"}`)
		sum := sha256.Sum256([]byte("domain of " + id))
		token := hex.EncodeToString(sum[:16])
		w.at(t, "ideas.example.org", "/.well-known/botimum/"+token, http.StatusNoContent)
		w.at(t, "ideas.example.org", "/.well-known/botimum/"+strings.Repeat("0", 32), http.StatusNotFound)
		w.page(t, "/b/acme/ideas/.well-known/botimum/"+token, http.StatusNotFound)
	})
}
