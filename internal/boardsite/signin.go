package boardsite

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/children"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/workspace"
)

// linkLife is how long the browser remembers that it asked for a link.
const linkLife = 15 * time.Minute

// signInForm is what the page to sign in shows.
type signInForm struct {
	Next    string
	Post    *boards.Post // what it is about
	Intent  string       // vote, follow, or "" to look
	Address string
	Born    string // what was said of the month of birth
	Wrong   map[string]string
	Offers  []offer
	Follow  bool // ticked
}

// offer is a purpose of marketing that can be consented to, in the exact wording.
type offer struct {
	Key, Name, Wording, Lang string
	Version                  int64
	Ticked                   bool
}

func (s *Site) signInPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := s.signInFormOf(r, v, v.query.Get("next"), v.query.Get("for"), v.query.Get("post"))
	if err != nil {
		return err
	}
	if v.person != nil {
		v.goTo(w, f.Next, "")
		return nil
	}
	w.Header().Set("X-Robots-Tag", "noindex")
	s.render(r.Context(), w, http.StatusOK, signInPage(v, f))
	return nil
}

// signInFormOf fills the form. What it is about is left out where it cannot be read.
func (s *Site) signInFormOf(r *http.Request, v *visit, next, intent, number string) (signInForm, error) {
	f := signInForm{Next: wayBack(next), Wrong: map[string]string{}}
	offers, err := s.offers(r.Context(), v)
	if err != nil {
		return f, err
	}
	f.Offers = offers
	if intent != "vote" && intent != "follow" {
		return f, nil
	}
	n, _ := strconv.ParseInt(number, 10, 64) // no post has the number 0
	var p boards.Post
	err = s.Boards.MayRead(r.Context(), &v.board, v.contactID())
	if err == nil {
		p, err = s.Boards.PostByNumber(r.Context(), v.board.ID, n)
	}
	if fault.Is(err, fault.KindNotFound) || fault.Is(err, fault.KindUnauthorized) {
		return f, nil
	}
	f.Post, f.Intent = &p, intent
	return f, err
}

// offers gives the workspace's purposes that are for marketing and rest on consent.
func (s *Site) offers(ctx context.Context, v *visit) ([]offer, error) {
	all, err := s.Voices.Privacy.Purposes(ctx, v.ws.ID)
	var out []offer
	for _, p := range all {
		if p.LawfulBasis == "consent" && p.IsMarketing() {
			text, lang := p.In(v.Lang)
			out = append(out, offer{Key: p.Key, Name: text.Name, Wording: text.Wording, Lang: lang, Version: p.Version})
		}
	}
	return out, err
}

func (s *Site) askSignIn(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := s.signInFormOf(r, v, r.PostFormValue("next"), r.PostFormValue("for"), r.PostFormValue("post"))
	if err != nil {
		return err
	}
	f.Address, f.Follow = strings.TrimSpace(r.PostFormValue("email")), r.PostFormValue("follow") == "yes"
	wish := boards.Wish{Next: f.Next, Consents: f.ticked(r)}
	if f.Post != nil {
		wish.PostID, wish.Vote, wish.Follow = f.Post.ID, f.Intent == "vote", f.Follow || f.Intent == "follow"
	}
	if !contacts.IsAddress(f.Address) {
		f.Wrong["email"] = v.T("signin.email.wrong")
	}
	age, err := s.ageIn(r, v, &f)
	if err != nil {
		return err
	}
	if len(f.Wrong) > 0 {
		s.render(r.Context(), w, http.StatusUnprocessableEntity, signInPage(v, f))
		return nil
	}
	if wait := s.paces.links.Take(s.Clock.Now(), workspace.NetworkFrom(r.Context())); wait > 0 {
		return fault.TooMany(wait, "Many links were asked for from this network. Wait a minute, then ask again.")
	}
	if age == children.Child { // nothing of them is taken, and nothing is sent
		return &fault.Error{Kind: fault.KindForbidden, Code: children.CodeParentNeeded, Detail: "A parent has to agree first. Nothing was stored."}
	}
	browser := newSecret()
	err = s.Boards.AskSignIn(r.Context(), v.ws.ID, boards.SignIn{BoardID: v.board.ID, Address: f.Address, Locale: v.Lang, Age: age, Browser: browser, Wish: wish,
		URL: func(token string) string { return v.absolute(s.PublicURL, "/sign-in/"+token) }})
	if err != nil {
		return err
	}
	s.setCookie(w, v, askCookie, browser, linkLife)
	v.to(w, "/sign-in/asked")
	return nil
}

// ticked gives the purposes that were ticked, in the version that the form showed.
func (f *signInForm) ticked(r *http.Request) (out []boards.ConsentWish) {
	for i := range f.Offers {
		o := &f.Offers[i]
		if r.PostFormValue("purpose_"+o.Key) != "yes" {
			continue
		}
		o.Ticked = true
		version, err := strconv.ParseInt(r.PostFormValue("version_"+o.Key), 10, 64)
		if err == nil && version == o.Version {
			out = append(out, boards.ConsentWish{Purpose: o.Key, Version: version})
		}
	}
	return out
}

// ageIn computes whether somebody consents alone, where the workspace asks for it. The
// month is computed with and forgotten.
func (s *Site) ageIn(r *http.Request, v *visit, f *signInForm) (string, error) {
	if !v.ws.Settings.AgeGate {
		return "", nil
	}
	f.Born = strings.TrimSpace(r.PostFormValue("born"))
	age, err := children.Check(f.Born, children.Limit(v.ws.Settings.Country, v.Lang), s.Clock.Now())
	if fault.Is(err, fault.KindInvalid) {
		f.Wrong["born"] = v.T("signin.born.wrong")
		return "", nil
	}
	return age, err
}

// absolute gives the whole address of a page of the board.
func (v *visit) absolute(public, path string) string {
	address := v.link(path)
	if v.base != "" {
		return public + address
	}
	return v.board.URL + address
}

// asked says the same to everybody, so that loading it again asks for nothing.
func (s *Site) asked(w http.ResponseWriter, r *http.Request, v *visit) error {
	s.render(r.Context(), w, http.StatusOK, askedPage(v))
	return nil
}

// link shows a button: programs that look into mails follow links, and do not use
// this one up.
func (s *Site) link(w http.ResponseWriter, r *http.Request, v *visit) error {
	l, err := s.Boards.LookSignIn(r.Context(), v.ws.ID, r.PathValue("token"), cookie(r, askCookie))
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	s.render(r.Context(), w, http.StatusOK, linkPage(v, l))
	return nil
}

func (s *Site) openLink(w http.ResponseWriter, r *http.Request, v *visit) error {
	session, g, wish, err := s.Boards.OpenSignIn(r.Context(), v.ws.ID, r.PathValue("token"))
	if err != nil {
		return err
	}
	s.begin(w, v, session, g)
	s.setCookie(w, v, askCookie, "", 0)
	anchor := s.fulfil(w, r, v, wish)
	v.goTo(w, wayBack(wish.Next), anchor)
	return nil
}

func (s *Site) begin(w http.ResponseWriter, v *visit, session string, g boards.Guest) {
	v.person = &contactSession{g, session}
	s.setCookie(w, v, sessionCookie, session, boards.SessionLife)
}

// fulfil does what somebody wanted when they were asked to sign in. What is not
// possible any more is left out: they are signed in either way.
func (s *Site) fulfil(w http.ResponseWriter, r *http.Request, v *visit, wish boards.Wish) (anchor string) {
	do := func(what func(ctx context.Context) error) {
		if err := s.act(r, v, s.paces.votes, what); err != nil && fault.As(err) == nil {
			s.Logger.ErrorContext(r.Context(), "what somebody wanted before they signed in was not done", "error", err)
		}
	}
	if ballot := cookie(r, ballotCookie); ballot != "" {
		if cast, err := s.Boards.Ballots(r.Context(), v.ws.ID, ballot); err == nil && len(cast) > 0 {
			do(func(ctx context.Context) error { return s.Boards.ClaimBallots(ctx, ballot) })
		}
		s.setCookie(w, v, ballotCookie, "", 0)
	}
	if wish.PostID != "" && wish.Vote {
		do(func(ctx context.Context) error {
			_, err := s.Boards.Vote(ctx, wish.PostID, boards.Voter(ctx), "")
			return err
		})
	}
	if wish.PostID != "" && wish.Follow {
		do(func(ctx context.Context) error { return s.Boards.Follow(ctx, wish.PostID) })
	}
	if len(wish.Consents) > 0 {
		do(func(ctx context.Context) error { return s.Boards.Consent(ctx, wish.Consents, v.person.Locale) })
	}
	return ""
}

func (s *Site) signOut(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.person != nil {
		if err := s.Boards.SignOut(r.Context(), v.person.Guest); err != nil {
			return err
		}
	}
	s.setCookie(w, v, sessionCookie, "", 0)
	v.goTo(w, "", "")
	return nil
}

// newSecret gives 128 random bits for a cookie.
func newSecret() string {
	raw := make([]byte, 16)
	rand.Read(raw)
	return base64.RawURLEncoding.EncodeToString(raw)
}

// fromWebsite is where the customer's website sends somebody with an identity token
// behind the #, which no server sees. A script of ours puts it into the form.
func (s *Site) fromWebsite(w http.ResponseWriter, r *http.Request, v *visit) error {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	s.render(r.Context(), w, http.StatusOK, fromPage(v, wayBack(v.query.Get("next"))))
	return nil
}

// longestIdentity is how long an identity token may be valid that signs in to boards:
// it is remembered for so long that it was used.
const longestIdentity = 24 * time.Hour

// vouched signs somebody in whom the customer's system vouches for. The form may come
// from a page of ours or of a website that the workspace allows: else any site could
// sign people in as somebody else.
func (s *Site) vouched(w http.ResponseWriter, r *http.Request, v *visit) error {
	w.Header().Set("Cache-Control", "no-store")
	if isForeign(r) && !v.ws.Settings.AllowsOrigin(r.Header.Get("Origin")) {
		return staleForm()
	}
	if wait := s.paces.links.Take(s.Clock.Now(), workspace.NetworkFrom(r.Context())); wait > 0 {
		return fault.TooMany(wait, "Many sign-ins came from this network. Wait a minute, then try again.")
	}
	if err := r.ParseForm(); err != nil {
		return fault.Malformed("The form cannot be read.")
	}
	session, g, err := s.signInBy(r.Context(), v, r.PostFormValue("token"))
	if err != nil {
		return err
	}
	s.begin(w, v, session, g)
	s.fulfil(w, r, v, boards.Wish{})
	v.goTo(w, wayBack(r.PostFormValue("next")), "")
	return nil
}

func (s *Site) signInBy(ctx context.Context, v *visit, token string) (session string, g boards.Guest, err error) {
	if token == "" || len(token) > 4000 {
		return "", g, workspace.RefusedIdentity("There is no identity token in the form.")
	}
	c, err := s.Workspaces.ReadIdentity(ctx, v.ws.ID, token)
	if err != nil {
		return "", g, err
	}
	if c.ExpiresAt.Sub(s.Clock.Now()) > longestIdentity {
		return "", g, workspace.RefusedIdentity("The identity token is valid for more than a day. Have your server sign one for each sign-in.")
	}
	if err := s.Boards.TokenUsed(ctx, v.ws.ID, token); err != nil {
		return "", g, err
	}
	blocked, err := s.Voices.Contacts.IsBlockedAddress(ctx, v.ws.ID, c.Email)
	if err == nil && blocked {
		err = contacts.BlockedError()
	}
	if err != nil {
		return "", g, err
	}
	g = boards.Guest{WorkspaceID: v.ws.ID, ContactID: s.Voices.IDs.New(id.Contact), Locale: v.Lang}
	if g.Age, err = s.ageBy(ctx, v, c); err != nil {
		return "", g, err
	}
	change := contacts.Change{ExternalID: &c.Subject}
	if c.Email != "" {
		change.Email = &c.Email
	}
	if c.Name != "" {
		change.Name = &c.Name
	}
	g.ContactID, err = s.Voices.Contacts.Vouch(actor.With(ctx, actor.Actor{Type: actor.Contact, ID: g.ContactID, WorkspaceID: v.ws.ID, Surface: "board"}), g.ContactID, change,
		privacy.Basis{Purpose: privacy.PurposeSupport, LawfulBasis: "legitimate_interests", Evidence: "identity token"})
	if err != nil {
		return "", g, err
	}
	return s.Boards.SignInVouched(ctx, g, token, c.ExpiresAt.Time)
}

// ageBy takes the age from an identity token where the workspace asks for ages and the
// token tells. A child comes to be only with a parent's consent.
func (s *Site) ageBy(ctx context.Context, v *visit, c workspace.Identity) (string, error) {
	if !v.ws.Settings.AgeGate || c.Birthdate == "" {
		return "", nil
	}
	age, err := children.Check(c.Birthdate, children.Limit(v.ws.Settings.Country, v.Lang), s.Clock.Now())
	if err != nil {
		return "", workspace.RefusedIdentity("The identity token's birthdate must be of the form YYYY-MM-DD.")
	}
	if age != children.Child {
		return age, nil
	}
	known, err := s.Voices.Contacts.FindByExternalID(ctx, v.ws.ID, c.Subject)
	state := ""
	if err == nil {
		state, err = s.Voices.Children.State(ctx, privacy.Subject{WorkspaceID: v.ws.ID, ContactID: known})
	}
	if err == nil && state == children.StateGiven {
		return age, nil
	}
	if err == nil || fault.Is(err, fault.KindNotFound) {
		err = &fault.Error{Kind: fault.KindForbidden, Code: children.CodeParentNeeded, Detail: "A parent has to agree first. Nothing was stored."}
	}
	return "", err
}
