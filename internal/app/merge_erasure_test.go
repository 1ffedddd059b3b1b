package app_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/botimum/botimum/internal/privacy"
)

// Erasing a person who is several contacts erases all of them: from the data, and
// with their keys from every backup.
func TestErasureReachesEveryMergedContact(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first, second := newCanaries(), newCanaries()
		second.phone = first.phone + "1"
		one, other := first.plant(t, w), second.plant(t, w)
		w.merge(t, one, other, `,"fields":{"name":"other"}`)
		w.settle(t)
		backups := w.backup(t)
		for _, c := range []canaries{first, second} {
			for _, where := range c.in(t, w.raw(t, backups)) {
				t.Errorf("sealed, but in clear in %s", where)
			}
		}
		var receipt privacy.Receipt
		w.api(t, "DELETE", "/contacts/"+other+"?erase=true", "", http.StatusOK).json(t, &receipt)
		if receipt.ContactID != one || !slices.Equal(receipt.MergedIDs, []string{other}) || receipt.Rows["contacts"] != 2 || receipt.Rows["messages"] != 4 ||
			receipt.Rows["contact_merges"] != 1 || !privacy.VerifyReceipt(receipt) {
			t.Errorf("receipt %+v", receipt)
		}
		var again privacy.Receipt
		w.api(t, "DELETE", "/contacts/"+one+"?erase=true", "", http.StatusOK).json(t, &again)
		if again.ID != receipt.ID || again.Statement != receipt.Statement {
			t.Errorf("another receipt for the same erasure: %+v", again)
		}
		w.settle(t)
		restored := w.restore(t, backups)
		for id, c := range map[string]canaries{one: first, other: second} {
			for _, where := range c.in(t, w.raw(t)) {
				t.Errorf("erased, but in clear in %s", where)
			}
			w.gone(t, id, c)
			if removed := restored.gone(t, id, c); removed {
				t.Error("rows of the erased person came back")
			}
			if left := w.export(t, privacy.Subject{WorkspaceID: w.made.Workspace.ID, ContactID: id}); left != "" {
				t.Errorf("the holders still give %s", left)
			}
		}
	})
}
