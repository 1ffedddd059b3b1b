package app

import (
	"context"

	"github.com/botimum/botimum/internal/actor"
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
		Workspace: s.mailWorkspace, Operator: s.mailOperator, Exists: s.mailable, May: s.mayMail, Accessed: s.Audit.Access, KeepValues: s.cfg.Demo}
	d.Server = mailServer(s.cfg)
	s.Mail = mail.New(d)
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

// mayMail is the gate before every mail to a contact: a restriction stops all but
// those by which people exercise their rights.
func (s *System) mayMail(ctx context.Context, workspaceID, contactID, template string) error {
	if mail.IsRight(template) || template == mail.ParentalConsent { // a parent is not the child
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

// mailable tells whether mail may go to somebody: contacts, and those whose parents
// are being asked.
func (s *System) mailable(tx *storage.Tx, workspaceID, contactID string) error {
	err := contacts.Exists(tx, workspaceID, contactID)
	if !fault.Is(err, fault.KindNotFound) {
		return err
	}
	waits, other := children.Waits(tx, workspaceID, contactID)
	if other == nil && !waits {
		other = err
	}
	return other
}
