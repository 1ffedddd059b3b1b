package live

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
)

// The types of events. They are part of the API's contract.
const (
	ContactCreated = "contact.created"
	ContactUpdated = "contact.updated"
	ContactMerged  = "contact.merged"
	ContactErased  = "contact.erased"
	ContactTracked = "contact.tracked" // they did something; one a person and commit

	ConsentGranted   = "consent.granted"
	ConsentWithdrawn = "consent.withdrawn"

	ConversationCreated  = "conversation.created"
	ConversationUpdated  = "conversation.updated"
	ConversationAssigned = "conversation.assigned"
	ConversationResolved = "conversation.resolved"
	ConversationReopened = "conversation.reopened"
	ConversationRemoved  = "conversation.removed" // by a retention rule, with its messages

	MessageCreated  = "message.created"
	MessageRedacted = "message.redacted"

	PostCreated    = "post.created"
	PostUpdated    = "post.updated"
	PostMerged     = "post.merged"
	VoteAdded      = "vote.added"
	VoteRemoved    = "vote.removed"
	CommentCreated = "comment.created"
	CommentUpdated = "comment.updated" // its words, its state, or it was removed

	ReactionAdded   = "reaction.added" // to a comment
	ReactionRemoved = "reaction.removed"

	ChangelogPublished = "changelog.published" // everybody may read it from now on

	PrivacyRequestCreated   = "privacy_request.created"
	PrivacyRequestExtended  = "privacy_request.extended"
	PrivacyRequestDue       = "privacy_request.due"
	PrivacyRequestCompleted = "privacy_request.completed"
	PrivacyRequestRefused   = "privacy_request.refused"
	BreachOpened            = "breach.opened"
	BreachUpdated           = "breach.updated"

	SecurityAlert = "security.alert"

	ImportUpdated = "import.updated" // its state, or how far it is
	BulkProgress  = "bulk.progress"  // of one act on many people, once a second while it runs
)

// Event is something that happened in a workspace. It names things by id and
// never holds what is personal.
type Event struct {
	ID             string // made by Append if empty
	Type           string
	WorkspaceID    string
	Sequence       int64 // given at commit
	OccurredAt     time.Time
	ActorType      actor.Type
	ActorID        string
	ContactID      string            // the person concerned, or empty
	ConversationID string            // or empty
	ObjectID       string            // what was made or changed, or empty
	Details        map[string]string // ids and states, never anything personal
}

// FieldRestricted is the field of a contact that says whether their data is
// restricted. Frames that wait in memory are emptied when it changes.
const FieldRestricted = "restricted_at"

// restricts tells whether the event says that a contact's data was restricted, or
// that this was lifted.
func (e *Event) restricts() bool {
	return e.Type == ContactUpdated && e.ContactID != "" && e.Details["fields"] == FieldRestricted
}

// area is one sort of events, and what it takes to be told of them.
type area struct{ prefix, permission string }

// areas must stay under 32: a stream keeps a bit for each.
var areas = [...]area{
	{"conversation.", "inbox:read"}, // first: typing and presence go with it
	{"message.", "inbox:read"},
	{"contact.", "contacts:read"},
	{"consent.", "privacy:read"},
	{"privacy_request.", "privacy:read"},
	{"breach.", "privacy:read"},
	{"post.", "boards:read"},
	{"vote.", "boards:read"},
	{"reaction.", "boards:read"},
	{"comment.", "boards:read"},
	{"changelog.", "boards:read"},
	{"security.", "workspace:read"},
	{"import.", "contacts:read"},
	{"bulk.", "contacts:read"},
}

const inboxBit uint32 = 1

// Permission gives the permission that a stream needs to be told of events of a
// type; the empty one, which nobody holds, for types that are not known.
func Permission(eventType string) string {
	for _, a := range areas {
		if strings.HasPrefix(eventType, a.prefix) {
			return a.permission
		}
	}
	return ""
}

// bitOf gives the bit of a type's area; 0, which no stream has, if there is none.
func bitOf(eventType string) uint32 {
	for i, a := range areas {
		if strings.HasPrefix(eventType, a.prefix) {
			return 1 << i
		}
	}
	return 0
}

// bitsOf gives the areas that permissions open.
func bitsOf(p actor.Permissions) uint32 {
	var bits uint32
	for i, a := range areas {
		if p.Allow(a.permission) {
			bits |= 1 << i
		}
	}
	return bits
}

// envelope is an event on the wire.
type envelope struct {
	ID          string          `json:"id"`
	Type        string          `json:"type"`
	WorkspaceID string          `json:"workspace_id"`
	Sequence    int64           `json:"sequence"`
	OccurredAt  time.Time       `json:"occurred_at"`
	Actor       actor.Ref       `json:"actor"`
	Data        json.RawMessage `json:"data"`
}

// frame gives the event's frame with rendered data, which must be JSON.
func (e *Event) frame(data []byte) ([]byte, error) {
	body, err := e.Envelope(data) // which also checks the data, and takes line breaks out of it
	if err != nil {
		return nil, err
	}
	b := make([]byte, 0, len(body)+len(e.Type)+40)
	b = appendID(b, e.Sequence)
	return appendFrame(b, e.Type, body), nil
}

// idsOnly is the data of an event whose thing is gone, or which no domain renders.
func (e *Event) idsOnly() []byte {
	ids := map[string]string{}
	for name, id := range map[string]string{"contact_id": e.ContactID, "conversation_id": e.ConversationID, "object_id": e.ObjectID} {
		if id != "" {
			ids[name] = id
		}
	}
	b, _ := json.Marshal(ids) // strings by strings always marshal
	return b
}

// bareFrame is the frame with ids alone.
func (e *Event) bareFrame() []byte {
	f, _ := e.frame(e.idsOnly())
	return f
}

func appendID(b []byte, sequence int64) []byte {
	b = append(b, "id: "...)
	b = strconv.AppendInt(b, sequence, 10)
	return append(b, '\n')
}

// appendFrame appends a frame; data has no line break.
func appendFrame(b []byte, event string, data []byte) []byte {
	b = append(b, "event: "...)
	b = append(b, event...)
	b = append(b, "\ndata: "...)
	b = append(b, data...)
	return append(b, "\n\n"...)
}

// appendStart appends a hello or a reset at a sequence.
func appendStart(b []byte, event string, sequence int64) []byte {
	data := strconv.AppendInt([]byte(`{"sequence":`), sequence, 10)
	return appendFrame(appendID(b, sequence), event, append(data, '}'))
}

// appendBeat appends a heartbeat. Its id is no event, but clients remember it.
func appendBeat(b []byte, sequence int64) []byte {
	return append(appendID(append(b, ": hb\n"...), sequence), '\n')
}
