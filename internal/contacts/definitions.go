package contacts

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// Indexing says how far everybody's attributes are indexed by the declarations as
// they are now.
type Indexing struct {
	State   string     `json:"state" enum:"done,working"`
	Done    int64      `json:"done" doc:"Contacts that were looked at."`
	Total   int64      `json:"total"`
	EndedAt *time.Time `json:"ended_at"`
}

// Attributes are a workspace's declarations.
type Attributes struct {
	Data       []Attribute `json:"data" doc:"All declarations, by key."`
	NextCursor *string     `json:"next_cursor" doc:"Always null: there are at most 100."`
	Undeclared []string    `json:"undeclared" doc:"Keys that were written and never declared; their values are sealed."`
	Indexing   Indexing    `json:"indexing"`
}

const selectDefinitions = `
	SELECT key, label, description, kind, personal, purpose, retention_days, COALESCE(removed_at, 0), created_at, updated_at
	FROM attribute_definitions WHERE workspace_id = $1`

func loadDefinitions(tx *storage.Tx, workspaceID string) (definitions, error) {
	out := definitions{byKey: map[string]Attribute{}}
	var err error
	if out.version, err = definitionsVersion(tx, workspaceID); err != nil {
		return out, err
	}
	rows, err := tx.Query(selectDefinitions, workspaceID)
	if err != nil {
		return out, err
	}
	defer rows.Close()
	for rows.Next() {
		var a Attribute
		var personal, removed, created, updated int64
		var days sql.Null[int]
		if err := rows.Scan(&a.Key, &a.Label, &a.Description, &a.Kind, &personal, &a.Purpose, &days, &removed, &created, &updated); err != nil {
			return out, err
		}
		if days.Valid {
			a.RetentionDays = &days.V
		}
		a.Personal, a.removed, a.CreatedAt, a.UpdatedAt = personal != 0, removed != 0, clock.FromMicros(created), clock.FromMicros(updated)
		out.byKey[a.Key] = a
	}
	return out, rows.Err()
}

func definitionsVersion(tx *storage.Tx, workspaceID string) (version int64, err error) {
	err = tx.QueryRow(`SELECT version FROM attribute_indexing WHERE workspace_id = $1`, workspaceID).Scan(&version)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return version, err
}

// noteUndeclared remembers keys that came in without a declaration, for the settings.
func noteUndeclared(tx *storage.Tx, workspaceID string, keys []string, now time.Time) error {
	if len(keys) == 0 {
		return nil
	}
	var have int64
	if err := tx.QueryRow(`SELECT COUNT(*) FROM attribute_definitions WHERE workspace_id = $1 AND kind = ''`, workspaceID).Scan(&have); err != nil {
		return err
	}
	if have >= maxUndeclared {
		return nil
	}
	at := clock.Micros(now)
	var args []any
	for _, key := range keys {
		args = append(args, workspaceID, key, "", "", "", 1, "", at, at)
	}
	_, err := storage.InsertRows(tx, `INSERT INTO attribute_definitions (workspace_id, key, label, description, kind, personal, purpose, created_at, updated_at) VALUES `,
		9, args, ` ON CONFLICT DO NOTHING`)
	return err
}

// Attributes gives the workspace's declarations.
func (s *Service) Attributes(ctx context.Context) (Attributes, error) {
	out := Attributes{Data: []Attribute{}, Undeclared: []string{}}
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		defs, indexing, err := loadWithIndexing(tx, actor.From(ctx).WorkspaceID)
		if err != nil {
			return err
		}
		out = Attributes{Data: []Attribute{}, Undeclared: []string{}, Indexing: indexing}
		for _, a := range defs.byKey {
			if a.Kind == "" {
				out.Undeclared = append(out.Undeclared, a.Key)
			} else {
				out.Data = append(out.Data, a.stated(indexing))
			}
		}
		return s.countExpired(tx, actor.From(ctx).WorkspaceID, out.Data)
	})
	slices.SortFunc(out.Data, func(a, b Attribute) int { return strings.Compare(a.Key, b.Key) })
	slices.Sort(out.Undeclared)
	return out, fault.Wrap("contacts.Attributes", err)
}

func loadWithIndexing(tx *storage.Tx, workspaceID string) (definitions, Indexing, error) {
	defs, err := loadDefinitions(tx, workspaceID)
	if err != nil {
		return defs, Indexing{}, err
	}
	indexing, err := loadIndexing(tx, workspaceID)
	return defs, indexing, err
}

// countExpired counts what the terms of declarations would remove now.
func (s *Service) countExpired(tx *storage.Tx, workspaceID string, all []Attribute) (err error) {
	for i, a := range all {
		if a.RetentionDays == nil {
			continue
		}
		if all[i].Expired, err = expired(tx, term{workspaceID, a.Key, *a.RetentionDays}, s.clock.Now()); err != nil {
			return err
		}
	}
	return nil
}

// stated gives the declaration with its state.
func (a Attribute) stated(i Indexing) Attribute {
	switch {
	case a.removed:
		a.State = "removing"
	case i.State == "working":
		a.State = "indexing"
	default:
		a.State = "ready"
	}
	return a
}

// Attribute gives one declaration.
func (s *Service) Attribute(ctx context.Context, key string) (out Attribute, err error) {
	err = s.db.Read(ctx, func(tx *storage.Tx) error {
		defs, indexing, err := loadWithIndexing(tx, actor.From(ctx).WorkspaceID)
		if err != nil {
			return err
		}
		a, declared := defs.of(key)
		if !declared {
			return fault.NotFound("attribute")
		}
		out = a.stated(indexing)
		return nil
	})
	return out, fault.Wrap("contacts.Attribute", err)
}

// DeclareAttribute adds a declaration. Values that contacts have under its key
// already are indexed by it in the background.
func (s *Service) DeclareAttribute(ctx context.Context, n NewAttribute) (Attribute, error) {
	a := Attribute{Key: n.Key, Label: strings.TrimSpace(n.Label), Description: strings.TrimSpace(n.Description), Kind: n.Kind, Personal: n.Personal == nil || *n.Personal,
		Purpose: n.Purpose, RetentionDays: n.RetentionDays}
	return s.saveAttribute(ctx, "attribute.declared", a.Key, func(defs definitions) (Attribute, error) {
		if old, declared := defs.of(a.Key); declared {
			if old.removed {
				return a, fault.Conflict("attribute_removing", "Its old values are being removed. Declare it again once they are gone.")
			}
			return a, fault.Conflict("attribute_declared", "There is an attribute with this key already. Change that one instead.")
		}
		declared := 0
		for _, other := range defs.byKey {
			if other.Kind != "" {
				declared++
			}
		}
		if declared >= maxDefinitions {
			return a, fault.Conflict("too_many_attributes", "A workspace declares at most 100 attributes. Remove one that you do not need.")
		}
		a.CreatedAt = s.clock.Now()
		return a, nil
	})
}

// ChangeAttribute changes a declaration. Check, if not nil, is asked whether the
// version that is there may be changed.
func (s *Service) ChangeAttribute(ctx context.Context, key string, c AttributeChange, check func(updated time.Time) error) (Attribute, error) {
	return s.saveAttribute(ctx, "attribute.changed", key, func(defs definitions) (Attribute, error) {
		a, declared := defs.of(key)
		switch {
		case !declared:
			return a, fault.NotFound("attribute")
		case a.removed:
			return a, fault.Conflict("attribute_removing", "Its values are being removed. It cannot be changed any more.")
		case check != nil:
			if err := check(a.UpdatedAt); err != nil {
				return a, err
			}
		}
		return a.apply(c), nil
	})
}

// RemoveAttribute has a declaration and all its values removed, in the background.
func (s *Service) RemoveAttribute(ctx context.Context, key string) error {
	_, err := s.saveAttribute(ctx, "attribute.removed", key, func(defs definitions) (Attribute, error) {
		a, declared := defs.of(key)
		if !declared {
			return a, fault.NotFound("attribute")
		}
		a.removed = true
		return a, nil
	})
	return err
}

const upsertDefinition = `
	INSERT INTO attribute_definitions (workspace_id, key, label, description, kind, personal, purpose, retention_days, removed_at, created_at, updated_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
	ON CONFLICT (workspace_id, key) DO UPDATE SET label = excluded.label, description = excluded.description, kind = excluded.kind, personal = excluded.personal,
		purpose = excluded.purpose, retention_days = excluded.retention_days, removed_at = excluded.removed_at, created_at = excluded.created_at, updated_at = excluded.updated_at`

// saveAttribute stores a declaration as next gives it, given those that are there.
func (s *Service) saveAttribute(ctx context.Context, action, key string, next func(definitions) (Attribute, error)) (Attribute, error) {
	by := actor.From(ctx)
	var out Attribute
	err := s.db.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.Lock(attributesLock(by.WorkspaceID)); err != nil {
			return err
		}
		defs, err := loadDefinitions(tx, by.WorkspaceID)
		if err != nil {
			return err
		}
		if out, err = next(defs); err != nil {
			return err
		}
		if err := s.checkDefinition(tx, by.WorkspaceID, out); err != nil {
			return err
		}
		old := defs.byKey[key]
		now := s.clock.Now()
		if !now.After(old.UpdatedAt) {
			now = old.UpdatedAt.Add(time.Microsecond)
		}
		out.UpdatedAt = now
		var removed any
		if out.removed {
			removed = clock.Micros(now)
		}
		if _, err := tx.Exec(upsertDefinition, by.WorkspaceID, out.Key, out.Label, out.Description, out.Kind, flag(out.Personal), out.Purpose,
			orNull(out.RetentionDays), removed, clock.Micros(out.CreatedAt), clock.Micros(now)); err != nil {
			return err
		}
		indexing, err := beginIndexing(tx, by.WorkspaceID, old.differsInIndex(out), now)
		if err != nil {
			return err
		}
		out = out.stated(indexing)
		tx.OnCommit(s.wakeUp)
		return s.audit.Append(tx, audit.Entry{WorkspaceID: by.WorkspaceID, ActorType: by.Type, ActorID: by.ID, Action: action,
			TargetType: "attribute", TargetID: out.Key, Details: out.words()})
	})
	return out, fault.Wrap("contacts."+action, err)
}

// checkDefinition says everything that is wrong with a declaration.
func (s *Service) checkDefinition(tx *storage.Tx, workspaceID string, a Attribute) error {
	bad := a.validate()
	if a.removed {
		return nil
	}
	if s.use.Purpose != nil {
		if _, err := s.use.Purpose(tx, workspaceID, a.Purpose); fault.Is(err, fault.KindNotFound) || fault.Is(err, fault.KindInvalid) {
			bad = append(bad, fault.FieldError{Field: "purpose", Detail: "is not a purpose of this workspace; GET /api/v1/privacy/purposes lists them"})
		} else if err != nil {
			return err
		}
	}
	if len(bad) > 0 {
		return fault.InvalidFields(bad...)
	}
	return nil
}

// words are what the audit log says of a declaration.
func (a Attribute) words() map[string]string {
	out := map[string]string{"kind": a.Kind, "personal": "no", "purpose": a.Purpose}
	if a.Personal {
		out["personal"] = "yes"
	}
	return out
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
