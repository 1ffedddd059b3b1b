package pages

import (
	"archive/zip"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/request"
	"github.com/botimum/botimum/internal/workspace"
)

// portalCookie holds a portal session. It is sent to the pages of one workspace alone.
const portalCookie = "botimum_portal"

// sessionLife is how long the browser keeps it; the server ends it by itself.
const sessionLife = time.Hour

// maxForm bounds what a form may send.
const maxForm = 64 << 10

// visit is one request to the portal: the workspace, the language, and who is
// signed in, if anybody.
type visit struct {
	words
	ws      workspace.Workspace
	chosen  string // the language that the address names; "" when the browser's counts
	session string
	person  *request.Person
}

// portalRoutes are the pages of the privacy portal.
func (p *Pages) portalRoutes(mux *http.ServeMux) {
	open := func(pattern string, do func(http.ResponseWriter, *http.Request, *visit) error) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { p.portal(w, r, do) })
	}
	own := func(pattern string, do func(http.ResponseWriter, *http.Request, *visit) error) {
		open(pattern, func(w http.ResponseWriter, r *http.Request, v *visit) error {
			private(w)
			if err := p.signedIn(r, v); err != nil {
				return err
			}
			return do(w, r, v)
		})
	}
	open("GET /privacy/{slug}", p.notice)
	open("POST /privacy/{slug}", p.askLink)
	open("GET /privacy/{slug}/link/{token}", p.link)
	open("POST /privacy/{slug}/link/{token}", p.openLink)
	open("GET /privacy/{slug}/request/{token}", p.status)
	own("GET /privacy/{slug}/me", p.me)
	own("POST /privacy/{slug}/me", p.act)
	own("GET /privacy/{slug}/me/held", p.held)
	own("POST /privacy/{slug}/me/file", p.file)
	own("GET /privacy/{slug}/me/correct", p.correct)
	own("GET /privacy/{slug}/me/erase", p.eraseAsk)
	own("GET /privacy/{slug}/me/requests", p.requests)
}

func (p *Pages) portal(w http.ResponseWriter, r *http.Request, do func(http.ResponseWriter, *http.Request, *visit) error) {
	ws, err := p.Workspaces.BySlug(r.Context(), r.PathValue("slug"))
	if fault.Is(err, fault.KindNotFound) {
		http.NotFound(w, r)
		return
	}
	v := &visit{ws: ws}
	if lang := r.URL.Query().Get("lang"); isTongue(lang) {
		v.chosen = lang
	}
	v.words = wordsFor(v.chosen, r.Header.Get("Accept-Language"), ws.Settings.Locale)
	w.Header().Set("Vary", "Accept-Language, Cookie")
	w.Header().Set("Referrer-Policy", "no-referrer")
	if r.Method == http.MethodPost {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	}
	if err == nil {
		err = do(w, r, v)
	}
	if err != nil {
		p.portalFailed(w, r, v, err)
	}
}

// signedIn finds who is behind the session, and for what changes something that the
// form came from a page of this session.
func (p *Pages) signedIn(r *http.Request, v *visit) error {
	cookie, err := r.Cookie(portalCookie)
	if err != nil {
		return fault.Unauthorized("This visit has ended. Ask for a new link.")
	}
	person, err := p.Requests.Person(r.Context(), v.ws.ID, cookie.Value)
	if err != nil {
		return err
	}
	v.session, v.person = cookie.Value, &person
	if r.Method == http.MethodPost && !hmac.Equal([]byte(r.PostFormValue("form")), []byte(v.formToken())) {
		return &fault.Error{Kind: fault.KindForbidden, Code: "csrf", Detail: "This form is out of date."}
	}
	return nil
}

// formToken proves that a form came from a page of this session: no other site can
// know it.
func (v *visit) formToken() string {
	mac := hmac.New(sha256.New, []byte(v.session))
	mac.Write([]byte("portal form"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// url is an address in the portal, in the chosen language.
func (v *visit) url(path string, query ...string) templ.SafeURL {
	q := url.Values{}
	if v.chosen != "" {
		q.Set("lang", v.chosen)
	}
	for i := 0; i+1 < len(query); i += 2 {
		q.Set(query[i], query[i+1])
	}
	address := "/privacy/" + v.ws.Slug + path
	if len(q) > 0 {
		address += "?" + q.Encode()
	}
	return templ.SafeURL(address)
}

// noticeData is what the front page tells.
type noticeData struct {
	Purposes []purposeText
	Stored   []storedText
	Wrong    bool
	Address  string
}

type purposeText struct{ Key, Name, Wording, Basis string }

type storedText struct {
	What, Why, Long, Who string
	Foreign, Sealed      bool // Foreign: some words are English
}

func (p *Pages) notice(w http.ResponseWriter, r *http.Request, v *visit) error {
	d, err := p.noticeData(r, v)
	if err != nil {
		return err
	}
	p.render(r.Context(), w, portalNotice(v, d))
	return nil
}

func (p *Pages) noticeData(r *http.Request, v *visit) (noticeData, error) {
	var d noticeData
	purposes, err := p.Privacy.Purposes(r.Context(), v.ws.ID)
	if err != nil {
		return d, err
	}
	names := map[string]string{}
	for _, one := range purposes {
		text, _ := one.In(v.Lang)
		names[one.Key] = text.Name
		d.Purposes = append(d.Purposes, purposeText{one.Key, text.Name, text.Wording, v.Or("basis."+one.LawfulBasis, one.LawfulBasis)})
	}
	catalogue, err := p.Privacy.CatalogueOf(r.Context(), v.ws.ID)
	if err != nil {
		return d, err
	}
	for _, f := range catalogue {
		if f.Whose == privacy.OfContact {
			d.Stored = appendStored(d.Stored, v, f, names)
		}
	}
	return d, nil
}

// appendStored adds a field to the list, beside others of which the same is true.
func appendStored(list []storedText, v *visit, f privacy.Field, purposes map[string]string) []storedText {
	s := storedText{Sealed: f.Sealed}
	what := make([]string, len(f.Holds))
	for i, one := range f.Holds {
		what[i] = s.term(v, strings.ReplaceAll(one, "_", " "), one)
	}
	if len(what) == 0 {
		what = []string{s.term(v, f.Category, f.Category)}
	}
	s.What = v.Join(what)
	if s.Why = purposes[f.Purpose]; s.Why == "" {
		s.Why = s.term(v, f.Purpose, f.Purpose)
	}
	s.Long = s.term(v, f.Retention, f.Retention)
	who := make([]string, len(f.Recipients))
	for i, one := range f.Recipients {
		who[i] = s.term(v, one, one)
	}
	s.Who = v.Join(who)
	i := slices.IndexFunc(list, func(o storedText) bool {
		return o.Why == s.Why && o.Long == s.Long && o.Who == s.Who && o.Sealed == s.Sealed && o.Foreign == s.Foreign
	})
	if i < 0 {
		return append(list, s)
	}
	if !slices.Contains(strings.Split(list[i].What, v.Join([]string{"", ""})), s.What) {
		list[i].What = v.Join([]string{list[i].What, s.What})
	}
	return list
}

func (p *Pages) askLink(w http.ResponseWriter, r *http.Request, v *visit) error {
	private(w)
	address := strings.TrimSpace(r.PostFormValue("email"))
	err := p.Requests.AskLink(r.Context(), v.ws.ID, address, v.Lang)
	if fault.Is(err, fault.KindInvalid) {
		d, other := p.noticeData(r, v)
		if other != nil {
			return other
		}
		d.Wrong, d.Address = true, address
		w.WriteHeader(http.StatusUnprocessableEntity)
		p.render(r.Context(), w, portalNotice(v, d))
		return nil
	}
	if err != nil {
		return err
	}
	p.render(r.Context(), w, portalAsked(v))
	return nil
}

// link shows a button: programs that look into mails follow links, and do not use
// this one up.
func (p *Pages) link(w http.ResponseWriter, r *http.Request, v *visit) error {
	p.render(r.Context(), private(w), portalLink(v))
	return nil
}

func (p *Pages) openLink(w http.ResponseWriter, r *http.Request, v *visit) error {
	private(w)
	session, err := p.Requests.OpenLink(r.Context(), v.ws.ID, r.PathValue("token"))
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{Name: portalCookie, Value: session, Path: "/privacy/" + v.ws.Slug, MaxAge: int(sessionLife.Seconds()),
		HttpOnly: true, Secure: strings.HasPrefix(p.PublicURL, "https://"), SameSite: http.SameSiteStrictMode})
	v.to(w, "/me")
	return nil
}

// to sends the browser on after a form, so that loading anew repeats nothing.
func (v *visit) to(w http.ResponseWriter, path string, query ...string) {
	w.Header().Set("Location", string(v.url(path, query...)))
	w.WriteHeader(http.StatusSeeOther)
}

func (p *Pages) status(w http.ResponseWriter, r *http.Request, v *visit) error {
	private(w)
	req, err := p.Requests.Status(r.Context(), v.ws.ID, r.PathValue("token"))
	if err != nil {
		return err
	}
	p.render(r.Context(), w, portalStatus(v, req))
	return nil
}

// held shows the page of the access export, which is made to be read.
func (p *Pages) held(w http.ResponseWriter, r *http.Request, v *visit) error {
	var zipped bytes.Buffer
	if err := p.Requests.Download(r.Context(), *v.person, request.Access, &zipped); err != nil {
		return err
	}
	page, err := readable(zipped.Bytes())
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", strings.Replace(policy, "style-src 'self'", "style-src "+styleHashes(page), 1))
	_, _ = w.Write(page)
	return nil
}

// readable gives the page in an archive; of several archives, one after the other.
func readable(archive []byte) ([]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, err
	}
	var out []byte
	for _, f := range z.File {
		inner := strings.HasSuffix(f.Name, ".zip")
		if f.Name != "index.html" && !inner {
			continue
		}
		opened, err := f.Open()
		if err != nil {
			return nil, err
		}
		raw, err := io.ReadAll(opened)
		if err == nil && inner {
			raw, err = readable(raw)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, raw...)
	}
	return out, nil
}

// styleHashes allows the style blocks that stand in a page, and no other.
func styleHashes(page []byte) string {
	var allowed []string
	for rest := string(page); ; {
		_, after, found := strings.Cut(rest, "<style>")
		if !found {
			break
		}
		style, next, _ := strings.Cut(after, "</style>")
		sum := sha256.Sum256([]byte(style))
		if one := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !slices.Contains(allowed, one) {
			allowed = append(allowed, one)
		}
		rest = next
	}
	if len(allowed) == 0 {
		return "'none'"
	}
	return strings.Join(allowed, " ")
}

// file answers an access or portability request with its archive.
func (p *Pages) file(w http.ResponseWriter, r *http.Request, v *visit) error {
	kind := r.PostFormValue("kind")
	if kind != request.Portability {
		kind = request.Access
	}
	if _, err := p.Requests.Ask(r.Context(), *v.person, request.New{Kind: kind, Locale: v.Lang}); err != nil {
		return err
	}
	var zipped bytes.Buffer
	if err := p.Requests.Download(r.Context(), *v.person, kind, &zipped); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="`+v.ws.Slug+`-`+kind+`.zip"`)
	_, _ = w.Write(zipped.Bytes())
	return nil
}

// portalFailed gives every failure a page with a way on.
func (p *Pages) portalFailed(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	e := fault.As(err)
	key, way := "down", ""
	switch {
	case e == nil:
	case e.Code == "link_invalid":
		key = "link"
	case e.Kind == fault.KindUnauthorized:
		key = "ended"
	case e.Kind == fault.KindForbidden:
		key, way = "stale", "/me"
	case e.Kind == fault.KindNotFound || e.Kind == fault.KindGone:
		key = "missing"
	case e.Kind == fault.KindTooMany:
		key = "wait"
	case e.Kind == fault.KindConflict || e.Kind == fault.KindInvalid:
		key, way = "conflict", "/me"
	}
	status := httpx.ProblemOf(r.Context(), p.Logger, err).Status
	private(w).WriteHeader(status)
	p.render(r.Context(), w, portalError(v, key, conflictText(v, e), way))
}

// conflictText says more about a conflict where there is more to say.
func conflictText(v *visit, e *fault.Error) string {
	if e != nil {
		switch e.Code {
		case "wording_changed":
			return v.T("error.conflict.wording")
		case "request_closed":
			return v.T("error.conflict.closed")
		case "not_ready":
			return v.T("error.conflict.notready")
		case "nothing_held":
			return v.T("me.nothing")
		}
	}
	return ""
}

// languageURL is the front page in another language.
func languageURL(v *visit, tag string) templ.SafeURL {
	return templ.SafeURL("/privacy/" + v.ws.Slug + "?lang=" + tag)
}
