package app_test

import (
	"archive/zip"
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	asking "github.com/botimum/botimum/internal/request"
	"github.com/botimum/botimum/internal/workspace"
)

func codeOf(err error) string {
	if e := fault.As(err); e != nil {
		return e.Code
	}
	return ""
}

// link asks for a link and gives the token that was mailed, or "".
func (w *world) link(t *testing.T, email string) string {
	t.Helper()
	before := len(w.letters(t))
	if err := w.Requests.AskLink(t.Context(), w.made.Workspace.ID, email, "en"); err != nil {
		t.Fatal(err)
	}
	if err := w.Requests.SendLinks(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	sent := w.letters(t)[before:]
	if len(sent) == 0 {
		return ""
	}
	_, token, _ := strings.Cut(sent[0].Values["url"], "/link/")
	token, _, _ = strings.Cut(token, "?")
	return token
}

// visitPortal opens a link and gives who is behind it.
func (w *world) visitPortal(t *testing.T, email string) asking.Person {
	t.Helper()
	session, err := w.Requests.OpenLink(t.Context(), w.made.Workspace.ID, w.link(t, email))
	if err != nil {
		t.Fatal(err)
	}
	p, err := w.Requests.Person(t.Context(), w.made.Workspace.ID, session)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A link proves an address once, for half an hour, in its workspace.
func TestLinkIsUsedOnce(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		w.person(t, "ada@example.org")
		other := w.setup(t, "Other", "owner@other.example")
		here := w.made.Workspace.ID
		open := func(workspaceID, token string) string {
			_, err := w.Requests.OpenLink(t.Context(), workspaceID, token)
			return codeOf(err)
		}
		token := w.link(t, "ADA@example.org ")
		if len(token) != 43 {
			t.Fatalf("no link was mailed: %q", token)
		}
		forged := strings.Repeat("A", 43)
		for name, got := range map[string]string{"forged": open(here, forged), "noise": open(here, "x"), "empty": open(here, ""), "another workspace's": open(other.Workspace.ID, token)} {
			if got != "link_invalid" {
				t.Errorf("%s: %q", name, got)
			}
		}
		session, err := w.Requests.OpenLink(t.Context(), here, token)
		if err != nil {
			t.Fatal(err)
		}
		if got := open(here, token); got != "link_invalid" {
			t.Errorf("replayed: %q", got)
		}
		late := w.link(t, "ada@example.org")
		clk.Advance(30 * time.Minute)
		if got := open(here, late); got != "link_invalid" {
			t.Errorf("expired: %q", got)
		}
		if _, err := w.Requests.Person(t.Context(), here, session); err != nil {
			t.Errorf("the session within its hour: %v", err)
		}
		if _, err := w.Requests.Person(t.Context(), other.Workspace.ID, session); codeOf(err) != "unauthorized" {
			t.Errorf("the session in another workspace: %v", err)
		}
		clk.Advance(30 * time.Minute)
		if _, err := w.Requests.Person(t.Context(), here, session); codeOf(err) != "unauthorized" {
			t.Errorf("the session after its hour: %v", err)
		}
		if err := w.Requests.Sweep(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
		if left := rowCounts(t, w.DB); left["portal_links"] != 0 || left["portal_sessions"] != 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

// Asking for a link does the same whether or not somebody has the address: the same
// rows, the same answer; and no more than three links wait for one address.
func TestAskingForALinkTellsNothing(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, _ *clock.Fake) {
		w.person(t, "ada@example.org")
		grown := func(email string) map[string]int {
			before := rowCounts(t, w.DB)
			if err := w.Requests.AskLink(t.Context(), w.made.Workspace.ID, email, "en"); err != nil {
				t.Fatal(err)
			}
			after := rowCounts(t, w.DB)
			for table, n := range before {
				if after[table] -= n; after[table] == 0 {
					delete(after, table)
				}
			}
			return after
		}
		known, unknown := grown("ada@example.org"), grown("nobody@example.org")
		if diff := cmp.Diff(known, unknown); diff != "" || known["portal_asks"] != 1 {
			t.Errorf("asking differs (-known +unknown):\n%s", diff)
		}
		for range 5 {
			if err := w.Requests.AskLink(t.Context(), w.made.Workspace.ID, "ada@example.org", ""); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Requests.SendLinks(t.Context(), 100); err != nil {
			t.Fatal(err)
		}
		after := rowCounts(t, w.DB)
		if after["portal_asks"] != 0 || after["portal_links"] != 3 || w.templates(t)["privacy_link"] != 3 {
			t.Errorf("asks %d, links %d, mails %v", after["portal_asks"], after["portal_links"], w.templates(t))
		}
		if err := w.Requests.AskLink(t.Context(), w.made.Workspace.ID, "no address", ""); codeOf(err) != "invalid" {
			t.Errorf("no address: %v", err)
		}
		from := workspace.WithNetwork(t.Context(), "192.0.2.1")
		var err error
		for range 30 {
			if e := w.Requests.AskLink(from, w.made.Workspace.ID, "nobody@example.org", ""); e != nil {
				err = e
			}
		}
		if codeOf(err) != "rate_limited" {
			t.Errorf("thirty from one network: %v", err)
		}
	})
}

// A portal session covers everybody with the address, who claimed it marked as such,
// and acts as nobody else.
func TestPortalCoversTheAddress(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		v := w.visit(t, w.made.Workspace.Key)
		_, claimed := v.write(t, "I am Ada, really")
		v.call(t, "POST", "/identify", `{"email":"ada@example.org","basis":{"purpose":"support","lawful_basis":"consent"}}`, http.StatusOK)
		verified := w.person(t, "ada@example.org")
		stranger := w.person(t, "bea@example.org")
		foreign := w.ask(t, stranger, "access", "")
		w.api(t, "DELETE", "/contacts/"+verified, "", http.StatusNoContent) // the bin hides nobody from themselves
		p := w.visitPortal(t, "ada@example.org")
		if len(p.Contacts) != 2 || p.Contacts[0].ID != verified || p.Contacts[0].Claimed || p.Contacts[1].ID != claimed || !p.Contacts[1].Claimed {
			t.Fatalf("behind the address: %+v", p.Contacts)
		}
		filed, err := w.Requests.Ask(ctx, p, asking.New{Kind: asking.Access})
		if err != nil || len(filed) != 2 || filed[0].State != asking.Completed || filed[0].Proof != asking.ByMailLink || filed[0].Source != asking.FromPortal {
			t.Fatalf("asking: %v %+v", err, filed)
		}
		if _, err := w.Requests.Ask(ctx, p, asking.New{Kind: asking.Erasure, ContactID: stranger}); codeOf(err) != "not_found" {
			t.Errorf("asking for another's erasure: %v", err)
		}
		for name, err := range map[string]error{
			"withdrawing": second(w.Requests.Withdraw(ctx, p, foreign.ID)), "confirming": second(w.Requests.Confirm(ctx, p, foreign.ID)),
			"deciding": w.Requests.Decide(ctx, p, stranger, "marketing", "grant", 1), "lifting": w.Requests.Lift(ctx, p, stranger),
		} {
			if codeOf(err) != "not_found" {
				t.Errorf("%s for another: %v", name, err)
			}
		}
		held, err := w.Requests.Held(ctx, p)
		if err != nil || len(held) != 2 || len(held[1].Sections) < 3 {
			t.Errorf("held: %v %+v", err, held)
		}
		var both bytes.Buffer
		if err := w.Requests.Download(ctx, p, asking.Access, "", &both); err != nil {
			t.Fatal(err)
		}
		z, err := zip.NewReader(bytes.NewReader(both.Bytes()), int64(both.Len()))
		if err != nil || len(z.File) != 2 {
			t.Errorf("the archive of two: %v %+v", err, z)
		}
		if err := w.Requests.Decide(ctx, p, "", "marketing", "grant", 1); err != nil {
			t.Error(err)
		}
		own, err := w.Requests.Own(ctx, p)
		if err != nil || len(own) != 2 {
			t.Errorf("own: %v %d", err, len(own))
		}
	})
}

func second[T any](_ T, err error) error { return err }

// After an erasure the visit goes on and shows its own request, and so does the
// request's link; neither says who it was.
func TestErasedPersonStillSeesTheAnswer(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		ctx, here := t.Context(), w.made.Workspace.ID
		w.person(t, "ada@example.org")
		w.set(t, `{"reviewed_kinds":["erasure"]}`)
		session, err := w.Requests.OpenLink(ctx, here, w.link(t, "ada@example.org"))
		if err != nil {
			t.Fatal(err)
		}
		p, err := w.Requests.Person(ctx, here, session)
		if err != nil {
			t.Fatal(err)
		}
		filed, err := w.Requests.Ask(ctx, p, asking.New{Kind: asking.Erasure, Note: "canary"})
		if err != nil || filed[0].State != asking.Verified {
			t.Fatalf("%v %+v", err, filed)
		}
		waiting := w.link(t, "ada@example.org")
		sent := w.letters(t)
		status := ""
		for _, l := range sent {
			if l.Template == "request_received" {
				_, status, _ = strings.Cut(l.Values["url"], "/request/")
				status, _, _ = strings.Cut(status, "?")
			}
		}
		look := func() asking.Request {
			r, err := w.Requests.Status(ctx, here, status)
			if err != nil || r.Note != "" || r.ContactID != nil || r.Contact != nil {
				t.Fatalf("the request's link: %v %+v", err, r)
			}
			return r
		}
		if r := look(); r.State != asking.Verified {
			t.Errorf("before: %+v", r)
		}
		w.api(t, "PATCH", "/privacy/requests/"+filed[0].ID, `{"state":"completed"}`, http.StatusOK)
		if r := look(); r.State != asking.Completed || r.ReceiptID == nil {
			t.Errorf("after: %+v", r)
		}
		if p, err = w.Requests.Person(ctx, here, session); err != nil || len(p.Contacts) != 0 || p.Address() != "" {
			t.Fatalf("the visit after: %v %+v", err, p)
		}
		own, err := w.Requests.Own(ctx, p)
		if err != nil || len(own) != 1 || own[0].State != asking.Completed {
			t.Errorf("own after: %v %+v", err, own)
		}
		if _, err := w.Requests.Ask(ctx, p, asking.New{Kind: asking.Access}); codeOf(err) != "nothing_held" {
			t.Errorf("asking after: %v", err)
		}
		if _, err := w.Requests.OpenLink(ctx, here, waiting); codeOf(err) != "link_invalid" {
			t.Errorf("a link of somebody erased: %v", err)
		}
		clk.Advance(91 * 24 * time.Hour)
		if _, err := w.Requests.Status(ctx, here, status); codeOf(err) != "link_invalid" {
			t.Errorf("long after: %v", err)
		}
		if err := w.Requests.Tidy(ctx, 10); err != nil {
			t.Error(err)
		}
	})
}

// A request without proof waits until the person confirms it from the link that
// they are sent; opening the link alone does nothing.
func TestUnprovenRequestWaitsForItsPerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		contactID := w.person(t, "ada@example.org")
		r := w.ask(t, contactID, "erasure", `,"verified":false`)
		if r.State != "received" || r.Proof != "" {
			t.Fatalf("filed: %+v", r)
		}
		if a := w.api(t, "PATCH", "/privacy/requests/"+r.ID, `{"state":"completed"}`, http.StatusConflict); a.code() != "identity_not_proven" {
			t.Errorf("completing it: %s", a.body)
		}
		sent := w.letters(t)
		if len(sent) != 1 || sent[0].Template != "privacy_link" {
			t.Fatalf("mails: %+v", sent)
		}
		_, token, _ := strings.Cut(sent[0].Values["url"], "/link/")
		token, _, _ = strings.Cut(token, "?")
		token, _, _ = strings.Cut(token, "?")
		session, err := w.Requests.OpenLink(t.Context(), w.made.Workspace.ID, token)
		if err != nil {
			t.Fatal(err)
		}
		p, err := w.Requests.Person(t.Context(), w.made.Workspace.ID, session)
		if err != nil {
			t.Fatal(err)
		}
		if r := w.request(t, r.ID); r.State != "received" {
			t.Errorf("after opening the link: %+v", r)
		}
		done, err := w.Requests.Confirm(t.Context(), p, r.ID)
		if err != nil || done.State != asking.Completed || done.ContactID != nil {
			t.Errorf("confirmed: %v %+v", err, done)
		}
		other := w.ask(t, w.person(t, "bea@example.org"), "access", `,"verified":false`)
		var vouched asked
		w.api(t, "PATCH", "/privacy/requests/"+other.ID, `{"state":"verified"}`, http.StatusOK).json(t, &vouched)
		if vouched.State != "completed" || vouched.Proof != "api_key" {
			t.Errorf("vouched for: %+v", vouched)
		}
		withdrawn := w.ask(t, w.person(t, "cem@example.org"), "erasure", `,"verified":false`)
		cem := w.visitPortal(t, "cem@example.org")
		if r, err := w.Requests.Withdraw(context.WithoutCancel(t.Context()), cem, withdrawn.ID); err != nil || r.State != asking.Withdrawn {
			t.Errorf("withdrawn: %v %+v", err, r)
		}
	})
}
