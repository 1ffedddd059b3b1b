package contacts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// 2592000000000 microseconds are 30 days: how coarse an old "last seen" becomes.
const seenExactly = `c.workspace_id = $1 AND c.last_seen_at < $2 AND c.last_seen_at % 2592000000000 <> 0`

const coarsen = `UPDATE contacts SET last_seen_at = (last_seen_at / 2592000000000 + 1) * 2592000000000
	WHERE workspace_id = $1 AND id IN (SELECT c.id FROM contacts c WHERE ` + seenExactly

// Ages names what a workspace may set a term for: people who do not come any more,
// when exactly somebody was last here, what a rectified field said before, notes, and what was kept of browsers.
func (s *Service) Ages() []string {
	return []string{privacy.AgesContacts, privacy.AgesTechnical, privacy.AgesChanges, privacy.AgesNotes, privacy.AgesDevices}
}

// Retain makes an old "last seen" coarse: it is moved on to the end of a span of 30
// days. It is not taken away, since who is idle must stay known, and never too early.
// It forgets old former values and notes. Idle people themselves are erased through the
// privacy service, not here.
func (s *Service) Retain(_ context.Context, tx *storage.Tx, r privacy.Rule) (int64, error) {
	if r.Category == privacy.AgesDevices {
		return retainDevices(tx, r)
	}
	if r.Category == privacy.AgesChanges {
		return forgetFormer(tx, r)
	}
	if r.Category == privacy.AgesNotes {
		return forgetNotes(tx, r)
	}
	if r.Category != privacy.AgesTechnical {
		return 0, nil
	}
	n, err := tx.Exec(coarsen+r.OfContacts()+` ORDER BY c.last_seen_at LIMIT $3)`, r.WorkspaceID, clock.Micros(r.Before), r.Limit)
	r.Note("contacts.last_seen_at", n)
	return n, err
}

// Due counts what Retain would make coarse, and for a rule about contacts who would
// be erased.
func (s *Service) Due(_ context.Context, tx *storage.Tx, r privacy.Rule) (privacy.Counts, error) {
	var n int64
	if r.Category == privacy.AgesDevices {
		err := tx.QueryRow(`SELECT COUNT(*)`+oldDevices+r.Of("d"), r.WorkspaceID, clock.Micros(r.Before)).Scan(&n)
		return privacy.Counts{"contact_devices": n}, err
	}
	if r.Category == privacy.AgesChanges {
		err := tx.QueryRow(`SELECT COUNT(*) `+oldFormer+r.Of("h"), r.WorkspaceID, clock.Micros(r.Before)).Scan(&n)
		return privacy.Counts{"contact_changes.former_sealed": n}, err
	}
	if r.Category == privacy.AgesNotes {
		err := tx.QueryRow(`SELECT COUNT(*) `+oldNotes+r.Of("h"), r.WorkspaceID, clock.Micros(r.Before)).Scan(&n)
		return privacy.Counts{"contact_notes": n}, err
	}
	if r.Category == privacy.AgesTechnical {
		err := tx.QueryRow(`SELECT COUNT(*) FROM contacts c WHERE `+seenExactly+r.OfContacts(), r.WorkspaceID, clock.Micros(r.Before)).Scan(&n)
		return privacy.Counts{"contacts.last_seen_at": n}, err
	}
	err := tx.QueryRow(`SELECT COUNT(*) FROM contacts c WHERE c.workspace_id = $1 AND `+Idle(clock.Micros(r.Before))+r.OfContacts(), r.WorkspaceID).Scan(&n)
	return privacy.Counts{"contacts": n}, err
}

// Idle is an SQL condition on contacts c: nobody has seen or changed them since a
// moment, with whichever of the contacts that are the person. Those in the bin go by
// the bin's own term.
func Idle(since int64) string {
	return fmt.Sprintf(`COALESCE(c.last_seen_at, c.created_at) < %d AND c.updated_at < %d AND c.deleted_at IS NULL AND c.merged_into IS NULL
		AND NOT EXISTS (SELECT 1 FROM contacts m WHERE m.workspace_id = c.workspace_id AND m.merged_into = c.id
			AND (COALESCE(m.last_seen_at, m.created_at) >= %d OR m.updated_at >= %d))`, since, since, since, since)
}

// IdleAt is a place in the order in which people became idle.
type IdleAt struct {
	Since int64
	ID    string
}

func idleSQL(r privacy.Rule) string {
	return `SELECT COALESCE(c.last_seen_at, c.created_at), c.id FROM contacts c
		WHERE c.workspace_id = $1 AND (COALESCE(c.last_seen_at, c.created_at), c.id) > ($2, $3) AND ` + Idle(clock.Micros(r.Before)) + r.OfContacts() + `
		ORDER BY COALESCE(c.last_seen_at, c.created_at), c.id LIMIT $4`
}

// IdleContacts gives people whom a rule about contacts has come to, the longest idle
// first: those after a place, at most r.Limit.
func IdleContacts(tx *storage.Tx, r privacy.Rule, after IdleAt) ([]IdleAt, error) {
	rows, err := tx.Query(idleSQL(r), r.WorkspaceID, after.Since, after.ID, r.Limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []IdleAt
	for rows.Next() {
		var at IdleAt
		if err := rows.Scan(&at.Since, &at.ID); err != nil {
			return nil, err
		}
		out = append(out, at)
	}
	return out, rows.Err()
}

// IsIdle tells whether a rule about contacts has come to somebody.
func IsIdle(tx *storage.Tx, r privacy.Rule, contactID string) (bool, error) {
	var one int
	err := tx.QueryRow(`SELECT 1 FROM contacts c WHERE c.workspace_id = $1 AND c.id = $2 AND `+Idle(clock.Micros(r.Before))+r.OfContacts(),
		r.WorkspaceID, contactID).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
