package contacts

import (
	"context"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Draft is a contact that is sealed and ready to be stored: all that is slow or
// can be refused has been done outside of the transaction.
type Draft struct {
	service   *Service
	subject   privacy.Subject
	profile   Profile
	sealed    sealedProfile
	basis     privacy.BasisRecord
	source    string
	verified  time.Time
	now       time.Time
	key       *vault.Key
	by        actor.Actor
	company   *string // that somebody chose
	follows   *following
	importID  string // it came with; "" otherwise
	tags      []string
	belonging // once it is stored
}

// token is one blind token by which a contact is found.
type token struct {
	kind  string
	value []byte
}

// Key is the contact's own key, with which others seal what is about them.
func (d *Draft) Key() *vault.Key { return d.key }

// ID is the contact's id.
func (d *Draft) ID() string { return d.subject.ContactID }

// Prepare makes a contact's key and seals the profile that the change describes.
// The id may be one that was promised before ("" makes one); someone erased under
// it stays erased. The key is durable when Prepare returns; the contact is when
// the transaction that [Draft.Insert] runs in is.
func (s *Service) Prepare(ctx context.Context, workspaceID, contactID string, c Change, basis privacy.Basis, verified bool) (*Draft, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	defs, err := s.checkDeclared(ctx, workspaceID, c)
	if err != nil {
		return nil, err
	}
	if contactID == "" {
		contactID = s.ids.New("con")
	}
	a, now := actor.From(ctx), s.clock.Now()
	sub := vault.Subject{Workspace: workspaceID, ID: contactID}
	if err := s.vault.Create(ctx, sub); err != nil {
		return nil, err
	}
	key, err := s.vault.Key(ctx, sub)
	if err != nil {
		return nil, err
	}
	d := &Draft{service: s, subject: privacy.Subject{WorkspaceID: workspaceID, ContactID: contactID}, key: key,
		source: privacy.SourceOf(a), now: now, by: a}
	if d.profile, err = s.changed(ctx, Profile{}, c, trust{facts: verified, claims: !verified && a.Type == actor.Contact}, now); err != nil {
		return nil, err
	}
	if err := d.profile.checkStored(); err != nil {
		return nil, err
	}
	if verified {
		d.verified, d.company = now, c.CompanyID
	}
	if d.follows, err = s.following(ctx, workspaceID, Profile{}, d.profile, false, verified); err != nil {
		return nil, err
	}
	if d.sealed, err = s.seal(ctx, d.subject, key, defs, d.profile, now); err != nil {
		return nil, err
	}
	d.basis = privacy.SealBasis(key, s.ids, d.subject, basis, d.source, now)
	return d, nil
}

// Insert stores the contact, its tokens, its lawful basis and the event.
func (d *Draft) Insert(tx *storage.Tx) error {
	at := clock.Micros(d.now)
	var seen any
	if d.by.Type == actor.Contact {
		seen = at
	}
	_, err := tx.Exec(insertContact, d.subject.WorkspaceID, d.subject.ContactID, d.sealed.profile, d.sealed.externalOrNull(), d.source, nullable(d.verified), seen, at, at)
	if storage.IsUnique(err) && d.sealed.external == nil {
		return fault.Conflict("changed_meanwhile", "This person came to be just now. Try again.")
	}
	if storage.IsUnique(err) {
		return fault.Conflict("external_id_taken", "Another contact has this external id. Update that one instead.")
	}
	if err != nil {
		return fault.Wrap("contacts.Insert", err)
	}
	if d.belonging, _, err = d.service.settleCompany(tx, d.subject, d.company, d.follows); err != nil {
		return err
	}
	d.sealed.index.company = d.belonging.company
	if err := writeIndex(tx, d.subject.WorkspaceID, d.now, true, d.sealed.index); err != nil {
		return fault.Wrap("contacts.Insert", err)
	}
	if err := privacy.InsertBasis(tx, d.basis); err != nil {
		return err
	}
	d.service.event(tx, live.ContactCreated, d.subject, d.by, d.now)
	return nil
}

// contact gives the draft as it will read once stored.
func (d *Draft) contact() Contact {
	return d.profile.contact(record{belonging: d.belonging, id: d.subject.ContactID, source: d.source, verified: d.verified, created: d.now, updated: d.now})
}

// sealedProfile is a profile as it is stored, with what finds it.
type sealedProfile struct {
	profile  []byte
	external []byte // token of the external id; nil where there is none
	index    index
}

func (p sealedProfile) externalOrNull() any {
	if p.external == nil {
		return nil
	}
	return p.external
}

// seal gives the sealed profile and what finds it by the workspace's definitions.
// created is when the contact came to be.
func (s *Service) seal(ctx context.Context, sub privacy.Subject, key *vault.Key, defs definitions, p Profile, created time.Time) (sealedProfile, error) {
	plain, err := p.marshal()
	if err != nil {
		return sealedProfile{}, fault.Wrap("contacts.seal", err)
	}
	ix, err := s.vault.Index(ctx, sub.WorkspaceID)
	if err != nil {
		return sealedProfile{}, err
	}
	out := sealedProfile{profile: key.Seal(profilePlace(sub.ContactID), plain), index: indexOf(ix, defs, sub.ContactID, p, created)}
	if p.ExternalID != "" {
		out.external = ix.Equal("external_id", p.ExternalID)
	}
	return out, nil
}

func profilePlace(row string) vault.Place {
	return vault.Place{Table: "contacts", Column: "profile_sealed", Row: row}
}
