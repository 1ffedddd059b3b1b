package contacts

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Merge joins a contact to another, who survives, as the same person (ADR 0012). No
// row moves: what is about the other stays under its id and key, and both are asked
// for together. Refused are: the same contact, one that was merged already
// (already_merged), one in the bin (contact_in_bin), one under a legal hold
// (legal_hold) and one whose data is restricted (processing_restricted).
func (s *Service) Merge(ctx context.Context, survivorID string, m Merging) (Contact, Merge, error) {
	if err := m.validate(survivorID); err != nil {
		return Contact{}, Merge{}, err
	}
	for range attempts {
		done, err := s.tryMerge(ctx, survivorID, m, privacy.SourceOf(actor.From(ctx)))
		if e := fault.As(err); e != nil && e.Code == "changed_meanwhile" {
			continue
		}
		if err != nil {
			return Contact{}, Merge{}, fault.Wrap("contacts.Merge", err)
		}
		c, err := s.Get(ctx, survivorID)
		return c, done, fault.Wrap("contacts.Merge", err)
	}
	return Contact{}, Merge{}, fault.Conflict("changed_meanwhile", "Others are changing these contacts right now. Try again in a moment.")
}

// side is one of the two contacts of a merge, opened.
type side struct {
	sub privacy.Subject
	record
	key     *vault.Key
	profile Profile
}

// addresses gives the side's e-mail addresses or phone numbers, the primary one first.
func (s side) addresses(ch channel) []Address {
	return slices.Clone(s.profile.addresses(ch, !s.verified.IsZero()))
}

func (s *Service) side(ctx context.Context, contactID string) (side, error) {
	out := side{sub: privacy.Subject{WorkspaceID: actor.From(ctx).WorkspaceID, ContactID: contactID}}
	var err error
	if out.record, out.key, err = s.load(ctx, out.sub); err != nil {
		return out, err
	}
	out.profile, err = openProfile(out.key, out.record)
	return out, err
}

// joining is a merge that is sealed and ready to be stored.
type joining struct {
	Merge
	survivor, other side
	changed         *rectified // nil where the survivor's profile stays as it is
	sealed          sealedProfile
	swaps           bool // the survivor takes the other's external id, and the other is found by the survivor's
	former          []byte
	by              actor.Actor
}

func (s *Service) tryMerge(ctx context.Context, survivorID string, m Merging, source string) (Merge, error) {
	survivor, err := s.side(ctx, survivorID)
	if err != nil {
		return Merge{}, err
	}
	other, err := s.side(ctx, m.ContactID)
	if fault.Is(err, fault.KindNotFound) && source != fromIdentity {
		err = fault.Invalid("contact_id", "is not a contact of this workspace")
	}
	if err != nil {
		return Merge{}, err
	}
	j, err := s.prepareJoining(ctx, survivor, other, m, source)
	if err != nil {
		return Merge{}, err
	}
	return j.Merge, s.db.Write(ctx, func(tx *storage.Tx) error { return s.join(tx, j) })
}

func (s *Service) prepareJoining(ctx context.Context, survivor, other side, m Merging, source string) (*joining, error) {
	a, now := actor.From(ctx), s.clock.Now()
	for _, one := range []side{survivor, other} {
		if !now.After(one.updated) {
			now = one.updated.Add(time.Microsecond)
		}
	}
	j := &joining{survivor: survivor, other: other, by: a}
	after := survivor.profile
	if source != fromIdentity { // what an anonymous visitor claimed does not become a fact
		after = survivor.joined(other, m.Fields)
		if j.survivor.verified.IsZero() {
			j.survivor.verified = other.verified
		}
	}
	if err := after.checkJoined(); err != nil {
		return nil, err
	}
	j.swaps = after.ExternalID != survivor.profile.ExternalID
	var err error
	if j.changed, err = s.rectify(survivor.key, survivor.profile, after, a, now); err != nil {
		return nil, err
	}
	defs, err := s.definitionsNow(ctx, a.WorkspaceID)
	if err != nil {
		return nil, err
	}
	if j.sealed, err = s.seal(ctx, survivor.sub, survivor.key, defs, after, survivor.created); err != nil {
		return nil, err
	}
	until := now.Add(KeepMerged)
	j.Merge = Merge{ID: s.ids.New(id.Merge), ContactID: survivor.id, MergedID: other.id, Fields: j.changed.names(), Source: source, Actor: a.Ref(), CreatedAt: now, UndoUntil: &until,
		MergedName: other.profile.Name}
	if j.Fields == nil {
		j.Fields = []string{}
	}
	was := survivor.formerly(after)
	if survivor.company == "" {
		was.Company = other.company
	}
	plain, err := json.Marshal(was)
	j.former = survivor.key.Seal(mergePlace(j.ID), plain)
	return j, err
}

func mergePlace(row string) vault.Place {
	return vault.Place{Table: "contact_merges", Column: "former_sealed", Row: row}
}

// join stores a merge. Two that are made at once, in whichever direction, wait for
// each other here, and the second finds that somebody was merged already.
func (s *Service) join(tx *storage.Tx, j *joining) error {
	subs := []privacy.Subject{j.survivor.sub, j.other.sub}
	slices.SortFunc(subs, func(a, b privacy.Subject) int { return strings.Compare(a.ContactID, b.ContactID) })
	size := 0
	events := []live.Event{{Type: live.ContactMerged}}
	for _, sub := range subs {
		members, err := LockGroup(tx, sub)
		if err != nil {
			return err
		}
		if members[0].Subject != sub {
			return fault.Conflict("already_merged", "One of the two was merged already. Open that person and merge from there.")
		}
		if err := s.mayMerge(tx, sub); err != nil {
			return err
		}
		size += len(members)
		if sub == j.other.sub {
			for _, m := range members { // each of them is in no list any more
				events = append(events, live.Event{Type: live.ContactUpdated, ContactID: m.ContactID})
			}
		}
	}
	if size > maxMembers {
		return fault.Conflict("too_many_merged", "A person can be made of at most 100 contacts.")
	}
	if j.other.company != "" { // it is not removed meanwhile
		if err := s.use.HoldCompany(tx, j.by.WorkspaceID, j.other.company); err != nil && !fault.Is(err, fault.KindNotFound) {
			return err
		}
	}
	if err := j.store(tx); err != nil {
		return err
	}
	for _, sub := range subs {
		if err := privacy.DropAnswers(tx, sub, j.CreatedAt); err != nil {
			return err
		}
	}
	return s.tell(tx, j.Merge, j.by, "contact.merged", events...)
}

// mayMerge refuses to join or to part people whose data has to stay as it is.
func (s *Service) mayMerge(tx *storage.Tx, sub privacy.Subject) error {
	st, err := standing(tx, sub)
	switch {
	case err != nil:
		return err
	case st.IsRestricted():
		return fault.Conflict("processing_restricted", "The data of one of the two is restricted: it is stored, and nothing else may happen to it. Lift the restriction first.")
	case st.IsHeld(s.clock.Now()):
		return held(st)
	case !st.BinnedAt.IsZero():
		return inBin()
	}
	return nil
}

func held(st privacy.Standing) error {
	return fault.Conflict("legal_hold", "A legal hold keeps this person's data as it is until "+st.HeldUntil.UTC().Format(time.RFC3339)+". Have it lifted first.")
}

func inBin() error {
	return fault.Conflict("contact_in_bin", "This person is in the bin. Take them out first.")
}

const (
	joinMember = `
		UPDATE contacts SET merged_into = $1, merged_at = $2, updated_at = CASE WHEN updated_at < $2 THEN $2 ELSE updated_at + 1 END
		WHERE workspace_id = $3 AND id IN (SELECT CAST($4 AS TEXT) UNION ALL SELECT m.id FROM contacts m WHERE m.workspace_id = $3 AND m.merged_into = $4)`
	setExternal = `UPDATE contacts SET external_id_token = $1 WHERE workspace_id = $2 AND id = $3`
	insertMerge = `
		INSERT INTO contact_merges (workspace_id, contact_id, id, member_id, fields, former_sealed, source, actor_type, actor_id, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
)

func (j *joining) store(tx *storage.Tx) error {
	sub, at := j.survivor.sub, clock.Micros(j.CreatedAt)
	var freed []byte
	if j.swaps {
		var err error
		if freed, err = externalToken(tx, sub); err != nil {
			return err
		}
		if _, err := tx.Exec(setExternal, nil, sub.WorkspaceID, j.other.id); err != nil {
			return err
		}
	}
	saved := j.survivor.record
	saved.updated = j.CreatedAt
	if err := saveProfile(tx, sub, saved, j.survivor.updated, j.sealed); err != nil {
		return err
	}
	if j.swaps && freed != nil {
		if _, err := tx.Exec(setExternal, freed, sub.WorkspaceID, j.other.id); err != nil {
			return err
		}
	}
	if err := writeIndex(tx, sub.WorkspaceID, j.CreatedAt, false, j.sealed.index); err != nil {
		return err
	}
	if err := j.changed.insert(tx, sub); err != nil {
		return err
	}
	if _, err := tx.Exec(takeCompany, j.other.id, sub.WorkspaceID, sub.ContactID); err != nil {
		return err
	}
	if err := scopeNames(tx, sub.WorkspaceID, sub.ContactID); err != nil {
		return err
	}
	if _, err := tx.Exec(joinMember, sub.ContactID, at, sub.WorkspaceID, j.other.id); err != nil {
		return err
	}
	segment.Changed(tx, sub.WorkspaceID, j.other.id)
	_, err := tx.Exec(insertMerge, sub.WorkspaceID, sub.ContactID, j.ID, j.other.id, strings.Join(j.Fields, " "), j.former, j.Source,
		string(j.Actor.Type), j.Actor.ID, at)
	return err
}

func externalToken(tx *storage.Tx, sub privacy.Subject) (token []byte, err error) {
	err = tx.QueryRow(`SELECT external_id_token FROM contacts WHERE workspace_id = $1 AND id = $2`, sub.WorkspaceID, sub.ContactID).Scan(&token)
	return token, err
}

// tell appends the event of a merge or of its undoing, and the entries by which the
// log shows it at both contacts.
func (s *Service) tell(tx *storage.Tx, m Merge, by actor.Actor, action string, events ...live.Event) error {
	for _, e := range events {
		e.WorkspaceID, e.OccurredAt, e.ActorType, e.ActorID = by.WorkspaceID, m.CreatedAt, by.Type, by.ID
		if e.ContactID == "" {
			e.ContactID = m.ContactID
		}
		e.ObjectID = m.MergedID
		if e.Type != live.ContactMerged {
			e.ObjectID = e.ContactID
		}
		e.Details = map[string]string{"fields": "merged", "merged_id": m.MergedID, "merge_id": m.ID}
		s.outbox.Append(tx, e)
	}
	for _, target := range []string{m.ContactID, m.MergedID} {
		err := s.audit.Append(tx, audit.Entry{WorkspaceID: by.WorkspaceID, ActorType: by.Type, ActorID: by.ID, Action: action, TargetType: "contact", TargetID: target,
			Details: map[string]string{"merge": m.ID, "survivor": m.ContactID, "merged": m.MergedID, "source": m.Source}})
		if err != nil {
			return err
		}
	}
	return nil
}
