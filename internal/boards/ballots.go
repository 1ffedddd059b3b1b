package boards

import (
	"context"
	"database/sql"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
)

// How many people of one network may vote in a day without signing in: for one post,
// and in a workspace at all. A network is what a street or a company shares.
const (
	ballotsPerPost    = 20
	ballotsPerNetwork = 300
)

// Ballot says who votes without signing in: by a random cookie of theirs, and by the
// network that their request came from, which is not stored.
type Ballot struct {
	Cookie  string
	Network string
}

// NewBallot gives a cookie for somebody who votes without signing in.
func NewBallot() string {
	token, _ := newToken()
	return token
}

// tokens gives under what a ballot is stored: keyed, so that they lead to nobody
// without the workspace's key; that of the network changes every day.
func (s *Service) ballotTokens(ctx context.Context, workspaceID string, v Ballot) (voter, network []byte, err error) {
	ix, err := s.Vault.Index(ctx, workspaceID)
	if err != nil {
		return nil, nil, err
	}
	day := s.Clock.Now().UTC().Format(time.DateOnly)
	return ix.Equal("ballot", v.Cookie), ix.Equal("ballot network", day+" "+httpx.ShortNetwork(v.Network)), nil
}

const insertBallot = `
	INSERT INTO anonymous_ballots (workspace_id, post_id, voter_token, network_token, from_post_id, created_at)
	VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace_id, post_id, voter_token) DO NOTHING`

const countBallots = `
	SELECT COUNT(*), COALESCE(SUM(CASE WHEN post_id = $1 THEN 1 ELSE 0 END), 0) FROM anonymous_ballots WHERE workspace_id = $2 AND network_token = $3`

// VoteAnonymously counts a vote of somebody who did not sign in, once a cookie, where
// the board allows it. Voting again does nothing.
func (s *Service) VoteAnonymously(ctx context.Context, postID string, v Ballot) error {
	const op = "boards.VoteAnonymously"
	a := actor.From(ctx)
	if !looksLikeToken(v.Cookie) {
		return fault.Invalid("ballot", "is not one of ours")
	}
	voter, network, err := s.ballotTokens(ctx, a.WorkspaceID, v)
	if err != nil {
		return fault.Wrap(op, err)
	}
	return fault.Wrap(op, s.DB.Write(ctx, func(tx *storage.Tx) error {
		r, err := root(tx, a.WorkspaceID, postID)
		if err != nil {
			return err
		}
		if err := s.mayVoteUnnamed(tx, a, r); err != nil {
			return err
		}
		if has, err := hasBallot(tx, a.WorkspaceID, r.p.ID, voter); err != nil || has {
			return err
		}
		if err := tx.Lock("ballots " + a.WorkspaceID + " " + string(network)); err != nil {
			return err
		}
		var all, here int
		if err := tx.QueryRow(countBallots, r.p.ID, a.WorkspaceID, network).Scan(&all, &here); err != nil {
			return err
		}
		if all >= ballotsPerNetwork || here >= ballotsPerPost {
			return fault.Conflict("too_many_ballots", "Many votes came from this network today. Sign in to vote.")
		}
		return s.addBallot(tx, a, &r, voter, network)
	}))
}

// mayVoteUnnamed refuses a vote without signing in where the board does not take one.
func (s *Service) mayVoteUnnamed(tx *storage.Tx, a actor.Actor, r postRow) error {
	b, err := loadBoard(tx, a.WorkspaceID, r.p.BoardID)
	if err != nil {
		return err
	}
	switch {
	case b.Visibility != Public || r.p.State != Published:
		return fault.NotFound("post")
	case !b.takesAnonymous():
		return fault.Unauthorized("Sign in to vote on this board.")
	}
	return b.takes()
}

func hasBallot(tx *storage.Tx, workspaceID, postID string, voter []byte) (bool, error) {
	var n int
	err := tx.QueryRow(`SELECT COUNT(*) FROM anonymous_ballots WHERE workspace_id = $1 AND post_id = $2 AND voter_token = $3`, workspaceID, postID, voter).Scan(&n)
	return n > 0, err
}

func (s *Service) addBallot(tx *storage.Tx, a actor.Actor, r *postRow, voter, network []byte) error {
	now := s.Clock.Now()
	n, err := tx.Exec(insertBallot, a.WorkspaceID, r.p.ID, voter, network, nil, clock.Micros(now))
	if err != nil || n == 0 {
		return err
	}
	if err := loadRule(tx, a.WorkspaceID, r); err != nil {
		return err
	}
	if err := countVote(tx, a.WorkspaceID, r, now, r.bare()); err != nil {
		return err
	}
	s.tell(tx, unnamed(a), live.VoteAdded, "", r.p.ID, now, map[string]string{"board_id": r.p.BoardID, "anonymous": "true"})
	return nil
}

// unnamed is who acts where nobody signed in.
func unnamed(a actor.Actor) actor.Actor {
	return actor.Actor{Type: actor.System, ID: "board", WorkspaceID: a.WorkspaceID}
}

// countVote moves a post's count, trend and weight for one more vote.
func countVote(tx *storage.Tx, workspaceID string, r *postRow, at time.Time, counts int64) error {
	r.p.Votes, r.trend = r.p.Votes+1, joined(r.trend, at)
	r.weight.Int64 += counts
	return storeVotes(tx, workspaceID, r)
}

// uncountVote moves them back for a vote of a moment.
func uncountVote(tx *storage.Tx, workspaceID string, r *postRow, at time.Time, counts int64) error {
	r.p.Votes--
	r.weight.Int64 -= counts
	r.trend = parted(r.trend, at, weight(r.p.CreatedAt))
	if r.p.Votes == 0 {
		r.trend = weight(r.p.CreatedAt)
	}
	return storeVotes(tx, workspaceID, r)
}

const deleteBallot = `DELETE FROM anonymous_ballots WHERE workspace_id = $1 AND post_id = $2 AND voter_token = $3 RETURNING created_at`

// UnvoteAnonymously takes a vote back that was given with a cookie; it does nothing if
// there is none.
func (s *Service) UnvoteAnonymously(ctx context.Context, postID, cookie string) error {
	const op = "boards.UnvoteAnonymously"
	a := actor.From(ctx)
	if !looksLikeToken(cookie) {
		return nil
	}
	voter, _, err := s.ballotTokens(ctx, a.WorkspaceID, Ballot{Cookie: cookie})
	if err != nil {
		return fault.Wrap(op, err)
	}
	return fault.Wrap(op, s.DB.Write(ctx, func(tx *storage.Tx) error {
		r, err := root(tx, a.WorkspaceID, postID)
		if err != nil {
			return err
		}
		if has, err := hasBallot(tx, a.WorkspaceID, r.p.ID, voter); err != nil || !has {
			return err
		}
		if err := dropBallot(tx, a.WorkspaceID, &r, voter); err != nil {
			return err
		}
		s.tell(tx, unnamed(a), live.VoteRemoved, "", r.p.ID, s.Clock.Now(), map[string]string{"board_id": r.p.BoardID, "anonymous": "true"})
		return nil
	}))
}

func dropBallot(tx *storage.Tx, workspaceID string, r *postRow, voter []byte) error {
	var at int64
	if err := tx.QueryRow(deleteBallot, workspaceID, r.p.ID, voter).Scan(&at); err != nil {
		return err
	}
	if err := loadRule(tx, workspaceID, r); err != nil {
		return err
	}
	return uncountVote(tx, workspaceID, r, clock.FromMicros(at), r.bare())
}

const selectBallots = `SELECT post_id FROM anonymous_ballots WHERE workspace_id = $1 AND voter_token = $2 ORDER BY post_id LIMIT 500`

// Ballots gives the posts that a cookie voted for.
func (s *Service) Ballots(ctx context.Context, workspaceID, cookie string) (posts []string, err error) {
	if !looksLikeToken(cookie) {
		return nil, nil
	}
	voter, _, err := s.ballotTokens(ctx, workspaceID, Ballot{Cookie: cookie})
	if err != nil {
		return nil, fault.Wrap("boards.Ballots", err)
	}
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		posts, err = queryAll(tx, scanText, selectBallots, workspaceID, voter)
		return err
	})
	return posts, fault.Wrap("boards.Ballots", err)
}

// ClaimBallots makes the votes that somebody gave with a cookie, before they signed
// in, their own: once, and not where they voted already. The actor is the contact.
func (s *Service) ClaimBallots(ctx context.Context, cookie string) error {
	const op = "boards.ClaimBallots"
	a := actor.From(ctx)
	posts, err := s.Ballots(ctx, a.WorkspaceID, cookie)
	if err != nil || len(posts) == 0 {
		return fault.Wrap(op, err)
	}
	voter, _, err := s.ballotTokens(ctx, a.WorkspaceID, Ballot{Cookie: cookie})
	if err != nil {
		return fault.Wrap(op, err)
	}
	for _, postID := range posts {
		err := s.write(ctx, func(tx *storage.Tx) error { return s.claimBallot(tx, a, postID, voter) })
		if err != nil {
			return fault.Wrap(op, err)
		}
	}
	return nil
}

func (s *Service) claimBallot(tx *storage.Tx, a actor.Actor, postID string, ballot []byte) error {
	person, err := s.person(tx, a, a.ID)
	if err != nil {
		return err
	}
	r, err := lockPost(tx, a.WorkspaceID, postID)
	if fault.Is(err, fault.KindNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var at int64
	var from sql.NullString
	rows, err := queryAll(tx, func(rows *sql.Rows) (int, error) { return 0, rows.Scan(&at, &from) },
		`DELETE FROM anonymous_ballots WHERE workspace_id = $1 AND post_id = $2 AND voter_token = $3 RETURNING created_at, from_post_id`, a.WorkspaceID, postID, ballot)
	if err != nil || len(rows) == 0 { // taken back, or claimed by another click
		return err
	}
	members, err := s.votersOf(tx, a.WorkspaceID, postID, person)
	if err != nil {
		return err
	}
	weight, err := weighVoter(tx, a.WorkspaceID, &r, person)
	if err != nil {
		return err
	}
	if len(members) > 0 {
		return uncountVote(tx, a.WorkspaceID, &r, clock.FromMicros(at), r.bare())
	}
	if _, err = tx.Exec(insertVote, a.WorkspaceID, postID, person, "", nil, nil, from, at, weight); err != nil {
		return err
	}
	return shiftWeight(tx, a.WorkspaceID, &r, r.counts(weight, "")-r.bare())
}

const selectBallotsOn = `SELECT voter_token, network_token, created_at FROM anonymous_ballots WHERE workspace_id = $1 AND post_id = $2`

type ballotRow struct {
	voter, network []byte
	at             int64
}

func ballotsOn(tx *storage.Tx, workspaceID, postID, condition string, args ...any) ([]ballotRow, error) {
	return queryAll(tx, func(rows *sql.Rows) (b ballotRow, err error) {
		return b, rows.Scan(&b.voter, &b.network, &b.at)
	}, selectBallotsOn+condition, append([]any{workspaceID, postID}, args...)...)
}

// copyBallots adds the votes without a name of one post to another, once a cookie.
func copyBallots(tx *storage.Tx, workspaceID, fromID string, into *postRow) error {
	all, err := ballotsOn(tx, workspaceID, fromID, "")
	if err != nil {
		return err
	}
	for _, b := range all {
		n, err := tx.Exec(insertBallot, workspaceID, into.p.ID, b.voter, b.network, fromID, b.at)
		if err != nil {
			return err
		}
		if n > 0 {
			into.p.Votes, into.trend = into.p.Votes+1, joined(into.trend, clock.FromMicros(b.at))
			into.weight.Int64 += into.bare()
		}
	}
	return nil
}

// returnBallots takes out of a post what was copied from another one.
func returnBallots(tx *storage.Tx, workspaceID, fromID string, into *postRow) error {
	moved, err := ballotsOn(tx, workspaceID, into.p.ID, ` AND from_post_id = $3`, fromID)
	if err != nil {
		return err
	}
	for _, b := range moved {
		if err := dropBallot(tx, workspaceID, into, b.voter); err != nil {
			return err
		}
	}
	return nil
}
