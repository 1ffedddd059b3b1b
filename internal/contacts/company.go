package contacts

import (
	"context"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage"
)

// Where a contact's company comes from.
const companyChosen = "set" // somebody chose it, or chose that there is none

const updateCompany = `UPDATE contacts SET company_id = $1, company_source = $2 WHERE workspace_id = $3 AND id = $4`

// chooseCompany stores the company that somebody chose for a contact; nil leaves it
// and "" takes it away.
func (s *Service) chooseCompany(tx *storage.Tx, sub privacy.Subject, companyID *string) error {
	if companyID == nil {
		return nil
	}
	var to any
	if *companyID != "" {
		to = *companyID
		err := s.use.HoldCompany(tx, sub.WorkspaceID, *companyID)
		if fault.Is(err, fault.KindNotFound) {
			return fault.Invalid("company_id", "is not a company of this workspace")
		}
		if err != nil {
			return err
		}
	}
	_, err := tx.Exec(updateCompany, to, companyChosen, sub.WorkspaceID, sub.ContactID)
	return err
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

const leaveCompany = `
	UPDATE contacts SET company_id = NULL, company_source = NULL, updated_at = CASE WHEN updated_at < $1 THEN $1 ELSE updated_at + 1 END
	WHERE workspace_id = $2 AND company_id = $3`

// LeaveCompany has everybody leave a company that is removed.
func LeaveCompany(tx *storage.Tx, workspaceID, companyID string, now time.Time) error {
	_, err := tx.Exec(leaveCompany, clock.Micros(now), workspaceID, companyID)
	return err
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
