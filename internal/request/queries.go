package request

import (
	"database/sql"
	"errors"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// row is a request's row, with what its contact's row lends it.
type row struct {
	workspaceID, id, contactID, kind, source, state, purpose string
	details                                                  []byte
	proof, verifiedBy                                        string
	actorType, actorID, handlerID                            string
	automatic                                                bool
	hold, reason, closedByType, closedBy, receiptID          string
	linkHash                                                 []byte
	portalID                                                 string
	days, reminded                                           int
	verified, started, closed, remind, received, due, update time.Time
	extended                                                 time.Time
	extendedByType, extendedBy                               string
	told                                                     []told // the reminders, oldest first
	person                                                   contacts.Sealed
}

const requestColumns = `r.workspace_id, r.id, COALESCE(r.contact_id, ''), r.kind, r.source, r.state, COALESCE(r.purpose, ''), r.details_sealed,
	COALESCE(r.proof, ''), COALESCE(r.verified_by, ''), r.actor_type, COALESCE(r.actor_id, ''), COALESCE(r.handler_id, ''), r.automatic,
	COALESCE(r.hold, ''), COALESCE(r.reason, ''), COALESCE(r.closed_by_type, ''), COALESCE(r.closed_by, ''), COALESCE(r.receipt_id, ''),
	r.period_days, r.reminded, COALESCE(r.verified_at, 0), COALESCE(r.started_at, 0), COALESCE(r.closed_at, 0), COALESCE(r.remind_at, 0),
	r.received_at, r.due_at, r.updated_at, COALESCE(r.extended_at, 0), COALESCE(r.extended_by_type, ''), COALESCE(r.extended_by, ''), r.told_levels, ` + contacts.SummaryColumns

const fromRequests = ` FROM privacy_requests r LEFT JOIN contacts c ON c.workspace_id = r.workspace_id AND c.id = r.contact_id `

type scanner interface{ Scan(dest ...any) error }

func scanRow(from scanner) (row, error) {
	var r row
	var automatic, verified, started, closed, remind, received, due, update, extended int64
	var levels string
	err := from.Scan(append([]any{&r.workspaceID, &r.id, &r.contactID, &r.kind, &r.source, &r.state, &r.purpose, &r.details, &r.proof, &r.verifiedBy,
		&r.actorType, &r.actorID, &r.handlerID, &automatic, &r.hold, &r.reason, &r.closedByType, &r.closedBy, &r.receiptID, &r.days,
		&r.reminded, &verified, &started, &closed, &remind, &received, &due, &update,
		&extended, &r.extendedByType, &r.extendedBy, &levels}, r.person.Dest()...)...)
	r.automatic = automatic != 0
	r.verified, r.started, r.closed, r.remind = clock.FromMicros(verified), clock.FromMicros(started), clock.FromMicros(closed), clock.FromMicros(remind)
	r.received, r.due, r.update = clock.FromMicros(received), clock.FromMicros(due), clock.FromMicros(update)
	r.extended, r.told = clock.FromMicros(extended), toldOf(levels)
	return r, err
}

func scanRows(rows *sql.Rows, err error) ([]row, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []row
	for rows.Next() {
		r, err := scanRow(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// legalDue gives when the law wants it answered: later where the term was extended.
func (r row) legalDue() time.Time {
	if r.extended.IsZero() {
		return legalDue(r.received)
	}
	return longestDue(r.received)
}

func (r row) isOpen() bool { return r.closed.IsZero() }

const selectRequest = `SELECT ` + requestColumns + fromRequests + `WHERE r.workspace_id = $1 AND r.id = $2`

// loadRow gives a request, or not found.
func loadRow(tx *storage.Tx, workspaceID, id string) (row, error) {
	r, err := scanRow(tx.QueryRow(selectRequest, workspaceID, id))
	if errors.Is(err, sql.ErrNoRows) {
		return row{}, fault.NotFound("request")
	}
	return r, err
}

// lockRow waits for whoever changes the request or erases its person, then gives it
// as it is now. The person comes first, as everywhere: an erasure changes the row
// with the person locked.
func lockRow(tx *storage.Tx, r row) (row, error) {
	if r.contactID != "" {
		if err := privacy.LockSubject(tx, privacy.Subject{WorkspaceID: r.workspaceID, ContactID: r.contactID}); err != nil {
			return row{}, err
		}
	}
	if err := tx.Lock("privacy request " + r.id); err != nil {
		return row{}, err
	}
	return loadRow(tx, r.workspaceID, r.id)
}

const insertRequest = `
	INSERT INTO privacy_requests (workspace_id, id, contact_id, kind, source, state, purpose, details_sealed, proof, verified_by, verified_at,
		actor_type, actor_id, automatic, link_hash, portal_id, period_days, reminded, remind_at, received_at, due_at, updated_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 0, $18, $19, $20, $21)`

func insertRow(tx *storage.Tx, r row) error {
	_, err := tx.Exec(insertRequest, r.workspaceID, r.id, r.contactID, r.kind, r.source, r.state, text(r.purpose), r.details, text(r.proof),
		text(r.verifiedBy), moment(r.verified), r.actorType, text(r.actorID), flag(r.automatic), r.linkHash, text(r.portalID), r.days,
		moment(r.remind), clock.Micros(r.received), clock.Micros(r.due), clock.Micros(r.update))
	return err
}

const updateRequest = `
	UPDATE privacy_requests SET state = $1, details_sealed = $2, proof = $3, verified_by = $4, verified_at = $5, handler_id = $6, started_at = $7,
		automatic = $8, hold = $9, reason = $10, closed_at = $11, closed_by_type = $12, closed_by = $13, reminded = $14, remind_at = $15, updated_at = $16,
		due_at = $17, extended_at = $18, extended_by_type = $19, extended_by = $20, told_levels = $21
	WHERE workspace_id = $22 AND id = $23 AND updated_at = $24`

// saveRow stores a changed request if it is still the version that was loaded.
func saveRow(tx *storage.Tx, r row, now time.Time) error {
	before := r.update
	if !now.After(before) {
		now = before.Add(time.Microsecond) // the version must move even if the clock does not
	}
	if !r.closed.IsZero() {
		r.remind, r.automatic, r.hold = time.Time{}, false, ""
	}
	n, err := tx.Exec(updateRequest, r.state, r.details, text(r.proof), text(r.verifiedBy), moment(r.verified), text(r.handlerID), moment(r.started),
		flag(r.automatic), text(r.hold), text(r.reason), moment(r.closed), text(r.closedByType), text(r.closedBy), r.reminded, moment(r.remind),
		clock.Micros(now), clock.Micros(r.due), moment(r.extended), text(r.extendedByType), text(r.extendedBy), levelsOf(r.told), r.workspaceID, r.id, clock.Micros(before))
	if err == nil && n == 0 {
		return changedMeanwhile()
	}
	return err
}

func changedMeanwhile() error {
	return fault.Conflict("changed_meanwhile", "Others are changing this request right now. Try again in a moment.")
}

const selectOpenAlike = `SELECT ` + requestColumns + fromRequests + `
	WHERE r.workspace_id = $1 AND r.contact_id = $2 AND r.kind = $3 AND COALESCE(r.purpose, '') = $4 AND r.closed_at IS NULL ORDER BY r.id LIMIT 1`

// openAlike gives the open request of a person for the same thing, if there is one.
func openAlike(tx *storage.Tx, workspaceID, contactID, kind, purpose string) (row, bool, error) {
	return oneRow(tx.QueryRow(selectOpenAlike, workspaceID, contactID, kind, purpose))
}

const selectAnsweredAlike = `SELECT ` + requestColumns + fromRequests + `
	WHERE r.workspace_id = $1 AND r.contact_id = $2 AND r.kind = $3 AND r.received_at > $4 AND r.state = 'completed' ORDER BY r.received_at DESC, r.id DESC LIMIT 1`

// oneRow gives a request, where there is one.
func oneRow(from scanner) (row, bool, error) {
	r, err := scanRow(from)
	if errors.Is(err, sql.ErrNoRows) {
		return row{}, false, nil
	}
	return r, err == nil, err
}

// text, moment and flag give what is stored: null for nothing.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return clock.Micros(t)
}

func flag(is bool) int {
	if is {
		return 1
	}
	return 0
}

func ref(kind, id string) *actor.Ref {
	if kind == "" {
		return nil
	}
	return &actor.Ref{Type: actor.Type(kind), ID: id}
}
