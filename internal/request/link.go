package request

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/mail"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
	"github.com/botimum/botimum/internal/workspace"
)

// SessionLife is for how long a portal session lasts.
const SessionLife = 60 * time.Minute

const insertAsk = `INSERT INTO portal_asks (workspace_id, id, address_sealed, locale, created_at) VALUES ($1, $2, $3, $4, $5)`

func askPlace(id string) vault.Place {
	return vault.Place{Table: "portal_asks", Column: "address_sealed", Row: id}
}

// AskLink has a link sent to an address, if somebody here has it. It does the same
// work and gives the same answer whether or not: the address is stored, sealed, and
// looked up behind the answer by [Service.SendLinks].
func (s *Service) AskLink(ctx context.Context, workspaceID, email, locale string) error {
	const op = "request.AskLink"
	if !contacts.IsAddress(email) {
		return fault.Invalid("email", "is not an address; write it as name@example.org")
	}
	if wait := s.links.Take(s.Clock.Now(), workspace.NetworkFrom(ctx)); wait > 0 {
		return fault.TooMany(wait, "Many links were asked for from this network. Wait a minute, then ask again.")
	}
	key, err := s.Vault.Key(ctx, vault.Subject{Workspace: workspaceID})
	if err != nil {
		return fault.Wrap(op, err)
	}
	ask := s.IDs.New("ask")
	sealed := key.Seal(askPlace(ask), []byte(email))
	return fault.Wrap(op, s.DB.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.Exec(insertAsk, workspaceID, ask, sealed, locale, clock.Micros(s.Clock.Now()))
		return err
	}))
}

// ask is an address that waits for its link.
type ask struct {
	workspaceID, id, locale string
	sealed                  []byte
}

const selectAsks = `SELECT workspace_id, id, address_sealed, locale FROM portal_asks WHERE created_at <= $1 ORDER BY created_at LIMIT $2`

const deleteAsk = `DELETE FROM portal_asks WHERE workspace_id = $1 AND id = $2`

// SendLinks looks up the addresses that wait and has links mailed to those that are
// known, at most limit. The server calls it by the clock, so that what it costs does
// not show in an answer.
func (s *Service) SendLinks(ctx context.Context, limit int) error {
	var waiting []ask
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		rows, err := tx.Query(selectAsks, clock.Micros(s.Clock.Now()), limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		waiting = nil
		for rows.Next() {
			var a ask
			if err := rows.Scan(&a.workspaceID, &a.id, &a.sealed, &a.locale); err != nil {
				return err
			}
			waiting = append(waiting, a)
		}
		return rows.Err()
	})
	for _, a := range waiting {
		err = errors.Join(err, s.sendLink(ctx, a)) // one that fails holds up no other
	}
	return fault.Wrap("request.SendLinks", err)
}

// sendLink answers one ask. Whichever node deletes it sends the link.
func (s *Service) sendLink(ctx context.Context, a ask) error {
	mail, err := s.linkFor(ctx, a)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.Exec(deleteAsk, a.workspaceID, a.id)
		if err != nil || n == 0 {
			return err
		}
		return mail.queue(tx)
	})
}

// linkFor gives the letter for an address, or none where nobody has it.
func (s *Service) linkFor(ctx context.Context, a ask) (letters, error) {
	key, err := s.Vault.Key(ctx, vault.Subject{Workspace: a.workspaceID})
	if err != nil {
		return nil, err
	}
	email, err := key.Open(askPlace(a.id), a.sealed)
	if err != nil {
		return nil, fault.Wrap("open an address", err)
	}
	token, err := s.Contacts.AddressToken(ctx, a.workspaceID, string(email))
	if err != nil {
		return nil, err
	}
	found, err := s.withAddress(ctx, a.workspaceID, token)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	ws, err := s.Workspaces.Get(ctx, a.workspaceID)
	if err != nil {
		return nil, err
	}
	for _, m := range found {
		c, err := s.Contacts.FindForVisitor(ctx, a.workspaceID, m.ID)
		if fault.Is(err, fault.KindNotFound) || fault.Is(err, fault.KindGone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		// Others may have claimed the address in a spelling that no server takes.
		if _, err := mail.CheckAddress(c.Email); err == nil {
			return s.linkLetters(ctx, ws, c, a.locale)
		}
	}
	return nil, nil
}

// mostContacts is how many contacts one address is looked up for.
const mostContacts = 50

func (s *Service) withAddress(ctx context.Context, workspaceID string, token []byte) (found []contacts.Match, err error) {
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		found, err = contacts.WithAddress(tx, workspaceID, token, mostContacts)
		return err
	})
	return found, err
}

const whoseLink = `SELECT contact_id FROM portal_links WHERE workspace_id = $1 AND token_hash = $2`

const takeLink = `DELETE FROM portal_links WHERE workspace_id = $1 AND token_hash = $2 AND expires_at > $3 RETURNING contact_id, email_token`

const insertSession = `INSERT INTO portal_sessions (workspace_id, token_hash, id, email_token, expires_at) VALUES ($1, $2, $3, $4, $5)`

// OpenLink uses a link up and gives the token of the portal session that it opens.
// One that was forged, used before, is of another workspace or has expired gives
// link_invalid, without a hint which.
func (s *Service) OpenLink(ctx context.Context, workspaceID, token string) (session string, err error) {
	if !looksLikeToken(token) {
		return "", invalidLink()
	}
	now := s.Clock.Now()
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		var contactID string
		var address, hash []byte
		// An erasure of the person is waited for, and then there is no link.
		err := tx.QueryRow(whoseLink, workspaceID, hashOf(token)).Scan(&contactID)
		if errors.Is(err, sql.ErrNoRows) {
			return invalidLink()
		}
		if err == nil {
			err = privacy.LockSubject(tx, privacy.Subject{WorkspaceID: workspaceID, ContactID: contactID})
		}
		if err != nil {
			return err
		}
		err = tx.QueryRow(takeLink, workspaceID, hashOf(token), clock.Micros(now)).Scan(&contactID, &address)
		if errors.Is(err, sql.ErrNoRows) {
			return invalidLink()
		}
		if err != nil {
			return err
		}
		session, hash = newToken()
		id := s.IDs.New("pts")
		if _, err := tx.Exec(insertSession, workspaceID, hash, id, address, clock.Micros(now.Add(SessionLife))); err != nil {
			return err
		}
		return s.Audit.Append(tx, audit.Entry{WorkspaceID: workspaceID, ActorType: actor.Contact, ActorID: contactID, Action: "portal.opened",
			TargetType: "contact", TargetID: contactID})
	})
	if err != nil {
		return "", fault.Wrap("request.OpenLink", err)
	}
	return session, nil
}

func invalidLink() error {
	return fault.Gone("link_invalid", "This link does not work any more: it was used, or half an hour has passed. Ask for a new one.")
}

const deleteOldLinks = `
	DELETE FROM portal_links WHERE (workspace_id, token_hash) IN
		(SELECT workspace_id, token_hash FROM portal_links WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)`

const deleteOldSessions = `
	DELETE FROM portal_sessions WHERE (workspace_id, token_hash) IN
		(SELECT workspace_id, token_hash FROM portal_sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)`

const deleteOldAsks = `
	DELETE FROM portal_asks WHERE (workspace_id, id) IN
		(SELECT workspace_id, id FROM portal_asks WHERE created_at <= $1 ORDER BY created_at LIMIT $2)`

// askLife is for how long a link that cannot be sent is tried.
const askLife = time.Hour

// Sweep removes links and sessions that are over, and addresses for which no link
// could be sent, at most limit of each.
func (s *Service) Sweep(ctx context.Context, limit int) error {
	now := clock.Micros(s.Clock.Now())
	return fault.Wrap("request.Sweep", s.DB.Write(ctx, func(tx *storage.Tx) error {
		if _, err := tx.Exec(deleteOldLinks, now, limit); err != nil {
			return err
		}
		if _, err := tx.Exec(deleteOldAsks, clock.Micros(s.Clock.Now().Add(-askLife)), limit); err != nil {
			return err
		}
		_, err := tx.Exec(deleteOldSessions, now, limit)
		return err
	}))
}
