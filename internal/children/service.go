package children

import (
	"context"
	"encoding/hex"
	"log/slog"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/mail"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Deps is what the service needs.
type Deps struct {
	DB     *storage.DB
	Vault  *vault.Vault
	Audit  *audit.Log
	Mail   *mail.Service
	Clock  clock.Clock
	IDs    id.Source
	Logger *slog.Logger
	// Exists tells whether a contact is in the workspace: nil, or not found.
	Exists func(tx *storage.Tx, workspaceID, contactID string) error
	// EraseContact erases a contact, of the workspace that the context's actor is in.
	EraseContact func(ctx context.Context, contactID string) (privacy.Receipt, error)
	// Purge removes all rows about somebody who is no contact yet.
	Purge func(ctx context.Context, tx *storage.Tx, sub privacy.Subject) error
	// PublicURL is the origin under which this server is reached.
	PublicURL string
}

// Service asks parents, and keeps what they said.
type Service struct {
	Deps
}

// New gives the service.
func New(d Deps) *Service { return &Service{d} }

// Question is what a parent is to be asked, and about whom.
type Question struct {
	Subject   privacy.Subject
	Workspace struct{ Name, Slug, Locale string }
	Age       Age
	Parent    string // the parent's e-mail address
	Locale    string // the child's
}

// perDay bounds how often one address is asked in a workspace.
const perDay = 3

// asking is a question that is sealed and ready to be stored.
type asking struct {
	sub                       privacy.Subject
	consent                   ParentalConsent
	hash                      []byte
	parentToken, parentSealed []byte
	mail                      *mail.Draft
}

// Ask writes to a parent, and gives what they are asked. Asking again before they
// answered makes a new link, and the old one void; where they agreed already,
// nothing is sent.
func (s *Service) Ask(ctx context.Context, q Question) (ParentalConsent, error) {
	if _, err := mail.CheckAddress(q.Parent); err != nil {
		return ParentalConsent{}, fault.Invalid("parent_email", "is not an e-mail address; write it as name@example.org")
	}
	if err := s.mayAsk(ctx, q); err != nil { // before a key is made for nobody
		return ParentalConsent{}, fault.Wrap("children.Ask", err)
	}
	a, err := s.prepare(ctx, q)
	if err != nil {
		return ParentalConsent{}, fault.Wrap("children.Ask", err)
	}
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := privacy.LockSubject(tx, q.Subject); err != nil {
			return err
		}
		there, found, err := of(tx, q.Subject)
		if err != nil {
			return err
		}
		if found && there.State == StateGiven {
			a.consent = there
			return nil
		}
		if err := tx.Lock("parent " + hex.EncodeToString(a.parentToken)); err != nil {
			return err
		}
		if err := bounded(tx, q.Subject.WorkspaceID, a.parentToken, a.consent.AskedAt); err != nil {
			return err
		}
		if err := a.save(tx); err != nil {
			return err
		}
		if err := s.Mail.Queue(tx, a.mail); err != nil {
			return err
		}
		return s.note(ctx, tx, q.Subject, "parental_consent.asked")
	})
	return a.consent, fault.Wrap("children.Ask", err)
}

// mayAsk refuses early what the transaction would refuse.
func (s *Service) mayAsk(ctx context.Context, q Question) error {
	ix, err := s.Vault.Index(ctx, q.Subject.WorkspaceID)
	if err != nil {
		return err
	}
	token, now := ix.Equal("email", q.Parent), s.Clock.Now()
	return s.DB.Read(ctx, func(tx *storage.Tx) error {
		there, found, err := of(tx, q.Subject)
		if err != nil || found && there.State == StateGiven {
			return err
		}
		return bounded(tx, q.Subject.WorkspaceID, token, now)
	})
}

// bounded refuses to write to an address that was asked often enough within a day.
func bounded(tx *storage.Tx, workspaceID string, parentToken []byte, now time.Time) error {
	var asked int
	if err := tx.QueryRow(countByParent, workspaceID, parentToken, clock.Micros(now.Add(-24*time.Hour))).Scan(&asked); err != nil {
		return err
	}
	if asked >= perDay {
		return fault.TooMany(24*time.Hour, "This address was asked often enough for today.")
	}
	return nil
}

func (s *Service) prepare(ctx context.Context, q Question) (*asking, error) {
	subject := vault.Subject{Workspace: q.Subject.WorkspaceID, ID: q.Subject.ContactID}
	if err := s.Vault.Create(ctx, subject); err != nil {
		return nil, err
	}
	key, err := s.Vault.Key(ctx, subject)
	if err != nil {
		return nil, err
	}
	ix, err := s.Vault.Index(ctx, q.Subject.WorkspaceID)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	a := &asking{sub: q.Subject, parentToken: ix.Equal("email", q.Parent)}
	token, hash := newToken()
	a.hash = hash
	lang := LanguageOf(q.Locale, q.Workspace.Locale)
	wording := wordingFor(lang, q.Workspace.Name)
	a.consent = ParentalConsent{ID: s.IDs.New(idPrefix), ContactID: q.Subject.ContactID, State: StateAsked, Country: q.Age.Country,
		AgeLimit: q.Age.Years, Wording: wording, Hash: hashOf(wording), Locale: lang, AskedAt: now, ExpiresAt: now.Add(AnswerWithin)}
	a.parentSealed = key.Seal(parentPlace(a.consent.ID), []byte(q.Parent))
	a.mail, err = s.Mail.Prepare(ctx, mail.Message{WorkspaceID: q.Subject.WorkspaceID, ContactID: q.Subject.ContactID, Address: q.Parent,
		Locale: lang, Template: mail.ParentalConsent, Key: "parental consent " + a.consent.ID, Expires: a.consent.ExpiresAt,
		Values: map[string]string{"child_service": q.Workspace.Name, "url": s.PublicURL + "/privacy/" + q.Workspace.Slug + "/parent/" + token}})
	return a, err
}

func parentPlace(consentID string) vault.Place {
	return vault.Place{Table: "parental_consents", Column: "parent_sealed", Row: consentID}
}

// Follow moves a parent's consent to the contact that the child turned out to be,
// where there is none of that contact's own.
func (s *Service) Follow(ctx context.Context, from, to privacy.Subject) error {
	if from == to {
		return nil
	}
	keys := make([]*vault.Key, 2)
	for i, sub := range []privacy.Subject{from, to} {
		key, err := s.Vault.Key(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID})
		if fault.Is(err, fault.KindGone) {
			return nil // nobody was asked about them
		}
		if err != nil {
			return fault.Wrap("children.Follow", err)
		}
		keys[i] = key
	}
	return fault.Wrap("children.Follow", s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := privacy.LockSubject(tx, to); err != nil {
			return err
		}
		c, found, err := of(tx, from)
		if err != nil || !found {
			return err
		}
		if own, has, err := of(tx, to); err != nil || has && own.State == StateGiven {
			return err
		}
		var sealed []byte
		if err := tx.QueryRow(selectParent, from.WorkspaceID, from.ContactID).Scan(&sealed); err != nil {
			return err
		}
		parent, err := keys[0].Open(parentPlace(c.ID), sealed)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(deleteOf, to.WorkspaceID, to.ContactID); err != nil {
			return err
		}
		_, err = tx.Exec(updateOwner, to.ContactID, keys[1].Seal(parentPlace(c.ID), parent), from.WorkspaceID, from.ContactID)
		return err
	}))
}

// State tells how far a child's parental consent is: asked, given, or "".
func (s *Service) State(ctx context.Context, sub privacy.Subject) (string, error) {
	var c ParentalConsent
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		c, _, err = of(tx, sub)
		return err
	})
	return c.State, fault.Wrap("children.State", err)
}

// IsChild tells whether somebody is a child for whom a parent was asked or agreed.
func IsChild(tx *storage.Tx, sub privacy.Subject) (bool, error) {
	_, found, err := of(tx, sub)
	return found, fault.Wrap("children.IsChild", err)
}

// Look gives what a parent's link is about, or link_invalid.
func (s *Service) Look(ctx context.Context, workspaceID, token string) (ParentalConsent, error) {
	hash, err := hashToken(token)
	if err != nil {
		return ParentalConsent{}, err
	}
	var c ParentalConsent
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		c, err = byToken(tx, workspaceID, hash)
		return err
	})
	if err == nil && c.isOver(s.Clock.Now()) {
		err = linkInvalid()
	}
	return c, fault.Wrap("children.Look", err)
}

func (c ParentalConsent) isOver(now time.Time) bool {
	return c.State == StateAsked && !now.Before(c.ExpiresAt)
}

// Agree records a parent's consent. Agreeing again changes nothing.
func (s *Service) Agree(ctx context.Context, workspaceID, token string) (ParentalConsent, error) {
	c, err := s.Look(ctx, workspaceID, token)
	if err != nil {
		return ParentalConsent{}, err
	}
	sub := privacy.Subject{WorkspaceID: workspaceID, ContactID: c.ContactID}
	hash, _ := hashToken(token)
	now := s.Clock.Now()
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := privacy.LockSubject(tx, sub); err != nil {
			return err
		}
		if c, err = byToken(tx, workspaceID, hash); err != nil || c.State == StateGiven {
			return err
		}
		if c.State == StateWithdrawn {
			return linkInvalid()
		}
		if _, err := tx.Exec(updateGiven, clock.Micros(now), workspaceID, c.ContactID); err != nil {
			return err
		}
		c.State, c.DecidedAt = StateGiven, &now
		return s.note(ctx, tx, sub, "parental_consent.given")
	})
	return c, fault.Wrap("children.Agree", err)
}

// Refuse refuses a parental consent, or withdraws it: everything about the child
// is erased, with the key. Under a legal hold it fails with legal_hold, but the
// consent is withdrawn: nothing more is stored, and [Service.Sweep] erases the rest
// when the hold ends.
func (s *Service) Refuse(ctx context.Context, workspaceID, token string) error {
	c, err := s.Look(ctx, workspaceID, token)
	if err != nil {
		return err
	}
	sub := privacy.Subject{WorkspaceID: workspaceID, ContactID: c.ContactID}
	// First what a legal hold cannot stop: nothing more is stored.
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := privacy.LockSubject(tx, sub); err != nil {
			return err
		}
		n, err := tx.Exec(updateWithdrawn, workspaceID, c.ContactID)
		if err != nil || n == 0 {
			return err
		}
		return s.note(ctx, tx, sub, "parental_consent.withdrawn")
	})
	if err != nil {
		return fault.Wrap("children.Refuse", err)
	}
	return fault.Wrap("children.Refuse", s.forget(ctx, sub, "parental_consent.refused", func(*storage.Tx) (bool, error) { return true, nil }))
}

// forget erases a child if the condition holds: the contact, or what was kept to
// ask the parent.
func (s *Service) forget(ctx context.Context, sub privacy.Subject, action string, condition func(*storage.Tx) (bool, error)) error {
	ctx = actor.With(ctx, actor.Actor{Type: actor.System, ID: "parent", WorkspaceID: sub.WorkspaceID})
	isContact, holds := false, false
	err := s.DB.Write(ctx, func(tx *storage.Tx) (err error) {
		if err := privacy.LockSubject(tx, sub); err != nil {
			return err
		}
		if holds, err = condition(tx); err != nil || !holds {
			return err
		}
		err = s.Exists(tx, sub.WorkspaceID, sub.ContactID)
		if isContact = err == nil; isContact || !fault.Is(err, fault.KindNotFound) {
			return err
		}
		if err := s.Purge(ctx, tx, sub); err != nil {
			return err
		}
		return s.note(ctx, tx, sub, action)
	})
	if err != nil || !holds {
		return err
	}
	if isContact {
		_, err := s.EraseContact(ctx, sub.ContactID)
		return err
	}
	return s.Vault.Erase(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID})
}

// note appends to the audit log what was done about a child: by the visitor, or by
// the parent.
func (s *Service) note(ctx context.Context, tx *storage.Tx, sub privacy.Subject, action string) error {
	a := actor.From(ctx)
	if a.WorkspaceID == "" {
		a = actor.Actor{Type: actor.System, ID: "parent"}
	}
	return s.Audit.Append(tx, audit.Entry{WorkspaceID: sub.WorkspaceID, ActorType: a.Type, ActorID: a.ID, Action: action,
		TargetType: "contact", TargetID: sub.ContactID})
}

// Sweep erases what was kept to ask parents who did not answer in time, at most so
// many at once, and says how many.
func (s *Service) Sweep(ctx context.Context, limit int) (int, error) {
	now := s.Clock.Now()
	var late []privacy.Subject
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		late, err = unanswered(tx, now, limit)
		return err
	})
	for i, sub := range late {
		if err != nil {
			return i, fault.Wrap("children.Sweep", err)
		}
		err = s.forget(ctx, sub, "parental_consent.expired", func(tx *storage.Tx) (bool, error) {
			c, found, err := of(tx, sub)
			return found && c.isOver(now), err
		})
	}
	if err != nil {
		return len(late), fault.Wrap("children.Sweep", err)
	}
	n, err := s.sweepWithdrawn(ctx, limit)
	return len(late) + n, fault.Wrap("children.Sweep", err)
}

// sweepWithdrawn erases those whose parents withdrew while a legal hold was in force.
func (s *Service) sweepWithdrawn(ctx context.Context, limit int) (n int, err error) {
	var left []privacy.Subject
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		left, err = withdrawn(tx, limit)
		return err
	})
	for _, sub := range left {
		if err != nil {
			return n, err
		}
		err = s.forget(ctx, sub, "parental_consent.withdrawn", func(tx *storage.Tx) (bool, error) {
			c, found, err := of(tx, sub)
			return found && c.State == StateWithdrawn, err
		})
		if e := fault.As(err); e != nil && e.Code == "legal_hold" {
			err = nil
			continue
		}
		n++
	}
	return n, err
}

// List gives a workspace's parental consents, newest first, from before an id.
func (s *Service) List(ctx context.Context, before string, limit int) ([]ParentalConsent, error) {
	var out []ParentalConsent
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		out, err = page(tx, actor.From(ctx).WorkspaceID, before, limit)
		return err
	})
	return out, fault.Wrap("children.List", err)
}

// OfContact gives a contact's, none or one.
func (s *Service) OfContact(ctx context.Context, contactID string) ([]ParentalConsent, error) {
	sub := privacy.Subject{WorkspaceID: actor.From(ctx).WorkspaceID, ContactID: contactID}
	out := []ParentalConsent{}
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		c, found, err := of(tx, sub)
		if found {
			out = append(out, c)
		}
		return err
	})
	return out, fault.Wrap("children.OfContact", err)
}
