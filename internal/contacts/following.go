package contacts

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// Where a contact's company comes from.
const (
	companyChosen   = "set"        // somebody chose it, or chose that there is none
	companyImported = "import"     // a row of an import named it
	companyDerived  = "domain"     // it follows from a verified address
	companyFound    = "enrichment" // it follows from what a public source says
)

// The attributes in which a public source says where somebody works.
const (
	foundCompany = "company"
	foundDomain  = "company_domain"
)

// Companies is what contacts asks of the companies of a workspace so that they follow
// from people's addresses. All of it runs in the transaction that changes a contact.
type Companies struct {
	// Follow tells whether the workspace wishes it, and has that stay so to the end of
	// the transaction.
	Follow func(tx *storage.Tx) (bool, error)
	// Of gives the company of a domain, which stays to the end of the transaction. A
	// new one is made where there is none, with a name, or "" for the domain's.
	Of func(tx *storage.Tx, domain, name string) (companyID string, err error)
	// Left takes away a company that came by itself and that nobody belongs to.
	Left func(tx *storage.Tx, companyID string) error
}

// organisation is where somebody works, as far as what is known of them says.
type organisation struct {
	domain string // "" where nothing says it
	name   string // what a public source calls it, or ""
	source string
}

// organisation gives it from the first address that somebody vouched for and that is
// of an organisation, or else from what a public source says. What a visitor claims
// makes nobody a member.
func (p Profile) organisation(verified bool, domainOf func(string) string) organisation {
	found := organisation{source: companyFound}
	if text, _ := p.Attributes[foundDomain].(string); p.Provenance["attributes."+foundDomain].Provider != "" {
		found.domain = domainOf(text)
	}
	if text, _ := p.Attributes[foundCompany].(string); found.domain != "" && p.Provenance["attributes."+foundCompany].Provider != "" {
		found.name = text
	}
	if verified {
		for _, a := range p.addresses(channels()[0], true) {
			_, domain, _ := strings.Cut(a.Address, "@")
			if domain = domainOf(domain); !a.Verified || domain == "" {
				continue
			}
			if domain == found.domain {
				return organisation{domain: domain, name: found.name, source: companyDerived}
			}
			return organisation{domain: domain, source: companyDerived}
		}
	}
	if found.domain == "" {
		return organisation{}
	}
	return found
}

// following is the company that somebody gets by itself, prepared outside of the
// transaction. A nil one changes nothing.
type following struct {
	organisation
	Companies
}

// following prepares it; nil where the profile says what the former one said.
func (s *Service) following(ctx context.Context, workspaceID string, former, p Profile, wasVerified, verified bool) (*following, error) {
	if s.use.Companies == nil {
		return nil, nil //nolint:nilnil // nothing follows, and that is no failure
	}
	org := p.organisation(verified, s.use.CompanyDomain)
	if org == former.organisation(wasVerified, s.use.CompanyDomain) {
		return nil, nil //nolint:nilnil // as above
	}
	companies, err := s.use.Companies(ctx, workspaceID)
	return &following{organisation: org, Companies: companies}, err
}

// belonging is which company somebody belongs to, and where that comes from.
type belonging struct{ company, source string }

// chosen tells whether somebody chose it: it then follows from nothing.
func (b belonging) chosen() bool {
	return b.source != companyDerived && b.source != companyFound && b != belonging{}
}

func (b belonging) args() (company, source any) {
	if b.company != "" {
		company = b.company
	}
	if b.source != "" {
		source = b.source
	}
	return company, source
}

func belongingOf(tx *storage.Tx, sub privacy.Subject) (b belonging, err error) {
	err = tx.QueryRow(`SELECT COALESCE(company_id, ''), COALESCE(company_source, '') FROM contacts WHERE workspace_id = $1 AND id = $2`,
		sub.WorkspaceID, sub.ContactID).Scan(&b.company, &b.source)
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.NotFound("contact")
	}
	return b, err
}

// settleCompany stores the company that somebody chose for a contact, or else the one
// that follows, and gives how it stands then. The caller holds the person's lock.
func (s *Service) settleCompany(tx *storage.Tx, sub privacy.Subject, chosen *string, f *following) (now belonging, changed bool, err error) {
	was, err := belongingOf(tx, sub)
	if err != nil {
		return was, false, err
	}
	switch {
	case chosen != nil:
		now, err = s.choose(tx, sub.WorkspaceID, *chosen)
		changed = err == nil
	default:
		now, changed, err = s.followed(tx, sub, f, was)
	}
	if err != nil || !changed {
		return was, false, err
	}
	company, source := now.args()
	if _, err := tx.Exec(updateCompany, company, source, sub.WorkspaceID, sub.ContactID); err != nil {
		return was, false, err
	}
	if err := scopeNames(tx, sub.WorkspaceID, sub.ContactID); err != nil {
		return was, false, err
	}
	if f != nil && was.company != "" && was.company != now.company {
		err = f.Left(tx, was.company)
	}
	return now, true, err
}

// followed gives what follows for a contact of whom nobody chose the company. Who is
// restricted, or objected to being handled, stays as they are.
func (s *Service) followed(tx *storage.Tx, sub privacy.Subject, f *following, was belonging) (now belonging, changed bool, err error) {
	if f == nil || was.chosen() {
		return was, false, nil
	}
	if was.source == companyFound && f.domain == "" {
		return now, true, nil // what a public source said is forgotten, whatever the workspace wishes now
	}
	on, err := f.Follow(tx)
	if err != nil || !on {
		return was, false, err
	}
	if s.use.MayHandle != nil {
		if err := s.use.MayHandle(tx, sub); fault.Is(err, fault.KindConflict) {
			return was, false, nil
		} else if err != nil {
			return was, false, err
		}
	}
	if f.domain != "" {
		now.source = f.source
		if now.company, err = f.Of(tx, f.domain, f.name); err != nil {
			return was, false, err
		}
	}
	return now, now != was, nil
}

// companies gives where each of many new people belongs: those who are of one domain
// get one company. The caller holds what their import names.
func companies(tx *storage.Tx, many []*Draft) ([]belonging, error) {
	out, of, off := make([]belonging, len(many)), map[string]string{}, false
	for i, d := range many {
		f := d.follows
		if d.company != nil && *d.company != "" {
			out[i], f = belonging{*d.company, companyImported}, nil
		}
		if f == nil || f.domain == "" || off {
			continue
		}
		if of[f.domain] == "" {
			on, err := f.Follow(tx)
			if err != nil {
				return nil, err
			}
			if off = !on; off {
				continue
			}
			if of[f.domain], err = f.Of(tx, f.domain, f.name); err != nil {
				return nil, err
			}
		}
		out[i] = belonging{of[f.domain], f.source}
	}
	return out, nil
}
