package mail

import (
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

const selectBounced = `
	SELECT COUNT(*) FROM mails WHERE workspace_id = $1 AND contact_id = $2 AND created_at > $3 AND code IN ('` + CodeRecipientRefused + `', '` + CodeAddressInvalid + `')`

// Reaches tells whether mail reaches a contact, as far as is known: nil, or conflict
// where a server refused their address within the last 30 days. Mails that people can
// do without are not sent there again.
func (s *Service) Reaches(tx *storage.Tx, sub privacy.Subject, now time.Time) error {
	var n int
	err := tx.QueryRow(selectBounced, sub.WorkspaceID, sub.ContactID, clock.Micros(now.Add(-30*24*time.Hour))).Scan(&n)
	if err == nil && n > 0 {
		err = fault.Conflict("mail_bounced", "Mail to this person was refused lately.")
	}
	return fault.Wrap("mail.Reaches", err)
}
