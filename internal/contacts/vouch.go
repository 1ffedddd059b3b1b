package contacts

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// ResolveBasis gives the lawful basis that applies to data which states one, or
// none.
func (s *Service) ResolveBasis(ctx context.Context, workspaceID string, stated *privacy.Basis) (privacy.Basis, error) {
	return s.basis(ctx, workspaceID, stated)
}

// Insert stores a prepared contact in a transaction of its own.
func (s *Service) Insert(ctx context.Context, d *Draft) error {
	return fault.Wrap("contacts.Insert", s.db.Write(ctx, d.Insert))
}

// Vouch gives the id of the contact whom the customer's system calls by the
// change's external id, with the change made and the contact verified. Who is not
// known yet becomes the contact with the promised id: the anonymous visitor whose
// session it is, if they wrote already. Where both are known, what the anonymous
// visitor did in this session joins the person, as a merge that can be undone.
func (s *Service) Vouch(ctx context.Context, promisedID string, c Change, basis privacy.Basis) (string, error) {
	if err := c.Validate(); err != nil {
		return "", err
	}
	sub := privacy.Subject{WorkspaceID: actor.From(ctx).WorkspaceID}
	for range attempts {
		var err error
		said := c
		if sub.ContactID, err = s.named(ctx, sub.WorkspaceID, &said); fault.Is(err, fault.KindNotFound) {
			sub.ContactID = promisedID
			err = s.vouchNew(ctx, sub, said, basis)
		} else if err == nil {
			var blocked bool
			if blocked, err = s.isBlocked(ctx, sub); blocked {
				return sub.ContactID, nil // they are let in as who they are, and stay as they are
			}
			if err == nil {
				err = s.vouchKnown(ctx, sub, said, basis)
			}
		}
		if e := fault.As(err); e != nil && (e.Code == "external_id_taken" || e.Code == "changed_meanwhile") {
			continue // another tab was faster
		}
		if err == nil && sub.ContactID != promisedID {
			err = s.joinEarlier(ctx, sub, promisedID)
		}
		return sub.ContactID, fault.Wrap("contacts.Vouch", err)
	}
	return "", fault.Conflict("changed_meanwhile", "Others are changing this contact right now. Try again in a moment.")
}

// vouchKnown updates a contact only if something is new: a page that is loaded
// again writes nothing. What is restricted stays as it is, and its person is let in.
func (s *Service) vouchKnown(ctx context.Context, sub privacy.Subject, c Change, basis privacy.Basis) error {
	r, key, err := s.load(ctx, sub)
	if err != nil {
		return err
	}
	p, err := openProfile(key, r)
	if err != nil {
		return err
	}
	if !r.verified.IsZero() && !p.changes(c) || !r.restricted.IsZero() {
		return nil
	}
	_, err = s.tryUpdate(ctx, sub, c, &basis, trust{facts: true}, nil)
	return err
}

// changes tells whether a change says something that the profile does not.
func (p Profile) changes(c Change) bool {
	for _, f := range c.fields() {
		if f.value != nil && *f.at(&p) != *f.value {
			return true
		}
	}
	return len(c.Attributes) > 0
}

func (s *Service) vouchNew(ctx context.Context, sub privacy.Subject, c Change, basis privacy.Basis) error {
	r, key, err := s.load(ctx, sub)
	if fault.Is(err, fault.KindNotFound) {
		d, err := s.Prepare(ctx, sub.WorkspaceID, sub.ContactID, c, basis, true)
		if err != nil {
			return err
		}
		err = s.db.Write(ctx, d.Insert)
		if storage.IsUnique(err) {
			return fault.Conflict("changed_meanwhile", "Someone added this contact meanwhile.")
		}
		return err
	}
	if err != nil {
		return err
	}
	p, err := openProfile(key, r)
	if err != nil || !r.restricted.IsZero() && p.ExternalID == "" {
		return err
	}
	if p.ExternalID != "" {
		return fault.Conflict("signed_in_as_another", "This session belongs to another person. Call reset first.")
	}
	_, err = s.tryUpdate(ctx, sub, c, &basis, trust{facts: true}, nil)
	return err
}

// joinEarlier merges what an anonymous visitor did into the person who has signed in
// from the same session. Who is known already, or has to stay as they are, is left.
func (s *Service) joinEarlier(ctx context.Context, sub privacy.Subject, earlierID string) error {
	earlier, err := s.side(ctx, earlierID)
	if fault.Is(err, fault.KindNotFound) {
		return nil // nothing was done before
	}
	if err != nil || !earlier.verified.IsZero() || earlier.profile.ExternalID != "" || earlier.merged != "" {
		return err
	}
	if claimed := earlier.profile.Email; claimed != "" {
		person, err := s.side(ctx, sub.ContactID)
		if err != nil || person.profile.contradicts(claimed) {
			return err // who used the browser before gave another address: it was somebody else
		}
	}
	for range attempts {
		_, err = s.tryMerge(ctx, sub.ContactID, Merging{ContactID: earlierID}, fromIdentity)
		if e := fault.As(err); e != nil && e.Code == "changed_meanwhile" {
			continue
		}
		break
	}
	if fault.Is(err, fault.KindConflict) || fault.Is(err, fault.KindNotFound) {
		return nil // restricted, held, in the bin, or another tab was faster: they stay apart
	}
	return err
}

// contradicts tells whether a claimed address is not among those that are known of a
// person. Of whom none is known, any may be.
func (p Profile) contradicts(claimed string) bool {
	known := p.addresses(channels()[0], true)
	is := func(a Address) bool { return foldEmail(a.Address) == foldEmail(claimed) }
	return len(known) > 0 && !slices.ContainsFunc(known, is)
}

const selectVerified = `
	SELECT CASE WHEN c.verified_at IS NOT NULL OR c.merged_into IS NOT NULL AND EXISTS (SELECT 1 FROM contact_merges g
		WHERE g.workspace_id = c.workspace_id AND g.member_id = c.id AND g.source = 'identity' AND g.undone_at IS NULL) THEN 1 ELSE 0 END
	FROM contacts c WHERE c.workspace_id = $1 AND c.id = $2`

// IsVerified tells whether somebody vouched for a contact, or they joined a person by
// a verified sign-in. Who does not exist is not verified.
func (s *Service) IsVerified(ctx context.Context, workspaceID, contactID string) (bool, error) {
	var is int
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		return tx.QueryRow(selectVerified, workspaceID, contactID).Scan(&is)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return is != 0, fault.Wrap("contacts.IsVerified", err)
}

// SurvivorOf gives the contact that stands for the person; the same id where nobody
// has it yet.
func (s *Service) SurvivorOf(ctx context.Context, workspaceID, contactID string) (string, error) {
	out := contactID
	err := s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		out, err = Survivor(tx, workspaceID, contactID)
		return err
	})
	if fault.Is(err, fault.KindNotFound) {
		return contactID, nil
	}
	return out, fault.Wrap("contacts.SurvivorOf", err)
}

// withoutClaims gives a change that also takes out of the profile what the visitor
// claimed of themselves and nobody vouched for, and the claims that stay beside it: a
// claim does not become a fact because something else about the person did.
func (c Change) withoutClaims(p Profile) (Change, map[string]any) {
	empty, claims := "", map[string]any{}
	for _, f := range []struct {
		vouched **string
		name    string
	}{{&c.Email, "email"}, {&c.Name, "name"}, {&c.FirstName, "first_name"}, {&c.LastName, "last_name"}, {&c.Phone, "phone"}} {
		stands := p.text(f.name)
		if stands == "" || !saidByPerson(p.Provenance[f.name].Source) {
			continue
		}
		if *f.vouched == nil {
			*f.vouched = &empty
		}
		if strings.TrimSpace(**f.vouched) != stands {
			claims[f.name] = stands
		}
	}
	for key, value := range p.Attributes {
		if _, vouched := c.Attributes[key]; !vouched && saidByPerson(p.Provenance["attributes."+key].Source) {
			claims["attributes."+key] = value
		}
	}
	if len(claims) > 0 {
		c.Attributes = maps.Clone(c.Attributes)
	}
	for name := range claims {
		if key, is := strings.CutPrefix(name, "attributes."); is {
			if c.Attributes == nil {
				c.Attributes = map[string]any{}
			}
			c.Attributes[key] = nil
		}
	}
	return c, claims
}
