package workspace

import (
	"testing"

	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

var _ privacy.Holder = (*Service)(nil)

// Every column of the package's tables is declared, and no other.
func TestEveryColumnIsDeclared(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		c, err := privacy.NewCatalogue([]privacy.Holder{(*Service)(nil)})
		if err != nil {
			t.Fatal(err)
		}
		schema := map[string][]string{}
		for _, table := range []string{"workspaces", "operators", "memberships", "sessions", "api_keys"} {
			rows, err := db.SQL().Query(`SELECT * FROM ` + table)
			if err != nil {
				t.Fatal(err)
			}
			schema[table], err = rows.Columns()
			rows.Close()
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, wrong := range c.Undeclared(string(db.Engine()), schema) {
			t.Error(wrong)
		}
	})
}
