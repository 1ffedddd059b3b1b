package search

import (
	"testing"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

func TestNothingReadsAWholeTable(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		storagetest.UsesIndex(t, db, `SELECT doc FROM search_docs WHERE workspace_id = $1 AND kind = $2 AND ref_id = $3`, "w", "k", "i")
		if db.Engine() == storage.Postgres {
			storagetest.UsesIndex(t, db, vectorQuery, "w", "a", 1, 25)
		}
	})
}
