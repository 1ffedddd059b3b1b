package contacts

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// Preview is what a merge would make of two contacts. Nothing changes by asking.
type Preview struct {
	Survivor Contact        `json:"survivor"`
	Other    Contact        `json:"other"`
	Result   Contact        `json:"result" doc:"The survivor as it would be."`
	Fields   []MergeField   `json:"fields" doc:"Every field in which one of the two says something."`
	Consents []MergeConsent `json:"consents" doc:"What would hold of their consents: the stricter."`
}

// MergeField is one field of a preview.
type MergeField struct {
	Field    string `json:"field" example:"email"`
	Survivor any    `json:"survivor"`
	Other    any    `json:"other"`
	Result   any    `json:"result"`
	From     string `json:"from" enum:"survivor,other" doc:"Whose value the result is."`
	Differs  bool   `json:"differs" doc:"Whether both say something, and not the same: somebody has to choose."`
}

// MergeConsent is one purpose of a preview; none where a person never said anything.
type MergeConsent struct {
	Purpose  string `json:"purpose"`
	Survivor string `json:"survivor" enum:"none,granted,withdrawn,refused"`
	Other    string `json:"other" enum:"none,granted,withdrawn,refused"`
	Result   string `json:"result" enum:"none,granted,withdrawn,refused"`
}

// Preview tells what [Service.Merge] would do.
func (s *Service) Preview(ctx context.Context, survivorID string, m Merging) (Preview, error) {
	const op = "contacts.Preview"
	if err := m.validate(survivorID); err != nil {
		return Preview{}, err
	}
	survivor, err := s.side(ctx, survivorID)
	if err != nil {
		return Preview{}, fault.Wrap(op, err)
	}
	other, err := s.side(ctx, m.ContactID)
	if fault.Is(err, fault.KindNotFound) {
		err = fault.Invalid("contact_id", "is not a contact of this workspace")
	}
	if err == nil {
		err = s.db.Read(ctx, func(tx *storage.Tx) error { return s.couldMerge(tx, survivor, other) })
	}
	if err != nil {
		return Preview{}, fault.Wrap(op, err)
	}
	after := survivor.joined(other, m.Fields)
	if err := after.checkJoined(); err != nil {
		return Preview{}, err
	}
	result := survivor.record
	if result.verified.IsZero() {
		result.verified = other.verified
	}
	out := Preview{Survivor: survivor.profile.contact(survivor.record), Other: other.profile.contact(other.record), Result: after.contact(result),
		Fields: mergeFields(survivor.profile, other.profile, after)}
	if out.Consents, err = s.mergeConsents(ctx, survivor.sub, other.sub); err != nil {
		return Preview{}, fault.Wrap(op, err)
	}
	s.audit.Access(ctx, []string{survivor.id, other.id}, "contact.merge_preview")
	return out, nil
}

func (s *Service) couldMerge(tx *storage.Tx, survivor, other side) error {
	if survivor.merged != "" || other.merged != "" {
		return fault.Conflict("already_merged", "One of the two was merged already. Open that person and merge from there.")
	}
	for _, one := range []side{survivor, other} {
		if err := s.mayMerge(tx, one.sub); err != nil {
			return err
		}
	}
	return nil
}

func mergeFields(survivor, other, after Profile) []MergeField {
	out := []MergeField{}
	for _, name := range fieldsOf(survivor, other) {
		f := MergeField{Field: name, Survivor: survivor.value(name), Other: other.value(name), Result: after.value(name), From: ofSurvivor}
		isTheirs := len(survivor.with(name, f.Result).differences(survivor)) > 0
		if isTheirs {
			f.From = ofOther
		}
		f.Differs = f.Survivor != nil && f.Other != nil && len(survivor.with(name, f.Other).differences(survivor)) > 0
		out = append(out, f)
	}
	for _, ch := range channels() {
		if beside := after.othersOf(ch); len(beside) > 0 {
			out = append(out, MergeField{Field: ch.list, Survivor: survivor.othersOf(ch), Other: other.othersOf(ch), Result: beside, From: ofSurvivor})
		}
	}
	return out
}

func (s *Service) mergeConsents(ctx context.Context, survivor, other privacy.Subject) ([]MergeConsent, error) {
	out := []MergeConsent{}
	if s.use.Consents == nil {
		return out, nil
	}
	theirs := [2]map[string]string{{}, {}}
	var order []string
	for i, sub := range []privacy.Subject{survivor, other} {
		states, err := s.use.Consents(ctx, sub)
		if err != nil {
			return nil, err
		}
		for _, st := range states {
			if theirs[0][st.Purpose] == "" && theirs[1][st.Purpose] == "" {
				order = append(order, st.Purpose)
			}
			theirs[i][st.Purpose] = st.State
		}
	}
	for _, purpose := range order {
		c := MergeConsent{Purpose: purpose, Survivor: orNone(theirs[0][purpose]), Other: orNone(theirs[1][purpose])}
		c.Result = stricter(c.Survivor, c.Other)
		out = append(out, c)
	}
	return out, nil
}

func orNone(state string) string {
	if state == "" {
		return "none"
	}
	return state
}

// stricter gives what holds of two consents: a no of one is a no of both.
func stricter(one, other string) string {
	for _, state := range []string{"withdrawn", "refused", "granted"} {
		if one == state || other == state {
			return state
		}
	}
	return "none"
}

const selectMergesOf = `SELECT ` + mergeColumns + ` FROM contact_merges g WHERE g.workspace_id = $1 AND g.contact_id = $2 AND g.id < $3 ORDER BY g.id DESC LIMIT $4`

// Merges gives who was merged into a person, newest first, undone merges included:
// those before an id ("" for the newest), at most limit.
func (s *Service) Merges(ctx context.Context, contactID, before string, limit int) ([]Merge, error) {
	const op = "contacts.Merges"
	if before == "" {
		before = "mrg_~"
	}
	workspaceID := actor.From(ctx).WorkspaceID
	var rows []mergeRow
	var survivorID string
	err := s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		members, err := Group(tx, workspaceID, contactID)
		if err != nil {
			return err
		}
		survivorID, rows = members[0].ContactID, nil
		for _, m := range members {
			found, err := scanMerges(tx, selectMergesOf, workspaceID, m.ContactID, before, limit)
			if err != nil {
				return err
			}
			rows = append(rows, found...)
		}
		return nil
	})
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	rows = newestMerges(rows, limit)
	out, err := s.nameMerged(ctx, workspaceID, rows)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	s.audit.Access(ctx, []string{survivorID}, "contact.merges")
	return out, nil
}

// nameMerged gives merges with what the merged contacts are called. The name of one
// who left again is not told: it belongs to another person.
func (s *Service) nameMerged(ctx context.Context, workspaceID string, rows []mergeRow) ([]Merge, error) {
	out := make([]Merge, len(rows))
	now := s.clock.Now()
	for i, r := range rows {
		out[i] = r.Merge
		if out[i].UndoUntil != nil && !now.Before(*out[i].UndoUntil) {
			out[i].UndoUntil = nil
		}
		if r.UndoneAt != nil {
			continue
		}
		var member record
		err := s.db.Read(ctx, func(tx *storage.Tx) (err error) {
			member, err = loadByID(tx, workspaceID, r.MergedID)
			return err
		})
		var opened []Contact
		if err == nil {
			opened, err = s.openAll(ctx, workspaceID, []record{member})
		}
		if fault.Is(err, fault.KindNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if len(opened) > 0 {
			out[i].MergedName = opened[0].Name
			if out[i].MergedName == "" {
				out[i].MergedName = opened[0].Email
			}
		}
	}
	return out, nil
}

func scanMerges(tx *storage.Tx, query string, args ...any) ([]mergeRow, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []mergeRow
	for rows.Next() {
		r, err := scanMerge(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// MergeExport is a merge as it is handed to the person.
type MergeExport struct {
	ID        string     `json:"id"`
	ContactID string     `json:"contact_id"`
	MergedID  string     `json:"merged_id"`
	Fields    []string   `json:"fields"`
	Source    string     `json:"source"`
	CreatedAt time.Time  `json:"created_at"`
	UndoneAt  *time.Time `json:"undone_at"`
}

func exportMerges(tx *storage.Tx, sub privacy.Subject, out privacy.Export) error {
	found, err := scanMerges(tx, `SELECT `+mergeColumns+` FROM contact_merges g WHERE g.workspace_id = $1 AND g.contact_id = $2 ORDER BY g.id`, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return err
	}
	for _, r := range found {
		err := out("merges", MergeExport{ID: r.ID, ContactID: r.ContactID, MergedID: r.MergedID, Fields: r.Fields, Source: r.Source, CreatedAt: r.CreatedAt, UndoneAt: r.UndoneAt})
		if err != nil {
			return err
		}
	}
	return nil
}

// eraseMerges deletes the merges that somebody took part in, on either side: what a
// merge gave to a survivor is sealed with the survivor's key and was the other's.
func eraseMerges(tx *storage.Tx, sub privacy.Subject) (int64, error) {
	n, err := tx.Exec(`DELETE FROM contact_merges WHERE workspace_id = $1 AND (contact_id = $2 OR member_id = $2)`, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(`DELETE FROM contact_distinctions WHERE workspace_id = $1 AND (contact_id = $2 OR other_id = $2)`, sub.WorkspaceID, sub.ContactID)
	return n, err
}

const (
	selectOldMerges = `SELECT ` + mergeColumns + ` FROM contact_merges g WHERE g.workspace_id = $1 AND g.final_at IS NULL AND g.created_at < $2 ORDER BY g.created_at LIMIT $3`
	finishMerge     = `UPDATE contact_merges SET former_sealed = NULL, final_at = $1 WHERE workspace_id = $2 AND id = $3`
	emptyMember     = `UPDATE contacts SET profile_sealed = $1, updated_at = updated_at + 1 WHERE workspace_id = $2 AND id = $3 AND updated_at = $4 AND merged_into IS NOT NULL`
)

// ForgetMerged forgets the former profiles of merges that were made before a moment,
// in a batch: what the survivor said before, and what the merged contact said. From
// then on the merge is final. What was written under the merged contact stays.
func (s *Service) ForgetMerged(ctx context.Context, workspaceID string, before time.Time, limit int) error {
	var due []mergeRow
	err := s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		due, err = scanMerges(tx, selectOldMerges, workspaceID, clock.Micros(before), limit)
		return err
	})
	for _, r := range due {
		if err == nil {
			err = s.forgetMerged(ctx, workspaceID, r)
		}
	}
	return fault.Wrap("contacts.ForgetMerged", err)
}

func (s *Service) forgetMerged(ctx context.Context, workspaceID string, r mergeRow) error {
	sub := privacy.Subject{WorkspaceID: workspaceID, ContactID: r.MergedID}
	member, key, err := s.load(ctx, sub)
	if fault.Is(err, fault.KindNotFound) {
		r.UndoneAt, err = &r.CreatedAt, nil // erased: nothing is left of their profile
	}
	if err != nil {
		return err
	}
	var empty []byte
	if r.UndoneAt == nil {
		p, err := openProfile(key, member)
		if err != nil {
			return err
		}
		plain, err := Profile{ExternalID: p.ExternalID}.marshal() // by which the customer's system may still name them
		if err != nil {
			return err
		}
		empty = key.Seal(profilePlace(r.MergedID), plain)
	}
	return s.db.Write(ctx, func(tx *storage.Tx) error {
		if err := privacy.LockSubject(tx, sub); err != nil {
			return err
		}
		if err := s.mayMerge(tx, sub); empty != nil && fault.Is(err, fault.KindConflict) {
			return nil // restricted, held or in the bin: it stays as it is until that is over
		}
		if empty != nil {
			n, err := tx.Exec(emptyMember, empty, workspaceID, r.MergedID, clock.Micros(member.updated))
			if err != nil || n == 0 {
				return err // changed this moment: next time
			}
			if _, err := deleteIndex(tx, workspaceID, []index{{contactID: r.MergedID}}); err != nil {
				return err
			}
		}
		_, err := tx.Exec(finishMerge, clock.Micros(s.clock.Now()), workspaceID, r.ID)
		return err
	})
}

// newestMerges gives the newest of merges of several contacts, at most limit.
func newestMerges(rows []mergeRow, limit int) []mergeRow {
	slices.SortFunc(rows, func(a, b mergeRow) int { return strings.Compare(b.ID, a.ID) })
	return rows[:min(len(rows), limit)]
}
