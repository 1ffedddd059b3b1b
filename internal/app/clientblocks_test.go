package app_test

import (
	"testing"

	"github.com/botimum/botimum/client"
)

// The client speaks every route of the blocklist.
func TestTheClientBlocks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, ada := t.Context(), w.add(t, `"name":"Ada","email":"ada@gone.example"`)
		b, err := w.client.BlockContact(ctx, ada, client.Block{Reason: "spam", Addresses: true})
		if err != nil || b.Reason != "spam" || b.By.Type != "api_key" || b.CreatedAt.IsZero() {
			t.Fatalf("%+v, %v", b, err)
		}
		if page, err := w.client.BlockedContacts(ctx, client.Page{Limit: 5}); err != nil || len(page.Data) != 1 || page.Data[0].ID != ada {
			t.Errorf("who is blocked: %+v, %v", page, err)
		}
		domain, err := w.client.AddBlock(ctx, client.NewBlockEntry{Domain: "spam.example", Reason: "abuse"})
		if err != nil || domain.Kind != "domain" || domain.Domain != "spam.example" {
			t.Fatalf("%+v, %v", domain, err)
		}
		if page, err := w.client.Blocks(ctx, client.Page{}); err != nil || len(page.Data) != 2 {
			t.Errorf("the blocklist: %+v, %v", page, err)
		}
		if on, err := w.client.BlocksOn(ctx, "ADA@gone.example"); err != nil || len(on) != 1 || on[0].Kind != "email" {
			t.Errorf("by what an address is kept out: %+v, %v", on, err)
		}
		if err := w.client.RemoveBlock(ctx, domain.ID); err != nil {
			t.Error(err)
		}
		if err := w.client.RemoveBlock(ctx, domain.ID); !client.IsCode(err, "not_found") {
			t.Errorf("removed twice: %v", err)
		}
		if err := w.client.UnblockContact(ctx, ada); err != nil {
			t.Error(err)
		}
		if page, err := w.client.Blocks(ctx, client.Page{}); err != nil || len(page.Data) != 0 {
			t.Errorf("afterwards: %+v, %v", page, err)
		}
	})
}
