package boards

import (
	"context"
	"database/sql"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// Mine is what somebody voted for and follows, by post.
type Mine struct {
	Votes   map[string]string // the importance
	Follows map[string]bool
}

// ofPerson is an SQL condition: a column names one of a person's contacts, $2. It has
// two halves, since SQLite reads all contacts of the workspace for one with an OR.
const ofPerson = ` IN (SELECT m.id FROM contacts m WHERE m.workspace_id = $1 AND m.id = $2
	UNION ALL SELECT m.id FROM contacts m WHERE m.workspace_id = $1 AND m.merged_into = $2)`

// mostMine bounds how many of somebody's votes and subscriptions are looked at for one
// page.
const mostMine = 5000

const (
	selectMyVotes   = `SELECT v.post_id, v.importance FROM post_votes v WHERE v.workspace_id = $1 AND v.contact_id` + ofPerson + ` LIMIT $3`
	selectMyFollows = `SELECT f.post_id, '' FROM post_subscriptions f WHERE f.workspace_id = $1 AND f.contact_id` + ofPerson + ` LIMIT $3`
)

// Mine gives what a guest voted for and follows.
func (s *Service) Mine(ctx context.Context, g Guest) (Mine, error) {
	out := Mine{Votes: map[string]string{}, Follows: map[string]bool{}}
	if g.Promised {
		return out, nil
	}
	type pair struct{ postID, word string }
	scan := func(rows *sql.Rows) (p pair, err error) { return p, rows.Scan(&p.postID, &p.word) }
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		votes, err := queryAll(tx, scan, selectMyVotes, g.WorkspaceID, g.ContactID, mostMine)
		if err != nil {
			return err
		}
		follows, err := queryAll(tx, scan, selectMyFollows, g.WorkspaceID, g.ContactID, mostMine)
		for _, p := range votes {
			out.Votes[p.postID] = p.word
		}
		for _, p := range follows {
			out.Follows[p.postID] = true
		}
		return err
	})
	return out, fault.Wrap("boards.Mine", err)
}

// Own is what somebody did on a board, newest first, at most a hundred of each.
type Own struct {
	Posts    []Post
	Voted    []Post
	Followed []Post
	Comments []Comment
	// Under gives the posts that the comments are under.
	Under map[string]Post
}

const (
	mostOwn = 100

	selectOwnPosts = `SELECT ` + postColumns + fromPosts + ` AND p.contact_id` + ofPerson + ` AND p.board_id = $3 ORDER BY p.id DESC LIMIT $4`
	selectVotedFor = `SELECT ` + postColumns + fromPosts + ` AND p.id IN (SELECT v.post_id FROM post_votes v WHERE v.workspace_id = $1 AND v.contact_id` + ofPerson + `)
		AND p.board_id = $3 AND p.state = 'published' AND p.merged_into IS NULL ORDER BY p.id DESC LIMIT $4`
	selectFollowed = `SELECT ` + postColumns + fromPosts + ` AND p.id IN (SELECT f.post_id FROM post_subscriptions f WHERE f.workspace_id = $1 AND f.contact_id` + ofPerson + `)
		AND p.board_id = $3 AND p.state = 'published' AND p.merged_into IS NULL ORDER BY p.id DESC LIMIT $4`
	selectOwnComments = `SELECT ` + commentColumns + fromComments + ` AND m.contact_id` + ofPerson + ` AND m.body_sealed IS NOT NULL
		AND EXISTS (SELECT 1 FROM posts q WHERE q.workspace_id = m.workspace_id AND q.id = m.post_id AND q.board_id = $3) ORDER BY m.id DESC LIMIT $4`
	selectPostsOfComments = `SELECT ` + postColumns + fromPosts + ` AND p.id IN (SELECT k.post_id FROM post_comments k WHERE k.workspace_id = $1 AND k.contact_id` + ofPerson + `)
		AND p.board_id = $3 ORDER BY p.id DESC LIMIT $4`
)

// Own gives what a guest did on a board: their own posts and comments also while they
// wait, of others what everybody may read.
func (s *Service) Own(ctx context.Context, g Guest, boardID string) (Own, error) {
	const op = "boards.Own"
	out := Own{Under: map[string]Post{}}
	if g.Promised {
		return out, nil
	}
	lists := make([][]postRow, 4)
	var comments []commentRow
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		for i, query := range []string{selectOwnPosts, selectVotedFor, selectFollowed, selectPostsOfComments} {
			lists[i], err = queryAll(tx, func(rows *sql.Rows) (postRow, error) { return scanPost(rows) }, query, g.WorkspaceID, g.ContactID, boardID, mostOwn)
			if err != nil {
				return err
			}
		}
		comments, err = queryAll(tx, func(rows *sql.Rows) (commentRow, error) { return scanComment(rows) }, selectOwnComments, g.WorkspaceID, g.ContactID, boardID, mostOwn)
		return err
	})
	if err != nil {
		return out, fault.Wrap(op, err)
	}
	as := g.As(ctx)
	var under []Post
	for i, into := range []*[]Post{&out.Posts, &out.Voted, &out.Followed, &under} {
		if *into, _, err = s.openPosts(as, lists[i]); err != nil {
			return out, fault.Wrap(op, err)
		}
	}
	for _, p := range under {
		out.Under[p.ID] = p
	}
	out.Comments, err = s.openComments(as, comments)
	return out, fault.Wrap(op, err)
}

// Pending gives a guest's own comments under a post that wait for approval, oldest
// first.
func (s *Service) Pending(ctx context.Context, g Guest, postID string) ([]Comment, error) {
	if g.Promised {
		return nil, nil
	}
	var rows []commentRow
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		rows, err = queryAll(tx, func(rows *sql.Rows) (commentRow, error) { return scanComment(rows) },
			`SELECT `+commentColumns+fromComments+` AND m.contact_id`+ofPerson+` AND m.post_id = $3 AND m.state = 'pending' AND m.body_sealed IS NOT NULL ORDER BY m.id LIMIT $4`,
			g.WorkspaceID, g.ContactID, postID, mostOwn)
		return err
	})
	if err != nil {
		return nil, fault.Wrap("boards.Pending", err)
	}
	out, err := s.openComments(g.As(ctx), rows)
	return out, fault.Wrap("boards.Pending", err)
}

// OwnPost gives one of a guest's own posts by its number on a board, also while it
// waits; not found if it is another person's.
func (s *Service) OwnPost(ctx context.Context, g Guest, boardID string, number int64) (Post, error) {
	var r postRow
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		var id string
		err := tx.QueryRow(`SELECT p.id FROM posts p WHERE p.workspace_id = $1 AND p.contact_id`+ofPerson+` AND p.board_id = $3 AND p.number = $4`,
			g.WorkspaceID, g.ContactID, boardID, number).Scan(&id)
		if err == nil {
			r, err = loadPost(tx, g.WorkspaceID, id)
		}
		return err
	})
	if isNoRow(err) {
		return Post{}, fault.NotFound("post")
	}
	if err != nil {
		return Post{}, fault.Wrap("boards.OwnPost", err)
	}
	return s.Post(g.As(ctx), r.p.ID)
}

// OwnComment gives one of a guest's own comments with the post that it is under.
func (s *Service) OwnComment(ctx context.Context, g Guest, commentID string) (Comment, Post, error) {
	const op = "boards.OwnComment"
	as := g.As(ctx)
	c, r, err := s.comment(as, commentID)
	if err != nil {
		return Comment{}, Post{}, fault.Wrap(op, err)
	}
	mine := false
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		mine, err = isMine(tx, g.actor(), r.contactID)
		return err
	})
	if err == nil && (!mine || c.Removed) {
		err = fault.NotFound("comment")
	}
	if err != nil {
		return Comment{}, Post{}, fault.Wrap(op, err)
	}
	p, err := s.Post(as, c.PostID)
	return c, p, fault.Wrap(op, err)
}

// Consent records what a guest ticked, who comes to be with it. A wording that has
// changed since it was shown is not what they agreed to, and is left out.
func (s *Service) Consent(ctx context.Context, wishes []ConsentWish, locale string) error {
	const op = "boards.Consent"
	if len(wishes) == 0 || s.Voices.Record == nil {
		return nil
	}
	if err := s.write(ctx, func(tx *storage.Tx) error { return nil }); err != nil {
		return fault.Wrap(op, err)
	}
	for _, one := range wishes {
		_, err := s.Voices.Record(ctx, privacy.Decision{ContactID: Voter(ctx), Purpose: one.Purpose, Action: privacy.Grant, Source: "board", Version: one.Version, Locale: locale})
		if e := fault.As(err); e != nil && (e.Code == "wording_changed" || e.Kind == fault.KindInvalid) {
			continue
		}
		if err != nil {
			return fault.Wrap(op, err)
		}
	}
	return nil
}

// AddressOf gives where a guest is reached, for themselves to see.
func (s *Service) AddressOf(ctx context.Context, g Guest) (string, error) {
	if g.Promised {
		return g.address, nil
	}
	c, err := s.Contacts.FindForVisitor(ctx, g.WorkspaceID, g.ContactID)
	if fault.Is(err, fault.KindNotFound) || fault.Is(err, fault.KindGone) {
		return "", nil
	}
	return c.Email, fault.Wrap("boards.AddressOf", err)
}
