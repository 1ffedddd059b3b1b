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
	service  *Service
	subject  privacy.Subject
	profile  Profile
	sealed   []byte
	tokens   []token
	external []byte
	basis    privacy.BasisRecord
	source   string
	verified time.Time
	now      time.Time
	key      *vault.Key
	by       actor.Actor
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
		profile: Profile{}.apply(c, privacy.SourceOf(a), now), source: privacy.SourceOf(a), now: now, by: a}
	if err := d.profile.checkStored(); err != nil {
		return nil, err
	}
	if verified {
		d.verified = now
	}
	if d.sealed, d.tokens, d.external, err = s.seal(ctx, d.subject, key, d.profile); err != nil {
		return nil, err
	}
	d.basis = privacy.SealBasis(key, s.ids, d.subject, basis, d.source, now)
	return d, nil
}

// Insert stores the contact, its tokens, its lawful basis and the event.
func (d *Draft) Insert(tx *storage.Tx) error {
	var external any
	if d.external != nil {
		external = d.external
	}
	at := clock.Micros(d.now)
	var seen any
	if d.by.Type == actor.Contact {
		seen = at
	}
	_, err := tx.Exec(insertContact, d.subject.WorkspaceID, d.subject.ContactID, d.sealed, external, d.source, nullable(d.verified), seen, at, at)
	if storage.IsUnique(err) && d.external == nil {
		return fault.Conflict("changed_meanwhile", "This person came to be just now. Try again.")
	}
	if storage.IsUnique(err) {
		return fault.Conflict("external_id_taken", "Another contact has this external id. Update that one instead.")
	}
	if err != nil {
		return fault.Wrap("contacts.Insert", err)
	}
	if err := replaceTokens(tx, d.subject.WorkspaceID, d.subject.ContactID, d.tokens, true); err != nil {
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
	return d.profile.contact(record{id: d.subject.ContactID, source: d.source, verified: d.verified, created: d.now, updated: d.now})
}

// seal gives the sealed profile and the tokens that find it.
func (s *Service) seal(ctx context.Context, sub privacy.Subject, key *vault.Key, p Profile) (sealed []byte, tokens []token, external []byte, err error) {
	plain, err := p.marshal()
	if err != nil {
		return nil, nil, nil, fault.Wrap("contacts.seal", err)
	}
	ix, err := s.vault.Index(ctx, sub.WorkspaceID)
	if err != nil {
		return nil, nil, nil, err
	}
	if p.ExternalID != "" {
		external = ix.Equal("external_id", p.ExternalID)
	}
	return key.Seal(profilePlace(sub.ContactID), plain), profileTokens(ix, p), external, nil
}

func profilePlace(row string) vault.Place {
	return vault.Place{Table: "contacts", Column: "profile_sealed", Row: row}
}

// profileTokens gives the tokens for address, phone and the beginnings of names.
func profileTokens(ix *vault.Index, p Profile) []token {
	var out []token
	if p.Email != "" {
		out = append(out, token{"email", ix.Equal("email", p.Email)})
	}
	if p.Phone != "" {
		out = append(out, token{"phone", ix.Equal("phone", p.Phone)})
	}
	for _, t := range ix.Prefixes(p.Name + " " + p.FirstName + " " + p.LastName) {
		out = append(out, token{"name", t})
	}
	return out
}
