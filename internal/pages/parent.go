package pages

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/botimum/botimum/internal/children"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/workspace"
)

// parentWords are the words of a parent's pages in one language.
type parentWords struct {
	Title, Lead, Stored, Notice, Portal              string // Lead takes {name} and {age}
	Tick, Agree, Refuse, RefuseHint                  string
	Given, Withdraw, WithdrawHint                    string
	AgreedTitle, AgreedText, RefusedTitle            string
	RefusedText, InvalidTitle, InvalidText, HoldText string
}

func (w parentWords) lead(name string, c children.ParentalConsent) string {
	return strings.NewReplacer("{name}", name, "{age}", strconv.Itoa(c.AgeLimit)).Replace(w.Lead)
}

// direction is which way a language is written.
func direction(lang string) string {
	if lang == "ar" {
		return "rtl"
	}
	return "ltr"
}

// parent shows what a parent is asked. Looking decides nothing, so that programs
// that look into mails do not answer for them.
func (p *Pages) parent(w http.ResponseWriter, r *http.Request) {
	ws, c, err := p.parentLink(r)
	if err != nil {
		p.parentFailed(w, r, ws, err)
		return
	}
	p.render(r.Context(), private(w), parentPage(p.parentView(ws, c)))
}

// parentAnswer takes the answer.
func (p *Pages) parentAnswer(w http.ResponseWriter, r *http.Request) {
	ws, c, err := p.parentLink(r)
	if err != nil {
		p.parentFailed(w, r, ws, err)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	v, token := p.parentView(ws, c), r.PathValue("token")
	switch r.PostFormValue("answer") {
	case "agree":
		if r.PostFormValue("agree") != c.Hash {
			v.Missing = true
			p.renderAs(r.Context(), private(w), http.StatusUnprocessableEntity, parentPage(v))
			return
		}
		if v.Consent, err = p.Children.Agree(r.Context(), ws.ID, token); err == nil {
			p.render(r.Context(), private(w), parentDone(v, v.Words.AgreedTitle, v.Words.AgreedText))
		}
	case "refuse":
		if err = p.Children.Refuse(r.Context(), ws.ID, token); err == nil {
			p.render(r.Context(), private(w), parentDone(v, v.Words.RefusedTitle, v.Words.RefusedText))
		}
	default:
		p.renderAs(r.Context(), private(w), http.StatusUnprocessableEntity, parentPage(v))
	}
	if err != nil {
		p.parentFailed(w, r, ws, err)
	}
}

// private marks an answer that is for one person alone.
func private(w http.ResponseWriter) http.ResponseWriter {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Robots-Tag", "noindex")
	return w
}

func (p *Pages) parentLink(r *http.Request) (workspace.Workspace, children.ParentalConsent, error) {
	ws, err := p.Workspaces.BySlug(r.Context(), r.PathValue("slug"))
	if err != nil {
		return ws, children.ParentalConsent{}, err
	}
	c, err := p.Children.Look(r.Context(), ws.ID, r.PathValue("token"))
	return ws, c, err
}

func (p *Pages) parentView(ws workspace.Workspace, c children.ParentalConsent) parentView {
	portal := "/privacy/" + ws.Slug + "?lang=" + c.Locale
	notice := cmp.Or(ws.Settings.NoticeURL, portal)
	return parentView{Words: wordsForParents[c.Locale], Lang: c.Locale, Workspace: ws.Name, Notice: notice, Portal: portal, Consent: c}
}

// parentFailed says that a link is not valid, or that a legal hold keeps the data.
func (p *Pages) parentFailed(w http.ResponseWriter, r *http.Request, ws workspace.Workspace, err error) {
	e := fault.As(err)
	if e == nil || ws.ID == "" || e.Kind != fault.KindGone && e.Kind != fault.KindConflict {
		httpx.WriteProblem(w, r, p.Logger, err)
		return
	}
	lang := p.languageOf(r.Context(), r, ws)
	v := parentView{Words: wordsForParents[lang], Lang: lang, Workspace: ws.Name}
	title, text, status := v.Words.InvalidTitle, v.Words.InvalidText, http.StatusGone
	if e.Kind == fault.KindConflict {
		title, text, status = v.Words.Title, v.Words.HoldText, http.StatusConflict
	}
	p.renderAs(r.Context(), private(w), status, parentDone(v, title, text))
}

// languageOf gives the language that a browser asks for, of those that there are.
func (p *Pages) languageOf(_ context.Context, r *http.Request, ws workspace.Workspace) string {
	return children.LanguageOf(r.Header.Get("Accept-Language"), ws.Settings.Locale)
}
