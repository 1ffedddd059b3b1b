package privacy

import (
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// People is what this package asks of the table of contacts, which it does not
// own. Its functions answer "not found" for who is not in the workspace.
type People struct {
	// Standing gives how things stand with a person.
	Standing func(tx *storage.Tx, sub Subject) (Standing, error)
	// Members gives all contacts that are one person with this one, the survivor of
	// their merges first.
	Members func(tx *storage.Tx, sub Subject) ([]Member, error)
	// Lock is Members after everybody who changes one of them has been waited for.
	Lock func(tx *storage.Tx, sub Subject) ([]Member, error)
	// MarkRestricted notes since when a person is restricted, with all of their
	// contacts; the zero time: not.
	MarkRestricted func(tx *storage.Tx, sub Subject, since, now time.Time) error
	// MarkHeld notes until when a legal hold keeps a person, with all of their
	// contacts; the zero time: none does.
	MarkHeld func(tx *storage.Tx, sub Subject, until, now time.Time) error
}

// Standing is how things stand with a person; zero times say that it is not so.
type Standing struct {
	RestrictedAt time.Time
	HeldUntil    time.Time
	BinnedAt     time.Time
	// Joined tells that the person is several contacts, of which this is one.
	Joined bool
}

// IsRestricted tells whether nothing but storage may happen to the person's data.
func (st Standing) IsRestricted() bool { return !st.RestrictedAt.IsZero() }

// IsHeld tells whether a legal hold keeps the person from being erased. A hold
// ends by itself.
func (st Standing) IsHeld(now time.Time) bool { return st.HeldUntil.After(now) }

// exists tells whether a person is in the workspace: nil, or not found.
func (s *Service) exists(tx *storage.Tx, sub Subject) error {
	_, err := s.people.Standing(tx, sub)
	return err
}

// subjectOf gives the person with the id, in the workspace of whoever acts.
func subjectOf(a actor.Actor, contactID string) Subject {
	return Subject{WorkspaceID: a.WorkspaceID, ContactID: contactID}
}

// WorksForCustomer tells whether an actor handles people's data for the
// customer, rather than being the person, or Botimum itself at the person's wish.
func WorksForCustomer(a actor.Actor) bool {
	return a.Type == actor.Operator || a.Type == actor.APIKey
}

func restricted() error {
	return fault.Conflict("processing_restricted",
		"This person's data is restricted: it is stored, and nothing else may happen to it. Lift the restriction on their privacy tab first.")
}
