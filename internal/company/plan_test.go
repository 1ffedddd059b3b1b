package company

import (
	"testing"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// Every list is a walk along an index.
func TestListsUseAnIndex(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		for query, args := range map[string][]any{
			selectPage:     {"wsp_1", beyond, 25},
			selectByDomain: {"wsp_1", []byte{1}, beyond},
			listByPeople:   {"wsp_1", 1 << 30, beyond, 25},
			listByActive:   {"wsp_1", 1 << 30, beyond, 25},
			selectEdits:    {"wsp_1", "cmp_1", "cce_~", 25},
		} {
			storagetest.UsesIndex(t, db, query, args...)
		}
	})
}
