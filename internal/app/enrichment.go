package app

import (
	"context"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/company"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/egress"
	"github.com/botimum/botimum/internal/enrich"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// wireEnrichment makes what looks people up. On a server that only this machine
// reaches, its sources may be on this machine, too.
func (s *System) wireEnrichment() {
	loopback := isLoopback(s.cfg.Listen)
	out := egress.New(egress.Options{AllowLoopback: loopback})
	s.closers = append(s.closers, func() error { out.Close(); return nil })
	s.Enrich = enrich.New(enrich.Deps{DB: s.DB, Vault: s.Vault, Audit: s.Audit, Privacy: s.Privacy, Contacts: s.Contacts, Outbox: s.Outbox,
		Clock: s.Clock, IDs: id.System{}, Logger: s.log, Egress: out, AllowLoopback: loopback, MayAge: s.mayProfile, OwnAddress: s.ownAddress,
		IsPublicMail: company.IsPublicMail, PublicURL: s.cfg.PublicURL})
}

// mayProfile tells whether somebody is old enough to have things found out about
// them: as each of the contacts that they were.
func (s *System) mayProfile(ctx context.Context, sub privacy.Subject, source string) error {
	ws, err := s.Workspaces.Get(ctx, sub.WorkspaceID)
	if err != nil {
		return err
	}
	var members []privacy.Member
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		members, err = contacts.Group(tx, sub.WorkspaceID, sub.ContactID)
		return err
	})
	for _, m := range members {
		if err == nil {
			err = s.Children.MayProfile(ctx, m.Subject, ws.Settings.AgeGate, source)
		}
	}
	return err
}

// ownAddress gives the address that an operator signs in with.
func (s *System) ownAddress(ctx context.Context, operatorID string) (string, error) {
	o, err := s.Workspaces.Operator(actor.With(ctx, actor.From(ctx)), operatorID)
	return o.Email, err
}
