package boards

import (
	"context"
	"database/sql"
	"maps"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Comments gives a post's comments, oldest first, with the internal ones: those
// after an id ("" for the first page), at most limit.
func (s *Service) Comments(ctx context.Context, postID, after string, limit int) ([]Comment, error) {
	a := actor.From(ctx)
	var rows []commentRow
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		if _, err := loadPost(tx, a.WorkspaceID, postID); err != nil {
			return err
		}
		var err error
		rows, err = queryAll(tx, func(rows *sql.Rows) (commentRow, error) { return scanComment(rows) }, selectComments, a.WorkspaceID, postID, after, limit)
		return err
	})
	if err != nil {
		return nil, fault.Wrap("boards.Comments", err)
	}
	out, err := s.openComments(ctx, rows)
	return out, fault.Wrap("boards.Comments", err)
}

func (s *Service) openComments(ctx context.Context, rows []commentRow) ([]Comment, error) {
	things := make([]sealed, len(rows))
	for i := range rows {
		things[i] = sealed{rows[i].contactID, rows[i].contact, &rows[i].c.Author}
	}
	veiled := map[string]bool{}
	ok, err := s.open(ctx, things, func(i int, key *vault.Key, restricted bool) error {
		veiled[rows[i].c.ID] = restricted
		if restricted || rows[i].body == nil {
			return nil
		}
		plain, err := key.Open(commentPlace(rows[i].c.ID), rows[i].body)
		rows[i].c.Body = string(plain)
		return fault.Wrap("open "+rows[i].c.ID, err)
	})
	if err != nil {
		return nil, err
	}
	out := make([]Comment, 0, len(rows))
	for i := range rows {
		if ok[i] {
			out = append(out, rows[i].c)
		}
	}
	if err := s.dress(ctx, out); err != nil {
		return nil, err
	}
	return s.commentsWithFiles(ctx, out, veiled)
}

func (s *Service) comment(ctx context.Context, commentID string) (Comment, commentRow, error) {
	var r commentRow
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		r, err = loadComment(tx, actor.From(ctx).WorkspaceID, commentID)
		return err
	})
	if err != nil {
		return Comment{}, r, err
	}
	out, err := s.openComments(ctx, []commentRow{r})
	if err == nil && len(out) == 0 {
		err = fault.NotFound("comment")
	}
	if err != nil {
		return Comment{}, r, err
	}
	return out[0], r, nil
}

// AddComment adds what the team says, or what a contact said, under a post.
func (s *Service) AddComment(ctx context.Context, postID string, n NewComment) (Comment, error) {
	if err := n.check(); err != nil {
		return Comment{}, err
	}
	a := actor.From(ctx)
	state := Published
	if a.Type == actor.Contact {
		var err error
		if n, state, err = s.commentAs(ctx, postID, n); err != nil {
			return Comment{}, fault.Wrap("boards.AddComment", err)
		}
	}
	body, err := s.masked(ctx, n.Body)
	if err != nil {
		return Comment{}, err
	}
	if n.ContactID != "" {
		if n.ContactID, err = s.Contacts.SurvivorOf(ctx, a.WorkspaceID, n.ContactID); err != nil {
			return Comment{}, err
		}
	}
	var named []Mention
	if n.ContactID == "" {
		if named, err = s.checkMentions(ctx, postID, body); err != nil {
			return Comment{}, fault.Wrap("boards.AddComment", err)
		}
	}
	said := contribution{contactID: n.ContactID, text: n.Body, proof: n.Proof}
	key, err := s.key(ctx, a.WorkspaceID, n.ContactID)
	if err != nil {
		return Comment{}, err
	}
	c := Comment{ID: s.IDs.New(id.Comment), PostID: postID, ParentID: orNil(n.ParentID), Author: Author{Type: string(a.Type), ID: a.ID, Name: a.Name}, Body: body,
		Internal: n.Internal, Official: n.Official, State: state, CreatedAt: s.Clock.Now(), Reactions: []ReactionCount{}, Mentions: named}
	sealedBody := key.Seal(commentPlace(c.ID), []byte(body))
	attach, err := s.attachTo(ctx, postID, c.ID, n.ContactID, n.FileIDs, n.Staged)
	if err != nil {
		return Comment{}, fault.Wrap("boards.AddComment", err)
	}
	c.Files = attach.Files()
	err = s.write(ctx, func(tx *storage.Tx) error {
		if err := s.insertComment(ctx, tx, a, c, said, sealedBody); err != nil {
			return err
		}
		return attach.Save(tx)
	})
	if err != nil {
		return Comment{}, fault.Wrap("boards.AddComment", err)
	}
	if n.ContactID == "" && len(named) == 0 {
		c.Mentions = []Mention{}
		return c, nil
	}
	c, _, err = s.comment(ctx, c.ID)
	return c, fault.Wrap("boards.AddComment", err)
}

func (s *Service) insertComment(ctx context.Context, tx *storage.Tx, a actor.Actor, c Comment, said contribution, body []byte) error {
	contactID := said.contactID
	if contactID != "" {
		stands, err := s.person(tx, a, contactID)
		if err == nil && stands != contactID {
			err = fault.Conflict("changed_meanwhile", "This person was merged with another one just now. Try again.")
		}
		if err != nil {
			return err
		}
	}
	r, err := lockPost(tx, a.WorkspaceID, c.PostID)
	if err != nil {
		return err
	}
	if r.p.MergedInto != nil {
		return fault.Conflict("post_merged", "This post was merged into another one. Comment there.")
	}
	b, err := loadBoard(tx, a.WorkspaceID, r.p.BoardID)
	if err == nil {
		err = b.takes()
	}
	if err == nil && c.ParentID != nil {
		err = s.checkParent(tx, a.WorkspaceID, c)
	}
	if err != nil {
		return err
	}
	if c.State, c.HeldFor, err = s.screened(ctx, tx, a, &b, said, c.State); err != nil {
		return err
	}
	if c.Official {
		if _, err := tx.Exec(`UPDATE post_comments SET official = 0 WHERE workspace_id = $1 AND post_id = $2 AND official = 1`, a.WorkspaceID, c.PostID); err != nil {
			return err
		}
	}
	_, err = tx.Exec(insertComment, a.WorkspaceID, c.PostID, c.ID, c.ParentID, null(contactID), c.Author.Type, c.Author.ID, body, flag(c.Internal), flag(c.Official),
		c.State, clock.Micros(c.CreatedAt))
	if err != nil {
		return err
	}
	if err := holdComment(tx, a.WorkspaceID, c.PostID, c.ID, c.HeldFor); err != nil {
		return err
	}
	if err := storeMentions(tx, a.WorkspaceID, &c, c.Mentions); err != nil {
		return err
	}
	if _, err := tx.Exec(updateComments, a.WorkspaceID, c.PostID); err != nil {
		return err
	}
	if c.Official {
		if err := s.Notify(tx, a.WorkspaceID, c.PostID, Notice{Kind: NoticeAnswer, Ref: c.ID}); err != nil {
			return err
		}
	}
	details := map[string]string{"board_id": r.p.BoardID, "post_id": c.PostID}
	if c.Internal {
		details["internal"] = "true"
	}
	if named := operatorsIn(c.Mentions); named != "" {
		details["named"] = named
	}
	s.tell(tx, a, live.CommentCreated, contactID, c.ID, c.CreatedAt, details)
	return nil
}

// checkParent refuses an answer to what is not under the same post, and a public one
// to an internal comment.
func (s *Service) checkParent(tx *storage.Tx, workspaceID string, c Comment) error {
	parent, err := loadComment(tx, workspaceID, *c.ParentID)
	if fault.Is(err, fault.KindNotFound) || err == nil && parent.c.PostID != c.PostID {
		return fault.Invalid("parent_id", "must be a comment under the same post")
	}
	if err == nil && parent.c.Internal && !c.Internal {
		err = fault.Invalid("internal", "must be true for an answer to an internal comment")
	}
	return err
}

// UpdateComment changes a comment's words, whether it is the official answer, or its
// state.
func (s *Service) UpdateComment(ctx context.Context, commentID string, change CommentChange) (Comment, error) {
	a := actor.From(ctx)
	c, was, err := s.comment(ctx, commentID)
	if err != nil {
		return Comment{}, fault.Wrap("boards.UpdateComment", err)
	}
	if err := s.mayEditComment(ctx, c, was); err != nil {
		return Comment{}, fault.Wrap("boards.UpdateComment", err)
	}
	change = change.wordsOnly(a)
	body, said := was.body, ""
	if c.Removed {
		return Comment{}, fault.Conflict("comment_removed", "This comment was removed.")
	}
	if change.Body != nil && *change.Body != c.Body {
		if err := commentProblem(*change.Body); err != nil {
			return Comment{}, err
		}
		key, err := s.key(ctx, a.WorkspaceID, was.contactID)
		if err != nil {
			return Comment{}, err
		}
		now := s.Clock.Now()
		said = *change.Body
		if c.Body, err = s.masked(ctx, *change.Body); err != nil {
			return Comment{}, err
		}
		if was.contactID == "" {
			if c.Mentions, err = s.checkMentions(ctx, c.PostID, c.Body); err != nil {
				return Comment{}, fault.Wrap("boards.UpdateComment", err)
			}
		}
		c.EditedAt, body = &now, key.Seal(commentPlace(c.ID), []byte(c.Body))
	}
	if change.State != nil {
		c.State = *change.State
	}
	if change.Official != nil {
		c.Official = *change.Official
	}
	if c.Official && (c.Internal || was.contactID != "") {
		return Comment{}, fault.Invalid("official", "is for the team's own public words")
	}
	attach, err := s.attachTo(ctx, c.PostID, c.ID, was.contactID, change.FileIDs, change.Staged)
	if err != nil {
		return Comment{}, fault.Wrap("boards.UpdateComment", err)
	}
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := s.saveComment(ctx, tx, a, &c, was, said, body); err != nil {
			return err
		}
		return attach.Save(tx)
	})
	if err == nil && (attach != nil || len(c.Mentions) > 0) { // with the names of whom it names now, and its files
		c, _, err = s.comment(ctx, c.ID)
	}
	if c.Mentions == nil {
		c.Mentions = []Mention{}
	}
	return c, fault.Wrap("boards.UpdateComment", err)
}

func (s *Service) saveComment(ctx context.Context, tx *storage.Tx, a actor.Actor, c *Comment, was commentRow, said string, body []byte) error {
	if was.contactID != "" {
		if _, err := s.person(tx, a, was.contactID); err != nil {
			return err
		}
	}
	p, err := lockPost(tx, a.WorkspaceID, c.PostID)
	if err != nil {
		return err
	}
	now, err := loadComment(tx, a.WorkspaceID, c.ID)
	if err != nil {
		return err
	}
	if now.contactID != was.contactID || now.c.Removed {
		return fault.Conflict("changed_meanwhile", "Others changed this comment meanwhile. Load it again.")
	}
	if err := s.screenEdit(ctx, tx, a, c, was.contactID, said); err != nil {
		return err
	}
	if c.Official && !now.c.Official {
		if _, err := tx.Exec(`UPDATE post_comments SET official = 0 WHERE workspace_id = $1 AND post_id = $2 AND official = 1`, a.WorkspaceID, c.PostID); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(updateComment, body, flag(c.Official), c.State, micros(c.EditedAt), a.WorkspaceID, c.PostID, c.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(updateComments, a.WorkspaceID, c.PostID); err != nil {
		return err
	}
	if c.Official && !now.c.Official {
		if err := s.Notify(tx, a.WorkspaceID, c.PostID, Notice{Kind: NoticeAnswer, Ref: c.ID}); err != nil {
			return err
		}
	}
	if said != "" && was.contactID == "" {
		if err := storeMentions(tx, a.WorkspaceID, c, c.Mentions); err != nil {
			return err
		}
	}
	s.tellComment(tx, a, p.p.BoardID, c, was.contactID, nil)
	return s.record(tx, a, "comment.updated", "comment", c.ID, map[string]string{"state": c.State})
}

// RemoveComment takes a comment's words away for good. Its place stays if somebody
// answered it.
func (s *Service) RemoveComment(ctx context.Context, commentID string) error {
	a := actor.From(ctx)
	return fault.Wrap("boards.RemoveComment", s.DB.Write(ctx, func(tx *storage.Tx) error {
		r, err := loadComment(tx, a.WorkspaceID, commentID)
		if err == nil {
			err = s.mayRemoveComment(tx, a, r)
		}
		if err != nil {
			return err
		}
		p, err := lockPost(tx, a.WorkspaceID, r.c.PostID)
		if err != nil {
			return err
		}
		if err := s.dropComment(tx, a.WorkspaceID, r.c.PostID, commentID); err != nil {
			return err
		}
		if _, err := tx.Exec(updateComments, a.WorkspaceID, r.c.PostID); err != nil {
			return err
		}
		s.tellComment(tx, a, p.p.BoardID, &r.c, r.contactID, map[string]string{"removed": "true"})
		return s.record(tx, a, "comment.removed", "comment", commentID, nil)
	}))
}

// tellComment appends an event about a comment that changed.
func (s *Service) tellComment(tx *storage.Tx, a actor.Actor, boardID string, c *Comment, contactID string, details map[string]string) {
	all := map[string]string{"board_id": boardID, "post_id": c.PostID}
	maps.Copy(all, details)
	if c.Internal {
		all["internal"] = "true"
	}
	s.tell(tx, a, live.CommentUpdated, contactID, c.ID, s.Clock.Now(), all)
}

const (
	emptyComment = `
	UPDATE post_comments SET body_sealed = NULL, contact_id = NULL, author_type = 'anonymous', author_id = '', official = 0
	WHERE workspace_id = $1 AND post_id = $2 AND id = $3
		AND EXISTS (SELECT 1 FROM post_comments r WHERE r.workspace_id = $1 AND r.post_id = $2 AND r.parent_id = $3)`
	deleteComment = `DELETE FROM post_comments WHERE workspace_id = $1 AND post_id = $2 AND id = $3`
)

func (s *Service) dropComment(tx *storage.Tx, workspaceID, postID, commentID string) error {
	if err := s.Files.DropOf(tx, workspaceID, postID, commentID); err != nil {
		return err
	}
	for _, table := range []string{"comment_reactions", "comment_mentions"} {
		if _, err := tx.Exec(`DELETE FROM `+table+` WHERE workspace_id = $1 AND comment_id = $2`, workspaceID, commentID); err != nil {
			return err
		}
	}
	n, err := tx.Exec(emptyComment, workspaceID, postID, commentID)
	if err == nil && n == 0 {
		_, err = tx.Exec(deleteComment, workspaceID, postID, commentID)
	}
	return err
}
