package company

import (
	"context"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Named finds and makes the companies of a workspace that tables name.
type Named struct {
	service     *Service
	workspaceID string
	key         *vault.Key
	index       *vault.Index
}

// Named gives it. What needs the vault is done then, outside of transactions.
func (s *Service) Named(ctx context.Context, workspaceID string) (*Named, error) {
	key, ix, err := s.key(ctx, workspaceID)
	return &Named{s, workspaceID, key, ix}, fault.Wrap("company.Named", err)
}

// sameName is how many companies that share the beginnings of a name are compared.
const sameName = 200

// Find gives the company that a name and a domain mean, either of which may be empty;
// "" if there is none. A domain is one company's, whatever it is called. By its name
// alone one is found whose domains are not known, or of which none is asked for.
func (n *Named) Find(tx *storage.Tx, name, domain string) (string, error) {
	if domain != "" {
		some, err := scanRows(tx.Query(selectByDomain, n.workspaceID, domainToken(n.index, domain), beyond))
		if err != nil || len(some) > 0 || name == "" {
			return first(some), fault.Wrap("company.Find", err)
		}
	}
	words := nameTokens(n.index, name)
	some, err := selectByName(tx, n.workspaceID, words[:min(10, len(words))], beyond, sameName)
	if err != nil {
		return "", fault.Wrap("company.Find", err)
	}
	oldest := ""
	for _, r := range some { // newest first
		d, err := r.data(n.key)
		if err != nil {
			return "", err
		}
		if foldName(d.Name) == foldName(name) && (domain == "" || len(d.Domains) == 0) {
			oldest = r.id
		}
	}
	return oldest, nil
}

func first(some []row) string {
	if len(some) == 0 {
		return ""
	}
	return some[0].id
}

func foldName(name string) string {
	return strings.ToLower(norm.NFKC.String(strings.Join(strings.Fields(name), " ")))
}

// nameTokens are what a name is looked up by. One too short to have beginnings is
// looked up as a whole.
func nameTokens(ix *vault.Index, name string) [][]byte {
	if words := ix.QueryPrefixes(name); len(words) > 0 {
		return words
	}
	return [][]byte{ix.Equal("company_name", foldName(name))}
}

// FindOrMake is [Named.Find] that makes a company where there is none; made tells
// so. Nobody else makes one until the transaction ends. A company without a name is
// called by its domain.
func (n *Named) FindOrMake(ctx context.Context, tx *storage.Tx, name, domain string) (companyID string, made bool, err error) {
	if err := lockDomains(tx, n.workspaceID); err != nil {
		return "", false, err
	}
	if there, err := n.Find(tx, name, domain); err != nil || there != "" {
		return there, false, err
	}
	c := CompanyChange{Name: &name}
	if name == "" {
		c.Name = &domain
	}
	if domain != "" {
		c.Domains = []string{domain}
	}
	d, err := data{}.changed(c)
	if err != nil {
		return "", false, fault.Wrap("company.FindOrMake", err)
	}
	now := clock.Micros(n.service.Clock.Now())
	r := row{id: n.service.IDs.New(id.Company), source: privacy.SourceImport, created: now, updated: now}
	if r.sealed, err = d.seal(n.key, r.id); err != nil {
		return "", false, fault.Wrap("company.FindOrMake", err)
	}
	if err := insert(tx, n.workspaceID, r, tokensOf(n.index, d)); err != nil {
		return "", false, fault.Wrap("company.FindOrMake", err)
	}
	return r.id, true, fault.Wrap("company.FindOrMake", n.service.record(tx, actor.From(ctx), "company.created", r.id))
}

// RemoveUnused removes a company that nobody belongs to and nobody changed since it was
// made, and tells whether it did.
func (n *Named) RemoveUnused(ctx context.Context, tx *storage.Tx, companyID string) (bool, error) {
	if err := lock(tx, companyID); err != nil {
		return false, err
	}
	r, err := load(tx, n.workspaceID, companyID)
	if fault.Is(err, fault.KindNotFound) || err == nil && r.updated != r.created {
		return false, nil
	}
	if err != nil {
		return false, fault.Wrap("company.RemoveUnused", err)
	}
	if used, err := contacts.HasCompany(tx, n.workspaceID, companyID); err != nil || used {
		return false, err
	}
	if err := writeIndex(tx, n.workspaceID, companyID, tokens{}); err != nil {
		return false, fault.Wrap("company.RemoveUnused", err)
	}
	if _, err := tx.Exec(`DELETE FROM companies WHERE workspace_id = $1 AND id = $2`, n.workspaceID, companyID); err != nil {
		return false, fault.Wrap("company.RemoveUnused", err)
	}
	return true, fault.Wrap("company.RemoveUnused", n.service.record(tx, actor.From(ctx), "company.deleted", companyID))
}

// CleanName says what is wrong with a company's name in a table, or nothing.
func CleanName(name string) (string, string) {
	d, err := data{}.changed(CompanyChange{Name: &name})
	if e := fault.As(err); e != nil && len(e.Fields) > 0 {
		return "", e.Fields[0].Detail
	}
	return d.Name, ""
}

// CleanDomain gives the domain that a cell means, which may be the address of a website
// or of a person, or says what is wrong with it.
func CleanDomain(cell string) (domain, wrong string) {
	cell = strings.ToLower(strings.TrimSpace(cell))
	if _, after, is := strings.Cut(cell, "://"); is {
		cell = after
	}
	if i := strings.LastIndexByte(cell, '@'); i >= 0 {
		cell = cell[i+1:]
	}
	if i := strings.IndexAny(cell, "/?#:"); i >= 0 {
		cell = cell[:i]
	}
	domain, ok := Domain(strings.TrimPrefix(cell, "www."))
	switch {
	case !ok:
		return "", "is not a domain such as example.com"
	case IsPublicMail(domain):
		return "", "is where everybody may have an address, and so no company's"
	}
	return domain, ""
}
