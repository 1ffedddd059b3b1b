package app

import (
	"context"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/mail"
)

func (s *System) wireMail() {
	d := mail.Deps{DB: s.DB, Vault: s.Vault, Clock: s.Clock, IDs: id.System{}, Logger: s.log, From: s.cfg.MailFrom, PublicURL: s.cfg.PublicURL,
		Workspace: s.mailWorkspace, Operator: s.mailOperator, Exists: contacts.Exists, KeepValues: s.cfg.Demo}
	if c := s.cfg.SMTP; c != nil {
		d.Server = &mail.Server{Host: c.Host, Port: c.Port, Username: c.Username, Password: c.Password, TLS: c.TLS}
	}
	s.Mail = mail.New(d)
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
