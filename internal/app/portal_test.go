package app_test

import (
	"context"
	"io"
	"mime/quotedprintable"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/config"
	"github.com/botimum/botimum/internal/mail/mailtest"
	"github.com/botimum/botimum/internal/pages"
)

// portal runs a test against a server on each engine that sends mail, with a contact.
func portal(t *testing.T, fn func(t *testing.T, w *world, mails *mailtest.Server, contactID string)) {
	t.Helper()
	portalBy(t, nil, fn)
}

// portalBy is portal by a clock; nil is the machine's.
func portalBy(t *testing.T, clk clock.Clock, fn func(t *testing.T, w *world, mails *mailtest.Server, contactID string)) {
	t.Helper()
	for engine, cfg := range configs(t) {
		t.Run(engine, func(t *testing.T) {
			mails := mailtest.New(t)
			c, to := cfg(t), mails.Settings()
			c.SMTP = &config.SMTP{Host: to.Host, Port: to.Port, Username: to.Username, Password: to.Password, TLS: to.TLS}
			c.MailFrom.Address = "hello@acme.example"
			w := startWith(t, &world{cfg: c, clock: clk})
			var made struct{ ID string }
			w.api(t, "POST", "/contacts", `{"email":"ada@example.org","name":"Ada Quill","basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusCreated).json(t, &made)
			fn(t, w, mails, made.ID)
		})
	}
}

// browser is somebody who uses the portal without JavaScript.
type browser struct {
	w      *world
	cookie string
}

const portalAt = "/privacy/acme"

func (b *browser) get(t *testing.T, path string, want int) answer {
	t.Helper()
	return b.do(t, "GET", path, nil, want)
}

func (b *browser) post(t *testing.T, path string, form url.Values, want int) answer {
	t.Helper()
	return b.do(t, "POST", path, form, want)
}

func (b *browser) do(t *testing.T, method, path string, form url.Values, want int) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, b.w.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if b.cookie != "" {
		r.AddCookie(&http.Cookie{Name: "botimum_portal", Value: b.cookie})
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	followNone := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := followNone.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: got.StatusCode, body: string(raw), header: got.Header}
	if a.status != want {
		t.Fatalf("%s %s: %d, want %d: %.2000s", method, path, a.status, want, a.body)
	}
	for _, set := range a.header.Values("Set-Cookie") {
		if c, err := http.ParseSetCookie(set); err == nil && c.Name == "botimum_portal" {
			if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != portalAt {
				t.Errorf("the cookie is not kept to the portal: %s", set)
			}
			b.cookie = c.Value
		}
	}
	return a
}

var formField = regexp.MustCompile(`name="form" value="([^"]+)"`)

// press sends a form of the page for which the person is signed in.
func (b *browser) press(t *testing.T, path string, want int, fields ...string) answer {
	t.Helper()
	page := b.get(t, portalAt+"/me/requests", http.StatusOK)
	token := formField.FindStringSubmatch(page.body)
	if token == nil {
		t.Fatalf("no form in %.2000s", page.body)
	}
	form := url.Values{"form": {token[1]}}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.post(t, portalAt+path, form, want)
}

var portalLink = regexp.MustCompile(`http://\S+(/privacy/[^/]+/link/[A-Za-z0-9_-]+)`)

// linkFor asks for a link and gives its path from the mail.
func (b *browser) linkFor(t *testing.T, mails *mailtest.Server, address string) string {
	t.Helper()
	before := len(mails.Mails())
	b.post(t, portalAt, url.Values{"email": {address}}, http.StatusSeeOther)
	if err := b.w.Requests.SendLinks(context.Background(), 10); err != nil {
		t.Fatal(err)
	}
	if _, err := b.w.Mail.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, m := range mails.Mails()[before:] {
		text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(string(m.Raw))))
		if err != nil {
			t.Fatal(err)
		}
		if found := portalLink.FindSubmatch(text); found != nil {
			return string(found[1])
		}
	}
	t.Fatal("no link came")
	return ""
}

// signIn opens the portal by a link.
func (b *browser) signIn(t *testing.T, mails *mailtest.Server, address string) (link string) {
	t.Helper()
	link = b.linkFor(t, mails, address)
	b.get(t, link, http.StatusOK)
	b.get(t, link, http.StatusOK) // looking uses nothing up
	b.post(t, link, url.Values{}, http.StatusSeeOther)
	return link
}

func TestPortalSaysNothingOfWhoIsKnown(t *testing.T) {
	portal(t, func(t *testing.T, w *world, _ *mailtest.Server, _ string) {
		b := &browser{w: w}
		known := b.post(t, portalAt+"?lang=de", url.Values{"email": {"ada@example.org"}}, http.StatusSeeOther)
		unknown := b.post(t, portalAt+"?lang=de", url.Values{"email": {"nobody@example.org"}}, http.StatusSeeOther)
		asked := known.header.Get("Location")
		if page := b.get(t, asked, http.StatusOK); asked != portalAt+"/asked?lang=de" || !strings.Contains(page.body, `<html lang="de"`) {
			t.Errorf("asking leads to %s", asked)
		}
		if known.body != unknown.body || asked != unknown.header.Get("Location") {
			t.Error("the page tells which address is known")
		}
		wrong := b.post(t, portalAt, url.Values{"email": {"not an address"}}, http.StatusUnprocessableEntity)
		if !strings.Contains(wrong.body, `value="not an address"`) || !strings.Contains(wrong.body, `role="alert"`) {
			t.Error("a wrong address is not told, or lost")
		}
	})
}

func TestPortalExercisesEveryRight(t *testing.T) {
	portal(t, func(t *testing.T, w *world, mails *mailtest.Server, contactID string) {
		b := &browser{w: w}
		link := b.signIn(t, mails, "ada@example.org")
		b2 := &browser{w: w}
		b2.post(t, link, url.Values{}, http.StatusGone)                                // replayed
		b2.post(t, link[:len(link)-3]+"AAA", url.Values{}, http.StatusGone)            // forged
		b2.get(t, portalAt+"/me", http.StatusUnauthorized)                             // nobody
		b.post(t, portalAt+"/me", url.Values{"do": {"erasure"}}, http.StatusForbidden) // no form of ours

		me := b.get(t, portalAt+"/me", http.StatusOK)
		for _, want := range []string{"ada@example.org", contactID, "no-store"} {
			if !strings.Contains(me.body+me.header.Get("Cache-Control"), want) {
				t.Errorf("the page lacks %q", want)
			}
		}
		if strings.Contains(me.body, "checked") {
			t.Error("something is ticked already")
		}
		held := b.get(t, portalAt+"/me/held?contact="+contactID+"&section=profile", http.StatusOK)
		if !strings.Contains(held.body, "Ada Quill") {
			t.Error("what is held is not shown")
		}
		for _, kind := range []string{"access", "portability", "access", "portability"} { // again is no other request
			if file := b.press(t, "/me/file", http.StatusOK, "kind", kind); !strings.HasPrefix(file.body, "PK") {
				t.Errorf("%s gave no archive", kind)
			}
		}
		b.press(t, "/me", http.StatusSeeOther, "do", "grant", "contact", contactID, "purpose", "marketing", "version", "1")
		b.press(t, "/me", http.StatusConflict, "do", "grant", "contact", contactID, "purpose", "marketing", "version", "7")
		w.has(t, "/contacts/"+contactID+"/consents", `"source":"portal"`)
		b.press(t, "/me", http.StatusSeeOther, "do", "withdraw", "contact", contactID, "purpose", "marketing")
		w.has(t, "/contacts/"+contactID+"/consents", `"action":"withdraw"`)
		b.press(t, "/me", http.StatusSeeOther, "do", "objection", "contact", contactID, "purpose", "support")
		w.has(t, "/contacts/"+contactID+"/objections", `"in_force":true`)
		b.press(t, "/me", http.StatusSeeOther, "do", "take_back", "contact", contactID, "purpose", "support")
		b.press(t, "/me", http.StatusSeeOther, "do", "restriction", "contact", contactID)
		w.has(t, "/contacts/"+contactID, `"restricted_at":"2`)
		b.press(t, "/me", http.StatusSeeOther, "do", "lift", "contact", contactID)
		w.has(t, "/contacts/"+contactID, `"restricted_at":null`)

		b.get(t, portalAt+"/me/correct?contact="+contactID, http.StatusOK)
		b.press(t, "/me", http.StatusUnprocessableEntity, "do", "rectification", "contact", contactID, "email", "ada@example.org", "name", "Ada Quill")
		b.press(t, "/me", http.StatusSeeOther, "do", "rectification", "contact", contactID, "email", "ada@example.org", "name", "Ada Quill-Faye")
		if own := b.get(t, portalAt+"/me/requests", http.StatusOK); strings.Count(own.body, `class="request"`) != 5 {
			t.Errorf("%d requests, want 5", strings.Count(own.body, `class="request"`))
		}

		b.press(t, "/me", http.StatusNotFound, "do", "erasure", "contact", "con_01jdb2k8q5e6r7s8t9v0w1x2y3")
		b.get(t, portalAt+"/me/erase?contact="+contactID, http.StatusOK)
		b.press(t, "/me", http.StatusSeeOther, "do", "erasure", "contact", contactID)
		w.api(t, "GET", "/contacts/"+contactID, "", http.StatusNotFound)
		after := b.get(t, portalAt+"/me/requests", http.StatusOK)
		if !strings.Contains(after.body, "ers_") || strings.Contains(after.body, "Quill") {
			t.Error("the receipt is missing, or the person is still there")
		}
		b.press(t, "/me", http.StatusOK, "do", "out")
		b.get(t, portalAt+"/me", http.StatusUnauthorized)
	})
}

// has looks for a text in an answer of the API.
func (w *world) has(t *testing.T, path, want string) {
	t.Helper()
	if a := w.api(t, "GET", path, "", http.StatusOK); !strings.Contains(a.body, want) {
		t.Errorf("GET %s lacks %s: %s", path, want, a.body)
	}
}

// Another workspace's portal knows neither the link nor the session.
func TestPortalSessionsAreOfOneWorkspace(t *testing.T) {
	portal(t, func(t *testing.T, w *world, mails *mailtest.Server, _ string) {
		w.setup(t, "Other", "owner@other.example")
		b := &browser{w: w}
		link := b.linkFor(t, mails, "ada@example.org")
		b.post(t, strings.Replace(link, "/acme/", "/other/", 1), url.Values{}, http.StatusGone)
		b.post(t, link, url.Values{}, http.StatusSeeOther)
		b.get(t, "/privacy/other/me", http.StatusUnauthorized)
		b.get(t, "/privacy/nowhere/me", http.StatusNotFound)
	})
}

func TestPortalIsLightInEveryLanguage(t *testing.T) {
	portal(t, func(t *testing.T, w *world, mails *mailtest.Server, _ string) {
		b := &browser{w: w}
		b.signIn(t, mails, "ada@example.org")
		styles := 0
		for _, one := range []string{"tokens.css", "pages.css", "portal.css"} {
			styles += len(b.get(t, "/static/"+one, http.StatusOK).body)
		}
		seen := map[string]bool{}
		for _, lang := range pages.Languages() {
			for _, path := range []string{"", "/me", "/me/requests"} {
				page := b.get(t, portalAt+path+"?lang="+lang, http.StatusOK)
				if !strings.Contains(page.body, `<html lang="`+lang+`"`) || seen[page.body] || strings.Contains(page.body, "<script") {
					t.Errorf("%s in %s: wrong language, the same as another, or with a script", path, lang)
				}
				seen[page.body] = true
				if size := len(page.body); size+styles > 30<<10 {
					t.Errorf("%s in %s weighs %d bytes with its styles", path, lang, size+styles)
				}
			}
		}
	})
}
