package boards

import (
	"context"
	"encoding/hex"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// attempts is how often something is tried that others may just be doing.
const attempts = 4

// newcomer is a guest who is about to become a contact.
type newcomer struct {
	g       Guest
	draft   *contacts.Draft
	address []byte // token of the address
}

type newcomerKey struct{}

// Act has a guest do something. Who is no contact yet becomes one with the first
// thing that it writes, in the same transaction.
func (s *Service) Act(ctx context.Context, g Guest, do func(ctx context.Context) error) error {
	for try := 0; ; try++ {
		as, err := s.ready(ctx, &g)
		if err == nil {
			err = do(as)
		}
		e := fault.As(err)
		if e == nil || e.Code != "changed_meanwhile" || try == attempts {
			return err
		}
		if g, err = s.guest(ctx, g.WorkspaceID, g.hash); err != nil { // two clicks at once: now they exist
			return err
		}
	}
}

// ready gives the context in which a guest acts, with what makes them a contact if
// they are none.
func (s *Service) ready(ctx context.Context, g *Guest) (context.Context, error) {
	if !g.Promised {
		return g.As(ctx), nil
	}
	token, err := s.Contacts.AddressToken(ctx, g.WorkspaceID, g.address)
	if err != nil {
		return nil, err
	}
	known, err := s.owner(ctx, g.WorkspaceID, token)
	if err != nil {
		return nil, err
	}
	if known != "" { // they came to be elsewhere meanwhile
		err := s.takeOver(ctx, g, known)
		return g.As(ctx), err
	}
	blocked, err := s.Contacts.IsBlockedAddress(ctx, g.WorkspaceID, g.address)
	if err == nil && blocked {
		err = contacts.BlockedError()
	}
	if err != nil {
		return nil, err
	}
	as := g.As(ctx)
	d, err := s.Contacts.Prepare(as, g.WorkspaceID, g.ContactID, contacts.Change{Email: &g.address, Locale: orNil(g.Locale)}, basisOfGuests(), true)
	if fault.Is(err, fault.KindGone) { // they came to be elsewhere, or signed out
		return nil, fault.Conflict("changed_meanwhile", "This person came to be just now. Try again.")
	}
	if err != nil {
		return nil, err
	}
	return context.WithValue(as, newcomerKey{}, &newcomer{*g, d, token}), nil
}

func basisOfGuests() privacy.Basis {
	return privacy.Basis{Purpose: privacy.PurposeSupport, LawfulBasis: "legitimate_interests", Evidence: "took part on a board"}
}

// owner gives the contact whom an address is proven to belong to, or "".
func (s *Service) owner(ctx context.Context, workspaceID string, token []byte) (contactID string, err error) {
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		contactID, err = ownerIn(tx, workspaceID, token)
		return err
	})
	return contactID, err
}

// ownerIn gives only whom somebody vouched for with this address: who merely claimed
// it may be another person.
func ownerIn(tx *storage.Tx, workspaceID string, token []byte) (string, error) {
	found, err := contacts.WithAddress(tx, workspaceID, token, 1)
	if err != nil || len(found) == 0 || !found[0].Verified {
		return "", err
	}
	return found[0].ID, nil
}

// takeOver makes a promised guest's session that of a contact who has the address,
// and breaks the promise.
func (s *Service) takeOver(ctx context.Context, g *Guest, contactID string) error {
	promised, broken := g.subject(), false
	err := s.DB.Write(ctx, func(tx *storage.Tx) (err error) {
		for _, id := range inOrder(contactID, promised.ContactID) {
			if err := privacy.LockSubject(tx, privacy.Subject{WorkspaceID: g.WorkspaceID, ContactID: id}); err != nil {
				return err
			}
		}
		if err := contacts.Exists(tx, g.WorkspaceID, contactID); err != nil {
			return err
		}
		if _, err := tx.Exec(bindSession, contactID, clock.Micros(s.Clock.Now().Add(SessionLife)), g.WorkspaceID, promised.ContactID); err != nil {
			return err
		}
		broken, err = s.breakPromise(ctx, tx, promised)
		return err
	})
	if err != nil {
		return err
	}
	g.ContactID, g.Promised, g.address = contactID, false, ""
	if broken {
		err = s.eraseKey(ctx, promised)
	}
	return err
}

func inOrder(a, b string) []string {
	if b < a {
		return []string{b, a}
	}
	return []string{a, b}
}

const bindSession = `
	UPDATE board_sessions SET contact_id = $1, content_sealed = NULL, expires_at = $2 WHERE workspace_id = $3 AND contact_id = $4`

// write is a transaction of the actor's; a newcomer becomes a contact in it.
func (s *Service) write(ctx context.Context, fn func(tx *storage.Tx) error) error {
	n, _ := ctx.Value(newcomerKey{}).(*newcomer)
	if n == nil {
		return s.DB.Write(ctx, fn)
	}
	return s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := s.arrive(tx, n); err != nil {
			return err
		}
		return fn(tx)
	})
}

func (s *Service) arrive(tx *storage.Tx, n *newcomer) error {
	if err := privacy.LockSubject(tx, n.g.subject()); err != nil {
		return err
	}
	err := contacts.Exists(tx, n.g.WorkspaceID, n.g.ContactID)
	if !fault.Is(err, fault.KindNotFound) {
		return err // they are there since the first thing that was written
	}
	if err := tx.Lock("board address " + n.g.WorkspaceID + " " + hex.EncodeToString(n.address)); err != nil {
		return err
	}
	known, err := ownerIn(tx, n.g.WorkspaceID, n.address)
	if err == nil && known != "" {
		err = fault.Conflict("changed_meanwhile", "This person came to be just now. Try again.")
	}
	if err != nil {
		return err
	}
	if err := n.draft.Insert(tx); err != nil {
		return err
	}
	bound, err := tx.Exec(bindSession, n.g.ContactID, clock.Micros(s.Clock.Now().Add(SessionLife)), n.g.WorkspaceID, n.g.ContactID)
	if err == nil && bound == 0 {
		err = sessionEnded() // signed out meanwhile
	}
	return err
}
