package app

import (
	"context"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/config"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/vault"
)

// wireLive makes what tells of events, on this node and between nodes.
func (s *System) wireLive(cfg *config.Config) (err error) {
	s.Outbox = live.NewOutbox(s.Clock, id.System{})
	s.Hub = live.New(live.Deps{DB: s.DB, Outbox: s.Outbox, Clock: s.Clock, Logger: s.log, Names: s.names, Accessed: s.accessed,
		Erased: func(workspaceID, contactID string) {
			s.Vault.Forget(vault.Subject{Workspace: workspaceID, ID: contactID})
		}})
	s.closers = append(s.closers, func() error { return s.Hub.Close(context.Background()) })
	return nil
}

// accessed logs what a live stream showed to operators and keys. People may look
// at themselves.
func (s *System) accessed(ctx context.Context, contactIDs []string) {
	if actor.From(ctx).Type != actor.Contact {
		s.Audit.Access(ctx, contactIDs, "stream")
	}
}

// render registers who renders which events.
func (s *System) render() {
	s.Hub.Register("contact.", s.Contacts.Render)
	s.Hub.Register("conversation.", s.Inbox.RenderConversations)
	s.Hub.Register("message.", s.Inbox.RenderMessages)
	s.Hub.Register("consent.", s.Privacy.Render)
}

func (s *System) announceChanged(context.Context, ...string) {}
