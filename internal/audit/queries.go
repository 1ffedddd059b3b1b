package audit

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// Target is what an entry is about.
type Target struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// Event is an entry as it is shown.
type Event struct {
	ID         string            `json:"id"`
	Position   int64             `json:"position" doc:"Its place in the workspace's log, from 0."`
	Actor      actor.Ref         `json:"actor"`
	Action     string            `json:"action" example:"contact.updated"`
	Target     Target            `json:"target"`
	OccurredAt time.Time         `json:"occurred_at"`
	Details    map[string]string `json:"details" doc:"Ids, words and counts."`
}

// AccessEvent is a read of people's data as it is shown.
type AccessEvent struct {
	ID         string    `json:"id"`
	Position   int64     `json:"position" doc:"Its place in the workspace's log, from 0."`
	Actor      actor.Ref `json:"actor"`
	ContactID  string    `json:"contact_id" doc:"The person; empty when several were read of and none was asked for."`
	Through    string    `json:"through" example:"conversation.messages" doc:"What was looked at."`
	OccurredAt time.Time `json:"occurred_at" doc:"The first of the reads of up to a second that this stands for."`
	Count      int       `json:"count" doc:"How many people were read of, this one included."`

	SessionID string        `json:"session_id" doc:"The operator's session; empty for others."`
	From      *AccessOrigin `json:"from" doc:"From where: of operators and keys, for 180 days, and as long as the operator's account is there. Null for others."`
}

// Filter narrows the list of entries. Empty fields let everything pass, but for
// reads: those are listed only when Action asks for "access".
type Filter struct {
	Action   string // "contact", "contact.updated", or the beginning of it after the dot
	TargetID string
}

const (
	selectEntry = `SELECT e.position, e.id, e.actor_type, e.actor_id, e.action, e.target_type, e.target_id, e.details, e.occurred_at FROM audit_entries e `

	selectChanges = selectEntry + `
		WHERE e.workspace_id = $1 AND e.area <> 'access' AND e.position < $2 ORDER BY e.position DESC LIMIT $3`
	selectByArea = selectEntry + `
		WHERE e.workspace_id = $1 AND e.area = $2 AND e.position < $3 AND e.action >= $4 AND e.action < $5 ORDER BY e.position DESC LIMIT $6`
	selectByTarget = selectEntry + `
		WHERE e.workspace_id = $1 AND e.target_id = $2 AND e.area <> 'access' AND e.position < $3 AND e.action >= $4 AND e.action < $5
		ORDER BY e.position DESC LIMIT $6`
	selectReadsOf = `
		SELECT e.position, e.id, e.actor_type, e.actor_id, e.action, e.target_type, e.target_id, e.details, e.occurred_at
		FROM access_subjects s JOIN audit_entries e ON e.workspace_id = s.workspace_id AND e.position = s.position
		WHERE s.workspace_id = $1 AND s.contact_id = $2 AND s.position < $3 ORDER BY s.position DESC LIMIT $4`
)

// newest is before no entry.
const newest = math.MaxInt64

// AuditEvents gives entries of a workspace's log, newest first: those before a
// position ([math.MaxInt64] for the first page), at most limit.
func (l *Log) AuditEvents(ctx context.Context, workspaceID string, f Filter, before int64, limit int) ([]Event, error) {
	if f.TargetID != "" && !isItem(f.TargetID) {
		return nil, nil
	}
	var found []placedRow
	err := l.db.Read(ctx, func(tx *storage.Tx) (err error) {
		found, err = l.ofPerson(tx, workspaceID, f.TargetID, limit, func(id string) (string, []any) {
			one := f
			one.TargetID = id
			return one.query(workspaceID, before, limit)
		})
		return err
	})
	if err != nil {
		return nil, fault.Wrap("audit.AuditEvents", err)
	}
	refs, err := l.actors(ctx, workspaceID, found)
	if err != nil {
		return nil, fault.Wrap("audit.AuditEvents", err)
	}
	events := make([]Event, len(found))
	for i, r := range found {
		events[i] = Event{ID: r.id, Position: r.position, Actor: refs[i], Action: r.action, Target: Target{r.targetType, r.targetID},
			OccurredAt: clock.FromMicros(r.occurredAt), Details: r.shownDetails()}
	}
	return events, nil
}

func (f Filter) query(workspaceID string, before int64, limit int) (string, []any) {
	upTo := f.Action + "~" // after all that begin with it: ~ is after every character of an action
	switch {
	case f.TargetID != "":
		return selectByTarget, []any{workspaceID, f.TargetID, before, f.Action, upTo, limit}
	case f.Action != "":
		return selectByArea, []any{workspaceID, areaOf(f.Action), before, f.Action, upTo, limit}
	}
	return selectChanges, []any{workspaceID, before, limit}
}

// AccessEvents tells who has read of a contact, or of anybody if contactID is
// empty, newest first: those before a position, at most limit. What was read until
// now on this node is included. Looking at a contact's reads is noted as a read.
func (l *Log) AccessEvents(ctx context.Context, workspaceID, contactID string, before int64, limit int) ([]AccessEvent, error) {
	if contactID != "" && !isWord(contactID) {
		return nil, nil
	}
	if err := l.Flush(ctx); err != nil {
		return nil, fault.Wrap("audit.AccessEvents", err)
	}
	var found []placedRow
	var places map[int64][]byte
	err := l.db.Read(ctx, func(tx *storage.Tx) (err error) {
		found, err = l.ofPerson(tx, workspaceID, contactID, limit, func(id string) (string, []any) {
			if id == "" {
				return Filter{Action: accessArea}.query(workspaceID, before, limit)
			}
			return selectReadsOf, []any{workspaceID, id, before, limit}
		})
		if err == nil {
			places, err = placesOf(tx, workspaceID, found)
		}
		return err
	})
	if err != nil {
		return nil, fault.Wrap("audit.AccessEvents", err)
	}
	refs, err := l.actors(ctx, workspaceID, found)
	if err != nil {
		return nil, fault.Wrap("audit.AccessEvents", err)
	}
	events := make([]AccessEvent, len(found))
	for i, r := range found {
		a := r.access()
		events[i] = AccessEvent{ID: r.id, Position: r.position, Actor: refs[i], ContactID: contactID, Through: a.Through,
			OccurredAt: clock.FromMicros(r.occurredAt), Count: len(a.Subjects), SessionID: a.Session}
		if contactID == "" {
			events[i].ContactID = r.targetID
		}
		if events[i].From, err = l.openPlace(ctx, workspaceID, &r.row, places[r.position]); err != nil {
			return nil, fault.Wrap("audit.AccessEvents", err)
		}
	}
	if contactID != "" && len(events) > 0 {
		l.Access(ctx, []string{contactID}, "access_events")
	}
	return events, nil
}

// ofPerson asks for entries about somebody under each of their contacts, and gives the
// newest of all, each once.
func (l *Log) ofPerson(tx *storage.Tx, workspaceID, id string, limit int, query func(id string) (string, []any)) ([]placedRow, error) {
	ids := []string{id}
	if l.same != nil && strings.HasPrefix(id, "con_") {
		same, err := l.same(tx, workspaceID, id)
		if err != nil {
			return nil, err
		}
		if len(same) > 1 {
			ids = same
		}
	}
	var out []placedRow
	for _, one := range ids {
		text, args := query(one)
		some, err := scanRows(tx.Query(text, args...))
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	if len(ids) == 1 {
		return out, nil
	}
	slices.SortFunc(out, func(a, b placedRow) int { return cmp.Compare(b.position, a.position) })
	out = slices.CompactFunc(out, func(a, b placedRow) bool { return a.position == b.position })
	return out[:min(len(out), limit)], nil
}

// placedRow is an entry's row with its place.
type placedRow struct {
	row
	position int64
}

func scanRows(rows *sql.Rows, err error) ([]placedRow, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []placedRow
	for rows.Next() {
		var r placedRow
		err := rows.Scan(&r.position, &r.id, &r.actorType, &r.actorID, &r.action, &r.targetType, &r.targetID, &r.details, &r.occurredAt)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// access reads the details of a read. Those that cannot be read give nothing:
// verification says so.
func (r *row) access() (a access) {
	_ = json.Unmarshal([]byte(r.details), &a)
	return a
}

// shownDetails gives an entry's details; of a read, how many people instead of whom.
func (r *row) shownDetails() map[string]string {
	if r.action == accessArea {
		a := r.access()
		return map[string]string{"through": a.Through, "count": strconv.Itoa(len(a.Subjects))}
	}
	details := map[string]string{}
	_ = json.Unmarshal([]byte(r.details), &details)
	return details
}

// actors gives who acted in each row, operators and keys with their names.
func (l *Log) actors(ctx context.Context, workspaceID string, found []placedRow) ([]actor.Ref, error) {
	refs := make([]actor.Ref, len(found))
	var named []string
	seen := map[string]bool{}
	for i, r := range found {
		refs[i] = actor.Ref{Type: actor.Type(r.actorType), ID: r.actorID}
		if hasName(refs[i]) && !seen[r.actorID] {
			seen[r.actorID] = true
			named = append(named, r.actorID)
		}
	}
	if l.names == nil || len(named) == 0 {
		return refs, nil
	}
	names, err := l.names(ctx, workspaceID, named)
	if err != nil {
		return nil, err
	}
	for i := range refs {
		if hasName(refs[i]) {
			refs[i].Name = names[refs[i].ID]
		}
	}
	return refs, nil
}

func hasName(r actor.Ref) bool { return r.Type == actor.Operator || r.Type == actor.APIKey }
