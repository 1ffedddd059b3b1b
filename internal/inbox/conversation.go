package inbox

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
)

// The states of a conversation.
const (
	StateOpen     = "open"     // waits for the operators
	StatePending  = "pending"  // waits for the contact
	StateSnoozed  = "snoozed"  // comes back at a time
	StateResolved = "resolved" // done, until the contact writes again
)

// States in the order of their work.
var States = []string{StateOpen, StatePending, StateSnoozed, StateResolved}

// Priorities from least to most.
var Priorities = []string{"none", "low", "medium", "high", "urgent"}

// The bounds of what people write.
const (
	MaxBody    = 20_000 // characters of a message
	maxSubject = 200
	maxTags    = 20
	maxTag     = 40
	previewLen = 140
)

// Conversation is a thread between a contact and the operators.
type Conversation struct {
	ID                 string           `json:"id" example:"cnv_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	ContactID          string           `json:"contact_id"`
	Contact            contacts.Summary `json:"contact"`
	Restricted         bool             `json:"restricted" doc:"Whether subject and previews are veiled, since the contact's data is restricted (GDPR article 18)."`
	Subject            string           `json:"subject"`
	State              string           `json:"state" enum:"open,pending,snoozed,resolved"`
	Priority           string           `json:"priority" enum:"none,low,medium,high,urgent"`
	AssigneeID         *string          `json:"assignee_id"`
	Tags               []string         `json:"tags"`
	Channel            string           `json:"channel" enum:"chat,api"`
	UnreadCount        int64            `json:"unread_count" doc:"Messages of the contact that no operator has read."`
	ContactUnreadCount int64            `json:"contact_unread_count"`
	MessageCount       int64            `json:"message_count" doc:"Notes included."`
	LastMessage        *LastMessage     `json:"last_message" doc:"The last message that the contact may see."`
	SnoozedUntil       *time.Time       `json:"snoozed_until"`
	OperatorReadAt     *time.Time       `json:"operator_read_at"`
	ContactReadAt      *time.Time       `json:"contact_read_at"`
	ActivityAt         time.Time        `json:"activity_at" doc:"When something was last written; orders the lists."`
	CreatedAt          time.Time        `json:"created_at"`
	UpdatedAt          time.Time        `json:"updated_at"`
}

// LastMessage is what a list shows of the last message.
type LastMessage struct {
	ID         string     `json:"id"`
	AuthorType actor.Type `json:"author_type" enum:"contact,operator,api_key,system"`
	Type       string     `json:"type" enum:"reply,note"`
	Preview    string     `json:"preview"`
	CreatedAt  time.Time  `json:"created_at"`
}

// Change is what an operator wants changed in a conversation; nil leaves a field.
type Change struct {
	State        *string    `json:"state,omitempty" enum:"open,pending,snoozed,resolved"`
	Priority     *string    `json:"priority,omitempty" enum:"none,low,medium,high,urgent"`
	AssigneeID   *string    `json:"assignee_id,omitempty" maxLength:"64" doc:"An operator's id; empty for nobody."`
	Tags         *[]string  `json:"tags,omitempty" maxItems:"20"`
	SnoozedUntil *time.Time `json:"snoozed_until,omitempty" doc:"Needed with the state snoozed."`
}

// validate says what is wrong with a change at a moment.
func (c Change) validate(now time.Time) error {
	if c.State != nil && !slices.Contains(States, *c.State) {
		return fault.Invalid("state", "must be one of "+strings.Join(States, ", "))
	}
	if c.Priority != nil && !slices.Contains(Priorities, *c.Priority) {
		return fault.Invalid("priority", "must be one of "+strings.Join(Priorities, ", "))
	}
	snoozes := c.State != nil && *c.State == StateSnoozed
	if snoozes && (c.SnoozedUntil == nil || !c.SnoozedUntil.After(now)) {
		return fault.Invalid("snoozed_until", "must be a time to come when a conversation is snoozed")
	}
	if c.SnoozedUntil != nil && !snoozes {
		return fault.Invalid("snoozed_until", "goes with the state snoozed")
	}
	if c.Tags != nil {
		return checkTags(*c.Tags)
	}
	return nil
}

func checkTags(tags []string) error {
	if len(tags) > maxTags {
		return fault.Invalid("tags", "are too many; at most 20")
	}
	for _, t := range tags {
		if t == "" || t != strings.TrimSpace(t) || utf8.RuneCountInString(t) > maxTag || strings.ContainsFunc(t, unicode.IsControl) {
			return fault.Invalid("tags", "must be words of 1 to 40 characters")
		}
	}
	return nil
}

// normalTags gives the tags sorted, each once.
func normalTags(tags []string) []string {
	out := slices.Clone(tags)
	slices.Sort(out)
	out = slices.Compact(out)
	if out == nil {
		out = []string{}
	}
	return out
}

func checkSubject(s string) error {
	if utf8.RuneCountInString(s) > maxSubject || strings.ContainsFunc(s, unicode.IsControl) {
		return fault.Invalid("subject", "must be one line of at most 200 characters")
	}
	return nil
}
