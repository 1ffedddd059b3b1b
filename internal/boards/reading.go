package boards

import (
	"context"
	"database/sql"
	"errors"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// What stands here is for the readers of the public pages, feeds and widgets. Whether
// they may read the board is asked with [Service.MayRead] before.

const selectBoardBySlug = `SELECT ` + boardColumns + ` FROM boards WHERE workspace_id = $1 AND slug = $2`

// BoardBySlug gives the board of the context's workspace that an address names.
func (s *Service) BoardBySlug(ctx context.Context, slug string) (b Board, err error) {
	workspaceID := actor.From(ctx).WorkspaceID
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if b, err = scanBoard(tx.QueryRow(selectBoardBySlug, workspaceID, slug)); err != nil {
			return err
		}
		return loadBeside(tx, workspaceID, &b)
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.NotFound("board")
	}
	if err == nil {
		err = s.address(ctx, &b)
	}
	return b, fault.Wrap("boards.BoardBySlug", err)
}

const selectDomain = `SELECT workspace_id, slug FROM boards WHERE domain = $1`

// Domain tells which workspace's board is under a host.
func (s *Service) Domain(ctx context.Context, host string) (workspaceID, slug string, err error) {
	err = s.DB.Read(ctx, func(tx *storage.Tx) error { return tx.QueryRow(selectDomain, host).Scan(&workspaceID, &slug) })
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.NotFound("board")
	}
	return workspaceID, slug, fault.Wrap("boards.Domain", err)
}

const selectPostByNumber = `SELECT id, state, merged_into FROM posts WHERE workspace_id = $1 AND board_id = $2 AND number = $3`

// maxMerges bounds how far a post's address is followed.
const maxMerges = 100

// PostByNumber gives the post that a public address names; of one that was merged, the
// post that stands for it, whose number is another one. Posts that wait for approval
// and those of restricted people are not found.
func (s *Service) PostByNumber(ctx context.Context, boardID string, number int64) (Post, error) {
	workspaceID := actor.From(ctx).WorkspaceID
	var id string
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		var state string
		var into sql.NullString
		if err := tx.QueryRow(selectPostByNumber, workspaceID, boardID, number).Scan(&id, &state, &into); err != nil {
			return err
		}
		for i := 0; into.Valid && i < maxMerges; i++ {
			id = into.String
			if err := tx.QueryRow(`SELECT state, merged_into FROM posts WHERE workspace_id = $1 AND id = $2`, workspaceID, id).Scan(&state, &into); err != nil {
				return err
			}
		}
		if state != Published || into.Valid {
			return sql.ErrNoRows
		}
		return nil
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.NotFound("post")
	}
	if err != nil {
		return Post{}, fault.Wrap("boards.PostByNumber", err)
	}
	p, err := s.Post(ctx, id)
	if err == nil && (p.Restricted || p.State != Published) {
		err = fault.NotFound("post")
	}
	return p, fault.Wrap("boards.PostByNumber", err)
}

const selectPublicComments = `
	SELECT ` + commentColumns + fromComments + ` AND m.post_id = $2 AND m.internal = 0 AND m.state = 'published' AND m.id > $3 ORDER BY m.id LIMIT $4`

// PublicComments gives what readers see below a post, oldest first: those after an id
// ("" for the first), at most limit. Of one that was removed or whose author is
// restricted there is the place alone.
func (s *Service) PublicComments(ctx context.Context, postID, after string, limit int) ([]Comment, error) {
	var rows []commentRow
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		rows, err = queryAll(tx, func(rows *sql.Rows) (commentRow, error) { return scanComment(rows) }, selectPublicComments,
			actor.From(ctx).WorkspaceID, postID, after, limit)
		return err
	})
	if err != nil {
		return nil, fault.Wrap("boards.PublicComments", err)
	}
	out, err := s.openComments(ctx, rows)
	return out, fault.Wrap("boards.PublicComments", err)
}

// Listing gives the posts that readers see, as [Service.Posts] does: published ones,
// without those of restricted people.
func (s *Service) Listing(ctx context.Context, boardID string, f Filter, by Sort, after *At, limit int) ([]Post, []At, error) {
	f.State = Published
	posts, places, err := s.Posts(ctx, boardID, f, by, after, limit)
	kept, at := posts[:0], places[:0]
	for i, p := range posts {
		if !p.Restricted {
			kept, at = append(kept, p), append(at, places[i])
		}
	}
	return kept, at, err
}

// BoardOfPost gives the board of a published post, or of one that was merged into such
// a post.
func (s *Service) BoardOfPost(ctx context.Context, postID string) (b Board, err error) {
	workspaceID := actor.From(ctx).WorkspaceID
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		r, err := loadPost(tx, workspaceID, postID)
		if err == nil && r.p.State != Published {
			err = fault.NotFound("post")
		}
		if err == nil {
			b, err = loadBoard(tx, workspaceID, r.p.BoardID)
		}
		return err
	})
	return b, fault.Wrap("boards.BoardOfPost", err)
}

// Voted tells for which of some posts a person voted, as whichever of their contacts.
func (s *Service) Voted(ctx context.Context, contactID string, postIDs []string) (map[string]bool, error) {
	out := map[string]bool{}
	if contactID == "" || len(postIDs) == 0 {
		return out, nil
	}
	args := []any{actor.From(ctx).WorkspaceID, contactID}
	for _, id := range postIDs {
		args = append(args, id)
	}
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		found, err := queryAll(tx, scanText, `SELECT post_id FROM post_votes WHERE workspace_id = $1
			AND contact_id`+ofPerson+` AND post_id IN (`+marks(3, len(postIDs))+`)`, args...)
		for _, id := range found {
			out[id] = true
		}
		return err
	})
	return out, fault.Wrap("boards.Voted", err)
}

// PublishedEntry gives an entry of a board's changelog that everybody may read.
func (s *Service) PublishedEntry(ctx context.Context, boardID, entryID string) (e Entry, err error) {
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if e, err = loadEntry(tx, actor.From(ctx).WorkspaceID, entryID); err != nil {
			return err
		}
		if e.State = e.stateAt(s.Clock.Now()); e.State != Published || e.BoardID != boardID {
			return fault.NotFound("changelog entry")
		}
		return nil
	})
	return e, fault.Wrap("boards.PublishedEntry", err)
}

// Shown gives those of some posts of a board that its readers see, by id; one that was
// merged is there as the post that stands for it.
func (s *Service) Shown(ctx context.Context, boardID string, ids []string) (map[string]Post, error) {
	out := map[string]Post{}
	if len(ids) == 0 {
		return out, nil
	}
	ids = distinct(ids)
	args := []any{actor.From(ctx).WorkspaceID, boardID}
	for _, id := range ids {
		args = append(args, id)
	}
	var rows []postRow
	stands := map[string][]string{} // whom a shown post stands for
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		stands = map[string][]string{}
		_, err = queryAll(tx, func(rows *sql.Rows) (struct{}, error) {
			var id, into string
			err := rows.Scan(&id, &into)
			stands[into] = append(stands[into], id)
			return struct{}{}, err
		}, `SELECT id, COALESCE(merged_into, id) FROM posts WHERE workspace_id = $1 AND board_id = $2 AND id IN (`+marks(3, len(ids))+`)`, args...)
		if err != nil || len(stands) == 0 {
			return err
		}
		args := args[:2:2]
		for into := range stands {
			args = append(args, into)
		}
		rows, err = queryAll(tx, func(rows *sql.Rows) (postRow, error) { return scanPost(rows) },
			`SELECT `+postColumns+fromPosts+` AND p.board_id = $2 AND p.state = 'published' AND p.merged_into IS NULL AND p.id IN (`+marks(3, len(stands))+`)`, args...)
		return err
	})
	if err != nil {
		return nil, fault.Wrap("boards.Shown", err)
	}
	posts, _, err := s.openPosts(ctx, rows)
	for _, p := range posts {
		for _, id := range stands[p.ID] {
			if !p.Restricted {
				out[id] = p
			}
		}
	}
	return out, fault.Wrap("boards.Shown", err)
}
