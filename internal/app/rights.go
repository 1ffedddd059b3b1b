package app

import (
	"context"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// ForgetFormer forgets what rectified fields said before, in every workspace, where
// that is older than it may be.
func (s *System) ForgetFormer(ctx context.Context) error {
	workspaces, err := s.Workspaces.AllIDs(ctx)
	if err != nil {
		return err
	}
	before := s.Clock.Now().Add(-contacts.KeepFormer)
	for _, workspaceID := range workspaces {
		err := s.DB.Write(actor.With(ctx, actor.Actor{Type: actor.System, ID: "retention", WorkspaceID: workspaceID}), func(tx *storage.Tx) error {
			_, err := s.Privacy.RetainAll(ctx, tx, privacy.Rule{WorkspaceID: workspaceID, Category: privacy.AgesChanges, Before: before, Limit: 10 * batch})
			return err
		})
		if err != nil {
			return fault.Wrap("forget former values", err)
		}
	}
	return nil
}
