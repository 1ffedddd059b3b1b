package privacy

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Member is one of the contacts that are one person: the survivor of a merge, or
// who was merged into it. What is about them stays under their own id and key.
type Member struct {
	Subject
	// JoinedAt is when they were merged; zero for the survivor.
	JoinedAt time.Time
}

// Members gives all contacts that are one person with this one, the survivor first.
func (s *Service) Members(tx *storage.Tx, sub Subject) ([]Member, error) {
	return s.people.Members(tx, sub)
}

// survivor gives the contact that stands for the person, so that what is sealed and
// written from now on goes there.
func (s *Service) survivor(ctx context.Context, sub Subject) (Subject, error) {
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		members, err := s.people.Members(tx, sub)
		if err == nil {
			sub = members[0].Subject
		}
		return err
	})
	return sub, err
}

// subjectFor gives whom an actor's act is written down for: the person's survivor. A
// visitor who was merged and is not signed in speaks for themselves alone, and where
// what they say is stricter it holds for the whole person.
func (s *Service) subjectFor(ctx context.Context, contactID string) (Subject, error) {
	a := actor.From(ctx)
	if a.Type == actor.Contact {
		return subjectOf(a, contactID), nil
	}
	return s.survivor(ctx, subjectOf(a, contactID))
}

// lockPerson has transactions about a person wait for each other, and gives all of
// the person's contacts. Whoever prepared something for a survivor who was merged
// into somebody else meanwhile has to prepare it again.
func (s *Service) lockPerson(tx *storage.Tx, sub Subject) ([]Member, error) {
	members, err := s.people.Lock(tx, sub)
	if err == nil && members[0].Subject != sub {
		err = fault.Conflict("changed_meanwhile", "This person was merged with another just now. Try again.")
	}
	return members, err
}

// lockActing is lockPerson for an act that is written down for whom
// [Service.subjectFor] gave.
func (s *Service) lockActing(tx *storage.Tx, a actor.Actor, sub Subject) ([]Member, error) {
	if a.Type == actor.Contact {
		return s.people.Lock(tx, sub)
	}
	return s.lockPerson(tx, sub)
}

// act is somebody's last act about a purpose.
type act struct {
	action string
	at     int64
}

// lastActs gives the last act of each of the person's contacts about a purpose.
func lastActs(tx *storage.Tx, table string, members []Member, purpose string) (map[string]act, error) {
	out := map[string]act{}
	for _, m := range members {
		one, err := lastAct(tx, `SELECT action, created_at FROM `+table+
			` WHERE workspace_id = $1 AND contact_id = $2 AND purpose = $3 ORDER BY created_at DESC, id DESC LIMIT 1`, m.Subject, purpose)
		if err != nil {
			return nil, err
		}
		if one.action != "" {
			out[m.ContactID] = one
		}
	}
	return out, nil
}

// inForce gives what holds for a person as a whole: the strict act if one of their
// contacts did it last, and otherwise what another did. Only what the survivor did
// after somebody joined, and after that one's act, is the whole person's word and
// takes a strict act of theirs back.
func inForce(members []Member, last map[string]act, strict string) string {
	own := last[members[0].ContactID]
	if own.action == strict {
		return strict
	}
	action := own.action
	for _, m := range members[1:] {
		theirs, has := last[m.ContactID]
		switch {
		case !has:
		case theirs.action == strict && (own.action == "" || own.at <= theirs.at || own.at <= clock.Micros(m.JoinedAt)):
			return strict
		case action == "":
			action = theirs.action
		}
	}
	return action
}

// personOf gives the contacts that are one person with this one, asking the
// database only where there may be more than one.
func (s *Service) personOf(tx *storage.Tx, sub Subject, st Standing) ([]Member, error) {
	if !st.Joined {
		return []Member{{Subject: sub}}, nil
	}
	return s.people.Members(tx, sub)
}

// of gathers something of each of a person's contacts.
func of[T any](members []Member, get func(Member) ([]T, error)) ([]T, error) {
	out := []T{}
	for _, m := range members {
		some, err := get(m)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

// newest sorts records of several contacts, newest first.
func newest[T any](records []T, at func(T) (time.Time, string)) []T {
	slices.SortStableFunc(records, func(a, b T) int {
		ta, ia := at(a)
		tb, ib := at(b)
		if c := tb.Compare(ta); c != 0 {
			return c
		}
		return strings.Compare(ib, ia)
	})
	return records
}

// read gives something of each of a person's contacts, opened with its own key.
func read[T any](ctx context.Context, s *Service, sub Subject, get func(tx *storage.Tx, m Member, key *vault.Key) ([]T, error)) ([]T, error) {
	var members []Member
	err := s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		members, err = s.people.Members(tx, sub)
		return err
	})
	if err != nil {
		return nil, err
	}
	keys := make(map[string]*vault.Key, len(members))
	for _, m := range members {
		if keys[m.ContactID], err = s.keyOf(ctx, m.Subject); err != nil {
			return nil, err
		}
	}
	var out []T
	err = s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		out, err = of(members, func(m Member) ([]T, error) { return get(tx, m, keys[m.ContactID]) })
		return err
	})
	return out, err
}
