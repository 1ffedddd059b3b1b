package storagetest

import (
	"io/fs"
	"testing"

	"github.com/botimum/botimum/internal/storage"
)

// PostgresWith gives a fresh PostgreSQL database with another schema.
func PostgresWith(t *testing.T, schema fs.FS) *storage.DB {
	t.Helper()
	t.Skip("PostgreSQL is not started yet")
	return nil
}
