package contacts_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// fill adds people, so that the planner chooses by numbers and not by the width of
// an empty table's rows.
func fill(t *testing.T, db *storage.DB) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *storage.Tx) error {
		for i := range 2000 {
			_, err := tx.Exec(`INSERT INTO contacts (workspace_id, id, profile_sealed, source, last_seen_at, created_at, updated_at) VALUES ($1, $2, $3, 'api', $4, $4, $4)`,
				"wsp_a", fmt.Sprintf("con_%05d", i), []byte{1}, 1000+i)
			if err == nil {
				_, err = tx.Exec(`INSERT INTO processing_bases (workspace_id, contact_id, id, purpose, lawful_basis, source, created_at) VALUES ($1, $2, $3, 'support', 'contract', 'api', 1)`,
					"wsp_a", fmt.Sprintf("con_%05d", i), fmt.Sprintf("bas_%05d", i))
			}
			if err != nil {
				return err
			}
		}
		_, err := tx.Exec(`ANALYZE`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// No lookup of what is old reads a whole table, and each goes by the index that is
// there for it.
func TestRetentionUsesItsIndexes(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		fill(t, db)
		idle, counted, seen := contacts.RetentionSQL(privacy.Rule{Purpose: "support", Spare: "c.restricted_at IS NOT NULL"})
		for _, q := range []struct {
			text, index string
			args        []any
		}{
			{idle, "contacts_idle", []any{"wsp_a", 1, "con_a", 10}}, {counted, "contacts_idle", []any{"wsp_a"}}, {seen, "contacts_seen", []any{"wsp_a", 1}},
		} {
			storagetest.UsesIndex(t, db, q.text, q.args...)
			if plan := storagetest.Plan(t, db, q.text, q.args...); !strings.Contains(plan, q.index) {
				t.Errorf("not by %s:\n%s", q.index, plan)
			}
		}
	})
}
