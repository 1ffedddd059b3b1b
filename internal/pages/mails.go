package pages

import (
	"context"
	"net/http"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/mail"
)

// shownMails is how many mails the demonstration lists.
const shownMails = 50

// frameMails lets the page show the HTML of a mail, which is served apart.
const frameMails = policy + "; frame-src 'self'"

// mailPolicy lets the HTML of a mail do nothing but be looked at, in its own style; its
// links open elsewhere.
func mailPolicy() string {
	return "default-src 'none'; style-src " + mail.StyleHash() + "; base-uri 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
}

// asDemo acts for the workspace of the demonstration, whose people are made up, and
// for no other.
func (p *Pages) asDemo(ctx context.Context) (context.Context, error) {
	if p.DemoKey == "" {
		return nil, fault.NotFound("demo")
	}
	ws, err := p.Workspaces.ByWidgetKey(ctx, p.DemoKey)
	return actor.With(ctx, actor.Actor{Type: actor.System, ID: "demo", WorkspaceID: ws.ID}), err
}

func (p *Pages) demoMails(w http.ResponseWriter, r *http.Request) {
	ctx, err := p.asDemo(r.Context())
	if err != nil {
		p.missingDemo(w, r, err)
		return
	}
	mails, err := p.Mail.Previews(ctx, shownMails)
	if err != nil {
		httpx.WriteProblem(w, r, p.Logger, err)
		return
	}
	p.render(ctx, w, mailsPage(mails))
}

func (p *Pages) demoMail(w http.ResponseWriter, r *http.Request) {
	ctx, err := p.asDemo(r.Context())
	var m mail.Preview
	if err == nil {
		m, err = p.Mail.Preview(ctx, r.PathValue("id"))
	}
	if err != nil {
		p.missingDemo(w, r, err)
		return
	}
	p.renderUnder(ctx, w, http.StatusOK, frameMails, mailPage(m))
}

func (p *Pages) demoMailHTML(w http.ResponseWriter, r *http.Request) {
	ctx, err := p.asDemo(r.Context())
	var m mail.Preview
	if err == nil {
		m, err = p.Mail.Preview(ctx, r.PathValue("id"))
	}
	if err != nil {
		p.missingDemo(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", mailPolicy())
	_, _ = w.Write([]byte(strings.Replace(m.HTML, "<head>", `<head><base target="_blank">`, 1)))
}

// missingDemo answers where there is no demonstration, or no such mail in it.
func (p *Pages) missingDemo(w http.ResponseWriter, r *http.Request, err error) {
	if fault.Is(err, fault.KindNotFound) || fault.Is(err, fault.KindGone) {
		p.renderAs(r.Context(), w, http.StatusNotFound, noDemo())
		return
	}
	httpx.WriteProblem(w, r, p.Logger, err)
}
