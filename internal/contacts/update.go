package contacts

import (
	"context"
	"database/sql"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// attempts is how often an update is tried when another comes between.
const attempts = 5

// Update changes a contact. Check, if not nil, is asked whether the version that
// is there may be changed; it gives the failure if not.
func (s *Service) Update(ctx context.Context, contactID string, c Change, check func(updated time.Time) error) (Contact, error) {
	return s.change(ctx, contactID, c, false, check)
}

// Claim keeps what a visitor says of themselves in the widget: in the profile where
// nothing else stands there, beside it where a fact does, and attributes always
// beside it.
func (s *Service) Claim(ctx context.Context, contactID string, c Change) error {
	_, err := s.change(ctx, contactID, c, true, nil)
	return err
}

func (s *Service) change(ctx context.Context, contactID string, c Change, claims bool, check func(updated time.Time) error) (Contact, error) {
	if err := c.Validate(); err != nil {
		return Contact{}, err
	}
	a := actor.From(ctx)
	if err := mayReach(a, c); err != nil {
		return Contact{}, err
	}
	var basis *privacy.Basis
	if !c.isEmpty() {
		b, err := s.basis(ctx, a.WorkspaceID, c.Basis)
		if err != nil {
			return Contact{}, err
		}
		basis = &b
	}
	for range attempts {
		sub, err := s.writeTo(ctx, contactID)
		if err != nil {
			return Contact{}, fault.Wrap("contacts.Update", err)
		}
		out, err := s.tryUpdate(ctx, sub, c, basis, trust{claims: claims}, check)
		if fault.Is(err, fault.KindConflict) && fault.As(err).Code == "changed_meanwhile" {
			continue
		}
		if err == nil && a.Type != actor.Contact {
			s.audit.Access(ctx, []string{sub.ContactID}, "contact") // the answer shows the rest of the profile too
		}
		if err == nil {
			one := []Contact{out}
			err = s.tagged(ctx, a.WorkspaceID, one)
			out = one[0]
		}
		return out, fault.Wrap("contacts.Update", err)
	}
	return Contact{}, fault.Conflict("changed_meanwhile", "Others are changing this contact right now. Try again in a moment.")
}

// writeTo gives the contact that a change is written to: the person's survivor. A
// visitor who was merged and is not signed in changes what is theirs alone.
func (s *Service) writeTo(ctx context.Context, contactID string) (privacy.Subject, error) {
	a := actor.From(ctx)
	sub := privacy.Subject{WorkspaceID: a.WorkspaceID, ContactID: contactID}
	if a.Type == actor.Contact {
		return sub, nil
	}
	err := s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		sub.ContactID, err = Survivor(tx, a.WorkspaceID, contactID)
		return err
	})
	return sub, err
}

// wish marks a context in which something is done because the person asked for it.
type wish struct{}

// Rectify changes a contact because they asked for it (GDPR article 16), whoever
// carries it out: a restriction, which is theirs too, does not stand in the way.
func (s *Service) Rectify(ctx context.Context, contactID string, c Change) error {
	_, err := s.Update(context.WithValue(ctx, wish{}, true), contactID, c, nil)
	return fault.Wrap("contacts.Rectify", err)
}

// seesAddresses is the permission to see addresses, and so to change them.
const seesAddresses = "contacts:addresses"

// mayReach refuses a change of addresses to people who do not see them: they would
// write over what they do not know.
func mayReach(a actor.Actor, c Change) error {
	isPerson := a.Type == actor.Operator || a.Type == actor.APIKey
	if isPerson && (c.Email != nil || c.Phone != nil || c.Emails != nil || c.Phones != nil) && !a.Can(seesAddresses) {
		return fault.Forbidden(seesAddresses)
	}
	return nil
}

func (s *Service) tryUpdate(ctx context.Context, sub privacy.Subject, c Change, basis *privacy.Basis, st trust, check func(time.Time) error) (Contact, error) {
	r, key, err := s.load(ctx, sub)
	if err != nil {
		return Contact{}, err
	}
	if check != nil {
		if err := check(r.updated); err != nil {
			return Contact{}, err
		}
	}
	profile, err := openProfile(key, r)
	if err != nil {
		return Contact{}, err
	}
	a, now := actor.From(ctx), s.clock.Now()
	if !now.After(r.updated) {
		now = r.updated.Add(time.Microsecond) // the version must move even if the clock does not
	}
	defs, err := s.checkDeclared(ctx, sub.WorkspaceID, c)
	if err != nil {
		return Contact{}, err
	}
	former, verify := profile, st.facts
	st.verified = !r.verified.IsZero()
	if profile, err = s.changed(ctx, profile, c, st, now); err != nil {
		return Contact{}, err
	}
	if err := profile.checkStored(); err != nil {
		return Contact{}, err
	}
	changed, err := s.rectify(key, former, profile, a, now)
	if err != nil {
		return Contact{}, err
	}
	sealed, err := s.seal(ctx, sub, key, defs, profile, r.created)
	if err != nil {
		return Contact{}, err
	}
	if verify && r.verified.IsZero() {
		r.verified = now
	}
	if a.Type == actor.Contact {
		c.CompanyID = nil
	}
	follows, err := s.following(ctx, sub.WorkspaceID, former, profile, st.verified, !r.verified.IsZero())
	if err != nil {
		return Contact{}, err
	}
	before, merged := r.updated, []string(nil)
	r.updated = now
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		if err := privacy.LockSubject(tx, sub); err != nil { // an erasure is waited for, and then nobody is there
			return err
		}
		if merged, err = membersOf(tx, sub.WorkspaceID, sub.ContactID); err != nil {
			return err
		}
		if err := s.mayChange(ctx, tx, sub); err != nil {
			return err
		}
		var moved bool
		if r.belonging, moved, err = s.settleCompany(tx, sub, c.CompanyID, follows); err != nil {
			return err
		}
		if err := changed.insert(tx, sub); err != nil {
			return err
		}
		if err := saveProfile(tx, sub, r, before, sealed); err != nil {
			return err
		}
		if err := writeIndex(tx, sub.WorkspaceID, now, false, sealed.index); err != nil {
			return err
		}
		if basis != nil {
			if err := privacy.InsertBasis(tx, privacy.SealBasis(key, s.ids, sub, *basis, privacy.SourceOf(a), now)); err != nil {
				return err
			}
		}
		names := changed.names()
		if moved {
			names = append(names, "company_id")
		}
		s.updated(tx, sub, a, now, names...)
		return nil
	})
	out := profile.contact(r)
	out.MergedIDs = append(out.MergedIDs, merged...)
	return out, err
}

// changed gives a profile with a change made by the context's actor. What a visitor
// says, unless somebody vouches for it or they proved who they are, is a claim.
func (s *Service) changed(ctx context.Context, p Profile, c Change, st trust, now time.Time) (Profile, error) {
	a := actor.From(ctx)
	st.facts = !st.claims && (st.facts || st.verified || a.Type != actor.Contact)
	var claims map[string]any
	var err error
	switch {
	case st.claims:
		c, claims, err = p.claimed(c)
	case a.Type == actor.Contact && st.facts && !st.verified:
		c, claims = c.withoutClaims(p)
	}
	if err != nil {
		return p, err
	}
	out := p.apply(c, st, privacy.SourceOf(a), now)
	return out, out.claim(claims, now)
}

func saveProfile(tx *storage.Tx, sub privacy.Subject, r record, before time.Time, sealed sealedProfile) error {
	n, err := tx.Exec(updateContact, sealed.profile, sealed.externalOrNull(), nullable(r.verified), clock.Micros(r.updated), sub.WorkspaceID, sub.ContactID, clock.Micros(before))
	if storage.IsUnique(err) {
		return fault.Conflict("external_id_taken", "Another contact has this external id.")
	}
	if err == nil && n == 0 {
		return fault.Conflict("changed_meanwhile", "Someone changed this contact meanwhile.")
	}
	return err
}

func (s *Service) load(ctx context.Context, sub privacy.Subject) (record, *vault.Key, error) {
	var r record
	err := s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		r, err = loadByID(tx, sub.WorkspaceID, sub.ContactID)
		return err
	})
	if err != nil {
		return record{}, nil, err
	}
	key, err := s.vault.Key(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID})
	if fault.Is(err, fault.KindGone) {
		return record{}, nil, fault.NotFound("contact")
	}
	return r, key, err
}

// Upsert updates the contact with the external id, or adds one. Created tells
// which it was.
func (s *Service) Upsert(ctx context.Context, externalID string, c Change) (out Contact, created bool, err error) {
	c.ExternalID = &externalID
	for range attempts {
		var found string
		said := c
		found, err = s.named(ctx, actor.From(ctx).WorkspaceID, &said)
		switch {
		case fault.Is(err, fault.KindNotFound):
			created = true
			out, err = s.Create(ctx, said)
			if e := fault.As(err); e != nil && e.Code == "external_id_taken" {
				continue // someone else added it just now
			}
		case err == nil:
			created = false
			out, err = s.Update(ctx, found, said, nil)
		}
		return out, created, fault.Wrap("contacts.Upsert", err)
	}
	return Contact{}, false, fault.Conflict("changed_meanwhile", "Others are adding this contact right now. Try again in a moment.")
}

// FindByExternalID gives the id of the contact that the customer's system calls
// by the external id, or not found.
func (s *Service) FindByExternalID(ctx context.Context, workspaceID, externalID string) (string, error) {
	return s.named(ctx, workspaceID, &Change{ExternalID: &externalID})
}

// named gives the contact whom a change names by external id, or not found. Where
// that is the id of one who was merged, the change goes to the survivor, who keeps
// an external id of their own.
func (s *Service) named(ctx context.Context, workspaceID string, c *Change) (string, error) {
	ix, err := s.vault.Index(ctx, workspaceID)
	if err != nil {
		return "", err
	}
	externalID := *c.ExternalID
	var r record
	err = s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		r, err = loadByExternalID(tx, workspaceID, ix.Equal("external_id", externalID))
		return err
	})
	if r.merged != "" {
		c.ExternalID = nil
		return r.merged, err
	}
	return r.id, err
}

func scanIDs(rows *sql.Rows) ([]string, error) {
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// Seen notes, at most once a minute, that a contact was there.
func Seen(tx *storage.Tx, workspaceID, contactID string, now time.Time) error {
	at := clock.Micros(now)
	_, err := tx.Exec(touchSeen, at, workspaceID, contactID, at-time.Minute.Microseconds())
	return err
}
