package contacts

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// Belongs is to which company somebody belongs and by which tags they are sorted, as
// a table says.
type Belongs struct {
	CompanyID string   // "": it says nothing of it
	Tags      []string // as [CleanTag] gives them; they are added to those that are there
	Fill      bool     // a company that is there already stays
}

// Joined is what an import changed in where somebody belongs, to take it back.
type Joined struct {
	Company *CompanyMove `json:"company,omitempty"`
	Tags    []string     `json:"tags,omitempty"` // that they did not have
	At      int64        `json:"at,omitempty"`   // the tags' time, in microseconds
}

// CompanyMove is a change of the company: by id and where that came from, "" for none.
type CompanyMove struct {
	Before string `json:"before"`
	Source string `json:"source"`
	After  string `json:"after"`
}

// IsEmpty tells whether nothing changed.
func (j Joined) IsEmpty() bool { return j.Company == nil && len(j.Tags) == 0 }

// Company gives the id of the company that the person belongs to, or "".
func (k *Known) Company() string { return k.record.company }

// MaxTags is how many tags a contact may have.
const MaxTags = maxTags

// TagsOf gives the tags of some people of a workspace, by contact.
func (s *Service) TagsOf(ctx context.Context, workspaceID string, contactIDs []string) (out map[string][]string, err error) {
	err = s.db.Read(ctx, func(tx *storage.Tx) error {
		out, err = tagsOf(tx, workspaceID, contactIDs)
		return err
	})
	return out, fault.Wrap("contacts.TagsOf", err)
}

// HoldCompanies has companies stay until the transaction ends, or fails with
// changed_meanwhile where one is gone. It comes before what is written of people.
func (s *Service) HoldCompanies(tx *storage.Tx, workspaceID string, companyIDs []string) error {
	companyIDs = slices.Clone(companyIDs)
	slices.Sort(companyIDs) // all lock in one order
	for _, one := range slices.Compact(companyIDs) {
		err := s.use.HoldCompany(tx, workspaceID, one)
		if fault.Is(err, fault.KindNotFound) {
			return fault.Conflict("changed_meanwhile", "A company was removed just now. Try again.")
		}
		if err != nil {
			return fault.Wrap("contacts.HoldCompanies", err)
		}
	}
	return nil
}

// Join stores where somebody belongs, and gives what that changed. The caller asked
// whether they may be changed and holds their company: see [Service.HoldCompanies].
func (s *Service) Join(ctx context.Context, tx *storage.Tx, sub privacy.Subject, b Belongs) (Joined, error) {
	now := s.clock.Now()
	out := Joined{At: clock.Micros(now)}
	var fields []string
	if b.CompanyID != "" {
		was, err := belongingOf(tx, sub)
		if err != nil {
			return out, fault.Wrap("contacts.Join", err)
		}
		if was.company != b.CompanyID && (!b.Fill || was == belonging{}) {
			if err := moveTo(tx, sub, b.CompanyID, companyImported, out.At); err != nil {
				return out, fault.Wrap("contacts.Join", err)
			}
			out.Company, fields = &CompanyMove{Before: was.company, Source: was.source, After: b.CompanyID}, append(fields, "company_id")
		}
	}
	for _, tag := range b.Tags {
		n, err := tx.Exec(insertTag, sub.WorkspaceID, sub.ContactID, tag, out.At)
		if err != nil {
			return out, fault.Wrap("contacts.Join", err)
		}
		if n > 0 {
			out.Tags = append(out.Tags, tag)
		}
	}
	if len(out.Tags) > 0 {
		fields = append(fields, "tags")
	}
	if len(fields) > 0 {
		s.updated(tx, sub, actor.From(ctx), now, fields...)
	}
	return out, nil
}

// Unjoin takes back what [Service.Join] changed where nobody changed it since, and
// tells whether there was anything. A company that is gone is not come back to.
func (s *Service) Unjoin(ctx context.Context, tx *storage.Tx, sub privacy.Subject, j Joined) (bool, error) {
	now := s.clock.Now()
	var fields []string
	if j.Company != nil {
		back, err := s.moveBack(tx, sub, *j.Company, clock.Micros(now))
		if err != nil {
			return false, fault.Wrap("contacts.Unjoin", err)
		}
		if back {
			fields = append(fields, "company_id")
		}
	}
	tags := int64(0)
	for _, tag := range j.Tags {
		n, err := tx.Exec(deleteTag+` AND created_at = $4`, sub.WorkspaceID, sub.ContactID, tag, j.At)
		if err != nil {
			return false, fault.Wrap("contacts.Unjoin", err)
		}
		tags += n
	}
	if tags > 0 {
		fields = append(fields, "tags")
	}
	if len(fields) > 0 {
		s.updated(tx, sub, actor.From(ctx), now, fields...)
	}
	return len(fields) > 0, nil
}

func (s *Service) moveBack(tx *storage.Tx, sub privacy.Subject, m CompanyMove, now int64) (bool, error) {
	is, err := belongingOf(tx, sub)
	if err != nil || is != (belonging{m.After, companyImported}) {
		return false, err
	}
	if m.Before != "" {
		err := s.use.HoldCompany(tx, sub.WorkspaceID, m.Before)
		if fault.Is(err, fault.KindNotFound) {
			m.Before, m.Source, err = "", "", nil
		}
		if err != nil {
			return false, err
		}
	}
	return true, moveTo(tx, sub, m.Before, m.Source, now)
}

const moveCompany = `
	UPDATE contacts SET company_id = $1, company_source = $2, updated_at = CASE WHEN updated_at < $3 THEN $3 ELSE updated_at + 1 END
	WHERE workspace_id = $4 AND id = $5`

func moveTo(tx *storage.Tx, sub privacy.Subject, companyID, source string, now int64) error {
	to, from := belonging{companyID, source}.args()
	if _, err := tx.Exec(moveCompany, to, from, now, sub.WorkspaceID, sub.ContactID); err != nil {
		return err
	}
	return scopeNames(tx, sub.WorkspaceID, sub.ContactID)
}

// HasCompany tells whether anybody belongs to a company, the binned and merged included.
func HasCompany(tx *storage.Tx, workspaceID, companyID string) (bool, error) {
	var one int
	err := tx.QueryRow(`SELECT 1 FROM contacts WHERE workspace_id = $1 AND company_id = $2 LIMIT 1`, workspaceID, companyID).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, fault.Wrap("contacts.HasCompany", err)
}

// companiesOf gives the companies that drafts belong to.
func companiesOf(many []*Draft) (out []string) {
	for _, d := range many {
		if d.company != nil && *d.company != "" {
			out = append(out, *d.company)
		}
	}
	return out
}

// insertTags stores the tags of new people.
func insertTags(tx *storage.Tx, many []*Draft) error {
	var rows []any
	for _, d := range many {
		for _, tag := range d.tags {
			rows = append(rows, d.subject.WorkspaceID, d.subject.ContactID, tag, clock.Micros(d.now))
		}
	}
	_, err := storage.InsertRows(tx, `INSERT INTO contact_tags (workspace_id, contact_id, tag, created_at) VALUES `, 4, rows, " ON CONFLICT DO NOTHING")
	return err
}
