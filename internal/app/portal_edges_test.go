package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/botimum/botimum/internal/mail/mailtest"
)

// Where a workspace wants a person to look first, the portal hands out nothing
// before: neither as a file nor to read, and no other door does.
func TestPortalWaitsForThePersonWhoLooks(t *testing.T) {
	portal(t, func(t *testing.T, w *world, mails *mailtest.Server, contactID string) {
		w.api(t, "PATCH", "/workspace", `{"settings":{"reviewed_kinds":["access"]}}`, http.StatusOK)
		b := &browser{w: w}
		b.signIn(t, mails, "ada@example.org")
		b.get(t, portalAt+"/me/held?contact="+contactID, http.StatusConflict)
		asked := b.press(t, "/me/file", http.StatusSeeOther, "kind", "access")
		if to := asked.header.Get("Location"); !strings.HasPrefix(to, portalAt+"/me/requests") {
			t.Errorf("leads to %s", to)
		}
		b.press(t, "/me/file", http.StatusSeeOther, "kind", "access")
		b.get(t, portalAt+"/me/held?contact="+contactID, http.StatusConflict)
		if own := b.get(t, portalAt+"/me/requests", http.StatusOK); strings.Contains(own.body, `value="access"`) {
			t.Error("a file is offered that nobody looked at")
		}
		if file := b.press(t, "/me/file", http.StatusOK, "kind", "portability"); !strings.HasPrefix(file.body, "PK") {
			t.Error("what nobody has to look at waits, too")
		}

		var list struct{ Data []struct{ ID string } }
		w.api(t, "GET", "/privacy/requests?kind=access", "", http.StatusOK).json(t, &list)
		if len(list.Data) != 1 {
			t.Fatalf("%d requests, want 1", len(list.Data))
		}
		w.api(t, "PATCH", "/privacy/requests/"+list.Data[0].ID, `{"state":"completed"}`, http.StatusOK)
		if own := b.get(t, portalAt+"/me/requests", http.StatusOK); !strings.Contains(own.body, `value="access"`) {
			t.Error("the file is not offered")
		}
		if file := b.press(t, "/me/file", http.StatusOK, "kind", "access"); !strings.HasPrefix(file.body, "PK") {
			t.Error("the file is not given")
		}
		if page := b.get(t, portalAt+"/me/held?section=profile&contact="+contactID, http.StatusOK); !strings.Contains(page.body, "Ada Quill") {
			t.Error("what is held is not shown")
		}

		v := w.visit(t, w.made.Workspace.Key)
		v.write(t, "hello")
		var inChat struct{ ID string }
		v.call(t, "POST", "/privacy-requests", `{"kind":"access"}`, http.StatusCreated).json(t, &inChat)
		if a := v.call(t, "GET", "/privacy-requests/"+inChat.ID+"/export", "", http.StatusConflict); a.code() != "not_ready" {
			t.Errorf("the widget's door says %s", a.body)
		}
		w.api(t, "PATCH", "/privacy/requests/"+inChat.ID, `{"state":"completed"}`, http.StatusOK)
		v.call(t, "GET", "/privacy-requests/"+inChat.ID+"/export", "", http.StatusOK)
	})
}

// What is held reads in the portal's language, with a way back, and one contact to
// a page.
func TestPortalShowsEachContactByItself(t *testing.T) {
	portal(t, func(t *testing.T, w *world, mails *mailtest.Server, contactID string) {
		v := w.visit(t, w.made.Workspace.Key)
		_, claimed := v.write(t, "a claim from the chat")
		v.call(t, "POST", "/identify", `{"email":"ada@example.org","basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusOK)
		b := &browser{w: w}
		b.signIn(t, mails, "ada@example.org")
		me := b.get(t, portalAt+"/me?lang=de", http.StatusOK)
		verified, unproven := strings.Index(me.body, contactID), strings.Index(me.body, claimed)
		if verified < 0 || unproven < verified || strings.Count(me.body, "Nicht bestätigt") != 1 {
			t.Errorf("verified at %d, claimed at %d, or not marked", verified, unproven)
		}
		for id, says := range map[string][2]string{contactID: {"Ada Quill", "profile"}, claimed: {"a claim from the chat", "messages"}} {
			page := b.get(t, portalAt+"/me/held?lang=de&contact="+id+"&section="+says[1], http.StatusOK)
			if !strings.Contains(page.body, says[0]) || strings.Count(page.body, "<html") != 1 || !strings.Contains(page.body, `<html lang="de"`) ||
				!strings.Contains(page.body, `href="`+portalAt+`/me?lang=de"`) {
				t.Errorf("the page of %s: %.600s", says[0], page.body)
			}
		}
		b.get(t, portalAt+"/me/held?contact=con_01jdb2k8q5e6r7s8t9v0w1x2y3", http.StatusNotFound)
		b.press(t, "/me", http.StatusSeeOther, "do", "erasure", "contact", claimed)
		w.api(t, "GET", "/contacts/"+claimed, "", http.StatusNotFound)
		b.get(t, portalAt+"/me/held?contact="+claimed, http.StatusNotFound)
		w.api(t, "GET", "/contacts/"+contactID, "", http.StatusOK)
	})
}

// No other website can open a link in somebody's browser or press a button there.
func TestPortalTakesFormsOfItsOwnPagesAlone(t *testing.T) {
	portal(t, func(t *testing.T, w *world, mails *mailtest.Server, contactID string) {
		b := &browser{w: w}
		link := b.linkFor(t, mails, "ada@example.org")
		foreign := http.Header{"Sec-Fetch-Site": {"cross-site"}, "Content-Type": {"application/x-www-form-urlencoded"}}
		a := w.do(t, call{method: "POST", path: link, header: foreign})
		if a.status != http.StatusForbidden || !strings.Contains(a.body, "<html") || a.header.Get("Content-Security-Policy") == "" {
			t.Errorf("another site opened the link: %d", a.status)
		}
		b.post(t, link, url.Values{}, http.StatusSeeOther)
		for _, form := range []url.Values{{}, {"form": {"AAAA"}}} {
			form.Set("do", "erasure")
			form.Set("contact", contactID)
			b.post(t, portalAt+"/me", form, http.StatusForbidden)
		}
		w.api(t, "GET", "/contacts/"+contactID, "", http.StatusOK)
		b.post(t, portalAt+"/me", url.Values{"note": {strings.Repeat("x", 1<<20)}}, http.StatusForbidden)
	})
}

// Every failure is a page in the reader's language, with a way on.
func TestPortalFailsKindly(t *testing.T) {
	portal(t, func(t *testing.T, w *world, mails *mailtest.Server, contactID string) {
		b := &browser{w: w}
		b.signIn(t, mails, "ada@example.org")
		german := http.Header{"Accept-Language": {"de-AT,de;q=0.9"}, "Cookie": {"botimum_portal=" + b.cookie}}
		for path, want := range map[string]int{"/privacy/nowhere": 404, "/privacy/nowhere/me": 404, portalAt + "/me/erase?contact=x": 404,
			portalAt + "/request/forged": 410, portalAt + "/nothing": 404, portalAt + "/me/nothing": 404} {
			a := w.do(t, call{method: "GET", path: path, header: german})
			if a.status != want || !strings.Contains(a.body, `<html lang="de"`) || !strings.Contains(a.body, `<main`) ||
				a.header.Get("Cache-Control") != "no-store" || !strings.Contains(a.header.Get("X-Robots-Tag"), "noindex") {
				t.Errorf("%s: %d, want a page with %d: %.200s", path, a.status, want, a.body)
			}
		}
		var calm sync.Once
		for range 30 { // more links than a network may ask for
			a := w.do(t, call{method: "POST", path: portalAt, body: "email=ada%40example.org",
				header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept-Language": {"ar"}}})
			if a.status == http.StatusTooManyRequests {
				calm.Do(func() {
					if a.header.Get("Retry-After") == "" || !strings.Contains(a.body, `dir="rtl"`) {
						t.Errorf("the limit gives no page or no time: %v %.200s", a.header, a.body)
					}
				})
				return
			}
		}
		t.Error("no limit")
	})
}

// Two erasures at once end in one, and the second person to press learns it kindly.
func TestPortalErasesOnce(t *testing.T) {
	portal(t, func(t *testing.T, w *world, mails *mailtest.Server, contactID string) {
		b := &browser{w: w}
		b.signIn(t, mails, "ada@example.org")
		page := b.get(t, portalAt+"/me", http.StatusOK)
		form := url.Values{"form": {formField.FindStringSubmatch(page.body)[1]}, "do": {"erasure"}, "contact": {contactID}}
		header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Cookie": {"botimum_portal=" + b.cookie}}
		var wait sync.WaitGroup
		got := make([]int, 2)
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		for i := range got {
			wait.Go(func() {
				r, err := http.NewRequestWithContext(t.Context(), "POST", w.server.URL+portalAt+"/me", strings.NewReader(form.Encode()))
				if err != nil {
					t.Error(err)
					return
				}
				r.Header = header.Clone()
				res, err := client.Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				res.Body.Close()
				got[i] = res.StatusCode
			})
		}
		wait.Wait()
		for _, status := range got {
			if status != http.StatusSeeOther && status != http.StatusNotFound {
				t.Errorf("an erasure ended with %d", status)
			}
		}
		w.api(t, "GET", "/contacts/"+contactID, "", http.StatusNotFound)
		after := b.get(t, portalAt+"/me", http.StatusOK)
		if strings.Count(after.body, `class="request"`) != 1 || !strings.Contains(after.body, "ers_") {
			t.Errorf("want the one request with its receipt: %.2000s", after.body)
		}
		b.press(t, "/me", http.StatusNotFound, "do", "restriction", "contact", contactID)
		b.press(t, "/me/file", http.StatusConflict, "kind", "access")
	})
}

// The purposes that every workspace starts with are told in the reader's language.
func TestPortalTellsPurposesInEveryLanguage(t *testing.T) {
	portal(t, func(t *testing.T, w *world, _ *mailtest.Server, _ string) {
		b := &browser{w: w}
		for _, lang := range []string{"de", "fr", "es", "pl", "ar"} {
			page := b.get(t, portalAt+"?lang="+lang, http.StatusOK)
			for _, english := range []string{"Answering messages", "We use what you write", "News by e-mail", "Replies by e-mail"} {
				if strings.Contains(page.body, english) {
					t.Errorf("%s: %q is English", lang, english)
				}
			}
		}
		w.api(t, "POST", "/privacy/purposes", `{"key":"survey","name":"Survey","lawful_basis":"consent","wording":"Ask me how it was."}`, http.StatusCreated)
		if page := b.get(t, portalAt+"?lang=de", http.StatusOK); !strings.Contains(page.body, `lang="en"`) || !strings.Contains(page.body, "Ask me how it was.") {
			t.Error("what has no translation is not marked as English")
		}
	})
}

// A workspace's own terms are told in the reader's language, with the right plural.
func TestPortalTellsTermsInEveryLanguage(t *testing.T) {
	portal(t, func(t *testing.T, w *world, _ *mailtest.Server, _ string) {
		w.api(t, "PUT", "/privacy/retention", `{"rules":[{"category":"messages","scope":"resolved","days":92}]}`, http.StatusOK)
		b := &browser{w: w}
		for lang, want := range map[string]string{"en": "92 days after the last message of a conversation that is done", "de": "92 Tage", "pl": "92 dni", "ar": "92 يومًا"} {
			page := b.get(t, portalAt+"?lang="+lang, http.StatusOK)
			if !strings.Contains(page.body, want) {
				t.Errorf("%s lacks %q", lang, want)
			}
			if lang != "en" && strings.Contains(page.body, "after the last message") {
				t.Errorf("%s tells a term in English", lang)
			}
		}
	})
}
