package files

import (
	"testing"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/migrations"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// No query of this package reads a table from end to end.
func TestQueriesUseIndexes(t *testing.T) {
	storagetest.EachWith(t, migrations.Migrations, func(t *testing.T, db *storage.DB) {
		for _, c := range []struct {
			query string
			args  []any
		}{
			{selectFile, []any{"w", "f"}},
			{selectSome + "$2, $3)", []any{"w", "f", "g"}},
			{selectUnder + "$2) AND parent_id IN ($3, $4) ORDER BY parent_id, position, id", []any{"w", "p", "p", "c"}},
			{selectAttached, []any{"w", "p", "c"}},
			{selectTheirs, []any{"w", "c"}},
			{selectDay, []any{"w", "a", 1}},
			{"DELETE FROM files WHERE " + ofRoot, []any{"w", "p"}},
			{"DELETE FROM files WHERE " + ofParent, []any{"w", "p", "c"}},
			{"DELETE FROM files WHERE " + ofContact, []any{"w", "c"}},
			{"DELETE FROM files WHERE " + loose, []any{1}},
			{"SELECT workspace_id, id FROM file_removals WHERE due_at <= $1 ORDER BY due_at LIMIT $2", []any{1, 2}},
		} {
			storagetest.UsesIndex(t, db, c.query, c.args...)
		}
	})
}
