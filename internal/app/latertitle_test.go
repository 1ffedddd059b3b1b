package app_test

import (
	"context"
	"io"
	"mime/quotedprintable"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/boards"
)

// A mail that waits holds no title: it is put in when the mail is sent, as it is then;
// once its author is erased, nothing of theirs goes out any more.
func TestMailsTakeTitlesWhenTheyAreSent(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		ctx := t.Context()
		ada, gil := v.signInTo(t, "ada@example.org"), v.signInTo(t, "gil@example.org")
		p, err := v.say(t, gil, "A quiet corner", "")
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Boards.Act(ctx, ada, func(ctx context.Context) error { return v.Boards.Follow(ctx, p.ID) }); err != nil {
			t.Fatal(err)
		}
		queue := func(status string) {
			t.Helper()
			v.api(t, "PATCH", "/posts/"+p.ID, `{"status":"`+status+`"}`, http.StatusOK)
			v.clk.Advance(2 * time.Minute)
			if err := v.Boards.SendNotices(ctx, 10); err != nil {
				t.Fatal(err)
			}
		}
		waits := func() int { return v.count(t, `SELECT COUNT(*) FROM mails WHERE state = 'queued'`) }
		before := len(v.mails.Mails())
		queue("planned")
		v.api(t, "PATCH", "/posts/"+p.ID, `{"title":"A silent corner"}`, http.StatusOK)
		v.deliver(t)
		mails := v.mails.Mails()[before:]
		if len(mails) != 1 {
			t.Fatalf("%d mails", len(mails))
		}
		raw, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(string(mails[0].Raw))))
		if err != nil {
			t.Fatal(err)
		}
		if text := string(raw); !strings.Contains(text, "A silent corner") || strings.Contains(text, "quiet") {
			t.Errorf("the title is not that of today: %s", text)
		}
		queue("done")
		if waits() != 1 {
			t.Fatalf("%d mails wait", waits())
		}
		v.api(t, "DELETE", "/contacts/"+gil.ContactID+"?erase=true", "", http.StatusOK)
		before = len(v.mails.Mails())
		v.deliver(t)
		for _, m := range v.mails.Mails()[before:] {
			if m.To == "ada@example.org" {
				t.Errorf("somebody is told of a post whose author was erased: %s", m.Raw)
			}
		}
		if waits() != 0 {
			t.Error("the mail waits on")
		}
	})
}

// Forms work under a board's own domain, and nobody else's page sends them.
func TestBoardFormsUnderTheirOwnDomain(t *testing.T) {
	voices(t, `{"name":"Ideas","slug":"ideas","visibility":"public","domain":"ideas.example.org"}`, func(t *testing.T, v *voicesWorld) {
		wish := boards.Wish{}
		token, _, _, err := v.Boards.OpenSignIn(t.Context(), v.made.Workspace.ID, v.linkFor(t, "bea@example.org", wish))
		if err != nil {
			t.Fatal(err)
		}
		ask := func(method, path string, form url.Values, header http.Header) answer {
			t.Helper()
			header = header.Clone()
			header.Set("Cookie", sessionCookie+"="+token)
			body := ""
			if form != nil {
				header.Set("Content-Type", "application/x-www-form-urlencoded")
				body = form.Encode()
			}
			return v.doAs(t, "ideas.example.org", method, path, body, header)
		}
		page := ask("GET", "/new", nil, http.Header{})
		found := formField.FindStringSubmatch(page.body)
		if page.status != http.StatusOK || found == nil || !strings.Contains(page.body, `action="/new"`) {
			t.Fatalf("the form: %d %.300s", page.status, page.body)
		}
		form := url.Values{"form": {found[1]}, "title": {"Swans"}}
		for what, header := range map[string]http.Header{
			"another site": {"Sec-Fetch-Site": {"cross-site"}}, "a sister": {"Sec-Fetch-Site": {"same-site"}}, "another origin": {"Origin": {"https://evil.example"}},
			"this server's own host": {"Origin": {"http://127.0.0.1"}},
		} {
			if a := ask("POST", "/new", form, header); a.status != http.StatusForbidden {
				t.Errorf("%s sends the form: %d", what, a.status)
			}
		}
		if a := ask("POST", "/new", url.Values{"title": {"Swans"}}, http.Header{}); a.status != http.StatusForbidden {
			t.Errorf("without the form's token: %d", a.status)
		}
		a := ask("POST", "/new", form, http.Header{"Origin": {"http://ideas.example.org"}, "Sec-Fetch-Site": {"same-origin"}})
		if a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), "/p/") {
			t.Errorf("its own form: %d %s", a.status, a.header.Get("Location"))
		}
		if n := rowCounts(t, v.DB)["posts"]; n != 2 {
			t.Errorf("there are %d posts", n)
		}
	})
}

// doAs asks under a host.
func (w *world) doAs(t *testing.T, host, method, path, body string, header http.Header) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, w.server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Host, r.Header = host, header
	got, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{status: got.StatusCode, body: string(raw), header: got.Header}
}
