package audit

import (
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
)

// forgottenAction is the entry that says up to which position the rows of whom
// reads concern were removed by a retention rule. The reads' own entries stay.
const forgottenAction = "audit.reads_forgotten"

const (
	selectForgotten = `
		SELECT details FROM audit_entries WHERE workspace_id = $1 AND area = 'audit' AND action = $2
		ORDER BY position DESC LIMIT 1`
	selectOldReads = selectEntry + `
		WHERE e.workspace_id = $1 AND e.area = 'access' AND e.position >= $2 ORDER BY e.position LIMIT $3`
	deleteSubject = `DELETE FROM access_subjects WHERE workspace_id = $1 AND contact_id = $2 AND position = $3`
)

// forgottenUpTo gives the position below which whom reads concern was forgotten.
func forgottenUpTo(tx *storage.Tx, workspaceID string) (int64, error) {
	return upTo(tx, workspaceID, forgottenAction)
}

// oldReads visits reads from before a moment, the oldest that is not forgotten
// first, until visit says that it is enough.
func oldReads(tx *storage.Tx, workspaceID string, before time.Time, page int, visit func(placedRow) (more bool)) error {
	from, err := forgottenUpTo(tx, workspaceID)
	if err != nil {
		return err
	}
	for {
		rows, err := scanRows(tx.Query(selectOldReads, workspaceID, from, page))
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			if r.occurredAt >= clock.Micros(before) || !visit(r) {
				return nil
			}
			from = r.position + 1
		}
	}
}

// OldReads counts the rows of whom reads concern that [Log.ForgetReads] would remove.
func OldReads(tx *storage.Tx, workspaceID string, before time.Time) (n int64, err error) {
	err = oldReads(tx, workspaceID, before, pageOfEntries, func(r placedRow) bool {
		n += int64(len(r.access().Subjects))
		return true
	})
	return n, err
}

// ForgetReads removes, of reads from before a moment, by whom they can be looked up,
// the oldest first: about limit rows. The entries stay, so that the log can be
// verified; an entry of its own says how far it went.
func (l *Log) ForgetReads(tx *storage.Tx, workspaceID string, before time.Time, limit int) (int64, error) {
	var subjects []subjectRow
	upTo := int64(-1)
	err := oldReads(tx, workspaceID, before, min(limit, pageOfEntries), func(r placedRow) bool {
		if len(subjects) >= limit {
			return false
		}
		for _, contactID := range r.access().Subjects {
			subjects = append(subjects, subjectRow{contactID, r.position})
		}
		upTo = r.position + 1
		return true
	})
	if err != nil || upTo < 0 {
		return 0, err
	}
	for _, s := range subjects {
		if _, err := tx.Exec(deleteSubject, workspaceID, s.contactID, s.position); err != nil {
			return 0, err
		}
	}
	tx.Defer(l.first, l.own(workspaceID, forgottenAction, "", "", map[string]string{"up_to": count(upTo)}))
	return int64(len(subjects)), nil
}
