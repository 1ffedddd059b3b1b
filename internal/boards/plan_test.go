package boards

import (
	"math"
	"testing"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// Every list is a walk along an index.
func TestListsUseAnIndex(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		for by, args := range map[Sort][]any{
			ByTrend: {"wsp_1", "brd_1", math.MaxFloat64, "pst_~", 25},
			ByVotes: {"wsp_1", "brd_1", math.MaxInt32, "pst_~", 25},
			ByAge:   {"wsp_1", "brd_1", "pst_~", 25},
		} {
			storagetest.UsesIndex(t, db, pageSQL(by, Filter{}), args...)
		}
		storagetest.UsesIndex(t, db, countPendingComments, "wsp_1", "brd_1")
		storagetest.UsesIndex(t, db, selectAllTitles, "wsp_1", "brd_1", 100)
		storagetest.UsesIndex(t, db, selectTitles+` AND p.id IN (`+marks(3, 2)+`)`, "wsp_1", "brd_1", "pst_1", "pst_2")
		storagetest.UsesIndex(t, db, selectTitles+` AND p.contact_id IN (`+marks(3, 2)+`)`, "wsp_1", "brd_1", "con_1", "con_2")
		storagetest.Narrow(t, db, selectVoteCounts+marks(2, 2)+`)`, "wsp_1", "pst_1", "pst_2")
		storagetest.UsesIndex(t, db, selectMark, "wsp_1", "brd_1")
		storagetest.UsesIndex(t, db, selectCounts, "wsp_1", "brd_1")
		all := Filter{Status: "open", State: Published, Category: "App", OwnerID: "opr_1", Tag: "mobile"}
		for _, by := range []Sort{ByTrend, ByVotes, ByAge, ByStatus} {
			storagetest.UsesIndex(t, db, pageSQL(by, all), pageArgs("wsp_1", "brd_1", by, all, At{math.MaxFloat64, "pst_~"}, 25)...)
		}
		storagetest.UsesIndex(t, db, selectRoadmap, "wsp_1", "brd_1", 20)
		storagetest.UsesIndex(t, db, selectBelow, "wsp_1", "brd_1", "open", 1.5, "pst_1", "pst_2")
		storagetest.UsesIndex(t, db, selectPostTags, "wsp_1", "brd_1", "", 25)
		storagetest.UsesIndex(t, db, selectEdits, "wsp_1", "pst_1", "rev_~", 25)
		storagetest.UsesIndex(t, db, selectTheirEdits, "wsp_1", "con_1")
		storagetest.UsesIndex(t, db, selectPending, "wsp_1", 1, "pst_1", 25)
		storagetest.UsesIndex(t, db, selectPendingCounts, "wsp_1")
		storagetest.UsesIndex(t, db, selectPendingOfBoard, "wsp_1", 1, "pst_1", "brd_1", 25)
		storagetest.UsesIndex(t, db, selectRefusals, "wsp_1", "con_1", "brd_1", 25)
		storagetest.UsesIndex(t, db, selectTheirRefusals, "wsp_1", "con_1")
		storagetest.UsesIndex(t, db, forgetRefusals, 1, 10)
		storagetest.UsesIndex(t, db, selectCategoryInUse, "wsp_1", "brd_1", "Shop")
		storagetest.UsesIndex(t, db, countOwnReactions, "wsp_1", "con_1", "cmt_1", "heart")
		storagetest.UsesIndex(t, db, selectReactions, "wsp_1", "cmt_1", "", "", "", 25)
		storagetest.UsesIndex(t, db, countReactions+marks(4, 2)+byComment, "operator", "opr_1", "wsp_1", "cmt_1", "cmt_2")
		storagetest.UsesIndex(t, db, selectMyReactions, "wsp_1", "con_1", "pst_1")
		storagetest.UsesIndex(t, db, selectTheirReactions, "wsp_1", "con_1")
		storagetest.UsesIndex(t, db, selectTheirMentions, "wsp_1", "con_1")
		storagetest.UsesIndex(t, db, selectMentions+marks(2, 2)+`)`, "wsp_1", "cmt_1", "cmt_2")
		storagetest.UsesIndex(t, db, selectTookPart, "wsp_1", "pst_1")
		storagetest.UsesIndex(t, db, selectParticipants, "wsp_1", "pst_1", "", 25)
		storagetest.UsesIndex(t, db, selectVotes, "wsp_1", "pst_1", "", 25)
		storagetest.UsesIndex(t, db, selectComments, "wsp_1", "pst_1", "", 25)
		for query, args := range map[string][]any{
			selectVotersOf:    {"wsp_1", "pst_1", "con_1"},
			selectMyVotes:     {"wsp_1", "con_1", 10},
			selectMyFollows:   {"wsp_1", "con_1", 10},
			revokeSession:     {"wsp_1", "ses_1", "con_1"},
			unsubscribePerson: {"wsp_1", "pst_1", "con_1"},
			othersUnder:       {"wsp_1", "pst_1", "con_1"},
			selectFacets:      {"wsp_1", "brd_1"},
			countIdle:         {"wsp_1", 1, 2},
		} {
			storagetest.Narrow(t, db, query, args...)
		}
		storagetest.UsesIndex(t, db, entriesSQL(true, true), "wsp_1", "chg_~", "brd_1", "new", 25)
		storagetest.UsesIndex(t, db, publishedSQL(true), "wsp_1", "brd_1", 1, 1, "chg_~", "new", 25)
		storagetest.UsesIndex(t, db, selectDue, 1, 10)
		for _, query := range []string{selectTheirPosts, selectTheirComments, selectTheirVotes} {
			storagetest.UsesIndex(t, db, query, "wsp_1", "con_1")
		}
		for query, args := range map[string][]any{
			selectSessionsOf:         {"wsp_1", 1, "con_1"},
			selectBallots:            {"wsp_1", []byte{1}},
			countBallots:             {"pst_1", "wsp_1", []byte{1}},
			selectFollowers:          {"wsp_1", "pst_1", "", 100},
			selectNotice:             {1},
			selectTheirSubscriptions: {"wsp_1", "con_1"},
			selectTheirSessions:      {"wsp_1", "con_1"},
		} {
			storagetest.UsesIndex(t, db, query, args...)
		}
	})
}
