package webhook

import (
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// row is an endpoint as it is stored.
type row struct {
	id, types, state    string
	url, secret, old    []byte
	offReason           sql.NullString
	oldUntil, failing   sql.NullInt64
	reached, waiting    int64
	createdAt, changeAt int64
}

const endpointColumns = `e.id, e.url_sealed, e.event_types, e.secret_sealed, e.old_secret_sealed, e.old_secret_until, e.state, e.off_reason,
	e.failing_since, e.reached, e.created_at, e.updated_at, `

const waitingCount = `(SELECT COUNT(*) FROM webhook_deliveries d
	WHERE d.workspace_id = e.workspace_id AND d.endpoint_id = e.id AND d.state = 'waiting')`

func scanEndpoint(from interface{ Scan(...any) error }) (r row, err error) {
	err = from.Scan(&r.id, &r.url, &r.types, &r.secret, &r.old, &r.oldUntil, &r.state, &r.offReason, &r.failing, &r.reached, &r.createdAt, &r.changeAt, &r.waiting)
	return r, err
}

const (
	oneEndpoint    = ` FROM webhook_endpoints e WHERE e.workspace_id = $1 AND e.id = $2`
	selectEndpoint = `SELECT ` + endpointColumns + `0` + oneEndpoint
	showEndpoint   = `SELECT ` + endpointColumns + waitingCount + oneEndpoint
)

// loadEndpoint gives an endpoint without how many deliveries wait for it.
func loadEndpoint(tx *storage.Tx, workspaceID, id string) (row, error) {
	return endpointBy(tx, selectEndpoint, workspaceID, id)
}

func endpointBy(tx *storage.Tx, query, workspaceID, id string) (row, error) {
	r, err := scanEndpoint(tx.QueryRow(query, workspaceID, id))
	if errors.Is(err, sql.ErrNoRows) {
		return r, fault.NotFound("webhook endpoint")
	}
	return r, err
}

const selectEndpoints = `SELECT ` + endpointColumns + waitingCount + ` FROM webhook_endpoints e WHERE e.workspace_id = $1 AND e.id < $2 ORDER BY e.id DESC LIMIT $3`

func loadEndpoints(tx *storage.Tx, workspaceID, before string, limit int) ([]row, error) {
	rows, err := tx.Query(selectEndpoints, workspaceID, before, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []row
	for rows.Next() {
		r, err := scanEndpoint(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

const insertEndpoint = `
	INSERT INTO webhook_endpoints (workspace_id, id, url_sealed, event_types, secret_sealed, state, reached, lease_until, created_at, updated_at)
	VALUES ($1, $2, $3, $4, $5, 'on', $6, 0, $7, $8)`

const updateEndpoint = `
	UPDATE webhook_endpoints SET url_sealed = $1, event_types = $2, state = $3, off_reason = $4, failing_since = $5, updated_at = $6
	WHERE workspace_id = $7 AND id = $8`

// save writes what a change can touch.
func (r row) save(tx *storage.Tx, workspaceID string) error {
	_, err := tx.Exec(updateEndpoint, r.url, r.types, r.state, r.offReason, r.failing, r.changeAt, workspaceID, r.id)
	return err
}

const rotateSecret = `
	UPDATE webhook_endpoints SET old_secret_sealed = $1, old_secret_until = $2, secret_sealed = $3, updated_at = $4
	WHERE workspace_id = $5 AND id = $6`

// hurry has everything that waits for an endpoint tried at once, as if it were new.
const hurryWaiting = `
	UPDATE webhook_deliveries SET next_at = $1, attempts = 0 WHERE workspace_id = $2 AND endpoint_id = $3 AND state = 'waiting'`

// task is a delivery on its way.
type task struct {
	id, eventID, eventType, contactID string
	sequence, attempts                int64
}

func (t task) subject(workspaceID string) privacy.Subject {
	return privacy.Subject{WorkspaceID: workspaceID, ContactID: t.contactID}
}

// Of each person's deliveries the first that waits; contact.erased waits for none.
const selectDue = `
	SELECT d.id, d.sequence, d.event_id, d.event_type, COALESCE(d.contact_id, ''), d.attempts FROM webhook_deliveries d
	WHERE d.workspace_id = $1 AND d.endpoint_id = $2 AND d.state = 'waiting' AND d.next_at <= $3
	AND (d.contact_id IS NULL OR d.event_type = 'contact.erased' OR NOT EXISTS (SELECT 1 FROM webhook_deliveries o
		WHERE o.workspace_id = d.workspace_id AND o.endpoint_id = d.endpoint_id AND o.state = 'waiting' AND o.contact_id = d.contact_id AND o.sequence < d.sequence))
	ORDER BY d.next_at, d.sequence LIMIT $4`

func loadDue(tx *storage.Tx, workspaceID, endpointID string, now time.Time, limit int) ([]task, error) {
	rows, err := tx.Query(selectDue, workspaceID, endpointID, clock.Micros(now), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []task
	for rows.Next() {
		var t task
		if err := rows.Scan(&t.id, &t.sequence, &t.eventID, &t.eventType, &t.contactID, &t.attempts); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

// Whoever holds the lease delivers. It also says what has been reached.
const takeLease = `
	UPDATE webhook_endpoints SET lease_owner = $1, lease_until = $2
	WHERE workspace_id = $3 AND id = $4 AND state = 'on' AND (lease_owner = $1 OR lease_until <= $5)
	RETURNING reached, event_types`

const moveReached = `UPDATE webhook_endpoints SET reached = $1 WHERE workspace_id = $2 AND id = $3`

const insertDeliveries = `
	INSERT INTO webhook_deliveries (workspace_id, id, endpoint_id, sequence, event_id, event_type, contact_id, state, attempts, next_at, created_at) VALUES `

const deliveryColumns = 11

// What is new about somebody whose earlier delivery waits for another attempt
// waits for the same.
const waitForEarlier = `
	UPDATE webhook_deliveries SET next_at = (SELECT MAX(o.next_at) FROM webhook_deliveries o
		WHERE o.workspace_id = webhook_deliveries.workspace_id AND o.endpoint_id = webhook_deliveries.endpoint_id AND o.state = 'waiting'
		AND o.contact_id = webhook_deliveries.contact_id AND o.sequence <= webhook_deliveries.sequence)
	WHERE workspace_id = $1 AND endpoint_id = $2 AND sequence > $3 AND state = 'waiting' AND contact_id IS NOT NULL AND event_type <> 'contact.erased'`

func (s *Service) insertPlanned(tx *storage.Tx, at endpointKey, events []live.Event, now time.Time) error {
	if len(events) == 0 {
		return nil
	}
	args := make([]any, 0, deliveryColumns*len(events))
	for _, e := range events {
		contactID := sql.NullString{String: e.ContactID, Valid: e.ContactID != ""}
		args = append(args, at.workspaceID, s.IDs.New(deliveryID), at.id, e.Sequence, e.ID, e.Type, contactID, Waiting, 0, clock.Micros(now), clock.Micros(now))
	}
	if _, err := storage.InsertRows(tx, insertDeliveries, deliveryColumns, args, " ON CONFLICT DO NOTHING"); err != nil {
		return err
	}
	_, err := tx.Exec(waitForEarlier, at.workspaceID, at.id, events[0].Sequence-1)
	return err
}

const finishDelivery = `
	UPDATE webhook_deliveries SET state = $1, attempts = attempts + $2, status_code = $3, error = $4, duration_ms = $5, attempted_at = $6, finished_at = $7
	WHERE workspace_id = $8 AND id = $9 AND state = 'waiting'`

const postponeDelivery = `
	UPDATE webhook_deliveries SET next_at = $1, attempts = attempts + 1, status_code = $2, error = $3, duration_ms = $4, attempted_at = $5
	WHERE workspace_id = $6 AND id = $7 AND state = 'waiting'`

// Those behind it wait as long.
const postponeLater = `
	UPDATE webhook_deliveries SET next_at = $1
	WHERE workspace_id = $2 AND endpoint_id = $3 AND state = 'waiting' AND contact_id = $4 AND sequence > $5 AND next_at < $1 AND event_type <> 'contact.erased'`

const noteSuccess = `UPDATE webhook_endpoints SET failing_since = NULL WHERE workspace_id = $1 AND id = $2 AND failing_since IS NOT NULL`

const noteFailure = `
	UPDATE webhook_endpoints SET failing_since = COALESCE(failing_since, $1) WHERE workspace_id = $2 AND id = $3 RETURNING failing_since`

const switchOff = `
	UPDATE webhook_endpoints SET state = 'off', off_reason = $1, lease_until = 0, updated_at = $2 WHERE workspace_id = $3 AND id = $4 AND state = 'on'`

const noteTold = `
	INSERT INTO webhook_recipients (workspace_id, contact_id, host, event_type, told, first_at, last_at) VALUES ($1, $2, $3, $4, 1, $5, $6)
	ON CONFLICT (workspace_id, contact_id, host, event_type) DO UPDATE SET told = webhook_recipients.told + 1, last_at = excluded.last_at`

// An endpoint has work if there are events that it has not seen, or a delivery is
// due, and nobody else holds it. The whole, small table of those that are on is read.
const selectBusy = `
	SELECT e.workspace_id, e.id FROM webhook_endpoints e
	WHERE e.state = 'on' AND (e.lease_owner = $1 OR e.lease_until <= $2)
	AND (e.reached < (SELECT q.sequence FROM event_sequences q WHERE q.workspace_id = e.workspace_id)
		OR EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.workspace_id = e.workspace_id AND d.endpoint_id = e.id AND d.state = 'waiting' AND d.next_at <= $2))`

func loadBusy(tx *storage.Tx, node string, now time.Time) ([]endpointKey, error) {
	return scanKeys(tx.Query(selectBusy, node, clock.Micros(now)))
}

const selectOn = `SELECT workspace_id, id FROM webhook_endpoints WHERE state = 'on'`

func scanKeys(rows *sql.Rows, err error) ([]endpointKey, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []endpointKey
	for rows.Next() {
		var k endpointKey
		if err := rows.Scan(&k.workspaceID, &k.id); err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, rows.Err()
}

const selectDelivery = `
	SELECT id, endpoint_id, event_id, event_type, sequence, contact_id, state, attempts, status_code, error, duration_ms, next_at, attempted_at, created_at
	FROM webhook_deliveries WHERE workspace_id = $1 AND `

// deliveryQuery gives the list's query, newest first.
func deliveryQuery(workspaceID, before string, f Filter, limit int) (query string, args []any) {
	where, args := []string{}, []any{workspaceID}
	for _, by := range []struct{ column, value string }{{"endpoint_id", f.EndpointID}, {"state", f.State}} {
		if by.value != "" {
			args = append(args, by.value)
			where = append(where, by.column+" = $"+strconv.Itoa(len(args)))
		}
	}
	args = append(args, before, limit)
	n := len(args)
	where = append(where, "id < $"+strconv.Itoa(n-1)+" ORDER BY id DESC LIMIT $"+strconv.Itoa(n))
	return selectDelivery + strings.Join(where, " AND "), args
}

func scanDeliveries(rows *sql.Rows, err error) ([]Delivery, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Delivery
	for rows.Next() {
		d, err := scanDelivery(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, rows.Err()
}

func scanDelivery(from interface{ Scan(...any) error }) (d Delivery, err error) {
	var next, created int64
	var attempted *int64
	err = from.Scan(&d.ID, &d.EndpointID, &d.EventID, &d.EventType, &d.Sequence, &d.ContactID, &d.State, &d.Attempts, &d.StatusCode, &d.Error,
		&d.DurationMS, &next, &attempted, &created)
	d.CreatedAt = clock.FromMicros(created)
	if d.State == Waiting {
		d.NextAttemptAt = moment(&next)
	}
	d.AttemptedAt = moment(attempted)
	return d, err
}

func moment(micros *int64) *time.Time {
	if micros == nil {
		return nil
	}
	t := clock.FromMicros(*micros)
	return &t
}

func nullMoment(n sql.NullInt64) *time.Time {
	if !n.Valid {
		return nil
	}
	return moment(&n.Int64)
}

const replayDelivery = `
	UPDATE webhook_deliveries SET state = 'waiting', attempts = 0, next_at = $1, finished_at = NULL WHERE workspace_id = $2 AND id = $3`
