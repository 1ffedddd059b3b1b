package company

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// row is a company as it is stored.
type row struct {
	id               string
	sealed           []byte
	source           string
	created, updated int64
	figures          contacts.Figures
}

func place(id string) vault.Place {
	return vault.Place{Table: "companies", Column: "data_sealed", Row: id}
}

func (d data) seal(key *vault.Key, id string) ([]byte, error) {
	plain, err := json.Marshal(d)
	return key.Seal(place(id), plain), err
}

func (r row) data(key *vault.Key) (d data, err error) {
	plain, err := key.Open(place(r.id), r.sealed)
	if err != nil {
		return d, fault.Wrap("open company "+r.id, err)
	}
	return d, json.Unmarshal(plain, &d)
}

func (r row) open(key *vault.Key) (Company, error) {
	d, err := r.data(key)
	c := Company{ID: r.id, Name: d.Name, Domains: d.Domains, Website: d.Website, Attributes: d.Attributes, Source: r.source,
		CreatedAt: clock.FromMicros(r.created), UpdatedAt: clock.FromMicros(r.updated), People: r.figures.People}
	if seen := r.figures.LastSeen; !seen.IsZero() {
		c.LastActive = &seen
	}
	if c.Domains == nil {
		c.Domains = []string{}
	}
	if c.Attributes == nil {
		c.Attributes = map[string]any{}
	}
	return c, err
}

const columns = `c.id, c.data_sealed, c.source, c.created_at, c.updated_at`

const selectOne = `SELECT ` + columns + ` FROM companies c WHERE c.workspace_id = $1 AND c.id = $2 AND c.removed_at IS NULL`

func load(tx *storage.Tx, workspaceID, id string) (r row, err error) {
	err = tx.QueryRow(selectOne, workspaceID, id).Scan(&r.id, &r.sealed, &r.source, &r.created, &r.updated)
	if errors.Is(err, sql.ErrNoRows) {
		return r, fault.NotFound("company")
	}
	return r, err
}

func scanRows(rows *sql.Rows, err error) ([]row, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []row
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.id, &r.sealed, &r.source, &r.created, &r.updated); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// withFigures adds what is told of companies' people.
func withFigures(tx *storage.Tx, workspaceID string, rows []row) error {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.id
	}
	figures, err := contacts.FiguresOf(tx, workspaceID, ids)
	for i := range rows {
		rows[i].figures = figures[rows[i].id]
	}
	return err
}

const selectPage = `SELECT ` + columns + ` FROM companies c WHERE c.workspace_id = $1 AND c.id < $2 AND c.removed_at IS NULL ORDER BY c.id DESC LIMIT $3`

const selectByDomain = `
	SELECT ` + columns + ` FROM company_domains d JOIN companies c ON c.workspace_id = d.workspace_id AND c.id = d.company_id
	WHERE d.workspace_id = $1 AND d.token = $2 AND c.id < $3`

// selectByName finds companies that have all of n tokens.
func selectByName(tx *storage.Tx, workspaceID string, tokens [][]byte, before string, limit int) ([]row, error) {
	args := []any{workspaceID, before}
	where := ""
	for _, t := range tokens {
		args = append(args, t)
		where += fmt.Sprintf(` AND EXISTS (SELECT 1 FROM company_tokens t WHERE t.workspace_id = c.workspace_id AND t.company_id = c.id AND t.token = $%d)`, len(args))
	}
	args = append(args, limit)
	return scanRows(tx.Query(fmt.Sprintf(`SELECT `+columns+` FROM companies c WHERE c.workspace_id = $1 AND c.id < $2 AND c.removed_at IS NULL%s ORDER BY c.id DESC LIMIT $%d`, where, len(args)), args...))
}

const (
	insertCompany = `INSERT INTO companies (workspace_id, id, data_sealed, source, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6)`
	updateCompany = `UPDATE companies SET data_sealed = $1, updated_at = $2 WHERE workspace_id = $3 AND id = $4`
	insertDomain  = `INSERT INTO company_domains (workspace_id, token, company_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`
	insertToken   = `INSERT INTO company_tokens (workspace_id, token, company_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`
)

// writeIndex replaces everything by which a company is found. A domain that another
// company has is a conflict.
func writeIndex(tx *storage.Tx, workspaceID, id string, ix tokens) error {
	for _, table := range []string{"company_domains", "company_tokens"} {
		if _, err := tx.Exec(`DELETE FROM `+table+` WHERE workspace_id = $1 AND company_id = $2`, workspaceID, id); err != nil {
			return err
		}
	}
	for _, t := range ix.domains {
		n, err := tx.Exec(insertDomain, workspaceID, t, id)
		if err == nil && n == 0 {
			err = fault.Conflict("domain_taken", "Another company has one of these domains. Take it from that one first.")
		}
		if err != nil {
			return err
		}
	}
	for _, t := range ix.names {
		if _, err := tx.Exec(insertToken, workspaceID, t, id); err != nil {
			return err
		}
	}
	return nil
}

// tokens are what a company is found by.
type tokens struct{ domains, names [][]byte }

func tokensOf(ix *vault.Index, d data) tokens {
	out := tokens{names: ix.Prefixes(d.Name)}
	if len(out.names) == 0 {
		out.names = nameTokens(ix, d.Name)
	}
	for _, one := range d.Domains {
		out.domains = append(out.domains, domainToken(ix, one))
	}
	return out
}

func domainToken(ix *vault.Index, domain string) []byte { return ix.Equal("company_domain", domain) }
