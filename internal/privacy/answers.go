package privacy

import (
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
)

// answersUnderWay is the longest that a request may still be served whose answer is
// not stored yet.
const answersUnderWay = time.Hour

const (
	dropAnswers       = `UPDATE idempotency_keys SET status = 0, response_sealed = NULL WHERE workspace_id = $1 AND contact_id = $2`
	dropSharedAnswers = `
	UPDATE idempotency_keys SET status = 0, response_sealed = NULL WHERE workspace_id = $1 AND key_hash IN
		(SELECT key_hash FROM idempotency_people WHERE workspace_id = $1 AND contact_id = $2)`
	dropSharedPeople = `
	DELETE FROM idempotency_people WHERE workspace_id = $1 AND key_hash IN
		(SELECT key_hash FROM idempotency_people WHERE workspace_id = $1 AND contact_id = $2)`
	// The person is not known yet whom these will be about.
	dropComing = `UPDATE idempotency_keys SET status = 0 WHERE workspace_id = $1 AND created_at > $2 AND status IS NULL`
)

func dropAnswersOf(tx *storage.Tx, members []Member, now time.Time) error {
	for _, m := range members {
		if err := DropAnswers(tx, m.Subject, now); err != nil {
			return err
		}
	}
	return nil
}

// DropAnswers forgets the answers kept for Idempotency-Key that may show what was
// just taken out of what a person wrote, those included that are being stored at
// this moment. Their keys stay, so that nothing happens twice: whoever repeats such
// a request is told that it took effect.
func DropAnswers(tx *storage.Tx, sub Subject, now time.Time) error {
	if _, err := tx.Exec(dropAnswers, sub.WorkspaceID, sub.ContactID); err != nil {
		return err
	}
	if _, err := dropShared(tx, sub); err != nil {
		return err
	}
	_, err := tx.Exec(dropComing, sub.WorkspaceID, clock.Micros(now.Add(-answersUnderWay)))
	return err
}

// dropShared forgets the kept answers that are about a person and about others, and
// tells of how many people they were.
func dropShared(tx *storage.Tx, sub Subject) (int64, error) {
	if _, err := tx.Exec(dropSharedAnswers, sub.WorkspaceID, sub.ContactID); err != nil {
		return 0, err
	}
	return tx.Exec(dropSharedPeople, sub.WorkspaceID, sub.ContactID)
}
