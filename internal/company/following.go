package company

import (
	"context"
	"database/sql"
	"errors"

	"golang.org/x/net/idna"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// fromDomain is the source of a company that came by itself.
const fromDomain = "domain"

// OrganisationOf gives the domain of an organisation in its one form; "" for a public
// mail provider's, and for what is none.
func OrganisationOf(domain string) string {
	d, ok := Domain(domain)
	if !ok || IsPublicMail(d) {
		return ""
	}
	return d
}

// Companies gives what contacts asks of a workspace's companies.
func (s *Service) Companies(ctx context.Context, workspaceID string) (contacts.Companies, error) {
	key, ix, err := s.key(ctx, workspaceID)
	if err != nil {
		return contacts.Companies{}, fault.Wrap("company.Companies", err)
	}
	f := &follower{service: s, workspaceID: workspaceID, key: key, ix: ix, by: actor.From(ctx)}
	return contacts.Companies{Follow: f.follow, Of: f.of, Left: f.left}, nil
}

// follower has a workspace's companies follow from domains.
type follower struct {
	service     *Service
	workspaceID string
	key         *vault.Key
	ix          *vault.Index
	by          actor.Actor
}

func settingsLock(workspaceID string) string { return "company settings " + workspaceID }

func (f *follower) follow(tx *storage.Tx) (bool, error) {
	if err := tx.LockShared(settingsLock(f.workspaceID)); err != nil {
		return false, err
	}
	st, err := loadSettings(tx, f.workspaceID)
	return st.FromDomains, err
}

const selectOwner = `SELECT company_id FROM company_domains WHERE workspace_id = $1 AND token = $2`

func ownerOf(tx *storage.Tx, workspaceID string, token []byte) (companyID string, err error) {
	err = tx.QueryRow(selectOwner, workspaceID, token).Scan(&companyID)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return companyID, err
}

// of gives the company of a domain. Of several who are the first of a new domain, one
// makes it, and the others wait and find it.
func (f *follower) of(tx *storage.Tx, domain, name string) (string, error) {
	token := domainToken(f.ix, domain)
	for _, locked := range []bool{false, true} {
		if locked {
			if err := lockDomains(tx, f.workspaceID); err != nil {
				return "", err
			}
		}
		companyID, err := ownerOf(tx, f.workspaceID, token)
		if err != nil {
			return "", err
		}
		if companyID == "" {
			continue
		}
		if err := Hold(tx, f.workspaceID, companyID); !fault.Is(err, fault.KindNotFound) {
			return companyID, err
		}
	}
	return f.make(tx, domain, name)
}

// make makes the company of a domain. The caller holds the lock of the domains.
func (f *follower) make(tx *storage.Tx, domain, name string) (string, error) {
	if _, err := (data{}).changed(CompanyChange{Name: &name}); err != nil {
		name = domain
		if readable, err := idna.Display.ToUnicode(domain); err == nil {
			name = readable
		}
	}
	now := clock.Micros(f.service.Clock.Now())
	d := data{Name: name, Domains: []string{domain}}
	r := row{id: f.service.IDs.New(id.Company), source: fromDomain, created: now, updated: now}
	var err error
	if r.sealed, err = d.seal(f.key, r.id); err != nil {
		return "", err
	}
	if err := insert(tx, f.workspaceID, r, tokensOf(f.ix, d)); err != nil {
		return "", err
	}
	return r.id, f.service.record(tx, f.by, "company.created", r.id)
}

// dropUnused removes a company that came by itself, that nobody changed and that
// nobody belongs to but for the one who leaves.
const dropUnused = `
	DELETE FROM companies WHERE workspace_id = $1 AND id = $2 AND source = 'domain' AND updated_at = created_at AND removed_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM contacts p WHERE p.workspace_id = companies.workspace_id AND p.company_id = companies.id AND p.id <> $3)`

const selectUnused = `
	SELECT COUNT(*) FROM companies WHERE workspace_id = $1 AND id = $2 AND source = 'domain' AND updated_at = created_at AND removed_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM contacts p WHERE p.workspace_id = companies.workspace_id AND p.company_id = companies.id AND p.id <> $3)`

// drop takes away a company that came by itself and was of use for nobody but the one
// who leaves ("" if they left), and tells whether it did.
func drop(tx *storage.Tx, workspaceID, companyID, leaving string) (bool, error) {
	var n int64
	if err := tx.QueryRow(selectUnused, workspaceID, companyID, leaving).Scan(&n); err != nil || n == 0 {
		return false, err
	}
	if err := lockDomains(tx, workspaceID); err != nil {
		return false, err
	}
	if err := lock(tx, companyID); err != nil { // whoever joins it just now is waited for
		return false, err
	}
	n, err := tx.Exec(dropUnused, workspaceID, companyID, leaving)
	if err != nil || n == 0 {
		return false, err
	}
	return true, writeIndex(tx, workspaceID, companyID, tokens{})
}

func (f *follower) left(tx *storage.Tx, companyID string) error {
	gone, err := drop(tx, f.workspaceID, companyID, "")
	if err != nil || !gone {
		return err
	}
	return f.service.record(tx, f.by, "company.deleted", companyID)
}
