package live

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// types are all that there are, in the order of the contract.
var types = []string{
	ContactCreated, ContactUpdated, ContactMerged, ContactErased, ContactTracked,
	ConsentGranted, ConsentWithdrawn,
	ConversationCreated, ConversationUpdated, ConversationAssigned, ConversationResolved, ConversationReopened, ConversationRemoved,
	MessageCreated, MessageRedacted,
	PostCreated, PostUpdated, PostMerged, VoteAdded, VoteRemoved, CommentCreated, CommentUpdated, ReactionAdded, ReactionRemoved,
	ChangelogPublished,
	PrivacyRequestCreated, PrivacyRequestDue, PrivacyRequestExtended, PrivacyRequestCompleted, PrivacyRequestRefused,
	BreachOpened, BreachUpdated,
	SecurityAlert,
	ImportUpdated, BulkProgress,
}

// Types lists the types of events.
func Types() []string { return slices.Clone(types) }

// Last gives the number of a workspace's last event, 0 if there was none.
func Last(tx *storage.Tx, workspaceID string) (int64, error) { return sequenceOf(tx, workspaceID) }

// After gives the events of a workspace that follow a number, at most limit: for
// who follows the table rather than a stream. What is committed later follows them.
func After(tx *storage.Tx, workspaceID string, after int64, limit int) ([]Event, error) {
	return readEvents(tx, workspaceID, selectEvents, []any{workspaceID, after, limit})
}

// At gives a workspace's event by its number, or not found: it may be past the
// term for which events are kept.
func At(tx *storage.Tx, workspaceID string, sequence int64) (Event, error) {
	found, err := After(tx, workspaceID, sequence-1, 1)
	if err != nil {
		return Event{}, err
	}
	if len(found) == 0 || found[0].Sequence != sequence {
		return Event{}, fault.NotFound("event")
	}
	return found[0], nil
}

// Envelope gives the event as it travels, with data that must be a JSON object.
func (e *Event) Envelope(data []byte) ([]byte, error) {
	return json.Marshal(envelope{ID: e.ID, Type: e.Type, WorkspaceID: e.WorkspaceID, Sequence: e.Sequence,
		OccurredAt: e.OccurredAt.UTC(), Actor: actor.Ref{Type: e.ActorType, ID: e.ActorID}, Data: data})
}

// Data gives what holders of the type's [Permission] are told of an event, made
// this moment: what is sealed is opened. Where no domain renders it, that is its
// ids. Unlike a stream, which goes on without, the caller hears of a failure.
func (h *Hub) Data(ctx context.Context, e Event) (data []byte, err error) {
	i := slices.IndexFunc(h.renderers, func(r registered) bool { return strings.HasPrefix(e.Type, r.prefix) })
	if i < 0 {
		return e.idsOnly(), nil
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("live: a renderer panicked: %v\n%s", p, debug.Stack())
		}
	}()
	as := actor.With(ctx, actor.Actor{Type: actor.System, WorkspaceID: e.WorkspaceID})
	operator, _, err := h.renderers[i].render(as, []Event{e})
	if err != nil {
		return nil, err
	}
	if len(operator) != 1 {
		return nil, fmt.Errorf("live: a renderer gave %d results for one event", len(operator))
	}
	return operator[0], nil
}
