package app

import (
	"context"
	"fmt"
	"time"

	"github.com/botimum/botimum/internal/activity"
	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/segment"
)

// demoFacts is what the demo website's shop told of a made-up person.
type demoFacts struct {
	email      string
	tags       []string
	attributes map[string]any
	did        []demoEvent
}

type demoEvent struct {
	name       string
	properties map[string]any
	ago        time.Duration
}

const demoDay = 24 * time.Hour

// demoKnown fills the demo workspace with what a shop knows of its people: attributes,
// tags and events, a segment, and a board with wishes and votes.
func (s *System) demoKnown(ctx context.Context, workspaceID, operatorID string) error {
	ctx = actor.With(ctx, actor.Actor{Type: actor.Operator, ID: operatorID, WorkspaceID: workspaceID, Permissions: actor.Permissions{"*"}, Name: "Mara Lindqvist"})
	plain := false
	for _, a := range []contacts.NewAttribute{
		{Key: "plan", Personal: &plain, Label: "Service plan", Kind: contacts.KindString, Purpose: privacy.PurposeSupport},
		{Key: "bicycles", Personal: &plain, Label: "Bicycles bought", Kind: contacts.KindNumber, Purpose: privacy.PurposeSupport},
		{Key: "next_service", Personal: &plain, Label: "Next service", Kind: contacts.KindDate, Purpose: privacy.PurposeSupport},
		{Key: "frame_size", Label: "Frame size", Description: "As measured in the shop.", Kind: contacts.KindString, Purpose: privacy.PurposeSupport},
	} {
		if _, err := s.Contacts.DeclareAttribute(ctx, a); err != nil {
			return fmt.Errorf("declaring %s: %w", a.Key, err)
		}
	}
	people := map[string]string{}
	for _, f := range demoShop(s.Clock.Now()) {
		id, err := s.demoTell(ctx, f)
		if err != nil {
			return err
		}
		people[f.email] = id
	}
	_, err := s.Segments.Create(ctx, segment.NewSegment{Name: "Fleet customers", Filter: segment.Filter{All: []segment.Filter{
		{Field: "attributes.bicycles", Op: "at_least", Value: 2.0}, {Field: "attributes.plan", Op: "is", Value: "fleet"}}}})
	if err != nil {
		return fmt.Errorf("making a segment: %w", err)
	}
	return s.demoBoard(ctx, people)
}

// demoTell adds what the shop knows to a person, and gives their id.
func (s *System) demoTell(ctx context.Context, f demoFacts) (string, error) {
	found, err := s.Contacts.Search(ctx, contacts.Query{Email: f.email}, "", 1)
	if err != nil || len(found) == 0 {
		return "", err
	}
	id := found[0].ID
	basis := &privacy.Basis{Purpose: privacy.PurposeSupport, LawfulBasis: "legitimate_interests", Evidence: "demo data: made-up people"}
	if _, err := s.Contacts.Update(ctx, id, contacts.Change{Attributes: f.attributes, Basis: basis}, nil); err != nil {
		return "", err
	}
	for _, tag := range f.tags {
		if _, err := s.Contacts.SetTag(ctx, id, tag, true); err != nil {
			return "", err
		}
	}
	var events []activity.NewEvent
	for _, e := range f.did {
		at := s.Clock.Now().Add(-e.ago)
		events = append(events, activity.NewEvent{ContactID: id, Name: e.name, Properties: e.properties, OccurredAt: &at, Basis: basis})
	}
	if len(events) > 0 {
		_, err = s.Activity.Track(ctx, events, false)
	}
	return id, err
}

func demoShop(now time.Time) []demoFacts {
	day := func(in int) string { return now.AddDate(0, 0, in).Format(time.DateOnly) }
	return []demoFacts{
		{"tomasz@brzeg.example", []string{"fleet", "invoice"}, map[string]any{"plan": "fleet", "bicycles": 6.0, "next_service": day(21)}, []demoEvent{
			{"order placed", map[string]any{"order": "Q-2041", "bicycles": 6.0}, 40 * demoDay}, {"lease signed", nil, 3 * demoDay}}},
		{"ines.carvalho@porto.example", []string{"workshop"}, map[string]any{"plan": "care", "bicycles": 1.0, "next_service": day(2), "frame_size": "52 cm"}, []demoEvent{
			{"service booked", map[string]any{"what": "hub gear"}, 2 * demoDay}}},
		{"oskar@fjord.example", []string{"architects"}, map[string]any{"plan": "care", "bicycles": 2.0, "frame_size": "57 cm"}, []demoEvent{
			{"order placed", map[string]any{"order": "Q-1988", "bicycles": 2.0}, 190 * demoDay}, {"viewed model", map[string]any{"model": "Lantern", "colour": "dark green"}, 1 * demoDay}}},
		{"amina.diallo@saintlouis.example", []string{"gift"}, map[string]any{"bicycles": 1.0}, []demoEvent{
			{"order placed", map[string]any{"order": "Q-2077", "bicycles": 1.0}, 9 * demoDay}, {"parcel handed over", map[string]any{"carrier": "Lumo"}, 5 * demoDay}}},
		{"jonas.keller@limmat.example", nil, nil, []demoEvent{{"viewed model", map[string]any{"model": "Ferry"}, demoDay / 2}, {"viewed model", map[string]any{"model": "Harbour"}, demoDay / 3}}},
	}
}
