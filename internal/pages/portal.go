package pages

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"maps"
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
	now     time.Time
	chosen  string // the language that the address names; "" when the browser's counts
	session string
	person  *request.Person
	// path and query are those of a page that can be read in another language; ""
	// where a form is answered.
	path  string
	query url.Values
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
	open("GET /privacy/{slug}/asked", p.asked)
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
	open("GET /privacy/{slug}/{rest...}", func(http.ResponseWriter, *http.Request, *visit) error { return fault.NotFound("page") })
}

func (p *Pages) portal(w http.ResponseWriter, r *http.Request, do func(http.ResponseWriter, *http.Request, *visit) error) {
	ws, err := p.Workspaces.BySlug(r.Context(), r.PathValue("slug"))
	v := &visit{ws: ws, now: p.Clock.Now()}
	if lang := r.URL.Query().Get("lang"); lang != "" && len(lang) < 40 {
		v.chosen = tongueOf(lang)
	}
	v.words = wordsFor(v.chosen, r.Header.Get("Accept-Language"), ws.Settings.Locale)
	w.Header().Set("Vary", "Accept-Language, Cookie")
	w.Header().Set("Referrer-Policy", "no-referrer")
	if r.Method == http.MethodPost {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if err == nil && isForeign(r) {
			err = staleForm()
		}
	} else {
		v.path, v.query = r.URL.Path, r.URL.Query()
	}
	if err == nil {
		err = do(w, r, v)
	}
	if err != nil {
		p.portalFailed(w, r, v, err)
	}
}

// isForeign tells whether a form was sent by a page of another website. Without
// this, one could open a link of its own in somebody's browser, who would then
// write into a stranger's pages. Browsers that say nothing of where a form comes
// from, or "null" since our pages tell nobody, are let through.
func isForeign(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		return true
	case "same-origin", "none":
		return false
	}
	origin := r.Header.Get("Origin")
	u, err := url.Parse(origin)
	return origin != "" && origin != "null" && (err != nil || u.Host != r.Host)
}

func staleForm() error {
	return &fault.Error{Kind: fault.KindForbidden, Code: "csrf", Detail: "This form is out of date."}
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
		return staleForm()
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

type purposeText struct{ Key, Name, Wording, Lang, Basis string }

// storedText is what is stored for one reason and time: what of it is sealed with the
// person's own key, and what is open.
type storedText struct {
	Sealed, Open, Why, Long, Who string
	Foreign                      bool // some words are English
}

func (p *Pages) notice(w http.ResponseWriter, r *http.Request, v *visit) error {
	d, err := p.noticeData(r, v)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "public, max-age=300")
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
		text, lang := one.In(v.Lang)
		names[one.Key] = text.Name
		d.Purposes = append(d.Purposes, purposeText{one.Key, text.Name, text.Wording, lang, v.Or("basis."+one.LawfulBasis, one.LawfulBasis)})
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
	var s storedText
	what := make([]string, len(f.Holds))
	for i, one := range f.Holds {
		what[i] = s.term(v, strings.ReplaceAll(one, "_", " "), one)
	}
	if len(what) == 0 {
		what = []string{s.term(v, f.Category, f.Category)}
	}
	if f.Sealed {
		s.Sealed = v.Join(what)
	} else {
		s.Open = v.Join(what)
	}
	if s.Why = purposes[f.Purpose]; s.Why == "" {
		s.Why = s.term(v, f.Purpose, f.Purpose)
	}
	s.Long = s.retention(v, f, purposes)
	who := make([]string, len(f.Recipients))
	for i, one := range f.Recipients {
		who[i] = s.term(v, one, one)
	}
	s.Who = v.Join(who)
	i := slices.IndexFunc(list, func(o storedText) bool {
		return o.Why == s.Why && o.Long == s.Long && o.Who == s.Who && o.Foreign == s.Foreign
	})
	if i < 0 {
		return append(list, s)
	}
	list[i].Sealed, list[i].Open = v.joined(list[i].Sealed, s.Sealed), v.joined(list[i].Open, s.Open)
	return list
}

// joined adds a text to a list of them, unless it stands there already.
func (v *visit) joined(list, more string) string {
	switch {
	case list == "" || more == "":
		return list + more
	case slices.Contains(strings.Split(list, v.Join([]string{"", ""})), more):
		return list
	default:
		return v.Join([]string{list, more})
	}
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
		p.renderAs(r.Context(), w, http.StatusUnprocessableEntity, portalNotice(v, d))
		return nil
	}
	if err != nil {
		return err
	}
	v.to(w, "/asked")
	return nil
}

// asked says the same to everybody, so that loading it again asks for nothing.
func (p *Pages) asked(w http.ResponseWriter, r *http.Request, v *visit) error {
	p.render(r.Context(), private(w), portalAsked(v))
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
	if key == "missing" {
		way = "/me"
	}
	problem := httpx.ProblemOf(r.Context(), p.Logger, err)
	if wait := problem.GetHeaders().Get("Retry-After"); wait != "" {
		w.Header().Set("Retry-After", wait)
	}
	p.renderAs(r.Context(), private(w), problem.Status, portalError(v, key, conflictText(v, e), way))
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

// languageURL is the page that is read, in another language.
func languageURL(v *visit, tag string) templ.SafeURL {
	q := maps.Clone(v.query)
	q.Set("lang", tag)
	q.Del("done")
	return templ.SafeURL(v.path + "?" + q.Encode())
}
