package boards

import (
	"testing"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// What is told of a board is read along indexes.
func TestInsightUsesAnIndex(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		storagetest.UsesIndex(t, db, bySegmentSQL("c.deleted_at IS NULL", 1, true), "wsp_1", "brd_1")
		storagetest.UsesIndex(t, db, selectByImportance, "wsp_1", "brd_1")
		storagetest.UsesIndex(t, db, selectSplits, "wsp_1", "brd_1")
		storagetest.UsesIndex(t, db, selectRecent, "wsp_1", 20000, "brd_1", 5)
		storagetest.UsesIndex(t, db, selectBoardTrend, "wsp_1", 20000, 20100, "brd_1")
		storagetest.UsesIndex(t, db, selectPostTrend, "wsp_1", "pst_1", 20000, 20100)
	})
}
