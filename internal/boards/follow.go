package boards

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

const insertSubscription = `
	INSERT INTO post_subscriptions (workspace_id, post_id, contact_id, token_hash, from_post_id, created_at)
	VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace_id, post_id, contact_id) DO NOTHING`

// unsubscribeToken is what ends a subscription with one click: keyed, so that it can
// be made again for each mail and nobody else can make it.
func unsubscribeToken(ix *vault.Index, postID, contactID string) string {
	return base64.RawURLEncoding.EncodeToString(ix.Equal("unsubscribe", postID+" "+contactID))
}

// Follow has the contact who acts be told by mail when a post moves. A merged post's
// followers follow the one that stands for it.
func (s *Service) Follow(ctx context.Context, postID string) error {
	const op = "boards.Follow"
	a := actor.From(ctx)
	if err := s.entrance(ctx, postID); err != nil {
		return fault.Wrap(op, err)
	}
	ix, err := s.Vault.Index(ctx, a.WorkspaceID)
	if err != nil {
		return fault.Wrap(op, err)
	}
	return fault.Wrap(op, s.write(ctx, func(tx *storage.Tx) error {
		person, err := s.person(tx, a, a.ID)
		if err != nil {
			return err
		}
		r, err := root(tx, a.WorkspaceID, postID)
		if err != nil {
			return err
		}
		return subscribe(tx, ix, a.WorkspaceID, r.p.ID, person, "", clock.Micros(s.Clock.Now()))
	}))
}

func subscribe(tx *storage.Tx, ix *vault.Index, workspaceID, postID, contactID, fromID string, at int64) error {
	_, err := tx.Exec(insertSubscription, workspaceID, postID, contactID, hashOf(unsubscribeToken(ix, postID, contactID)), null(fromID), at)
	return err
}

const unsubscribePerson = `
	DELETE FROM post_subscriptions WHERE workspace_id = $1 AND post_id = $2
		AND contact_id IN (SELECT m.id FROM contacts m WHERE m.workspace_id = $1 AND m.id = $3
			UNION ALL SELECT m.id FROM contacts m WHERE m.workspace_id = $1 AND m.merged_into = $3)`

// Unfollow ends that; it does nothing if they do not follow.
func (s *Service) Unfollow(ctx context.Context, postID string) error {
	a := actor.From(ctx)
	return fault.Wrap("boards.Unfollow", s.DB.Write(ctx, func(tx *storage.Tx) error {
		person, err := contacts.Survivor(tx, a.WorkspaceID, a.ID)
		if err != nil {
			return err
		}
		_, err = tx.Exec(unsubscribePerson, a.WorkspaceID, postID, person)
		return err
	}))
}

// Unsubscribe ends the subscription that a mail's token is of, for all contacts of
// that person. It is no failure if there is none any more: who clicks twice is right.
func (s *Service) Unsubscribe(ctx context.Context, workspaceID, token string) error {
	return fault.Wrap("boards.Unsubscribe", s.DB.Write(ctx, func(tx *storage.Tx) error {
		var postID, contactID string
		err := tx.QueryRow(`SELECT post_id, contact_id FROM post_subscriptions WHERE workspace_id = $1 AND token_hash = $2`, workspaceID, hashOf(token)).
			Scan(&postID, &contactID)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		person, err := contacts.Survivor(tx, workspaceID, contactID)
		if err != nil {
			return err
		}
		_, err = tx.Exec(unsubscribePerson, workspaceID, postID, person)
		return err
	}))
}

const upsertPerson = `
	INSERT INTO board_people (workspace_id, contact_id, follow) VALUES ($1, $2, $3)
	ON CONFLICT (workspace_id, contact_id) DO UPDATE SET follow = excluded.follow`

// SetFollows notes whether the contact who acts wants to be told of everything that
// they vote for or write under, without ticking it each time.
func (s *Service) SetFollows(ctx context.Context, on bool) error {
	a := actor.From(ctx)
	return fault.Wrap("boards.SetFollows", s.write(ctx, func(tx *storage.Tx) error {
		person, err := s.person(tx, a, a.ID)
		if err != nil {
			return err
		}
		_, err = tx.Exec(upsertPerson, a.WorkspaceID, person, flag(on))
		return err
	}))
}

// Follows tells what somebody decided with [Service.SetFollows]; no if nothing.
func (s *Service) Follows(ctx context.Context, workspaceID, contactID string) (on bool, err error) {
	var is int
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		return tx.QueryRow(`SELECT COALESCE(MAX(follow), 0) FROM board_people WHERE workspace_id = $1 AND contact_id = $2`, workspaceID, contactID).Scan(&is)
	})
	return is != 0, fault.Wrap("boards.Follows", err)
}

const copyFollowers = `
	SELECT contact_id, created_at FROM post_subscriptions WHERE workspace_id = $1 AND post_id = $2`

type follower struct {
	contactID string
	at        int64
}

func followersOf(tx *storage.Tx, workspaceID, postID string) ([]follower, error) {
	return queryAll(tx, func(rows *sql.Rows) (f follower, err error) { return f, rows.Scan(&f.contactID, &f.at) }, copyFollowers, workspaceID, postID)
}
