package request

import (
	"archive/zip"
	"context"
	"database/sql"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/export"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// Person is who opened a link: every contact that has the address it was sent to.
type Person struct {
	WorkspaceID string
	SessionID   string
	// Contacts are the verified first, then those who claimed the address. None is
	// left once all were erased; the session then shows their requests alone.
	Contacts []Held
}

// Held is one contact behind an address, as the person may see it.
type Held struct {
	contacts.Contact
	// Claimed tells that somebody gave this address and nobody vouched for it: what
	// is there may be another person's, who mistyped.
	Claimed bool
}

// Address gives the address that was proven, as it was written; "" once erased.
func (p Person) Address() string {
	for _, c := range p.Contacts {
		return c.Email
	}
	return ""
}

const selectSession = `SELECT id, email_token FROM portal_sessions WHERE workspace_id = $1 AND token_hash = $2 AND expires_at > $3`

// Person gives who is behind a portal session; unauthorized when it is over.
func (s *Service) Person(ctx context.Context, workspaceID, session string) (Person, error) {
	const op = "request.Person"
	p := Person{WorkspaceID: workspaceID}
	over := fault.Unauthorized("This visit has ended. Ask for a new link.")
	if !looksLikeToken(session) {
		return p, over
	}
	var found []contacts.Match
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		var address []byte
		err := tx.QueryRow(selectSession, workspaceID, hashOf(session), clock.Micros(s.Clock.Now())).Scan(&p.SessionID, &address)
		if errors.Is(err, sql.ErrNoRows) {
			return over
		}
		if err != nil || len(address) == 0 {
			return err
		}
		found, err = contacts.WithAddress(tx, workspaceID, address, mostContacts)
		return err
	})
	if err != nil {
		return p, fault.Wrap(op, err)
	}
	for _, m := range found {
		c, err := s.Contacts.FindForVisitor(ctx, workspaceID, m.ID)
		if fault.Is(err, fault.KindNotFound) || fault.Is(err, fault.KindGone) {
			continue
		}
		if err != nil {
			return p, fault.Wrap(op, err)
		}
		p.Contacts = append(p.Contacts, Held{Contact: c, Claimed: !m.Verified})
	}
	return p, nil
}

// As gives a context in which the person acts as one of their contacts; not found
// if it is not theirs.
func (p Person) As(ctx context.Context, contactID string) (context.Context, error) {
	for _, c := range p.Contacts {
		if c.ID == contactID {
			return actor.With(ctx, actor.Actor{Type: actor.Contact, ID: contactID, WorkspaceID: p.WorkspaceID, SignedIn: true}), nil
		}
	}
	return ctx, fault.NotFound("contact")
}

// each does something as each of the person's contacts, or as the one named.
func (p Person) each(ctx context.Context, contactID string, do func(ctx context.Context, contactID string) error) error {
	if contactID != "" {
		as, err := p.As(ctx, contactID)
		if err != nil {
			return err
		}
		return do(as, contactID)
	}
	if len(p.Contacts) == 0 {
		return fault.Conflict("nothing_held", "Nothing is held about this address any more.")
	}
	for _, c := range p.Contacts {
		as, err := p.As(ctx, c.ID)
		if err == nil {
			err = do(as, c.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Ask files a request as the person, for every contact of theirs or the one that it
// names. Opening the link has proven who they are.
func (s *Service) Ask(ctx context.Context, p Person, n New) ([]Request, error) {
	if n.Source == "" {
		n.Source = FromPortal
	}
	n.Verified, n.Proof, n.portalID = true, ByMailLink, p.SessionID
	var out []Request
	err := p.each(ctx, n.ContactID, func(ctx context.Context, contactID string) error {
		n.ContactID = contactID
		r, err := s.Submit(ctx, n)
		out = append(out, r)
		return err
	})
	return out, err
}

const selectOfPortal = `SELECT ` + requestColumns + fromRequests + `WHERE r.workspace_id = $1 AND r.portal_id = $2 ORDER BY r.id DESC LIMIT 100`

// Own gives the person's requests, newest first, and those of this visit whose
// contact was erased.
func (s *Service) Own(ctx context.Context, p Person) ([]Request, error) {
	var rows []row
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		rows = nil
		filed, err := scanRows(tx.Query(selectOfPortal, p.WorkspaceID, p.SessionID))
		for _, r := range filed {
			if r.contactID == "" {
				rows = append(rows, r)
			}
		}
		for _, c := range p.Contacts {
			if err != nil {
				return err
			}
			var f Filter
			if f, err = (Filter{ContactID: c.ID}).ofPerson(tx, p.WorkspaceID); err != nil {
				return err
			}
			query, args := listSQL(p.WorkspaceID, f, nil, 100)
			var own []row
			own, err = scanRows(tx.Query(query, args...))
			rows = append(rows, own...)
		}
		return err
	})
	if err != nil {
		return nil, fault.Wrap("request.Own", err)
	}
	out, err := s.openRows(ctx, actor.Actor{Type: actor.Contact, WorkspaceID: p.WorkspaceID}, newestFirst(rows))
	return out, fault.Wrap("request.Own", err)
}

func newestFirst(rows []row) []row {
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(b.id, a.id) })
	return rows
}

// Confirm proves a request that was filed without proof: the person says it is theirs.
func (s *Service) Confirm(ctx context.Context, p Person, requestID string) (Request, error) {
	r, as, err := s.ownRow(ctx, p, requestID)
	if err == nil {
		r, err = s.vouch(as, r, ByMailLink, "")
	}
	if err != nil {
		return Request{}, fault.Wrap("request.Confirm", err)
	}
	out, err := s.show(as, r)
	return out, fault.Wrap("request.Confirm", err)
}

// Withdraw takes an open request back.
func (s *Service) Withdraw(ctx context.Context, p Person, requestID string) (Request, error) {
	r, as, err := s.ownRow(ctx, p, requestID)
	if err == nil && !r.isOpen() {
		err = closed()
	}
	if err == nil {
		r, err = s.finish(as, r.workspaceID, r.id, Withdrawn, "", "")
	}
	if err != nil {
		return Request{}, fault.Wrap("request.Withdraw", err)
	}
	out, err := s.show(as, r)
	return out, fault.Wrap("request.Withdraw", err)
}

// ownRow gives a request of the person, and the context of the contact it is about.
func (s *Service) ownRow(ctx context.Context, p Person, requestID string) (row, context.Context, error) {
	r, err := s.load(ctx, p.WorkspaceID, requestID)
	if err != nil {
		return r, ctx, err
	}
	survivor, err := s.Contacts.SurvivorOf(ctx, p.WorkspaceID, r.contactID)
	if err != nil {
		return r, ctx, err
	}
	as, err := p.As(ctx, survivor)
	if err != nil {
		return r, ctx, fault.NotFound("request")
	}
	return r, as, nil
}

// Consents gives what each of the person's contacts consented to, by contact.
func (s *Service) Consents(ctx context.Context, p Person) (map[string][]privacy.ConsentState, error) {
	out := map[string][]privacy.ConsentState{}
	for _, c := range p.Contacts {
		states, err := s.Privacy.ConsentStates(ctx, privacy.Subject{WorkspaceID: p.WorkspaceID, ContactID: c.ID})
		if err != nil {
			return nil, fault.Wrap("request.Consents", err)
		}
		out[c.ID] = states
	}
	return out, nil
}

// Decide gives or withdraws consent as the person; contactID "" is every contact of
// theirs. Version is the one whose wording was shown.
func (s *Service) Decide(ctx context.Context, p Person, contactID, purpose, action string, version int64) error {
	return p.each(ctx, contactID, func(ctx context.Context, contactID string) error {
		_, err := s.Privacy.Decide(ctx, contactID, purpose, action, FromPortal, version)
		return err
	})
}

// Lift ends the restriction that the person asked for (GDPR article 18(3)).
func (s *Service) Lift(ctx context.Context, p Person, contactID string) error {
	if s.Restrict == nil {
		return fault.Unavailable("not_available", "This cannot be done here yet. Write to the privacy officer.")
	}
	return p.each(ctx, contactID, func(ctx context.Context, contactID string) error {
		return s.Restrict(ctx, contactID, false, "the person asked for it")
	})
}

// TakeBack ends an objection of the person.
func (s *Service) TakeBack(ctx context.Context, p Person, contactID, purpose string) error {
	if s.Object == nil {
		return fault.Unavailable("not_available", "This cannot be done here yet. Write to the privacy officer.")
	}
	return p.each(ctx, contactID, func(ctx context.Context, contactID string) error {
		return s.Object(ctx, contactID, purpose, false, FromPortal)
	})
}

// SignOut ends a portal session.
func (s *Service) SignOut(ctx context.Context, workspaceID, session string) error {
	return fault.Wrap("request.SignOut", s.DB.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.Exec(`DELETE FROM portal_sessions WHERE workspace_id = $1 AND token_hash = $2`, workspaceID, hashOf(session))
		return err
	}))
}

// Download writes the ZIP of what is held about the person: of one contact its own
// archive, of several an archive that holds one for each. It is part of answering
// an access or portability request, and noted with it. Locale is the language of the
// page in it; "" is the contact's.
func (s *Service) Download(ctx context.Context, p Person, kind, locale string, w io.Writer) error {
	const op = "request.Download"
	if len(p.Contacts) == 0 {
		return fault.Conflict("nothing_held", "Nothing is held about this address any more.")
	}
	if len(p.Contacts) == 1 {
		return fault.Wrap(op, s.download(ctx, p, p.Contacts[0], kind, locale, w))
	}
	z := zip.NewWriter(w)
	for i, c := range p.Contacts {
		name := "contact-" + strconv.Itoa(i+1) + ".zip"
		entry, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: s.Clock.Now()})
		if err == nil {
			err = s.download(ctx, p, c, kind, locale, entry)
		}
		if err != nil {
			return fault.Wrap(op, err)
		}
	}
	return fault.Wrap(op, z.Close())
}

func (s *Service) download(ctx context.Context, p Person, c Held, kind, locale string, w io.Writer) error {
	as, err := p.As(ctx, c.ID)
	if err != nil {
		return err
	}
	return s.Exports.Write(as, privacy.Subject{WorkspaceID: p.WorkspaceID, ContactID: c.ID}, export.Options{Kind: kind, Locale: firstOf(locale, c.Locale)}, w)
}
