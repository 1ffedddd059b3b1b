package contacts

import (
	"context"
	"encoding/json"
	"maps"
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

// KeepFormer is how long the former values of a rectified field are kept to answer
// for the change, unless a workspace keeps them for less. Which fields changed,
// when and by whom stays as long as the contact.
const KeepFormer = 90 * 24 * time.Hour

// Rectification is one change of a contact's profile (GDPR article 16).
type Rectification struct {
	ID        string         `json:"id" example:"rct_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	Fields    []string       `json:"fields" doc:"Which fields changed, such as email or attributes."`
	Former    map[string]any `json:"former" doc:"What they said before, by field, an attribute as attributes.name; null where there was nothing. Null as a whole once forgotten, after 90 days."`
	Source    string         `json:"source" doc:"Through what it was changed: widget, api, dashboard or system."`
	Actor     actor.Ref      `json:"actor"`
	CreatedAt time.Time      `json:"created_at"`
}

// differences gives what a changed profile said before, by field.
func (p Profile) differences(after Profile) map[string]any {
	former := map[string]any{}
	for _, f := range (Change{}).fields() {
		if before := *f.at(&p); before != *f.at(&after) {
			former[f.name] = nil
			if before != "" {
				former[f.name] = before
			}
		}
	}
	for _, ch := range channels() {
		if before := p.othersOf(ch); !slices.Equal(before, after.othersOf(ch)) {
			former[ch.list] = before
		}
	}
	for _, attributes := range []map[string]any{p.Attributes, after.Attributes} {
		for key := range attributes {
			if !reflect.DeepEqual(p.Attributes[key], after.Attributes[key]) {
				former["attributes."+key] = p.Attributes[key]
			}
		}
	}
	return former
}

// fieldNames gives the fields' own names, sorted: attributes, whatever they are
// called, are one field, since a name may say something of the person too.
func fieldNames(former map[string]any) []string {
	names := map[string]bool{}
	for name := range former {
		field, _, _ := strings.Cut(name, ".")
		names[field] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// rectified is a change that is sealed and ready to be stored.
type rectified struct {
	Rectification
	former []byte
}

// rectify compares two profiles and seals what the former said; nil if they are
// the same.
func (s *Service) rectify(key *vault.Key, before, after Profile, by actor.Actor, now time.Time) (*rectified, error) {
	former := before.differences(after)
	if len(former) == 0 {
		return nil, nil //nolint:nilnil // nothing changed, and that is no failure
	}
	plain, err := json.Marshal(former)
	if err != nil {
		return nil, err
	}
	r := &rectified{Rectification: Rectification{ID: s.ids.New(id.Rectified), Fields: fieldNames(former), Source: privacy.SourceOf(by), Actor: by.Ref(), CreatedAt: now}}
	r.former = key.Seal(formerPlace(r.ID), plain)
	return r, nil
}

func formerPlace(row string) vault.Place {
	return vault.Place{Table: "contact_changes", Column: "former_sealed", Row: row}
}

// names gives the fields that changed.
func (r *rectified) names() []string {
	if r == nil {
		return nil
	}
	return r.Fields
}

const insertChange = `
	INSERT INTO contact_changes (workspace_id, contact_id, id, fields, former_sealed, source, actor_type, actor_id, created_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

func (r *rectified) insert(tx *storage.Tx, sub privacy.Subject) error {
	if r == nil {
		return nil
	}
	var former any
	if r.former != nil {
		former = r.former
	}
	_, err := tx.Exec(insertChange, sub.WorkspaceID, sub.ContactID, r.ID, strings.Join(r.Fields, " "), former, r.Source,
		string(r.Actor.Type), r.Actor.ID, clock.Micros(r.CreatedAt))
	return err
}

// Changes gives what was changed in a contact, newest first: what came before an
// id ("" for the newest), at most limit.
func (s *Service) Changes(ctx context.Context, contactID, before string, limit int) ([]Rectification, error) {
	sub := privacy.Subject{WorkspaceID: actor.From(ctx).WorkspaceID, ContactID: contactID}
	if before == "" {
		before = "rct_~"
	}
	_, key, err := s.load(ctx, sub)
	if err != nil {
		return nil, fault.Wrap("contacts.Changes", err)
	}
	var out []Rectification
	err = s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		out, err = changesOf(tx, key, sub, before, limit)
		return err
	})
	if err != nil {
		return nil, fault.Wrap("contacts.Changes", err)
	}
	s.audit.Access(ctx, []string{contactID}, "contact.changes")
	return out, nil
}

const selectChanges = `
	SELECT id, fields, former_sealed, source, actor_type, actor_id, created_at FROM contact_changes
	WHERE workspace_id = $1 AND contact_id = $2 AND id < $3
	ORDER BY id DESC LIMIT $4`

func changesOf(tx *storage.Tx, key *vault.Key, sub privacy.Subject, before string, limit int) ([]Rectification, error) {
	rows, err := tx.Query(selectChanges, sub.WorkspaceID, sub.ContactID, before, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []Rectification{}
	for rows.Next() {
		var r Rectification
		var fields string
		var former []byte
		var at int64
		if err := rows.Scan(&r.ID, &fields, &former, &r.Source, &r.Actor.Type, &r.Actor.ID, &at); err != nil {
			return nil, err
		}
		r.Fields, r.CreatedAt = strings.Fields(fields), clock.FromMicros(at)
		if former != nil {
			plain, err := key.Open(formerPlace(r.ID), former)
			if err != nil {
				return nil, fault.Wrap("open former values of "+r.ID, err)
			}
			if err := json.Unmarshal(plain, &r.Former); err != nil {
				return nil, err
			}
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

const oldFormer = `FROM contact_changes h WHERE h.workspace_id = $1 AND h.former_sealed IS NOT NULL AND h.created_at < $2`

const forgetOldFormer = `
	UPDATE contact_changes SET former_sealed = NULL WHERE workspace_id = $1 AND (contact_id, id) IN (
		SELECT h.contact_id, h.id ` + oldFormer

// forgetFormer forgets former values that are older than the rule allows; that
// there was a change stays.
func forgetFormer(tx *storage.Tx, r privacy.Rule) (int64, error) {
	n, err := tx.Exec(forgetOldFormer+r.Of("h")+` ORDER BY h.created_at LIMIT $3)`, r.WorkspaceID, clock.Micros(r.Before), r.Limit)
	r.Note("contact_changes.former_sealed", n)
	return n, err
}

// exportChanges hands out what changed, newest first, a page at a time. Who of the
// operators changed it stays with the workspace.
func exportChanges(tx *storage.Tx, key *vault.Key, sub privacy.Subject, out privacy.Export) error {
	const pageSize = 100
	for before := "rct_~"; ; {
		page, err := changesOf(tx, key, sub, before, pageSize)
		if err != nil {
			return err
		}
		for _, r := range page {
			if r.Actor.Type != actor.Contact {
				r.Actor = actor.Ref{Type: r.Actor.Type}
			}
			if err := out("changes", r); err != nil {
				return err
			}
		}
		if len(page) < pageSize {
			return nil
		}
		before = page[pageSize-1].ID
	}
}
