package contacts

import (
	"context"
	"fmt"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Whoever is blocked takes part in nothing: they begin no conversation, write, post
// and vote nothing, and are not made known by a page. Whatever takes something from
// people asks here, and nowhere else decides. Their rights over their data stay.

// alive is an SQL condition on a block b: it has not ended by the moment of a
// parameter, of which the number is given.
const (
	alive2 = `(b.until IS NULL OR b.until > $2)`
	alive3 = `(b.until IS NULL OR b.until > $3)`
)

// One contact of the person is blocked; or an address of theirs is; or there are
// domains, which only the addresses themselves can tell.
//
// SQLite is told where to begin: by itself it reads all people of the workspace, and all
// of its blocklist. The joins are in the order in which they are written, and the empty
// token, which is below every other, has it take the index.
const selectBlocked = `
	WITH person AS (SELECT m.id FROM contacts c JOIN contacts m ON m.workspace_id = c.workspace_id AND m.id = COALESCE(c.merged_into, c.id)
			WHERE c.workspace_id = $1 AND c.id = $2
		UNION ALL SELECT m.id FROM contacts c JOIN contacts m ON m.workspace_id = c.workspace_id AND m.merged_into = COALESCE(c.merged_into, c.id)
			WHERE c.workspace_id = $1 AND c.id = $2)
	SELECT CASE WHEN EXISTS (SELECT 1 FROM person JOIN contact_blocks b ON b.workspace_id = $1 AND b.contact_id = person.id WHERE ` + alive3 + `)
			OR EXISTS (SELECT 1 FROM person CROSS JOIN contact_tokens t CROSS JOIN blocks b WHERE t.workspace_id = $1 AND t.contact_id = person.id AND t.kind = 'email'
				AND b.workspace_id = $1 AND b.kind = 'email' AND b.token = t.token AND ` + alive3 + `) THEN 1
		WHEN EXISTS (SELECT 1 FROM blocks b WHERE b.workspace_id = $1 AND b.kind = 'domain' AND b.token > $4 AND ` + alive3 + `) THEN 2 ELSE 0 END`

// IsBlocked tells whether a person is not let in, by whichever of their contacts: they
// are blocked themselves, or an address of theirs or its domain is. Who is not there
// is not blocked.
func (s *Service) IsBlocked(ctx context.Context, tx *storage.Tx, workspaceID, contactID string) (bool, error) {
	var answer int
	if err := tx.QueryRow(selectBlocked, workspaceID, contactID, clock.Micros(s.clock.Now()), []byte{}).Scan(&answer); err != nil {
		return false, fault.Wrap("contacts.IsBlocked", err)
	}
	if answer < 2 {
		return answer == 1, nil
	}
	blocked, err := s.hasBlockedDomain(ctx, tx, workspaceID, contactID)
	return blocked, fault.Wrap("contacts.IsBlocked", err)
}

// isBlocked is IsBlocked in a transaction of its own.
func (s *Service) isBlocked(ctx context.Context, sub privacy.Subject) (blocked bool, err error) {
	err = s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		blocked, err = s.IsBlocked(ctx, tx, sub.WorkspaceID, sub.ContactID)
		return err
	})
	return blocked, err
}

// RefuseBlocked is nil where an actor may take part as a contact, and [BlockedError]
// where they are a visitor who is not let in. What the customer's people do for
// somebody is up to them.
func (s *Service) RefuseBlocked(ctx context.Context, tx *storage.Tx, a actor.Actor, contactID string) error {
	if privacy.WorksForCustomer(a) || a.Type == actor.System || contactID == "" {
		return nil
	}
	blocked, err := s.IsBlocked(ctx, tx, a.WorkspaceID, contactID)
	if err == nil && blocked {
		err = BlockedError()
	}
	return err
}

// hasBlockedDomain tells whether an address of a person is under a blocked domain.
func (s *Service) hasBlockedDomain(ctx context.Context, tx *storage.Tx, workspaceID, contactID string) (bool, error) {
	members, err := Group(tx, workspaceID, contactID)
	if fault.Is(err, fault.KindNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	ix, err := s.vault.Index(ctx, workspaceID)
	if err != nil {
		return false, err
	}
	var tokens [][]byte
	for _, m := range members {
		r, err := loadByID(tx, workspaceID, m.ContactID)
		if err != nil {
			return false, err
		}
		key, err := s.vault.Key(ctx, vault.Subject{Workspace: workspaceID, ID: m.ContactID})
		if fault.Is(err, fault.KindGone) {
			continue // erased
		}
		if err != nil {
			return false, err
		}
		p, err := openProfile(key, r)
		if err != nil {
			return false, err
		}
		for _, a := range p.addresses(channels()[0], true) {
			tokens = append(tokens, domainTokens(ix, a.Address)...)
		}
	}
	return s.blocks(tx, workspaceID, BlockDomain, tokens)
}

// blocks tells whether one of some tokens is on the blocklist.
func (s *Service) blocks(tx *storage.Tx, workspaceID, kind string, tokens [][]byte) (bool, error) {
	if len(tokens) == 0 {
		return false, nil
	}
	args := []any{workspaceID, kind, clock.Micros(s.clock.Now())}
	for _, t := range tokens {
		args = append(args, t)
	}
	var n int
	err := tx.QueryRow(selectTokens(len(tokens)), args...).Scan(&n)
	return n > 0, err
}

// selectTokens counts the blocks of one kind of n tokens.
func selectTokens(n int) string {
	places := make([]string, n)
	for i := range places {
		places[i] = fmt.Sprintf("$%d", i+4)
	}
	return `SELECT COUNT(*) FROM blocks b WHERE b.workspace_id = $1 AND b.kind = $2 AND ` + alive3 + ` AND b.token IN (` + strings.Join(places, ", ") + `)`
}

// IsBlockedAddress tells whether an address, or the domain that it is under, is on the
// blocklist: for who comes with an address and is not known yet.
func (s *Service) IsBlockedAddress(ctx context.Context, workspaceID, email string) (bool, error) {
	if email == "" {
		return false, nil
	}
	ix, err := s.vault.Index(ctx, workspaceID)
	if err != nil {
		return false, fault.Wrap("contacts.IsBlockedAddress", err)
	}
	var blocked bool
	err = s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		if blocked, err = s.blocks(tx, workspaceID, BlockEmail, [][]byte{ix.Equal(tokenEmail, email)}); err != nil || blocked {
			return err
		}
		blocked, err = s.blocks(tx, workspaceID, BlockDomain, domainTokens(ix, email))
		return err
	})
	return blocked, fault.Wrap("contacts.IsBlockedAddress", err)
}

// IsBlockedNetwork tells whether nobody is let in from a network, as
// workspace.NetworkFrom gives it.
func (s *Service) IsBlockedNetwork(ctx context.Context, workspaceID, network string) (bool, error) {
	short := httpx.ShortNetwork(network)
	if short == "" {
		return false, nil
	}
	ix, err := s.vault.Index(ctx, workspaceID)
	if err != nil {
		return false, fault.Wrap("contacts.IsBlockedNetwork", err)
	}
	var blocked bool
	err = s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		blocked, err = s.blocks(tx, workspaceID, BlockNetwork, [][]byte{networkToken(ix, short)})
		return err
	})
	return blocked, fault.Wrap("contacts.IsBlockedNetwork", err)
}

// LetsIn is nil where somebody may take part who comes as a contact from a network,
// and [BlockedError] where they may not. The contact need not be there yet.
func (s *Service) LetsIn(ctx context.Context, workspaceID, contactID, network string) error {
	blocked, err := s.isBlocked(ctx, privacy.Subject{WorkspaceID: workspaceID, ContactID: contactID})
	if err == nil && !blocked {
		blocked, err = s.IsBlockedNetwork(ctx, workspaceID, network)
	}
	if err == nil && blocked {
		return BlockedError()
	}
	return fault.Wrap("contacts.LetsIn", err)
}
