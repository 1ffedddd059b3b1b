package app

import (
	"log/slog"

	"github.com/botimum/botimum/internal/blob"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/config"
)

// openFiles opens what keeps uploaded files.
func openFiles(cfg *config.Config, clk clock.Clock, log *slog.Logger) (blob.Store, error) {
	return blob.Open(blob.Deps{URL: cfg.BlobURL, Dir: cfg.Files(), Temp: cfg.Data, Clock: clk, Logger: log})
}
