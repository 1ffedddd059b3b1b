package segment

import (
	"context"

	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// Fields of the catalogue: segments are the workspace's own, and nobody's.
func (h Holder) Fields() []privacy.Field {
	return append(privacy.Nothing("segments", "workspace_id", "id", "created_at", "updated_at"),
		privacy.Field{Table: "segments", Column: "definition_sealed", Whose: privacy.OfNobody, Category: "none", Sealed: true})
}

// Holder answers to privacy for the package's table.
type Holder struct{}

// Name is the holder's name.
func (Holder) Name() string { return "segment" }

// Export hands nothing out: a segment is about nobody in particular.
func (Holder) Export(context.Context, *storage.Tx, privacy.Subject, privacy.Export) error { return nil }

// Erase erases nothing: who was erased is in no segment, as segments keep no members.
func (Holder) Erase(context.Context, *storage.Tx, privacy.Subject) (privacy.Counts, error) {
	return privacy.Counts{}, nil
}

// Retain retires nothing: segments go when somebody deletes them.
func (Holder) Retain(context.Context, *storage.Tx, privacy.Rule) (int64, error) { return 0, nil }
