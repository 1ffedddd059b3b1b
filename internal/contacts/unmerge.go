package contacts

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage"
)

// Undo parts two contacts who were merged, within 30 days. The survivor's fields
// that nobody changed since become what they were; what is about either is with each
// by itself, since it never moved. What was refused, withdrawn or restricted
// meanwhile holds for both from then on.
func (s *Service) Undo(ctx context.Context, mergeID string) (Merge, error) {
	for range attempts {
		m, err := s.tryUndo(ctx, mergeID)
		if e := fault.As(err); e != nil && e.Code == "changed_meanwhile" {
			continue
		}
		if err == nil {
			s.audit.Access(ctx, []string{m.ContactID, m.MergedID}, "contact.merges")
		}
		return m, fault.Wrap("contacts.Undo", err)
	}
	return Merge{}, fault.Conflict("changed_meanwhile", "Others are changing these contacts right now. Try again in a moment.")
}

// parting is an undo that is sealed and ready to be stored.
type parting struct {
	company string // that the merge brought the survivor
	Merge
	survivor, left side
	changed        *rectified
	sealed         sealedProfile // the survivor's
	theirs         []byte        // the one who leaves
	by             actor.Actor
	now            time.Time
}

func (s *Service) tryUndo(ctx context.Context, mergeID string) (Merge, error) {
	var row mergeRow
	a := actor.From(ctx)
	err := s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		row, err = loadMerge(tx, a.WorkspaceID, mergeID)
		return err
	})
	if err != nil {
		return Merge{}, err
	}
	if err := row.mayUndo(s.clock.Now()); err != nil {
		return Merge{}, err
	}
	p, err := s.prepareParting(ctx, row)
	if err != nil {
		return Merge{}, err
	}
	err = s.db.Write(ctx, func(tx *storage.Tx) error { return s.part(tx, p) })
	return p.Merge, err
}

// mayUndo tells whether a merge can be undone at a moment: nil, or why not.
func (r mergeRow) mayUndo(now time.Time) error {
	switch {
	case r.UndoneAt != nil:
		return fault.Conflict("merge_undone", "This merge was undone already.")
	case r.former == nil || !now.Before(r.CreatedAt.Add(KeepMerged)):
		return fault.Conflict("merge_final", "A merge can be undone within 30 days; the former profiles are kept no longer.")
	}
	return nil
}

func (s *Service) prepareParting(ctx context.Context, row mergeRow) (*parting, error) {
	p := &parting{Merge: row.Merge, by: actor.From(ctx), now: s.clock.Now()}
	var err error
	if p.survivor, err = s.side(ctx, row.ContactID); err != nil {
		return nil, err
	}
	if p.left, err = s.side(ctx, row.MergedID); err != nil {
		return nil, err
	}
	for _, one := range []side{p.survivor, p.left} {
		if !p.now.After(one.updated) {
			p.now = one.updated.Add(time.Microsecond)
		}
	}
	plain, err := p.survivor.key.Open(mergePlace(row.ID), row.former)
	if err != nil {
		return nil, fault.Wrap("open former values of "+row.ID, err)
	}
	var was formerly
	if err := json.Unmarshal(plain, &was); err != nil {
		return nil, err
	}
	p.company = was.Company
	profile := p.survivor.undo(was)
	if p.changed, err = s.rectify(p.survivor.key, p.survivor.profile, profile, p.by, p.now); err != nil {
		return nil, err
	}
	if p.changed != nil {
		p.changed.former = nil // they may be the other's, and are not to stay under the survivor's key
	}
	if !was.Verified && p.left.verified.Equal(p.survivor.verified) {
		p.survivor.verified = time.Time{} // it was the other who was vouched for
	}
	defs, err := s.definitionsNow(ctx, p.by.WorkspaceID)
	if err != nil {
		return nil, err
	}
	if p.sealed, err = s.seal(ctx, p.survivor.sub, p.survivor.key, defs, profile, p.survivor.created); err != nil {
		return nil, err
	}
	if p.left.profile.ExternalID != "" && p.left.profile.ExternalID != profile.ExternalID {
		ix, err := s.vault.Index(ctx, p.by.WorkspaceID)
		if err != nil {
			return nil, err
		}
		p.theirs = ix.Equal("external_id", p.left.profile.ExternalID)
	}
	return p, nil
}

func (s *Service) part(tx *storage.Tx, p *parting) error {
	sub := p.survivor.sub
	members, err := LockGroup(tx, sub)
	if err != nil {
		return err
	}
	row, err := loadMerge(tx, sub.WorkspaceID, p.ID)
	if err != nil {
		return err
	}
	if err := row.mayUndo(s.clock.Now()); err != nil {
		return err
	}
	if err := s.mayPart(tx, p, members); err != nil {
		return err
	}
	leaving, err := subtree(tx, sub.WorkspaceID, p.MergedID)
	if err != nil {
		return err
	}
	if err := s.storeParting(tx, p, leaving); err != nil {
		return err
	}
	rest := slices.DeleteFunc(slices.Clone(members), func(m privacy.Member) bool { return slices.Contains(leaving, m.ContactID) })
	left := privacy.Member{Subject: p.left.sub, JoinedAt: p.CreatedAt}
	if s.use.Part != nil {
		if err := s.use.Part(tx, rest, left, p.by.Ref()); err != nil {
			return err
		}
	}
	for _, m := range members { // answers kept since they were one may show both under either's key
		if err := privacy.DropAnswers(tx, m.Subject, p.now); err != nil {
			return err
		}
	}
	told := p.Merge
	told.CreatedAt = p.now
	p.UndoneAt, p.UndoneBy, p.UndoUntil = &p.now, new(actor.Ref), nil
	*p.UndoneBy = p.by.Ref()
	events := []live.Event{{Type: live.ContactUpdated}}
	for _, one := range leaving {
		events = append(events, live.Event{Type: live.ContactUpdated, ContactID: one})
	}
	return s.tell(tx, told, p.by, "contact.unmerged", events...)
}

const selectLaterMerges = `
	SELECT fields FROM contact_merges WHERE workspace_id = $1 AND contact_id = $2 AND id > $3 AND undone_at IS NULL`

// mayPart refuses to undo what later merges stand on, and what a hold or the bin keeps.
func (s *Service) mayPart(tx *storage.Tx, p *parting, members []privacy.Member) error {
	sub := p.survivor.sub
	st, err := standing(tx, sub)
	if err != nil {
		return err
	}
	if st.IsHeld(s.clock.Now()) {
		return held(st)
	}
	if !st.BinnedAt.IsZero() {
		return inBin()
	}
	further := fault.Conflict("merged_further", "A later merge stands on this one. Undo that one first.")
	if members[0].Subject != sub {
		return further
	}
	rows, err := tx.Query(selectLaterMerges, sub.WorkspaceID, sub.ContactID, p.ID)
	if err != nil {
		return err
	}
	later, err := scanIDs(rows)
	if err != nil {
		return err
	}
	for _, fields := range later {
		if slices.ContainsFunc(strings.Fields(fields), func(f string) bool { return slices.Contains(p.Fields, f) }) {
			return further
		}
	}
	return nil
}

const selectJoined = `SELECT member_id FROM contact_merges WHERE workspace_id = $1 AND contact_id = $2 AND undone_at IS NULL`

// subtree gives a contact and everybody who had been merged into it, itself first.
func subtree(tx *storage.Tx, workspaceID, contactID string) ([]string, error) {
	out := []string{contactID}
	for i := 0; i < len(out); i++ {
		rows, err := tx.Query(selectJoined, workspaceID, out[i])
		if err != nil {
			return nil, err
		}
		some, err := scanIDs(rows)
		if err != nil {
			return nil, err
		}
		for _, one := range some {
			if !slices.Contains(out, one) {
				out = append(out, one)
			}
		}
	}
	return out, nil
}

const (
	leaveSurvivor = `
		UPDATE contacts SET merged_into = NULL, merged_at = NULL, external_id_token = $1, updated_at = CASE WHEN updated_at < $2 THEN $2 ELSE updated_at + 1 END
		WHERE workspace_id = $3 AND id = $4 AND merged_into = $5`
	// They joined the one who leaves before, at the time that their own merge names.
	followLeaver = `
		UPDATE contacts SET merged_into = $1, merged_at = (SELECT MAX(g.created_at) FROM contact_merges g
			WHERE g.workspace_id = contacts.workspace_id AND g.member_id = contacts.id AND g.undone_at IS NULL)
		WHERE workspace_id = $2 AND id = $3`
	noteUndone   = `UPDATE contact_merges SET undone_at = $1, undone_by_type = $2, undone_by_id = $3, former_sealed = NULL WHERE workspace_id = $4 AND id = $5 AND undone_at IS NULL`
	forgetSince  = `UPDATE contact_changes SET former_sealed = NULL WHERE workspace_id = $1 AND contact_id = $2 AND created_at > $3`
	selectHasKey = `SELECT COUNT(*) FROM contacts WHERE workspace_id = $1 AND external_id_token = $2 AND id NOT IN ($3, $4)`
)

func (s *Service) storeParting(tx *storage.Tx, p *parting, leaving []string) error {
	sub, now := p.survivor.sub, clock.Micros(p.now)
	if _, err := tx.Exec(setExternal, nil, sub.WorkspaceID, p.MergedID); err != nil {
		return err
	}
	record := p.survivor.record
	record.updated = p.now
	if err := saveProfile(tx, sub, record, p.survivor.updated, p.sealed); err != nil {
		return err
	}
	if err := writeIndex(tx, sub.WorkspaceID, p.now, false, p.sealed.index); err != nil {
		return err
	}
	if p.company != "" {
		if _, err := tx.Exec(giveBackCompany, sub.WorkspaceID, sub.ContactID, p.company); err != nil {
			return err
		}
		if err := scopeNames(tx, sub.WorkspaceID, sub.ContactID); err != nil {
			return err
		}
	}
	// What the survivor said in between may have been the other's.
	if _, err := tx.Exec(forgetSince, sub.WorkspaceID, sub.ContactID, clock.Micros(p.CreatedAt)); err != nil {
		return err
	}
	if err := p.changed.insert(tx, sub); err != nil {
		return err
	}
	var theirs any
	if p.theirs != nil {
		var taken int
		if err := tx.QueryRow(selectHasKey, sub.WorkspaceID, p.theirs, sub.ContactID, p.MergedID).Scan(&taken); err != nil {
			return err
		}
		if taken == 0 {
			theirs = p.theirs
		}
	}
	n, err := tx.Exec(leaveSurvivor, theirs, now, sub.WorkspaceID, p.MergedID, sub.ContactID)
	if err == nil && n == 0 {
		err = fault.Conflict("changed_meanwhile", "Someone changed this merge meanwhile.")
	}
	if err != nil {
		return err
	}
	segment.Changed(tx, sub.WorkspaceID, p.MergedID)
	for _, one := range leaving[1:] {
		if _, err := tx.Exec(followLeaver, p.MergedID, sub.WorkspaceID, one); err != nil {
			return err
		}
	}
	_, err = tx.Exec(noteUndone, now, string(p.by.Type), p.by.ID, sub.WorkspaceID, p.ID)
	return err
}

// mergeRow is a merge as it is stored.
type mergeRow struct {
	Merge
	former []byte
}

const mergeColumns = `g.id, g.contact_id, g.member_id, g.fields, g.former_sealed, g.source, g.actor_type, g.actor_id, g.created_at,
	COALESCE(g.undone_at, 0), COALESCE(g.undone_by_type, ''), COALESCE(g.undone_by_id, ''), COALESCE(g.final_at, 0)`

func scanMerge(from scanner) (mergeRow, error) {
	var r mergeRow
	var fields string
	var created, undone, final int64
	var by actor.Ref
	err := from.Scan(&r.ID, &r.ContactID, &r.MergedID, &fields, &r.former, &r.Source, &r.Actor.Type, &r.Actor.ID, &created, &undone, &by.Type, &by.ID, &final)
	r.Fields, r.CreatedAt, r.Forgotten = strings.Fields(fields), clock.FromMicros(created), final != 0
	if undone != 0 {
		at := clock.FromMicros(undone)
		r.UndoneAt, r.UndoneBy = &at, &by
	} else if r.former != nil {
		until := r.CreatedAt.Add(KeepMerged)
		r.UndoUntil = &until
	}
	return r, err
}

func loadMerge(tx *storage.Tx, workspaceID, mergeID string) (mergeRow, error) {
	r, err := scanMerge(tx.QueryRow(`SELECT `+mergeColumns+` FROM contact_merges g WHERE g.workspace_id = $1 AND g.id = $2`, workspaceID, mergeID))
	if errors.Is(err, sql.ErrNoRows) {
		return mergeRow{}, fault.NotFound("merge")
	}
	return r, err
}
