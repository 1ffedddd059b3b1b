package mail

import (
	"context"
	"database/sql"
	"errors"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

const retryMail = `
	UPDATE mails SET state = 'queued', code = NULL, attempts = 0, next_at = $1, first_at = NULL, finished_at = NULL, values_until = NULL
	WHERE workspace_id = $2 AND id = $3 AND state = 'failed' AND values_until > $4`

func load(tx *storage.Tx, workspaceID, id string) (row, error) {
	r, err := scan(tx.QueryRow(selectMail, workspaceID, id))
	if errors.Is(err, sql.ErrNoRows) {
		return row{}, fault.NotFound("mail")
	}
	return r, err
}

// Retry has a mail that failed sent again, within 72 hours of its failing and while
// it is of use. One that waits already stays as it is, so that asking twice sends
// once. One that was sent, or of which the text is gone, is a conflict: what a person
// was to be told has to be told anew then.
func (s *Service) Retry(ctx context.Context, id string) (Mail, error) {
	const op = "mail.Retry"
	a, now := actor.From(ctx), clock.Micros(s.Clock.Now())
	var r row
	err := s.DB.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.Exec(retryMail, now, a.WorkspaceID, id, now)
		if err != nil {
			return err
		}
		if r, err = load(tx, a.WorkspaceID, id); err != nil {
			return err
		}
		switch {
		case n > 0:
			tx.OnCommit(s.nudge)
			return s.Retried(tx, a, id)
		case r.state == StateSent:
			return fault.Conflict("mail_sent", "This mail was sent already.")
		case r.state == StateFailed:
			return fault.Conflict("mail_gone", "What this mail told is kept no longer. Do again what caused it.")
		}
		return nil
	})
	return r.mail(), fault.Wrap(op, err)
}

const selectKept = `SELECT ` + mailColumns + ` FROM mails WHERE values_until <= $1 ORDER BY values_until LIMIT $2`

const dropValues = `UPDATE mails SET content_sealed = $1, values_until = NULL WHERE workspace_id = $2 AND id = $3 AND values_until = $4`

// ForgetValues removes the text of mails that failed and cannot be sent again any
// more, at most limit.
func (s *Service) ForgetValues(ctx context.Context, limit int) error {
	const op = "mail.ForgetValues"
	var over []row
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		over, err = scanAll(tx.Query(selectKept, clock.Micros(s.Clock.Now()), limit))
		return err
	})
	for _, r := range over {
		if _, gone := s.Vault.Key(ctx, r.subject()); gone != nil && !fault.Is(gone, fault.KindGone) {
			err = errors.Join(err, gone) // the next round looks again
			continue
		}
		sealed := s.withoutValues(ctx, r)
		err = errors.Join(err, s.DB.Write(ctx, func(tx *storage.Tx) error {
			_, err := tx.Exec(dropValues, sealed, r.workspaceID, r.id, r.valuesUntil)
			return err
		}))
	}
	return fault.Wrap(op, err)
}
