package inbox_test

import (
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/inbox"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// No lookup of what is old reads a whole table, and each goes by the index that is
// there for it.
func TestRetentionUsesItsIndexes(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		old, read := inbox.RetentionSQL(privacy.Rule{Purpose: "support", Spare: "c.restricted_at IS NOT NULL OR " + inbox.KeepsContact(1)})
		for _, q := range []struct {
			text, index string
			args        []any
		}{
			{old, "conversations_by_activity", []any{"wsp_a", "resolved", 1, 10}}, {read, "conversations_read", []any{"wsp_a", 1, 10}},
		} {
			storagetest.UsesIndex(t, db, q.text, q.args...)
			if plan := storagetest.Plan(t, db, q.text, q.args...); !strings.Contains(plan, q.index) {
				t.Errorf("not by %s:\n%s", q.index, plan)
			}
		}
	})
}
