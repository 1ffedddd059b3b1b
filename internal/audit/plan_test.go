package audit

import (
	"testing"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// TestQueriesUseIndexes reads the engines' own plans.
func TestQueriesUseIndexes(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		for query, args := range map[string][]any{
			selectChanges:     {"wsp_1", newest, 26},
			selectByArea:      {"wsp_1", "contact", newest, "contact", "contact~", 26},
			selectByTarget:    {"wsp_1", "con_1", newest, "", "~", 26},
			selectReadsOf:     {"wsp_1", "con_1", newest, 26},
			exportedActions:   {"opr_1"},
			exportedReads:     {"wsp_1", "con_1"},
			exportedChanges:   {"wsp_1", "con_1"},
			selectHead:        {"wsp_1"},
			selectNote:        {"wsp_1", 1},
			selectLast:        {"wsp_1"},
			selectHashes:      {"wsp_1", 1},
			selectStored:      {"wsp_1", 0, 10},
			selectPoints:      {"wsp_1", 0, 10},
			selectLaterPoints: {"wsp_1", 0},
			selectSubjects:    {"wsp_1", "", 0, 10},
			selectReads:       {"wsp_1", 0, 10},
			selectSubject:     {"wsp_1", "con_1", 0},
			selectAnnounced:   {"wsp_1"},
			selectTree:        {"wsp_1"},
			selectForgotten:   {"wsp_1", placesForgotten},
			selectOldPlaces:   {0, 10},
			deletePlaces:      {"wsp_1", 1},
			countPlaces:       {"wsp_1"},

			selectPlaces + "$2)": {"wsp_1", 1},
			selectPagePlaces:     {"wsp_1", 0, 10},
		} {
			storagetest.UsesIndex(t, db, query, args...)
		}
	})
}
