package contacts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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
	deleteBlocksOf     = `DELETE FROM blocks WHERE workspace_id = $1 AND contact_id = $2`
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

const entryColumns = `b.id, b.kind, b.domain, b.contact_id, b.reason, COALESCE(b.until, 0), b.outlives, b.actor_type, b.actor_id, b.created_at`

func scanEntry(row scanner) (BlockEntry, error) {
	var e BlockEntry
	var until, created, outlives int64
	var actorType string
	err := row.Scan(&e.ID, &e.Kind, &e.Domain, &e.ContactID, &e.Reason, &until, &outlives, &actorType, &e.By.ID, &created)
	e.Until, e.CreatedAt, e.Outlives, e.By.Type = pointer(clock.FromMicros(until)), clock.FromMicros(created), outlives == 1, actor.Type(actorType)
	return e, err
}

func scanEntries(rows *sql.Rows, err error) ([]BlockEntry, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []BlockEntry{}
	for rows.Next() {
		e, err := scanEntry(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

var selectEntries = `SELECT ` + entryColumns + ` FROM blocks b WHERE b.workspace_id = $1 AND b.id < $2 AND ` + alive(3) + ` ORDER BY b.id DESC LIMIT $4`

// Blocks gives the entries of the blocklist that are in force, newest first: those
// before an id ("" for the first page), at most limit.
func (s *Service) Blocks(ctx context.Context, before string, limit int) (out []BlockEntry, err error) {
	if before == "" {
		before = "~"
	}
	err = s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		out, err = scanEntries(tx.Query(selectEntries, actor.From(ctx).WorkspaceID, before, clock.Micros(s.clock.Now()), limit))
		return err
	})
	return out, fault.Wrap("contacts.Blocks", err)
}

// A person's block is that of whichever of their contacts; of several the one that
// ends last.
const selectBlocksOf = `
	SELECT COALESCE(c.merged_into, c.id), b.reason, COALESCE(b.until, 0), b.actor_type, b.actor_id, b.created_at
	FROM contacts c JOIN contact_blocks b ON b.workspace_id = c.workspace_id AND b.contact_id = c.id
	WHERE c.id IN (VALUES %s) AND c.workspace_id = $%d AND (b.until IS NULL OR b.until > $%d)
	UNION ALL
	SELECT c.merged_into, b.reason, COALESCE(b.until, 0), b.actor_type, b.actor_id, b.created_at
	FROM contacts c JOIN contact_blocks b ON b.workspace_id = c.workspace_id AND b.contact_id = c.id
	WHERE c.merged_into IN (VALUES %s) AND c.workspace_id = $%d AND (b.until IS NULL OR b.until > $%d)`

// blocksOf gives who of some people is blocked, and how.
func (s *Service) blocksOf(tx *storage.Tx, workspaceID string, contactIDs []string) (map[string]*ContactBlock, error) {
	out := map[string]*ContactBlock{}
	for from, to := range storage.Chunks(len(contactIDs), 1) {
		args := make([]any, 0, to-from+2)
		for _, one := range contactIDs[from:to] {
			args = append(args, one)
		}
		n, places := to-from, storage.Values(to-from, 1)
		rows, err := tx.Query(fmt.Sprintf(selectBlocksOf, places, n+1, n+2, places, n+1, n+2), append(args, workspaceID, clock.Micros(s.clock.Now()))...)
		if err == nil {
			err = scanBlocksOf(rows, out)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func scanBlocksOf(rows *sql.Rows, into map[string]*ContactBlock) error {
	defer rows.Close()
	for rows.Next() {
		var b ContactBlock
		var who, actorType string
		var until, created int64
		if err := rows.Scan(&who, &b.Reason, &until, &actorType, &b.By.ID, &created); err != nil {
			return err
		}
		b.Until, b.CreatedAt, b.By.Type = pointer(clock.FromMicros(until)), clock.FromMicros(created), actor.Type(actorType)
		if was := into[who]; was == nil || was.Until != nil && (b.Until == nil || b.Until.After(*was.Until)) {
			into[who] = &b
		}
	}
	return rows.Err()
}

func nullableTime(t *time.Time) any {
	if t == nil {
		return nil
	}
	return clock.Micros(*t)
}

var selectBlockedPeople = `
	SELECT ` + columns + ` FROM contacts WHERE workspace_id = $1 AND id < $2 AND deleted_at IS NULL AND merged_into IS NULL AND id IN (
		SELECT COALESCE(c.merged_into, c.id) FROM contact_blocks b JOIN contacts c ON c.workspace_id = b.workspace_id AND c.id = b.contact_id
		WHERE b.workspace_id = $1 AND ` + alive(3) + `)
	ORDER BY id DESC LIMIT $4`

// Blocked gives contacts who are blocked themselves, as [Service.List] does.
func (s *Service) Blocked(ctx context.Context, before string, limit int) ([]Contact, error) {
	if before == "" {
		before = beyond
	}
	return s.list(ctx, "contacts.list", before, limit, func(tx *storage.Tx, workspaceID, before string, limit int) ([]record, error) {
		return scanRecords(tx.Query(selectBlockedPeople, workspaceID, before, clock.Micros(s.clock.Now()), limit))
	})
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

// searchedBlock says which address is looked for on the blocklist.
type searchedBlock struct {
	Email string `json:"email" minLength:"3" maxLength:"254"`
}

var selectByTokens = `SELECT ` + entryColumns + ` FROM blocks b WHERE b.workspace_id = $1 AND ` + alive(2) + ` AND `

// BlocksOn gives the entries of the blocklist by which an address is kept out.
func (s *Service) BlocksOn(ctx context.Context, email string) (out []BlockEntry, err error) {
	a := actor.From(ctx)
	if !a.Can(workspace.SeesAddresses) {
		return nil, fault.Forbidden(workspace.SeesAddresses)
	}
	ix, err := s.vault.Index(ctx, a.WorkspaceID)
	if err != nil {
		return nil, fault.Wrap("contacts.BlocksOn", err)
	}
	args, places := []any{a.WorkspaceID, clock.Micros(s.clock.Now()), ix.Equal(tokenEmail, email)}, []string{}
	for i, t := range domainTokens(ix, email) {
		args = append(args, t)
		places = append(places, fmt.Sprintf("$%d", i+4))
	}
	where := `b.kind = 'email' AND b.token = $3`
	if len(places) > 0 {
		where = `(` + where + ` OR b.kind = 'domain' AND b.token IN (` + strings.Join(places, ", ") + `))`
	}
	err = s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		out, err = scanEntries(tx.Query(selectByTokens+where+` ORDER BY b.id DESC`, args...))
		return err
	})
	return out, fault.Wrap("contacts.BlocksOn", err)
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
