package boards

import (
	"context"
	"slices"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// VoiceDeps is what the service needs to let people speak for themselves.
type VoiceDeps struct {
	// MayTakePart tells whether somebody may write and vote of their own accord: nil,
	// or why not. A nil MayTakePart lets everybody.
	MayTakePart func(tx *storage.Tx, sub privacy.Subject) error
	// MayMail tells whether somebody may be written to about what they follow, and that
	// mail reaches them. A nil MayMail lets everybody.
	MayMail func(ctx context.Context, tx *storage.Tx, sub privacy.Subject) error
	// Mail seals a mail outside of the transaction and gives what queues it inside. Nil:
	// nobody is written to.
	Mail func(ctx context.Context, l Letter) (queue func(tx *storage.Tx) error, err error)
	// Purge removes all rows about somebody who is no contact yet.
	Purge func(ctx context.Context, tx *storage.Tx, sub privacy.Subject) error
	// Record records a decision about a purpose.
	Record func(ctx context.Context, d privacy.Decision) (privacy.Consent, error)
}

// themselves refuses a contact who acts for another person, or who may not act.
func (s *Service) themselves(tx *storage.Tx, a actor.Actor, members []privacy.Member) error {
	if !slices.Contains(contacts.IDsOf(members), a.ID) {
		return fault.NotFound("contact")
	}
	if s.Voices.MayTakePart == nil {
		return nil
	}
	for _, m := range members { // what one of their contacts may not, the person may not
		if err := s.Voices.MayTakePart(tx, m.Subject); err != nil {
			return err
		}
	}
	return nil
}

// entrance tells whether the actor may take part under a post: a contact where they
// may read it. Operators, keys and the system may everywhere.
func (s *Service) entrance(ctx context.Context, postID string) error {
	a := actor.From(ctx)
	if a.Type != actor.Contact {
		return nil
	}
	var r postRow
	var b Board
	mine := false
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if r, err = loadPost(tx, a.WorkspaceID, postID); err != nil {
			return err
		}
		if mine, err = isMine(tx, a, r.contactID); err != nil {
			return err
		}
		b, err = loadBoard(tx, a.WorkspaceID, r.p.BoardID)
		return err
	})
	if err != nil {
		return err
	}
	if r.p.State != Published && !mine {
		return fault.NotFound("post")
	}
	return s.MayRead(ctx, &b, a.ID)
}

// isMine tells whether a contact is the one who acts, or the same person.
func isMine(tx *storage.Tx, a actor.Actor, contactID string) (bool, error) {
	if contactID == "" {
		return false, nil
	}
	return contacts.IsSame(tx, a.WorkspaceID, a.ID, contactID)
}

// asContact turns a new post of a contact's into what they may make: their own, at
// the board's first status, and pending where the board looks first.
func (s *Service) asContact(ctx context.Context, b *Board, n NewPost) (NewPost, string, error) {
	a := actor.From(ctx)
	if a.Type != actor.Contact {
		return n, Published, nil
	}
	if err := s.MayRead(ctx, b, a.ID); err != nil {
		return n, "", err
	}
	if !b.takesPosts() {
		return n, "", fault.Conflict("posting_closed", "On this board the team writes the posts. Vote and comment on them.")
	}
	return NewPost{Title: n.Title, Body: n.Body, Category: n.Category, ContactID: a.ID, Status: b.first(), Attaching: Attaching{Staged: n.Staged}, Proof: n.Proof}, b.stateFor(a), nil
}

// stateFor gives how far a contribution is at first.
func (b *Board) stateFor(a actor.Actor) string {
	if b.Approval && a.Type == actor.Contact {
		return Pending
	}
	return Published
}

// mayEdit refuses a contact to change what is not theirs, or what an operator let
// through: other words would come by that way.
func (s *Service) mayEdit(ctx context.Context, noun, contactID, state, boardID string) error {
	a := actor.From(ctx)
	if a.Type != actor.Contact {
		return nil
	}
	var b Board
	mine := false
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if mine, err = isMine(tx, a, contactID); err != nil || !mine {
			return err
		}
		b, err = loadBoard(tx, a.WorkspaceID, boardID)
		return err
	})
	switch {
	case err != nil:
		return err
	case !mine:
		return fault.NotFound(noun)
	case b.Approval && state == Published:
		return fault.Conflict("already_approved", "The team has let this text through as it is. Add a comment, or remove it.")
	}
	if err := s.MayRead(ctx, &b, a.ID); err != nil {
		return err
	}
	return b.takes()
}

// wordsOnly keeps of a contact's change what is theirs to change.
func (c PostChange) wordsOnly(a actor.Actor) PostChange {
	if a.Type != actor.Contact {
		return c
	}
	return PostChange{Title: c.Title, Body: c.Body, AttachingAll: c.AttachingAll}
}

const othersUnder = `
	SELECT (SELECT COUNT(*) FROM post_votes v WHERE v.workspace_id = $1 AND v.post_id = $2
			AND v.contact_id NOT IN (SELECT m.id FROM contacts m WHERE m.workspace_id = $1 AND m.id = $3
			UNION ALL SELECT m.id FROM contacts m WHERE m.workspace_id = $1 AND m.merged_into = $3))
		+ (SELECT COUNT(*) FROM post_comments k WHERE k.workspace_id = $1 AND k.post_id = $2
			AND (k.contact_id IS NULL OR k.contact_id NOT IN (SELECT m.id FROM contacts m WHERE m.workspace_id = $1 AND m.id = $3
			UNION ALL SELECT m.id FROM contacts m WHERE m.workspace_id = $1 AND m.merged_into = $3)))
		+ (SELECT COUNT(*) FROM posts p WHERE p.workspace_id = $1 AND p.merged_into = $2)
		+ (SELECT COUNT(*) FROM anonymous_ballots n WHERE n.workspace_id = $1 AND n.post_id = $2)`

// mayWithdraw refuses a contact to remove a post that is not theirs, or that others
// take part in by now. Their privacy page erases what they wrote whoever else did.
func (s *Service) mayWithdraw(tx *storage.Tx, a actor.Actor, r postRow) error {
	if a.Type != actor.Contact {
		return nil
	}
	mine, err := isMine(tx, a, r.contactID)
	if err == nil && !mine {
		err = fault.NotFound("post")
	}
	if err != nil {
		return err
	}
	survivor, err := contacts.Survivor(tx, a.WorkspaceID, a.ID)
	if err != nil {
		return err
	}
	var others int
	if err := tx.QueryRow(othersUnder, a.WorkspaceID, r.p.ID, survivor).Scan(&others); err != nil {
		return err
	}
	if others > 0 || r.anonymous > 0 {
		return fault.Conflict("others_took_part", "Others have voted or written here by now, so it stays. Your privacy page has your own words erased.")
	}
	return nil
}

// commentAs turns a contact's comment into what they may say: their own public words
// under a post that they may read.
func (s *Service) commentAs(ctx context.Context, postID string, n NewComment) (NewComment, string, error) {
	a := actor.From(ctx)
	if err := s.entrance(ctx, postID); err != nil {
		return n, "", err
	}
	var b Board
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		if n.ParentID != "" {
			if err := s.mayAnswer(tx, a, n.ParentID); err != nil {
				return err
			}
		}
		r, err := loadPost(tx, a.WorkspaceID, postID)
		if err == nil {
			b, err = loadBoard(tx, a.WorkspaceID, r.p.BoardID)
		}
		return err
	})
	return NewComment{Body: n.Body, ParentID: n.ParentID, ContactID: a.ID, Attaching: Attaching{Staged: n.Staged}, Proof: n.Proof}, b.stateFor(a), err
}

// mayAnswer refuses a contact to answer what they cannot see.
func (s *Service) mayAnswer(tx *storage.Tx, a actor.Actor, parentID string) error {
	parent, err := loadComment(tx, a.WorkspaceID, parentID)
	if err == nil && (parent.c.Internal || parent.c.State != Published) {
		mine, other := isMine(tx, a, parent.contactID)
		if err = other; err == nil && !mine {
			err = fault.NotFound("comment")
		}
	}
	if fault.Is(err, fault.KindNotFound) {
		err = fault.Invalid("parent_id", "must be a comment under the same post")
	}
	return err
}

// mayEditComment is mayEdit for a comment.
func (s *Service) mayEditComment(ctx context.Context, c Comment, r commentRow) error {
	if actor.From(ctx).Type != actor.Contact {
		return nil
	}
	var p postRow
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		p, err = loadPost(tx, actor.From(ctx).WorkspaceID, c.PostID)
		return err
	})
	if err != nil {
		return err
	}
	return s.mayEdit(ctx, "comment", r.contactID, c.State, p.p.BoardID)
}

// mayRemoveComment refuses a contact to remove what is not theirs.
func (s *Service) mayRemoveComment(tx *storage.Tx, a actor.Actor, r commentRow) error {
	if a.Type != actor.Contact {
		return nil
	}
	mine, err := isMine(tx, a, r.contactID)
	if err == nil && !mine {
		err = fault.NotFound("comment")
	}
	return err
}

// wordsOnly keeps of a contact's change what is theirs to change.
func (c CommentChange) wordsOnly(a actor.Actor) CommentChange {
	if a.Type != actor.Contact {
		return c
	}
	return CommentChange{Body: c.Body, AttachingAll: c.AttachingAll}
}

// Voter gives the contact who acts.
func Voter(ctx context.Context) string { return actor.From(ctx).ID }

// Unnamed gives a context in which somebody acts who did not sign in.
func Unnamed(ctx context.Context, workspaceID string) context.Context {
	return actor.With(ctx, unnamed(actor.Actor{WorkspaceID: workspaceID}))
}

// takesPosts tells whether contacts may write posts.
func (b *Board) takesPosts() bool { return b.Posting == PostedByContacts }

// takesAnonymous tells whether people vote who did not sign in.
func (b *Board) takesAnonymous() bool { return b.Visibility == Public && b.AnonymousVotes }
