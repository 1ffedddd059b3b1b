package boards

import (
	"context"
	"database/sql"
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

// What is decided about something that waits.
const (
	Approve = "approve" // it is published
	Reject  = "reject"  // it is removed
	Block   = "block"   // it is removed, and whoever wrote it is not let in any more
)

// keepRefusals is how long people see that something of theirs was not published.
const keepRefusals = 90 * 24 * time.Hour

// Decision is what becomes of several things that wait.
type Decision struct {
	IDs      []string `json:"ids" minItems:"1" maxItems:"100" doc:"Posts and comments."`
	Decision string   `json:"decision" enum:"approve,reject,block" doc:"Publish them, remove them, or remove them and block who wrote them as a sender of spam."`
	Reason   string   `json:"reason,omitempty" maxLength:"500" doc:"Why something is removed, in words for its author: they read it on their own page of the board, for 90 days. It is sealed with their key."`
}

func (d *Decision) check(a actor.Actor) error {
	d.Reason = strings.TrimSpace(d.Reason)
	if problem := textProblem(d.Reason, 500); problem != "" {
		return fault.Invalid("reason", problem)
	}
	switch d.Decision {
	case Approve:
		if d.Reason != "" {
			return fault.Invalid("reason", "goes with what is removed")
		}
	case Reject:
	case Block:
		if !a.Can("contacts:write") {
			return fault.Forbidden("Blocking people needs the permission contacts:write. Reject it instead, or ask somebody who may.")
		}
	default:
		return fault.Invalid("decision", "must be approve, reject or block")
	}
	return nil
}

// Decide decides about things that wait on a board, or anywhere in the workspace ("" for
// the board), each for itself: what one may not, the others still may. Approving what
// is published already is no failure.
func (s *Service) Decide(ctx context.Context, boardID string, d Decision) ([]BulkResult, error) {
	if err := d.check(actor.From(ctx)); err != nil {
		return nil, err
	}
	if boardID != "" {
		if _, err := s.Board(ctx, boardID); err != nil {
			return nil, err
		}
	}
	return each(d.IDs, func(id string) error { return s.decideOne(ctx, boardID, id, d) })
}

func (s *Service) decideOne(ctx context.Context, boardID, id string, d Decision) error {
	w, err := s.waitingFor(ctx, boardID, id)
	if err != nil {
		return err
	}
	if d.Decision == Approve {
		return s.approve(ctx, w)
	}
	if w.state != Pending {
		return notPending()
	}
	if d.Decision == Block && w.contactID != "" {
		if _, err := s.Contacts.Block(ctx, w.contactID, contacts.NewBlock{Reason: "spam"}); err != nil {
			return err
		}
	}
	return s.reject(ctx, w, d.Reason)
}

func notPending() error {
	return fault.Conflict("not_pending", "This does not wait for a decision any more.")
}

// waiting is a post or a comment that somebody decides about.
type waiting struct {
	id, kind, postID, contactID, state string
	boardID                            string
}

func (s *Service) waitingFor(ctx context.Context, boardID, id string) (w waiting, err error) {
	workspaceID := actor.From(ctx).WorkspaceID
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		w = waiting{id: id, kind: kindOfPost, postID: id}
		if strings.HasPrefix(id, "cmt_") {
			r, err := loadComment(tx, workspaceID, id)
			if err != nil {
				return err
			}
			w = waiting{id, kindOfComment, r.c.PostID, r.contactID, r.c.State, ""}
		}
		p, err := loadPost(tx, workspaceID, w.postID)
		if err != nil {
			return err
		}
		if w.boardID = p.p.BoardID; w.kind == kindOfPost {
			w.contactID, w.state = p.contactID, p.p.State
		}
		if boardID != "" && w.boardID != boardID {
			return fault.NotFound(w.kind)
		}
		return nil
	})
	return w, err
}

func (s *Service) approve(ctx context.Context, w waiting) error {
	if w.state == Published {
		return nil
	}
	state := Published
	var err error
	if w.kind == kindOfPost {
		_, err = s.UpdatePost(ctx, w.id, PostChange{State: &state}, nil)
	} else {
		_, err = s.UpdateComment(ctx, w.id, CommentChange{State: &state})
	}
	return err
}

const insertRefusal = `
	INSERT INTO board_refusals (workspace_id, id, board_id, contact_id, kind, reason_sealed, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`

// reject removes what waits, and notes for its author that it was not let through.
func (s *Service) reject(ctx context.Context, w waiting, reason string) error {
	a, now, id := actor.From(ctx), s.Clock.Now(), s.IDs.New("rfs")
	var why []byte
	if w.contactID != "" && reason != "" {
		key, err := s.key(ctx, a.WorkspaceID, w.contactID)
		if err != nil {
			return err
		}
		why = key.Seal(refusalPlace(id), []byte(reason))
	}
	return s.DB.Write(ctx, func(tx *storage.Tx) error {
		if w.contactID != "" {
			if _, err := s.person(tx, a, w.contactID); err != nil {
				return err
			}
		}
		if err := s.removeWaiting(tx, a, w, now); err != nil {
			return err
		}
		if w.contactID != "" {
			_, err := tx.Exec(insertRefusal, a.WorkspaceID, id, w.boardID, w.contactID, w.kind, why, clock.Micros(now))
			if err != nil {
				return err
			}
		}
		return s.record(tx, a, w.kind+".rejected", w.kind, w.id, map[string]string{"board_id": w.boardID})
	})
}

// removeWaiting removes something if it still waits. A post that others voted for or
// wrote under before it had to wait is not theirs to lose.
func (s *Service) removeWaiting(tx *storage.Tx, a actor.Actor, w waiting, now time.Time) error {
	p, err := lockPost(tx, a.WorkspaceID, w.postID)
	if err != nil {
		return err
	}
	if w.kind == kindOfComment {
		c, err := loadComment(tx, a.WorkspaceID, w.id)
		if err == nil && (c.c.State != Pending || c.c.Removed || c.contactID != w.contactID) {
			err = notPending()
		}
		if err == nil {
			err = s.dropComment(tx, a.WorkspaceID, w.postID, w.id)
		}
		if err == nil {
			_, err = tx.Exec(updateComments, a.WorkspaceID, w.postID)
		}
		if err == nil {
			s.tellComment(tx, a, w.boardID, &c.c, w.contactID, map[string]string{"removed": "true"})
		}
		return err
	}
	if p.p.State != Pending || p.contactID != w.contactID {
		return notPending()
	}
	var others int
	if err := tx.QueryRow(othersUnder, a.WorkspaceID, w.postID, w.contactID).Scan(&others); err != nil {
		return err
	}
	if others > 0 || p.anonymous > 0 {
		return fault.Conflict("others_took_part", "Others voted or wrote here before it had to wait. Change its words and publish it, or delete it.")
	}
	if err := s.deletePost(tx, a.WorkspaceID, w.postID); err != nil {
		return err
	}
	s.tell(tx, a, live.PostUpdated, w.contactID, w.postID, now, map[string]string{"board_id": w.boardID, "deleted": "true"})
	return nil
}

func refusalPlace(row string) vault.Place {
	return vault.Place{Table: "board_refusals", Column: "reason_sealed", Row: row}
}

// Refusal tells somebody that something of theirs was not published.
type Refusal struct {
	Kind      string    `json:"kind"` // post, comment
	Reason    string    `json:"reason"`
	CreatedAt time.Time `json:"created_at"`
}

// Provided leaves it out: the team wrote it.
func (r Refusal) Provided() (any, bool) { return nil, false }

type refusalRow struct {
	Refusal
	id, contactID string
	reason        []byte
}

func scanRefusal(rows *sql.Rows) (r refusalRow, err error) {
	var at int64
	err = rows.Scan(&r.id, &r.contactID, &r.Kind, &r.reason, &at)
	r.CreatedAt = clock.FromMicros(at)
	return r, err
}

const (
	refusalColumns      = `r.id, r.contact_id, r.kind, r.reason_sealed, r.created_at`
	selectRefusals      = `SELECT ` + refusalColumns + ` FROM board_refusals r WHERE r.workspace_id = $1 AND r.contact_id` + ofPerson + ` AND r.board_id = $3 ORDER BY r.id DESC LIMIT $4`
	selectTheirRefusals = `SELECT ` + refusalColumns + ` FROM board_refusals r WHERE r.workspace_id = $1 AND r.contact_id = $2 ORDER BY r.id`
	forgetRefusals      = `DELETE FROM board_refusals WHERE (workspace_id, id) IN (SELECT workspace_id, id FROM board_refusals WHERE created_at <= $1 ORDER BY created_at LIMIT $2)`
)

// Refusals tells a guest what of theirs was not published on a board, newest first.
func (s *Service) Refusals(ctx context.Context, g Guest, boardID string) ([]Refusal, error) {
	if g.Promised {
		return nil, nil
	}
	var rows []refusalRow
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		rows, err = queryAll(tx, scanRefusal, selectRefusals, g.WorkspaceID, g.ContactID, boardID, mostOwn)
		return err
	})
	if err != nil || len(rows) == 0 {
		return nil, fault.Wrap("boards.Refusals", err)
	}
	subjects := make([]vault.Subject, len(rows))
	for i, r := range rows {
		subjects[i] = vault.Subject{Workspace: g.WorkspaceID, ID: r.contactID}
	}
	keys, err := s.Vault.Keys(ctx, subjects)
	if err != nil {
		return nil, fault.Wrap("boards.Refusals", err)
	}
	out := make([]Refusal, 0, len(rows))
	for i, r := range rows {
		if keys[subjects[i]] == nil {
			continue
		}
		if err := r.open(keys[subjects[i]]); err != nil {
			return nil, fault.Wrap("boards.Refusals", err)
		}
		out = append(out, r.Refusal)
	}
	return out, nil
}

func (r *refusalRow) open(key *vault.Key) error {
	if r.reason == nil {
		return nil
	}
	plain, err := key.Open(refusalPlace(r.id), r.reason)
	r.Reason = string(plain)
	return fault.Wrap("open "+r.id, err)
}

// exportRefusals hands out what of a person's was not published, and why.
func exportRefusals(tx *storage.Tx, sub privacy.Subject, key func() (*vault.Key, error), out privacy.Export) error {
	rows, err := queryAll(tx, scanRefusal, selectTheirRefusals, sub.WorkspaceID, sub.ContactID)
	if err != nil || len(rows) == 0 {
		return err
	}
	own, err := key()
	if err != nil {
		return err
	}
	for _, r := range rows {
		if err := r.open(own); err != nil {
			return err
		}
		if err := out("board_refusals", r.Refusal); err != nil {
			return err
		}
	}
	return nil
}
