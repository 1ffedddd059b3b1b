package contacts

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/workspace"
)

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

const selectEntries = `SELECT ` + entryColumns + ` FROM blocks b WHERE b.workspace_id = $1 AND b.id < $2 AND ` + alive3 + ` ORDER BY b.id DESC LIMIT $4`

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

const selectBlockedPeople = `
	SELECT ` + columns + ` FROM contacts WHERE workspace_id = $1 AND id < $2 AND deleted_at IS NULL AND merged_into IS NULL AND id IN (
		SELECT COALESCE(c.merged_into, c.id) FROM contact_blocks b JOIN contacts c ON c.workspace_id = b.workspace_id AND c.id = b.contact_id
		WHERE b.workspace_id = $1 AND ` + alive3 + `)
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

// searchedBlock says which address is looked for on the blocklist.
type searchedBlock struct {
	Email string `json:"email" minLength:"3" maxLength:"254"`
}

const selectByTokens = `SELECT ` + entryColumns + ` FROM blocks b WHERE b.workspace_id = $1 AND ` + alive2 + ` AND `

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
