package widget

import (
	"context"

	"github.com/botimum/botimum/internal/children"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/workspace"
)

// identified makes the session that of the person whom an identity token names:
// the customer's system vouches for them. Their contact is made or updated; that of
// somebody blocked is left as it is, and so is the session that of somebody blocked.
func (s *Service) identified(ctx context.Context, ws workspace.Workspace, v session, token string) (session, error) {
	c, err := s.Workspaces.ReadIdentity(ctx, ws.ID, token)
	if err != nil {
		return v, err
	}
	if v, err = s.ageOf(ctx, ws, v, c); err != nil {
		return v, err
	}
	if v.Blocked, err = s.Contacts.IsBlockedAddress(ctx, ws.ID, c.Email); err != nil || v.Blocked {
		return v, err // nobody is made known; were the token refused, they would write as somebody unknown
	}
	change := contacts.Change{ExternalID: &c.Subject}
	if c.Email != "" {
		change.Email = &c.Email
	}
	if c.Name != "" {
		change.Name = &c.Name
	}
	basis := privacy.Basis{Purpose: privacy.PurposeSupport, LawfulBasis: "legitimate_interests", Evidence: "identity token"}
	contactID, err := s.Contacts.Vouch(ctx, v.ContactID, change, basis)
	if err != nil {
		return v, err
	}
	if v.Age == children.Child { // what the parent agreed to goes with the child
		from, to := privacy.Subject{WorkspaceID: ws.ID, ContactID: v.ContactID}, privacy.Subject{WorkspaceID: ws.ID, ContactID: contactID}
		if err := s.Children.Follow(ctx, from, to); err != nil {
			return v, err
		}
	}
	if !v.Verified { // streams of the session from before end too
		s.Hub.Kick(live.Whose{WorkspaceID: ws.ID, ContactID: v.ContactID})
	}
	v.ContactID, v.Verified = contactID, true
	return v, nil
}

// claim records what a visitor says of themselves. It is kept apart from verified
// facts: the contact stays unverified, and no other contact is touched.
func (s *Service) claim(ctx context.Context, v session, c contacts.Change) error {
	if c.ExternalID != nil {
		return fault.Invalid("external_id", "needs a signed identity token; send it as token")
	}
	if v.Verified {
		// The customer's system vouched for these; a page may not change them.
		if c.Email != nil || c.Name != nil {
			return fault.Conflict("verified", "This person is signed in; their address and name come from the identity token.")
		}
	}
	if err := s.refuseAddresses(ctx, v.WorkspaceID, c); err != nil {
		return err
	}
	visitor, err := s.visitor(ctx, v.WorkspaceID, v.ContactID)
	if err != nil {
		return err
	}
	if visitor != nil {
		return s.Contacts.Claim(ctx, v.ContactID, c)
	}
	if err := c.Validate(); err != nil {
		return err
	}
	basis, err := s.Contacts.ResolveBasis(ctx, v.WorkspaceID, c.Basis)
	if err != nil {
		return err
	}
	d, err := s.draft(ctx, v, c, basis, false)
	if err != nil {
		return err
	}
	return s.Contacts.Insert(ctx, d)
}

// refuseAddresses refuses what a visitor says of themselves if an address in it is on
// the blocklist.
func (s *Service) refuseAddresses(ctx context.Context, workspaceID string, c contacts.Change) error {
	var said []string
	if c.Email != nil {
		said = append(said, *c.Email)
	}
	for _, a := range c.Emails {
		said = append(said, a.Address)
	}
	for _, email := range said {
		blocked, err := s.Contacts.IsBlockedAddress(ctx, workspaceID, email)
		if err != nil {
			return err
		}
		if blocked {
			return contacts.BlockedError()
		}
	}
	return nil
}
