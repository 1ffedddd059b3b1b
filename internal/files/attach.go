package files

import (
	"context"
	"slices"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Target is what files are attached to. Without a parent they wait.
type Target struct {
	ScopeID   string // where they may be attached, such as a board
	RootID    string // with which they go, such as a post
	ParentID  string // what they are attached to: the post itself, or a comment under it
	ContactID string // whose words they belong to; empty: the workspace's
}

// Draft is files that are about to be attached, sealed for whose they become.
type Draft struct {
	to     Target
	by     actor.Actor
	now    int64
	drafts []draft
	all    bool // what else is attached there goes
}

type draft struct {
	file      File
	name, key []byte // sealed
	isNew     bool
}

// Files gives the files of a draft, in their order.
func (d *Draft) Files() []File {
	out := []File{}
	if d != nil {
		for _, one := range d.drafts {
			out = append(out, one.file)
		}
	}
	return out
}

// Prepare seals files for what they are to be attached to, outside of a transaction:
// those that the actor uploaded before, by id, and those that are staged. What else
// is attached there goes. A nil draft leaves all as it is: it is what nil ids without
// staged files give.
func (s *Service) Prepare(ctx context.Context, to Target, ids []string, staged ...*Staged) (*Draft, error) {
	if ids == nil && len(staged) == 0 {
		return nil, nil //nolint:nilnil // nothing is to change
	}
	a := actor.From(ctx)
	d := &Draft{to: to, by: a, now: clock.Micros(s.Clock.Now()), all: ids != nil}
	if len(ids)+len(staged) > MaxOf {
		return nil, tooMany()
	}
	key, err := s.key(ctx, a.WorkspaceID, to.ContactID)
	if err != nil {
		return nil, err
	}
	if err := s.resealed(ctx, d, key, ids); err != nil {
		return nil, err
	}
	for _, st := range staged {
		d.drafts = append(d.drafts, draft{st.File, key.Seal(namePlace(st.ID), []byte(st.Name)), key.Seal(keyPlace(st.ID), st.key), true})
	}
	return d, nil
}

func tooMany() error {
	return fault.Invalid("file_ids", "must be at most 5: no more are attached to one text")
}

// errNotYours does not tell whether a file of that id exists.
var errNotYours = fault.Invalid("file_ids", "must be files that you uploaded for this board and attached to nothing else")

// resealed adds files that were uploaded before.
func (s *Service) resealed(ctx context.Context, d *Draft, key *vault.Key, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	if len(slices.Compact(slices.Sorted(slices.Values(ids)))) < len(ids) {
		return fault.Invalid("file_ids", "must not name a file twice")
	}
	var rows []Row
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		rows, err = load(tx, d.by.WorkspaceID, ids)
		return err
	})
	if err != nil {
		return err
	}
	for _, fileID := range ids {
		i := slices.IndexFunc(rows, func(r Row) bool { return r.ID == fileID })
		if i < 0 || !rows[i].mayGoTo(d) {
			return errNotYours
		}
		r := rows[i]
		own, err := s.key(ctx, d.by.WorkspaceID, r.ContactID)
		if err != nil {
			return err
		}
		if err := r.Open(own); err != nil {
			return err
		}
		d.drafts = append(d.drafts, draft{r.File, key.Seal(namePlace(r.ID), []byte(r.Name)), key.Seal(keyPlace(r.ID), r.content), false})
	}
	return nil
}

// mayGoTo tells whether a file is there already, or waits for its uploader to say
// where it goes.
func (r *Row) mayGoTo(d *Draft) bool {
	if r.ScopeID != d.to.ScopeID {
		return false
	}
	if r.ParentID != "" {
		return r.ParentID == d.to.ParentID
	}
	return r.authorID == d.by.ID && r.authorType == string(d.by.Type)
}

const (
	insertFile = `
	INSERT INTO files (workspace_id, id, scope_id, root_id, parent_id, position, contact_id, author_type, author_id, name_sealed, key_sealed, type, size, width, height,
		created_at, loose_since)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`
	attachFile = `
	UPDATE files SET root_id = $1, parent_id = $2, position = $3, contact_id = $4, name_sealed = $5, key_sealed = $6, loose_since = NULL
	WHERE workspace_id = $7 AND id = $8 AND (parent_id = $2 OR parent_id = '' AND author_id = $9)`
)

// Save writes what a draft says. Who calls it holds what the files are attached to. A
// nil draft does nothing.
func (d *Draft) Save(tx *storage.Tx) error {
	if d == nil {
		return nil
	}
	there, err := attached(tx, d.by.WorkspaceID, d.to)
	if err != nil {
		return err
	}
	if d.all {
		var gone []string
		for _, fileID := range there {
			if !slices.ContainsFunc(d.drafts, func(one draft) bool { return one.file.ID == fileID }) {
				gone = append(gone, fileID)
			}
		}
		if len(gone) > 0 {
			if _, err := remove(tx, `workspace_id = $1 AND id IN (`+marks(2, len(gone))+`)`, append([]any{d.by.WorkspaceID}, anys(gone)...)...); err != nil {
				return err
			}
		}
		there = nil
	}
	if d.to.ParentID != "" && len(there)+len(d.drafts) > MaxOf {
		return tooMany()
	}
	for i, one := range d.drafts {
		if err := d.save(tx, one, len(there)+i); err != nil {
			return err
		}
	}
	return nil
}

func (d *Draft) save(tx *storage.Tx, one draft, position int) error {
	if !one.isNew {
		n, err := tx.Exec(attachFile, d.to.RootID, d.to.ParentID, position, null(d.to.ContactID), one.name, one.key, d.by.WorkspaceID, one.file.ID, d.by.ID)
		if err == nil && n == 0 {
			err = errNotYours
		}
		return err
	}
	f := one.file
	if err := mayAdd(tx, d.by, f.Size, clock.FromMicros(d.now)); err != nil {
		return err
	}
	var loose any
	if d.to.ParentID == "" {
		loose = d.now
	}
	_, err := tx.Exec(insertFile, d.by.WorkspaceID, f.ID, d.to.ScopeID, d.to.RootID, d.to.ParentID, position, null(d.to.ContactID), string(d.by.Type), d.by.ID, one.name, one.key,
		f.Type, f.Size, f.Width, f.Height, clock.Micros(f.CreatedAt), loose)
	return err
}

func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}
