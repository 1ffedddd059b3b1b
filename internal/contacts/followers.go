package contacts

import (
	"context"
	"slices"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// Step is how far a walk over people came.
type Step struct {
	Last    string // whom it came to; "" where nobody was left
	Looked  int
	Changed int // whose company changed
}

const selectFollowers = `SELECT ` + columns + ` FROM contacts WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3`

// Follow has the companies of those after an id follow from what is known of them, as
// a change of theirs would, in one transaction. In runs in it first; its error keeps
// all as it is. Who is in the bin, restricted or merged is left.
func (s *Service) Follow(ctx context.Context, after string, limit int, in func(tx *storage.Tx) error) (step Step, err error) {
	workspaceID := actor.From(ctx).WorkspaceID
	var records []record
	err = s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		records, err = scanRecords(tx.Query(selectFollowers, workspaceID, after, limit))
		return err
	})
	if err != nil {
		return step, fault.Wrap("contacts.Follow", err)
	}
	some := map[string]record{}
	for _, r := range records {
		if r.merged == "" && r.deleted.IsZero() && r.restricted.IsZero() && !r.chosen() {
			some[r.id] = r
		}
		step.Last = r.id
	}
	step.Looked = len(records)
	known, err := s.openKnown(ctx, workspaceID, some)
	if err != nil {
		return step, fault.Wrap("contacts.Follow", err)
	}
	f, err := s.follower(ctx, workspaceID)
	if err != nil {
		return step, fault.Wrap("contacts.Follow", err)
	}
	var due []*Known
	for _, k := range known {
		if k.record.company != "" || k.organisation(s.use.CompanyDomain).domain != "" {
			due = append(due, k)
		}
	}
	slices.SortFunc(due, func(a, b *Known) int { return strings.Compare(a.ID(), b.ID()) })
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		step.Changed = 0
		return s.followAll(ctx, tx, due, f, in, &step.Changed)
	})
	return step, fault.Wrap("contacts.Follow", err)
}

func (k *Known) organisation(domainOf func(string) string) organisation {
	return k.profile.organisation(!k.record.verified.IsZero(), domainOf)
}

// follower is a following of which nothing follows.
func (s *Service) follower(ctx context.Context, workspaceID string) (*following, error) {
	companies, err := s.use.Companies(ctx, workspaceID)
	return &following{Companies: companies}, err
}

func (s *Service) followAll(ctx context.Context, tx *storage.Tx, due []*Known, f *following, in func(tx *storage.Tx) error, changed *int) error {
	for _, k := range due { // whoever is erased or changed meanwhile is waited for
		if err := privacy.LockSubject(tx, k.sub); err != nil {
			return err
		}
	}
	if err := in(tx); err != nil {
		return err
	}
	for _, k := range due {
		moved, err := s.followOne(tx, *k, f)
		if err != nil {
			return err
		}
		if moved {
			*changed++
			s.updated(tx, k.sub, actor.From(ctx), s.clock.Now(), "company_id")
		}
	}
	return nil
}

// followOne has a person's company follow from what is known of them now, and tells
// whether it changed. The caller holds their lock.
func (s *Service) followOne(tx *storage.Tx, k Known, f *following) (moved bool, err error) {
	before := k.record.updated
	k.record, err = loadByID(tx, k.sub.WorkspaceID, k.sub.ContactID)
	if fault.Is(err, fault.KindNotFound) || err == nil && k.record.merged != "" {
		return false, nil // erased, or part of somebody else meanwhile
	}
	if err == nil && !k.record.updated.Equal(before) {
		k.profile, err = openProfile(k.key, k.record)
	}
	if err != nil {
		return false, err
	}
	f.organisation = k.organisation(s.use.CompanyDomain)
	_, moved, err = s.settleCompany(tx, k.sub, nil, f)
	return moved, err
}

const (
	selectFollowing = `
		SELECT id FROM contacts WHERE workspace_id = $1 AND id > $2 AND company_source IN ('domain', 'enrichment')
		ORDER BY id LIMIT $3`
	selectInCompany = `SELECT id FROM contacts WHERE workspace_id = $1 AND id > $2 AND company_id = $3 ORDER BY id LIMIT $4`
	countFollowing  = `SELECT COUNT(*) FROM contacts WHERE workspace_id = $1 AND company_source IN ('domain', 'enrichment') AND merged_into IS NULL`
)

// CountFollowing gives how many people's companies followed from something.
func CountFollowing(tx *storage.Tx, workspaceID string) (n int64, err error) {
	err = tx.QueryRow(countFollowing, workspaceID).Scan(&n)
	return n, err
}

// Unfollow takes the companies that followed from those after an id, in one
// transaction. What somebody chose stays, and who is restricted
// or held stays as they are.
func (s *Service) Unfollow(ctx context.Context, after string, limit int, in func(tx *storage.Tx) error) (step Step, err error) {
	workspaceID := actor.From(ctx).WorkspaceID
	f, err := s.follower(ctx, workspaceID)
	if err != nil {
		return step, fault.Wrap("contacts.Unfollow", err)
	}
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		step = Step{}
		people, err := lockBelonging(tx, workspaceID, selectFollowing, workspaceID, after, limit)
		if err != nil {
			return err
		}
		if err := in(tx); err != nil {
			return err
		}
		for _, sub := range people {
			step.Last, step.Looked = sub.ContactID, step.Looked+1
			r, err := loadByID(tx, workspaceID, sub.ContactID)
			if fault.Is(err, fault.KindNotFound) || err == nil && (r.chosen() || r.belonging.source == "" || !r.restricted.IsZero() || r.held.After(s.clock.Now())) {
				continue
			}
			if err != nil {
				return err
			}
			if err := s.belong(ctx, tx, sub, belonging{}); err != nil {
				return err
			}
			step.Changed++
			if r.company != "" {
				if err := f.Left(tx, r.company); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return step, fault.Wrap("contacts.Unfollow", err)
}

// LeaveCompany has some of those who belong to a company that goes leave it, or join
// another: those after an id, in one transaction that in runs in first. There is no
// company any more to which a restricted person could stay.
func (s *Service) LeaveCompany(ctx context.Context, companyID, into, after string, limit int, in func(tx *storage.Tx) error) (step Step, err error) {
	workspaceID := actor.From(ctx).WorkspaceID
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		step = Step{}
		people, err := lockBelonging(tx, workspaceID, selectInCompany, workspaceID, after, companyID, limit)
		if err != nil {
			return err
		}
		if err := in(tx); err != nil {
			return err
		}
		for _, sub := range people {
			step.Last, step.Looked = sub.ContactID, step.Looked+1
			was, err := belongingOf(tx, sub)
			if fault.Is(err, fault.KindNotFound) || err == nil && was.company != companyID {
				continue
			}
			if err != nil {
				return err
			}
			next := belonging{into, was.source}
			if into == "" {
				next = belonging{}
			}
			if err := s.belong(ctx, tx, sub, next); err != nil {
				return err
			}
			step.Changed++
		}
		return nil
	})
	return step, fault.Wrap("contacts.LeaveCompany", err)
}

// lockBelonging gives the people whom a query finds, locked in their order.
func lockBelonging(tx *storage.Tx, workspaceID, query string, args ...any) ([]privacy.Subject, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	ids, err := scanIDs(rows)
	if err != nil {
		return nil, err
	}
	out := make([]privacy.Subject, len(ids))
	for i, one := range ids {
		out[i] = privacy.Subject{WorkspaceID: workspaceID, ContactID: one}
	}
	for _, sub := range out {
		if err := privacy.LockSubject(tx, sub); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// belong stores where somebody belongs, with the event. The caller holds their lock.
func (s *Service) belong(ctx context.Context, tx *storage.Tx, sub privacy.Subject, to belonging) error {
	company, source := to.args()
	if _, err := tx.Exec(updateCompany, company, source, sub.WorkspaceID, sub.ContactID); err != nil {
		return err
	}
	s.updated(tx, sub, actor.From(ctx), s.clock.Now(), "company_id")
	return scopeNames(tx, sub.WorkspaceID, sub.ContactID)
}
