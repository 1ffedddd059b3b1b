package contacts

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage"
)

// People is the contacts' table as privacy sees it: how things stand with a
// person, and the marks that it sets.
func People() privacy.People {
	return privacy.People{Standing: standing, Members: membersOfPerson, Lock: LockGroup, MarkRestricted: markRestricted, MarkHeld: markHeld}
}

func membersOfPerson(tx *storage.Tx, sub privacy.Subject) ([]privacy.Member, error) {
	return Group(tx, sub.WorkspaceID, sub.ContactID)
}

const selectStanding = `
	SELECT COALESCE(c.restricted_at, 0), COALESCE(c.held_until, 0), COALESCE(c.deleted_at, 0), CASE WHEN c.merged_into IS NOT NULL
		OR EXISTS (SELECT 1 FROM contacts m WHERE m.workspace_id = c.workspace_id AND m.merged_into = c.id) THEN 1 ELSE 0 END
	FROM contacts c WHERE c.workspace_id = $1 AND c.id = $2`

func standing(tx *storage.Tx, sub privacy.Subject) (privacy.Standing, error) {
	var restricted, held, binned, joined int64
	err := tx.QueryRow(selectStanding, sub.WorkspaceID, sub.ContactID).Scan(&restricted, &held, &binned, &joined)
	if errors.Is(err, sql.ErrNoRows) {
		return privacy.Standing{}, fault.NotFound("contact")
	}
	return privacy.Standing{RestrictedAt: clock.FromMicros(restricted), HeldUntil: clock.FromMicros(held), BinnedAt: clock.FromMicros(binned),
		Joined: joined != 0}, err
}

// RestrictedAmong gives those of some people whose data is restricted.
func RestrictedAmong(tx *storage.Tx, workspaceID string, contactIDs []string) (map[string]bool, error) {
	out := map[string]bool{}
	for from, to := range storage.Chunks(len(contactIDs), 1) {
		args := make([]any, 0, to-from+1)
		for _, id := range contactIDs[from:to] {
			args = append(args, id)
		}
		rows, err := tx.Query(fmt.Sprintf(`SELECT id FROM contacts WHERE id IN (VALUES %s) AND workspace_id = $%d AND restricted_at IS NOT NULL`,
			storage.Values(to-from, 1), to-from+1), append(args, workspaceID)...)
		if err != nil {
			return nil, err
		}
		found, err := scanIDs(rows)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			out[id] = true
		}
	}
	return out, nil
}

// A mark moves the contact's version, so that whoever is changing the contact
// meanwhile looks again. It is on all contacts that are the person, so that every
// query may ask the one it has.
const (
	updateRestricted = `UPDATE contacts SET restricted_at = $1, updated_at = CASE WHEN updated_at < $2 THEN $2 ELSE updated_at + 1 END
		WHERE workspace_id = $3 AND id = $4`
	updateHeld = `UPDATE contacts SET held_until = $1, updated_at = CASE WHEN updated_at < $2 THEN $2 ELSE updated_at + 1 END
		WHERE workspace_id = $3 AND id = $4`
)

func markRestricted(tx *storage.Tx, sub privacy.Subject, since, now time.Time) error {
	return mark(tx, updateRestricted, sub, since, now)
}

func markHeld(tx *storage.Tx, sub privacy.Subject, until, now time.Time) error {
	return mark(tx, updateHeld, sub, until, now)
}

func mark(tx *storage.Tx, query string, sub privacy.Subject, at, now time.Time) error {
	members, err := Group(tx, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return err
	}
	for _, m := range members {
		if _, err := tx.Exec(query, nullable(at), clock.Micros(now), m.WorkspaceID, m.ContactID); err != nil {
			return err
		}
		segment.Changed(tx, m.WorkspaceID, m.ContactID)
	}
	return nil
}
