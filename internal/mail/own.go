package mail

import (
	"context"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// Drop destroys the key of a draft that is not queued after all.
func (s *Service) Drop(ctx context.Context, d *Draft) error {
	if !d.row.ownKey {
		return nil
	}
	return fault.Wrap("mail.Drop", s.Vault.Erase(ctx, d.row.subject()))
}

// end closes a mail with a key of its own: first that it ended is noted, then the
// key goes, then the row. Wherever a crash comes between, [Service.EndOwn] goes on.
func (s *Service) end(ctx context.Context, r row) error {
	ours := false
	err := s.DB.Write(ctx, func(tx *storage.Tx) (err error) {
		if ours, err = isOurs(tx, r); err != nil || !ours {
			return err
		}
		if err := settle(tx, r); err != nil {
			return err
		}
		return s.Ended(tx, r.workspaceID, r.id, r.code)
	})
	if err == nil && ours {
		err = s.removeOwn(ctx, r)
	}
	return err
}

const deleteEnded = `DELETE FROM mails WHERE workspace_id = $1 AND id = $2 AND own_key = 1 AND finished_at IS NOT NULL`

// removeOwn destroys the key of a mail that ended, then its row.
func (s *Service) removeOwn(ctx context.Context, r row) error {
	if err := s.Vault.Erase(ctx, r.subject()); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.Exec(deleteEnded, r.workspaceID, r.id)
		return err
	})
}

// What is being sent at this moment is left to its worker: its lease ends in minutes.
const selectLapsed = `SELECT ` + mailColumns + ` FROM mails WHERE own_key = 1 AND (finished_at IS NOT NULL OR expires_at <= $1 AND (lease IS NULL OR next_at <= $1))
	ORDER BY expires_at LIMIT $2`

const lapse = `
	UPDATE mails SET state = 'failed', code = $1, finished_at = $2, lease = NULL
	WHERE workspace_id = $3 AND id = $4 AND finished_at IS NULL`

// EndOwn ends mails with a key of their own whose time is over, also where there is
// no server to send them to, and what a crash left half removed; at most limit.
func (s *Service) EndOwn(ctx context.Context, limit int) error {
	const op = "mail.EndOwn"
	now := clock.Micros(s.Clock.Now())
	var over []row
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		over, err = scanAll(tx.Query(selectLapsed, now, limit))
		return err
	})
	if err != nil {
		return fault.Wrap(op, err)
	}
	for _, r := range over {
		if r.finishedAt == 0 {
			if err := s.lapse(ctx, r, now); err != nil {
				return fault.Wrap(op, err)
			}
		}
		if err := s.removeOwn(ctx, r); err != nil {
			return fault.Wrap(op, err)
		}
	}
	return nil
}

func (s *Service) lapse(ctx context.Context, r row, now int64) error {
	code := CodeExpired
	if s.Server == nil {
		code = CodeNoServer
	}
	return s.DB.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.Exec(lapse, code, now, r.workspaceID, r.id)
		if err != nil || n == 0 {
			return err
		}
		return s.Ended(tx, r.workspaceID, r.id, code)
	})
}
