package webhook

import (
	"testing"

	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// All but the search for work, which reads the few endpoints that are on.
func TestQueriesUseIndexes(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		queries := map[string][]any{
			selectEndpoint:   {"wsp_1", "whk_1"},
			selectEndpoints:  {"wsp_1", "~", 26},
			selectDue:        {"wsp_1", "whk_1", 1, 8},
			waitForEarlier:   {"wsp_1", "whk_1", 1},
			postponeLater:    {1, "wsp_1", "whk_1", "con_1", 1},
			hurryWaiting:     {1, "wsp_1", "whk_1"},
			selectRecipients: {"wsp_1", "con_1"},
			`DELETE FROM webhook_deliveries` + storage.FoundSQL("webhook_deliveries", "workspace_id, id", finishedOf): {"wsp_1", "con_1"},
			countOld:                 {"wsp_1", 1},
			deleteOld + ` LIMIT $3)`: {"wsp_1", 1, 10},
			countOld + others(privacy.Rule{Spare: "c.restricted_at IS NOT NULL"}): {"wsp_1", 1},
		}
		for _, f := range []Filter{{}, {EndpointID: "whk_1"}, {State: Failed}, {EndpointID: "whk_1", State: Failed}} {
			query, args := deliveryQuery("wsp_1", "~", f, 26)
			queries[query] = args
		}
		for query, args := range queries {
			storagetest.UsesIndex(t, db, query, args...)
		}
	})
}
