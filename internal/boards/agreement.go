package boards

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// What somebody agreed to.
const (
	AgreedPost = "post" // that their wish is on the board
	AgreedVote = "vote" // that they want it, too
)

// hows are the ways in which people agree.
var hows = []string{"conversation", "mail", "phone", "in_person"}

// NewAgreement says that somebody agreed to what is put on a board for them.
type NewAgreement struct {
	How            string `json:"how" enum:"conversation,mail,phone,in_person" doc:"How they agreed."`
	ConversationID string `json:"conversation_id,omitempty" maxLength:"64" doc:"The conversation in which they agreed."`
	MessageID      string `json:"message_id,omitempty" maxLength:"64" doc:"The message of theirs that it comes from."`
}

// Agreement is the note that somebody agreed: to what, how, and who noted it.
type Agreement struct {
	ContactID      string    `json:"contact_id"`
	PostID         string    `json:"post_id"`
	Kind           string    `json:"kind" enum:"post,vote" doc:"Whether it is their wish, or they want it, too."`
	How            string    `json:"how" enum:"conversation,mail,phone,in_person"`
	ConversationID *string   `json:"conversation_id"`
	MessageID      *string   `json:"message_id"`
	NotedBy        Author    `json:"noted_by" doc:"Who wrote down that they agreed."`
	CreatedAt      time.Time `json:"created_at"`
}

// agreed gives the agreement that the actor notes; a contact who acts agrees by that.
func agreed(a actor.Actor, n *NewAgreement, contactID string) (*NewAgreement, error) {
	switch {
	case n == nil || a.Type == actor.Contact:
		return nil, nil
	case contactID == "":
		return nil, fault.Invalid("agreement", "needs contact_id: whose wish it is")
	case !slices.Contains(hows, n.How):
		return nil, fault.Invalid("agreement.how", "must be conversation, mail, phone or in_person")
	case n.How == "conversation" && n.ConversationID == "":
		return nil, fault.Invalid("agreement.conversation_id", "must name the conversation in which they agreed")
	case n.MessageID != "" && n.ConversationID == "":
		return nil, fault.Invalid("agreement.conversation_id", "must name the message's conversation")
	}
	return n, nil
}

const (
	insertAgreement = `
	INSERT INTO board_agreements (workspace_id, contact_id, post_id, kind, how, conversation_id, message_id, noted_by_type, noted_by_id, created_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
	ON CONFLICT (workspace_id, contact_id, post_id, kind) DO UPDATE SET how = excluded.how, conversation_id = excluded.conversation_id,
		message_id = excluded.message_id, noted_by_type = excluded.noted_by_type, noted_by_id = excluded.noted_by_id, created_at = excluded.created_at`
	dropAgreement = `DELETE FROM board_agreements WHERE workspace_id = $1 AND contact_id` + ofPerson + ` AND post_id = $3 AND kind = 'vote'`
)

// noteAgreement stores that somebody agreed, whom the transaction holds. The
// conversation must be one of the person's.
func (s *Service) noteAgreement(tx *storage.Tx, a actor.Actor, n *NewAgreement, kind, contactID, postID string) error {
	if n == nil {
		return nil
	}
	if n.ConversationID != "" && s.Said != nil {
		known, err := s.Said(tx, a.WorkspaceID, contactID, n.ConversationID, n.MessageID)
		if err != nil {
			return err
		}
		if !known {
			return fault.Invalid("agreement.conversation_id", "must be a conversation of this person, and the message one of theirs in it")
		}
	}
	_, err := tx.Exec(insertAgreement, a.WorkspaceID, contactID, postID, kind, n.How, null(n.ConversationID), null(n.MessageID), string(a.Type), a.ID,
		clock.Micros(s.Clock.Now()))
	if err != nil {
		return err
	}
	return s.record(tx, a, "board.agreement_noted", "post", postID, map[string]string{"contact_id": contactID, "kind": kind, "how": n.How})
}

const agreementColumns = `g.contact_id, g.post_id, g.kind, g.how, g.conversation_id, g.message_id, g.noted_by_type, g.noted_by_id, g.created_at`

func scanAgreement(rows *sql.Rows) (g Agreement, err error) {
	var at int64
	err = rows.Scan(&g.ContactID, &g.PostID, &g.Kind, &g.How, &g.ConversationID, &g.MessageID, &g.NotedBy.Type, &g.NotedBy.ID, &at)
	g.CreatedAt = clock.FromMicros(at)
	return g, err
}

// mostAgreements bounds how many notes one conversation, or one post, is shown with.
const mostAgreements = 200

const (
	selectAgreementsIn = `SELECT ` + agreementColumns + ` FROM board_agreements g WHERE g.workspace_id = $1 AND g.conversation_id = $2 ORDER BY g.created_at LIMIT $3`
	selectAgreementsTo = `SELECT ` + agreementColumns + ` FROM board_agreements g WHERE g.workspace_id = $1
		AND (g.contact_id, g.kind) IN (SELECT o.contact_id, o.kind FROM board_agreements o WHERE o.workspace_id = $1 AND o.post_id = $2) AND g.post_id = $2
		ORDER BY g.contact_id LIMIT $3`
)

// Agreed is a note with the post that it is about.
type Agreed struct {
	Agreement
	Post Post `json:"post"`
}

// AgreementsIn gives what came of a conversation: the posts and votes to which its
// person agreed there, oldest first.
func (s *Service) AgreementsIn(ctx context.Context, conversationID string) ([]Agreed, error) {
	return s.agreements(ctx, "boards.AgreementsIn", selectAgreementsIn, conversationID)
}

// AgreementsTo gives who agreed to a post, or to a vote for it.
func (s *Service) AgreementsTo(ctx context.Context, postID string) ([]Agreed, error) {
	return s.agreements(ctx, "boards.AgreementsTo", selectAgreementsTo, postID)
}

func (s *Service) agreements(ctx context.Context, op, query, of string) ([]Agreed, error) {
	a := actor.From(ctx)
	var notes []Agreement
	var rows []postRow
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if notes, err = queryAll(tx, scanAgreement, query, a.WorkspaceID, of, mostAgreements); err != nil {
			return err
		}
		ids := make([]string, len(notes))
		for i, n := range notes {
			ids[i] = n.PostID
		}
		rows, err = postsByID(tx, a.WorkspaceID, ids)
		return err
	})
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	posts, _, err := s.openPosts(ctx, rows)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	seen := make([]string, len(notes))
	for i, n := range notes {
		seen[i] = n.ContactID
	}
	s.Audit.Access(ctx, distinct(seen), "board") // what somebody agreed to tells of them, whoever wrote the post
	byID := map[string]Post{}
	for _, p := range posts {
		byID[p.ID] = p
	}
	out := make([]Agreed, 0, len(notes))
	for _, n := range notes {
		if p, ok := byID[n.PostID]; ok {
			out = append(out, Agreed{n, p})
		}
	}
	return out, nil
}

// postsByID gives posts by id, in no order.
func postsByID(tx *storage.Tx, workspaceID string, ids []string) ([]postRow, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	args := []any{workspaceID}
	for _, id := range distinct(ids) {
		args = append(args, id)
	}
	return queryAll(tx, func(rows *sql.Rows) (postRow, error) { return scanPost(rows) },
		`SELECT `+postColumns+fromPosts+` AND p.id IN (`+marks(2, len(args)-1)+`)`, args...)
}
