package segment

import (
	"context"
	"database/sql"
	"regexp"

	"github.com/botimum/botimum/internal/storage"
)

const eventGroup = "events"

// maxEventNames is how many names of events are offered; others may be asked about.
const maxEventNames = 100

// Each name is found by one step in the index, however many events there are.
const nextEventName = `SELECT MIN(name) FROM contact_events WHERE workspace_id = $1 AND name > $2`

var eventName = regexp.MustCompile(`^[a-z0-9_.: -]{1,64}$`)

// Events knows what conditions can be about of what people did: how often an event
// of a name happened, ever or in the last days.
func Events(db *storage.DB) Source {
	field := func(name string) Field {
		return Field{Key: eventGroup + "." + name, Label: name, Group: eventGroup, Kind: Count, Ops: OpsOf(Count, false)}
	}
	return Source{
		Names: []string{eventGroup},
		List: func(ctx context.Context, workspaceID string) (out []Field, err error) {
			err = db.Read(ctx, func(tx *storage.Tx) error {
				out = nil
				for name := (sql.NullString{}); len(out) < maxEventNames; {
					if err := tx.QueryRow(nextEventName, workspaceID, name.String).Scan(&name); err != nil || !name.Valid {
						return err
					}
					out = append(out, field(name.String))
				}
				return nil
			})
			return out, err
		},
		Find: func(_ context.Context, _, key string) (Field, bool, error) {
			name := key[len(eventGroup)+1:]
			return field(name), eventName.MatchString(name), nil
		},
		Compile: func(_ context.Context, q *Query, c Condition) (Clause, error) {
			clause := Clause{From: "contact_events", Joined: true, Where: "x.name = " + q.Arg(c.Field.Key[len(eventGroup)+1:])}
			if !c.Since.IsZero() {
				clause.Where += " AND x.occurred_at >= " + q.Arg(c.SinceMicros())
			}
			clause.Having = c.Times(q)
			return clause, nil
		},
	}
}
