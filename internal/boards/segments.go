package boards

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage"
)

const (
	votesGroup = "votes"
	// offeredBoards and offeredPosts bound what is offered; others may be asked about.
	offeredBoards = 50
	offeredPosts  = 10 // of each board, those with the most votes
)

const (
	selectOfferedBoards = `SELECT id, name FROM boards WHERE workspace_id = $1 AND archived_at IS NULL ORDER BY id DESC LIMIT $2`
	selectOfferedPosts  = `SELECT id, number FROM posts WHERE workspace_id = $1 AND board_id = $2 AND merged_into IS NULL AND votes > 0 ORDER BY votes DESC, id DESC LIMIT $3`
	selectBoardName     = `SELECT name FROM boards WHERE workspace_id = $1 AND id = $2`
	selectPostName      = `SELECT b.name, p.number FROM posts p JOIN boards b ON b.workspace_id = p.workspace_id AND b.id = p.board_id WHERE p.workspace_id = $1 AND p.id = $2`
)

// votesOnBoards are votes with the board of their post.
const votesOnBoards = `(SELECT v.workspace_id, v.contact_id, v.post_id, v.created_at, p.board_id FROM post_votes v
	JOIN posts p ON p.workspace_id = v.workspace_id AND p.id = v.post_id)`

func votesField(key, label string) segment.Field {
	return segment.Field{Key: votesGroup + "." + key, Label: label, Group: votesGroup, Kind: segment.Count, Ops: segment.OpsOf(segment.Count, false)}
}

func ofBoard(boardID, name string) segment.Field { return votesField(boardID, "Votes on "+name) }

// ofPost names a post by its number: its title is sealed, with its author's key.
func ofPost(postID, board string, number int64) segment.Field {
	return votesField(postID, fmt.Sprintf("Votes for %s #%d", board, number))
}

// SegmentSource knows what conditions can be about of people's votes: how often they
// voted, anywhere, on a board, or for a post, ever or in the last days.
func SegmentSource(db *storage.DB) segment.Source {
	return segment.Source{
		Names: []string{votesGroup},
		List: func(ctx context.Context, workspaceID string) (out []segment.Field, err error) {
			err = db.Read(ctx, func(tx *storage.Tx) (err error) {
				out, err = offered(tx, workspaceID)
				return err
			})
			return out, err
		},
		Find: func(ctx context.Context, workspaceID, key string) (f segment.Field, known bool, err error) {
			err = db.Read(ctx, func(tx *storage.Tx) (err error) {
				f, known, err = votesOf(tx, workspaceID, key[len(votesGroup)+1:])
				return err
			})
			return f, known, err
		},
		Compile: func(_ context.Context, q *segment.Query, c segment.Condition) (segment.Clause, error) {
			what := c.Field.Key[len(votesGroup)+1:]
			clause := segment.Clause{From: "post_votes", Joined: true, Where: "x.post_id <> ''"}
			switch {
			case id.Valid(id.Board, what):
				clause = segment.Clause{From: votesOnBoards, Joined: true, Where: "x.board_id = " + q.Arg(what)}
			case id.Valid(id.Post, what):
				clause.Where = "x.post_id = " + q.Arg(what)
			}
			if !c.Since.IsZero() {
				clause.Where += " AND x.created_at >= " + q.Arg(c.SinceMicros())
			}
			clause.Having = c.TimesOf(q, "DISTINCT x.post_id") // a person votes for a post once, with whichever of their contacts
			return clause, nil
		},
	}
}

// offered gives the fields of a workspace: votes in all, on each board, and for the
// posts that most people want.
func offered(tx *storage.Tx, workspaceID string) ([]segment.Field, error) {
	type named struct {
		id, name string
		number   int64
	}
	all, err := queryAll(tx, func(rows *sql.Rows) (n named, err error) { return n, rows.Scan(&n.id, &n.name) }, selectOfferedBoards, workspaceID, offeredBoards)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	out := []segment.Field{votesField("count", "Votes")}
	for _, b := range all {
		out = append(out, ofBoard(b.id, b.name))
	}
	for _, b := range all {
		posts, err := queryAll(tx, func(rows *sql.Rows) (n named, err error) { return n, rows.Scan(&n.id, &n.number) }, selectOfferedPosts, workspaceID, b.id, offeredPosts)
		if err != nil {
			return nil, err
		}
		for _, p := range posts {
			out = append(out, ofPost(p.id, b.name, p.number))
		}
	}
	return out, nil
}

// votesOf gives a field by what its votes are for.
func votesOf(tx *storage.Tx, workspaceID, what string) (segment.Field, bool, error) {
	var name string
	var number int64
	var err error
	switch {
	case what == "count":
		return votesField(what, "Votes"), true, nil
	case id.Valid(id.Board, what):
		err = tx.QueryRow(selectBoardName, workspaceID, what).Scan(&name)
	case id.Valid(id.Post, what):
		err = tx.QueryRow(selectPostName, workspaceID, what).Scan(&name, &number)
	default:
		return segment.Field{}, false, nil
	}
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return segment.Field{}, false, nil
	case id.Valid(id.Board, what):
		return ofBoard(what, name), true, err
	}
	return ofPost(what, name, number), true, err
}
