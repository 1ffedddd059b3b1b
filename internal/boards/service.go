package boards

import (
	"context"
	"slices"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/files"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/search"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/sensitive"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Deps is what the service needs.
type Deps struct {
	DB       *storage.DB
	Vault    *vault.Vault
	Audit    *audit.Log
	Outbox   *live.Outbox
	Search   *search.Store
	Files    *files.Service
	Contacts *contacts.Service
	Clock    clock.Clock
	IDs      id.Source
	// MayHandle tells whether the customer's people may handle somebody's data: nil,
	// or why not. A nil MayHandle lets them.
	MayHandle func(tx *storage.Tx, sub privacy.Subject) error
	// Names gives operators' names by id; those it does not know are absent.
	Names func(ctx context.Context, workspaceID string, operatorIDs []string) (map[string]string, error)
	// IsOperator tells whether somebody may look after a post of the workspace.
	IsOperator func(ctx context.Context, workspaceID, operatorID string) (bool, error)
	// Said tells whether a conversation is of a person, whichever of their contacts, and
	// a message in it, unless "", is theirs. A nil Said lets every one.
	Said func(tx *storage.Tx, workspaceID, contactID, conversationID, messageID string) (bool, error)
	// Voices lets people speak for themselves.
	Voices VoiceDeps
	// Imports is what taking other boards over needs.
	Imports ImportDeps
	// Policy says what the workspace does with sensitive text. Nil: the default.
	Policy func(ctx context.Context, workspaceID string) (sensitive.Policy, error)
	// InSegment tells whether somebody is in a segment of the context's workspace.
	InSegment func(ctx context.Context, segmentID, contactID string) (bool, error)
	// Segments finds who is in a segment. Nil: nobody is.
	Segments *segment.Service
	// Address gives the origin of this server and a workspace's part of its boards'
	// addresses.
	Address func(ctx context.Context, workspaceID string) (origin, slug string, err error)
}

// Service keeps boards. It is safe for concurrent use.
type Service struct {
	Deps
	running running
	shelf   shelf
	facets  recent[countedFacets]

	lexicons lexicons
}

// New gives the service.
func New(d Deps) *Service {
	if d.Policy == nil {
		d.Policy = func(context.Context, string) (sensitive.Policy, error) { return sensitive.DefaultPolicy(), nil }
	}
	s := &Service{Deps: d, shelf: shelf{recent[openedWords]{most: shelfBytes}, recent[openedName]{most: nameBytes}}, facets: recent[countedFacets]{most: facetBytes}}
	if d.Outbox != nil {
		d.Outbox.OnCommit(s.forgetFrom)
	}
	return s
}

// masked gives a text as the workspace lets it be stored.
func (s *Service) masked(ctx context.Context, text string) (string, error) {
	if len(sensitive.Find(text)) == 0 {
		return text, nil
	}
	policy, err := s.Policy(ctx, actor.From(ctx).WorkspaceID)
	if err != nil {
		return "", err
	}
	return policy.Check(text).Text, nil
}

// key gives the key that seals what a contact wrote, or the workspace's for "".
func (s *Service) key(ctx context.Context, workspaceID, contactID string) (*vault.Key, error) {
	key, err := s.Vault.Key(ctx, vault.Subject{Workspace: workspaceID, ID: contactID})
	if fault.Is(err, fault.KindGone) {
		return nil, fault.NotFound("contact")
	}
	return key, err
}

// person locks somebody whom the actor adds something about, and gives the contact
// that stands for them; or why that may not be.
func (s *Service) person(tx *storage.Tx, a actor.Actor, contactID string) (string, error) {
	members, err := contacts.LockGroup(tx, privacy.Subject{WorkspaceID: a.WorkspaceID, ContactID: contactID})
	if err != nil {
		return "", err
	}
	sub := privacy.Subject{WorkspaceID: a.WorkspaceID, ContactID: members[0].ContactID}
	switch {
	case a.Type == actor.Contact:
		err = s.themselves(tx, a, members)
	case s.MayHandle != nil && privacy.WorksForCustomer(a):
		err = s.MayHandle(tx, sub)
	}
	return sub.ContactID, err
}

// record appends to the audit log.
func (s *Service) record(tx *storage.Tx, a actor.Actor, action, kind, target string, details map[string]string) error {
	return s.Audit.Append(tx, audit.Entry{WorkspaceID: a.WorkspaceID, ActorType: a.Type, ActorID: a.ID, Action: action,
		TargetType: kind, TargetID: target, Details: details})
}

// sealed is something of which a contact, or nobody, holds the key.
type sealed struct {
	contactID string
	contact   contacts.Sealed
	author    *Author
}

// open calls each with the key of every row, and names its author: of somebody who
// was merged by who stands for them. Rows whose key is gone are passed over, so ok
// is false for them. Those whose author is restricted are told to each.
func (s *Service) open(ctx context.Context, rows []sealed, each func(i int, key *vault.Key, restricted bool) error) (ok []bool, err error) {
	a := actor.From(ctx)
	subjects := make([]vault.Subject, len(rows))
	for i, r := range rows {
		subjects[i] = vault.Subject{Workspace: a.WorkspaceID, ID: r.contactID}
	}
	keys, err := s.Vault.Keys(ctx, subjects)
	if err != nil {
		return nil, err
	}
	ok = make([]bool, len(rows))
	var seen, survivors, operators []string
	for i, r := range rows {
		key := keys[subjects[i]]
		if key == nil {
			continue
		}
		err := s.openOne(i, r, key, each)
		if fault.Is(err, fault.KindGone) {
			continue // erased this moment
		}
		if err != nil {
			return nil, err
		}
		ok[i] = true
		if r.contactID != "" {
			seen = append(seen, r.contactID)
		}
		if r.contact.Survivor != "" {
			survivors = append(survivors, r.contact.Survivor)
		}
		if r.author.Type == string(actor.Operator) {
			operators = append(operators, r.author.ID)
		}
	}
	if a.Type != actor.Anonymous { // who reads a public board without a name leaves none
		s.Audit.Access(ctx, slices.DeleteFunc(seen, func(id string) bool { return id == a.ID }), "board")
	}
	return ok, s.name(ctx, rows, survivors, operators)
}

func (s *Service) openOne(i int, r sealed, key *vault.Key, each func(i int, key *vault.Key, restricted bool) error) error {
	if r.contactID != "" {
		name, err := s.openName(r.contact, key, r.contactID)
		if err != nil {
			return err
		}
		*r.author = Author{Type: string(actor.Contact), ID: r.contactID, Name: name}
	}
	return each(i, key, r.contact.Restricted != 0)
}

// name fills in the names of operators and of those who were merged.
func (s *Service) name(ctx context.Context, rows []sealed, survivors, operators []string) error {
	workspaceID := actor.From(ctx).WorkspaceID
	persons, err := s.Contacts.Persons(ctx, workspaceID, survivors)
	if err != nil {
		return err
	}
	var names map[string]string
	if len(operators) > 0 {
		if names, err = s.Names(ctx, workspaceID, operators); err != nil {
			return err
		}
	}
	for _, r := range rows {
		if who, merged := persons[r.contact.Survivor]; merged {
			*r.author = Author{Type: string(actor.Contact), ID: who.ID, Name: who.Name}
		}
		if r.author.Type == string(actor.Operator) {
			r.author.Name = names[r.author.ID]
		}
	}
	return nil
}
