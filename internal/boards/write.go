package boards

import (
	"context"
	"slices"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/files"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/search"
	"github.com/botimum/botimum/internal/storage"
)

// seal gives a post's words sealed, and the tokens that find them.
func (s *Service) seal(ctx context.Context, contactID, postID string, w words) (title, body []byte, tokens [][]byte, err error) {
	a := actor.From(ctx)
	key, err := s.key(ctx, a.WorkspaceID, contactID)
	if err != nil {
		return nil, nil, nil, err
	}
	ix, err := s.Vault.Index(ctx, a.WorkspaceID)
	if err != nil {
		return nil, nil, nil, err
	}
	return key.Seal(titlePlace(postID), []byte(w.title)), key.Seal(bodyPlace(postID), []byte(w.body)), ix.Words(w.title + "\n" + w.body), nil
}

func (s *Service) maskedWords(ctx context.Context, w words) (out words, err error) {
	if out.title, err = s.masked(ctx, w.title); err != nil {
		return words{}, err
	}
	out.body, err = s.masked(ctx, w.body)
	return out, err
}

const nextNumber = `UPDATE boards SET post_count = post_count + 1 WHERE workspace_id = $1 AND id = $2 RETURNING post_count`

// CreatePost adds a post to a board: the team's own, or a contact's wish that
// somebody else wrote down for them.
func (s *Service) CreatePost(ctx context.Context, boardID string, n NewPost) (Post, error) {
	a := actor.From(ctx)
	b, err := s.Board(ctx, boardID)
	if err != nil {
		return Post{}, err
	}
	n, state, err := s.asContact(ctx, &b, n)
	if err != nil {
		return Post{}, fault.Wrap("boards.CreatePost", err)
	}
	n.Status = or(n.Status, b.first())
	note, err := agreed(a, n.Agreement, n.ContactID)
	if err != nil {
		return Post{}, err
	}
	w := words{n.Title, n.Body}
	tags, bad := cleanTags(n.Tags)
	category, worse := b.categoryOf(n.Category)
	if bad = slices.Concat(bad, worse, w.clean(), b.statusProblem(n.Status)); len(bad) > 0 {
		return Post{}, fault.InvalidFields(bad...)
	}
	if n.ContactID != "" {
		if n.ContactID, err = s.Contacts.SurvivorOf(ctx, a.WorkspaceID, n.ContactID); err != nil {
			return Post{}, err
		}
	}
	said := contribution{contactID: n.ContactID, text: w.title + "\n" + w.body, proof: n.Proof}
	if w, err = s.maskedWords(ctx, w); err != nil {
		return Post{}, err
	}
	now := s.Clock.Now()
	p := Post{ID: s.IDs.New(id.Post), BoardID: boardID, Title: w.title, Body: w.body, Slug: slugOf(w.title), Status: n.Status, State: state,
		Category: category, Tags: tags, Author: Author{Type: string(a.Type), ID: a.ID, Name: a.Name}, CreatedAt: now, UpdatedAt: now}
	title, body, tokens, err := s.seal(ctx, n.ContactID, p.ID, w)
	if err != nil {
		return Post{}, fault.Wrap("boards.CreatePost", err)
	}
	attach, err := s.Files.Prepare(ctx, files.Target{ScopeID: boardID, RootID: p.ID, ParentID: p.ID, ContactID: n.ContactID}, n.FileIDs, n.Staged...)
	if err != nil {
		return Post{}, fault.Wrap("boards.CreatePost", err)
	}
	p.Files = attach.Files()
	err = s.write(ctx, func(tx *storage.Tx) error {
		if n.ContactID != "" {
			stands, err := s.person(tx, a, n.ContactID)
			if err != nil {
				return err
			}
			if stands != n.ContactID {
				return fault.Conflict("changed_meanwhile", "This person was merged with another one just now. Try again.")
			}
		}
		at := clock.Micros(now)
		if err := tx.QueryRow(nextNumber, a.WorkspaceID, boardID).Scan(&p.Number); err != nil {
			return err
		}
		now, err := loadBoard(tx, a.WorkspaceID, boardID) // as it is with its row held
		if err == nil {
			err = now.takes()
		}
		if _, worse := now.categoryOf(category); err == nil && len(worse) > 0 {
			err = fault.InvalidFields(worse...)
		}
		if err != nil {
			return err
		}
		if p.State, p.HeldFor, err = s.screened(ctx, tx, a, &now, said, state); err != nil {
			return err
		}
		_, err = tx.Exec(insertPost, a.WorkspaceID, p.ID, boardID, p.Number, null(n.ContactID), p.Author.Type, p.Author.ID, title, body, p.Status, p.State, p.Category,
			weight(p.CreatedAt), float64(at), now.Weight.none(), at, at)
		if err != nil {
			return err
		}
		if err := holdPost(tx, a.WorkspaceID, p.ID, p.HeldFor); err != nil {
			return err
		}
		if err := s.noteAgreement(tx, a, note, AgreedPost, n.ContactID, p.ID); err != nil {
			return err
		}
		if err := storeTags(tx, a.WorkspaceID, boardID, p.ID, tags); err != nil {
			return err
		}
		if err := attach.Save(tx); err != nil {
			return err
		}
		s.tell(tx, a, live.PostCreated, n.ContactID, p.ID, p.CreatedAt, map[string]string{"board_id": boardID})
		return s.Search.Add(tx, search.Document{WorkspaceID: a.WorkspaceID, Kind: kindPost, ID: p.ID, ParentID: boardID, ContactID: n.ContactID,
			Tokens: tokens, At: p.CreatedAt})
	})
	if err != nil {
		return Post{}, fault.Wrap("boards.CreatePost", err)
	}
	if n.ContactID == "" {
		if seesWeights(a) {
			p.Weight = pointerTo(0.0)
		}
		return p, nil
	}
	return s.Post(ctx, p.ID)
}

// tell appends an event about a post.
func (s *Service) tell(tx *storage.Tx, a actor.Actor, eventType, contactID, objectID string, at time.Time, details map[string]string) {
	s.Outbox.Append(tx, live.Event{Type: eventType, WorkspaceID: a.WorkspaceID, OccurredAt: at, ActorType: a.Type, ActorID: a.ID, ContactID: contactID,
		ObjectID: objectID, Details: details})
}

// UpdatePost changes a post. Check, if not nil, is asked whether the version that is
// there may be changed.
func (s *Service) UpdatePost(ctx context.Context, postID string, c PostChange, check func(updated time.Time) error) (Post, error) {
	r, err := s.row(ctx, postID)
	if err != nil {
		return Post{}, fault.Wrap("boards.UpdatePost", err)
	}
	was := r.p
	if check != nil {
		if err := check(was.UpdatedAt); err != nil {
			return Post{}, err
		}
	}
	if err := s.mayEdit(ctx, "post", r.contactID, was.State, was.BoardID); err != nil {
		return Post{}, fault.Wrap("boards.UpdatePost", err)
	}
	c = c.wordsOnly(actor.From(ctx))
	if was.Restricted {
		return Post{}, fault.Conflict("processing_restricted", "Its author had the use of their data restricted. Nothing but storage may happen to it.")
	}
	b, err := s.Board(ctx, was.BoardID)
	if err != nil {
		return Post{}, err
	}
	next, edited, err := was.with(&b, c, s.Clock.Now())
	if err != nil {
		return Post{}, err
	}
	if err := s.checkOwner(ctx, was, next); err != nil {
		return Post{}, err
	}
	d := change{was: r, edited: edited, title: r.title, body: r.body, after: c.AfterID}
	if edited {
		if d.former, err = s.sealFormer(ctx, &r); err != nil {
			return Post{}, fault.Wrap("boards.UpdatePost", err)
		}
		d.said = next.Title + "\n" + next.Body
		w, err := s.maskedWords(ctx, words{next.Title, next.Body})
		if err != nil {
			return Post{}, err
		}
		next.Title, next.Body, next.Slug = w.title, w.body, slugOf(w.title)
		if d.title, d.body, d.tokens, err = s.seal(ctx, r.contactID, postID, w); err != nil {
			return Post{}, fault.Wrap("boards.UpdatePost", err)
		}
	}
	next.UpdatedAt = later(s.Clock.Now(), was.UpdatedAt)
	d.next = next
	d.attach, err = s.Files.Prepare(ctx, files.Target{ScopeID: was.BoardID, RootID: postID, ParentID: postID, ContactID: r.contactID}, c.FileIDs, c.Staged...)
	if err == nil {
		err = s.DB.Write(ctx, func(tx *storage.Tx) error { return s.savePost(ctx, tx, actor.From(ctx), &d) })
	}
	if err != nil {
		return Post{}, fault.Wrap("boards.UpdatePost", err)
	}
	out, err := s.withFiles(ctx, d.next)
	return out, fault.Wrap("boards.UpdatePost", err)
}

// change is a post's next version, sealed and ready to be stored.
type change struct {
	was         postRow
	next        Post
	edited      bool
	said        string // the new words, as they were written
	title, body []byte
	tokens      [][]byte
	former      former  // the words that go
	after       *string // below which post it is to stand
	attach      *files.Draft
}

// row gives a post with what stands beside it, opened.
func (s *Service) row(ctx context.Context, postID string) (postRow, error) {
	var r postRow
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		r, err = loadPost(tx, actor.From(ctx).WorkspaceID, postID)
		return err
	})
	if err != nil {
		return postRow{}, err
	}
	_, kept, err := s.openPosts(ctx, []postRow{r})
	if err == nil && len(kept) == 0 {
		err = fault.NotFound("post")
	}
	if err != nil {
		return postRow{}, err
	}
	return kept[0], nil
}

func (s *Service) checkOwner(ctx context.Context, was, next Post) error {
	if next.OwnerID == nil || was.OwnerID != nil && *was.OwnerID == *next.OwnerID || s.IsOperator == nil {
		return nil
	}
	known, err := s.IsOperator(ctx, actor.From(ctx).WorkspaceID, *next.OwnerID)
	if err == nil && !known {
		err = fault.Invalid("owner_id", "must be an operator of this workspace")
	}
	return err
}

// savePost stores a changed post, if nobody changed it since.
func (s *Service) savePost(ctx context.Context, tx *storage.Tx, a actor.Actor, d *change) error {
	if d.was.contactID != "" {
		if _, err := s.person(tx, a, d.was.contactID); err != nil {
			return err
		}
	}
	postID, next := d.was.p.ID, &d.next
	r, err := lockPost(tx, a.WorkspaceID, postID)
	if err != nil {
		return err
	}
	if !r.p.UpdatedAt.Equal(d.was.p.UpdatedAt) || r.contactID != d.was.contactID {
		return fault.Conflict("changed_meanwhile", "Others changed this post meanwhile. Load it again.")
	}
	if d.edited {
		err := s.Search.Replace(tx, search.Document{WorkspaceID: a.WorkspaceID, Kind: kindPost, ID: postID, ParentID: r.p.BoardID, ContactID: r.contactID,
			Tokens: d.tokens, At: r.p.CreatedAt})
		if err != nil {
			return err
		}
	}
	if err := s.screenPostEdit(ctx, tx, a, d, r); err != nil {
		return err
	}
	if err := holdCategory(tx, a.WorkspaceID, &r.p, next); err != nil {
		return err
	}
	n, err := tx.Exec(updatePost, d.title, d.body, next.Status, next.State, next.Category, next.OwnerID, next.EstimatedOn, micros(next.EditedAt),
		clock.Micros(next.UpdatedAt), a.WorkspaceID, postID, clock.Micros(r.p.UpdatedAt))
	if err == nil && n == 0 { // its category was renamed this moment
		err = fault.Conflict("changed_meanwhile", "Others changed this post meanwhile. Load it again.")
	}
	if err != nil {
		return err
	}
	if next.Status != r.p.Status {
		if err := s.Notify(tx, a.WorkspaceID, postID, Notice{Kind: NoticeStatus, Ref: next.Status}); err != nil {
			return err
		}
	}
	if err := s.saveBeside(tx, a, &r.p, d); err != nil {
		return err
	}
	s.tell(tx, a, live.PostUpdated, r.contactID, postID, next.UpdatedAt, map[string]string{"board_id": r.p.BoardID, "status": next.Status})
	return s.record(tx, a, "post.updated", "post", postID, map[string]string{"status": next.Status, "state": next.State})
}

// saveBeside stores what stands beside a post: its tags, its place and what was changed.
func (s *Service) saveBeside(tx *storage.Tx, a actor.Actor, was *Post, d *change) error {
	if !slices.Equal(was.Tags, d.next.Tags) {
		if err := storeTags(tx, a.WorkspaceID, was.BoardID, was.ID, d.next.Tags); err != nil {
			return err
		}
	}
	if was.MergedInto == nil {
		if err := s.put(tx, a.WorkspaceID, was, &d.next, d.after); err != nil {
			return err
		}
	}
	if err := d.attach.Save(tx); err != nil {
		return err
	}
	return s.noteEdit(tx, a, was, &d.next, d.former)
}

// DeletePost removes a post with its votes and comments. Posts that were merged into
// it come back on their own.
func (s *Service) DeletePost(ctx context.Context, postID string) error {
	a := actor.From(ctx)
	return fault.Wrap("boards.DeletePost", s.DB.Write(ctx, func(tx *storage.Tx) error {
		r, err := lockPost(tx, a.WorkspaceID, postID)
		if err != nil {
			return err
		}
		if err := s.mayWithdraw(tx, a, r); err != nil {
			return err
		}
		if err := s.deletePost(tx, a.WorkspaceID, postID); err != nil {
			return err
		}
		s.tell(tx, a, live.PostUpdated, r.contactID, postID, s.Clock.Now(), map[string]string{"board_id": r.p.BoardID, "deleted": "true"})
		return s.record(tx, a, "post.deleted", "post", postID, nil)
	}))
}

// deletePost deletes a post's rows and words.
func (s *Service) deletePost(tx *storage.Tx, workspaceID, postID string) error {
	if _, err := tx.Exec(`UPDATE posts SET merged_into = NULL, merged_at = NULL WHERE workspace_id = $1 AND merged_into = $2`, workspaceID, postID); err != nil {
		return err
	}
	for _, table := range []string{"post_votes", "anonymous_ballots", "post_subscriptions", "post_notices", "post_comments", "changelog_posts", "post_tags", "post_changes", "comment_reactions",
		"comment_mentions", "board_agreements"} {
		if _, err := tx.Exec(`DELETE FROM `+table+` WHERE workspace_id = $1 AND post_id = $2`, workspaceID, postID); err != nil {
			return err
		}
	}
	if err := s.Search.Remove(tx, workspaceID, kindPost, postID); err != nil {
		return err
	}
	if err := s.Files.Drop(tx, workspaceID, postID); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM posts WHERE workspace_id = $1 AND id = $2`, workspaceID, postID)
	return err
}
