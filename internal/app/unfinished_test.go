package app_test

import (
	"testing"

	"github.com/botimum/botimum/client"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// A crash between the rows and the key leaves an erasure without an end. The next
// start ends it.
func TestAnInterruptedErasureIsFinished(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		person, err := w.client.CreateContact(t.Context(), client.ContactChange{Name: client.String("Ada"),
			Basis: &client.Basis{Purpose: "support", LawfulBasis: "contract"}})
		if err != nil {
			t.Fatal(err)
		}
		sub := vault.Subject{Workspace: w.made.Workspace.ID, ID: person.ID}
		err = w.DB.Write(t.Context(), func(tx *storage.Tx) error { // the rows are gone, the receipt is begun
			if _, err := tx.Exec(`DELETE FROM contacts WHERE workspace_id = $1 AND id = $2`, sub.Workspace, sub.ID); err != nil {
				return err
			}
			segment.Changed(tx, sub.Workspace, sub.ID)
			_, err := tx.Exec(`INSERT INTO erasures (workspace_id, id, contact_id, actor_type, actor_id, row_counts, created_at)
				VALUES ($1, 'ers_1', $2, 'operator', 'opr_1', '{}', 1)`, sub.Workspace, sub.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Vault.Key(t.Context(), sub); err != nil {
			t.Fatalf("the key is gone before its time: %v", err)
		}
		if err := w.Privacy.FinishErasures(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Vault.Key(t.Context(), sub); !fault.Is(err, fault.KindGone) {
			t.Errorf("the key outlived the erasure: %v", err)
		}
		receipt, err := w.client.EraseContact(t.Context(), person.ID)
		if err != nil || receipt.ID != "ers_1" || receipt.ErasedAt.IsZero() {
			t.Errorf("receipt %+v, %v", receipt, err)
		}
	})
}
