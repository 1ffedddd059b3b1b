package live

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
)

// pageSize is how many events are read, and rendered, at once.
const pageSize = 256

const selectSequence = `SELECT sequence FROM event_sequences WHERE workspace_id = $1`

// sequenceOf gives the number of a workspace's last event, 0 if there is none.
func sequenceOf(tx *storage.Tx, workspaceID string) (int64, error) {
	var last int64
	err := tx.QueryRow(selectSequence, workspaceID).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return last, err
}

const selectOldest = `SELECT sequence FROM events WHERE workspace_id = $1 ORDER BY sequence LIMIT 1`

// span gives what there is of a workspace's events: the first that is kept
// (last+1 if none is) and the last.
func span(ctx context.Context, db *storage.DB, workspaceID string) (oldest, last int64, err error) {
	err = db.Read(ctx, func(tx *storage.Tx) error {
		if last, err = sequenceOf(tx, workspaceID); err != nil {
			return err
		}
		err := tx.QueryRow(selectOldest, workspaceID).Scan(&oldest)
		if errors.Is(err, sql.ErrNoRows) {
			oldest = last + 1
			return nil
		}
		return err
	})
	return oldest, last, err
}

const selectEvents = `
	SELECT sequence, id, type, actor_type, actor_id, contact_id, conversation_id, object_id, details, occurred_at
	FROM events WHERE workspace_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`

const selectContactEvents = `
	SELECT sequence, id, type, actor_type, actor_id, contact_id, conversation_id, object_id, details, occurred_at
	FROM events WHERE workspace_id = $1 AND sequence > $2 AND contact_id IN (`

// pageSQL gives the query of a page and its arguments.
func pageSQL(workspaceID string, contactIDs []string, after int64) (string, []any) {
	if len(contactIDs) == 0 {
		return selectEvents, []any{workspaceID, after, pageSize}
	}
	args, places := []any{workspaceID, after}, make([]string, len(contactIDs))
	for i, id := range contactIDs {
		args = append(args, id)
		places[i] = "$" + strconv.Itoa(len(args))
	}
	args = append(args, pageSize)
	return selectContactEvents + strings.Join(places, ", ") + ") ORDER BY sequence LIMIT $" + strconv.Itoa(len(args)), args
}

// page gives the events after a sequence, of some contacts if any are named. All that
// there is up to through is among them.
func page(ctx context.Context, db *storage.DB, workspaceID string, contactIDs []string, after int64) (events []Event, through int64, err error) {
	query, args := pageSQL(workspaceID, contactIDs, after)
	err = db.Read(ctx, func(tx *storage.Tx) error {
		if events, err = readEvents(tx, workspaceID, query, args); err != nil {
			return err
		}
		if len(events) == pageSize {
			through = events[pageSize-1].Sequence
			return nil
		}
		through, err = sequenceOf(tx, workspaceID)
		through = max(through, after)
		return err
	})
	return events, through, err
}

func readEvents(tx *storage.Tx, workspaceID, query string, args []any) ([]Event, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var events []Event
	for rows.Next() {
		e := Event{WorkspaceID: workspaceID}
		var actorType string
		var contact, conversation, object, details sql.NullString
		var occurred int64
		if err := rows.Scan(&e.Sequence, &e.ID, &e.Type, &actorType, &e.ActorID, &contact, &conversation, &object, &details, &occurred); err != nil {
			return nil, err
		}
		e.ActorType, e.OccurredAt = actor.Type(actorType), clock.FromMicros(occurred)
		e.ContactID, e.ConversationID, e.ObjectID = contact.String, conversation.String, object.String
		if details.Valid {
			if err := json.Unmarshal([]byte(details.String), &e.Details); err != nil {
				return nil, err
			}
		}
		events = append(events, e)
	}
	return events, rows.Err()
}

// sequencesOf gives the last numbers of several workspaces.
func sequencesOf(ctx context.Context, db *storage.DB, workspaceIDs []string) (map[string]int64, error) {
	found := make(map[string]int64, len(workspaceIDs))
	err := db.Read(ctx, func(tx *storage.Tx) error {
		for from, to := range storage.Chunks(len(workspaceIDs), 1) {
			if err := readSequences(tx, workspaceIDs[from:to], found); err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}

func readSequences(tx *storage.Tx, workspaceIDs []string, into map[string]int64) error {
	args := make([]any, len(workspaceIDs))
	for i, w := range workspaceIDs {
		args[i] = w
	}
	rows, err := tx.Query("SELECT workspace_id, sequence FROM event_sequences WHERE workspace_id IN (VALUES "+storage.Values(len(args), 1)+")", args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var w string
		var last int64
		if err := rows.Scan(&w, &last); err != nil {
			return err
		}
		into[w] = last
	}
	return rows.Err()
}
