package contacts

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/workspace"
)

const (
	insertContactBlock = `INSERT INTO contact_blocks (workspace_id, contact_id, reason, until, actor_type, actor_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (workspace_id, contact_id) DO UPDATE SET reason = excluded.reason, until = excluded.until, actor_type = excluded.actor_type,
			actor_id = excluded.actor_id, created_at = excluded.created_at`
	deleteContactBlock = `DELETE FROM contact_blocks WHERE workspace_id = $1 AND contact_id = $2`
)

// Block keeps a person out with all of their contacts, and with it, where that is
// asked for, their addresses and networks. A second one takes the place of the first.
// It protects others, so a restriction does not stand against it (GDPR article 18(2)).
func (s *Service) Block(ctx context.Context, contactID string, n NewBlock) (ContactBlock, error) {
	a, now := actor.From(ctx), s.clock.Now()
	if err := checkReason(n.Reason, n.Until, now); err != nil {
		return ContactBlock{}, err
	}
	entries, err := s.entriesOf(ctx, contactID, n)
	if err != nil {
		return ContactBlock{}, fault.Wrap("contacts.Block", err)
	}
	b := ContactBlock{Reason: n.Reason, Until: n.Until, By: a.Ref(), CreatedAt: now}
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		members, err := LockGroup(tx, privacy.Subject{WorkspaceID: a.WorkspaceID, ContactID: contactID})
		if err != nil {
			return err
		}
		for _, m := range members {
			if _, err := tx.Exec(insertContactBlock, a.WorkspaceID, m.ContactID, b.Reason, nullableTime(b.Until), string(a.Type), a.ID, clock.Micros(now)); err != nil {
				return err
			}
			if _, err := tx.Exec(deleteBlocksOf, a.WorkspaceID, m.ContactID); err != nil {
				return err
			}
		}
		if err := s.insertEntries(tx, a, members[0].ContactID, entries, now); err != nil {
			return err
		}
		s.updated(tx, members[0].Subject, a, now, "blocked")
		return s.audit.Append(tx, audit.Entry{WorkspaceID: a.WorkspaceID, ActorType: a.Type, ActorID: a.ID, Action: "contact.blocked",
			TargetType: "contact", TargetID: members[0].ContactID, Details: map[string]string{"reason": b.Reason, "entries": strconv.Itoa(len(entries))}})
	})
	return b, fault.Wrap("contacts.Block", err)
}

// Unblock lets a person in again, with the addresses and networks that their block
// brought. Who is not blocked stays so.
func (s *Service) Unblock(ctx context.Context, contactID string) error {
	a, now := actor.From(ctx), s.clock.Now()
	err := s.db.Write(ctx, func(tx *storage.Tx) error {
		members, err := LockGroup(tx, privacy.Subject{WorkspaceID: a.WorkspaceID, ContactID: contactID})
		if err != nil {
			return err
		}
		var gone int64
		for _, m := range members {
			for _, query := range []string{deleteContactBlock, deleteBlocksOf} {
				n, err := tx.Exec(query, a.WorkspaceID, m.ContactID)
				if err != nil {
					return err
				}
				gone += n
			}
		}
		if gone == 0 {
			return nil
		}
		s.updated(tx, members[0].Subject, a, now, "blocked")
		return s.audit.Append(tx, audit.Entry{WorkspaceID: a.WorkspaceID, ActorType: a.Type, ActorID: a.ID, Action: "contact.unblocked",
			TargetType: "contact", TargetID: members[0].ContactID})
	})
	return fault.Wrap("contacts.Unblock", err)
}

// entry is an entry of the blocklist that is ready to be stored.
type entry struct {
	BlockEntry
	token []byte
}

// entriesOf gives the entries that a person's block brings: their addresses, and the
// networks that technical data was kept of.
func (s *Service) entriesOf(ctx context.Context, contactID string, n NewBlock) ([]entry, error) {
	a := actor.From(ctx)
	if !n.Addresses && !n.Networks {
		return nil, nil
	}
	var members []privacy.Member
	err := s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		members, err = Group(tx, a.WorkspaceID, contactID)
		return err
	})
	if err != nil {
		return nil, err
	}
	ix, err := s.vault.Index(ctx, a.WorkspaceID)
	if err != nil {
		return nil, err
	}
	known, err := s.Know(ctx, a.WorkspaceID, IDsOf(members))
	if err != nil {
		return nil, err
	}
	var out []entry
	add := func(kind string, token []byte, until *time.Time) {
		e := entry{token: token}
		e.ID, e.Kind, e.Reason, e.Until, e.Outlives = s.ids.New(id.BlockEntry), kind, n.Reason, until, n.Outlives && kind == BlockEmail
		out = append(out, e)
	}
	for _, k := range known {
		if n.Addresses {
			for _, address := range k.profile.addresses(channels()[0], true) {
				add(BlockEmail, ix.Equal(tokenEmail, address.Address), n.Until)
			}
		}
		if !n.Networks {
			continue
		}
		var devices []Device
		err := s.db.Read(ctx, func(tx *storage.Tx) (err error) {
			devices, err = devicesOf(tx, k.key, k.sub)
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, d := range devices {
			if d.Network != "" {
				add(BlockNetwork, networkToken(ix, d.Network), networkUntil(n.Until, s.clock.Now()))
			}
		}
	}
	return out, nil
}

// deleteBlocksOf deletes what a person's block brought.
var deleteBlocksOf = `DELETE FROM blocks` + storage.FoundSQL("blocks", "workspace_id, id", `workspace_id = $1 AND contact_id = $2`)

const (
	insertEntry = `INSERT INTO blocks (workspace_id, id, kind, token, domain, contact_id, reason, until, outlives, actor_type, actor_id, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (workspace_id, kind, token) DO NOTHING`
	deleteEnded  = `DELETE FROM blocks WHERE workspace_id = $1 AND kind = $2 AND token = $3 AND until IS NOT NULL AND until <= $4`
	replaceEntry = `UPDATE blocks SET contact_id = NULL, reason = $1, until = $2, outlives = $3, actor_type = $4, actor_id = $5, created_at = $6
		WHERE workspace_id = $7 AND kind = $8 AND token = $9`
	countEntries = `SELECT COUNT(*) FROM blocks WHERE workspace_id = $1`
)

// insertEntries stores what a person's block brings. What is on the list already stays
// as it is.
func (s *Service) insertEntries(tx *storage.Tx, a actor.Actor, contactID string, entries []entry, now time.Time) error {
	for _, e := range entries {
		if _, err := tx.Exec(deleteEnded, a.WorkspaceID, e.Kind, e.token, clock.Micros(now)); err != nil {
			return err
		}
		if _, err := s.insertEntry(tx, a, e, contactID, now); err != nil {
			return err
		}
	}
	return s.checkRoom(tx, a.WorkspaceID)
}

func (s *Service) insertEntry(tx *storage.Tx, a actor.Actor, e entry, contactID string, now time.Time) (int64, error) {
	var contact any
	if contactID != "" {
		contact = contactID
	}
	outlives := 0
	if e.Outlives {
		outlives = 1
	}
	return tx.Exec(insertEntry, a.WorkspaceID, e.ID, e.Kind, e.token, e.Domain, contact, e.Reason, nullableTime(e.Until), outlives, string(a.Type), a.ID, clock.Micros(now))
}

func (s *Service) checkRoom(tx *storage.Tx, workspaceID string) error {
	n := 0
	if err := tx.QueryRow(countEntries, workspaceID).Scan(&n); err != nil {
		return err
	}
	if n > maxBlocks {
		return fault.Conflict("too_many_blocks", "The blocklist holds at most 10,000 addresses, domains and networks. Remove some first.")
	}
	return nil
}

// AddBlock puts an address, a domain or a network on the blocklist. One that is there
// already is changed.
func (s *Service) AddBlock(ctx context.Context, n NewBlockEntry) (BlockEntry, error) {
	a, now := actor.From(ctx), s.clock.Now()
	if err := checkReason(n.Reason, n.Until, now); err != nil {
		return BlockEntry{}, err
	}
	if n.Domain == "" && !a.Can(workspace.SeesAddresses) { // whether it is there already tells of an address
		return BlockEntry{}, fault.Forbidden(workspace.SeesAddresses)
	}
	ix, err := s.vault.Index(ctx, a.WorkspaceID)
	if err != nil {
		return BlockEntry{}, fault.Wrap("contacts.AddBlock", err)
	}
	e := entry{BlockEntry: BlockEntry{ID: s.ids.New(id.BlockEntry), Reason: n.Reason, Until: n.Until, By: a.Ref(), CreatedAt: now}}
	if e.Kind, e.token, e.Domain, err = n.token(ix); err != nil {
		return BlockEntry{}, err
	}
	e.Outlives = n.Outlives && e.Kind == BlockEmail
	if e.Kind == BlockNetwork {
		e.Until = networkUntil(n.Until, now)
	}
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		added, err := s.insertEntry(tx, a, e, "", now)
		if err != nil {
			return err
		}
		if added == 0 {
			outlives := 0
			if e.Outlives {
				outlives = 1
			}
			if _, err := tx.Exec(replaceEntry, e.Reason, nullableTime(e.Until), outlives, string(a.Type), a.ID, clock.Micros(now), a.WorkspaceID, e.Kind, e.token); err != nil {
				return err
			}
			if err := tx.QueryRow(`SELECT id FROM blocks WHERE workspace_id = $1 AND kind = $2 AND token = $3`, a.WorkspaceID, e.Kind, e.token).Scan(&e.ID); err != nil {
				return err
			}
		} else if err := s.checkRoom(tx, a.WorkspaceID); err != nil {
			return err
		}
		return s.logBlock(tx, a, "block.added", e.ID, e.Kind)
	})
	return e.BlockEntry, fault.Wrap("contacts.AddBlock", err)
}

func (s *Service) logBlock(tx *storage.Tx, a actor.Actor, action, entryID, kind string) error {
	return s.audit.Append(tx, audit.Entry{WorkspaceID: a.WorkspaceID, ActorType: a.Type, ActorID: a.ID, Action: action,
		TargetType: "block", TargetID: entryID, Details: map[string]string{"kind": kind}})
}

// RemoveBlock takes an entry off the blocklist.
func (s *Service) RemoveBlock(ctx context.Context, entryID string) error {
	a := actor.From(ctx)
	err := s.db.Write(ctx, func(tx *storage.Tx) error {
		var kind string
		err := tx.QueryRow(`SELECT kind FROM blocks WHERE workspace_id = $1 AND id = $2`, a.WorkspaceID, entryID).Scan(&kind)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.NotFound("entry of the blocklist")
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM blocks WHERE workspace_id = $1 AND id = $2`, a.WorkspaceID, entryID); err != nil {
			return err
		}
		return s.logBlock(tx, a, "block.removed", entryID, kind)
	})
	return fault.Wrap("contacts.RemoveBlock", err)
}

// SweepBlocks removes blocks that have ended, at most so many of each sort.
func (s *Service) SweepBlocks(ctx context.Context, limit int) error {
	now := clock.Micros(s.clock.Now())
	err := s.db.Write(ctx, func(tx *storage.Tx) error {
		for table, key := range map[string]string{"contact_blocks": "contact_id", "blocks": "id"} {
			query := strings.NewReplacer("TABLE", table, "KEY", key).Replace(`DELETE FROM TABLE WHERE (workspace_id, KEY) IN
				(SELECT workspace_id, KEY FROM TABLE WHERE until IS NOT NULL AND until <= $1 ORDER BY until LIMIT $2)`)
			if _, err := tx.Exec(query, now, limit); err != nil {
				return err
			}
		}
		return nil
	})
	return fault.Wrap("contacts.SweepBlocks", err)
}

// eraseBlocks removes the blocks of somebody who is erased: theirs, and of addresses
// those that are not to outlive them. Networks do not.
func eraseBlocks(tx *storage.Tx, sub privacy.Subject) (blocks, entries int64, err error) {
	entries, err = tx.Exec(`DELETE FROM blocks WHERE workspace_id = $1 AND outlives = 0 AND (contact_id = $2
		OR kind = 'email' AND token IN (SELECT t.token FROM contact_tokens t WHERE t.workspace_id = $1 AND t.contact_id = $2 AND t.kind = 'email'))`, sub.WorkspaceID, sub.ContactID)
	if err == nil {
		_, err = tx.Exec(`UPDATE blocks SET contact_id = NULL WHERE workspace_id = $1 AND contact_id = $2`, sub.WorkspaceID, sub.ContactID)
	}
	if err == nil {
		blocks, err = tx.Exec(deleteContactBlock, sub.WorkspaceID, sub.ContactID)
	}
	return blocks, entries, err
}

func nullableTime(t *time.Time) any {
	if t == nil {
		return nil
	}
	return clock.Micros(*t)
}
