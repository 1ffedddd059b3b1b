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
		storagetest.Narrow(t, db, joinMember, "con_1", 1, "wsp_1", "con_2")
		storagetest.Narrow(t, db, selectDevices, "wsp_1", "con_1")
	})
}

// Whether somebody is blocked is asked with everything that they do, and costs the same
// however long the blocklist is.
func TestBlocksAreLookedUp(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		for query, args := range map[string][]any{
			selectBlocked:      {"wsp_1", "con_1", 1, []byte{}},
			selectTokens(1):    {"wsp_1", BlockDomain, 1, []byte{1}},
			selectEntries:      {"wsp_1", "blk_~", 1, 25},
			deleteBlocksOf:     {"wsp_1", "con_1"},
			deleteContactBlock: {"wsp_1", "con_1"},
			deleteEnded:        {"wsp_1", BlockDomain, []byte{1}, 1},
			selectOwnBlocks:    {"wsp_1", "con_1"},
		} {
			storagetest.Narrow(t, db, query, args...)
		}
	})
}
