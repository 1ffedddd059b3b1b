package storage_test

import (
	"testing"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

func TestWriteThenRead(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		version, err := db.Version(t.Context())
		if err != nil || version < 1 {
			t.Fatalf("Version() = %d, %v", version, err)
		}
		if err := db.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}
