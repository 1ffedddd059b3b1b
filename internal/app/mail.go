package app

import (
	"context"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/children"
	"github.com/botimum/botimum/internal/config"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/mail"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

func (s *System) wireMail() {
	d := mail.Deps{DB: s.DB, Vault: s.Vault, Clock: s.Clock, IDs: id.System{}, Logger: s.log, From: s.cfg.MailFrom, PublicURL: s.cfg.PublicURL,
		Workspace: s.mailWorkspace, Operator: s.mailOperator, Exists: s.mailable, May: s.mayMail, Title: s.postTitle, Accessed: s.Audit.Access, Ended: s.mailEnded, Retried: s.mailRetried, KeepValues: s.cfg.Demo}
	d.Server = mailServer(s.cfg)
	s.Mail = mail.New(d)
}

// mailRetried puts on record who had a mail sent again.
func (s *System) mailRetried(tx *storage.Tx, by actor.Actor, mailID string) error {
	return s.Audit.Append(tx, audit.Entry{WorkspaceID: by.WorkspaceID, ActorType: by.Type, ActorID: by.ID, Action: "mail.retried", TargetType: "mail", TargetID: mailID})
}

// mailServer gives the server that takes mails, nil where none is set.
func mailServer(cfg *config.Config) *mail.Server {
	c := cfg.SMTP
	if c == nil {
		return nil
	}
	return &mail.Server{Host: c.Host, Port: c.Port, Username: c.Username, Password: c.Password, TLS: c.TLS}
}

// mailWorkspace is what mails tell of a workspace.
func (s *System) mailWorkspace(ctx context.Context, workspaceID string) (mail.Workspace, error) {
	ws, err := s.Workspaces.Get(ctx, workspaceID)
	return mail.Workspace{Name: ws.Name, Locale: ws.Settings.Locale, Notice: s.cfg.PublicURL + "/privacy/" + ws.Slug}, err
}

// mailOperator is how a mail reaches an operator.
func (s *System) mailOperator(ctx context.Context, workspaceID, operatorID string) (mail.Recipient, error) {
	as := actor.With(ctx, actor.Actor{Type: actor.System, ID: "mail", WorkspaceID: workspaceID})
	o, err := s.Workspaces.Operator(as, operatorID)
	return mail.Recipient{Address: o.Email, Name: o.Name}, err
}

// postTitle gives the title of a post for a mail that is about to be sent.
func (s *System) postTitle(ctx context.Context, workspaceID, postID string) (string, error) {
	return s.Boards.TitleNow(ctx, workspaceID, postID)
}

// mayMail is the gate before every mail to a contact: a restriction stops all but
// those by which people exercise their rights.
func (s *System) mayMail(ctx context.Context, workspaceID, contactID, template string) error {
	if mail.IsRight(template) || template == mail.ParentalConsent || template == mail.BoardSignIn { // a parent is not the child; who signs in may be nobody yet
		return nil
	}
	return s.DB.Read(ctx, func(tx *storage.Tx) error {
		return s.Privacy.MayChange(tx, privacy.Subject{WorkspaceID: workspaceID, ContactID: contactID})
	})
}

// notify tells a contact something by mail, if they have an address.
func (s *System) notify(ctx context.Context, n privacy.Notice) (queue func(tx *storage.Tx) error, err error) {
	c, err := s.Contacts.FindPerson(ctx, n.Subject.WorkspaceID, n.Subject.ContactID)
	if err != nil {
		return nil, err
	}
	if c.Email == "" {
		return func(*storage.Tx) error { return nil }, nil
	}
	d, err := s.Mail.Prepare(ctx, mail.Message{WorkspaceID: n.Subject.WorkspaceID, ContactID: n.Subject.ContactID, Address: c.Email, Name: c.Name,
		Locale: c.Locale, Template: n.Template, Values: n.Values, Key: n.Key})
	if err != nil {
		return nil, err
	}
	return func(tx *storage.Tx) error { return s.Mail.Queue(tx, d) }, nil
}

// farewellFor is for how long an erased person's mail waits for a server.
const farewellFor = 72 * time.Hour

// farewell prepares the mail that tells somebody of their erasure, sealed with a key
// of its own. An address counts if somebody vouched for it, or a link opened from it.
func (s *System) farewell(ctx context.Context, sub privacy.Subject, receiptID string) (privacy.Farewell, error) {
	c, err := s.Contacts.FindForVisitor(ctx, sub.WorkspaceID, sub.ContactID)
	if fault.Is(err, fault.KindNotFound) || fault.Is(err, fault.KindGone) {
		return privacy.Farewell{}, nil // somebody else was faster
	}
	if err != nil {
		return privacy.Farewell{}, err
	}
	asked := privacy.AskedOf(ctx)
	if c.Email == "" || !c.Verified && !asked.Proven {
		return privacy.NoAddress(), nil
	}
	locale, now := asked.Locale, s.Clock.Now()
	if locale == "" {
		locale = c.Locale
	}
	d, err := s.Mail.Prepare(ctx, mail.Message{WorkspaceID: sub.WorkspaceID, OwnKey: true, Address: c.Email, Name: c.Name, Locale: locale,
		Template: mail.Erased, Values: map[string]string{"erased_at": now.Format(time.DateOnly), "receipt": receiptID},
		Key: "erased:" + receiptID, Expires: now.Add(farewellFor)})
	if err != nil {
		return privacy.Farewell{}, err
	}
	return privacy.Farewell{ID: d.ID(), Queue: func(tx *storage.Tx) error { return s.Mail.Queue(tx, d) },
		Drop: func(ctx context.Context) error { return s.Mail.Drop(ctx, d) }}, nil
}

// mailEnded notes whether somebody was told of their erasure.
func (s *System) mailEnded(tx *storage.Tx, workspaceID, mailID, code string) error {
	e := audit.Entry{WorkspaceID: workspaceID, ActorType: actor.System, ActorID: "mail", Action: "contact.erasure_told", TargetType: "mail", TargetID: mailID}
	if code != "" {
		e.Action, e.Details = "contact.erasure_not_told", map[string]string{"reason": code}
	}
	return s.Audit.Append(tx, e)
}

// mailable tells whether mail may go to somebody: contacts, and those whose parents
// are being asked, and who asked to sign in to a board.
func (s *System) mailable(tx *storage.Tx, workspaceID, contactID string) error {
	err := contacts.Exists(tx, workspaceID, contactID)
	if !fault.Is(err, fault.KindNotFound) {
		return err
	}
	waits, other := children.Waits(tx, workspaceID, contactID)
	if other == nil && !waits {
		waits, other = boards.Waits(tx, workspaceID, contactID)
	}
	if other == nil && !waits {
		other = err
	}
	return other
}
