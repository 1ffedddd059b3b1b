package boards

import (
	"context"
	"database/sql"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// root gives the post that stands for one which was merged, or itself, locked.
func root(tx *storage.Tx, workspaceID, postID string) (postRow, error) {
	r, err := loadPost(tx, workspaceID, postID)
	for err == nil && r.p.MergedInto != nil {
		r, err = loadPost(tx, workspaceID, *r.p.MergedInto)
	}
	if err != nil {
		return postRow{}, err
	}
	if tx.Engine() == storage.SQLite {
		return r, nil // nobody else writes meanwhile
	}
	r, err = lockPost(tx, workspaceID, r.p.ID)
	if err == nil && r.p.MergedInto != nil {
		err = fault.Conflict("changed_meanwhile", "This post was merged into another one just now. Try again.")
	}
	return r, err
}

// Vote has a person vote for a post; it does nothing but note the importance if they
// did already. A vote for a merged post is one for the post that it was merged into.
func (s *Service) Vote(ctx context.Context, postID, contactID, importance string) (Post, error) {
	return s.VoteFor(ctx, postID, contactID, importance, nil)
}

// VoteFor is [Service.Vote], with the note that the person agreed to it.
func (s *Service) VoteFor(ctx context.Context, postID, contactID, importance string, note *NewAgreement) (out Post, err error) {
	if err := importanceProblem(importance); err != nil {
		return Post{}, err
	}
	a := actor.From(ctx)
	if note, err = agreed(a, note, contactID); err != nil {
		return Post{}, err
	}
	if err := s.entrance(ctx, postID); err != nil {
		return Post{}, fault.Wrap("boards.Vote", err)
	}
	var got postRow
	err = s.write(ctx, func(tx *storage.Tx) error {
		voter, err := s.person(tx, a, contactID)
		if err != nil {
			return err
		}
		r, err := root(tx, a.WorkspaceID, postID)
		if err != nil {
			return err
		}
		if err := takesMore(tx, a.WorkspaceID, r.p.BoardID); err != nil {
			return err
		}
		if err := s.noteAgreement(tx, a, note, AgreedVote, voter, r.p.ID); err != nil {
			return err
		}
		members, err := s.votersOf(tx, a.WorkspaceID, r.p.ID, voter)
		if err != nil {
			return err
		}
		if len(members) > 0 { // as themselves, or as a contact that was merged since
			err = setImportance(tx, a.WorkspaceID, &r, members[0], importance)
			got = r
			return err
		}
		err = s.addVote(tx, a, &r, voter, importance)
		got = r
		return err
	})
	if err == nil {
		out, err = s.openPost(ctx, got)
	}
	return out, fault.Wrap("boards.Vote", err)
}

// openPost opens one row.
func (s *Service) openPost(ctx context.Context, r postRow) (Post, error) {
	posts, _, err := s.openPosts(ctx, []postRow{r})
	if err == nil && len(posts) == 0 {
		err = fault.NotFound("post")
	}
	if err != nil {
		return Post{}, err
	}
	return posts[0], nil
}

// takesMore is [Board.takes] where nothing else of the board is asked for.
func takesMore(tx *storage.Tx, workspaceID, boardID string) error {
	var archived int64
	if err := tx.QueryRow(`SELECT COALESCE(archived_at, 0) FROM boards WHERE workspace_id = $1 AND id = $2`, workspaceID, boardID).Scan(&archived); err != nil {
		return err
	}
	return (&Board{ArchivedAt: pointer(archived)}).takes()
}

const selectVotersOf = `
	SELECT v.contact_id FROM post_votes v WHERE v.workspace_id = $1 AND v.post_id = $2 AND v.contact_id IN (SELECT m.id FROM contacts m WHERE m.workspace_id = $1 AND m.id = $3
			UNION ALL SELECT m.id FROM contacts m WHERE m.workspace_id = $1 AND m.merged_into = $3) ORDER BY v.created_at, v.contact_id`

// votersOf gives as which of their contacts a person voted for a post.
func (s *Service) votersOf(tx *storage.Tx, workspaceID, postID, survivorID string) ([]string, error) {
	return queryAll(tx, scanText, selectVotersOf, workspaceID, postID, survivorID)
}

// addVote stores a vote and moves the post's count and trend.
func (s *Service) addVote(tx *storage.Tx, a actor.Actor, r *postRow, contactID, importance string) error {
	now := s.Clock.Now()
	var behalfType, behalfID any
	if a.Type != actor.Contact {
		behalfType, behalfID = string(a.Type), a.ID
	}
	weight, err := weighVoter(tx, a.WorkspaceID, r, contactID)
	if err != nil {
		return err
	}
	n, err := tx.Exec(insertVote, a.WorkspaceID, r.p.ID, contactID, importance, behalfType, behalfID, nil, clock.Micros(now), weight)
	if err != nil || n == 0 {
		return err
	}
	if err := countVote(tx, a.WorkspaceID, r, now, r.counts(weight, importance)); err != nil {
		return err
	}
	s.tell(tx, a, live.VoteAdded, contactID, r.p.ID, now, map[string]string{"board_id": r.p.BoardID})
	return nil
}

// Unvote takes a person's vote back; it does nothing if there is none.
func (s *Service) Unvote(ctx context.Context, postID, contactID string) error {
	a := actor.From(ctx)
	return fault.Wrap("boards.Unvote", s.DB.Write(ctx, func(tx *storage.Tx) error {
		voter, err := s.person(tx, a, contactID)
		if err != nil {
			return err
		}
		r, err := root(tx, a.WorkspaceID, postID)
		if err != nil {
			return err
		}
		members, err := s.votersOf(tx, a.WorkspaceID, r.p.ID, voter)
		if err != nil {
			return err
		}
		for _, member := range members {
			if err := s.dropVote(tx, a.WorkspaceID, &r, member, false); err != nil {
				return err
			}
			s.tell(tx, a, live.VoteRemoved, member, r.p.ID, s.Clock.Now(), map[string]string{"board_id": r.p.BoardID})
		}
		_, err = tx.Exec(dropAgreement, a.WorkspaceID, voter, r.p.ID)
		return err
	}))
}

// dropVote deletes a vote and moves the post's count and trend; or keeps it counted,
// without whose it was.
func (s *Service) dropVote(tx *storage.Tx, workspaceID string, r *postRow, contactID string, counted bool) error {
	var at int64
	var importance string
	var weight sql.NullInt64
	err := tx.QueryRow(`DELETE FROM post_votes WHERE workspace_id = $1 AND post_id = $2 AND contact_id = $3 RETURNING created_at, importance, weight`,
		workspaceID, r.p.ID, contactID).Scan(&at, &importance, &weight)
	if err == nil {
		err = loadRule(tx, workspaceID, r)
	}
	if err != nil {
		return err
	}
	if counted {
		if err := shiftWeight(tx, workspaceID, r, r.bare()-r.counts(weight, importance)); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE posts SET anonymous_votes = anonymous_votes + 1 WHERE workspace_id = $1 AND id = $2`, workspaceID, r.p.ID)
		return err
	}
	return uncountVote(tx, workspaceID, r, clock.FromMicros(at), r.counts(weight, importance))
}

// Votes gives who voted for a post, by contact: those to whom it matters so much (none:
// who did not say; "" all), after an id ("" for the first page), at most limit.
func (s *Service) Votes(ctx context.Context, postID, importance, after string, limit int) ([]Vote, error) {
	a := actor.From(ctx)
	var rows []voteRow
	var post postRow
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if post, err = loadPost(tx, a.WorkspaceID, postID); err != nil {
			return err
		}
		if err := loadRule(tx, a.WorkspaceID, &post); err != nil {
			return err
		}
		rows, err = queryAll(tx, scanVote, votesSQL(importance), a.WorkspaceID, post.p.ID, after, limit)
		return err
	})
	if err != nil {
		return nil, fault.Wrap("boards.Votes", err)
	}
	things, who := make([]sealed, len(rows)), make([]Author, len(rows))
	for i, r := range rows {
		things[i] = sealed{r.v.ContactID, r.contact, &who[i]}
	}
	_, err = s.open(ctx, things, func(int, *vault.Key, bool) error { return nil })
	if err != nil {
		return nil, fault.Wrap("boards.Votes", err)
	}
	out := make([]Vote, len(rows))
	for i, r := range rows {
		out[i] = r.v
		out[i].Name = who[i].Name
		if seesWeights(a) {
			out[i].Weight = pointerTo(post.weightOf(r.weight, r.v.Importance))
		}
	}
	return out, nil
}

const countImportance = `SELECT importance, COUNT(*) FROM post_votes WHERE workspace_id = $1 AND post_id = $2 AND importance <> '' GROUP BY importance`

// Importance counts to how many of a post's voters it matters how much.
func (s *Service) Importance(ctx context.Context, postID string) (*ImportanceCounts, error) {
	counts := map[string]int64{}
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		_, err := queryAll(tx, func(rows *sql.Rows) (struct{}, error) {
			var word string
			var n int64
			err := rows.Scan(&word, &n)
			counts[word] = n
			return struct{}{}, err
		}, countImportance, actor.From(ctx).WorkspaceID, postID)
		return err
	})
	return &ImportanceCounts{Nice: counts["nice"], Important: counts["important"], Essential: counts["essential"]}, fault.Wrap("boards.Importance", err)
}
