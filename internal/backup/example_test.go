package backup_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/botimum/botimum/internal/backup"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
)

func ExampleToFile() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example-*")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	db, err := storage.Open(ctx, storage.Options{URL: "sqlite://" + filepath.Join(dir, "botimum.db"), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil {
		fmt.Println(err)
		return
	}
	source := backup.Source{Kind: backup.Data, DB: db, Files: filepath.Join(dir, "files"), Temp: dir, Clock: clock.System{}}
	manifest, err := backup.ToFile(ctx, source, filepath.Join(dir, "monday.tar.gz"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(manifest.Kind, manifest.Engine, len(manifest.Entries))
	// Output: data sqlite 1
}
