package app

import (
	"context"
	"time"

	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/egress"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/webhook"
)

// wireWebhooks makes what tells customers' systems of events. On a server that
// only this machine reaches, they may be on this machine, too.
func (s *System) wireWebhooks() {
	loopback := isLoopback(s.cfg.Listen)
	out := egress.New(egress.Options{AllowLoopback: loopback, NoRedirects: true, MaxBody: 64 << 10})
	s.closers = append(s.closers, func() error { out.Close(); return nil })
	s.Webhooks = webhook.New(webhook.Deps{DB: s.DB, Vault: s.Vault, Audit: s.Audit, Privacy: s.Privacy, Outbox: s.Outbox, Hub: s.Hub,
		Clock: s.Clock, IDs: id.System{}, Logger: s.log, Egress: out, AllowLoopback: loopback, People: contacts.People()})
	s.Privacy.ReadBy(s.Webhooks)
	s.sending.Store(s.Webhooks)
}

// RemoveDeliveries removes what webhooks were told before a moment, a batch for
// each workspace.
func (s *System) RemoveDeliveries(ctx context.Context, before time.Time) error {
	workspaces, err := s.Workspaces.AllIDs(ctx)
	if err != nil {
		return err
	}
	for _, workspaceID := range workspaces {
		err := s.DB.Write(ctx, func(tx *storage.Tx) error {
			_, err := s.Webhooks.Retain(ctx, tx, privacy.Rule{WorkspaceID: workspaceID, Category: privacy.AgesDeliveries, Before: before, Limit: 10 * batch})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
