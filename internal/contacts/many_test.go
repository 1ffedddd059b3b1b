package contacts_test

import (
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// Whom a row of a table is about is looked up by its token, however many people the
// workspace has: a walk of all of them for each batch made an import quadratic.
func TestOwnersAreLookedUpByToken(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		for field, by := range map[string]string{"email": "(workspace_id=? AND kind=? AND token=?)", "phone": "(workspace_id=? AND kind=? AND token=?)", "external_id": "(workspace_id=? AND external_id_token=?)"} {
			const batch = 64
			args := make([]any, batch, batch+2)
			for i := range args {
				args[i] = []byte{byte(i)}
			}
			args = append(args, "wsp_1")
			if field != "external_id" {
				args = append(args, field)
			}
			query := contacts.OwnersSQL(field, batch)
			storagetest.UsesIndex(t, db, query, args...)
			if plan := storagetest.Plan(t, db, query, args...); db.Engine() == storage.SQLite && !strings.Contains(plan, by) {
				t.Errorf("%s is not looked up by %s:\n%s", field, by, plan)
			}
		}
	})
}
