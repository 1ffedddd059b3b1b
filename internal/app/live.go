package app

import (
	"context"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/config"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// wireLive makes what tells of events, on this node and between nodes.
func (s *System) wireLive(cfg *config.Config) error {
	var broker live.Broker
	if cfg.NATSURL != "" {
		nats, err := live.ConnectNATS(cfg.NATSURL, s.log)
		if err != nil {
			return err
		}
		broker = nats
		s.closers = append(s.closers, func() error { nats.Close(); return nil })
	}
	s.Outbox = live.NewOutbox(s.Clock, id.System{})
	s.Hub = live.New(live.Deps{DB: s.DB, Outbox: s.Outbox, Clock: s.Clock, Broker: broker, Logger: s.log, Names: s.names, Accessed: s.accessed, Members: s.personOf,
		Erased: func(workspaceID, contactID string) {
			s.Vault.Forget(vault.Subject{Workspace: workspaceID, ID: contactID})
			if hooks := s.sending.Load(); hooks != nil { // another node's erasure may come before it is made
				hooks.Erased(workspaceID, contactID)
			}
			if shown := s.showing.Load(); shown != nil {
				shown.Forget(contactID)
			}
		}})
	s.Vault.OnErase(func(_ context.Context, erased vault.Subject) {
		if erased.Workspace != "" {
			s.Hub.Erased(erased.Workspace, erased.ID)
		}
	})
	s.closers = append(s.closers, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), drainFor)
		defer cancel()
		return s.Hub.Close(ctx)
	})
	return nil
}

// accessed logs what a live stream showed to operators and keys. People may look
// at themselves.
func (s *System) accessed(ctx context.Context, contactIDs []string) {
	if actor.From(ctx).Type != actor.Contact {
		s.Audit.Access(ctx, contactIDs, "stream")
	}
}

// personOf gives all contacts that are one person with one.
func (s *System) personOf(ctx context.Context, workspaceID, contactID string) (ids []string, err error) {
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		members, err := contacts.Group(tx, workspaceID, contactID)
		ids = nil
		for _, m := range members {
			ids = append(ids, m.ContactID)
		}
		return err
	})
	return ids, err
}

// render registers who renders which events.
func (s *System) render() {
	s.Hub.Register("contact.", s.Contacts.Render)
	s.Hub.Register("conversation.", s.Inbox.RenderConversations)
	s.Hub.Register("message.", s.Inbox.RenderMessages)
	s.Hub.Register("consent.", s.Privacy.Render)
	s.Hub.Register("privacy_request.", s.Requests.Render)
}

// announceChanged ends the streams of sessions, keys and operators that changed,
// on all nodes: their clients come back and are asked again who they are. What
// other nodes remember of them otherwise ends within ten seconds.
func (s *System) announceChanged(_ context.Context, ids ...string) {
	for _, one := range ids {
		switch {
		case strings.HasPrefix(one, "ses_"):
			s.Hub.Kick(live.Whose{SessionID: one})
		case strings.HasPrefix(one, id.APIKey+"_"), strings.HasPrefix(one, id.Operator+"_"):
			s.Hub.Kick(live.Whose{ActorID: one})
		}
	}
}
