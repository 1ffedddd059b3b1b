package privacy

import (
	"slices"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// MayUse tells whether a person's data may be used for a purpose at this moment:
// nil, or why not. It is the one place that knows; whoever uses data asks here,
// in the transaction that uses it, after [LockSubject] where a use must not
// overtake a change of mind. The failures are processing_restricted (GDPR article
// 18), objected (article 21), consent_missing (article 7, for purposes that rest
// on consent), contact_in_bin, and invalid for what is no purpose.
func (s *Service) MayUse(tx *storage.Tx, sub Subject, purpose string) error {
	p, err := s.PurposeIn(tx, sub.WorkspaceID, purpose)
	if err != nil {
		return err
	}
	return s.MayUseFor(tx, sub, p)
}

// PurposeIn gives a workspace's purpose as it is in force, or invalid.
func (s *Service) PurposeIn(tx *storage.Tx, workspaceID, purpose string) (Purpose, error) {
	purposes, err := presentPurposes(tx, workspaceID)
	if err != nil {
		return Purpose{}, fault.Wrap("privacy.PurposeIn", err)
	}
	i := slices.IndexFunc(purposes, func(p Purpose) bool { return p.Key == purpose })
	if i < 0 {
		return Purpose{}, fault.Invalid("purpose", "is not a purpose of this workspace; GET /api/v1/privacy/purposes lists them")
	}
	return purposes[i], nil
}

// MayUseFor is MayUse for a purpose that was looked up in the same transaction: for
// many people at once.
func (s *Service) MayUseFor(tx *storage.Tx, sub Subject, p Purpose) error {
	st, err := s.people.Standing(tx, sub)
	if err != nil {
		return fault.Wrap("privacy.MayUse", err)
	}
	if st.IsRestricted() {
		return restricted()
	}
	if !st.BinnedAt.IsZero() {
		return fault.Conflict("contact_in_bin", "This person is in the bin. Take them out first.")
	}
	members, err := s.personOf(tx, sub, st)
	if err != nil {
		return fault.Wrap("privacy.MayUse", err)
	}
	if err := mayDespiteObjections(tx, members, p.Key); err != nil {
		return err
	}
	if p.LawfulBasis == "consent" {
		given, err := hasConsent(tx, members, p.Key)
		if err != nil {
			return fault.Wrap("privacy.MayUse", err)
		}
		if !given {
			return fault.Conflict("consent_missing", "This person has not consented to that use, or has withdrawn their consent.")
		}
	}
	for _, gate := range s.gates {
		for _, m := range members {
			if err := gate(tx, m.Subject, p.Key); err != nil {
				return err
			}
		}
	}
	return nil
}

// Gate adds a further condition to [Service.MayUse]: nil, or why a person's data
// may not be used for a purpose. Gates are added while the system is wired.
func (s *Service) Gate(may func(tx *storage.Tx, sub Subject, purpose string) error) {
	s.gates = append(s.gates, may)
}

// MayHandle tells whether the customer's people may handle somebody's data in
// their daily work, which is answering: nil unless it is restricted or the person
// objected to being answered. The bin does not matter here.
func (s *Service) MayHandle(tx *storage.Tx, sub Subject) error {
	st, err := s.people.Standing(tx, sub)
	if err != nil {
		return err
	}
	if st.IsRestricted() {
		return restricted()
	}
	members, err := s.personOf(tx, sub, st)
	if err != nil {
		return err
	}
	return mayDespiteObjections(tx, members, PurposeSupport)
}

// MayChange tells whether the customer's people may change somebody's data: nil
// unless it is restricted.
func (s *Service) MayChange(tx *storage.Tx, sub Subject) error {
	st, err := s.people.Standing(tx, sub)
	if err == nil && st.IsRestricted() {
		err = restricted()
	}
	return err
}

// IsRestricted tells whether nothing but storage may happen to a person's data.
// Lists say it in SQL: contacts.restricted_at IS NULL.
func (s *Service) IsRestricted(tx *storage.Tx, sub Subject) (bool, error) {
	st, err := s.people.Standing(tx, sub)
	return st.IsRestricted(), fault.Wrap("privacy.IsRestricted", err)
}

// momentAfter gives the moment of a person's next act: now, but later than their
// acts before, with whichever of their contacts, and than these were merged. Whoever
// asks holds the person's lock, so acts are in the order in which they took effect,
// whatever the clocks of several nodes say.
func momentAfter(tx *storage.Tx, table string, members []Member, now time.Time) (time.Time, error) {
	for _, m := range members {
		var last int64
		err := tx.QueryRow(`SELECT COALESCE(MAX(created_at), 0) FROM `+table+` WHERE workspace_id = $1 AND contact_id = $2`,
			m.WorkspaceID, m.ContactID).Scan(&last)
		if err != nil {
			return now, err
		}
		for _, before := range []time.Time{clock.FromMicros(last), m.JoinedAt} {
			if !before.IsZero() && !now.After(before) {
				now = before.Add(time.Microsecond)
			}
		}
	}
	return now, nil
}

// lastAct gives a contact's last act for a purpose; the zero act if there is none.
func lastAct(tx *storage.Tx, query string, sub Subject, purpose string) (last act, err error) {
	rows, err := tx.Query(query, sub.WorkspaceID, sub.ContactID, purpose)
	if err != nil {
		return last, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&last.action, &last.at); err != nil {
			return last, err
		}
	}
	return last, rows.Err()
}

func hasConsent(tx *storage.Tx, members []Member, purpose string) (bool, error) {
	last, err := lastActs(tx, "consents", members, purpose)
	return err == nil && inForce(members, last, Withdraw) == Grant, err
}

func hasObjection(tx *storage.Tx, members []Member, purpose string) (bool, error) {
	last, err := lastActs(tx, "objections", members, purpose)
	return err == nil && inForce(members, last, Objected) == Objected, err
}

func mayDespiteObjections(tx *storage.Tx, members []Member, purpose string) error {
	objected, err := hasObjection(tx, members, purpose)
	if err == nil && objected {
		err = fault.Conflict("objected", "This person objected to that use. Only they can take it back, also through you.")
	}
	return err
}
