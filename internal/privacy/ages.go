package privacy

import (
	"context"
	"database/sql"
	"errors"

	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
)

const (
	oldAnswers = ` WHERE (workspace_id, key_hash) IN
		(SELECT workspace_id, key_hash FROM idempotency_keys WHERE created_at < $1 ORDER BY created_at LIMIT $2)`
	deleteOldPeople  = `DELETE FROM idempotency_people` + oldAnswers
	deleteOldAnswers = `DELETE FROM idempotency_keys` + oldAnswers
)

// Ages names the rows below the domains that a workspace may set a term for.
func (ground) Ages() []string { return []string{AgesEvents, AgesAccessLog} }

// Retain forgets kept answers, of every workspace; and a workspace's events and
// the index of its reads, from the oldest on.
func (g ground) Retain(_ context.Context, tx *storage.Tx, r Rule) (n int64, err error) {
	switch r.Category {
	case AgesAnswers:
		if _, err = tx.Exec(deleteOldPeople, clock.Micros(r.Before), r.Limit); err != nil {
			return 0, err
		}
		n, err = tx.Exec(deleteOldAnswers, clock.Micros(r.Before), r.Limit)
		r.Note("idempotency_keys", n)
	case AgesEvents:
		n, err = g.retainEvents(tx, r)
		r.Note("events", n)
	case AgesAccessLog:
		n, err = g.audit.ForgetReads(tx, r.WorkspaceID, r.Before, r.Limit)
		r.Note("access_subjects", n)
	}
	return n, err
}

// Due counts events and reads that are older than the rule allows.
func (g ground) Due(_ context.Context, tx *storage.Tx, r Rule) (Counts, error) {
	switch r.Category {
	case AgesEvents:
		n, err := g.dueEvents(tx, r)
		return Counts{"events": n}, err
	case AgesAccessLog:
		n, err := audit.OldReads(tx, r.WorkspaceID, r.Before)
		return Counts{"access_subjects": n}, err
	}
	return Counts{}, nil
}

const (
	selectYoungEvent  = `SELECT sequence FROM events WHERE workspace_id = $1 AND occurred_at >= $2 ORDER BY sequence LIMIT 1`
	selectPastEvents  = `SELECT sequence + 1 FROM events WHERE workspace_id = $1 ORDER BY sequence DESC LIMIT 1`
	countEvents       = `SELECT COUNT(*) FROM events WHERE workspace_id = $1 AND sequence < $2`
	selectFirstEvents = `SELECT sequence, occurred_at FROM events WHERE workspace_id = $1 ORDER BY sequence LIMIT $2`
	deleteEvents      = `DELETE FROM events WHERE workspace_id = $1 AND sequence <= $2`
)

// firstEventFrom gives the number of the first event that stays: events go in
// their order, so that what is left has no gaps and streams resume from it.
func firstEventFrom(tx *storage.Tx, r Rule) (sequence int64, err error) {
	err = tx.QueryRow(selectYoungEvent, r.WorkspaceID, clock.Micros(r.Before)).Scan(&sequence)
	if errors.Is(err, sql.ErrNoRows) {
		err = tx.QueryRow(selectPastEvents, r.WorkspaceID).Scan(&sequence)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return sequence, err
}

func lastOldEvent(tx *storage.Tx, r Rule) (last int64, err error) {
	rows, err := tx.Query(selectFirstEvents, r.WorkspaceID, r.Limit)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var sequence, at int64
		if err := rows.Scan(&sequence, &at); err != nil {
			return 0, err
		}
		if at >= clock.Micros(r.Before) {
			break
		}
		last = sequence
	}
	return last, rows.Err()
}
