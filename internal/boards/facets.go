package boards

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
)

// Facets are what a board's published posts can be told apart by.
type Facets struct {
	Posts      int64
	Status     map[string]int64 // how many are at each
	Categories []string         // those that are in use, sorted
}

// mark tells states of a board apart: nothing that its posts are counted by changes
// without the one or the other moving on.
type mark struct {
	updated  int64 // when the board itself was changed
	sequence int64 // of the workspace's last event
}

const selectMark = `
	SELECT b.updated_at, COALESCE((SELECT e.sequence FROM event_sequences e WHERE e.workspace_id = $1), 0)
	FROM boards b WHERE b.workspace_id = $1 AND b.id = $2`

// countedFacets are facets as they were at a mark.
type countedFacets struct {
	at     mark
	facets Facets
}

// moveNoPost are the events that leave the posts of all boards where they are. What is
// not named here counts as one that may move some.
var moveNoPost = []string{
	live.VoteAdded, live.VoteRemoved, live.CommentCreated, live.ContactCreated, live.ContactUpdated, live.ContactTracked, live.ConsentGranted, live.ConsentWithdrawn,
	live.ConversationCreated, live.ConversationUpdated, live.ConversationAssigned, live.ConversationResolved, live.ConversationReopened, live.ConversationRemoved,
	live.MessageCreated, live.MessageRedacted,
}

const facetBytes = 1 << 20 // of a generation, at some 200 a board

// mostEvents bounds how many events are looked at before counting is cheaper.
const mostEvents = 500

var countIdle = `SELECT COUNT(*) FROM events WHERE workspace_id = $1 AND sequence > $2 AND sequence <= $3 AND type IN ('` + strings.Join(moveNoPost, "', '") + `')`

// stillThere tells whether no post was moved between two marks. Events that are gone by
// now, past their term, count as ones that did.
func stillThere(tx *storage.Tx, workspaceID string, was, is mark) (bool, error) {
	if was == is {
		return true, nil
	}
	if was.updated != is.updated || is.sequence < was.sequence || is.sequence-was.sequence > mostEvents {
		return false, nil
	}
	var idle int64
	err := tx.QueryRow(countIdle, workspaceID, was.sequence, is.sequence).Scan(&idle)
	return idle == is.sequence-was.sequence, err
}

// Facets counts a board's published posts, or gives what was counted before where no
// post was moved since, on any node.
func (s *Service) Facets(ctx context.Context, boardID string) (f Facets, err error) {
	workspaceID, now := actor.From(ctx).WorkspaceID, s.Clock.Now()
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		var at mark // read before what is counted: what comes between is counted, too
		err := tx.QueryRow(selectMark, workspaceID, boardID).Scan(&at.updated, &at.sequence)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.NotFound("board")
		}
		if err != nil {
			return err
		}
		before, known := s.facets.get(now, boardID)
		if known {
			if known, err = stillThere(tx, workspaceID, before.at, at); err != nil {
				return err
			}
		}
		if f = before.facets; !known {
			if f, err = countFacets(tx, workspaceID, boardID); err != nil {
				return err
			}
		}
		if !known || before.at != at {
			s.facets.put(now, boardID, countedFacets{at, f}, 0)
		}
		return nil
	})
	return f, fault.Wrap("boards.Facets", err)
}

const selectFacets = `SELECT status, category, COUNT(*) FROM posts WHERE workspace_id = $1 AND board_id = $2 AND merged_into IS NULL AND state = 'published'
	GROUP BY status, category`

func countFacets(tx *storage.Tx, workspaceID, boardID string) (Facets, error) {
	f := Facets{Status: map[string]int64{}}
	categories := map[string]bool{}
	_, err := queryAll(tx, func(rows *sql.Rows) (struct{}, error) {
		var status, category string
		var n int64
		err := rows.Scan(&status, &category, &n)
		f.Posts, f.Status[status] = f.Posts+n, f.Status[status]+n
		if category != "" {
			categories[category] = true
		}
		return struct{}{}, err
	}, selectFacets, workspaceID, boardID)
	f.Categories = slices.Sorted(maps.Keys(categories))
	return f, err
}
