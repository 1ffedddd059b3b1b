package privacy

import "context"

type receiptKey struct{}

// withReceipt tells holders under which number an erasure is recorded.
func withReceipt(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, receiptKey{}, id)
}

// ReceiptOf gives, inside of a holder's Erase, the number of the erasure's receipt;
// "" where there is none, as when a restored copy is purged.
func ReceiptOf(ctx context.Context) string {
	id, _ := ctx.Value(receiptKey{}).(string)
	return id
}
