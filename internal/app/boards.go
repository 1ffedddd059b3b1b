package app

import (
	"context"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/inbox"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/request"
	"github.com/botimum/botimum/internal/storage"
)

// wireBoards makes what keeps boards.
func (s *System) wireBoards(ids id.Source) {
	s.Boards = boards.New(boards.Deps{DB: s.DB, Vault: s.Vault, Audit: s.Audit, Outbox: s.Outbox, Search: s.Search, Files: s.Files, Contacts: s.Contacts, Clock: s.Clock, IDs: ids,
		MayHandle: s.Privacy.MayHandle, Names: s.names, IsOperator: s.Workspaces.IsMember, Policy: s.Workspaces.SensitivePolicy, InSegment: s.Segments.Has,
		Address: s.boardsAddress, Voices: s.voices(), Imports: s.boardImports(), Said: inbox.Said})
	s.showing.Store(s.Boards)
	s.Segments.UsedBy("a board", boards.UsesSegment)
	s.Boards.Segments = s.Segments
}

// boardsAddress gives what a workspace's boards' addresses begin with.
func (s *System) boardsAddress(ctx context.Context, workspaceID string) (origin, slug string, err error) {
	ws, err := s.Workspaces.Get(ctx, workspaceID)
	return s.cfg.PublicURL, ws.Slug, err
}

// boardImports gives what the taking over of other boards needs.
func (s *System) boardImports() boards.ImportDeps {
	return boards.ImportDeps{Basis: s.basis, Forget: s.forgetUntouched, Logger: s.log}
}

// forgetUntouched erases somebody whom an import added, if they are as it left them:
// nothing of theirs was changed, they did nothing, and no conversation, request, post,
// comment or vote is theirs.
func (s *System) forgetUntouched(ctx context.Context, contactID string) (forgotten bool, err error) {
	workspaceID := actor.From(ctx).WorkspaceID
	err = s.Privacy.EraseIf(ctx, contactID, func(tx *storage.Tx) (bool, error) {
		forgotten = false
		is, err := contacts.IsUntouched(tx, workspaceID, contactID)
		if err != nil || !is {
			return false, err
		}
		acted, err := privacy.HasActed(tx, privacy.Subject{WorkspaceID: workspaceID, ContactID: contactID})
		if err != nil || acted {
			return false, err
		}
		var busy int
		err = tx.QueryRow(`SELECT COUNT(*) FROM contacts c WHERE c.workspace_id = $1 AND c.id = $2 AND (`+
			inbox.KeepsContact(0)+` OR `+request.KeepsContact(0)+` OR `+boards.KeepsContact(0)+`)`, workspaceID, contactID).Scan(&busy)
		forgotten = err == nil && busy == 0
		return forgotten, err
	})
	return forgotten, err
}
