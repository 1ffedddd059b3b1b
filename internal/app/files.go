package app

import (
	"context"
	"log/slog"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/blob"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/config"
	"github.com/botimum/botimum/internal/files"
	"github.com/botimum/botimum/internal/id"
)

// openFiles opens what keeps uploaded files.
func openFiles(cfg *config.Config, clk clock.Clock, log *slog.Logger) (blob.Store, error) {
	return blob.Open(blob.Deps{URL: cfg.BlobURL, Dir: cfg.Files(), Temp: cfg.Data, Clock: clk, Logger: log})
}

// wireFiles makes what keeps what people attach.
func (s *System) wireFiles(ids id.Source) error {
	store, err := openFiles(s.cfg, s.Clock, s.log)
	if err != nil {
		return err
	}
	s.Files = files.New(files.Deps{DB: s.DB, Vault: s.Vault, Store: store, Clock: s.Clock, IDs: ids, Logger: s.log,
		Masked: func(ctx context.Context, text string) (string, error) {
			policy, err := s.Workspaces.SensitivePolicy(ctx, actor.From(ctx).WorkspaceID)
			return policy.Check(text).Text, err
		}})
	return nil
}
