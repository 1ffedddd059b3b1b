package pages

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/export"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/request"
)

// term translates one of the catalogue's texts; what has no translation is marked.
func (s *storedText) term(v *visit, plain, english string) string {
	text, translated := export.Term(v.Lang, english)
	if !translated {
		s.Foreign = true
		return plain
	}
	return strings.ReplaceAll(text, "_", " ")
}

// retention says how long a field is kept: by the rules of the workspace, where it
// has some, and otherwise.
func (s *storedText) retention(v *visit, f privacy.Field, purposes map[string]string) string {
	if len(f.Terms) == 0 {
		return s.term(v, f.Retention, f.Retention)
	}
	return v.terms(f, s.term(v, f.Otherwise, f.Otherwise), purposes)
}

// Terms says how long a field is kept under the rules of a workspace, in one of
// [Languages]; names are those of the purposes, by key. Translated is false where a
// part of it is left in English.
func Terms(lang string, f privacy.Field, names map[string]string) (said string, translated bool) {
	rest, translated := export.Term(lang, f.Otherwise)
	return wordsFor(lang).terms(f, rest, names), translated
}

// terms puts a field's rules into words, and what is true otherwise.
func (w words) terms(f privacy.Field, rest string, purposes map[string]string) string {
	said := make([]string, len(f.Terms))
	for i, t := range f.Terms {
		key := "term.other"
		switch {
		case t.Category == privacy.AgesMessages && t.Scope == privacy.ScopeAll:
			key = "term.messages.all"
		case t.Category == privacy.AgesMessages, t.Category == privacy.AgesContacts:
			key = "term." + t.Category
		}
		said[i] = w.T(key, "days", w.N("days", t.Days))
		if t.Purpose != "" {
			said[i] = w.T("stored.alone", "term", said[i], "purpose", cmp.Or(purposes[t.Purpose], t.Purpose))
		}
	}
	return w.T("stored.otherwise", "terms", strings.Join(said, "; "), "rest", rest)
}

// entry is one contact behind the address, as their page shows it.
type entry struct {
	request.Held
	Consents   []consentText
	Objections []objectionText
}

type consentText struct {
	Key, Name, Wording, Lang, State string
	Version                         int64
	Granted                         bool
}

type objectionText struct {
	Key, Name, Wording, Lang string
	At                       *time.Time
}

// entries gives what the person decided, contact by contact.
func (p *Pages) entries(ctx context.Context, v *visit) ([]entry, error) {
	purposes, err := p.Privacy.Purposes(ctx, v.ws.ID)
	if err != nil {
		return nil, err
	}
	states, err := p.Requests.Consents(ctx, *v.person)
	if err != nil {
		return nil, err
	}
	out := make([]entry, 0, len(v.person.Contacts))
	for _, c := range v.person.Contacts {
		as, err := v.person.As(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		objections, err := p.Privacy.Objections(as, c.ID)
		if err != nil {
			return nil, err
		}
		e := entry{Held: c}
		for _, one := range purposes {
			text, lang := one.In(v.Lang)
			switch one.LawfulBasis {
			case "consent":
				e.Consents = append(e.Consents, consentOf(v, one, text, lang, states[c.ID]))
			case "legitimate_interests", "public_task": // article 21(1)
				e.Objections = append(e.Objections, objectionOf(one, text, lang, objections))
			}
		}
		out = append(out, e)
	}
	return out, nil
}

func consentOf(v *visit, one privacy.Purpose, text privacy.PurposeText, lang string, states []privacy.ConsentState) consentText {
	c := consentText{Key: one.Key, Name: text.Name, Wording: text.Wording, Lang: lang, Version: one.Version, State: v.T("consents.none")}
	i := slices.IndexFunc(states, func(s privacy.ConsentState) bool { return s.Purpose == one.Key })
	if i >= 0 {
		c.Granted = states[i].State == "granted"
		c.State = v.T("consents."+states[i].State, "date", v.Date(states[i].At))
	}
	return c
}

func objectionOf(one privacy.Purpose, text privacy.PurposeText, lang string, objections []privacy.Objection) objectionText {
	o := objectionText{Key: one.Key, Name: text.Name, Wording: text.Wording, Lang: lang}
	i := slices.IndexFunc(objections, func(x privacy.Objection) bool { return x.Purpose == one.Key && x.InForce })
	if i >= 0 {
		o.At = &objections[i].CreatedAt
	}
	return o
}

func (p *Pages) me(w http.ResponseWriter, r *http.Request, v *visit) error {
	entries, err := p.entries(r.Context(), v)
	if err != nil {
		return err
	}
	if len(entries) == 0 { // erased: what is left are the answers
		return p.requests(w, r, v)
	}
	p.render(r.Context(), w, portalMe(v, entries, v.Or("done."+r.URL.Query().Get("done"), "")))
	return nil
}

// act does what a button of the person's pages says.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx, form := r.Context(), r.PostFormValue
	contactID, purpose := form("contact"), form("purpose")
	back, done := "/me", "request"
	var err error
	switch form("do") {
	case "grant", "withdraw":
		version, _ := strconv.ParseInt(form("version"), 10, 64)
		done, err = "consent", p.decide(ctx, v, contactID, purpose, form("do"), version)
		if form("do") == privacy.Withdraw {
			done = "withdrawn"
		}
	case request.Restriction, request.Objection, request.Erasure:
		_, err = p.Requests.Ask(ctx, *v.person, request.New{ContactID: contactID, Kind: form("do"), Purpose: purpose, Locale: v.Lang})
		if form("do") == request.Erasure {
			back = "/me/requests"
		}
	case request.Rectification:
		return p.sendCorrection(w, r, v)
	case "lift":
		done, err = "lifted", p.Requests.Lift(ctx, *v.person, contactID)
	case "take_back":
		done, err = "back", p.Requests.TakeBack(ctx, *v.person, contactID, purpose)
	case "confirm":
		back = "/me/requests"
		_, err = p.Requests.Confirm(ctx, *v.person, form("request"))
	case "take":
		back, done = "/me/requests", "taken"
		_, err = p.Requests.Withdraw(ctx, *v.person, form("request"))
	case "out":
		if err = p.Requests.SignOut(ctx, v.ws.ID, v.session); err == nil {
			http.SetCookie(w, &http.Cookie{Name: portalCookie, Path: "/privacy/" + v.ws.Slug, MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteStrictMode})
			v.person = nil
			p.render(ctx, w, portalOut(v))
			return nil
		}
	default:
		err = fault.Invalid("do", "is not known")
	}
	if err != nil {
		return err
	}
	v.to(w, back, "done", done)
	return nil
}

// decide records a consent in the words that were shown.
func (p *Pages) decide(ctx context.Context, v *visit, contactID, purpose, action string, version int64) error {
	as, err := v.person.As(ctx, contactID)
	if err != nil {
		return err
	}
	_, err = p.Privacy.Record(as, privacy.Decision{ContactID: contactID, Purpose: purpose, Action: action, Source: request.FromPortal, Version: version, Locale: v.Lang})
	return err
}

func (p *Pages) eraseAsk(w http.ResponseWriter, r *http.Request, v *visit) error {
	contactID := r.URL.Query().Get("contact")
	if _, err := v.person.As(r.Context(), contactID); err != nil {
		return err
	}
	p.render(r.Context(), w, portalErase(v, contactID))
	return nil
}

func (p *Pages) requests(w http.ResponseWriter, r *http.Request, v *visit) error {
	own, err := p.Requests.Own(r.Context(), *v.person)
	if err != nil {
		return err
	}
	p.render(r.Context(), w, portalRequests(v, own, v.Or("done."+r.URL.Query().Get("done"), "")))
	return nil
}

// correctable are the fields that a person may correct, and their present values.
var correctable = []string{"email", "name", "first_name", "last_name", "phone"}

type correction struct {
	Contact request.Held
	Values  map[string]string
	Wrong   map[string]string // by field
	Note    string
}

func (v *visit) contact(id string) (request.Held, error) {
	i := slices.IndexFunc(v.person.Contacts, func(h request.Held) bool { return h.ID == id })
	if i < 0 {
		return request.Held{}, fault.NotFound("contact")
	}
	return v.person.Contacts[i], nil
}

func valuesOf(h request.Held) map[string]string {
	return map[string]string{"email": h.Email, "name": h.Name, "first_name": h.FirstName, "last_name": h.LastName, "phone": h.Phone}
}

func (p *Pages) correct(w http.ResponseWriter, r *http.Request, v *visit) error {
	h, err := v.contact(r.URL.Query().Get("contact"))
	if err != nil {
		return err
	}
	p.render(r.Context(), w, portalCorrect(v, correction{Contact: h, Values: valuesOf(h)}))
	return nil
}

// sendCorrection files what was changed; what cannot be taken is told by its field,
// and nothing that was typed is lost.
func (p *Pages) sendCorrection(w http.ResponseWriter, r *http.Request, v *visit) error {
	h, err := v.contact(r.PostFormValue("contact"))
	if err != nil {
		return err
	}
	c := correction{Contact: h, Values: map[string]string{}, Wrong: map[string]string{}, Note: strings.TrimSpace(r.PostFormValue("note"))}
	before, changes := valuesOf(h), map[string]string{}
	for _, field := range correctable {
		c.Values[field] = strings.TrimSpace(r.PostFormValue(field))
		if c.Values[field] != before[field] {
			changes[field] = c.Values[field]
		}
	}
	if len(changes) == 0 && c.Note == "" {
		c.Wrong["note"] = v.T("correct.none")
	} else {
		_, err = p.Requests.Ask(r.Context(), *v.person, request.New{ContactID: h.ID, Kind: request.Rectification, Changes: changes, Note: c.Note, Locale: v.Lang})
		if !fault.Is(err, fault.KindInvalid) {
			if err == nil {
				v.to(w, "/me/requests", "done", "request")
			}
			return err
		}
		for _, f := range fault.As(err).Fields {
			c.Wrong[strings.TrimPrefix(f.Field, "changes.")] = v.T("correct.invalid")
		}
	}
	p.renderAs(r.Context(), w, http.StatusUnprocessableEntity, portalCorrect(v, c))
	return nil
}
