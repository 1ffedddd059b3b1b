package contacts

import (
	"testing"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// Who is one person is asked with every write about them, and costs the same however
// many contacts there are.
func TestWhoIsOnePersonIsLookedUp(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		storagetest.Narrow(t, db, selectGroup, "wsp_1", "con_1")
		storagetest.Narrow(t, db, selectMembersOf, "wsp_1", "con_1")
	})
}
