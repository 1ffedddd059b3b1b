package boards

import (
	"context"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/blob"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/files"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Attached is what a post or comment has beside its words.
type Attached struct {
	Files []files.File `json:"files,omitempty" doc:"What is attached; absent in lists of posts, and where its author is restricted."`
}

// Attaching is what comes with new words.
type Attaching struct {
	FileIDs []string        `json:"file_ids,omitempty" maxItems:"5" doc:"Files that you uploaded for this board."`
	Staged  []*files.Staged `json:"-"` // that come with them
}

// AttachingAll is what words are to have from now on; nil leaves it.
type AttachingAll struct {
	FileIDs []string        `json:"file_ids,omitempty" maxItems:"5" doc:"All that are to be attached, new ones that you uploaded among them; an empty list for none."`
	Staged  []*files.Staged `json:"-"` // that come beside them
}

// UploadFile takes a file that is to be attached to a post or comment of a board. It
// waits for that for a day.
func (s *Service) UploadFile(ctx context.Context, boardID, name string, content []byte) (files.File, error) {
	a := actor.From(ctx)
	b, err := s.Board(ctx, boardID) // before the file is looked at
	if err == nil {
		err = b.takes()
	}
	if err != nil {
		return files.File{}, fault.Wrap("boards.UploadFile", err)
	}
	st, err := s.Files.Stage(ctx, name, content)
	if err != nil {
		return files.File{}, fault.Wrap("boards.UploadFile", err)
	}
	d, err := s.Files.Prepare(ctx, files.Target{ScopeID: boardID}, nil, st)
	if err == nil {
		err = s.DB.Write(ctx, func(tx *storage.Tx) error {
			if _, err := loadBoard(tx, a.WorkspaceID, boardID); err != nil {
				return err
			}
			return d.Save(tx)
		})
	}
	if err != nil {
		s.Files.Discard(ctx, st)
		return files.File{}, fault.Wrap("boards.UploadFile", err)
	}
	return st.File, nil
}

// filesUnder gives what is attached to posts and comments, by their ids. Roots are
// the posts that the parents are or are under. What nobody can open any more is left
// out.
func (s *Service) filesUnder(ctx context.Context, roots, parents []string) (map[string][]files.File, error) {
	if len(parents) == 0 {
		return nil, nil
	}
	workspaceID := actor.From(ctx).WorkspaceID
	var rows []files.Row
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		rows, err = files.Under(tx, workspaceID, roots, parents)
		return err
	})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	subjects := make([]vault.Subject, len(rows))
	for i, r := range rows {
		subjects[i] = vault.Subject{Workspace: workspaceID, ID: r.ContactID}
	}
	keys, err := s.Vault.Keys(ctx, subjects)
	if err != nil {
		return nil, err
	}
	out := map[string][]files.File{}
	for i, r := range rows {
		key := keys[subjects[i]]
		if key == nil {
			continue
		}
		if err := r.Open(key); fault.Is(err, fault.KindGone) {
			continue
		} else if err != nil {
			return nil, err
		}
		out[r.ParentID] = append(out[r.ParentID], r.File)
	}
	return out, nil
}

// withFiles adds to a post what is attached to it, unless its author is restricted.
func (s *Service) withFiles(ctx context.Context, p Post) (Post, error) {
	if p.Restricted {
		return p, nil
	}
	under, err := s.filesUnder(ctx, []string{p.ID}, []string{p.ID})
	p.Files = under[p.ID]
	return p, err
}

// commentsWithFiles adds to comments what is attached to them; veiled has those of
// whom nothing is shown.
func (s *Service) commentsWithFiles(ctx context.Context, out []Comment, veiled map[string]bool) ([]Comment, error) {
	var roots, parents []string
	for _, c := range out {
		if !veiled[c.ID] && !c.Removed {
			roots, parents = append(roots, c.PostID), append(parents, c.ID)
		}
	}
	under, err := s.filesUnder(ctx, distinct(roots), parents)
	for i := range out {
		out[i].Files = under[out[i].ID]
	}
	return out, err
}

// attachTo prepares files for a comment.
func (s *Service) attachTo(ctx context.Context, postID, commentID, contactID string, ids []string, staged []*files.Staged) (*files.Draft, error) {
	if ids == nil && len(staged) == 0 {
		return nil, nil //nolint:nilnil // nothing is to change
	}
	var p postRow
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		p, err = loadPost(tx, actor.From(ctx).WorkspaceID, postID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.Files.Prepare(ctx, files.Target{ScopeID: p.p.BoardID, RootID: postID, ParentID: commentID, ContactID: contactID}, ids, staged...)
}

// Opened is a file that may be read.
type Opened struct {
	files.File
	Content *blob.File // to be closed
}

// OpenFile gives a file of the actor's workspace: one that is attached, and to who
// uploaded it also one that waits.
func (s *Service) OpenFile(ctx context.Context, fileID string) (Opened, error) {
	a := actor.From(ctx)
	var r files.Row
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if r, err = files.Load(tx, a.WorkspaceID, fileID); err != nil || r.ParentID == "" {
			if err == nil && !r.IsBy(a) {
				err = fault.NotFound("file")
			}
			return err
		}
		p, c, err := carrier(tx, a.WorkspaceID, &r)
		if err == nil && (p.contact.Restricted != 0 && c == nil || c != nil && c.contact.Restricted != 0) {
			err = fault.Conflict("processing_restricted", "Whose file this is had the use of their data restricted. Nothing but storage may happen to it.")
		}
		return err
	})
	if err != nil {
		return Opened{}, fault.Wrap("boards.OpenFile", err)
	}
	if r.ContactID != "" {
		s.Audit.Access(ctx, []string{r.ContactID}, "board")
	}
	return s.opened(ctx, r)
}

// OpenPublicFile gives a file to a reader of a board: of a post that is published and
// not merged, or of a public comment under one, while their authors are not
// restricted. Whether they may read the board is asked with [Service.MayRead] before.
func (s *Service) OpenPublicFile(ctx context.Context, boardID, fileID string) (Opened, error) {
	workspaceID := actor.From(ctx).WorkspaceID
	var r files.Row
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if r, err = files.Load(tx, workspaceID, fileID); err != nil {
			return err
		}
		if r.ParentID == "" || r.ScopeID != boardID {
			return fault.NotFound("file")
		}
		p, c, err := carrier(tx, workspaceID, &r)
		if err == nil && !(p.isShown() && (c == nil || c.isShown())) {
			err = fault.NotFound("file")
		}
		return err
	})
	if err != nil {
		return Opened{}, fault.Wrap("boards.OpenPublicFile", err)
	}
	return s.opened(ctx, r)
}

func (r *postRow) isShown() bool {
	return r.p.State == Published && r.p.MergedInto == nil && r.contact.Restricted == 0
}

func (r *commentRow) isShown() bool {
	return r.c.State == Published && !r.c.Internal && !r.c.Removed && r.contact.Restricted == 0
}

// carrier gives the post that a file goes with, and the comment that it is attached
// to, nil if it is the post itself.
func carrier(tx *storage.Tx, workspaceID string, r *files.Row) (postRow, *commentRow, error) {
	p, err := loadPost(tx, workspaceID, r.RootID)
	if err != nil || r.ParentID == r.RootID {
		return p, nil, err
	}
	c, err := loadComment(tx, workspaceID, r.ParentID)
	return p, &c, err
}

func (s *Service) opened(ctx context.Context, r files.Row) (Opened, error) {
	workspaceID := actor.From(ctx).WorkspaceID
	key, err := s.key(ctx, workspaceID, r.ContactID)
	if err == nil {
		err = r.Open(key)
	}
	if fault.Is(err, fault.KindGone) || fault.Is(err, fault.KindNotFound) {
		err = fault.NotFound("file")
	}
	if err != nil {
		return Opened{}, err
	}
	content := s.Files.Content(ctx, workspaceID, &r)
	return Opened{r.File, content}, content.Begin()
}
