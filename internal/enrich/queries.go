package enrich

import (
	"database/sql"
	"errors"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

const selectSettings = `SELECT enabled, automatic, purpose, keep_days, refresh_days, reached, updated_at FROM enrich_settings WHERE workspace_id = $1`

// loadSettings gives a workspace's settings; those of one that never set any are off.
func loadSettings(tx *storage.Tx, workspaceID string) (s Settings, err error) {
	var enabled, automatic, updated int64
	var keep, refresh sql.NullInt64
	err = tx.QueryRow(selectSettings, workspaceID).Scan(&enabled, &automatic, &s.Purpose, &keep, &refresh, &s.reached, &updated)
	if errors.Is(err, sql.ErrNoRows) {
		return Settings{}, nil
	}
	s.Enabled, s.Automatic, s.UpdatedAt, s.isSet = enabled == 1, automatic == 1, clock.FromMicros(updated), true
	s.KeepDays, s.RefreshDays = days(keep), days(refresh)
	return s, err
}

func days(n sql.NullInt64) *int {
	if !n.Valid {
		return nil
	}
	d := int(n.Int64)
	return &d
}

const upsertSettings = `
	INSERT INTO enrich_settings (workspace_id, enabled, automatic, purpose, keep_days, refresh_days, reached, updated_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
	ON CONFLICT (workspace_id) DO UPDATE SET enabled = excluded.enabled, automatic = excluded.automatic, purpose = excluded.purpose,
		keep_days = excluded.keep_days, refresh_days = excluded.refresh_days, updated_at = excluded.updated_at`

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// row is a provider as it is stored.
type row struct {
	workspaceID                               string
	id, kind, preset, name, state, definition string
	secret                                    []byte
	perMinute, perDay, minuteAt, minuteUsed   int64
	dayAt, dayUsed, blocked                   int64
	lastError                                 sql.NullString
	lastErrorAt, lastAnswerAt                 sql.NullInt64
	created, updated, waiting                 int64
}

const selectProviders = `
	SELECT p.id, p.kind, p.preset, p.name, p.state, p.definition, p.secrets_sealed, p.per_minute, p.per_day, p.minute_at, p.minute_used, p.day_at, p.day_used,
		p.blocked_until, p.last_error, p.last_error_at, p.last_answer_at, p.created_at, p.updated_at,
		(SELECT COUNT(*) FROM enrich_lookups l WHERE l.workspace_id = p.workspace_id AND l.provider_id = p.id AND l.state = 'waiting')
	FROM enrich_providers p WHERE p.workspace_id = $1`

func scanProvider(from interface{ Scan(...any) error }) (r row, err error) {
	err = from.Scan(&r.id, &r.kind, &r.preset, &r.name, &r.state, &r.definition, &r.secret, &r.perMinute, &r.perDay, &r.minuteAt, &r.minuteUsed, &r.dayAt, &r.dayUsed,
		&r.blocked, &r.lastError, &r.lastErrorAt, &r.lastAnswerAt, &r.created, &r.updated, &r.waiting)
	return r, err
}

func providerBy(tx *storage.Tx, workspaceID, id string) (row, error) {
	r, err := scanProvider(tx.QueryRow(selectProviders+` AND p.id = $2`, workspaceID, id))
	if errors.Is(err, sql.ErrNoRows) {
		return r, fault.NotFound("enrichment provider")
	}
	return r, err
}

func providersOf(tx *storage.Tx, workspaceID string) (out []row, err error) {
	rows, err := tx.Query(selectProviders+` ORDER BY p.id`, workspaceID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		r, err := scanProvider(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

const (
	insertProvider = `
	INSERT INTO enrich_providers (workspace_id, id, kind, preset, name, state, definition, secrets_sealed, per_minute, per_day,
		minute_at, minute_used, day_at, day_used, blocked_until, created_at, updated_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, 0, 0, 0, $11, $12)`
	updateProvider = `
	UPDATE enrich_providers SET name = $1, state = $2, definition = $3, secrets_sealed = $4, per_minute = $5, per_day = $6, blocked_until = $7, updated_at = $8
	WHERE workspace_id = $9 AND id = $10`
	spend = `UPDATE enrich_providers SET minute_at = $1, minute_used = $2, day_at = $3, day_used = $4 WHERE workspace_id = $5 AND id = $6`
	block = `UPDATE enrich_providers SET blocked_until = CASE WHEN blocked_until < $1 THEN $1 ELSE blocked_until END WHERE workspace_id = $2 AND id = $3`

	noteError  = `UPDATE enrich_providers SET last_error = $1, last_error_at = $2 WHERE workspace_id = $3 AND id = $4`
	noteAnswer = `UPDATE enrich_providers SET last_answer_at = $1 WHERE workspace_id = $2 AND id = $3`
)

// ticket is one question that waits for its turn.
type ticket struct {
	workspaceID, contactID, providerID string
	reason, byType, byID               string
	attempts                           int64
	askedAt                            int64
}

const (
	insertLookup = `
	INSERT INTO enrich_lookups (workspace_id, contact_id, provider_id, state, reason, asked_by_type, asked_by_id, attempts, next_at, lease_owner, lease_until, asked_at, forget)
	VALUES ($1, $2, $3, 'waiting', $4, $5, $6, 0, $7, '', 0, $8, 0)
	ON CONFLICT (workspace_id, contact_id, provider_id) DO UPDATE SET state = 'waiting', reason = excluded.reason, asked_by_type = excluded.asked_by_type,
		asked_by_id = excluded.asked_by_id, attempts = 0, next_at = excluded.next_at, outcome = NULL, asked_at = excluded.asked_at, finished_at = NULL`
	// Providers without a budget now are left out, not asked in vain: what waits for
	// them may be very much.
	selectReady = `
	SELECT p.workspace_id, p.id, p.kind, p.definition FROM enrich_providers p
	WHERE (p.state = 'off' OR p.blocked_until <= $1 AND (p.minute_at <> $2 OR p.minute_used < p.per_minute) AND (p.day_at <> $3 OR p.day_used < p.per_day))
		AND EXISTS (SELECT 1 FROM enrich_lookups l WHERE l.workspace_id = p.workspace_id AND l.provider_id = p.id AND l.state = 'waiting' AND l.next_at <= $1 AND l.lease_until <= $1)
	ORDER BY p.last_answer_at`
	selectDue = `
	SELECT workspace_id, contact_id, provider_id, reason, asked_by_type, asked_by_id, attempts, asked_at FROM enrich_lookups
	WHERE workspace_id = $1 AND provider_id = $2 AND state = 'waiting' AND next_at <= $3 AND lease_until <= $3 ORDER BY next_at LIMIT $4`
	takeLease = `
	UPDATE enrich_lookups SET lease_owner = $1, lease_until = $2
	WHERE workspace_id = $3 AND contact_id = $4 AND provider_id = $5 AND state = 'waiting' AND lease_until <= $6 AND next_at <= $6`
	holdLease = `
	UPDATE enrich_lookups SET lease_until = $1 WHERE workspace_id = $2 AND contact_id = $3 AND provider_id = $4 AND lease_owner = $5 AND state = 'waiting'`
	postpone = `
	UPDATE enrich_lookups SET attempts = $1, next_at = $2, outcome = $3, lease_until = 0
	WHERE workspace_id = $4 AND contact_id = $5 AND provider_id = $6 AND lease_owner = $7 AND state = 'waiting'`
	finish = `
	UPDATE enrich_lookups SET state = 'done', outcome = $1, finished_at = $2, lease_until = 0, lease_owner = ''
	WHERE workspace_id = $3 AND contact_id = $4 AND provider_id = $5 AND lease_owner = $6`
	noteFound = `UPDATE enrich_lookups SET found_at = $1 WHERE workspace_id = $2 AND contact_id = $3 AND provider_id = $4`
	noteTold  = `
	INSERT INTO enrich_recipients (workspace_id, contact_id, host, kinds, told, first_at, last_at) VALUES ($1, $2, $3, $4, 1, $5, $6)
	ON CONFLICT (workspace_id, contact_id, host, kinds) DO UPDATE SET told = enrich_recipients.told + 1, last_at = excluded.last_at`
	upsertAvatar = `
	INSERT INTO enrich_avatars (workspace_id, contact_id, provider_id, version, image_sealed, fetched_at) VALUES ($1, $2, $3, $4, $5, $6)
	ON CONFLICT (workspace_id, contact_id) DO UPDATE SET provider_id = excluded.provider_id, version = excluded.version,
		image_sealed = excluded.image_sealed, fetched_at = excluded.fetched_at`

	// Storage alone may happen to those who are restricted, and a legal hold keeps
	// what is there: theirs waits.
	selectForget = `
	SELECT DISTINCT l.workspace_id, l.contact_id FROM enrich_lookups l LEFT JOIN contacts c ON c.workspace_id = l.workspace_id AND c.id = l.contact_id
	WHERE l.forget = 1 AND c.restricted_at IS NULL AND (c.held_until IS NULL OR c.held_until <= $1) LIMIT $2`
	selectForgetOf = `SELECT provider_id FROM enrich_lookups WHERE workspace_id = $1 AND contact_id = $2 AND forget = 1`
	deleteForgot   = `DELETE FROM enrich_lookups WHERE workspace_id = $1 AND contact_id = $2 AND provider_id = $3 AND forget = 1`
	deleteAvatarOf = `DELETE FROM enrich_avatars WHERE workspace_id = $1 AND contact_id = $2 AND provider_id = $3`

	markExpired = `UPDATE enrich_lookups SET forget = 1 WHERE workspace_id = $1 AND found_at < $2 AND forget = 0`
	markRefresh = `
	UPDATE enrich_lookups SET state = 'waiting', reason = 'refresh', asked_by_type = 'system', asked_by_id = 'enrichment', attempts = 0, next_at = $1, asked_at = $2
	WHERE workspace_id = $3 AND found_at < $4 AND state = 'done' AND finished_at < $4 AND forget = 0
		AND provider_id IN (SELECT p.id FROM enrich_providers p WHERE p.workspace_id = $3 AND p.state = 'on')`
	markPerson   = `UPDATE enrich_lookups SET forget = 1 WHERE workspace_id = $1 AND contact_id = $2 AND found_at IS NOT NULL`
	markProvider = `UPDATE enrich_lookups SET forget = 1, state = 'done' WHERE workspace_id = $1 AND provider_id = $2 AND found_at IS NOT NULL`
	dropProvider = `DELETE FROM enrich_lookups WHERE workspace_id = $1 AND provider_id = $2 AND found_at IS NULL`
	markAll      = `UPDATE enrich_lookups SET forget = 1, state = 'done' WHERE workspace_id = $1 AND found_at IS NOT NULL`
	dropAll      = `DELETE FROM enrich_lookups WHERE workspace_id = $1 AND found_at IS NULL`
	markForget1  = `UPDATE enrich_lookups SET forget = 1 WHERE workspace_id = $1 AND contact_id = $2 AND provider_id = $3 AND found_at IS NOT NULL`
)

// readyProviders gives those that may be asked something that is due: whom they
// belong to, and where they lead.
func readyProviders(tx *storage.Tx, now time.Time) (out []row, err error) {
	rows, err := tx.Query(selectReady, clock.Micros(now), minuteOf(now), dayOf(now))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.workspaceID, &r.id, &r.kind, &r.definition); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

func dueTickets(tx *storage.Tx, workspaceID, providerID string, now time.Time, limit int) (out []ticket, err error) {
	rows, err := tx.Query(selectDue, workspaceID, providerID, clock.Micros(now), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var t ticket
		if err := rows.Scan(&t.workspaceID, &t.contactID, &t.providerID, &t.reason, &t.byType, &t.byID, &t.attempts, &t.askedAt); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

func scanPairs(rows *sql.Rows, err error) (out [][2]string, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p [2]string
		if err := rows.Scan(&p[0], &p[1]); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

func scanWords(rows *sql.Rows, err error) (out []string, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

func moment(micros sql.NullInt64) *time.Time {
	if !micros.Valid || micros.Int64 == 0 {
		return nil
	}
	at := clock.FromMicros(micros.Int64)
	return &at
}
