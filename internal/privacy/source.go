package privacy

import (
	"context"
	"slices"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
)

// Sources are where a consent or an objection may have been said.
var Sources = []string{"widget", "portal", "board", "form", "api", "javascript", "dashboard", "import", "system"}

func checkSource(source string) error {
	if !slices.Contains(Sources, source) {
		return fault.Invalid("source", "must be one of "+strings.Join(Sources, ", "))
	}
	return nil
}

// SourceOf tells through what an actor acts, as it is recorded with consents,
// bases and contacts.
func SourceOf(a actor.Actor) string {
	switch a.Type {
	case actor.Contact:
		if a.Surface != "" {
			return a.Surface
		}
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
