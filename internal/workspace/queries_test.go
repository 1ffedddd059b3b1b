package workspace

import (
	"testing"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// What runs for each request, and every list, reads no table from end to end.
func TestQueriesUseIndexes(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		hash := make([]byte, 32)
		names, ids := namesQuery([]string{"opr_1", "opr_2", "opr_3"})
		for query, args := range map[string][]any{
			sessionByHash:                    {hash},
			deleteOldSessions:                {1, 10},
			keyByHash:                        {hash},
			sessionsOfOperator:               {"opr_1", last, 0, 26},
			operatorsBefore:                  {"wsp_1", last, 26},
			operatorIn:                       {"wsp_1", "opr_1"},
			keysBefore:                       {"wsp_1", last, 26},
			membershipsOf:                    {"opr_1"},
			membershipOf:                     {"opr_1"},
			accountColumns + "WHERE id = $1": {"opr_1"},
			accountColumns + "WHERE email_token = $1":  {hash[:16]},
			workspaceColumns + "WHERE id = $1":         {"wsp_1"},
			workspaceColumns + "WHERE slug = $1":       {"acme"},
			workspaceColumns + "WHERE widget_key = $1": {"wk_1"},
			names: ids,
			`SELECT id FROM sessions WHERE expires_at <= $1`: {1},
		} {
			storagetest.UsesIndex(t, db, query, args...)
		}
	})
}
