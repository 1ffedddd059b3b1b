package boards

import (
	"database/sql"
	"errors"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// placeStep is how far apart posts of a status are when they are numbered anew.
const placeStep = 1_000_000

// Posts of a status stand in an order of their own: by a number, the highest on top. A
// new one has the moment at which it came; one that is put between two others has the
// middle, and where no number is between them any more, all are numbered anew.

const (
	selectTop   = `SELECT COALESCE(MAX(place), 0) FROM posts WHERE workspace_id = $1 AND board_id = $2 AND status = $3 AND merged_into IS NULL AND id <> $4`
	selectPlace = `SELECT place FROM posts WHERE workspace_id = $1 AND board_id = $2 AND status = $3 AND merged_into IS NULL AND id = $4`
	selectBelow = `
	SELECT place FROM posts WHERE workspace_id = $1 AND board_id = $2 AND status = $3 AND merged_into IS NULL AND (place, id) < ($4, $5) AND id <> $6
	ORDER BY place DESC, id DESC LIMIT 1`
	numberAnew = `
	UPDATE posts SET place = r.n * 1000000 FROM (
		SELECT id, ROW_NUMBER() OVER (ORDER BY place, id) AS n FROM posts WHERE workspace_id = $1 AND board_id = $2 AND status = $3 AND merged_into IS NULL
	) r WHERE posts.workspace_id = $1 AND posts.id = r.id`
	updatePlace = `UPDATE posts SET place = $1 WHERE workspace_id = $2 AND id = $3`
)

// put places a post in its status: after another one, on top ("") or, where nobody
// says where, on top if it is new there.
func (s *Service) put(tx *storage.Tx, workspaceID string, was, next *Post, after *string) error {
	if after == nil && was.Status == next.Status {
		return nil
	}
	if err := tx.Lock("places " + next.BoardID + " " + next.Status); err != nil {
		return err
	}
	if after == nil || *after == "" {
		var top float64
		if err := tx.QueryRow(selectTop, workspaceID, next.BoardID, next.Status, next.ID).Scan(&top); err != nil {
			return err
		}
		_, err := tx.Exec(updatePlace, max(float64(clock.Micros(next.UpdatedAt)), top+1), workspaceID, next.ID)
		return err
	}
	for range 2 { // once more after they were numbered anew
		place, ok, err := between(tx, workspaceID, next, *after)
		if err != nil {
			return err
		}
		if ok {
			_, err = tx.Exec(updatePlace, place, workspaceID, next.ID)
			return err
		}
		if _, err := tx.Exec(numberAnew, workspaceID, next.BoardID, next.Status); err != nil {
			return err
		}
	}
	return errors.New("posts that were numbered anew have no room between them")
}

// between gives the middle between a post and the one below it, if there is one.
func between(tx *storage.Tx, workspaceID string, p *Post, after string) (place float64, ok bool, err error) {
	if after == p.ID {
		return 0, false, fault.Invalid("after_id", "must be another post")
	}
	var above, below float64
	err = tx.QueryRow(selectPlace, workspaceID, p.BoardID, p.Status, after).Scan(&above)
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.Invalid("after_id", "must be a post of this board at the same status")
	}
	if err != nil {
		return 0, false, err
	}
	err = tx.QueryRow(selectBelow, workspaceID, p.BoardID, p.Status, above, after, p.ID).Scan(&below)
	if errors.Is(err, sql.ErrNoRows) {
		return above - placeStep, true, nil
	}
	place = below + (above-below)/2
	return place, below < place && place < above, err
}
