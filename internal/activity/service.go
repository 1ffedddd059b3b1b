package activity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Deps is what the service needs.
type Deps struct {
	DB       *storage.DB
	Vault    *vault.Vault
	Outbox   *live.Outbox
	Contacts *contacts.Service
	Clock    clock.Clock
	IDs      id.Source
	// MayUse tells whether somebody's data may be used for a purpose: nil, or why not.
	MayUse func(tx *storage.Tx, sub privacy.Subject, purpose string) error
}

// Service keeps events.
type Service struct{ Deps }

// New gives the service.
func New(d Deps) *Service { return &Service{Deps: d} }

// prepared is an event that is sealed and ready to be stored.
type prepared struct {
	Event
	basis      privacy.Basis
	properties []byte
}

// Track stores what people did, all of it or nothing. Of a visitor, whoever the
// events name, it is what they did themselves. Single has a person who is not there
// be not found; in a batch they are a wrong field.
func (s *Service) Track(ctx context.Context, events []NewEvent, single bool) ([]Event, error) {
	out, err := s.track(ctx, events, single)
	if e := fault.As(err); e != nil && e.Code == "changed_meanwhile" { // somebody was merged just now
		out, err = s.track(ctx, events, single)
	}
	return out, fault.Wrap("activity.Track", err)
}

func (s *Service) track(ctx context.Context, events []NewEvent, single bool) ([]Event, error) {
	a, now := actor.From(ctx), s.Clock.Now()
	events = slices.Clone(events)
	prefix := func(i int) string {
		if single {
			return ""
		}
		return fmt.Sprintf("events[%d].", i)
	}
	var bad []fault.FieldError
	for i := range events {
		bad = append(bad, events[i].check(now, prefix(i))...)
	}
	if len(bad) > 0 {
		return nil, fault.InvalidFields(bad...)
	}
	all := make([]prepared, len(events))
	for i := range events {
		who, err := s.whose(ctx, a, &events[i])
		if fault.Is(err, fault.KindNotFound) && !single {
			bad = append(bad, fault.FieldError{Field: prefix(i) + "contact_id", Detail: "and external_id lead to nobody in this workspace"})
			continue
		}
		if fault.Is(err, fault.KindInvalid) && !single {
			bad = append(bad, fault.FieldError{Field: prefix(i) + "contact_id", Detail: "or external_id is needed, and not both"})
			continue
		}
		if err != nil {
			return nil, err
		}
		if all[i].basis, err = s.Contacts.ResolveBasis(ctx, a.WorkspaceID, events[i].Basis); err != nil {
			return nil, err
		}
		all[i].Event = Event{ID: s.IDs.New(id.Activity), ContactID: who, Name: events[i].Name, OccurredAt: *events[i].OccurredAt, CreatedAt: now}
	}
	if len(bad) > 0 {
		return nil, fault.InvalidFields(bad...)
	}
	keys, err := s.seal(ctx, a.WorkspaceID, events, all)
	if err != nil {
		return nil, err
	}
	if err := s.DB.Write(ctx, func(tx *storage.Tx) error { return s.save(tx, a, all, keys, now) }); err != nil {
		return nil, err
	}
	out := make([]Event, len(all))
	for i := range all {
		out[i] = all[i].Event
	}
	return out, nil
}

// whose gives the contact that an event is stored under.
func (s *Service) whose(ctx context.Context, a actor.Actor, e *NewEvent) (string, error) {
	who := e.ContactID
	switch {
	case a.Type == actor.Contact:
		who = a.ID
	case (e.ContactID == "") == (e.ExternalID == ""):
		return "", fault.Invalid("contact_id", "or external_id is needed, and not both")
	case who == "":
		var err error
		if who, err = s.Contacts.FindByExternalID(ctx, a.WorkspaceID, e.ExternalID); err != nil {
			return "", err
		}
	}
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if a.Type == actor.Contact { // what nobody vouched for stays apart, even of who was merged
			return contacts.Exists(tx, a.WorkspaceID, who)
		}
		who, err = contacts.Survivor(tx, a.WorkspaceID, who)
		return err
	})
	if a.Type == actor.Contact && fault.Is(err, fault.KindNotFound) {
		return "", fault.Conflict("nothing_held", "Nothing is held about this visitor, and what they do is not followed before they write or are identified. Call identify first.")
	}
	return who, err
}

func place(row string) vault.Place {
	return vault.Place{Table: "contact_events", Column: "properties_sealed", Row: row}
}

func (s *Service) seal(ctx context.Context, workspaceID string, events []NewEvent, all []prepared) (map[string]*vault.Key, error) {
	keys := map[string]*vault.Key{}
	for i := range all {
		e := &all[i]
		if keys[e.ContactID] == nil {
			key, err := s.Vault.Key(ctx, vault.Subject{Workspace: workspaceID, ID: e.ContactID})
			if fault.Is(err, fault.KindGone) {
				return nil, fault.NotFound("contact") // erased
			}
			if err != nil {
				return nil, err
			}
			keys[e.ContactID] = key
		}
		if len(events[i].Properties) == 0 {
			continue
		}
		plain, err := json.Marshal(events[i].Properties)
		if err != nil {
			return nil, errors.New("activity: properties that were checked do not marshal")
		}
		e.properties = keys[e.ContactID].Seal(place(e.ID), plain)
	}
	return keys, nil
}

const insertEvents = `
	INSERT INTO contact_events (workspace_id, contact_id, id, name, properties_sealed, source, occurred_at, created_at) VALUES `

const selectSameBasis = `
	SELECT COUNT(*) FROM processing_bases WHERE workspace_id = $1 AND contact_id = $2 AND purpose = $3 AND lawful_basis = $4`

// save stores prepared events. Each person is locked first, by id, so that neither an
// erasure nor a merge comes between.
func (s *Service) save(tx *storage.Tx, a actor.Actor, all []prepared, keys map[string]*vault.Key, now time.Time) error {
	for _, who := range slices.Sorted(maps.Keys(keys)) {
		sub := privacy.Subject{WorkspaceID: a.WorkspaceID, ContactID: who}
		members, err := contacts.LockGroup(tx, sub)
		if err != nil {
			return err
		}
		if a.Type != actor.Contact && members[0].ContactID != who {
			return fault.Conflict("changed_meanwhile", "This person was merged just now. Try again.")
		}
		if err := s.allow(tx, a, sub, keys[who], all, now); err != nil {
			return err
		}
	}
	source := privacy.SourceOf(a)
	args := make([]any, 0, 8*len(all))
	for _, e := range all {
		args = append(args, a.WorkspaceID, e.ContactID, e.ID, e.Name, e.properties, source, clock.Micros(e.OccurredAt), clock.Micros(e.CreatedAt))
	}
	_, err := storage.InsertRows(tx, insertEvents, 8, args, "")
	return err
}

// allow asks for each purpose of one person's events whether it may be, notes the
// bases that are new, and tells of the events.
func (s *Service) allow(tx *storage.Tx, a actor.Actor, sub privacy.Subject, key *vault.Key, all []prepared, now time.Time) error {
	asked := map[privacy.Basis]bool{}
	last := ""
	for _, e := range all {
		if e.ContactID != sub.ContactID {
			continue
		}
		last = e.ID
		if asked[e.basis] {
			continue
		}
		asked[e.basis] = true
		if err := s.MayUse(tx, sub, e.basis.Purpose); err != nil {
			return err
		}
		var have int
		if err := tx.QueryRow(selectSameBasis, sub.WorkspaceID, sub.ContactID, e.basis.Purpose, e.basis.LawfulBasis).Scan(&have); err != nil {
			return err
		}
		if have > 0 {
			continue // events are many; why they may be is said once
		}
		if err := privacy.InsertBasis(tx, privacy.SealBasis(key, s.IDs, sub, e.basis, privacy.SourceOf(a), now)); err != nil {
			return err
		}
	}
	s.Outbox.Append(tx, live.Event{Type: live.ContactTracked, WorkspaceID: sub.WorkspaceID, OccurredAt: now, ActorType: a.Type, ActorID: a.ID,
		ContactID: sub.ContactID, ObjectID: last})
	return nil
}
