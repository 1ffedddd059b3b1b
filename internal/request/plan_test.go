package request

import (
	"testing"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

func TestNothingReadsAWholeTable(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		place := &Place{Due: clock.System{}.Now(), ID: "req_x"}
		for _, f := range []Filter{{}, {State: Verified}, {Kind: Access}, {ContactID: "con_x"}, {Open: true, ByDue: true}, {Open: true, ByDue: true, Kind: Erasure}} {
			query, args := listSQL("wsp_x", f, nil, 25)
			storagetest.UsesIndex(t, db, query, args...)
			query, args = listSQL("wsp_x", f, place, 25)
			storagetest.UsesIndex(t, db, query, args...)
		}
		storagetest.UsesIndex(t, db, selectRequest, "w", "r")
		storagetest.UsesIndex(t, db, selectOpenAlike, "w", "c", Access, "")
		storagetest.UsesIndex(t, db, selectAnsweredAlike, "w", "c", Access, 1)
		storagetest.UsesIndex(t, db, selectOfContact, "w", "c")
		storagetest.UsesIndex(t, db, selectOfPortal, "w", "p")
		storagetest.UsesIndex(t, db, selectByLink, "w", []byte("h"), 1)
		storagetest.UsesIndex(t, db, selectDue, 1, 10)
		storagetest.UsesIndex(t, db, selectAutomatic, 1, 1, 10)
		storagetest.UsesIndex(t, db, selectAsks, 1, 10)
		storagetest.UsesIndex(t, db, selectSession, "w", []byte("h"), 1)
		storagetest.UsesIndex(t, db, forgetLinks, 1, 10)
	})
}
