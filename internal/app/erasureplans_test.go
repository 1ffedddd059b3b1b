package app_test

import (
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/storage"
)

// Erasing one person looks at that person's rows: no statement walks all of the
// workspace, as SQLite does along a primary key that begins with it.
func TestErasingWalksNoWorkspace(t *testing.T) {
	w := start(t, configs(t)["sqlite"](t))
	for table, key := range map[string]string{
		"contact_tokens": "workspace_id, kind, token, contact_id", "contact_namesakes": "workspace_id, company_id, token, contact_id", "contact_attributes": "workspace_id, key, contact_id, item",
		"contact_attribute_ages": "workspace_id, key, contact_id", "bulk_items": "workspace_id, job_id, contact_id", "mails": "workspace_id, id", "conversations": "workspace_id, id",
		"idempotency_keys": "workspace_id, key_hash", "import_updates": "workspace_id, import_id, contact_id", "webhook_deliveries": "workspace_id, id",
	} {
		for what, query := range map[string]string{"plainly": ` WHERE workspace_id = $1 AND contact_id = $2`, "found": storage.FoundSQL(table, key, `workspace_id = $1 AND contact_id = $2`)} {
			var plan string
			err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
				rows, err := tx.Query(`EXPLAIN QUERY PLAN DELETE FROM `+table+query, "wsp_1", "con_1")
				if err != nil {
					return err
				}
				defer rows.Close()
				for rows.Next() {
					var id, parent, unused int
					var step string
					if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
						return err
					}
					plan += step + "\n"
				}
				return rows.Err()
			})
			if err != nil {
				t.Fatal(err)
			}
			if walks := strings.Contains(plan, "PRIMARY KEY (workspace_id=?)\n"); walks && what == "found" {
				t.Errorf("%s walks the workspace:\n%s", table, plan)
			} else if !walks && what == "plainly" {
				t.Logf("%s would be found plainly, too", table)
			}
		}
	}
}
