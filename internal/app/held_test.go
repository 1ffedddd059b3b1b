package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/mail/mailtest"
	"github.com/botimum/botimum/internal/pages"
)

var (
	nextPage = regexp.MustCompile(`rel="next" href="([^"]+)"`)
	inHeld   = regexp.MustCompile(`href="([^"]+section=[^"]+)"`)
)

// Everything is on the pages of what is held, each once and in order, and none of
// the pages is heavy: neither many messages nor a long one make one so.
func TestWhatIsHeldReadsInLightPages(t *testing.T) {
	portal(t, func(t *testing.T, w *world, mails *mailtest.Server, contactID string) {
		const messages = 90
		var made struct{ ID string }
		for i := range messages {
			body := fmt.Sprintf("line %03d ", i) + strings.Repeat("word ", 60)
			if i == 40 {
				body += strings.Repeat(`"<&>'`, 900)
			}
			if i == 0 {
				w.api(t, "POST", "/conversations", asJSON(t, map[string]string{"contact_id": contactID, "body": body}), http.StatusCreated).json(t, &made)
				continue
			}
			w.api(t, "POST", "/conversations/"+made.ID+"/messages", asJSON(t, map[string]string{"body": body}), http.StatusCreated)
		}
		b := &browser{w: w}
		b.signIn(t, mails, "ada@example.org")
		styles := 0
		for _, one := range []string{"tokens.css", "pages.css", "portal.css"} {
			styles += len(b.get(t, "/static/"+one, http.StatusOK).body)
		}
		weigh := func(path string) answer {
			page := b.get(t, strings.ReplaceAll(path, "&amp;", "&"), http.StatusOK)
			if size := len(page.body) + styles; size > 30<<10 {
				t.Errorf("%s weighs %d bytes with its styles", path, size)
			}
			return page
		}
		for _, lang := range pages.Languages() {
			weigh(portalAt + "/me/held?lang=" + lang + "&contact=" + contactID)
		}
		list := weigh(portalAt + "/me/held?contact=" + contactID)
		if !strings.Contains(list.body, fmt.Sprint(messages)+" entries") {
			t.Errorf("the list does not count the messages: %s", list.body)
		}
		var all strings.Builder
		pagesOf := 0
		for _, section := range inHeld.FindAllStringSubmatch(list.body, -1) {
			for path := section[1]; path != ""; {
				page := weigh(path)
				all.WriteString(page.body)
				pagesOf++
				path = ""
				if next := nextPage.FindStringSubmatch(page.body); next != nil {
					path = next[1]
				}
			}
		}
		at := 0
		for i := range messages {
			text := fmt.Sprintf("line %03d ", i)
			found := strings.Index(all.String()[at:], text)
			if found < 0 || strings.Count(all.String(), text) != 1 {
				t.Fatalf("%q is missing, out of order or there twice", text)
			}
			at += found
		}
		if pagesOf < 5 || !strings.Contains(all.String(), "the copy has the rest") {
			t.Errorf("%d pages, or the long message was not cut", pagesOf)
		}
		b.get(t, portalAt+"/me/held?contact="+contactID+"&section=nothing", http.StatusNotFound)
		b.get(t, portalAt+"/me/held?contact="+contactID+"&section=messages&from=-1", http.StatusNotFound)
		if past := b.get(t, portalAt+"/me/held?contact="+contactID+"&section=messages&from=99999", http.StatusOK); strings.Contains(past.body, "line 0") {
			t.Error("past the end there is something")
		}
	})
}

// A link in a mail opens the page in the mail's language, and a download pressed
// again files nothing and mails nothing; after ten minutes it is another request.
func TestPortalFollowsTheMailAndCountsADownloadOnce(t *testing.T) {
	clk := clock.NewFake(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))
	portalBy(t, clk, func(t *testing.T, w *world, mails *mailtest.Server, _ string) {
		b := &browser{w: w}
		before := len(mails.Mails())
		b.post(t, portalAt, nil, http.StatusUnprocessableEntity)
		link := b.linkFor(t, mails, "ada@example.org")
		raw, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(mails.Mails()[before].Raw)))
		if err != nil || !bytes.Contains(raw, []byte(link+"?lang=en")) {
			t.Errorf("the mail's link has no language, or %v", err)
		}
		if page := b.get(t, link+"?lang=de-AT", http.StatusOK); !strings.Contains(page.body, `<html lang="de"`) {
			t.Error("the link's language is not the page's")
		}
		b.post(t, link, nil, http.StatusSeeOther)
		count := func() int {
			var list struct{ Data []struct{ ID string } }
			w.api(t, "GET", "/privacy/requests?kind=access", "", http.StatusOK).json(t, &list)
			return len(list.Data)
		}
		for range 3 {
			b.press(t, "/me/file", http.StatusOK, "kind", "access")
		}
		if got := count(); got != 1 {
			t.Errorf("%d requests after three downloads, want 1", got)
		}
		clk.Advance(11 * time.Minute)
		b.press(t, "/me/file", http.StatusOK, "kind", "access")
		if got := count(); got != 2 {
			t.Errorf("%d requests after a while, want 2", got)
		}
	})
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
