package boards

import (
	"context"
	"database/sql"
	"slices"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
)

// Merge has a post stand for another one, which leaves the lists: its votes count
// here too, once a person, and its address leads here. [Service.Unmerge] takes them
// apart again.
func (s *Service) Merge(ctx context.Context, postID, intoID string) (Post, error) {
	a := actor.From(ctx)
	ix, err := s.Vault.Index(ctx, a.WorkspaceID)
	if err != nil {
		return Post{}, fault.Wrap("boards.Merge", err)
	}
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		from, into, err := s.lockBoth(tx, a.WorkspaceID, postID, intoID)
		if err != nil {
			return err
		}
		if from.p.MergedInto != nil {
			return fault.Conflict("post_merged", "This post was merged into another one. Take it apart first.")
		}
		if into.p.BoardID != from.p.BoardID {
			return fault.Conflict("other_board", "The posts are on different boards.")
		}
		if err := s.copyVotes(tx, a.WorkspaceID, from, &into); err != nil {
			return err
		}
		now := s.Clock.Now()
		_, err = tx.Exec(`UPDATE posts SET merged_into = $1, merged_at = $2, updated_at = $2 WHERE workspace_id = $3 AND id = $4`,
			into.p.ID, clock.Micros(later(now, from.p.UpdatedAt)), a.WorkspaceID, postID)
		if err != nil {
			return err
		}
		if err := s.moveFollowers(tx, ix, a, from, into.p.ID); err != nil {
			return err
		}
		s.tell(tx, a, live.PostMerged, "", postID, now, map[string]string{"board_id": from.p.BoardID, "into": into.p.ID})
		return s.record(tx, a, "post.merged", "post", postID, map[string]string{"into": into.p.ID})
	})
	if err != nil {
		return Post{}, fault.Wrap("boards.Merge", err)
	}
	return s.Post(ctx, intoID)
}

// mergesLock is held by whoever merges posts, takes them apart, or erases somebody
// who contributed: one at a time in a workspace, before any lock of a post.
func mergesLock(workspaceID string) string { return "merges " + workspaceID }

// lockBoth locks both posts, in the order of their ids, so that two merges never
// wait for each other. The second is the one that stands for the target.
func (s *Service) lockBoth(tx *storage.Tx, workspaceID, postID, intoID string) (from, into postRow, err error) {
	if err := tx.Lock(mergesLock(workspaceID)); err != nil { // one at a time: two could close a circle
		return from, into, err
	}
	into, err = loadPost(tx, workspaceID, intoID)
	for err == nil && into.p.MergedInto != nil {
		into, err = loadPost(tx, workspaceID, *into.p.MergedInto)
	}
	if err != nil {
		return from, into, err
	}
	if into.p.ID == postID {
		return from, into, fault.Conflict("merge_circle", "This post is the one that the other was merged into, or the same.")
	}
	ids := []string{postID, into.p.ID}
	slices.Sort(ids)
	for _, id := range ids {
		r, err := lockPost(tx, workspaceID, id)
		if err != nil {
			return from, into, err
		}
		if id == postID {
			from = r
		} else {
			into = r
		}
	}
	return from, into, nil
}

const selectVoters = `
	SELECT v.contact_id, COALESCE(c.merged_into, v.contact_id), v.importance, v.behalf_type, v.behalf_id, v.created_at, v.weight
	FROM post_votes v JOIN contacts c ON c.workspace_id = v.workspace_id AND c.id = v.contact_id
	WHERE v.workspace_id = $1 AND v.post_id = $2 ORDER BY v.created_at, v.contact_id`

type voter struct {
	contactID, survivor, importance string
	behalfType, behalfID            sql.NullString
	at                              int64
	weight                          sql.NullInt64
}

func votersOn(tx *storage.Tx, workspaceID, postID string) ([]voter, error) {
	return queryAll(tx, func(rows *sql.Rows) (v voter, err error) {
		return v, rows.Scan(&v.contactID, &v.survivor, &v.importance, &v.behalfType, &v.behalfID, &v.at, &v.weight)
	}, selectVoters, workspaceID, postID)
}

// copyVotes adds the votes of one post to another, but of people who voted for both.
func (s *Service) copyVotes(tx *storage.Tx, workspaceID string, from postRow, into *postRow) error {
	if err := loadRule(tx, workspaceID, into); err != nil {
		return err
	}
	theirs, err := votersOn(tx, workspaceID, into.p.ID)
	if err != nil {
		return err
	}
	voted := map[string]bool{}
	for _, v := range theirs {
		voted[v.survivor] = true
	}
	votes, err := votersOn(tx, workspaceID, from.p.ID)
	if err != nil {
		return err
	}
	for _, v := range votes {
		if voted[v.survivor] {
			continue
		}
		voted[v.survivor] = true
		if _, err := tx.Exec(insertVote, workspaceID, into.p.ID, v.contactID, v.importance, v.behalfType, v.behalfID, from.p.ID, v.at, v.weight); err != nil {
			return err
		}
		into.p.Votes, into.trend = into.p.Votes+1, joined(into.trend, clock.FromMicros(v.at))
		into.weight.Int64 += into.counts(v.weight, v.importance)
	}
	if err := copyBallots(tx, workspaceID, from.p.ID, into); err != nil {
		return err
	}
	return storeVotes(tx, workspaceID, into)
}

// Unmerge takes a merged post out again: its own votes go back to it, and are no
// longer counted where they had been copied to.
func (s *Service) Unmerge(ctx context.Context, postID string) (Post, error) {
	a := actor.From(ctx)
	err := s.DB.Write(ctx, func(tx *storage.Tx) error {
		r, err := loadPost(tx, a.WorkspaceID, postID)
		if err != nil {
			return err
		}
		if r.p.MergedInto == nil {
			return fault.Conflict("not_merged", "This post was not merged into another one.")
		}
		from, into, err := s.lockMerged(tx, a.WorkspaceID, r)
		if err != nil {
			return err
		}
		moved, err := queryAll(tx, scanText, `SELECT contact_id FROM post_votes WHERE workspace_id = $1 AND post_id = $2 AND from_post_id = $3`, a.WorkspaceID, into.p.ID, postID)
		if err != nil {
			return err
		}
		for _, contactID := range moved {
			if err := s.dropVote(tx, a.WorkspaceID, &into, contactID, false); err != nil {
				return err
			}
		}
		if err := s.returnVoices(tx, a.WorkspaceID, postID, &into); err != nil {
			return err
		}
		now := s.Clock.Now()
		_, err = tx.Exec(`UPDATE posts SET merged_into = NULL, merged_at = NULL, updated_at = $1 WHERE workspace_id = $2 AND id = $3`,
			clock.Micros(later(now, from.p.UpdatedAt)), a.WorkspaceID, postID)
		if err != nil {
			return err
		}
		s.tell(tx, a, live.PostUpdated, from.contactID, postID, now, map[string]string{"board_id": from.p.BoardID})
		return s.record(tx, a, "post.unmerged", "post", postID, map[string]string{"from": into.p.ID})
	})
	if err != nil {
		return Post{}, fault.Wrap("boards.Unmerge", err)
	}
	return s.Post(ctx, postID)
}

// lockMerged locks a merged post and the one that it was merged into directly.
func (s *Service) lockMerged(tx *storage.Tx, workspaceID string, r postRow) (from, into postRow, err error) {
	if err := tx.Lock(mergesLock(workspaceID)); err != nil {
		return from, into, err
	}
	ids := []string{r.p.ID, *r.p.MergedInto}
	slices.Sort(ids)
	for _, id := range ids {
		one, err := lockPost(tx, workspaceID, id)
		if err != nil {
			return from, into, err
		}
		if id == r.p.ID {
			from = one
		} else {
			into = one
		}
	}
	if from.p.MergedInto == nil || *from.p.MergedInto != into.p.ID {
		err = fault.Conflict("changed_meanwhile", "Others took this post apart just now. Load it again.")
	}
	return from, into, err
}
