package privacy

import (
	"context"
	"slices"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
)

// Objection is one act of objecting to a purpose, or of taking that back (GDPR
// article 21). Objections are only ever added.
type Objection struct {
	ID        string    `json:"id" example:"obj_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	Purpose   string    `json:"purpose"`
	Action    string    `json:"action" enum:"object,withdraw"`
	Source    string    `json:"source" enum:"widget,portal,board,form,api,javascript,dashboard,import,system"`
	Actor     actor.Ref `json:"actor"`
	CreatedAt time.Time `json:"created_at"`
	InForce   bool      `json:"in_force" doc:"Whether this is the person's last word on the purpose, and an objection."`
}

// Objected is the act of objecting; [Withdraw] takes it back.
const Objected = "object"

// Object records that a person objects to a purpose, or takes an objection back.
// From then on MayUse refuses the purpose. Saying again what is in force adds
// nothing. Source is one of [Sources]; "" means: through what the actor acts.
func (s *Service) Object(ctx context.Context, contactID, purpose string, on bool, source string) error {
	_, err := s.object(ctx, contactID, purpose, on, source)
	return err
}

func (s *Service) object(ctx context.Context, contactID, purpose string, on bool, source string) (Objection, error) {
	a := actor.From(ctx)
	if source == "" {
		source = SourceOf(a)
	}
	if err := checkSource(source); err != nil {
		return Objection{}, err
	}
	o := Objection{Purpose: purpose, Action: Withdraw, Source: source, Actor: a.Ref(), InForce: on}
	if on {
		o.Action = Objected
	}
	sub, err := s.subjectFor(ctx, contactID)
	if err != nil {
		return Objection{}, fault.Wrap("privacy.Object", err)
	}
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		members, err := s.lockActing(tx, a, sub)
		if err != nil {
			return err
		}
		objected, err := hasObjection(tx, members, purpose)
		if err != nil {
			return err
		}
		switch {
		case on && objected:
			return lastObjectionOf(tx, members, purpose, &o)
		case !on && !objected:
			return fault.Conflict("not_objected", "There is no objection to that use in force, so there is nothing to take back.")
		case on:
			if err := s.mayObject(tx, sub.WorkspaceID, purpose); err != nil {
				return err
			}
		}
		return s.insertObjection(tx, sub, members, &o)
	})
	return o, fault.Wrap("privacy.Object", err)
}

// mayObject refuses what is no purpose, and what the law obliges the controller
// to. To every other use a no is recorded, also where article 21(1) gives no right
// to it: refusing somebody's no would help nobody.
func (s *Service) mayObject(tx *storage.Tx, workspaceID, purpose string) error {
	purposes, err := presentPurposes(tx, workspaceID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(purposes, func(p Purpose) bool { return p.Key == purpose })
	if i < 0 {
		return fault.Invalid("purpose", "is not a purpose of this workspace; GET /api/v1/privacy/purposes lists them")
	}
	if basis := purposes[i].LawfulBasis; basis == "legal_obligation" {
		return fault.Conflict("no_objection", "The law obliges the controller to this use, so nobody can object to it (GDPR article 21(1)).")
	}
	return nil
}

const insertObjectionSQL = `
	INSERT INTO objections (workspace_id, contact_id, id, purpose, action, source, actor_type, actor_id, created_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

func (s *Service) insertObjection(tx *storage.Tx, sub Subject, members []Member, o *Objection) error {
	now, err := momentAfter(tx, "objections", members, s.clock.Now())
	if err != nil {
		return err
	}
	o.ID, o.CreatedAt = s.ids.New(id.Objection), now
	_, err = tx.Exec(insertObjectionSQL, sub.WorkspaceID, sub.ContactID, o.ID, o.Purpose, o.Action, o.Source,
		string(o.Actor.Type), o.Actor.ID, clock.Micros(now))
	if err != nil {
		return err
	}
	s.changed(tx, sub, o.Actor, "objections", now)
	return s.audit.Append(tx, audit.Entry{WorkspaceID: sub.WorkspaceID, ActorType: o.Actor.Type, ActorID: o.Actor.ID,
		Action: "contact.objection_" + map[bool]string{true: "made", false: "withdrawn"}[o.Action == Objected], TargetType: "contact", TargetID: sub.ContactID,
		Details: map[string]string{"purpose": o.Purpose, "source": o.Source}})
}

// changed tells of a contact in which a field changed.
func (s *Service) changed(tx *storage.Tx, sub Subject, by actor.Ref, field string, at time.Time) {
	s.outbox.Append(tx, live.Event{Type: live.ContactUpdated, WorkspaceID: sub.WorkspaceID, OccurredAt: at, ActorType: by.Type, ActorID: by.ID,
		ContactID: sub.ContactID, ObjectID: sub.ContactID, Details: map[string]string{"fields": field}})
}

// Objections gives every act of a person, newest first.
func (s *Service) Objections(ctx context.Context, contactID string) ([]Objection, error) {
	var out []Objection
	sub := subjectOf(actor.From(ctx), contactID)
	err := s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		members, err := s.people.Members(tx, sub)
		if err != nil {
			return err
		}
		out, err = objectionsIn(tx, members)
		return err
	})
	return out, fault.Wrap("privacy.Objections", err)
}

const selectObjections = `
	SELECT id, purpose, action, source, actor_type, actor_id, created_at
	FROM objections WHERE workspace_id = $1 AND contact_id = $2
	ORDER BY created_at DESC, id DESC`

func objectionsOf(tx *storage.Tx, sub Subject) ([]Objection, error) {
	rows, err := tx.Query(selectObjections, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out, said := []Objection{}, map[string]bool{}
	for rows.Next() {
		var o Objection
		var at int64
		if err := rows.Scan(&o.ID, &o.Purpose, &o.Action, &o.Source, &o.Actor.Type, &o.Actor.ID, &at); err != nil {
			return nil, err
		}
		o.CreatedAt = clock.FromMicros(at)
		o.InForce = !said[o.Purpose] && o.Action == Objected
		said[o.Purpose] = true
		out = append(out, o)
	}
	return out, rows.Err()
}

// objectionsIn gives the objections of all of a person's contacts, newest first, with
// what is in force for the person.
func objectionsIn(tx *storage.Tx, members []Member) ([]Objection, error) {
	all, err := of(members, func(m Member) ([]Objection, error) { return objectionsOf(tx, m.Subject) })
	if err != nil {
		return nil, err
	}
	for i, o := range all {
		if o.InForce && len(members) > 1 {
			if all[i].InForce, err = hasObjection(tx, members, o.Purpose); err != nil {
				return nil, err
			}
		}
	}
	return newest(all, func(o Objection) (time.Time, string) { return o.CreatedAt, o.ID }), nil
}

func lastObjectionOf(tx *storage.Tx, members []Member, purpose string, into *Objection) error {
	all, err := objectionsIn(tx, members)
	if i := slices.IndexFunc(all, func(o Objection) bool { return o.Purpose == purpose && o.InForce }); err == nil && i >= 0 {
		*into = all[i]
	}
	return err
}
