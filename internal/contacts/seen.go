package contacts

import (
	"context"
	"strconv"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/storage"
)

// sortSeen is the order of a list by when people were seen last.
const sortSeen = "last_seen"

// A page of the list by last seen, along the index contacts_idle. Whoever was never
// seen stands by when they were added.
const selectSeen = `
	SELECT ` + columns + ` FROM contacts
	WHERE workspace_id = $1 AND deleted_at IS NULL AND merged_into IS NULL AND (COALESCE(last_seen_at, created_at), id) < ($2, $3)
	ORDER BY COALESCE(last_seen_at, created_at) DESC, id DESC LIMIT $4`

// LastSeen is a place in the list by when people were seen last: the person there,
// and when they were seen.
type LastSeen struct {
	At time.Time
	ID string
}

func seenOf(c Contact) LastSeen {
	if c.LastSeenAt != nil {
		return LastSeen{At: *c.LastSeenAt, ID: c.ID}
	}
	return LastSeen{At: c.CreatedAt, ID: c.ID}
}

// BySeen gives the contacts after a place (the zero place for the first page), who
// was seen last first, at most limit. Those in the bin are not in it.
func (s *Service) BySeen(ctx context.Context, after LastSeen, limit int) ([]Contact, error) {
	if after.ID == "" {
		after = LastSeen{At: s.clock.Now().AddDate(1000, 0, 0), ID: beyond}
	}
	places := map[string]time.Time{after.ID: after.At} // of whom the list went by
	return s.list(ctx, "contacts.list", after.ID, limit, func(tx *storage.Tx, workspaceID, before string, limit int) ([]record, error) {
		records, err := scanRecords(tx.Query(selectSeen, workspaceID, clock.Micros(places[before]), before, limit))
		for _, r := range records {
			if places[r.id] = r.lastSeen; r.lastSeen.IsZero() {
				places[r.id] = r.created
			}
		}
		return records, err
	})
}

// listSeen answers the list by when people were seen last.
func (s *Service) listSeen(ctx context.Context, in httpx.Paging) (*listOut, error) {
	scope := "contacts by last seen " + actor.From(ctx).WorkspaceID
	cursor, err := httpx.DecodeCursor(scope, in.Cursor, 2)
	if err != nil {
		return nil, err
	}
	var after LastSeen
	if cursor != nil {
		at, err := strconv.ParseInt(cursor[0], 10, 64)
		if err != nil {
			return nil, fault.Invalid("cursor", "is not one of this list")
		}
		after = LastSeen{At: clock.FromMicros(at), ID: cursor[1]}
	}
	found, err := s.BySeen(ctx, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &listOut{Body: httpx.ListOf(found, in.Limit, scope, func(c Contact) []string {
		place := seenOf(c)
		return []string{strconv.FormatInt(clock.Micros(place.At), 10), place.ID}
	})}, nil
}
