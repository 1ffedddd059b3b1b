package mail

import (
	"database/sql"
	"errors"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
)

// row is a mail as it is stored. Times are in microseconds; 0 is none.
type row struct {
	workspaceID, id       string
	contactID, operatorID string
	ownKey                bool // sealed with a key of its own
	template              string
	keyHash               [32]byte
	state, code           string
	attempts              int64
	lease                 string
	messageID             string
	sealed                []byte

	createdAt, nextAt, expiresAt, firstAt, finishedAt int64

	valuesUntil int64 // of one that failed: until when it can be sent again
}

const insertMail = `
	INSERT INTO mails (workspace_id, id, contact_id, operator_id, template, key_hash, state, code, attempts, next_at, message_id, content_sealed,
		created_at, expires_at, finished_at, own_key)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11, $12, $13, $14, $15)
	ON CONFLICT (workspace_id, key_hash) DO NOTHING`

func insert(tx *storage.Tx, r row) error {
	_, err := tx.Exec(insertMail, r.workspaceID, r.id, orNull(r.contactID), orNull(r.operatorID), r.template, r.keyHash[:], r.state, orNull(r.code),
		r.nextAt, r.messageID, r.sealed, r.createdAt, orNone(r.expiresAt), orNone(r.finishedAt), flag(r.ownKey))
	return err
}

func flag(is bool) int {
	if is {
		return 1
	}
	return 0
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func orNone(micros int64) any {
	if micros == 0 {
		return nil
	}
	return micros
}

const mailColumns = `workspace_id, id, COALESCE(contact_id, ''), COALESCE(operator_id, ''), template, state, COALESCE(code, ''), attempts, COALESCE(lease, ''),
	message_id, content_sealed, created_at, next_at, COALESCE(expires_at, 0), COALESCE(first_at, 0), COALESCE(finished_at, 0), own_key, COALESCE(values_until, 0)`

type scanner interface{ Scan(into ...any) error }

func scan(from scanner) (r row, err error) {
	var own int64
	err = from.Scan(&r.workspaceID, &r.id, &r.contactID, &r.operatorID, &r.template, &r.state, &r.code, &r.attempts, &r.lease,
		&r.messageID, &r.sealed, &r.createdAt, &r.nextAt, &r.expiresAt, &r.firstAt, &r.finishedAt, &own, &r.valuesUntil)
	r.ownKey = own != 0
	return r, err
}

func scanAll(rows *sql.Rows, err error) ([]row, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []row
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

const selectDue = `SELECT ` + mailColumns + ` FROM mails WHERE finished_at IS NULL AND next_at <= $1 ORDER BY next_at, id LIMIT 1`

// due gives the mail that has been due longest, and whether there is one.
func due(tx *storage.Tx, now time.Time) (row, bool, error) {
	r, err := scan(tx.QueryRow(selectDue, clock.Micros(now)))
	if errors.Is(err, sql.ErrNoRows) {
		return row{}, false, nil
	}
	return r, err == nil, err
}

const takeMail = `
	UPDATE mails SET lease = $1, next_at = $2, attempts = $3, first_at = $4
	WHERE workspace_id = $5 AND id = $6`

// take notes that an attempt begins. Until the lease ends nobody else sees the mail
// as due.
func take(tx *storage.Tx, r row) error {
	_, err := tx.Exec(takeMail, r.lease, r.nextAt, r.attempts, r.firstAt, r.workspaceID, r.id)
	return err
}

const selectLeased = `SELECT 1 FROM mails WHERE workspace_id = $1 AND id = $2 AND lease = $3`

// isOurs tells whether a mail is still there and still ours to send.
func isOurs(tx *storage.Tx, r row) (bool, error) {
	var one int
	err := tx.QueryRow(selectLeased, r.workspaceID, r.id, r.lease).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

const settleMail = `
	UPDATE mails SET state = $1, code = $2, attempts = $3, next_at = $4, first_at = $5, finished_at = $6, content_sealed = $7, values_until = $8, lease = NULL
	WHERE workspace_id = $9 AND id = $10 AND lease = $11`

// settle notes how an attempt ended, if the lease is still ours.
func settle(tx *storage.Tx, r row) error {
	_, err := tx.Exec(settleMail, r.state, orNull(r.code), r.attempts, r.nextAt, orNone(r.firstAt), orNone(r.finishedAt), r.sealed,
		orNone(r.valuesUntil), r.workspaceID, r.id, r.lease)
	return err
}

const deleteMail = `DELETE FROM mails WHERE workspace_id = $1 AND id = $2`

func remove(tx *storage.Tx, r row) error {
	_, err := tx.Exec(deleteMail, r.workspaceID, r.id)
	return err
}

const selectPage = `SELECT ` + mailColumns + ` FROM mails WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`

func pageBefore(tx *storage.Tx, workspaceID, before string, limit int) ([]row, error) {
	return scanAll(tx.Query(selectPage, workspaceID, before, limit))
}

// Counted is how many mails of one state and code there are.
type counted struct {
	state, code string
	n           int64
	oldest      int64 // microseconds, of what waits
	latest      int64 // microseconds, when one ended or was tried last
}

const countMails = `
	SELECT state, COALESCE(code, ''), COUNT(*), MIN(created_at), MAX(COALESCE(finished_at, first_at, created_at))
	FROM mails WHERE workspace_id = $1 GROUP BY state, code ORDER BY 5 DESC`

func counts(tx *storage.Tx, workspaceID string) ([]counted, error) {
	rows, err := tx.Query(countMails, workspaceID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []counted
	for rows.Next() {
		var c counted
		if err := rows.Scan(&c.state, &c.code, &c.n, &c.oldest, &c.latest); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}
