package app_test

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/boards"
)

// A board that asks for work says so in its forms, and takes it; one that does not loads
// no script for it.
func TestBoardFormsAskForWork(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		b := v.reader()
		b.open(t, url.Values{"email": {"bea@example.org"}})
		if a := b.get(t, boardAt+"/new", http.StatusOK); strings.Contains(a.body, "data-work") || strings.Contains(a.body, "work.js") {
			t.Error("a board that asks for nothing loads the script that works")
		}
		v.api(t, "PATCH", "/boards/"+v.board+"/moderation", `{"challenge":"everybody"}`, http.StatusOK)
		if a := b.get(t, boardAt+"/new", http.StatusOK); !strings.Contains(a.body, `data-work="`+boardAt+`/challenge"`) || !strings.Contains(a.body, `src="`+boardAt+`/work.js"`) {
			t.Error("the form does not ask for work")
		}
		if a := b.get(t, boardAt+"/work.js", http.StatusOK); !strings.HasPrefix(a.header.Get("Content-Type"), "text/javascript") {
			t.Errorf("the script is %s", a.header.Get("Content-Type"))
		}
		a := b.get(t, boardAt+"/challenge", http.StatusOK)
		var c boards.Challenge
		if err := json.Unmarshal([]byte(a.body), &c); err != nil || a.header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%s %v", a.body, err)
		}
		proof := ""
		for n := 0; proof == ""; n++ {
			try := c.Text + ":" + strconv.Itoa(n)
			if sum := sha256.Sum256([]byte(try)); sum[0] == 0 && sum[1] == 0 && sum[2] < 128 {
				proof = try
			}
		}
		b.press(t, boardAt+"/new", http.StatusSeeOther, "title", "Worked for", "body", "", "proof", proof)
		b.press(t, boardAt+"/new", http.StatusSeeOther, "title", "Not worked for", "body", "", "seen", "yes")
		list := b.get(t, boardAt+"?sort=new", http.StatusOK).body
		if !strings.Contains(list, "Worked for") || strings.Contains(list, "Not worked for") {
			t.Errorf("published without work, or not with it")
		}
		v.api(t, "PATCH", "/boards/"+v.board, `{"visibility":"private"}`, http.StatusOK)
		v.reader().get(t, boardAt+"/challenge", http.StatusNotFound)
	})
}
