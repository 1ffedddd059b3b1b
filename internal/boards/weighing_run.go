package boards

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
)

// Two things keep weights right while people change. Whose data changed is read from
// the events, every few seconds, and their votes are weighed anew. And all posts are
// walked every ten minutes, for what no event tells: that time passes, that a segment
// was changed, that an import added votes.
const (
	followEvery  = 5 * time.Second
	walkEvery    = 10 * time.Minute
	weighLease   = time.Minute // longer than a step takes
	weighPosts   = 200         // posts in a step, or fewer
	weighVotes   = 3000        // if they have so many votes
	followEvents = 2000        // events in a step
)

// weighing is how far a board's votes are weighed.
type weighing struct {
	workspaceID, boardID            string
	rule, weighed, number, sequence int64
	problem                         string
	walkAt                          int64
}

const weighingColumns = `w.workspace_id, w.board_id, w.rule, w.weighed, w.number, w.sequence, w.problem, w.walk_at`

func scanWeighing(row interface{ Scan(dest ...any) error }) (w weighing, err error) {
	return w, row.Scan(&w.workspaceID, &w.boardID, &w.rule, &w.weighed, &w.number, &w.sequence, &w.problem, &w.walkAt)
}

// selectWeighing gives the next board on which there is something to do: a walk, or
// events that nobody looked at.
const selectWeighing = `
	SELECT ` + weighingColumns + ` FROM board_weighings w LEFT JOIN event_sequences e ON e.workspace_id = w.workspace_id
	WHERE w.due_at <= $1 AND (w.walk_at <= $1 OR w.number > 0 OR e.sequence > w.sequence) ORDER BY w.due_at LIMIT 1`

// WeighVotes weighs votes by the rules of their boards, at most so many steps; a step is
// a short transaction, and one that is repeated after a crash changes nothing twice.
func (s *Service) WeighVotes(ctx context.Context, steps int) error {
	for range steps {
		w, found, err := s.claimWeighing(ctx)
		if err != nil || !found {
			return fault.Wrap("boards.WeighVotes", err)
		}
		as := actor.With(ctx, actor.Actor{Type: actor.System, ID: "board", WorkspaceID: w.workspaceID})
		if err := s.stepWeighing(as, w); err != nil {
			return fault.Wrap("boards.WeighVotes", err)
		}
	}
	return nil
}

func (s *Service) claimWeighing(ctx context.Context) (w weighing, found bool, err error) {
	now := s.Clock.Now()
	due := func(tx *storage.Tx) (err error) {
		w, err = scanWeighing(tx.QueryRow(selectWeighing, clock.Micros(now)))
		if found = err == nil; isNoRow(err) {
			err = nil
		}
		return err
	}
	if err = s.DB.Read(ctx, due); err != nil || !found {
		return w, false, err
	}
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.Lock("board weighings"); err != nil {
			return err
		}
		if err := due(tx); err != nil || !found {
			return err
		}
		_, err := tx.Exec(`UPDATE board_weighings SET due_at = $1 WHERE workspace_id = $2 AND board_id = $3`, clock.Micros(now.Add(weighLease)), w.workspaceID, w.boardID)
		return err
	})
	return w, found, err
}

func (s *Service) stepWeighing(ctx context.Context, w weighing) error {
	var b Board
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		b, err = loadBoard(tx, w.workspaceID, w.boardID)
		return err
	})
	if err != nil {
		return err
	}
	if w.number > 0 || w.walkAt <= clock.Micros(s.Clock.Now()) {
		return s.walkWeights(ctx, &b, w)
	}
	return s.followWeights(ctx, &b, w)
}

const saveWeighing = `
	UPDATE board_weighings SET weighed = $1, number = $2, sequence = $3, problem = $4, walk_at = $5, due_at = $6
	WHERE workspace_id = $7 AND board_id = $8 AND rule = $9`

// save stores how far a board is, unless its rule was changed meanwhile: then all
// begins anew.
func (w *weighing) save(tx *storage.Tx, due time.Time) error {
	_, err := tx.Exec(saveWeighing, w.weighed, w.number, w.sequence, w.problem, w.walkAt, clock.Micros(due), w.workspaceID, w.boardID, w.rule)
	return err
}

// still holds some posts and then the board's rule until the transaction ends, and tells
// whether it is the one by which a step weighed.
func (w *weighing) still(tx *storage.Tx, posts []string) (bool, error) {
	if err := lockPosts(tx, posts); err != nil {
		return false, err
	}
	if err := tx.Lock("board " + w.boardID); err != nil {
		return false, err
	}
	var rule int64
	err := tx.QueryRow(`SELECT rule FROM board_weighings WHERE workspace_id = $1 AND board_id = $2`, w.workspaceID, w.boardID).Scan(&rule)
	if isNoRow(err) {
		return false, nil
	}
	return rule == w.rule, err
}

const selectWalk = `SELECT id, number, votes FROM posts WHERE workspace_id = $1 AND board_id = $2 AND number > $3 ORDER BY number LIMIT $4`

// walkWeights weighs the votes of the next posts, merged ones too, as they may be
// taken apart.
func (s *Service) walkWeights(ctx context.Context, b *Board, w weighing) error {
	var some []walked
	var voters []voted
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		some, err = queryAll(tx, func(rows *sql.Rows) (p walked, err error) { return p, rows.Scan(&p.id, &p.number, &p.votes) },
			selectWalk, w.workspaceID, w.boardID, w.number, weighPosts)
		if err != nil || len(some) == 0 {
			return err
		}
		some = manageable(some)
		voters, err = votesOn(tx, w.workspaceID, idsOf(some), nil)
		return err
	})
	if err != nil {
		return err
	}
	if len(some) == 0 {
		return s.endWalk(ctx, b, w)
	}
	weights, problem, err := s.weigh(ctx, &b.Weight, personsOf(voters))
	if err != nil {
		return err
	}
	if w.number == 0 || problem != "" {
		w.problem = problem
	}
	w.number = some[len(some)-1].number
	return s.DB.Write(ctx, func(tx *storage.Tx) error {
		same, err := w.still(tx, idsOf(some))
		if err != nil || !same {
			return err
		}
		if err := weighWhole(tx, w.workspaceID, &b.Weight, idsOf(some), weights); err != nil {
			return err
		}
		return w.save(tx, s.Clock.Now())
	})
}

// walked is a post that the walk comes by.
type walked struct {
	id            string
	number, votes int64
}

// manageable gives the first of some posts, at least one, that have few enough votes.
func manageable(some []walked) []walked {
	votes := int64(0)
	for i, p := range some {
		if votes += p.votes; votes > weighVotes && i > 0 {
			return some[:i]
		}
	}
	return some
}

func idsOf(some []walked) []string {
	out := make([]string, len(some))
	for i, p := range some {
		out[i] = p.id
	}
	return out
}

func (s *Service) endWalk(ctx context.Context, b *Board, w weighing) error {
	now := s.Clock.Now()
	return s.DB.Write(ctx, func(tx *storage.Tx) error {
		if b.Weight.plain() { // all is cleared
			_, err := tx.Exec(`DELETE FROM board_weighings WHERE workspace_id = $1 AND board_id = $2 AND rule = $3`, w.workspaceID, w.boardID, w.rule)
			return err
		}
		if w.weighed, w.number = w.rule, 0; b.Weight.By == WeighVotes { // nobody's weight changes
			w.walkAt = clock.Micros(now.Add(24 * time.Hour))
		} else {
			w.walkAt = clock.Micros(now.Add(walkEvery))
		}
		return w.save(tx, now.Add(followEvery))
	})
}

const (
	selectShifted    = `SELECT DISTINCT contact_id FROM events WHERE workspace_id = $1 AND sequence > $2 AND sequence <= $3 AND contact_id IS NOT NULL`
	selectShiftedToo = `SELECT DISTINCT c.id FROM events e JOIN contacts c ON c.workspace_id = e.workspace_id AND c.merged_into = e.contact_id
		WHERE e.workspace_id = $1 AND e.sequence > $2 AND e.sequence <= $3`
)

// followWeights weighs the votes of those whom the next events are about, and of who is
// the same person.
func (s *Service) followWeights(ctx context.Context, b *Board, w weighing) error {
	var votes []voted
	last := w.sequence
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		votes = nil
		if last, err = live.Last(tx, w.workspaceID); err != nil || b.Weight.By == WeighVotes {
			return err
		}
		last = min(last, w.sequence+followEvents)
		people := map[string]bool{}
		for _, query := range []string{selectShifted, selectShiftedToo} {
			some, err := queryAll(tx, scanText, query, w.workspaceID, w.sequence, last)
			if err != nil {
				return err
			}
			for _, id := range some {
				people[id] = true
			}
		}
		votes, err = votesBy(tx, w.workspaceID, w.boardID, slices.Sorted(maps.Keys(people)))
		return err
	})
	if err != nil {
		return err
	}
	weights, _, err := s.weigh(ctx, &b.Weight, personsOf(votes))
	if err != nil {
		return err
	}
	votes = slices.DeleteFunc(votes, func(v voted) bool { return v.weight.Valid && v.weight.Int64 == weights[v.person] })
	posts, only := placesOf(votes)
	for some := range slices.Chunk(posts, weighPosts) {
		err := s.DB.Write(ctx, func(tx *storage.Tx) error {
			same, err := w.still(tx, some)
			if err != nil || !same {
				return err
			}
			return weighSome(tx, w.workspaceID, &b.Weight, some, only, weights)
		})
		if err != nil {
			return err
		}
	}
	w.sequence = last
	return s.DB.Write(ctx, func(tx *storage.Tx) error { return w.save(tx, s.Clock.Now().Add(followEvery)) })
}
