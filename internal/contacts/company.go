package contacts

import (
	"context"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage"
)

const updateCompany = `UPDATE contacts SET company_id = $1, company_source = $2 WHERE workspace_id = $3 AND id = $4`

// choose gives where somebody belongs for whom somebody chose a company; "" is none.
func (s *Service) choose(tx *storage.Tx, workspaceID, companyID string) (belonging, error) {
	chosen := belonging{companyID, companyChosen}
	if companyID == "" {
		return chosen, nil
	}
	err := s.use.HoldCompany(tx, workspaceID, companyID)
	if fault.Is(err, fault.KindNotFound) {
		err = fault.Invalid("company_id", "is not a company of this workspace")
	}
	return chosen, err
}

const selectOfCompany = `
	SELECT ` + columns + ` FROM contacts
	WHERE workspace_id = $1 AND company_id = $2 AND id < $3 AND deleted_at IS NULL AND merged_into IS NULL
	ORDER BY id DESC LIMIT $4`

// OfCompany gives a company's people, as [Service.List] does.
func (s *Service) OfCompany(ctx context.Context, companyID, before string, limit int) ([]Contact, error) {
	if before == "" {
		before = beyond
	}
	return s.list(ctx, "contacts.company", before, limit, func(tx *storage.Tx, workspaceID, before string, limit int) ([]record, error) {
		return scanRecords(tx.Query(selectOfCompany, workspaceID, companyID, before, limit))
	})
}

const takeCompany = `
	UPDATE contacts SET company_id = (SELECT m.company_id FROM contacts m WHERE m.workspace_id = contacts.workspace_id AND m.id = $1),
		company_source = (SELECT m.company_source FROM contacts m WHERE m.workspace_id = contacts.workspace_id AND m.id = $1)
	WHERE workspace_id = $2 AND id = $3 AND company_id IS NULL AND company_source IS NULL`

// giveBackCompany takes from a survivor the company that a merge brought, unless
// somebody changed it since.
const giveBackCompany = `UPDATE contacts SET company_id = NULL, company_source = NULL WHERE workspace_id = $1 AND id = $2 AND company_id = $3`

// companyFields are what conditions can be about of somebody's company.
var companyFields = []segment.Field{{Key: "company.id", Label: "Company", Group: "company", Kind: segment.Text,
	Ops: []string{segment.Is, segment.IsNot, segment.IsSet, segment.IsNotSet}}}

// CompanySource knows conditions about which company somebody belongs to.
func CompanySource() segment.Source {
	return segment.Source{
		Names: []string{"company"},
		List:  func(context.Context, string) ([]segment.Field, error) { return companyFields, nil },
		Compile: func(_ context.Context, q *segment.Query, c segment.Condition) (segment.Clause, error) {
			if c.Op == segment.IsSet {
				return segment.Clause{On: "c.company_id IS NOT NULL"}, nil
			}
			return segment.Clause{On: "c.company_id = " + q.Arg(c.Text)}, nil
		},
	}
}
