package privacy

import (
	"context"

	"github.com/botimum/botimum/internal/actor"
)

// SourceOf tells through what an actor acts, as it is recorded with consents,
// bases and contacts.
func SourceOf(a actor.Actor) string {
	switch a.Type {
	case actor.Contact:
		return "widget"
	case actor.Operator:
		return "dashboard"
	case actor.APIKey:
		return "api"
	}
	return "system"
}

func sourceOf(ctx context.Context) string    { return SourceOf(actor.From(ctx)) }
func workspaceOf(ctx context.Context) string { return actor.From(ctx).WorkspaceID }
