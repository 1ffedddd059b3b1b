package request

import (
	"context"
	"log/slog"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/export"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
	"github.com/botimum/botimum/internal/workspace"
)

// Letter is a mail that a request causes: a template and where it goes.
type Letter struct {
	WorkspaceID, ContactID, OperatorID string // whose key seals it; one of contact and operator
	Address, Name, Locale              string
	Template                           string
	Values                             map[string]string
	Key                                string    // the same is sent once
	Expires                            time.Time // when it is of no use any more; zero: never
}

// Officer is an operator who is told when requests fall due.
type Officer struct {
	ID, Name, Address string
}

// Deps is what the service needs. What stands as a function is another part's; one
// that is nil has the requests that need it wait for a person.
type Deps struct {
	DB         *storage.DB
	Vault      *vault.Vault
	Audit      *audit.Log
	Outbox     *live.Outbox
	Privacy    *privacy.Service
	Contacts   *contacts.Service
	Workspaces *workspace.Service
	Exports    *export.Service
	Clock      clock.Clock
	IDs        id.Source
	Logger     *slog.Logger
	PublicURL  string

	// Mail seals a mail outside of the transaction and gives what queues it inside.
	Mail func(ctx context.Context, l Letter) (queue func(tx *storage.Tx) error, err error)
	// Officers gives who is reminded: the owners and privacy officers.
	Officers func(ctx context.Context, workspaceID string) ([]Officer, error)
	// Names gives operators' names for what is shown of them.
	Names func(ctx context.Context, workspaceID string, operatorIDs []string) (map[string]string, error)
	// Restrict freezes or lifts (article 18); Object records an objection (article 21).
	Restrict func(ctx context.Context, contactID string, on bool, reason string) error
	Object   func(ctx context.Context, contactID, purpose string, on bool, source string) error
	// Rectify corrects what is held; source says who corrects.
	Rectify func(ctx context.Context, contactID string, c contacts.Change) error
}

// How often a network may ask for links, and a person for the same kind of thing.
// Each begins with a full measure: a first request is never refused.
const (
	perNetwork   = time.Minute
	burstNetwork = 20
	perPerson    = 10 * time.Minute
	burstPerson  = 10
)

// Service answers requests.
type Service struct {
	Deps
	links *httpx.Pace // asked for by mail, by network
	turns *httpx.Pace // of a person, by kind
}

// NewService gives the service.
func NewService(d Deps) *Service {
	return &Service{Deps: d, links: httpx.NewPace(perNetwork, burstNetwork), turns: httpx.NewPace(perPerson, burstPerson)}
}

// place is where a request's words are sealed.
func place(id string) vault.Place {
	return vault.Place{Table: "privacy_requests", Column: "details_sealed", Row: id}
}

// record appends what was done to the audit log and, where it has a type, the event.
func (s *Service) record(tx *storage.Tx, r row, a actor.Actor, action, eventType string, details map[string]string) error {
	if eventType != "" {
		told := map[string]string{"kind": r.kind, "state": r.state}
		for k, v := range details {
			told[k] = v
		}
		s.Outbox.Append(tx, live.Event{Type: eventType, WorkspaceID: r.workspaceID, OccurredAt: s.Clock.Now(), ActorType: a.Type, ActorID: a.ID,
			ContactID: r.contactID, ObjectID: r.id, Details: told})
	}
	noted := map[string]string{"kind": r.kind}
	for k, v := range details {
		noted[k] = v
	}
	return s.Audit.Append(tx, audit.Entry{WorkspaceID: r.workspaceID, ActorType: a.Type, ActorID: a.ID, Action: "privacy_request." + action,
		TargetType: "privacy_request", TargetID: r.id, Details: noted})
}

// key gives the contact's key, or not found: whoever has none is not here.
func (s *Service) key(ctx context.Context, workspaceID, contactID string) (*vault.Key, error) {
	if contactID == "" {
		return nil, fault.NotFound("contact")
	}
	k, err := s.Vault.Key(ctx, vault.Subject{Workspace: workspaceID, ID: contactID})
	if fault.Is(err, fault.KindGone) {
		return nil, fault.NotFound("contact")
	}
	return k, err
}
