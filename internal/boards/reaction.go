package boards

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Reactions are what people may show below a comment, in the order of the pages.
var Reactions = []string{"thumbs_up", "heart", "party", "smile", "thinking", "eyes"}

// ReactionCount is how many people showed something below a comment.
type ReactionCount struct {
	Reaction string `json:"reaction" enum:"thumbs_up,heart,party,smile,thinking,eyes"`
	Count    int64  `json:"count"`
	Mine     bool   `json:"mine" doc:"Whether you are one of them."`
}

// Reaction is what one person shows below a comment.
type Reaction struct {
	Reaction  string    `json:"reaction" enum:"thumbs_up,heart,party,smile,thinking,eyes"`
	Author    Author    `json:"author"`
	CreatedAt time.Time `json:"created_at"`
}

const (
	insertReaction = `
	INSERT INTO comment_reactions (workspace_id, comment_id, reaction, person_type, person_id, post_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
	ON CONFLICT (workspace_id, comment_id, reaction, person_type, person_id) DO NOTHING`
	countOwnReactions = `
	SELECT COUNT(*) FROM comment_reactions WHERE workspace_id = $1 AND person_type = 'contact' AND person_id` + ofPerson + ` AND comment_id = $3 AND reaction = $4`
	deleteOwnReactions = `
	DELETE FROM comment_reactions WHERE workspace_id = $1 AND person_type = 'contact' AND person_id` + ofPerson + ` AND comment_id = $3 AND reaction = $4`
	deleteReaction = `
	DELETE FROM comment_reactions WHERE workspace_id = $1 AND comment_id = $2 AND reaction = $3 AND person_type = $4 AND person_id = $5`
)

// React shows something below a comment, as the contact or the operator who acts; doing
// it twice does it once. Of a post that is named, the comment has to be.
func (s *Service) React(ctx context.Context, postID, commentID, reaction string) error {
	const op = "boards.React"
	a, c, err := s.mayReact(ctx, postID, commentID, reaction)
	if err != nil {
		return fault.Wrap(op, err)
	}
	return fault.Wrap(op, s.write(ctx, func(tx *storage.Tx) error {
		who := a.ID
		if a.Type == actor.Contact {
			var own int
			if who, err = s.person(tx, a, a.ID); err != nil {
				return err
			}
			err := tx.QueryRow(countOwnReactions, a.WorkspaceID, who, commentID, reaction).Scan(&own)
			if err != nil || own > 0 { // as themselves, or as a contact that was merged since
				return err
			}
		}
		p, err := lockPost(tx, a.WorkspaceID, c.PostID)
		if err != nil {
			return err
		}
		b, err := loadBoard(tx, a.WorkspaceID, p.p.BoardID)
		if err == nil {
			err = b.takes()
		}
		if err != nil {
			return err
		}
		now, err := loadComment(tx, a.WorkspaceID, commentID) // as it is with its post held
		if err == nil && now.c.Removed {
			err = fault.NotFound("comment")
		}
		if err != nil {
			return err
		}
		n, err := tx.Exec(insertReaction, a.WorkspaceID, commentID, reaction, string(a.Type), who, c.PostID, clock.Micros(s.Clock.Now()))
		if err != nil || n == 0 {
			return err
		}
		return s.tellReaction(tx, a, live.ReactionAdded, &p.p, c, reaction)
	}))
}

// Unreact takes that back; it does nothing if it is not there.
func (s *Service) Unreact(ctx context.Context, postID, commentID, reaction string) error {
	const op = "boards.Unreact"
	a, c, err := s.mayReact(ctx, postID, commentID, reaction)
	if err != nil {
		return fault.Wrap(op, err)
	}
	return fault.Wrap(op, s.DB.Write(ctx, func(tx *storage.Tx) error {
		query, args := deleteReaction, []any{a.WorkspaceID, commentID, reaction, string(a.Type), a.ID}
		if a.Type == actor.Contact {
			person, err := contacts.Survivor(tx, a.WorkspaceID, a.ID)
			if err != nil {
				return err
			}
			query, args = deleteOwnReactions, []any{a.WorkspaceID, person, commentID, reaction}
		}
		p, err := lockPost(tx, a.WorkspaceID, c.PostID)
		if err != nil {
			return err
		}
		n, err := tx.Exec(query, args...)
		if err != nil || n == 0 {
			return err
		}
		return s.tellReaction(tx, a, live.ReactionRemoved, &p.p, c, reaction)
	}))
}

func (s *Service) tellReaction(tx *storage.Tx, a actor.Actor, event string, p *Post, c Comment, reaction string) error {
	details := map[string]string{"board_id": p.BoardID, "post_id": p.ID, "reaction": reaction}
	if c.Internal {
		details["internal"] = "true"
	}
	contactID := ""
	if a.Type == actor.Contact {
		contactID = a.ID
	}
	s.tell(tx, a, event, contactID, c.ID, s.Clock.Now(), details)
	return nil
}

// mayReact gives the comment that somebody reacts to, if they are a person who may see
// it.
func (s *Service) mayReact(ctx context.Context, postID, commentID, reaction string) (actor.Actor, Comment, error) {
	a := actor.From(ctx)
	var r commentRow
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		r, err = loadComment(tx, a.WorkspaceID, commentID)
		return err
	})
	if err == nil && postID != "" && r.c.PostID != postID {
		err = fault.NotFound("comment")
	}
	if err == nil && !slices.Contains(Reactions, reaction) {
		err = fault.Invalid("reaction", "must be one of "+strings.Join(Reactions, ", "))
	}
	if err != nil {
		return a, Comment{}, err
	}
	switch {
	case a.Type == actor.Contact:
		if r.c.Internal || r.c.State != Published || r.c.Removed {
			return a, Comment{}, fault.NotFound("comment")
		}
		err = s.entrance(ctx, r.c.PostID)
	case a.Type != actor.Operator:
		err = fault.Forbidden("People react, and keys do not. Sign in to do it.")
	case r.c.Removed:
		err = fault.Conflict("comment_removed", "This comment was removed.")
	}
	return a, r.c, err
}

const selectReactions = `
	SELECT r.reaction, r.person_type, r.person_id, r.created_at, COALESCE(c.id, ''), ` + contacts.SummaryColumns + `
	FROM comment_reactions r
	LEFT JOIN contacts o ON o.workspace_id = r.workspace_id AND o.id = r.person_id
	LEFT JOIN contacts c ON c.workspace_id = r.workspace_id AND c.id = COALESCE(o.merged_into, o.id)
	WHERE r.workspace_id = $1 AND r.comment_id = $2 AND (r.reaction, r.person_type, r.person_id) > ($3, $4, $5)
	ORDER BY r.reaction, r.person_type, r.person_id LIMIT $6`

// ReactionAt is a place in the list of who reacted.
type ReactionAt struct{ Reaction, Type, ID string }

type reactionRow struct {
	Reaction
	at        ReactionAt
	contactID string // who stands for the person
	contact   contacts.Sealed
}

// ReactionsOf gives who reacted to a comment: those after a place (the empty one: from
// the first), at most limit.
func (s *Service) ReactionsOf(ctx context.Context, commentID string, after ReactionAt, limit int) ([]Reaction, []ReactionAt, error) {
	const op = "boards.ReactionsOf"
	a := actor.From(ctx)
	var rows []reactionRow
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if _, err := loadComment(tx, a.WorkspaceID, commentID); err != nil {
			return err
		}
		rows, err = queryAll(tx, func(rows *sql.Rows) (r reactionRow, err error) {
			var at int64
			err = rows.Scan(append([]any{&r.Reaction.Reaction, &r.Author.Type, &r.Author.ID, &at, &r.contactID}, r.contact.Dest()...)...)
			r.at, r.CreatedAt = ReactionAt{r.Reaction.Reaction, r.Author.Type, r.Author.ID}, clock.FromMicros(at)
			return r, err
		}, selectReactions, a.WorkspaceID, commentID, after.Reaction, after.Type, after.ID, limit)
		return err
	})
	if err != nil {
		return nil, nil, fault.Wrap(op, err)
	}
	things := make([]sealed, len(rows))
	for i := range rows {
		things[i] = sealed{rows[i].contactID, rows[i].contact, &rows[i].Author}
	}
	ok, err := s.open(ctx, things, func(int, *vault.Key, bool) error { return nil })
	out, places := []Reaction{}, []ReactionAt{}
	for i, r := range rows {
		if err == nil && ok[i] {
			out, places = append(out, r.Reaction), append(places, r.at)
		}
	}
	return out, places, fault.Wrap(op, err)
}

const (
	countReactions = `
	SELECT r.comment_id, r.reaction, COUNT(DISTINCT COALESCE(c.merged_into, r.person_id)),
		MAX(CASE WHEN r.person_type = $1 AND (r.person_id = $2 OR c.merged_into = $2) THEN 1 ELSE 0 END)
	FROM comment_reactions r LEFT JOIN contacts c ON c.workspace_id = r.workspace_id AND c.id = r.person_id
	WHERE r.workspace_id = $3 AND r.comment_id IN (`
	byComment = `) GROUP BY r.comment_id, r.reaction`
)

type reactionTally struct {
	commentID string
	ReactionCount
}

// tally counts the reactions to some comments, in one query.
func tally(tx *storage.Tx, a actor.Actor, comments []Comment) error {
	args, at := []any{string(a.Type), a.ID, a.WorkspaceID}, map[string]*Comment{}
	for i := range comments {
		args = append(args, comments[i].ID)
		at[comments[i].ID] = &comments[i]
	}
	found, err := queryAll(tx, func(rows *sql.Rows) (t reactionTally, err error) {
		var mine int64
		err = rows.Scan(&t.commentID, &t.Reaction, &t.Count, &mine)
		t.Mine = mine != 0
		return t, err
	}, countReactions+marks(4, len(comments))+byComment, args...)
	for _, t := range found {
		at[t.commentID].Reactions = append(at[t.commentID].Reactions, t.ReactionCount)
	}
	for i := range comments {
		slices.SortFunc(comments[i].Reactions, func(x, y ReactionCount) int {
			return slices.Index(Reactions, x.Reaction) - slices.Index(Reactions, y.Reaction)
		})
	}
	return err
}

const selectMyReactions = `SELECT comment_id || ' ' || reaction FROM comment_reactions WHERE workspace_id = $1 AND person_type = 'contact' AND person_id` + ofPerson + ` AND post_id = $3`

// Reacted tells what a guest showed below the comments of a post: the comment's id, a
// space and the reaction.
func (s *Service) Reacted(ctx context.Context, g Guest, postID string) (map[string]bool, error) {
	out := map[string]bool{}
	if g.Promised {
		return out, nil
	}
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		found, err := queryAll(tx, scanText, selectMyReactions, g.WorkspaceID, g.ContactID, postID)
		for _, one := range found {
			out[one] = true
		}
		return err
	})
	return out, fault.Wrap("boards.Reacted", err)
}

// ReactionExport is what somebody showed below a comment, as it is handed to them.
type ReactionExport struct {
	CommentID string    `json:"comment_id"`
	PostID    string    `json:"post_id"`
	Reaction  string    `json:"reaction"`
	CreatedAt time.Time `json:"created_at"`
}

// Provided keeps all of it: they did it.
func (r ReactionExport) Provided() (any, bool) { return r, true }

const selectTheirReactions = `
	SELECT comment_id, post_id, reaction, created_at FROM comment_reactions WHERE workspace_id = $1 AND person_type = 'contact' AND person_id = $2
	ORDER BY comment_id, reaction`

func exportReactions(tx *storage.Tx, sub privacy.Subject, out privacy.Export) error {
	found, err := queryAll(tx, func(rows *sql.Rows) (r ReactionExport, err error) {
		var at int64
		err = rows.Scan(&r.CommentID, &r.PostID, &r.Reaction, &at)
		r.CreatedAt = clock.FromMicros(at)
		return r, err
	}, selectTheirReactions, sub.WorkspaceID, sub.ContactID)
	for _, r := range found {
		if err == nil {
			err = out("comment_reactions", r)
		}
	}
	return err
}
