package app_test

import (
	"io"
	"maps"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
)

const (
	onFirefox = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"
	onIPhone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 20_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/20.0 Mobile/15E148 Safari/604.1"
)

// look is who looked, from where and what for, on the wire.
type look struct {
	Actor     struct{ Type, ID, Name string }
	Through   string
	SessionID string `json:"session_id"`
	From      *audit.AccessOrigin
}

func (l look) String() string {
	from := "nowhere"
	if l.From != nil {
		from = strings.TrimSpace(strings.Join([]string{l.From.Network, l.From.Browser, l.From.System}, " "))
	}
	return strings.Join([]string{l.Actor.Name, l.Through, from}, ", ")
}

// looks gives who looked at somebody, the latest first; with the operator's own session.
func (w *world) looks(t *testing.T, contactID string) (all []look) {
	t.Helper()
	var page struct{ Data []look }
	w.api(t, "GET", "/access-events?contact_id="+contactID, "", http.StatusOK).json(t, &page)
	return page.Data
}

func said(all []look) (out []string) {
	for _, l := range all {
		if l.Through != "access_events" {
			out = append(out, l.String())
		}
	}
	return out
}

// Whoever opens a profile is on record with the network they came from and, where they
// signed in, the session and the device; a word in a header that no trusted proxy wrote
// changes nothing.
func TestWhoLookedFromWhere(t *testing.T) {
	for name, proxy := range map[string]string{"itself": "", "behind a trusted proxy": "127.0.0.0/8", "behind a proxy that is not": "10.0.0.0/8"} {
		for engine, cfg := range configs(t) {
			t.Run(name+" on "+engine, func(t *testing.T) {
				c := cfg(t)
				if proxy != "" {
					c.TrustProxy = []netip.Prefix{netip.MustParsePrefix(proxy)}
				}
				clk := clock.NewFake(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))
				w := startWith(t, &world{cfg: c, clock: clk})
				four, six := "127.0.0.0/24", "127.0.0.0/24"
				if strings.HasPrefix(proxy, "127") {
					four, six = "203.0.113.0/24", "2001:db8:1::/48"
				}
				lookedFromWhere(t, w, clk, four, six)
			})
		}
	}
}

func lookedFromWhere(t *testing.T, w *world, clk *clock.Fake, four, six string) {
	t.Helper()
	ada := w.add(t, `"name":"Ada"`)
	desk, phone := w.signIn(t), w.signIn(t)
	as := func(o *operator, more http.Header) http.Header {
		h := http.Header{"Cookie": {o.cookie}, "X-Csrf-Token": {o.csrf}}
		maps.Copy(h, more)
		return h
	}
	get := func(path string, h http.Header) {
		t.Helper()
		clk.Advance(time.Millisecond)
		if a := w.do(t, call{method: "GET", path: "/api/v1" + path, header: h}); a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	// The proxy adds whom it saw at the end; what stood there before is the client's word.
	fromFour, fromSix := []string{"198.51.100.9, 203.0.113.77"}, []string{"127.0.0.1, 2001:db8:1:2:3::9"}
	get("/contacts/"+ada, as(desk, http.Header{"User-Agent": {onFirefox}, "X-Forwarded-For": fromFour}))
	get("/contacts/"+ada, as(phone, http.Header{"User-Agent": {onIPhone}, "X-Forwarded-For": fromSix}))
	get("/contacts/"+ada, as(desk, http.Header{"User-Agent": {"curl/9 <script>"}, "X-Forwarded-For": fromFour}))
	key := bearer(w.made.APIKey)
	maps.Copy(key, http.Header{"User-Agent": {onFirefox}, "X-Forwarded-For": fromFour})
	get("/contacts/"+ada, key)
	got := w.looks(t, ada)
	want := []string{"test, contact, " + four, "Owner of Acme, contact, " + four, "Owner of Acme, contact, " + six + " Safari iOS", "Owner of Acme, contact, " + four + " Firefox Linux"}
	if diff := cmp.Diff(want, said(got)); diff != "" {
		t.Fatalf("who looked (-want +got):\n%s", diff)
	}
	if got[0].SessionID != "" || got[1].SessionID == "" || got[1].SessionID != got[3].SessionID || got[1].SessionID == got[2].SessionID {
		t.Errorf("the sessions are %q, %q, %q, %q", got[0].SessionID, got[1].SessionID, got[2].SessionID, got[3].SessionID)
	}
	followedLive(t, w, as(phone, http.Header{"User-Agent": {onIPhone}, "X-Forwarded-For": fromSix}), ada, "Owner of Acme, stream, "+six+" Safari iOS")
	verifies(t, w)
	own := ""
	for _, content := range unzip(t, desk.call(t, "GET", "/account/export", "", http.StatusOK).body) {
		own += content
	}
	for _, one := range []string{six, "Safari", got[2].SessionID} {
		if !strings.Contains(own, one) {
			t.Errorf("the operator's own export says nothing of %s", one)
		}
	}
	clk.Advance(audit.KeepPlaces + time.Second)
	if n, err := w.Audit.ForgetPlaces(t.Context(), clk.Now().Add(-audit.KeepPlaces), 1000); err != nil || n == 0 {
		t.Fatalf("%d places were forgotten: %v", n, err)
	}
	for _, l := range w.looks(t, ada) {
		if l.From != nil && l.Through != "access_events" {
			t.Errorf("after its time it is kept that %v", l)
		}
	}
	verifies(t, w)
}

// followedLive has somebody hear on a stream what is said of a person.
func followedLive(t *testing.T, w *world, h http.Header, contactID, want string) {
	t.Helper()
	frames := w.followAs(t, h)
	next(t, frames)
	w.api(t, "POST", "/conversations", `{"contact_id":"`+contactID+`","body":"hello"}`, http.StatusCreated)
	for f := next(t, frames); f.event != "message.created"; {
		f = next(t, frames)
	}
	if all := strings.Join(said(w.looks(t, contactID)), "; "); !strings.Contains(all, want) {
		t.Errorf("no look is %q: %s", want, all)
	}
}

// verifies has the audit log verified as the command does.
func verifies(t *testing.T, w *world) {
	t.Helper()
	if err := w.Audit.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := audit.Verify(t.Context(), w.DB, w.Audit.VerifierKey(), io.Discard); err != nil {
		t.Error(err)
	}
}

// What is kept of an operator's network and device lies nowhere in clear, and goes with
// their account.
func TestWhereOperatorsLookedGoesWithThem(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada := w.add(t, `"name":"Ada"`)
		var hired struct{ ID string }
		w.api(t, "POST", "/operators", `{"name":"Agnes","email":"agnes@acme.example","role":"agent","password":"`+ownerPassword+`"}`, http.StatusCreated).json(t, &hired)
		agnes := w.signInAs(t, "agnes@acme.example", ownerPassword)
		a := w.do(t, call{method: "GET", path: "/api/v1/contacts/" + ada, header: http.Header{"Cookie": {agnes.cookie}, "User-Agent": {onFirefox}}})
		if a.status != http.StatusOK {
			t.Fatal(a.body)
		}
		if got := said(w.looks(t, ada)); len(got) != 1 || got[0] != "Agnes, contact, 127.0.0.0/24 Firefox Linux" {
			t.Errorf("who looked: %v", got)
		}
		w.api(t, "DELETE", "/operators/"+hired.ID, "", http.StatusNoContent)
		if got := said(w.looks(t, ada)); len(got) != 1 || got[0] != ", contact, nowhere" {
			t.Errorf("after they left: %v", got)
		}
		verifies(t, w)
		if strings.Contains(w.logs.String(), "Firefox/150") {
			t.Error("the log tells of a browser")
		}
	})
}
