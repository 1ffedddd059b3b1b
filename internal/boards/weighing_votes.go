package boards

import (
	"database/sql"
	"maps"
	"slices"
	"strconv"

	"github.com/botimum/botimum/internal/storage"
)

// voted is a vote that is weighed.
type voted struct {
	postID, contactID, person, importance string
	weight                                sql.NullInt64
}

func scanVoted(rows *sql.Rows) (v voted, err error) {
	return v, rows.Scan(&v.postID, &v.contactID, &v.person, &v.importance, &v.weight)
}

func personsOf(votes []voted) []string {
	people := map[string]bool{}
	for _, v := range votes {
		people[v.person] = true
	}
	return slices.Sorted(maps.Keys(people))
}

const (
	selectVotesOn = `
	SELECT v.post_id, v.contact_id, COALESCE(c.merged_into, v.contact_id), v.importance, v.weight
	FROM post_votes v JOIN contacts c ON c.workspace_id = v.workspace_id AND c.id = v.contact_id WHERE v.workspace_id = $1 AND v.post_id IN (`
	selectVotesBy = `
	SELECT v.post_id, v.contact_id, COALESCE(c.merged_into, v.contact_id), v.importance, v.weight
	FROM post_votes v JOIN contacts c ON c.workspace_id = v.workspace_id AND c.id = v.contact_id
	JOIN posts p ON p.workspace_id = v.workspace_id AND p.id = v.post_id WHERE v.workspace_id = $1 AND p.board_id = $2 AND v.contact_id IN (`
)

// votesOn gives the votes on some posts, or those of some contacts alone.
func votesOn(tx *storage.Tx, workspaceID string, posts, only []string) (out []voted, err error) {
	query, args := selectVotesOn+marks(2, len(posts))+`)`, texts(posts, workspaceID)
	if only != nil {
		query += ` AND v.contact_id IN (` + marks(2+len(posts), len(only)) + `)`
		args = append(args, texts(only)...)
	}
	return queryAll(tx, scanVoted, query, args...)
}

// votesBy gives the votes of some contacts on a board.
func votesBy(tx *storage.Tx, workspaceID, boardID string, contactIDs []string) (out []voted, err error) {
	for from, to := range storage.Chunks(len(contactIDs), 1) {
		some, err := queryAll(tx, scanVoted, selectVotesBy+marks(3, to-from)+`)`, texts(contactIDs[from:to], workspaceID, boardID)...)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

// texts gives arguments: some, and then ids.
func texts(ids []string, before ...any) []any {
	out := slices.Clip(before)
	for _, id := range ids {
		out = append(out, id)
	}
	return out
}

// lockPosts locks posts in the order of their ids.
func lockPosts(tx *storage.Tx, posts []string) error {
	for _, id := range slices.Sorted(slices.Values(posts)) {
		if err := tx.Lock("post " + id); err != nil {
			return err
		}
	}
	return nil
}

const (
	selectBare     = `SELECT id, anonymous_votes FROM posts WHERE workspace_id = $1 AND id IN (`
	countOfBallots = `SELECT post_id, COUNT(*) FROM anonymous_ballots WHERE workspace_id = $1 AND post_id IN (`
	selectWeighed  = `SELECT id, COALESCE(weight, 0) FROM posts WHERE workspace_id = $1 AND weight IS NOT NULL AND id IN (`
)

// numbersBy reads a number for each post.
func numbersBy(tx *storage.Tx, query, workspaceID string, posts []string) (map[string]int64, error) {
	out := make(map[string]int64, len(posts))
	_, err := queryAll(tx, func(rows *sql.Rows) (struct{}, error) {
		var id string
		var n int64
		err := rows.Scan(&id, &n)
		out[id] = n
		return struct{}{}, err
	}, query+marks(2, len(posts))+`)`+map[bool]string{true: " GROUP BY post_id"}[query == countOfBallots], texts(posts, workspaceID)...)
	return out, err
}

// weighWhole weighs all votes of some posts, which are locked, and adds them up anew. Of
// whom nothing was found, as they voted just now, what they weigh stays.
func weighWhole(tx *storage.Tx, workspaceID string, rule *BoardWeight, posts []string, weights map[string]int64) error {
	if rule.plain() {
		return unweigh(tx, workspaceID, posts)
	}
	total, err := numbersBy(tx, selectBare, workspaceID, posts)
	if err != nil {
		return err
	}
	ballots := map[string]int64{}
	if rule.bare() > 0 {
		if ballots, err = numbersBy(tx, countOfBallots, workspaceID, posts); err != nil {
			return err
		}
	}
	for id := range total {
		total[id] = (total[id] + ballots[id]) * rule.bare()
	}
	votes, err := votesOn(tx, workspaceID, posts, nil)
	if err != nil {
		return err
	}
	changed := weighed(votes, weights, rule)
	for _, v := range votes {
		total[v.postID] += rule.times(v.weight.Int64, v.importance)
	}
	if err := storeVoteWeights(tx, workspaceID, changed); err != nil {
		return err
	}
	return storePostWeights(tx, workspaceID, total)
}

// weighed notes in votes what they weigh now, and gives those that changed.
func weighed(votes []voted, weights map[string]int64, rule *BoardWeight) (changed []voted) {
	for i := range votes {
		v := &votes[i]
		now, known := weights[v.person]
		if !known && !v.weight.Valid {
			now, known = rule.bare(), true
		}
		if known && (!v.weight.Valid || v.weight.Int64 != now) {
			v.weight = sql.NullInt64{Int64: now, Valid: true}
			changed = append(changed, *v)
		}
	}
	return changed
}

// placesOf gives the posts and the contacts of some votes, sorted.
func placesOf(votes []voted) (posts, contacts []string) {
	on, by := map[string]bool{}, map[string]bool{}
	for _, v := range votes {
		on[v.postID], by[v.contactID] = true, true
	}
	return slices.Sorted(maps.Keys(on)), slices.Sorted(maps.Keys(by))
}

// weighSome weighs the votes of some contacts on some posts, which are locked, and moves
// the posts' weights by the difference.
func weighSome(tx *storage.Tx, workspaceID string, rule *BoardWeight, posts, only []string, weights map[string]int64) error {
	for from, to := range storage.Chunks(len(only), 1) {
		if err := weighThese(tx, workspaceID, rule, posts, only[from:to], weights); err != nil {
			return err
		}
	}
	return nil
}

func weighThese(tx *storage.Tx, workspaceID string, rule *BoardWeight, posts, only []string, weights map[string]int64) error {
	total, err := numbersBy(tx, selectWeighed, workspaceID, posts)
	if err != nil {
		return err
	}
	votes, err := votesOn(tx, workspaceID, posts, only)
	if err != nil {
		return err
	}
	for _, v := range votes {
		total[v.postID] -= rule.times(v.weight.Int64, v.importance)
	}
	changed := weighed(votes, weights, rule)
	for _, v := range votes {
		total[v.postID] += rule.times(v.weight.Int64, v.importance)
	}
	if err := storeVoteWeights(tx, workspaceID, changed); err != nil {
		return err
	}
	return storePostWeights(tx, workspaceID, total)
}

// storeVoteWeights stores what voters weigh, many in one statement.
func storeVoteWeights(tx *storage.Tx, workspaceID string, votes []voted) error {
	for from, to := range storage.Chunks(len(votes), 4) {
		var args []any
		for _, v := range votes[from:to] {
			args = append(args, workspaceID, v.postID, v.contactID, strconv.FormatInt(v.weight.Int64, 10))
		}
		_, err := tx.Exec(`UPDATE post_votes SET weight = CAST(n.column4 AS BIGINT) FROM (VALUES `+storage.Values(to-from, 4)+`) AS n
			WHERE post_votes.workspace_id = n.column1 AND post_votes.post_id = n.column2 AND post_votes.contact_id = n.column3`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

func storePostWeights(tx *storage.Tx, workspaceID string, total map[string]int64) error {
	ids := slices.Sorted(maps.Keys(total))
	for from, to := range storage.Chunks(len(ids), 3) {
		var args []any
		for _, id := range ids[from:to] {
			args = append(args, workspaceID, id, strconv.FormatInt(total[id], 10))
		}
		_, err := tx.Exec(`UPDATE posts SET weight = CAST(n.column3 AS BIGINT) FROM (VALUES `+storage.Values(to-from, 3)+`) AS n
			WHERE posts.workspace_id = n.column1 AND posts.id = n.column2 AND (posts.weight IS NULL OR posts.weight <> CAST(n.column3 AS BIGINT))`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// unweigh takes back what the votes of some posts weighed: all weigh the same again.
func unweigh(tx *storage.Tx, workspaceID string, posts []string) error {
	args := texts(posts, workspaceID)
	if _, err := tx.Exec(`UPDATE post_votes SET weight = NULL WHERE workspace_id = $1 AND weight IS NOT NULL AND post_id IN (`+marks(2, len(posts))+`)`, args...); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE posts SET weight = NULL WHERE workspace_id = $1 AND weight IS NOT NULL AND id IN (`+marks(2, len(posts))+`)`, args...)
	return err
}
