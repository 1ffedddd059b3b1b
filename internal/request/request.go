package request

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
)

// The kinds of requests, with the article of the GDPR that gives the right.
const (
	Access        = "access"        // article 15
	Rectification = "rectification" // article 16
	Erasure       = "erasure"       // article 17
	Restriction   = "restriction"   // article 18
	Portability   = "portability"   // article 20
	Objection     = "objection"     // article 21
)

// Kinds lists the kinds, in the order of the articles.
func Kinds() []string {
	return []string{Access, Rectification, Erasure, Restriction, Portability, Objection}
}

// Where a request came from.
const (
	FromPortal   = "portal"
	FromWidget   = "widget"
	FromMail     = "email_link"
	FromAPI      = "api"
	FromOperator = "operator"
)

// The states of a request.
const (
	Received   = "received" // identity is not proven yet
	Verified   = "verified"
	InProgress = "in_progress"
	Completed  = "completed"
	Refused    = "refused"
	Withdrawn  = "withdrawn" // by the person
)

// How identity was proven; see the package's comment.
const (
	ByMailLink = "mail_link"
	ByToken    = "identity_token"
	BySession  = "session"
	ByOperator = "operator"
	ByKey      = "api_key"
)

// LegalHold is what an erasure waits for.
const LegalHold = "legal_hold"

// The reasons for which a request may be refused.
const (
	IdentityNotProven = "identity_not_proven" // article 12(2), 12(6)
	Unfounded         = "manifestly_unfounded"
	Excessive         = "excessive" // article 12(5)
	LegalObligation   = "legal_obligation"
	LegalClaims       = "legal_claims" // article 17(3), 21(1)
	RightsOfOthers    = "rights_of_others"
	OverridingGrounds = "overriding_grounds" // article 21(1)
	AccurateAlready   = "accurate_already"
	NothingHeld       = "nothing_held"
	Other             = "other" // needs words
)

// Reasons lists the reasons for a refusal.
func Reasons() []string {
	return []string{IdentityNotProven, Unfounded, Excessive, LegalHold, LegalObligation, LegalClaims, RightsOfOthers,
		OverridingGrounds, AccurateAlready, NothingHeld, Other}
}

// Request is one thing that a person asked for.
type Request struct {
	ID         string            `json:"id" example:"req_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	ContactID  *string           `json:"contact_id" doc:"Null once the person was erased."`
	Contact    *contacts.Summary `json:"contact,omitempty" doc:"Who asks, for operators."`
	Kind       string            `json:"kind" enum:"access,rectification,erasure,restriction,portability,objection"`
	Source     string            `json:"source" enum:"portal,widget,email_link,api,operator"`
	State      string            `json:"state" enum:"received,verified,in_progress,completed,refused,withdrawn"`
	Purpose    string            `json:"purpose" doc:"What is objected to; empty for all that can be."`
	Note       string            `json:"note" doc:"What the person wrote."`
	Changes    map[string]string `json:"changes" doc:"What is to be corrected, by field."`
	Proof      string            `json:"proof" enum:"mail_link,identity_token,session,operator,api_key," doc:"How identity was proven; empty while it is not."`
	VerifiedBy *actor.Ref        `json:"verified_by" doc:"The operator or key that vouched."`
	FiledBy    actor.Ref         `json:"filed_by"`
	Handler    *actor.Ref        `json:"handler" doc:"Who took it on."`
	Automatic  bool              `json:"automatic" doc:"Whether the machine answers it."`
	Hold       string            `json:"hold" enum:"legal_hold," doc:"What the machine waits for."`
	Reason     string            `json:"reason" doc:"Why it was refused, from a list."`
	Answer     string            `json:"answer" doc:"What the workspace wrote to the person."`
	Complaint  *Complaint        `json:"complaint,omitempty" doc:"Where the person may complain; with a refusal."`
	ReceiptID  *string           `json:"receipt_id" doc:"The receipt of the erasure."`
	ReceivedAt time.Time         `json:"received_at"`
	VerifiedAt *time.Time        `json:"verified_at"`
	StartedAt  *time.Time        `json:"started_at"`
	ClosedAt   *time.Time        `json:"closed_at"`
	DueAt      time.Time         `json:"due_at" doc:"When the workspace means to have answered."`
	LegalDueAt time.Time         `json:"legal_due_at" doc:"When the law wants it answered: a month after receipt, and two more where the term was extended (article 12(3))."`
	Extension  *Extended         `json:"extension,omitempty" doc:"That the term was extended, and why."`
	Overdue    bool              `json:"overdue"`
	UpdatedAt  time.Time         `json:"updated_at"`
	Steps      []Step            `json:"steps" doc:"What happened, oldest first."`
}

// Step is something that happened to a request.
type Step struct {
	What string     `json:"what" enum:"received,verified,started,extended,reminded,escalated,completed,refused,withdrawn"`
	At   time.Time  `json:"at"`
	By   *actor.Ref `json:"by,omitempty"`

	Level int `json:"level,omitempty" doc:"Of a reminder: 1 to 3, after three, five and six sevenths of the time; 4 once it was over. After an outage one may stand for those before it."`
}

// Extended says that the term of a request was extended (article 12(3)).
type Extended struct {
	At     time.Time  `json:"at"`
	By     *actor.Ref `json:"by,omitempty"`
	Reason string     `json:"reason" doc:"Why, as the person was told."`
}

// Complaint says where a person may complain about a refusal (article 12(4), 77).
type Complaint struct {
	Authority string `json:"authority"`
	URL       string `json:"url"`
}

// IsOpen tells whether the request waits for an answer.
func (r Request) IsOpen() bool { return r.ClosedAt == nil }

// New is a request as it is filed.
type New struct {
	ContactID string
	Kind      string
	Source    string
	Purpose   string            // for an objection; "" for everything that can be objected to
	Note      string            // what the person writes
	Changes   map[string]string // for a rectification: by field
	Verified  bool              // whether identity is proven; the actor vouches
	Proof     string            // how, where a person files it themselves
	Locale    string

	portalID string // the portal session that it is filed in
}

const (
	maxNote   = 4000
	maxChange = 254
)

// rectifiable are the fields that a person may have corrected.
var rectifiable = []string{"email", "name", "first_name", "last_name", "phone", "locale", "timezone"}

// validate says everything that is wrong with a request, by field.
func (n New) validate() error {
	var bad []fault.FieldError
	say := func(field, detail string) { bad = append(bad, fault.FieldError{Field: field, Detail: detail}) }
	if !slices.Contains(Kinds(), n.Kind) {
		say("kind", "must be one of "+strings.Join(Kinds(), ", "))
	}
	if utf8.RuneCountInString(n.Note) > maxNote {
		say("note", "is too long")
	}
	if strings.ContainsRune(n.Note, 0) {
		say("note", "must not hold null characters")
	}
	if n.Purpose != "" && n.Kind != Objection {
		say("purpose", "is for objections alone")
	}
	if len(n.Changes) > 0 && n.Kind != Rectification {
		say("changes", "are for rectifications alone")
	}
	if n.Kind == Rectification && len(n.Changes) == 0 && strings.TrimSpace(n.Note) == "" {
		say("changes", "or a note must say what is wrong")
	}
	for field, value := range n.Changes {
		if !slices.Contains(rectifiable, field) {
			bad = append(bad, fault.FieldError{Field: "changes", Detail: "may name " + strings.Join(rectifiable, ", ")})
			break
		}
		if utf8.RuneCountInString(value) > maxChange {
			say("changes."+field, "is too long")
		}
	}
	if len(bad) > 0 {
		return fault.InvalidFields(bad...)
	}
	return n.change().Validate()
}

// change gives what a rectification changes, as contacts take it.
func (n New) change() contacts.Change { return changeOf(n.Changes) }

func changeOf(changes map[string]string) contacts.Change {
	var c contacts.Change
	into := map[string]**string{"email": &c.Email, "name": &c.Name, "first_name": &c.FirstName, "last_name": &c.LastName,
		"phone": &c.Phone, "locale": &c.Locale, "timezone": &c.Timezone}
	for _, field := range slices.Sorted(maps.Keys(changes)) {
		if at, known := into[field]; known {
			value := changes[field]
			*at = &value
		}
	}
	return c
}
