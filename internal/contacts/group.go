package contacts

import (
	"slices"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// A person may be several contacts: a survivor and those who were merged into it.
// The rows about each stay where they are, under the contact whose key seals them;
// what belongs to one person is asked for here (ADR 0012).

const selectGroup = `
	SELECT m.id, 0 FROM contacts c JOIN contacts m ON m.workspace_id = c.workspace_id AND m.id = COALESCE(c.merged_into, c.id)
	WHERE c.workspace_id = $1 AND c.id = $2
	UNION ALL
	SELECT m.id, m.merged_at FROM contacts c JOIN contacts m ON m.workspace_id = c.workspace_id AND m.merged_into = COALESCE(c.merged_into, c.id)
	WHERE c.workspace_id = $1 AND c.id = $2
	ORDER BY 2, 1`

// Group gives all contacts that are one person with this one, the survivor first,
// then in the order in which they joined. Somebody who was never merged is alone.
func Group(tx *storage.Tx, workspaceID, contactID string) ([]privacy.Member, error) {
	rows, err := tx.Query(selectGroup, workspaceID, contactID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []privacy.Member
	for rows.Next() {
		m := privacy.Member{Subject: privacy.Subject{WorkspaceID: workspaceID}}
		var joined int64
		if err := rows.Scan(&m.ContactID, &joined); err != nil {
			return nil, err
		}
		m.JoinedAt = clock.FromMicros(joined)
		out = append(out, m)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, fault.NotFound("contact")
	}
	return out, nil
}

// IDsOf gives the members' ids, in their order.
func IDsOf(members []privacy.Member) []string {
	out := make([]string, len(members))
	for i, m := range members {
		out[i] = m.ContactID
	}
	return out
}

// IsSame tells whether two contacts are one person.
func IsSame(tx *storage.Tx, workspaceID, one, other string) (bool, error) {
	if one == other {
		return true, nil
	}
	members, err := Group(tx, workspaceID, one)
	if fault.Is(err, fault.KindNotFound) {
		return false, nil
	}
	return slices.Contains(IDsOf(members), other), err
}

// Survivor gives the contact that stands for the person: itself, or the one that it
// was merged into.
func Survivor(tx *storage.Tx, workspaceID, contactID string) (string, error) {
	members, err := Group(tx, workspaceID, contactID)
	if err != nil {
		return "", err
	}
	return members[0].ContactID, nil
}

// LockGroup has transactions about one person wait for each other, whichever of
// their contacts they name, and gives all of these. The survivor is locked first,
// then the others by id, so that two of them never wait for each other.
func LockGroup(tx *storage.Tx, sub privacy.Subject) ([]privacy.Member, error) {
	for {
		before, err := Group(tx, sub.WorkspaceID, sub.ContactID)
		if err != nil || tx.Engine() == storage.SQLite { // where nobody else writes meanwhile
			return before, err
		}
		for _, id := range append(IDsOf(before[:1]), slices.Sorted(slices.Values(IDsOf(before[1:])))...) {
			if err := privacy.LockSubject(tx, privacy.Subject{WorkspaceID: sub.WorkspaceID, ContactID: id}); err != nil {
				return nil, err
			}
		}
		after, err := Group(tx, sub.WorkspaceID, sub.ContactID)
		if err != nil {
			return nil, err
		}
		if slices.Equal(IDsOf(before), IDsOf(after)) {
			return after, nil // nobody joined or left while this waited
		}
	}
}

// loadPerson gives the contact that stands for a person: of one that was merged the
// survivor's row.
func loadPerson(tx *storage.Tx, workspaceID, contactID string) (record, error) {
	r, err := loadByID(tx, workspaceID, contactID)
	if err == nil && r.merged != "" {
		r, err = loadByID(tx, workspaceID, r.merged)
	}
	return r, err
}

const selectMembersOf = `SELECT id FROM contacts WHERE workspace_id = $1 AND merged_into = $2 ORDER BY merged_at, id`

// membersOf gives those who were merged into a contact.
func membersOf(tx *storage.Tx, workspaceID, survivorID string) ([]string, error) {
	rows, err := tx.Query(selectMembersOf, workspaceID, survivorID)
	if err != nil {
		return nil, err
	}
	return scanIDs(rows)
}
