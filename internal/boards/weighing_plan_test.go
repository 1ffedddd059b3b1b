package boards

import (
	"testing"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// What weighs votes, and what is read of weights, walks along an index.
func TestWeightsUseAnIndex(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		for _, f := range []Filter{{}, {Status: "open", State: Published, Category: "App", OwnerID: "opr_1", Tag: "mobile"}} {
			storagetest.UsesIndex(t, db, pageSQL(ByWeight, f), pageArgs("wsp_1", "brd_1", ByWeight, f, At{0, "5000 pst_1"}, 25)...)
		}
		for _, importance := range []string{"", "nice", "essential", "none"} {
			storagetest.UsesIndex(t, db, votesSQL(importance), "wsp_1", "pst_1", "", 25)
		}
		for query, args := range map[string][]any{
			countImportance:                         {"wsp_1", "pst_1"},
			usesSegment:                             {"wsp_1", "seg_1"},
			selectWeights:                           {"wsp_1", "brd_1"},
			selectWeighings:                         {"wsp_1"},
			selectWeighing:                          {1},
			selectWalk:                              {"wsp_1", "brd_1", 0, 200},
			selectShifted:                           {"wsp_1", 1, 2},
			selectShiftedToo:                        {"wsp_1", 1, 2},
			selectVotesOn + "$2)":                   {"wsp_1", "pst_1"},
			selectVotesBy + "$3)":                   {"wsp_1", "brd_1", "con_1"},
			countOfBallots + "$2) GROUP BY post_id": {"wsp_1", "pst_1"},
		} {
			storagetest.UsesIndex(t, db, query, args...)
		}
	})
}
