package contacts_test

import (
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// A page of the list by last seen is read off the index, and not sorted.
func TestSeenListUsesItsIndex(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		fill(t, db)
		args := []any{"wsp_a", 2500, "con_01500", 50}
		storagetest.UsesIndex(t, db, contacts.SelectSeen, args...)
		plan := storagetest.Plan(t, db, contacts.SelectSeen, args...)
		if !strings.Contains(plan, "contacts_idle") || strings.Contains(strings.ToUpper(plan), "TEMP B-TREE") || strings.Contains(plan, "Sort") {
			t.Errorf("not along contacts_idle:\n%s", plan)
		}
	})
}
