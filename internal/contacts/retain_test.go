package contacts_test

import (
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// No lookup of what is old reads a whole table, and each goes by the index that is
// there for it.
func TestRetentionUsesItsIndexes(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
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
