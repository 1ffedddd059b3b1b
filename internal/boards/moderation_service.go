package boards

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

const selectModeration = `
	SELECT words, on_words, max_links, first_waits, challenge, updated_at FROM board_moderation WHERE workspace_id = $1 AND board_id = $2`

// loadModeration gives a board's rules, or the usual ones.
func loadModeration(tx *storage.Tx, workspaceID, boardID string) (m Moderation, err error) {
	var words string
	var first, updated int64
	err = tx.QueryRow(selectModeration, workspaceID, boardID).Scan(&words, &m.OnWords, &m.MaxLinks, &first, &m.Challenge, &updated)
	if errors.Is(err, sql.ErrNoRows) {
		return usualModeration(), nil
	}
	if err != nil {
		return m, err
	}
	m.FirstWaits, m.UpdatedAt = first != 0, clock.FromMicros(updated)
	return m, json.Unmarshal([]byte(words), &m.Words)
}

// Moderation gives a board's rules against spam.
func (s *Service) Moderation(ctx context.Context, boardID string) (m Moderation, err error) {
	workspaceID := actor.From(ctx).WorkspaceID
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		b, err := loadBoard(tx, workspaceID, boardID)
		if err != nil {
			return err
		}
		if m, err = loadModeration(tx, workspaceID, boardID); m.UpdatedAt.IsZero() {
			m.UpdatedAt = b.CreatedAt
		}
		return err
	})
	return m, fault.Wrap("boards.Moderation", err)
}

const upsertModeration = `
	INSERT INTO board_moderation (workspace_id, board_id, words, on_words, max_links, first_waits, challenge, updated_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
	ON CONFLICT (workspace_id, board_id) DO UPDATE SET words = excluded.words, on_words = excluded.on_words, max_links = excluded.max_links,
		first_waits = excluded.first_waits, challenge = excluded.challenge, updated_at = excluded.updated_at`

// SetModeration changes a board's rules against spam. What waits already goes on
// waiting.
func (s *Service) SetModeration(ctx context.Context, boardID string, c ModerationChange) (m Moderation, err error) {
	a := actor.From(ctx)
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.Lock("board " + boardID); err != nil {
			return err
		}
		if _, err := loadBoard(tx, a.WorkspaceID, boardID); err != nil {
			return err
		}
		was, err := loadModeration(tx, a.WorkspaceID, boardID)
		if err != nil {
			return err
		}
		if m, err = was.with(c); err != nil {
			return err
		}
		m.UpdatedAt = later(s.Clock.Now(), was.UpdatedAt)
		words, err := json.Marshal(m.Words)
		if err != nil {
			return err
		}
		_, err = tx.Exec(upsertModeration, a.WorkspaceID, boardID, string(words), m.OnWords, m.MaxLinks, flag(m.FirstWaits), m.Challenge, clock.Micros(m.UpdatedAt))
		if err != nil {
			return err
		}
		return s.record(tx, a, "board.moderation_changed", "board", boardID, nil)
	})
	return m, fault.Wrap("boards.SetModeration", err)
}

// contribution is what somebody who does not work for the customer wants to write.
type contribution struct {
	contactID string
	text      string
	proof     string // of the work that a challenge asked for
	edit      bool   // of what they wrote before: the work was done then
}

// heldFor says why a contribution has to wait for an operator, "" if it need not; or
// refuses it. It asks what costs least first, and spends a proof only where one is
// needed.
func (s *Service) heldFor(tx *storage.Tx, ix *vault.Index, workspaceID string, b *Board, c contribution) (string, error) {
	m, err := loadModeration(tx, workspaceID, b.ID)
	if err != nil {
		return "", err
	}
	held, err := m.judge(c.text)
	if err != nil || held != "" {
		return held, err
	}
	if b.Approval {
		return HeldForApproval, nil
	}
	if c.edit || !m.FirstWaits && m.Challenge == ChallengeNobody {
		return "", nil
	}
	known, err := wasPublished(tx, workspaceID, c.contactID)
	if err != nil {
		return "", err
	}
	if m.Challenge == ChallengeEverybody || m.Challenge == ChallengeNewcomers && !known {
		done, err := s.proven(tx, ix, workspaceID, c.proof)
		if err != nil || !done {
			return HeldForChallenge, err
		}
	}
	if m.FirstWaits && !known {
		return HeldForFirst, nil
	}
	return "", nil
}

const selectPublished = `
	SELECT EXISTS (SELECT 1 FROM posts WHERE workspace_id = $1 AND contact_id = $2 AND state = 'published')
		OR EXISTS (SELECT 1 FROM post_comments WHERE workspace_id = $1 AND contact_id = $2 AND state = 'published')`

// wasPublished tells whether something that a person wrote was published before.
func wasPublished(tx *storage.Tx, workspaceID, contactID string) (known bool, err error) {
	return known, tx.QueryRow(selectPublished, workspaceID, contactID).Scan(&known)
}

// screened gives how far a contribution is by the board's rules, and why it waits if
// it does. What the customer's people write down is not asked about.
func (s *Service) screened(ctx context.Context, tx *storage.Tx, a actor.Actor, b *Board, c contribution, state string) (string, string, error) {
	if a.Type != actor.Contact {
		return state, "", nil
	}
	ix, err := s.Vault.Index(ctx, a.WorkspaceID)
	if err != nil {
		return "", "", err
	}
	held, err := s.heldFor(tx, ix, a.WorkspaceID, b, c)
	if err != nil {
		return "", "", err
	}
	if held != "" {
		return Pending, held, nil
	}
	if state == Pending {
		return Pending, HeldForApproval, nil
	}
	return state, "", nil
}

func holdPost(tx *storage.Tx, workspaceID, postID, heldFor string) error {
	_, err := tx.Exec(`UPDATE posts SET held_for = $1 WHERE workspace_id = $2 AND id = $3 AND held_for <> $1`, heldFor, workspaceID, postID)
	return err
}

func holdComment(tx *storage.Tx, workspaceID, postID, commentID, heldFor string) error {
	_, err := tx.Exec(`UPDATE post_comments SET held_for = $1 WHERE workspace_id = $2 AND post_id = $3 AND id = $4 AND held_for <> $1`, heldFor, workspaceID, postID, commentID)
	return err
}

// screenPostEdit has new words of a contact's post looked at like those of a new one,
// and notes why it waits, or that it does not any more.
func (s *Service) screenPostEdit(ctx context.Context, tx *storage.Tx, a actor.Actor, d *change, r postRow) error {
	if d.edited {
		b, err := loadBoard(tx, a.WorkspaceID, r.p.BoardID)
		if err != nil {
			return err
		}
		var held string
		if d.next.State, held, err = s.screened(ctx, tx, a, &b, contribution{contactID: r.contactID, text: d.said, edit: true}, d.next.State); err != nil {
			return err
		}
		if held != "" {
			d.next.HeldFor = held
		}
	}
	if d.next.State == Published {
		d.next.HeldFor = ""
	}
	return holdPost(tx, a.WorkspaceID, r.p.ID, d.next.HeldFor)
}

// screenEdit has new words of a contact's comment looked at like those of a new one,
// and notes why it waits, or that it does not any more.
func (s *Service) screenEdit(ctx context.Context, tx *storage.Tx, a actor.Actor, c *Comment, contactID, said string) error {
	if said != "" {
		r, err := loadPost(tx, a.WorkspaceID, c.PostID)
		if err != nil {
			return err
		}
		b, err := loadBoard(tx, a.WorkspaceID, r.p.BoardID)
		if err != nil {
			return err
		}
		var held string
		if c.State, held, err = s.screened(ctx, tx, a, &b, contribution{contactID: contactID, text: said, edit: true}, c.State); err != nil {
			return err
		}
		if held != "" {
			c.HeldFor = held
		}
	}
	if c.State == Published {
		c.HeldFor = ""
	}
	return holdComment(tx, a.WorkspaceID, c.PostID, c.ID, c.HeldFor)
}
