package widget

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/botimum/botimum/internal/activity"
	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/children"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/inbox"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/request"
	"github.com/botimum/botimum/internal/workspace"
)

// Deps is what the surface needs.
type Deps struct {
	Workspaces *workspace.Service
	Contacts   *contacts.Service
	Inbox      *inbox.Service
	Activity   *activity.Service
	Boards     *boards.Service
	Privacy    *privacy.Service
	Requests   *request.Service
	Children   *children.Service
	Hub        *live.Hub
	Clock      clock.Clock
	IDs        id.Source
	Logger     *slog.Logger
	// Secret seals session tokens: 32 bytes, an instance secret.
	Secret []byte
	// PublicURL is the server's own origin; its pages may use any widget.
	PublicURL string
	// AllowLoopback lets pages of this machine use any widget: for a server that
	// listens on loopback.
	AllowLoopback bool
	// RateLimit is how many requests a second one visitor may make; 0: any.
	RateLimit int
}

// crowd is how many busy visitors one network may hold: an office, a school.
const crowd = 4

// Service serves visitors.
type Service struct {
	Deps
	sealer   sealer
	limits   *httpx.Limiter // by visitor
	networks *httpx.Limiter // new sessions, by network
	crowds   *httpx.Limiter // everything that visitors do, by network
	parents  *httpx.Limiter // parents who are asked, by network
}

// New gives the surface.
func New(d Deps) (*Service, error) {
	sealer, err := newSealer(d.Secret)
	if err != nil {
		return nil, err
	}
	return &Service{Deps: d, sealer: sealer, limits: httpx.NewLimiter(d.RateLimit), networks: httpx.NewLimiter(d.RateLimit),
		crowds: httpx.NewLimiter(crowd * d.RateLimit), parents: httpx.NewLimiter(min(d.RateLimit, 1))}, nil
}

// Visitor is a contact as the widget shows them to themselves.
type Visitor struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Email    string `json:"email"`
	Verified bool   `json:"verified"`
}

// Session is what a browser needs to begin.
type Session struct {
	SessionToken string    `json:"session_token"`
	ExpiresAt    time.Time `json:"expires_at"`
	Contact      *Visitor  `json:"contact"`
	Settings     Settings  `json:"settings"`
}

// Settings is how the widget looks, and what it must tell people.
type Settings struct {
	Workspace struct {
		Name string `json:"name"`
		Slug string `json:"slug"`
	} `json:"workspace"`
	Color    string            `json:"color"`
	Position string            `json:"position" enum:"left,right"`
	Greeting string            `json:"greeting"`
	Notice   Notice            `json:"notice"`
	Purposes []Purpose         `json:"purposes" doc:"Those that rest on consent."`
	Consents map[string]string `json:"consents" doc:"granted or withdrawn, by purpose."`
	Locale   string            `json:"locale"`
	Age      string            `json:"age" enum:",ask,child,asked" doc:"What stands before writing: the age is to be asked; a parent is; a parent was asked. Empty: nothing."`
	Asks     string            `json:"asks,omitempty" doc:"What the workspace keeps of the page from what is done on purpose: p the page, r the page before, z the time zone."`
}

// Notice is where people read what happens with their data.
type Notice struct {
	URL     string `json:"url"`
	Text    string `json:"text"`
	Version int64  `json:"version"`
}

// Purpose is what people may consent to, in the exact wording.
type Purpose struct {
	Key     string `json:"key"`
	Name    string `json:"name"`
	Wording string `json:"wording"`
	Version int64  `json:"version"`
}

// begin gives a session for a contact: the one of an identity token, the one of
// the session before, or a new promise. It stores nothing but what an identity
// token says.
func (s *Service) begin(ctx context.Context, ws workspace.Workspace, before session, identity, locale string) (Session, error) {
	next := session{WorkspaceID: ws.ID, ContactID: before.ContactID, Verified: before.Verified, Locale: locale, Age: before.Age}
	over := before.WorkspaceID != ws.ID || before.ContactID == ""
	if !over {
		var err error
		if over, err = s.isOver(ctx, before); err != nil {
			return Session{}, err
		}
	}
	if !over {
		var err error
		if next, err = s.asPerson(ctx, next); err != nil {
			return Session{}, err
		}
	}
	if over {
		next = session{WorkspaceID: ws.ID, ContactID: s.IDs.New(id.Contact), Locale: locale}
	}
	ctx = actor.With(ctx, actor.Actor{Type: actor.Contact, ID: next.ContactID, WorkspaceID: ws.ID})
	if identity != "" {
		verified, err := s.identified(ctx, ws, next, identity)
		switch e := fault.As(err); {
		case err == nil:
			next = verified
		case e != nil && e.Code == codeParentNeeded: // they may not be known yet, but their parent can be asked
			next.Age = children.Child
		default:
			return Session{}, err
		}
	}
	visitor, err := s.visitor(ctx, ws.ID, next.ContactID)
	if fault.Is(err, fault.KindGone) {
		return s.begin(ctx, ws, session{}, "", locale) // erased: somebody new
	}
	if err != nil {
		return Session{}, err
	}
	return s.session(ctx, ws, next, visitor)
}

func (s *Service) session(ctx context.Context, ws workspace.Workspace, v session, visitor *Visitor) (Session, error) {
	expires := s.Clock.Now().Add(SessionLife)
	v.Expires = expires.Unix()
	token, err := s.sealer.seal(v)
	if err != nil {
		return Session{}, err
	}
	settings, err := s.settings(ctx, ws, v)
	return Session{SessionToken: token, ExpiresAt: expires, Contact: visitor, Settings: settings}, err
}

// visitor gives the contact, or nil while they are only promised; gone when they
// were erased.
func (s *Service) visitor(ctx context.Context, workspaceID, contactID string) (*Visitor, error) {
	c, err := s.Contacts.FindForVisitor(ctx, workspaceID, contactID)
	if fault.Is(err, fault.KindNotFound) {
		erased, err := s.Privacy.WasErased(ctx, privacy.Subject{WorkspaceID: workspaceID, ContactID: contactID})
		if err == nil && erased {
			err = fault.Gone("subject_erased", "This person's data was erased.")
		}
		return nil, err
	}
	if err != nil {
		return nil, err
	}
	return &Visitor{ID: c.ID, Name: c.Name, Email: c.Email, Verified: c.Verified}, nil
}

func (s *Service) settings(ctx context.Context, ws workspace.Workspace, v session) (Settings, error) {
	out := Settings{Color: ws.Settings.Color, Position: ws.Settings.WidgetPosition, Greeting: ws.Settings.Greeting, Locale: v.Locale,
		Asks: asks(ws.Settings.Technical), Purposes: []Purpose{}, Consents: map[string]string{}}
	out.Workspace.Name, out.Workspace.Slug = ws.Name, ws.Slug
	out.Notice = Notice{URL: ws.Settings.NoticeURL, Text: "How " + ws.Name + " handles your data", Version: 1}
	if out.Notice.URL == "" {
		out.Notice.URL = s.PublicURL + "/privacy/" + ws.Slug
	}
	var err error
	if out.Age, err = s.ageStands(ctx, ws, v); err != nil {
		return out, err
	}
	purposes, err := s.Privacy.Purposes(ctx, ws.ID)
	if err != nil {
		return out, err
	}
	for _, p := range purposes {
		if p.LawfulBasis == "consent" {
			text, _ := p.In(v.Locale) // the words that a consent will record
			out.Purposes = append(out.Purposes, Purpose{Key: p.Key, Name: text.Name, Wording: text.Wording, Version: p.Version})
		}
	}
	states, err := s.Privacy.ConsentStates(ctx, privacy.Subject{WorkspaceID: ws.ID, ContactID: v.ContactID})
	for _, st := range states {
		out.Consents[st.Purpose] = plain(st.State)
	}
	return out, err
}

// plain gives a consent's state as the widget knows it: a refusal is no consent.
func plain(state string) string {
	if state == "refused" {
		return "withdrawn"
	}
	return state
}

// opening is the first message of a conversation, with the contact who comes to
// be with it if this is the first thing they do.
func (s *Service) opening(ctx context.Context, v session, m inbox.NewMessage) (inbox.Opening, error) {
	o := inbox.Opening{ContactID: v.ContactID, Channel: "chat", NewMessage: m}
	visitor, err := s.visitor(ctx, v.WorkspaceID, v.ContactID)
	if err != nil || visitor != nil {
		return o, err
	}
	o.Draft, err = s.draft(ctx, v, contacts.Change{}, privacy.Basis{Purpose: privacy.PurposeSupport, LawfulBasis: "legitimate_interests",
		Evidence: "wrote in the chat"}, false)
	return o, err
}

// draft prepares the contact that a session promised.
func (s *Service) draft(ctx context.Context, v session, c contacts.Change, basis privacy.Basis, verified bool) (*contacts.Draft, error) {
	if v.Locale != "" && c.Locale == nil {
		c.Locale = &v.Locale
	}
	return s.Contacts.Prepare(ctx, v.WorkspaceID, v.ContactID, c, basis, verified)
}

// ended turns the erasure of a contact into the end of their session.
func ended(err error) error {
	if fault.Is(err, fault.KindGone) {
		return fault.Unauthorized("The session has ended. Start a new one with POST /widget/v1/sessions.")
	}
	return err
}

// pickLocale gives the tag if it is one (BCP 47); what a browser sends is not worth
// refusing a session for.
func pickLocale(tag string) string {
	tag = strings.TrimSpace(tag)
	if _, err := language.Parse(tag); err != nil || len(tag) > 35 {
		return ""
	}
	return tag
}
