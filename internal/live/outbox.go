package live

import (
	"cmp"
	"encoding/json"
	"slices"
	"sync/atomic"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/storage"
)

// Outbox is how events leave a transaction. It is safe for use by many goroutines.
type Outbox struct {
	clock     clock.Clock
	ids       id.Source
	listeners atomic.Pointer[[]func([]Event)]
}

// NewOutbox gives an outbox.
func NewOutbox(c clock.Clock, ids id.Source) *Outbox {
	return &Outbox{clock: c, ids: ids}
}

// Append adds an event to a transaction: it exists if the transaction commits and
// not otherwise. Id and time are filled in where they are empty, the sequence at
// commit.
func (o *Outbox) Append(tx *storage.Tx, e Event) {
	if e.ID == "" {
		e.ID = o.ids.New(id.Event)
	}
	if e.OccurredAt.IsZero() {
		e.OccurredAt = o.clock.Now()
	}
	tx.Defer(o, &e)
}

// OnCommit has fn called with the events of each commit, numbered, those of a
// workspace together and in order. It runs before the caller of Write hears of the
// commit, on SQLite on the goroutine that writes: it must be fast and must keep
// nothing but copies. On PostgreSQL two commits may be told in the wrong order. Call it
// before the outbox is in use.
func (o *Outbox) OnCommit(fn func([]Event)) {
	var all []func([]Event)
	if old := o.listeners.Load(); old != nil {
		all = slices.Clone(*old)
	}
	all = append(all, fn)
	o.listeners.Store(&all)
}

// Whoever commits events of a workspace holds its row from here to the end of the
// transaction: that makes the sequence gapless and its order that of the commits.
const advance = `
	INSERT INTO event_sequences (workspace_id, sequence) VALUES ($1, $2)
	ON CONFLICT (workspace_id) DO UPDATE SET sequence = event_sequences.sequence + excluded.sequence
	RETURNING sequence`

const insertEvents = `
	INSERT INTO events (workspace_id, sequence, id, type, actor_type, actor_id, contact_id, conversation_id, object_id, details, occurred_at) VALUES `

const eventColumns = 11

// Flush numbers and writes the events of one commit. It implements
// [storage.Collector].
func (o *Outbox) Flush(tx *storage.Tx, items []any) error {
	events := make([]Event, len(items))
	for i, item := range items {
		events[i] = *item.(*Event)
	}
	// By workspace: two transactions that touch the same ones cannot lock each other out.
	slices.SortStableFunc(events, func(a, b Event) int { return cmp.Compare(a.WorkspaceID, b.WorkspaceID) })
	for some := range byWorkspace(events) {
		var last int64
		if err := tx.QueryRow(advance, some[0].WorkspaceID, len(some)).Scan(&last); err != nil {
			return err
		}
		for i := range some {
			some[i].Sequence = last - int64(len(some)-1-i)
		}
	}
	args := make([]any, 0, eventColumns*len(events))
	for i := range events {
		var err error
		if args, err = events[i].appendRow(args); err != nil {
			return err
		}
	}
	if _, err := storage.InsertRows(tx, insertEvents, eventColumns, args, ""); err != nil {
		return err
	}
	if listeners := o.listeners.Load(); listeners != nil {
		tx.OnCommit(func() {
			for _, tell := range *listeners {
				tell(events)
			}
		})
	}
	return nil
}

// byWorkspace cuts events into runs of one workspace each.
func byWorkspace(events []Event) func(yield func([]Event) bool) {
	return func(yield func([]Event) bool) {
		for len(events) > 0 {
			n := 1
			for n < len(events) && events[n].WorkspaceID == events[0].WorkspaceID {
				n++
			}
			if !yield(events[:n]) {
				return
			}
			events = events[n:]
		}
	}
}

func (e *Event) appendRow(args []any) ([]any, error) {
	var details any
	if len(e.Details) > 0 {
		b, err := json.Marshal(e.Details)
		if err != nil {
			return nil, err
		}
		details = string(b)
	}
	return append(args, e.WorkspaceID, e.Sequence, e.ID, e.Type, string(e.ActorType), e.ActorID,
		orNull(e.ContactID), orNull(e.ConversationID), orNull(e.ObjectID), details, clock.Micros(e.OccurredAt)), nil
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
