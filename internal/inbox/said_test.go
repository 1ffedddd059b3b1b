package inbox

import (
	"testing"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// Whose a conversation is does not cost more the more people there are.
func TestSaidIsLookedUp(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		storagetest.Narrow(t, db, selectSaid, "wsp_1", "con_1", "cnv_1", "msg_1")
	})
}
