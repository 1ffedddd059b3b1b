package imports

import (
	"context"
	"slices"
	"strings"

	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/storage"
)

// Companies finds and makes the companies of a workspace that rows name. The domains
// do not know each other: the app hands it over.
type Companies interface {
	// Find gives the company that a name and a domain mean, either of which may be
	// empty; "" if there is none.
	Find(tx *storage.Tx, name, domain string) (companyID string, err error)
	// FindOrMake makes one where there is none, and tells so.
	FindOrMake(ctx context.Context, tx *storage.Tx, name, domain string) (companyID string, made bool, err error)
	// RemoveUnused removes one that nobody belongs to and nobody changed since it was made.
	RemoveUnused(ctx context.Context, tx *storage.Tx, companyID string) (bool, error)
}

// CompanyNames reads how cells name companies: in one form, or what is wrong with them.
type CompanyNames struct {
	Name, Domain func(cell string) (clean, wrong string)
}

// employer is a company as a row names it.
type employer struct{ name, domain string }

const newCompany = "new" // in a dry run, one that would be made

// maxCompanies is how many companies a worker remembers.
const maxCompanies = 100_000

// takeCompany reads a cell that names a company.
func (c *converter) takeCompany(p *person, i int, target, cell string) {
	read, into := c.names.Name, &p.company.name
	if target == toDomain {
		read, into = c.names.Domain, &p.company.domain
	}
	clean, wrong := read(cell)
	if wrong != "" {
		p.say(i, wrong)
		return
	}
	*into = clean
}

// takeTags reads a cell of tags. What is no tag is left out.
func (c *converter) takeTags(p *person, i int, cell string) {
	for _, one := range listOf(cell) {
		raw, _ := one.(string)
		tag, err := contacts.CleanTag(raw)
		switch {
		case err != nil:
			p.warn(i, "holds something that is no tag, which was left out: tags are 1 to 50 letters, digits, spaces, - or _")
		case !slices.Contains(p.tags, tag):
			p.tags = append(p.tags, tag)
		}
	}
	if len(p.tags) > contacts.MaxTags {
		p.say(i, "holds more than 100 tags")
	}
}

// findCompanies looks up the companies that rows name, as they are now.
func (w *worker) findCompanies(ctx context.Context, some []*person) error {
	return w.DB.Read(ctx, func(tx *storage.Tx) error {
		for _, p := range some {
			p.companyID = ""
			if p.failed() || p.company == (employer{}) {
				continue
			}
			if w.companies[p.company] == "" {
				found, err := w.company.Find(tx, p.company.name, p.company.domain)
				if err != nil {
					return err
				}
				w.remember(p.company, found)
			}
			p.companyID = w.companies[p.company]
		}
		return nil
	})
}

func (w *worker) remember(c employer, companyID string) {
	if len(w.companies) >= maxCompanies {
		clear(w.companies)
	}
	if companyID != "" {
		w.companies[c] = companyID
	}
}

// makeCompanies makes those that are not there, for rows that are imported. A dry run
// counts them.
func (w *worker) makeCompanies(ctx context.Context, p *plan, newcomers []*person) error {
	without := slices.Clone(newcomers)
	for _, k := range p.there {
		if !k.belongs.Fill || k.who.Company() == "" {
			without = append(without, k.person)
		}
	}
	without = slices.DeleteFunc(without, func(one *person) bool { return one.companyID != "" || one.company == (employer{}) })
	if len(without) == 0 {
		return nil
	}
	if w.r.state == StateChecking {
		for _, one := range without {
			w.wouldMake(one.company)
		}
		return nil
	}
	if err := w.makeNow(ctx, without); err != nil {
		return err
	}
	for i := range p.there {
		p.there[i].belongs.CompanyID = p.there[i].companyID
	}
	return nil
}

// wouldMake counts a company unless an earlier row named it by its domain or, without
// one, its name.
func (w *worker) wouldMake(c employer) {
	byName := employer{name: strings.ToLower(strings.Join(strings.Fields(c.name), " "))}
	byDomain := employer{domain: c.domain}
	is := byDomain
	if c.domain == "" {
		is = byName
	}
	if w.companies[is] == "" {
		w.made++
	}
	for _, one := range []employer{c, byName, byDomain} {
		if one != (employer{}) {
			w.remember(one, newCompany)
		}
	}
}

const insertCompanyMade = `INSERT INTO import_companies (workspace_id, import_id, company_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`

func (w *worker) makeNow(ctx context.Context, without []*person) error {
	var found map[employer]string
	var made int64
	err := w.DB.Write(ctx, func(tx *storage.Tx) error {
		found, made = map[employer]string{}, 0
		for _, one := range without {
			if found[one.company] != "" {
				continue
			}
			companyID, isNew, err := w.company.FindOrMake(ctx, tx, one.company.name, one.company.domain)
			if err != nil {
				return err
			}
			if isNew {
				made++
				if _, err := tx.Exec(insertCompanyMade, w.r.workspaceID, w.r.id, companyID); err != nil {
					return err
				}
			}
			found[one.company] = companyID
		}
		return nil
	})
	if err != nil {
		return err
	}
	w.made += made
	for _, one := range without {
		one.companyID = found[one.company]
		w.remember(one.company, one.companyID)
	}
	return nil
}

// belongs gives where a row says that somebody belongs, of which something would be
// new to them.
func (w *worker) belongs(p *person, who *contacts.Known, tags []string) (b contacts.Belongs, isNew bool) {
	b = contacts.Belongs{CompanyID: p.companyID, Tags: p.tags, Fill: w.c.settings.OnMatch == "fill"}
	isNew = p.company != (employer{}) && (p.companyID == "" || p.companyID != who.Company()) && (!b.Fill || who.Company() == "") ||
		slices.ContainsFunc(p.tags, func(tag string) bool { return !slices.Contains(tags, tag) })
	return b, isNew
}

// tagsOf gives the tags of those who are there, where rows bring some.
func (w *worker) tagsOf(ctx context.Context, people []*contacts.Known) (map[string][]string, error) {
	if _, mapped := w.c.at[toTags]; !mapped {
		return map[string][]string{}, nil
	}
	var ids []string
	for _, who := range people {
		if who != nil && !slices.Contains(ids, who.ID()) {
			ids = append(ids, who.ID())
		}
	}
	return w.Contacts.TagsOf(ctx, w.r.workspaceID, ids)
}

// companiesIn gives the companies that a batch puts people into.
func (p *plan) companiesIn(allowed []known) (out []string) {
	for _, k := range allowed {
		if k.belongs.CompanyID != "" {
			out = append(out, k.belongs.CompanyID)
		}
	}
	return append(out, p.companies...)
}

const (
	cursorMade        = "made "
	selectCompanyMade = `SELECT company_id FROM import_companies WHERE workspace_id = $1 AND import_id = $2 AND company_id > $3 ORDER BY company_id LIMIT $4`
	deleteCompanyMade = `DELETE FROM import_companies WHERE workspace_id = $1 AND import_id = $2`
)

// madeCompanies takes back some of the companies that the import made, where nobody
// belongs to them, and tells whether there were any.
func (u *undoing) madeCompanies(ctx context.Context) (bool, error) {
	var ids []string
	err := u.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		ids, err = scanIDs(tx.Query(selectCompanyMade, u.r.workspaceID, u.r.id, strings.TrimPrefix(u.r.cursor, cursorMade), undoBatch))
		return err
	})
	if err != nil || len(ids) == 0 {
		return false, err
	}
	companies, err := u.Companies(ctx, u.r.workspaceID)
	if err != nil {
		return false, err
	}
	for _, companyID := range ids {
		if err := u.at("before"); err != nil {
			return false, err
		}
		var next *record
		err := u.DB.Write(ctx, func(tx *storage.Tx) error {
			removed, err := companies.RemoveUnused(ctx, tx, companyID)
			if err != nil {
				return err
			}
			next, err = u.move(ctx, tx, cursorMade+companyID, func(t *UndoTally) {
				if removed {
					t.Companies++
				}
			})
			return err
		})
		if err != nil {
			return false, err
		}
		*u.r = *next
	}
	return true, nil
}
