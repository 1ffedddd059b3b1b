package children

import (
	"database/sql"
	"errors"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

const columns = `id, contact_id, state, country, age_limit, wording, wording_hash, locale, asked_at, decided_at, expires_at`

func scan(row interface{ Scan(...any) error }) (ParentalConsent, error) {
	var c ParentalConsent
	var asked, expires int64
	var decided sql.NullInt64
	err := row.Scan(&c.ID, &c.ContactID, &c.State, &c.Country, &c.AgeLimit, &c.Wording, &c.Hash, &c.Locale, &asked, &decided, &expires)
	c.AskedAt, c.ExpiresAt = clock.FromMicros(asked), clock.FromMicros(expires)
	if decided.Valid {
		at := clock.FromMicros(decided.Int64)
		c.DecidedAt = &at
	}
	return c, err
}

const selectOf = `SELECT ` + columns + ` FROM parental_consents WHERE workspace_id = $1 AND contact_id = $2`

// of gives a contact's, and whether there is one.
func of(tx *storage.Tx, sub privacy.Subject) (ParentalConsent, bool, error) {
	c, err := scan(tx.QueryRow(selectOf, sub.WorkspaceID, sub.ContactID))
	if errors.Is(err, sql.ErrNoRows) {
		return ParentalConsent{}, false, nil
	}
	return c, err == nil, err
}

const selectByToken = `SELECT ` + columns + ` FROM parental_consents WHERE token_hash = $1 AND workspace_id = $2`

func byToken(tx *storage.Tx, workspaceID string, hash []byte) (ParentalConsent, error) {
	c, err := scan(tx.QueryRow(selectByToken, hash, workspaceID))
	if errors.Is(err, sql.ErrNoRows) {
		return c, linkInvalid()
	}
	return c, err
}

const upsertConsent = `
	INSERT INTO parental_consents (workspace_id, id, contact_id, token_hash, parent_token, parent_sealed, state, country, age_limit,
		wording, wording_hash, locale, asked_at, expires_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
	ON CONFLICT (workspace_id, contact_id) DO UPDATE SET state = excluded.state, id = excluded.id,
		asks = CASE WHEN parental_consents.parent_token = excluded.parent_token THEN parental_consents.asks + 1 ELSE 1 END, token_hash = excluded.token_hash,
		parent_token = excluded.parent_token, parent_sealed = excluded.parent_sealed, country = excluded.country, age_limit = excluded.age_limit,
		wording = excluded.wording, wording_hash = excluded.wording_hash, locale = excluded.locale, asked_at = excluded.asked_at,
		expires_at = excluded.expires_at`

func (a *asking) save(tx *storage.Tx) error {
	c := a.consent
	_, err := tx.Exec(upsertConsent, a.sub.WorkspaceID, c.ID, c.ContactID, a.hash, a.parentToken, a.parentSealed, c.State, c.Country, c.AgeLimit,
		c.Wording, c.Hash, c.Locale, clock.Micros(c.AskedAt), clock.Micros(c.ExpiresAt))
	return err
}

const countByParent = `
	SELECT COALESCE(SUM(asks), 0) FROM parental_consents WHERE workspace_id = $1 AND parent_token = $2 AND asked_at > $3`

const updateGiven = `
	UPDATE parental_consents SET state = 'given', decided_at = $1 WHERE workspace_id = $2 AND contact_id = $3 AND state = 'asked'`

const (
	selectParent = `SELECT parent_sealed FROM parental_consents WHERE workspace_id = $1 AND contact_id = $2`
	deleteOf     = `DELETE FROM parental_consents WHERE workspace_id = $1 AND contact_id = $2`
	updateOwner  = `UPDATE parental_consents SET contact_id = $1, parent_sealed = $2 WHERE workspace_id = $3 AND contact_id = $4`
)

const updateWithdrawn = `
	UPDATE parental_consents SET state = 'withdrawn' WHERE workspace_id = $1 AND contact_id = $2 AND state = 'given'`

const selectWithdrawn = `SELECT workspace_id, contact_id FROM parental_consents WHERE state = 'withdrawn' ORDER BY workspace_id LIMIT $1`

const selectUnanswered = `
	SELECT workspace_id, contact_id FROM parental_consents WHERE state = 'asked' AND expires_at < $1 ORDER BY expires_at LIMIT $2`

func unanswered(tx *storage.Tx, before time.Time, limit int) ([]privacy.Subject, error) {
	return subjects(tx.Query(selectUnanswered, clock.Micros(before), limit))
}

func withdrawn(tx *storage.Tx, limit int) ([]privacy.Subject, error) {
	return subjects(tx.Query(selectWithdrawn, limit))
}

func subjects(rows *sql.Rows, err error) ([]privacy.Subject, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []privacy.Subject
	for rows.Next() {
		var sub privacy.Subject
		if err := rows.Scan(&sub.WorkspaceID, &sub.ContactID); err != nil {
			return nil, err
		}
		out = append(out, sub)
	}
	return out, rows.Err()
}

const selectPage = `
	SELECT ` + columns + ` FROM parental_consents WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`

// page gives a workspace's, newest first, from before an id.
func page(tx *storage.Tx, workspaceID, before string, limit int) ([]ParentalConsent, error) {
	if before == "" {
		before = "~" // after every id
	}
	rows, err := tx.Query(selectPage, workspaceID, before, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []ParentalConsent{}
	for rows.Next() {
		c, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}
