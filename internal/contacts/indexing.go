package contacts

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

const (
	indexBatch = 100              // contacts in one transaction
	indexLease = 30 * time.Second // longer than a batch takes
)

const selectIndexing = `SELECT done, total, COALESCE(ended_at, 0) FROM attribute_indexing WHERE workspace_id = $1`

func loadIndexing(tx *storage.Tx, workspaceID string) (Indexing, error) {
	out := Indexing{State: "done"}
	var ended int64
	err := tx.QueryRow(selectIndexing, workspaceID).Scan(&out.Done, &out.Total, &ended)
	if errors.Is(err, sql.ErrNoRows) {
		return out, nil
	}
	if out.EndedAt = pointer(clock.FromMicros(ended)); ended == 0 {
		out.State = "working"
	}
	return out, err
}

const (
	insertIndexing = `
	INSERT INTO attribute_indexing (workspace_id, version, cursor, done, total, began_at, ended_at, lease_holder, lease_until)
	VALUES ($1, 0, '', 0, 0, $2, $2, '', 0) ON CONFLICT (workspace_id) DO NOTHING`
	moveVersion     = `UPDATE attribute_indexing SET version = version + 1 WHERE workspace_id = $1`
	restartIndexing = `
	UPDATE attribute_indexing SET cursor = '', done = 0, began_at = $1, ended_at = NULL,
		total = (SELECT COUNT(*) FROM contacts WHERE workspace_id = $2) WHERE workspace_id = $2`
)

// beginIndexing moves the version of the declarations, and has everybody's values
// indexed anew where the change asks for that. The caller holds the lock of the
// workspace's attributes.
func beginIndexing(tx *storage.Tx, workspaceID string, anew bool, now time.Time) (Indexing, error) {
	at := clock.Micros(now)
	if _, err := tx.Exec(insertIndexing, workspaceID, at); err != nil {
		return Indexing{}, err
	}
	if _, err := tx.Exec(moveVersion, workspaceID); err != nil {
		return Indexing{}, err
	}
	if anew {
		if _, err := tx.Exec(restartIndexing, at, workspaceID); err != nil {
			return Indexing{}, err
		}
	}
	return loadIndexing(tx, workspaceID)
}

const selectOpenIndexing = `SELECT workspace_id FROM attribute_indexing WHERE ended_at IS NULL AND (lease_until < $1 OR lease_holder = $2) ORDER BY began_at LIMIT 20`

// IndexAttributes goes on with indexing everybody's attributes by the declarations
// that changed, at most so many batches for each workspace, and tells whether some
// are left. Several nodes share the work, a workspace at a time.
func (s *Service) IndexAttributes(ctx context.Context, batches int) (more bool, err error) {
	var open []string
	err = s.db.Read(ctx, func(tx *storage.Tx) error {
		rows, err := tx.Query(selectOpenIndexing, clock.Micros(s.clock.Now()), s.node)
		if err != nil {
			return err
		}
		open, err = scanIDs(rows)
		return err
	})
	if err != nil {
		return false, fault.Wrap("contacts.IndexAttributes", err)
	}
	for _, workspaceID := range open {
		as := actor.With(ctx, actor.Actor{Type: actor.System, ID: "attributes", WorkspaceID: workspaceID})
		left := true
		for n := 0; n < batches && left && ctx.Err() == nil; n++ {
			if left, err = s.indexSome(as, workspaceID); err != nil {
				return true, fault.Wrap("contacts.IndexAttributes", err)
			}
		}
		more = more || left
	}
	return more, nil
}

// pass is how far the indexing of a workspace is, and by which declarations.
type pass struct {
	version int64
	cursor  string
	quiet   bool // an upgrade began it: nobody's values change
	defs    definitions
	records []record
	last    bool // nobody comes after these
}

const (
	selectPass  = `SELECT version, cursor, began_at FROM attribute_indexing WHERE workspace_id = $1 AND ended_at IS NULL`
	selectAfter = `SELECT ` + columns + ` FROM contacts WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3`
)

func (s *Service) loadPass(ctx context.Context, workspaceID string) (p pass, open bool, err error) {
	err = s.db.Read(ctx, func(tx *storage.Tx) error {
		p = pass{}
		var began int64
		err := tx.QueryRow(selectPass, workspaceID).Scan(&p.version, &p.cursor, &began)
		p.quiet = began == 0
		if open = err == nil; errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if p.defs, err = loadDefinitions(tx, workspaceID); err != nil {
			return err
		}
		p.records, err = scanRecords(tx.Query(selectAfter, workspaceID, p.cursor, indexBatch))
		p.last = len(p.records) < indexBatch
		return err
	})
	return p, open, err
}

// reindexed is a contact whose index was made anew.
type reindexed struct {
	record
	gone    bool // erased: there is no key any more
	index   index
	changed *rectified // what was removed from the profile
	sealed  []byte     // nil where the profile stays
}

// indexSome indexes the next batch of a workspace, and tells whether more is left.
func (s *Service) indexSome(ctx context.Context, workspaceID string) (more bool, err error) {
	p, open, err := s.loadPass(ctx, workspaceID)
	if err != nil || !open {
		return false, err
	}
	made, err := s.reindex(ctx, workspaceID, p)
	if err != nil {
		return false, err
	}
	done := false
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		done = false
		for _, r := range made { // whoever is erased or changed meanwhile is waited for
			if err := privacy.LockSubject(tx, privacy.Subject{WorkspaceID: workspaceID, ContactID: r.id}); err != nil {
				return err
			}
		}
		if err := tx.LockShared(attributesLock(workspaceID)); err != nil {
			return err
		}
		if version, err := definitionsVersion(tx, workspaceID); err != nil || version != p.version {
			return err // they changed again: the next round begins with them
		}
		n, err := tx.Exec(leaseIndexing, s.node, clock.Micros(s.clock.Now().Add(indexLease)), workspaceID, p.cursor, clock.Micros(s.clock.Now()))
		if err != nil || n == 0 {
			done = true // another node is at it
			return err
		}
		stopped, err := s.storeIndexed(ctx, tx, workspaceID, p.quiet, made)
		if err != nil {
			return err
		}
		return s.moveOn(tx, workspaceID, p, stopped, &done)
	})
	return !done, err
}

const (
	leaseIndexing = `UPDATE attribute_indexing SET lease_holder = $1, lease_until = $2
	WHERE workspace_id = $3 AND cursor = $4 AND ended_at IS NULL AND (lease_until < $5 OR lease_holder = $1)`
	moveCursor  = `UPDATE attribute_indexing SET cursor = $1, done = done + $2 WHERE workspace_id = $3`
	endIndexing = `UPDATE attribute_indexing SET ended_at = $1, total = done, lease_holder = '', lease_until = 0 WHERE workspace_id = $2`
)

// moveOn notes how far the pass came. At its end, declarations that are being
// removed go.
func (s *Service) moveOn(tx *storage.Tx, workspaceID string, p pass, stopped int, done *bool) error {
	if stopped > 0 {
		if _, err := tx.Exec(moveCursor, p.records[stopped-1].id, stopped, workspaceID); err != nil {
			return err
		}
	}
	if !p.last || stopped < len(p.records) {
		return nil
	}
	*done = true
	for _, key := range slices.Sorted(maps.Keys(p.defs.byKey)) {
		if !p.defs.byKey[key].removed {
			continue
		}
		if _, err := tx.Exec(`DELETE FROM attribute_definitions WHERE workspace_id = $1 AND key = $2 AND removed_at IS NOT NULL`, workspaceID, key); err != nil {
			return err
		}
		err := s.audit.Append(tx, audit.Entry{WorkspaceID: workspaceID, ActorType: actor.System, ActorID: "attributes", Action: "attribute.values_removed",
			TargetType: "attribute", TargetID: key})
		if err != nil {
			return err
		}
	}
	_, err := tx.Exec(endIndexing, clock.Micros(s.clock.Now()), workspaceID)
	return err
}

// reindex opens a batch of profiles and makes what finds them. Values of
// declarations that are being removed leave the profiles, but for those of people
// whom a restriction or a hold keeps as they are.
func (s *Service) reindex(ctx context.Context, workspaceID string, p pass) ([]reindexed, error) {
	ix, err := s.vault.Index(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	subjects := make([]vault.Subject, len(p.records))
	for i, r := range p.records {
		subjects[i] = vault.Subject{Workspace: workspaceID, ID: r.id}
	}
	keys, err := s.vault.Keys(ctx, subjects)
	if err != nil {
		return nil, err
	}
	now := s.clock.Now()
	out := make([]reindexed, 0, len(p.records))
	for i, r := range p.records {
		key, ok := keys[subjects[i]]
		var profile Profile
		if ok {
			profile, err = openProfile(key, r)
		}
		if !ok || fault.Is(err, fault.KindGone) {
			out = append(out, reindexed{record: r, gone: true})
			continue
		}
		if err != nil {
			return nil, err
		}
		x := reindexed{record: r}
		if r.restricted.IsZero() && !r.held.After(now) {
			if x.changed, x.sealed, profile, err = s.withoutRemoved(ctx, key, r, profile, p.defs); err != nil {
				return nil, err
			}
		}
		x.index = indexOf(ix, p.defs, r.id, profile, r.created)
		out = append(out, x)
	}
	return out, nil
}

// withoutRemoved takes values of declarations that are being removed out of a profile.
func (s *Service) withoutRemoved(ctx context.Context, key *vault.Key, r record, before Profile, defs definitions) (*rectified, []byte, Profile, error) {
	after := before
	after.Attributes, after.Provenance = maps.Clone(before.Attributes), maps.Clone(before.Provenance)
	for name := range before.Attributes {
		if defs.byKey[name].removed {
			delete(after.Attributes, name)
			delete(after.Provenance, "attributes."+name)
		}
	}
	if len(after.Attributes) == len(before.Attributes) {
		return nil, nil, before, nil
	}
	now := s.clock.Now()
	if !now.After(r.updated) {
		now = r.updated.Add(time.Microsecond)
	}
	by := actor.From(ctx)
	// that there was a value stays on record; what it was does not
	changed := &rectified{Rectification: Rectification{ID: s.ids.New("rct"), Fields: []string{"attributes"}, Source: privacy.SourceOf(by), Actor: by.Ref(), CreatedAt: now}}
	plain, err := after.marshal()
	if err != nil {
		return nil, nil, before, err
	}
	return changed, key.Seal(profilePlace(r.id), plain), after, nil
}

// storeIndexed stores a batch, up to the first whom somebody changed meanwhile, and
// gives how many it came to: the next batch begins there. A quiet one tells only of
// whose profile it changed.
func (s *Service) storeIndexed(ctx context.Context, tx *storage.Tx, workspaceID string, quiet bool, made []reindexed) (int, error) {
	by := actor.From(ctx)
	for i, r := range made {
		if r.gone {
			continue
		}
		sub := privacy.Subject{WorkspaceID: workspaceID, ContactID: r.id}
		now, err := loadByID(tx, workspaceID, r.id)
		if fault.Is(err, fault.KindNotFound) {
			continue // erased meanwhile
		}
		if err != nil {
			return i, err
		}
		if !now.updated.Equal(r.updated) {
			return i, nil
		}
		if r.sealed != nil {
			if _, err := tx.Exec(`UPDATE contacts SET profile_sealed = $1, updated_at = $2 WHERE workspace_id = $3 AND id = $4`,
				r.sealed, clock.Micros(r.changed.CreatedAt), workspaceID, r.id); err != nil {
				return i, err
			}
			if err := r.changed.insert(tx, sub); err != nil {
				return i, err
			}
			if err := forgetFormerOf(tx, sub); err != nil {
				return i, err
			}
		}
		if err := writeIndex(tx, workspaceID, s.clock.Now(), false, r.index); err != nil {
			return i, err
		}
		if len(r.index.profile.Attributes) > 0 && !quiet || r.sealed != nil {
			s.updated(tx, sub, by, s.clock.Now(), "attributes")
		}
	}
	return len(made), nil
}

// forgetFormerOf forgets what a person's changes said before where attributes were
// among them: what is removed stays in no history.
func forgetFormerOf(tx *storage.Tx, sub privacy.Subject) error {
	_, err := tx.Exec(`UPDATE contact_changes SET former_sealed = NULL WHERE workspace_id = $1 AND contact_id = $2 AND fields LIKE '%attributes%'`,
		sub.WorkspaceID, sub.ContactID)
	return err
}
