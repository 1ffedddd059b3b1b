package company

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Deps is what the service needs.
type Deps struct {
	DB       *storage.DB
	Vault    *vault.Vault
	Audit    *audit.Log
	Contacts *contacts.Service
	Clock    clock.Clock
	IDs      id.Source
	Logger   *slog.Logger
}

// Service knows companies.
type Service struct {
	Deps
	Holder

	node string // this process, in leases
	wake chan struct{}
	stop context.CancelFunc
	done sync.WaitGroup
}

// New gives the service.
func New(d Deps) *Service {
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	return &Service{Deps: d, node: id.New("nod"), wake: make(chan struct{}, 1)}
}

const beyond = "cmp_~"

func (s *Service) key(ctx context.Context, workspaceID string) (*vault.Key, *vault.Index, error) {
	key, err := s.Vault.Key(ctx, vault.Subject{Workspace: workspaceID})
	if err != nil {
		return nil, nil, err
	}
	ix, err := s.Vault.Index(ctx, workspaceID)
	return key, ix, err
}

// Create adds a company to the context's workspace.
func (s *Service) Create(ctx context.Context, c CompanyChange) (Company, error) {
	a, now := actor.From(ctx), clock.Micros(s.Clock.Now())
	d, err := data{}.changed(c)
	if err != nil {
		return Company{}, err
	}
	key, ix, err := s.key(ctx, a.WorkspaceID)
	if err != nil {
		return Company{}, fault.Wrap("company.Create", err)
	}
	r := row{id: s.IDs.New(id.Company), source: privacy.SourceOf(a), created: now, updated: now}
	if r.sealed, err = d.seal(key, r.id); err != nil {
		return Company{}, fault.Wrap("company.Create", err)
	}
	index := tokensOf(ix, d)
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := insert(tx, a.WorkspaceID, r, index); err != nil {
			return err
		}
		return s.record(tx, a, "company.created", r.id)
	})
	if err != nil {
		return Company{}, fault.Wrap("company.Create", err)
	}
	return r.open(key)
}

func insert(tx *storage.Tx, workspaceID string, r row, ix tokens) error {
	if err := lockDomains(tx, workspaceID); err != nil {
		return err
	}
	if _, err := tx.Exec(insertCompany, workspaceID, r.id, r.sealed, r.source, r.created, r.updated); err != nil {
		return err
	}
	return writeIndex(tx, workspaceID, r.id, ix)
}

// lockDomains has those wait for each other who say whose a domain is.
func lockDomains(tx *storage.Tx, workspaceID string) error {
	return tx.Lock("company domains " + workspaceID)
}

func (s *Service) record(tx *storage.Tx, a actor.Actor, action, companyID string) error {
	return s.recordWith(tx, a, action, companyID, nil)
}

func (s *Service) recordWith(tx *storage.Tx, a actor.Actor, action, companyID string, details map[string]string) error {
	return s.Audit.Append(tx, audit.Entry{WorkspaceID: a.WorkspaceID, ActorType: a.Type, ActorID: a.ID, Action: action, TargetType: "company", TargetID: companyID, Details: details})
}

// Get gives one company of the context's workspace.
func (s *Service) Get(ctx context.Context, companyID string) (Company, error) {
	all, err := s.read(ctx, func(tx *storage.Tx, workspaceID string) ([]row, error) {
		r, err := load(tx, workspaceID, companyID)
		return []row{r}, err
	})
	if err != nil {
		return Company{}, fault.Wrap("company.Get", err)
	}
	return all[0], nil
}

// CompanyQuery says which companies are looked for: by the beginning of the name, or
// by a domain.
type CompanyQuery struct {
	Q      string `json:"q,omitempty" maxLength:"200" doc:"The beginnings of words of the name."`
	Domain string `json:"domain,omitempty" maxLength:"253" doc:"A whole domain."`
}

// Search finds companies, newest first.
func (s *Service) Search(ctx context.Context, q CompanyQuery, before string, limit int) ([]Company, error) {
	if (q.Q == "") == (q.Domain == "") {
		return nil, fault.Invalid("q", "or domain is needed, and not both")
	}
	if before == "" {
		before = beyond
	}
	ix, err := s.Vault.Index(ctx, actor.From(ctx).WorkspaceID)
	if err != nil {
		return nil, fault.Wrap("company.Search", err)
	}
	if q.Domain != "" {
		domain, ok := Domain(q.Domain)
		if !ok {
			return nil, fault.Invalid("domain", "must be a name under which an organisation can receive mail, such as example.com")
		}
		out, err := s.read(ctx, func(tx *storage.Tx, workspaceID string) ([]row, error) {
			return scanRows(tx.Query(selectByDomain, workspaceID, domainToken(ix, domain), before))
		})
		return out, fault.Wrap("company.Search", err)
	}
	words := ix.QueryPrefixes(q.Q)
	if len(words) == 0 || len(words) > 10 {
		return nil, fault.Invalid("q", "needs the beginning of a name, at least two letters and at most ten words")
	}
	out, err := s.read(ctx, func(tx *storage.Tx, workspaceID string) ([]row, error) {
		return selectByName(tx, workspaceID, words, before, limit)
	})
	return out, fault.Wrap("company.Search", err)
}

func (s *Service) read(ctx context.Context, find func(tx *storage.Tx, workspaceID string) ([]row, error)) ([]Company, error) {
	a := actor.From(ctx)
	key, _, err := s.key(ctx, a.WorkspaceID)
	if err != nil {
		return nil, err
	}
	var rows []row
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if rows, err = find(tx, a.WorkspaceID); err != nil {
			return err
		}
		return withFigures(tx, a.WorkspaceID, rows)
	})
	if err != nil {
		return nil, err
	}
	out := make([]Company, len(rows))
	for i, r := range rows {
		if out[i], err = r.open(key); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Update changes a company. Check, if not nil, is asked whether the version that is
// there may be changed.
func (s *Service) Update(ctx context.Context, companyID string, c CompanyChange, check func(updated time.Time) error) (Company, error) {
	a, now := actor.From(ctx), clock.Micros(s.Clock.Now())
	key, ix, err := s.key(ctx, a.WorkspaceID)
	if err != nil {
		return Company{}, fault.Wrap("company.Update", err)
	}
	var r row
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := lockDomains(tx, a.WorkspaceID); err != nil {
			return err
		}
		if err := lock(tx, companyID); err != nil {
			return err
		}
		var err error
		if r, err = load(tx, a.WorkspaceID, companyID); err != nil {
			return err
		}
		if check != nil {
			if err := check(clock.FromMicros(r.updated)); err != nil {
				return err
			}
		}
		before, err := r.data(key)
		if err != nil {
			return err
		}
		after, err := before.changed(c)
		if err != nil {
			return err
		}
		if r, err = s.save(tx, a, r, edit{key, ix, before, after}, now); err != nil {
			return err
		}
		one := []row{r}
		if err := withFigures(tx, a.WorkspaceID, one); err != nil {
			return err
		}
		r = one[0]
		return s.record(tx, a, "company.updated", companyID)
	})
	if err != nil {
		return Company{}, fault.Wrap("company.Update", err)
	}
	return r.open(key)
}

func lockName(companyID string) string { return "company " + companyID }

// lock has whoever changes or removes a company wait for each other, and for those
// who hold it. Who needs it and the domains' takes theirs first.
func lock(tx *storage.Tx, companyID string) error { return tx.Lock(lockName(companyID)) }

// Delete removes a company. Its people stay: they leave it in batches, before Delete
// returns, or in the background where it is broken off.
func (s *Service) Delete(ctx context.Context, companyID string) error {
	a := actor.From(ctx)
	err := s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := s.going(tx, a.WorkspaceID, companyID, nil); err != nil {
			return err
		}
		return s.record(tx, a, "company.deleted", companyID)
	})
	if err == nil {
		err = s.empty(ctx, companyID)
	}
	return fault.Wrap("company.Delete", err)
}

const (
	markGoing  = `UPDATE companies SET removed_at = $1, into_id = $2 WHERE workspace_id = $3 AND id = $4`
	redirect   = `UPDATE companies SET into_id = $1 WHERE workspace_id = $2 AND into_id = $3`
	selectInto = `SELECT COALESCE(into_id, '') FROM companies WHERE workspace_id = $1 AND id = $2 AND removed_at IS NOT NULL`
	deleteGone = `DELETE FROM companies WHERE workspace_id = $1 AND id = $2 AND removed_at IS NOT NULL`
)

// going has a company found and joined by nobody any more. into is the id of the
// company that its people join, or nil.
func (s *Service) going(tx *storage.Tx, workspaceID, companyID string, into any) error {
	if err := lockDomains(tx, workspaceID); err != nil {
		return err
	}
	if err := lock(tx, companyID); err != nil { // whoever joins it just now is waited for
		return err
	}
	if _, err := load(tx, workspaceID, companyID); err != nil {
		return err
	}
	if _, err := tx.Exec(markGoing, clock.Micros(s.Clock.Now()), into, workspaceID, companyID); err != nil {
		return err
	}
	if _, err := tx.Exec(redirect, into, workspaceID, companyID); err != nil {
		return err
	}
	return writeIndex(tx, workspaceID, companyID, tokens{})
}

// empty has everybody leave a company that goes, in batches, and then it is gone.
func (s *Service) empty(ctx context.Context, companyID string) error {
	workspaceID := actor.From(ctx).WorkspaceID
	for after, left := "", true; left; {
		into := ""
		err := s.DB.Read(ctx, func(tx *storage.Tx) error {
			return tx.QueryRow(selectInto, workspaceID, companyID).Scan(&into)
		})
		if errors.Is(err, sql.ErrNoRows) {
			return nil // somebody else finished it
		}
		if err != nil {
			return err
		}
		step, err := s.Contacts.LeaveCompany(ctx, companyID, into, after, batch, func(tx *storage.Tx) error { return s.stillThere(tx, workspaceID, into) })
		if into != "" && fault.Is(err, fault.KindNotFound) {
			continue // that one goes as well: they join what it becomes a part of
		}
		if err != nil {
			return err
		}
		after, left = step.Last, step.Looked == batch
	}
	return s.DB.Write(ctx, func(tx *storage.Tx) error {
		if _, err := tx.Exec(`DELETE FROM company_changes WHERE workspace_id = $1 AND company_id = $2`, workspaceID, companyID); err != nil {
			return err
		}
		_, err := tx.Exec(deleteGone, workspaceID, companyID)
		return err
	})
}

// stillThere has the company that people join stay, if they join one.
func (s *Service) stillThere(tx *storage.Tx, workspaceID, into string) error {
	if into == "" {
		return nil
	}
	return Hold(tx, workspaceID, into)
}

// Hold has a company stay until the transaction ends: nil, or not found.
func Hold(tx *storage.Tx, workspaceID, companyID string) error {
	if err := tx.LockShared(lockName(companyID)); err != nil {
		return err
	}
	_, err := load(tx, workspaceID, companyID)
	return err
}

// Exists gives nil for a company of the workspace, or not found.
func Exists(tx *storage.Tx, workspaceID, companyID string) error {
	_, err := load(tx, workspaceID, companyID)
	return err
}

// NameIn gives what a company is called, within a transaction.
func (s *Service) NameIn(ctx context.Context, tx *storage.Tx, workspaceID, companyID string) (string, error) {
	r, err := load(tx, workspaceID, companyID)
	if fault.Is(err, fault.KindNotFound) {
		return "", nil // a copy from before may name one that was removed
	}
	if err != nil {
		return "", err
	}
	key, _, err := s.key(ctx, workspaceID)
	if err != nil {
		return "", err
	}
	d, err := r.data(key)
	return d.Name, err
}

// Members gives a company's people, newest first.
func (s *Service) Members(ctx context.Context, companyID, before string, limit int) ([]contacts.Contact, error) {
	err := s.DB.Read(ctx, func(tx *storage.Tx) error { return Exists(tx, actor.From(ctx).WorkspaceID, companyID) })
	if err != nil {
		return nil, fault.Wrap("company.Members", err)
	}
	return s.Contacts.OfCompany(ctx, companyID, before, limit)
}
