package company

import (
	"context"
	"maps"
	"slices"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// CompanyMerge says which company becomes a part of another.
type CompanyMerge struct {
	CompanyID string `json:"company_id" minLength:"1" maxLength:"64" doc:"The company that goes; its people, its domains and what only it has go over."`
}

// Merge makes another company a part of one: its people join it, in batches, before
// Merge returns or in the background where it is broken off. What both say stays as
// the one says it. It cannot be undone.
func (s *Service) Merge(ctx context.Context, companyID string, m CompanyMerge) (Company, error) {
	const op = "company.Merge"
	a, now := actor.From(ctx), clock.Micros(s.Clock.Now())
	if m.CompanyID == companyID {
		return Company{}, fault.Invalid("company_id", "is the same company; name another one")
	}
	key, ix, err := s.key(ctx, a.WorkspaceID)
	if err != nil {
		return Company{}, fault.Wrap(op, err)
	}
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		r, other, err := s.loadBoth(tx, a.WorkspaceID, companyID, m.CompanyID)
		if err != nil {
			return err
		}
		one, err := r.data(key)
		if err != nil {
			return err
		}
		two, err := other.data(key)
		if err != nil {
			return err
		}
		both, err := one.with(two)
		if err != nil {
			return err
		}
		if err := s.going(tx, a.WorkspaceID, other.id, companyID); err != nil { // it gives its domains away first
			return err
		}
		if _, err := s.save(tx, a, r, edit{key, ix, one, both}, now); err != nil {
			return err
		}
		return s.recordWith(tx, a, "company.merged", companyID, map[string]string{"other": other.id})
	})
	if err == nil {
		err = s.empty(ctx, m.CompanyID)
	}
	if err != nil {
		return Company{}, fault.Wrap(op, err)
	}
	return s.Get(ctx, companyID)
}

// loadBoth gives two companies, locked.
func (s *Service) loadBoth(tx *storage.Tx, workspaceID, companyID, otherID string) (r, other row, err error) {
	if err := lockDomains(tx, workspaceID); err != nil {
		return r, other, err
	}
	for _, one := range slices.Sorted(slices.Values([]string{companyID, otherID})) {
		if err := lock(tx, one); err != nil {
			return r, other, err
		}
	}
	if r, err = load(tx, workspaceID, companyID); err != nil {
		return r, other, err
	}
	other, err = load(tx, workspaceID, otherID)
	if fault.Is(err, fault.KindNotFound) {
		err = fault.Invalid("company_id", "is not a company of this workspace")
	}
	return r, other, err
}

// with gives what is known of a company that another became a part of.
func (d data) with(other data) (data, error) {
	c := CompanyChange{Domains: append(slices.Clone(d.Domains), other.Domains...), Attributes: maps.Clone(other.Attributes)}
	if d.Website == "" {
		c.Website = &other.Website
	}
	for key := range d.Attributes {
		delete(c.Attributes, key)
	}
	return d.changed(c)
}
