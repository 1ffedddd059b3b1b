package enrich

import (
	"testing"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// What is due of one provider is found without reading what waits for others.
func TestDueQuestionsUseTheirIndex(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		storagetest.UsesIndex(t, db, selectDue, "wsp_x", "enp_x", 1, 4)
		storagetest.UsesIndex(t, db, markExpired, "wsp_x", 1)
		storagetest.UsesIndex(t, db, markForget1, "wsp_x", "con_x", "enp_x")
	})
}
