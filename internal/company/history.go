package company

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// CompanyEdit is one change of a company.
type CompanyEdit struct {
	ID        string         `json:"id"`
	Fields    []string       `json:"fields" doc:"Which fields changed: name, domains, website or attributes."`
	Former    map[string]any `json:"former" doc:"What they said before, by field, an attribute as attributes.name; null where there was nothing."`
	Source    string         `json:"source" doc:"Through what it was changed: api, dashboard or system."`
	Actor     actor.Ref      `json:"actor"`
	CreatedAt time.Time      `json:"created_at"`
}

// edit is a change of a company, with what seals and finds it.
type edit struct {
	key           *vault.Key
	index         *vault.Index
	before, after data
}

// former gives what changed fields said before.
func (e edit) former() map[string]any {
	out := map[string]any{}
	note := func(field string, before, after any, wasEmpty bool) {
		switch {
		case reflect.DeepEqual(before, after):
		case wasEmpty:
			out[field] = nil
		default:
			out[field] = before
		}
	}
	note("name", e.before.Name, e.after.Name, false)
	note("website", e.before.Website, e.after.Website, e.before.Website == "")
	if !slices.Equal(e.before.Domains, e.after.Domains) {
		note("domains", e.before.Domains, e.after.Domains, len(e.before.Domains) == 0)
	}
	for _, all := range []map[string]any{e.before.Attributes, e.after.Attributes} {
		for key := range all {
			before, had := e.before.Attributes[key]
			note("attributes."+key, before, e.after.Attributes[key], !had)
		}
	}
	return out
}

// save stores a company as it is after an edit, with its history. One that changes
// nothing is none. The caller holds the domains' lock and the company's.
func (s *Service) save(tx *storage.Tx, by actor.Actor, r row, e edit, now int64) (row, error) {
	former := e.former()
	if len(former) == 0 {
		return r, nil
	}
	var err error
	if r.sealed, err = e.after.seal(e.key, r.id); err != nil {
		return r, err
	}
	r.updated = max(now, r.updated+1) // the version must move even if the clock does not
	if _, err := tx.Exec(updateCompany, r.sealed, r.updated, by.WorkspaceID, r.id); err != nil {
		return r, err
	}
	if err := writeIndex(tx, by.WorkspaceID, r.id, tokensOf(e.index, e.after)); err != nil {
		return r, err
	}
	return r, s.note(tx, by, r, e.key, former)
}

const insertEdit = `
	INSERT INTO company_changes (workspace_id, company_id, id, fields, former_sealed, source, actor_type, actor_id, created_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

func (s *Service) note(tx *storage.Tx, by actor.Actor, r row, key *vault.Key, former map[string]any) error {
	var fields []string
	for name := range former {
		field, _, _ := strings.Cut(name, ".")
		fields = append(fields, field)
	}
	slices.Sort(fields)
	plain, err := json.Marshal(former)
	if err != nil {
		return err
	}
	editID := s.IDs.New(id.CompanyEdit)
	_, err = tx.Exec(insertEdit, by.WorkspaceID, r.id, editID, strings.Join(slices.Compact(fields), " "), key.Seal(editPlace(editID), plain), privacy.SourceOf(by),
		string(by.Type), by.ID, r.updated)
	return err
}

func editPlace(row string) vault.Place {
	return vault.Place{Table: "company_changes", Column: "former_sealed", Row: row}
}

const selectEdits = `
	SELECT id, fields, former_sealed, source, actor_type, actor_id, created_at FROM company_changes
	WHERE workspace_id = $1 AND company_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4`

// Edits gives what was changed in a company, newest first: what came before an id (""
// for the newest), at most limit.
func (s *Service) Edits(ctx context.Context, companyID, before string, limit int) ([]CompanyEdit, error) {
	workspaceID := actor.From(ctx).WorkspaceID
	if before == "" {
		before = "cce_~"
	}
	key, _, err := s.key(ctx, workspaceID)
	if err != nil {
		return nil, fault.Wrap("company.Edits", err)
	}
	out := []CompanyEdit{}
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		out = out[:0]
		if _, err := load(tx, workspaceID, companyID); err != nil {
			return err
		}
		rows, err := tx.Query(selectEdits, workspaceID, companyID, before, limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			e, err := scanEdit(rows.Scan, key)
			if err != nil {
				return err
			}
			out = append(out, e)
		}
		return rows.Err()
	})
	return out, fault.Wrap("company.Edits", err)
}

func scanEdit(scan func(dest ...any) error, key *vault.Key) (e CompanyEdit, err error) {
	var fields string
	var former []byte
	var at int64
	if err := scan(&e.ID, &fields, &former, &e.Source, &e.Actor.Type, &e.Actor.ID, &at); err != nil {
		return e, err
	}
	e.Fields, e.CreatedAt = strings.Fields(fields), clock.FromMicros(at)
	plain, err := key.Open(editPlace(e.ID), former)
	if err != nil {
		return e, fault.Wrap("open former values of "+e.ID, err)
	}
	return e, json.Unmarshal(plain, &e.Former)
}
